/* SPDX-License-Identifier: Apache-2.0 */
#include "record/members.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void members_refuse(struct members *members, const char *name, const char *must)
{
    if (!members->has_failed)
        (void)error_set(members->err, ERR_INVALID, "'%s' must be %s", name, must);
    members->has_failed = true;
}

static yyjson_val *value_of(struct members *members, const char *name, enum member_need need)
{
    yyjson_val *value = members->has_failed ? NULL : yyjson_obj_get(members->object, name);
    if (!value && need == MEMBER_REQUIRED && !members->has_failed) {
        members->has_failed = true;
        (void)error_set(members->err, ERR_INVALID, "'%s' is missing", name);
    }
    return value;
}

static const char *copy_text(struct members *members, const char *name, yyjson_val *value)
{
    const char *text = yyjson_get_str(value);
    if (!text || strlen(text) != yyjson_get_len(value)) {
        members_refuse(members, name, "a text");
        return NULL;
    }
    const char *copy = arena_text(members->arena, text);
    if (!copy) {
        members->has_failed = true;
        (void)error_no_memory(members->err);
    }
    return copy;
}

const char *members_text(struct members *members, const char *name, enum member_need need)
{
    yyjson_val *value = value_of(members, name, need);
    return value ? copy_text(members, name, value) : NULL;
}

uint64_t members_count(struct members *members, const char *name, enum member_need need, uint64_t min,
                       uint64_t max)
{
    char must[96];
    yyjson_val *value = value_of(members, name, need);
    if (!value)
        return 0;
    if (yyjson_is_uint(value) && yyjson_get_uint(value) >= min && yyjson_get_uint(value) <= max)
        return yyjson_get_uint(value);
    (void)snprintf(must, sizeof(must), "a whole number from %" PRIu64 " to %" PRIu64, min, max);
    members_refuse(members, name, must);
    return 0;
}

double members_number(struct members *members, const char *name)
{
    yyjson_val *value = value_of(members, name, MEMBER_OPTIONAL);
    if (value && !yyjson_is_num(value))
        members_refuse(members, name, "a number");
    return yyjson_is_num(value) ? yyjson_get_num(value) : (double)NAN;
}

double members_share(struct members *members, const char *name)
{
    yyjson_val *value = value_of(members, name, MEMBER_REQUIRED);
    if (value && yyjson_is_num(value) && yyjson_get_num(value) >= 0 && yyjson_get_num(value) <= 1)
        return yyjson_get_num(value);
    if (value)
        members_refuse(members, name, "a number from 0 to 1");
    return 0;
}

yyjson_val *members_list(struct members *members, const char *name, size_t max)
{
    yyjson_val *list = value_of(members, name, MEMBER_OPTIONAL);
    if (!list)
        return NULL;
    if (!yyjson_is_arr(list)) {
        members_refuse(members, name, "a list");
        return NULL;
    }
    if (yyjson_arr_size(list) <= max)
        return list;
    members->has_failed = true;
    (void)error_set(members->err, ERR_LIMIT, "'%s' has %zu items; %zu is the limit", name,
                    yyjson_arr_size(list), max);
    return NULL;
}

const char *const *members_texts(struct members *members, const char *name, size_t max, uint32_t *ret_count)
{
    yyjson_val *list = members_list(members, name, max);
    *ret_count = 0;
    if (!list)
        return NULL;
    const char **texts = arena_array(members->arena, yyjson_arr_size(list) + 1, sizeof(*texts));
    if (!texts) {
        members->has_failed = true;
        (void)error_no_memory(members->err);
        return NULL;
    }
    size_t index, count;
    yyjson_val *item;
    yyjson_arr_foreach(list, index, count, item)
    {
        texts[index] = copy_text(members, name, item);
        if (!texts[index])
            return NULL;
    }
    *ret_count = (uint32_t)count;
    return texts;
}
