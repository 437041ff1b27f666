/* SPDX-License-Identifier: Apache-2.0 */
/* Target: the path and query of a request, decoded strictly. Reads bytes from outside; fuzzed. */
#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H

#include "base/arena.h"
#include "base/error.h"
#include "http/http_limits.h"

struct http_pair {
    const char *name, *value;
};
struct http_target {
    const char *segments[HTTP_PATH_SEGMENTS_MAX]; /* of the path, each decoded by itself: %2F is no slash */
    size_t segment_count;                         /* "/" has none */
    struct http_pair query[HTTP_QUERY_MAX];       /* '+' is a blank */
    size_t query_count;
};

/* `raw` is the target as sent: a path that begins with a slash, and a query. ERR_INVALID: another form, a bad
 * escape, an empty segment or one of dots only, a control character, what is not UTF-8; ERR_LIMIT: too many
 * segments or parameters. Texts live in the arena. */
MUST_CHECK bool http_target_parse(const char *raw, struct arena *arena, struct http_target *ret,
                                  struct error *err);
/* The value of a query parameter; NULL when it is not there. */
const char *http_target_query(const struct http_target *target, const char *name);

#endif
