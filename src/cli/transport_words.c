/* SPDX-License-Identifier: Apache-2.0 */
/* A request of a route in the words of HTTP: the opposite of http/request_json.c. */
#include "base/path.h"
#include "base/text.h"
#include "cli/transport.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TARGET_MAX_BYTES = 1024 * 1024, BODY_MAX_BYTES = 64 * 1024 * 1024 };

static void add_escaped(struct buffer *into, const char *text)
{
    for (const char *at = text; *at; at++) {
        unsigned char c = (unsigned char)*at;
        if (isalnum(c) || strchr("-._~", c))
            (void)buffer_add(into, at, 1);
        else
            (void)buffer_printf(into, "%%%02X", c);
    }
}

/* As params_text_to_json reads it. */
static const char *text_of(yyjson_val *value, char number[TEXT_NUMBER_BYTES])
{
    if (yyjson_is_str(value))
        return yyjson_get_str(value);
    if (yyjson_is_bool(value))
        return yyjson_get_bool(value) ? "true" : "false";
    if (yyjson_is_num(value))
        return text_of_double(yyjson_get_num(value), number);
    return "";
}

/* "/api/v1/tasks/{task}" with the request's members in place. */
static void add_path(struct buffer *into, const char *path, yyjson_val *request)
{
    char number[TEXT_NUMBER_BYTES];
    for (const char *at = path; *at;) {
        size_t bytes = strcspn(at, "{");
        (void)buffer_add(into, at, bytes);
        at += bytes;
        if (*at != '{')
            continue;
        size_t name_bytes = strcspn(at + 1, "}");
        add_escaped(into, text_of(yyjson_obj_getn(request, at + 1, name_bytes), number));
        at += name_bytes + 2;
    }
}

static bool is_in_path(const char *path, const char *name)
{
    size_t bytes = strlen(name);
    for (const char *at = strchr(path, '{'); at; at = strchr(at + 1, '{'))
        if (strncmp(at + 1, name, bytes) == 0 && at[1 + bytes] == '}')
            return true;
    return false;
}

static void add_pair(struct buffer *into, char *separator, const char *name, yyjson_val *value)
{
    char number[TEXT_NUMBER_BYTES], *json = yyjson_is_obj(value) ? yyjson_val_write(value, 0, NULL) : NULL;
    (void)buffer_add(into, separator, 1);
    *separator = '&';
    add_escaped(into, name);
    (void)buffer_add_text(into, "=");
    add_escaped(into, json ? json : text_of(value, number));
    free(json);
}

static void add_query(struct buffer *into, const struct route *route, yyjson_val *request)
{
    size_t index, max, at, items;
    yyjson_val *key, *value, *item;
    char separator = '?';
    if (!request)
        return;
    yyjson_obj_foreach(request, index, max, key, value)
    {
        const char *name = yyjson_get_str(key);
        if (is_in_path(route->path, name) || yyjson_is_null(value))
            continue;
        if (!yyjson_is_arr(value)) {
            add_pair(into, &separator, name, value);
            continue;
        }
        yyjson_arr_foreach(value, at, items, item)
        {
            add_pair(into, &separator, name, item);
        }
    }
}

static bool add_body(struct buffer *into, const struct route *route, yyjson_val *request, struct error *err)
{
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *root = yyjson_val_mut_copy(doc, request);
    if (!root)
        root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    for (const char *at = strchr(route->path, '{'); at; at = strchr(at + 1, '{'))
        (void)yyjson_mut_obj_remove_keyn(root, at + 1, strcspn(at + 1, "}"));
    return json_write(doc, false, into, err);
}

static bool check_request(struct arena *arena, const struct route *route, yyjson_val *request,
                          struct error *err)
{
    void *params = arena_alloc(arena, route->params_size + 1);
    return params ? params_read_json(route->params, params, request, arena, err) : error_no_memory(err);
}

bool transport_words(struct arena *arena, const struct route *route, yyjson_val *request,
                     struct http_words *ret, struct error *err)
{
    AUTO_BUFFER(target, TARGET_MAX_BYTES);
    AUTO_BUFFER(body, BODY_MAX_BYTES);
    bool has_body = strcmp(route->method, "GET") != 0 && strcmp(route->method, "DELETE") != 0;
    if (!check_request(arena, route, request, err))
        return false;
    add_path(&target, route->path, request);
    if (!has_body)
        add_query(&target, route, request);
    if (!buffer_check(&target, "the request's query", err))
        return false;
    if (has_body && !add_body(&body, route, request, err))
        return false;
    *ret = (struct http_words){route->method, arena_text(arena, target.data),
                               has_body ? arena_text_n(arena, body.data, body.size) : NULL};
    return (ret->target && (!has_body || ret->body)) || error_no_memory(err);
}

/* ---- paths ---- */

static bool is_path(const struct param_spec *spec, const char *text)
{
    if (text[0] == '\0' || text[0] == '/' || strstr(text, "://") || text_starts_with(text, UPLOAD_PREFIX))
        return false;
    return spec->path == PARAM_PATH || (spec->path == PARAM_PATH_IF_THERE && access(text, F_OK) == 0);
}

/* One that is too long stays: who reads it says so. */
static void make_absolute(struct cli *cli, yyjson_mut_doc *doc, const struct param_spec *spec)
{
    yyjson_mut_val *root = yyjson_mut_doc_get_root(doc), *value = yyjson_mut_obj_get(root, spec->name);
    yyjson_mut_val *only = yyjson_mut_arr_size(value) == 1 ? yyjson_mut_arr_get_first(value) : value;
    const char *text = yyjson_mut_get_str(only);
    char *full = NULL;
    struct error ignored = {0};
    if (text && is_path(spec, text) && path_absolute(cli->arena, text, &full, &ignored))
        yyjson_mut_set_str(only, full);
}

bool transport_absolute_paths(struct cli *cli, struct error *err)
{
    struct param_position at = {0};
    const struct param_spec *spec;
    if (!cli->command->route || transport_server(cli))
        return true;
    AUTO_MUT_JSON doc = yyjson_doc_mut_copy(cli->request, NULL);
    if (!doc)
        return error_no_memory(err);
    while ((spec = params_next(route_find(cli->command->route)->params, &at)))
        if (spec->path != PARAM_NO_PATH)
            make_absolute(cli, doc, spec);
    yyjson_doc *absolute = yyjson_mut_doc_imut_copy(doc, NULL);
    if (!absolute)
        return error_no_memory(err);
    yyjson_doc_free(cli->request);
    cli->request = absolute;
    return true;
}
