/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

bool json_parse(struct bytes bytes, const char *what, yyjson_doc **ret, struct error *err)
{
    yyjson_read_err problem = {0};
    /* Without the in-situ flag yyjson only reads the input; its parameter is merely not const. */
    union {
        const void *in;
        char *out;
    } input = {.in = bytes.data};
    yyjson_doc *doc = bytes.size == 0 ? NULL : yyjson_read_opts(input.out, bytes.size, 0, NULL, &problem);
    if (!doc)
        return error_set(err, ERR_INVALID, "%s is not JSON: %s at byte %zu", what,
                         problem.msg ? problem.msg : "it is empty", problem.pos);
    *ret = doc;
    return true;
}

bool json_write(const yyjson_mut_doc *doc, bool is_pretty, struct buffer *into, struct error *err)
{
    size_t length = 0;
    yyjson_write_err problem = {0};
    char *text =
        yyjson_mut_write_opts(doc, is_pretty ? YYJSON_WRITE_PRETTY_TWO_SPACES : 0, NULL, &length, &problem);
    if (!text)
        return error_set(err, ERR_INVALID, "cannot write JSON: %s",
                         problem.msg ? problem.msg : "unknown reason");
    bool fits = buffer_add(into, text, length);
    free(text);
    return fits || buffer_check(into, "the JSON text", err);
}

yyjson_doc *json_of_text(const char *name, const char *value)
{
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    return yyjson_mut_obj_add_str(doc, root, name, value) ? yyjson_mut_doc_imut_copy(doc, NULL) : NULL;
}

const char *json_text(yyjson_val *object, const char *name, const char *fallback)
{
    yyjson_val *value = yyjson_obj_get(object, name);
    const char *text = yyjson_get_str(value);
    return text && strlen(text) == yyjson_get_len(value) ? text : fallback;
}

double json_number(yyjson_val *object, const char *name, double fallback)
{
    yyjson_val *value = yyjson_obj_get(object, name);
    return yyjson_is_num(value) ? yyjson_get_num(value) : fallback;
}

int64_t json_integer(yyjson_val *object, const char *name, int64_t fallback)
{
    yyjson_val *value = yyjson_obj_get(object, name);
    bool fits = yyjson_is_sint(value) || (yyjson_is_uint(value) && yyjson_get_uint(value) <= INT64_MAX);
    return fits ? yyjson_get_sint(value) : fallback;
}

bool json_bool(yyjson_val *object, const char *name, bool fallback)
{
    yyjson_val *value = yyjson_obj_get(object, name);
    return yyjson_is_bool(value) ? yyjson_get_bool(value) : fallback;
}
