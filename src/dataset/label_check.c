/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/label_check.h"

#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLOR_CHARACTERS = 7, POINTER_BYTES = 128 };

static bool refuse(const char *pointer, struct error *err)
{
    if (err->detail == DETAIL_NONE && err->code == ERR_INVALID)
        err->detail = DETAIL_INVALID_ARGUMENT;
    return error_point(err, pointer);
}

bool label_check_color(const char *color, struct arena *arena, const char **ret, struct error *err)
{
    bool is_color = strlen(color) == COLOR_CHARACTERS && color[0] == '#' &&
                    strspn(color + 1, "0123456789abcdefABCDEF") == COLOR_CHARACTERS - 1;
    *ret = NULL;
    if (color[0] == '\0')
        return true;
    if (!is_color) {
        (void)error_set(err, ERR_INVALID, "color is # and six hex digits, as #3399ff, not '%.60s'", color);
        return refuse("/color", err);
    }
    char *lower = arena_text(arena, color);
    for (char *at = lower; at && *at; at++)
        *at = (char)tolower((unsigned char)*at);
    *ret = lower;
    return lower || error_no_memory(err);
}

bool label_check_shortcut(const char *shortcut, const char **ret, struct error *err)
{
    *ret = shortcut[0] ? shortcut : NULL;
    if (!*ret || text_check_name(shortcut, "shortcut", LABEL_SHORTCUT_MAX_CHARACTERS, "", err))
        return true;
    return refuse("/shortcut", err);
}

/* ---- attributes ---- */

struct reading {
    const char *name, *type, *fallback;
    yyjson_val *values;
};

static bool check_text(yyjson_val *value, const char *what, size_t max_characters, struct error *err)
{
    const char *text = yyjson_get_str(value);
    if (!text || strlen(text) != yyjson_get_len(value))
        return error_set(err, ERR_INVALID, "%s must be text", what);
    return text_check_name(text, what, max_characters, "", err);
}

static bool has_value(const struct reading *reading, const char *wanted, size_t end)
{
    size_t index, max;
    yyjson_val *value;
    yyjson_arr_foreach(reading->values, index, max, value)
    {
        if (index < end && strcmp(yyjson_get_str(value), wanted) == 0)
            return true;
    }
    return false;
}

static bool check_values(const struct reading *reading, struct error *err)
{
    size_t index, max;
    yyjson_val *value;
    if (yyjson_arr_size(reading->values) > LABEL_ATTRIBUTE_VALUES_MAX)
        return error_set(err, ERR_LIMIT, "attribute '%.64s' has %zu values; %d is the limit", reading->name,
                         yyjson_arr_size(reading->values), LABEL_ATTRIBUTE_VALUES_MAX);
    yyjson_arr_foreach(reading->values, index, max, value)
    {
        if (!check_text(value, "a value of an attribute", LABEL_ATTRIBUTE_VALUE_MAX_CHARACTERS, err))
            return false;
        if (has_value(reading, yyjson_get_str(value), index))
            return error_set(err, ERR_INVALID, "value '%.100s' of attribute '%.64s' is given twice",
                             yyjson_get_str(value), reading->name);
    }
    return true;
}

static bool check_kind(const struct reading *reading, struct error *err)
{
    bool is_select = strcmp(reading->type, LABEL_ATTRIBUTE_SELECT) == 0;
    if (!is_select && strcmp(reading->type, LABEL_ATTRIBUTE_TEXT) != 0)
        return error_set(err, ERR_INVALID, "the type of attribute '%.64s' is text or select, not '%.60s'",
                         reading->name, reading->type);
    if (is_select != (yyjson_arr_size(reading->values) > 0))
        return error_set(err, ERR_INVALID,
                         is_select ? "attribute '%.64s' is a select: give its values"
                                   : "attribute '%.64s' is a text and has no values; a select has",
                         reading->name);
    if (!check_values(reading, err))
        return false;
    return !is_select || !reading->fallback || has_value(reading, reading->fallback, SIZE_MAX) ||
           error_set(err, ERR_INVALID, "the default '%.100s' of attribute '%.64s' is none of its values",
                     reading->fallback, reading->name);
}

/* Every member is known, and of its type. */
static bool read_members(yyjson_val *object, struct reading *reading, struct error *err)
{
    yyjson_val *name = yyjson_obj_get(object, "name"), *type = yyjson_obj_get(object, "type");
    yyjson_val *fallback = yyjson_obj_get(object, "default"), *values = yyjson_obj_get(object, "values");
    size_t known = (size_t)(name != NULL) + (type != NULL) + (fallback != NULL) + (values != NULL);
    if (!yyjson_is_obj(object) || yyjson_obj_size(object) != known || (type && !yyjson_is_str(type)) ||
        (values && !yyjson_is_null(values) && !yyjson_is_arr(values)))
        return error_set(err, ERR_INVALID,
                         "an attribute is {\"name\": text, \"type\": \"text\" or \"select\", \"default\": "
                         "text, \"values\": [text, ...]}");
    if (!check_text(name, "the name of an attribute", LABEL_ATTRIBUTE_NAME_MAX_CHARACTERS, err))
        return false;
    reading->name = yyjson_get_str(name);
    reading->type = type ? yyjson_get_str(type) : LABEL_ATTRIBUTE_TEXT;
    reading->values = yyjson_is_arr(values) ? values : NULL;
    if (fallback && !yyjson_is_null(fallback) &&
        !(yyjson_get_len(fallback) == 0 && yyjson_is_str(fallback))) {
        if (!check_text(fallback, "the default of an attribute", LABEL_ATTRIBUTE_VALUE_MAX_CHARACTERS, err))
            return false;
        reading->fallback = yyjson_get_str(fallback);
    }
    return check_kind(reading, err);
}

static bool check_twin(yyjson_val *list, size_t end, const char *name, struct error *err)
{
    size_t index, max;
    yyjson_val *object;
    yyjson_arr_foreach(list, index, max, object)
    {
        if (index < end && strcmp(json_text(object, "name", ""), name) == 0)
            return error_set(err, ERR_INVALID, "attribute '%.64s' is given twice", name);
    }
    return true;
}

static void write_attribute(const struct reading *reading, yyjson_mut_doc *doc, yyjson_mut_val *object)
{
    size_t index, max;
    yyjson_val *value;
    (void)yyjson_mut_obj_add_str(doc, object, "name", reading->name);
    (void)yyjson_mut_obj_add_str(doc, object, "type", reading->type);
    (void)yyjson_mut_obj_add_val(doc, object, "default",
                                 reading->fallback ? yyjson_mut_str(doc, reading->fallback)
                                                   : yyjson_mut_null(doc));
    yyjson_mut_val *values = yyjson_mut_obj_add_arr(doc, object, "values");
    yyjson_arr_foreach(reading->values, index, max, value)
    {
        (void)yyjson_mut_arr_add_str(doc, values, yyjson_get_str(value));
    }
}

bool label_attributes_read(yyjson_val *list, const char *pointer, struct arena *arena, const char **ret,
                           struct error *err)
{
    size_t index, max;
    yyjson_val *object;
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *rows = yyjson_mut_arr(doc);
    yyjson_mut_doc_set_root(doc, rows);
    *ret = NULL;
    if (!rows)
        return error_no_memory(err);
    if (yyjson_arr_size(list) > LABEL_ATTRIBUTES_MAX) {
        (void)error_set(err, ERR_LIMIT, "%zu attributes were given; %d is the limit", yyjson_arr_size(list),
                        LABEL_ATTRIBUTES_MAX);
        return refuse(pointer, err);
    }
    yyjson_arr_foreach(list, index, max, object)
    {
        char at[POINTER_BYTES];
        struct reading reading = {0};
        (void)snprintf(at, sizeof(at), "%s/%zu", pointer, index);
        if (!read_members(object, &reading, err) || !check_twin(list, index, reading.name, err))
            return refuse(at, err);
        write_attribute(&reading, doc, yyjson_mut_arr_add_obj(doc, rows));
    }
    size_t bytes = 0;
    char *text = yyjson_arr_size(list) > 0 ? yyjson_mut_write(doc, 0, &bytes) : NULL;
    *ret = text ? arena_text(arena, text) : NULL;
    free(text);
    if (bytes > LABEL_ATTRIBUTES_MAX_BYTES) {
        (void)error_set(err, ERR_LIMIT, "the attributes have %zu bytes as JSON; %d is the limit", bytes,
                        LABEL_ATTRIBUTES_MAX_BYTES);
        return refuse(pointer, err);
    }
    return *ret || yyjson_arr_size(list) == 0 || error_no_memory(err);
}
