/* SPDX-License-Identifier: Apache-2.0 */
#include "http/request_json.h"

#include "base/text.h"
#include "http/headers.h"

#include <string.h>

bool http_method_has_body(const char *method)
{
    return strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 || strcmp(method, "PATCH") == 0;
}

static bool point(const char *name, struct error *err)
{
    char pointer[ERROR_POINTER_BYTES];
    (void)snprintf(pointer, sizeof(pointer), "/%.80s", name);
    return error_point(err, pointer);
}

static bool is_transport(const struct http_match *match, const char *name)
{
    return strcmp(name, "wait") == 0 && api_route_has_task(match->route) &&
           !params_find(match->route->params, "wait");
}

/* Several values of one list may come each with its name: ids=a&ids=b. */
static bool add_to_list(yyjson_mut_doc *doc, yyjson_mut_val *list, yyjson_mut_val *more)
{
    size_t index, max;
    yyjson_mut_val *item;
    bool is_done = true;
    yyjson_mut_arr_foreach(more, index, max, item)
    {
        is_done &= yyjson_mut_arr_append(list, yyjson_mut_val_mut_copy(doc, item));
    }
    return is_done;
}

static bool check_depth(const char *text, size_t bytes, const char *what, struct error *err)
{
    return http_json_depth(text, bytes) <= HTTP_JSON_DEPTH_MAX ||
           error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                            "%s has more than %d objects and arrays in one another", what,
                            HTTP_JSON_DEPTH_MAX);
}

static bool add_query(const struct http_match *match, const struct http_pair *pair, yyjson_mut_doc *doc,
                      struct error *err)
{
    yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);
    const struct param_spec *spec = params_find(match->route->params, pair->name);
    if (spec && spec->type == PARAM_JSON && !check_depth(pair->value, strlen(pair->value), spec->name, err))
        return point(pair->name, err);
    yyjson_mut_val *value =
        spec ? params_text_to_json(spec, pair->value, doc) : yyjson_mut_strcpy(doc, pair->value);
    yyjson_mut_val *there = yyjson_mut_obj_get(root, pair->name);
    if (!there)
        return yyjson_mut_obj_add(root, yyjson_mut_strcpy(doc, pair->name), value) || error_no_memory(err);
    if (yyjson_mut_is_arr(there))
        return add_to_list(doc, there, value) || error_no_memory(err);
    (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT, "'%.60s' is given twice", pair->name);
    return point(pair->name, err);
}

static bool add_queries(const struct http_match *match, const struct http_target *target, yyjson_mut_doc *doc,
                        struct error *err)
{
    for (size_t i = 0; i < target->query_count; i++) {
        const struct http_pair *pair = &target->query[i];
        if (is_transport(match, pair->name))
            continue;
        if (http_method_has_body(match->route->method) && !match->route->receive) {
            (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                   "members of %s stand in the body, not in the query", match->route->name);
            return point(pair->name, err);
        }
        if (!add_query(match, pair, doc, err))
            return false;
    }
    return true;
}

static bool add_path(const struct http_match *match, yyjson_mut_doc *doc, struct error *err)
{
    yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);
    for (size_t i = 0; i < match->count; i++) {
        if (yyjson_mut_obj_get(root, match->names[i])) {
            (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                   "'%s' stands in the path, and may not be given again", match->names[i]);
            return point(match->names[i], err);
        }
        if (!yyjson_mut_obj_add(root, yyjson_mut_strcpy(doc, match->names[i]),
                                yyjson_mut_strcpy(doc, match->values[i])))
            return error_no_memory(err);
    }
    return true;
}

static bool parse_body(struct bytes body, yyjson_mut_doc **ret, struct error *err)
{
    AUTO_JSON doc = NULL;
    if (!check_depth(body.data, body.size, "the body", err))
        return false;
    if (!json_parse(body, "the body", &doc, err))
        return false;
    if (!yyjson_is_obj(yyjson_doc_get_root(doc)))
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT, "the body must be a JSON object");
    *ret = yyjson_doc_mut_copy(doc, NULL);
    return *ret || error_no_memory(err);
}

bool http_request_json(const struct http_match *match, const struct http_target *target, struct bytes body,
                       yyjson_doc **ret, struct error *err)
{
    AUTO_MUT_JSON doc = body.size > 0 ? NULL : yyjson_mut_doc_new(NULL);
    if (body.size > 0 && !parse_body(body, &doc, err))
        return false;
    if (!doc)
        return error_no_memory(err);
    if (body.size == 0)
        yyjson_mut_doc_set_root(doc, yyjson_mut_obj(doc));
    if (!add_path(match, doc, err) || !add_queries(match, target, doc, err))
        return false;
    *ret = yyjson_mut_doc_imut_copy(doc, NULL);
    return *ret || error_no_memory(err);
}

bool http_request_wait(const struct http_match *match, const struct http_target *target,
                       uint64_t *ret_seconds, struct error *err)
{
    const char *text = is_transport(match, "wait") ? http_target_query(target, "wait") : NULL;
    *ret_seconds = 0;
    if (!text || text_to_count(text, "wait", 0, API_WAIT_MAX_SECONDS, ret_seconds, err))
        return true;
    err->detail = DETAIL_INVALID_ARGUMENT;
    return point("wait", err);
}
