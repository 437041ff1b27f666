/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/value_set.h"

#include <stdlib.h>
#include <string.h>

void value_set_release(struct value_set *set)
{
    for (uint32_t i = 0; i < set->count; i++) {
        free(set->values[i].name);
        for (int kind = 0; kind < 2; kind++)
            if (set->values[i].rows[kind])
                roaring_bitmap_free(set->values[i].rows[kind]);
    }
    free(set->values);
    free(set->slots);
    *set = (struct value_set){0};
}

/* FNV-1a */
static uint32_t hash_of_name(const char *name)
{
    uint32_t hash = 2166136261U;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619U;
    return hash;
}

/* Where the name is, or the free slot where it belongs. There is always a free one. */
static uint32_t slot_of(const struct value_set *set, const char *name)
{
    uint32_t at = hash_of_name(name) & (set->slot_count - 1);
    while (set->slots[at] && strcmp(set->values[set->slots[at] - 1].name, name) != 0)
        at = (at + 1) & (set->slot_count - 1);
    return at;
}

uint32_t value_set_find(const struct value_set *set, const char *name)
{
    uint32_t number = set->slot_count > 0 ? set->slots[slot_of(set, name)] : 0;
    return number > 0 ? number - 1 : VALUE_NONE;
}

/* Twice as many slots as values. */
static bool grow(struct value_set *set)
{
    uint32_t capacity = set->capacity == 0 ? 8 : 2 * set->capacity, slot_count = 2 * capacity;
    struct value *values = realloc(set->values, capacity * sizeof(*values));
    if (!values)
        return false;
    set->values = values;
    uint32_t *slots = calloc(slot_count, sizeof(*slots));
    if (!slots)
        return false;
    free(set->slots);
    set->slots = slots;
    set->slot_count = slot_count;
    set->capacity = capacity;
    for (uint32_t i = 0; i < set->count; i++)
        slots[slot_of(set, values[i].name)] = i + 1;
    return true;
}

bool value_set_need(struct value_set *set, const char *name, uint32_t *ret, struct error *err)
{
    uint32_t number = value_set_find(set, name);
    if (number != VALUE_NONE) {
        *ret = number;
        return true;
    }
    if (set->count == VALUE_SET_MAX)
        return error_set(err, ERR_LIMIT, "more than %d different texts in one field", VALUE_SET_MAX);
    if (set->count == set->capacity && !grow(set))
        return error_no_memory(err);
    struct value value = {strdup(name), {roaring_bitmap_create(), roaring_bitmap_create()}};
    set->values[set->count] = value;
    set->count++; /* what was made is released with the set */
    if (!value.name || !value.rows[0] || !value.rows[1]) {
        free(set->values[set->count - 1].name);
        for (int kind = 0; kind < 2; kind++)
            if (value.rows[kind])
                roaring_bitmap_free(value.rows[kind]);
        set->count--;
        return error_no_memory(err);
    }
    set->slots[slot_of(set, name)] = set->count;
    set->name_bytes += strlen(name) + 1;
    *ret = set->count - 1;
    return true;
}

size_t value_set_bytes(const struct value_set *set)
{
    size_t bytes =
        set->name_bytes + set->capacity * sizeof(*set->values) + set->slot_count * sizeof(uint32_t);
    for (uint32_t i = 0; i < set->count; i++)
        for (int kind = 0; kind < 2; kind++)
            bytes += roaring_bitmap_size_in_bytes(set->values[i].rows[kind]);
    return bytes;
}
