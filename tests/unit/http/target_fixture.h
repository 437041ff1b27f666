/* SPDX-License-Identifier: Apache-2.0 */
/* An arena and a target parsed into it. Include after test.h. */
#ifndef TESTS_TARGET_FIXTURE_H
#define TESTS_TARGET_FIXTURE_H

#include "http/target.h"

#include <string.h>

enum { ARENA_BYTES = 4 * 1024 * 1024 };

static struct arena *arena;
static struct http_target target;
static struct error err;

static int set_up(void **state)
{
    assert_non_null(arena = arena_new(ARENA_BYTES));
    return 0;
}

static int tear_down(void **state)
{
    arena = arena_free(arena);
    return 0;
}

static bool parse(const char *raw)
{
    err = (struct error){0};
    memset(&target, 0, sizeof(target));
    return http_target_parse(raw, arena, &target, &err);
}

#endif
