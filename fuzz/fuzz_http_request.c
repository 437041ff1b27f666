/* SPDX-License-Identifier: Apache-2.0 */
/* A request as a client sends it: "METHOD TARGET", a line with a header's value, a body. What is taken is a
 * request of a known route, not too deep, with whole texts. */
#include "fuzz_target.h"

#include "base/text.h"
#include "http/headers.h"
#include "http/request_json.h"

#include <assert.h>
#include <string.h>

enum { ARENA_BYTES = 64 * 1024 * 1024, INPUT_MAX_BYTES = 256 * 1024 };

static void try_header(const char *value, uint64_t size)
{
    uint64_t first = 0, last = 0;
    if (http_range_parse(value, size, &first, &last) == RANGE_PART)
        assert(first <= last && last < size);
    uint64_t total = 0;
    if (http_content_range_parse(value, &first, &last, &total))
        assert(first <= last && (total == 0 || last < total));
    (void)http_accepts_coding(value, "gzip");
    if (http_etag_listed(value, "tag", true))
        assert(http_etag_listed(value, "tag", false));
    if (http_host_is_ours(value, NULL, 8080))
        assert(strlen(value) <= strlen("localhost:8080"));
    if (http_origin_is_ours(value, "localhost:8080", false))
        assert(strlen(value) == strlen("http://localhost:8080"));
    struct http_trace trace;
    if (http_traceparent_parse(value, &trace))
        assert(strlen(trace.trace_id) == 32 && strlen(trace.span_id) == 16);
    (void)http_is_json(value);
    if (http_is_request_id(value))
        assert(http_is_key(value, HTTP_REQUEST_ID_MAX_BYTES));
}

static void try_request(const struct http_match *match, const struct http_target *target, struct bytes body,
                        struct arena *arena)
{
    struct error err = {.code = ERR_NONE};
    uint64_t seconds = 0;
    AUTO_JSON doc = NULL;
    if (http_request_wait(match, target, &seconds, &err))
        assert(seconds <= API_WAIT_MAX_SECONDS);
    if (!http_request_json(match, target, body, &doc, &err)) {
        assert(err.code != ERR_NONE && text_is_utf8(err.message, strlen(err.message)));
        return;
    }
    yyjson_val *root = yyjson_doc_get_root(doc);
    assert(yyjson_is_obj(root));
    assert(body.size == 0 || http_json_depth(body.data, body.size) <= HTTP_JSON_DEPTH_MAX);
    for (size_t i = 0; i < match->count; i++)
        assert(yyjson_equals_str(yyjson_obj_get(root, match->names[i]), match->values[i]));
    void *params = arena_alloc(arena, match->route->params_size + 1);
    if (params && !params_read_json(match->route->params, params, root, arena, &err))
        assert(err.code != ERR_NONE);
}

static void try_target(const char *method, const char *raw, struct bytes body, struct arena *arena)
{
    struct http_target target;
    struct http_match match;
    char allow[HTTP_ALLOW_BYTES];
    struct error err = {.code = ERR_NONE};
    if (!http_target_parse(raw, arena, &target, &err)) {
        assert(err.code == ERR_INVALID || err.code == ERR_LIMIT || err.code == ERR_NO_MEMORY);
        return;
    }
    assert(raw[0] == '/' && target.segment_count <= HTTP_PATH_SEGMENTS_MAX &&
           target.query_count <= HTTP_QUERY_MAX);
    for (size_t i = 0; i < target.segment_count; i++)
        assert(target.segments[i][0] && text_is_utf8(target.segments[i], strlen(target.segments[i])));
    if (http_route(method, &target, &match, allow) == ROUTING_FOUND)
        try_request(&match, &target, body, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    char *text = size <= INPUT_MAX_BYTES ? arena_text_n(arena, (const char *)data, size) : NULL;
    if (!text)
        return 0;
    char *header = memchr(text, '\n', size);
    char *body = header ? memchr(header + 1, '\n', size - (size_t)(header + 1 - text)) : NULL;
    if (!body)
        return 0;
    *header++ = '\0';
    *body++ = '\0';
    char *target = strchr(text, ' ');
    if (!target)
        return 0;
    *target++ = '\0';
    try_header(header, size);
    try_target(text, target, (struct bytes){body, size - (size_t)(body - text)}, arena);
    return 0;
}
