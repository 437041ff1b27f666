/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <string.h>

enum { SHAPE_DEPTH_MAX = 8 };

static bool is_time(const char *text)
{
    static const char form[] = "0000-00-00T00:00:00.000Z";
    if (!text || strlen(text) != sizeof(form) - 1)
        return false;
    for (size_t i = 0; form[i]; i++)
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    return true;
}

static bool is_of_type(enum reply_type type, yyjson_mut_val *value)
{
    switch (type) {
    case REPLY_TEXT:
        return yyjson_mut_is_str(value);
    case REPLY_TIME:
        return is_time(yyjson_mut_get_str(value));
    case REPLY_COUNT:
        return yyjson_mut_is_int(value);
    case REPLY_NUMBER:
        return yyjson_mut_is_num(value);
    case REPLY_BOOL:
        return yyjson_mut_is_bool(value);
    case REPLY_OBJECT:
        return yyjson_mut_is_obj(value);
    case REPLY_LIST:
        return yyjson_mut_is_arr(value);
    case REPLY_ANY:
    case REPLY_TYPE_COUNT:
        break;
    }
    return true;
}

static bool check_object(const struct reply_shape *shape, yyjson_mut_val *object, int depth,
                         struct error *err);

static bool check_items(const struct reply_spec *spec, yyjson_mut_val *list, int depth, struct error *err)
{
    size_t index, max;
    yyjson_mut_val *item;
    yyjson_mut_arr_foreach(list, index, max, item)
    {
        if (!yyjson_mut_is_obj(item))
            return error_set(err, ERR_FAILED, "item %zu of %s is not an object", index, spec->name);
        if (!check_object(spec->shape, item, depth, err))
            return error_wrap(err, "item %zu of %s", index, spec->name);
    }
    return true;
}

static bool check_member(const struct reply_spec *spec, yyjson_mut_val *value, int depth, struct error *err)
{
    if (!value)
        return spec->is_optional || error_set(err, ERR_FAILED, "%s is missing", spec->name);
    if (yyjson_mut_is_null(value) && spec->is_nullable)
        return true;
    if (!is_of_type(spec->type, value))
        return error_set(err, ERR_FAILED, "%s is of another type: %s", spec->name,
                         yyjson_mut_get_type_desc(value));
    if (!spec->shape)
        return true;
    return spec->type == REPLY_LIST
               ? check_items(spec, value, depth, err)
               : check_object(spec->shape, value, depth, err) || error_wrap(err, "%s", spec->name);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the tables are */
static bool check_object(const struct reply_shape *shape, yyjson_mut_val *object, int depth,
                         struct error *err)
{
    if (depth >= SHAPE_DEPTH_MAX)
        return error_set(err, ERR_FAILED, "the shape %s is too deep", shape->name);
    for (const struct reply_spec *spec = shape->members; spec->name; spec++)
        if (!check_member(spec, yyjson_mut_obj_get(object, spec->name), depth + 1, err))
            return false;
    return true;
}

bool api_check_reply(const struct reply_shape *shape, yyjson_mut_val *reply, struct error *err)
{
    if (!yyjson_mut_is_obj(reply))
        return error_set(err, ERR_FAILED, "it is not an object");
    return check_object(shape, reply, 0, err);
}
