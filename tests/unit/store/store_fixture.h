/* SPDX-License-Identifier: Apache-2.0 */
/* A store in a folder of its own, on each backend. Include after test.h. */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include "base/text.h"
#include "store/backend.h"
#include "temp_folder.h"

struct fixture {
    struct store_backend backend;
    char folder[TEMP_PATH_BYTES],
        root[TEMP_PATH_BYTES + 8]; /* the root is in the folder: outside is beside it */
    struct store *store;
    struct buffer buffer;
    struct error err;
};

enum { FIXTURE_BUFFER_BYTES = 1024 * 1024 };

__attribute__((unused)) static int set_up(void **state, struct store_backend backend)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    fixture->backend = backend;
    temp_folder_make(fixture->folder);
    (void)snprintf(fixture->root, sizeof(fixture->root), "%s/root", fixture->folder);
    buffer_init(&fixture->buffer, FIXTURE_BUFFER_BYTES);
    if (!store_open_backend(&fixture->backend, fixture->root, true, &fixture->store, &fixture->err))
        fail_msg("%s", fixture->err.message);
    *state = fixture;
    return 0;
}

__attribute__((unused)) static int set_up_dir(void **state)
{
    return set_up(state, store_backend_dir);
}

__attribute__((unused)) static int set_up_walking(void **state)
{
    return set_up(state, store_backend_dir_walking);
}

/* What is optional in the contract, left out. */
__attribute__((unused)) static int set_up_bare(void **state)
{
    struct store_backend bare = store_backend_dir;
    bare.map = NULL;
    bare.remove_below = NULL;
    return set_up(state, bare);
}

__attribute__((unused)) static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    fixture->store = store_free(fixture->store);
    buffer_release(&fixture->buffer);
    temp_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

__attribute__((unused)) static void put(struct fixture *fixture, const char *key, const char *text)
{
    if (!store_put(fixture->store, key, (struct bytes){text, strlen(text)}, &fixture->err))
        fail_msg("%s", fixture->err.message);
}

/* The text of an object, "(none)" when there is none; valid until the next call. */
__attribute__((unused)) static const char *get(struct fixture *fixture, const char *key)
{
    if (store_get(fixture->store, key, &fixture->buffer, &fixture->err))
        return fixture->buffer.data;
    if (fixture->err.code != ERR_NOT_FOUND)
        fail_msg("%s", fixture->err.message);
    return "(none)";
}

__attribute__((unused)) static bool add_line(void *state, const char *key, const struct store_stat *stat,
                                             struct error *err)
{
    struct buffer *lines = state;
    (void)stat;
    (void)buffer_printf(lines, "%s\n", key);
    return buffer_check(lines, "the list", err);
}

/* All keys below a prefix, a line each; valid until the next call. */
__attribute__((unused)) static const char *list(struct fixture *fixture, const char *prefix,
                                                uint64_t *ret_skipped)
{
    buffer_clear(&fixture->buffer);
    if (!store_list(fixture->store, prefix, add_line, &fixture->buffer, ret_skipped, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return fixture->buffer.data ? fixture->buffer.data : "";
}

#define ON_EACH(test)                                                                                        \
    {#test " (dir)", test, set_up_dir, tear_down, NULL},                                                     \
        {#test " (dir, walking)", test, set_up_walking, tear_down, NULL},                                    \
    {                                                                                                        \
#test " (bare)", test, set_up_bare, tear_down, NULL                                                  \
    }

#endif
