/* SPDX-License-Identifier: Apache-2.0 */
/* The Cookie header. What is found stands in the header as a pair of its own, has no character that could end
 * it, fits, and is found again in a header of that pair alone. */
#include "fuzz_target.h"

#include "http/cookie.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_BYTES = 64, PAIR_BYTES = 128 };

static void check(const char *header, const char *name)
{
    char value[VALUE_BYTES], again[VALUE_BYTES], pair[PAIR_BYTES];
    memset(value, '?', sizeof(value));
    if (!http_cookie_find(header, name, value, sizeof(value)))
        return;
    size_t bytes = strnlen(value, sizeof(value));
    assert(bytes > 0 && bytes < sizeof(value));
    assert(strcspn(value, ";,\" \\\t\r\n") == bytes);
    (void)snprintf(pair, sizeof(pair), "%s=%s", name, value);
    const char *at = strstr(header, pair);
    assert(at);
    assert(http_cookie_find(pair, name, again, sizeof(again)) && strcmp(value, again) == 0);
    /* One more of the same name, and none is believed. */
    char *both = malloc(strlen(header) + sizeof(pair) + 3);
    assert(both);
    (void)sprintf(both, "%s; %s", header, pair);
    assert(!http_cookie_find(both, name, again, sizeof(again)));
    free(both);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *header = malloc(size + 1);
    assert(header);
    if (size)
        memcpy(header, data, size);
    header[size] = '\0';
    check(header, COOKIE_SESSION_NAME);
    check(header, "a");
    free(header);
    return 0;
}
