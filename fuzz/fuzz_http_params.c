/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters of every route: the first byte chooses it, the second whether the rest is a query or a body.
 * What the route's table takes is written and read back the same. */
#include "fuzz_target.h"

#include "base/text.h"
#include "http/request_json.h"

#include <assert.h>
#include <string.h>

enum {
    ARENA_BYTES = 64 * 1024 * 1024,
    INPUT_MAX_BYTES = 256 * 1024,
    WRITTEN_MAX_BYTES = 64 * 1024 * 1024,
    TARGET_BYTES = 256
};

static size_t table_size(const struct route *const *table)
{
    size_t count = 0;
    while (table[count])
        count++;
    return count;
}

static const struct route *route_number(size_t number)
{
    const size_t native = table_size(all_routes), own = table_size(server_routes);
    assert(native > 0 && own > 0);
    number %= native + own;
    return number < native ? all_routes[number] : server_routes[number - native];
}

/* The route's path with "x" for each parameter. */
static void write_path(const struct route *route, char into[TARGET_BYTES])
{
    size_t used = 0;
    for (const char *at = route->path; *at && used + 1 < TARGET_BYTES; at++) {
        bool is_param = *at == '{';
        char letter = *at;
        if (is_param)
            letter = 'x';
        into[used++] = letter;
        at += is_param ? strcspn(at, "}") : 0;
    }
    into[used] = '\0';
}

static void write_back(const struct param_spec *specs, const void *params, struct buffer *into)
{
    struct error err;
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    params_write_json(specs, params, doc, root);
    bool is_written = json_write(doc, false, into, &err);
    assert(is_written);
}

/* What was taken, written as JSON, and is taken again, is the same. */
static void read_back(const struct route *route, const void *params, struct arena *arena)
{
    struct error err = {.code = ERR_NONE};
    AUTO_BUFFER(first, WRITTEN_MAX_BYTES);
    AUTO_BUFFER(second, WRITTEN_MAX_BYTES);
    AUTO_JSON doc = NULL;
    void *again = arena_alloc(arena, route->params_size + 1);
    write_back(route->params, params, &first);
    bool is_read = again &&
                   json_parse((struct bytes){first.data, first.size}, "what was written", &doc, &err) &&
                   params_read_json(route->params, again, yyjson_doc_get_root(doc), arena, &err);
    if (!is_read) /* a value that means "not given" may be out of its range */
        return;
    write_back(route->params, again, &second);
    assert(first.size == second.size && memcmp(first.data, second.data, first.size) == 0);
}

static void try_route(const struct route *route, const char *raw, struct bytes body, struct arena *arena)
{
    struct http_target target;
    struct http_match match;
    char allow[HTTP_ALLOW_BYTES];
    struct error err = {.code = ERR_NONE};
    AUTO_JSON doc = NULL;
    if (!http_target_parse(raw, arena, &target, &err)) {
        assert(body.size == 0 && err.code != ERR_NONE);
        return;
    }
    enum http_routing found = http_route(route->method, &target, &match, allow);
    assert(found == ROUTING_FOUND && match.route == route);
    void *params = arena_alloc(arena, route->params_size + 1);
    bool is_taken = params && http_request_json(&match, &target, body, &doc, &err) &&
                    params_read_json(route->params, params, yyjson_doc_get_root(doc), arena, &err);
    if (is_taken)
        read_back(route, params, arena);
    else
        assert(!params || (err.code != ERR_NONE && text_is_utf8(err.message, strlen(err.message)) &&
                           text_is_utf8(err.pointer, strlen(err.pointer))));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[TARGET_BYTES];
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    if (size < 2 || size > INPUT_MAX_BYTES || !arena)
        return 0;
    const struct route *route = route_number(data[0]);
    char *rest = arena_text_n(arena, (const char *)data + 2, size - 2);
    if (!rest)
        return 0;
    write_path(route, path);
    if (data[1] % 2 == 0 && http_method_has_body(route->method)) {
        try_route(route, path, (struct bytes){rest, size - 2}, arena);
        return 0;
    }
    const char *raw = arena_printf(arena, "%s?%s", path, rest);
    if (raw)
        try_route(route, raw, (struct bytes){NULL, 0}, arena);
    return 0;
}
