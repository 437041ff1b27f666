/* SPDX-License-Identifier: Apache-2.0 */
/* Values: the different texts of one field (states, labels …), numbered as they come, each with the rows that
 * have it. */
#ifndef DATASET_VALUE_SET_H
#define DATASET_VALUE_SET_H

#include "base/error.h"

#include <roaring/roaring.h>
#include <stddef.h>
#include <stdint.h>

enum { VALUE_SET_MAX = 65535 };
#define VALUE_NONE UINT32_MAX

struct value {
    char *name;
    roaring_bitmap_t *rows[2]; /* labels: confirmed, suggested; other fields: the first only */
};
struct value_set {
    struct value *values;
    uint32_t count, capacity;
    uint32_t *slots; /* by hash: number + 1; 0: free */
    uint32_t slot_count;
    size_t name_bytes;
};

void value_set_release(struct value_set *set);
/* VALUE_NONE when nothing has it. */
uint32_t value_set_find(const struct value_set *set, const char *name);
/* Its number; a new one when it is new. ERR_LIMIT past VALUE_SET_MAX. */
MUST_CHECK bool value_set_need(struct value_set *set, const char *name, uint32_t *ret, struct error *err);
/* Bytes of names, tables and bitmaps. */
size_t value_set_bytes(const struct value_set *set);

#endif
