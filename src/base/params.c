/* SPDX-License-Identifier: Apache-2.0 */
#include "base/params.h"

#include "base/text.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void *field_of(const struct param_spec *spec, void *options)
{
    return (unsigned char *)options + spec->offset;
}

static const void *field_in(const struct param_spec *spec, const void *options)
{
    return (const unsigned char *)options + spec->offset;
}

static void store_number(const struct param_spec *spec, void *options, double value)
{
    uint64_t count = value > 0 ? (uint64_t)value : 0;
    bool flag = value != 0.0;
    if (spec->type == PARAM_NUMBER)
        memcpy(field_of(spec, options), &value, sizeof(value));
    else if (spec->type == PARAM_COUNT)
        memcpy(field_of(spec, options), &count, sizeof(count));
    else
        memcpy(field_of(spec, options), &flag, sizeof(flag));
}

static void store_text(const struct param_spec *spec, void *options, const char *text)
{
    memcpy(field_of(spec, options), &text, sizeof(text));
}

/* Walks from the outermost table to the one that is open, adding up the offsets on the way. */
static const struct param_spec *open_table(const struct param_spec *specs, struct param_position *at)
{
    at->base = 0;
    for (size_t level = 0; level < at->depth; level++) {
        const struct param_spec *include = &specs[at->rows[level]];
        at->base += include->offset;
        specs = include->include;
    }
    return specs;
}

const struct param_spec *params_next(const struct param_spec *specs, struct param_position *at)
{
    for (;;) {
        const struct param_spec *row = &open_table(specs, at)[at->rows[at->depth]];
        if (row->name && row->type != PARAM_INCLUDE) {
            at->rows[at->depth]++;
            return row;
        }
        if (row->name) {
            assert(at->depth + 1 < PARAM_INCLUDE_DEPTH);
            at->rows[++at->depth] = 0;
        } else if (at->depth > 0) {
            at->rows[--at->depth]++;
        } else {
            return NULL;
        }
    }
}

/* The text of the table that equals `text`, NULL when there is none. */
static const char *choice_find(const struct param_spec *spec, const char *text)
{
    for (const char *const *choice = spec->choices; *choice; choice++)
        if (strcmp(*choice, text) == 0)
            return *choice;
    return NULL;
}

static void set_default(const struct param_spec *spec, void *options)
{
    bool is_choice = spec->type == PARAM_CHOICE && spec->fallback_text;
    if (spec->type == PARAM_TEXT || spec->type == PARAM_CHOICE)
        store_text(spec, options, is_choice ? choice_find(spec, spec->fallback_text) : spec->fallback_text);
    else if (spec->type == PARAM_LIST)
        memset(field_of(spec, options), 0, sizeof(struct param_list));
    else if (spec->type == PARAM_JSON)
        store_text(spec, options, NULL);
    else
        store_number(spec, options, spec->fallback);
}

void params_defaults(const struct param_spec *specs, void *options)
{
    struct param_position at = {0};
    const struct param_spec *spec;
    while ((spec = params_next(specs, &at)))
        set_default(spec, (unsigned char *)options + at.base);
}

static bool same_name(const char *snake, const char *name)
{
    for (; *snake && *name; snake++, name++)
        if (*snake != *name && !(*snake == '_' && *name == '-'))
            return false;
    return *snake == *name;
}

static const struct param_spec *find_at(const struct param_spec *specs, const char *name,
                                        struct param_position *at)
{
    const struct param_spec *spec;
    *at = (struct param_position){0};
    while ((spec = params_next(specs, at)) && !same_name(spec->name, name))
        ;
    return spec;
}

const struct param_spec *params_find(const struct param_spec *specs, const char *name)
{
    struct param_position at;
    return find_at(specs, name, &at);
}

/* 2^53 - 1: on the way through a double, larger counts would become others. */
static const double count_max = 9007199254740991.0;

static bool set_number(const struct param_spec *spec, void *options, double value, struct error *err)
{
    bool is_count = spec->type == PARAM_COUNT;
    bool is_whole = !is_count || trunc(value) == value;
    double max = is_count && spec->max > count_max ? count_max : spec->max;
    if (!isfinite(value) || !is_whole || value < spec->min || value > max)
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                "%s must be a %snumber from %.15g to %.16g%s%s, not %.16g", spec->name,
                                is_count ? "whole " : "", spec->min, max,
                                spec->unit && spec->unit[0] ? " " : "", spec->unit ? spec->unit : "", value);
    store_number(spec, options, value);
    return true;
}

static bool set_choice(const struct param_spec *spec, void *options, const char *text, struct error *err)
{
    char known[200] = "";
    const char *chosen = choice_find(spec, text);
    if (chosen) {
        store_text(spec, options, chosen);
        return true;
    }
    for (const char *const *choice = spec->choices; *choice; choice++) {
        size_t used = strlen(known);
        (void)snprintf(known + used, sizeof(known) - used, "%s%s", used ? ", " : "", *choice);
    }
    return error_set_detail(err, DETAIL_INVALID_ARGUMENT, "%s must be one of %s, not '%.60s'", spec->name,
                            known, text);
}

static bool set_copied_text(const struct param_spec *spec, void *options, const char *text,
                            struct arena *arena, struct error *err)
{
    size_t max = spec->max > 0 ? (size_t)spec->max : PARAM_TEXT_MAX_BYTES;
    if (strlen(text) > max)
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT, "%s is longer than %zu bytes", spec->name, max);
    if (!text_is_utf8(text, strlen(text)))
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT, "%s is not valid UTF-8", spec->name);
    char *copy = arena_text(arena, text);
    if (!copy)
        return error_no_memory(err);
    store_text(spec, options, copy);
    return true;
}

static bool add_item(const struct param_spec *spec, struct param_list *list, const char *text, size_t bytes,
                     struct arena *arena, struct error *err)
{
    if (bytes > PARAM_TEXT_MAX_BYTES)
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT, "an item of %s is longer than %d bytes",
                                spec->name, PARAM_TEXT_MAX_BYTES);
    if (!text_is_utf8(text, bytes))
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                "an item of %s is not valid UTF-8, or holds a NUL", spec->name);
    if (!(list->items[list->count] = arena_text_n(arena, text, bytes)))
        return error_no_memory(err);
    list->count++;
    return true;
}

static bool start_list(const struct param_spec *spec, struct param_list *list, size_t count,
                       struct arena *arena, struct error *err)
{
    if (count > PARAM_LIST_MAX)
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT, "%s has more than %d items", spec->name,
                                PARAM_LIST_MAX);
    *list = (struct param_list){.items = arena_array(arena, count + 1, sizeof(char *))};
    return list->items || error_no_memory(err);
}

static bool set_list_text(const struct param_spec *spec, void *options, const char *text, struct arena *arena,
                          struct error *err)
{
    size_t count = 1;
    for (const char *at = text; *at; at++)
        count += *at == ',';
    struct param_list list;
    if (!start_list(spec, &list, count, arena, err))
        return false;
    for (const char *at = text; *at;) {
        size_t bytes = strcspn(at, ",");
        if (bytes > 0 && !add_item(spec, &list, at, bytes, arena, err))
            return false;
        at += bytes + (at[bytes] == ',');
    }
    memcpy(field_of(spec, options), &list, sizeof(list));
    return true;
}

static bool set_list_json(const struct param_spec *spec, void *options, yyjson_val *array,
                          struct arena *arena, struct error *err)
{
    struct param_list list;
    if (!start_list(spec, &list, yyjson_arr_size(array), arena, err))
        return false;
    size_t index, max;
    yyjson_val *item;
    yyjson_arr_foreach(array, index, max, item)
    {
        char number[TEXT_NUMBER_BYTES];
        const char *text =
            yyjson_is_num(item) ? text_of_double(yyjson_get_num(item), number) : yyjson_get_str(item);
        if (!text)
            return error_set_detail(err, DETAIL_INVALID_ARGUMENT, "%s must be a list of texts or numbers",
                                    spec->name);
        size_t bytes = yyjson_is_num(item) ? strlen(text) : yyjson_get_len(item);
        if (!add_item(spec, &list, text, bytes, arena, err))
            return false;
    }
    memcpy(field_of(spec, options), &list, sizeof(list));
    return true;
}

static bool set_bool_text(const struct param_spec *spec, void *options, const char *text, struct error *err)
{
    static const char *const yes[] = {"true", "1", "yes", "on"}, *const no[] = {"false", "0", "no", "off"};
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        if (strcmp(text, yes[i]) != 0 && strcmp(text, no[i]) != 0)
            continue;
        store_number(spec, options, strcmp(text, yes[i]) == 0);
        return true;
    }
    return error_set_detail(err, DETAIL_INVALID_ARGUMENT, "%s must be true or false, not '%.60s'", spec->name,
                            text);
}

bool params_set_text(const struct param_spec *spec, void *options, const char *text, struct arena *arena,
                     struct error *err)
{
    double value = 0;
    switch (spec->type) {
    case PARAM_TEXT:
        return set_copied_text(spec, options, text, arena, err);
    case PARAM_CHOICE:
        return set_choice(spec, options, text, err);
    case PARAM_LIST:
        return set_list_text(spec, options, text, arena, err);
    case PARAM_BOOL:
        return set_bool_text(spec, options, text, err);
    case PARAM_JSON:
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT, "%s must be a JSON %s, not '%.60s'", spec->name,
                                spec->is_array ? "array" : "object", text);
    case PARAM_NUMBER:
    case PARAM_COUNT:
    case PARAM_INCLUDE:
        break;
    }
    if (!text_to_double(text, spec->name, spec->min, spec->max, &value, err)) {
        err->detail = DETAIL_INVALID_ARGUMENT;
        return false;
    }
    return set_number(spec, options, value, err);
}

static bool set_json(const struct param_spec *spec, void *options, yyjson_val *value, struct arena *arena,
                     struct error *err)
{
    if (spec->type == PARAM_LIST && yyjson_is_arr(value))
        return set_list_json(spec, options, value, arena, err);
    if (spec->type == PARAM_JSON && (spec->is_array ? yyjson_is_arr(value) : yyjson_is_obj(value))) {
        memcpy(field_of(spec, options), &value, sizeof(yyjson_val *));
        return true;
    }
    if (spec->type == PARAM_BOOL && yyjson_is_bool(value)) {
        store_number(spec, options, yyjson_get_bool(value));
        return true;
    }
    if ((spec->type == PARAM_NUMBER || spec->type == PARAM_COUNT) && yyjson_is_num(value))
        return set_number(spec, options, yyjson_get_num(value), err);
    if ((spec->type == PARAM_TEXT || spec->type == PARAM_CHOICE) && yyjson_is_str(value)) {
        if (strlen(yyjson_get_str(value)) != yyjson_get_len(value))
            return error_set_detail(err, DETAIL_INVALID_ARGUMENT, "%s holds a NUL character", spec->name);
        return params_set_text(spec, options, yyjson_get_str(value), arena, err);
    }
    static const char *const wanted[] = {"text", "a number",      "a whole number", "true or false",
                                         "text", "a JSON object", "a list of texts"};
    return error_set_detail(err, DETAIL_INVALID_ARGUMENT, "%s must be %s", spec->name,
                            spec->is_array ? "a JSON array" : wanted[spec->type]);
}

/* The name as a part of a JSON pointer: "a/b" is "/a~1b". */
static bool point_at(const char *name, size_t bytes, struct error *err)
{
    char pointer[ERROR_POINTER_BYTES] = "/";
    size_t used = 1;
    for (size_t i = 0; i < bytes && used + 2 < sizeof(pointer); i++) {
        if (name[i] != '/' && name[i] != '~') {
            pointer[used++] = (char)(name[i] ? name[i] : '?');
            continue;
        }
        pointer[used++] = '~';
        pointer[used++] = name[i] == '/' ? '1' : '0';
    }
    pointer[used] = '\0';
    return error_point(err, pointer);
}

/* As params_find, for a name from JSON: only the exact one counts there. */
static const struct param_spec *find_member(const struct param_spec *specs, const char *name, size_t bytes,
                                            struct param_position *at)
{
    const struct param_spec *spec = find_at(specs, name, at);
    return spec && strlen(spec->name) == bytes && strcmp(spec->name, name) == 0 ? spec : NULL;
}

bool params_read_json(const struct param_spec *specs, void *options, yyjson_val *object, struct arena *arena,
                      struct error *err)
{
    params_defaults(specs, options);
    if (object && !yyjson_is_obj(object))
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT, "the request must be a JSON object");
    yyjson_obj_iter members;
    yyjson_val *key;
    (void)yyjson_obj_iter_init(object, &members);
    while ((key = yyjson_obj_iter_next(&members))) {
        const char *name = yyjson_get_str(key);
        size_t bytes = yyjson_get_len(key);
        struct param_position at;
        const struct param_spec *spec = find_member(specs, name, bytes, &at);
        yyjson_val *value = yyjson_obj_iter_get_val(key);
        if (!spec) {
            (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT, "there is no field '%.60s' here", name);
            return point_at(name, bytes, err);
        }
        if (!yyjson_is_null(value) && !set_json(spec, (unsigned char *)options + at.base, value, arena, err))
            return point_at(name, bytes, err);
    }
    struct param_position at = {0};
    const struct param_spec *spec;
    while ((spec = params_next(specs, &at))) {
        yyjson_val *value = yyjson_obj_get(object, spec->name);
        if (!spec->is_required || (value && !yyjson_is_null(value)))
            continue;
        (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT, "%s is required", spec->name);
        return point_at(spec->name, strlen(spec->name), err);
    }
    return true;
}

static yyjson_mut_val *field_json(const struct param_spec *spec, const void *options, yyjson_mut_doc *doc)
{
    const void *field = field_in(spec, options);
    const char *text = NULL;
    double number = 0;
    uint64_t count = 0;
    bool flag = false;
    yyjson_val *object = NULL;
    struct param_list list = {0};
    switch (spec->type) {
    case PARAM_TEXT:
    case PARAM_CHOICE:
        memcpy(&text, field, sizeof(text));
        return text ? yyjson_mut_strcpy(doc, text) : NULL;
    case PARAM_NUMBER:
        memcpy(&number, field, sizeof(number));
        return isfinite(number) ? yyjson_mut_real(doc, number) : NULL;
    case PARAM_COUNT:
        memcpy(&count, field, sizeof(count));
        return yyjson_mut_uint(doc, count);
    case PARAM_BOOL:
        memcpy(&flag, field, sizeof(flag));
        return yyjson_mut_bool(doc, flag);
    case PARAM_LIST:
        memcpy(&list, field, sizeof(list));
        break;
    case PARAM_JSON:
        memcpy(&object, field, sizeof(yyjson_val *));
        return object ? yyjson_val_mut_copy(doc, object) : NULL;
    case PARAM_INCLUDE:
        return NULL;
    }
    if (list.count == 0)
        return NULL;
    yyjson_mut_val *array = yyjson_mut_arr(doc);
    for (size_t i = 0; i < list.count; i++)
        (void)yyjson_mut_arr_add_strcpy(doc, array, list.items[i]);
    return array;
}

void params_write_json(const struct param_spec *specs, const void *options, yyjson_mut_doc *doc,
                       yyjson_mut_val *object)
{
    struct param_position at = {0};
    const struct param_spec *spec;
    while ((spec = params_next(specs, &at))) {
        yyjson_mut_val *value = field_json(spec, (const unsigned char *)options + at.base, doc);
        if (value)
            (void)yyjson_mut_obj_add(object, yyjson_mut_str(doc, spec->name), value);
    }
}

static yyjson_mut_val *list_of_text(const struct param_spec *spec, const char *text, yyjson_mut_doc *doc)
{
    yyjson_mut_val *array = yyjson_mut_arr(doc);
    if (spec->is_whole_item) {
        (void)yyjson_mut_arr_add_strcpy(doc, array, text);
        return array;
    }
    for (const char *at = text; *at;) {
        size_t bytes = strcspn(at, ",");
        if (bytes > 0)
            (void)yyjson_mut_arr_add_strncpy(doc, array, at, bytes);
        at += bytes + (at[bytes] == ',');
    }
    return array;
}

yyjson_mut_val *params_text_to_json(const struct param_spec *spec, const char *text, yyjson_mut_doc *doc)
{
    struct error ignored = {0};
    double number = 0;
    bool flag = false;
    struct param_spec at_start = *spec;
    at_start.offset = 0;
    if (spec->type == PARAM_LIST)
        return list_of_text(spec, text, doc);
    AUTO_JSON parsed = spec->type == PARAM_JSON ? yyjson_read(text, strlen(text), 0) : NULL;
    if (parsed)
        return yyjson_val_mut_copy(doc, yyjson_doc_get_root(parsed));
    if (spec->type == PARAM_BOOL && set_bool_text(&at_start, &flag, text, &ignored))
        return yyjson_mut_bool(doc, flag);
    bool is_number = spec->type == PARAM_NUMBER || spec->type == PARAM_COUNT;
    if (is_number && text_to_double(text, spec->name, -1e300, 1e300, &number, &ignored))
        return yyjson_mut_real(doc, number);
    return yyjson_mut_strcpy(doc, text);
}
