/* SPDX-License-Identifier: Apache-2.0 */
#include "record/label_index.h"

#include <stdlib.h>
#include <string.h>

struct row {
    const char *label;
    uint32_t class;
};
struct label_index {
    uint32_t count;
    struct row rows[]; /* by label, then by class */
};

static int compare_rows(const void *a, const void *b)
{
    const struct row *first = a, *second = b;
    int order = strcmp(first->label, second->label);
    return order != 0 ? order : (first->class > second->class) - (first->class < second->class);
}

bool label_index_new(const char *const *labels, uint32_t count, struct label_index **ret, struct error *err)
{
    struct label_index *index = malloc(sizeof(*index) + count * sizeof(index->rows[0]));
    if (!index)
        return error_no_memory(err);
    index->count = count;
    for (uint32_t i = 0; i < count; i++)
        index->rows[i] = (struct row){labels[i], i};
    qsort(index->rows, count, sizeof(index->rows[0]), compare_rows);
    *ret = index;
    return true;
}

struct label_index *label_index_free(struct label_index *index)
{
    free(index);
    return NULL;
}

uint32_t label_index_find(const struct label_index *index, const char *label)
{
    uint32_t low = 0, high = index->count; /* the first row not below `label` */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(index->rows[middle].label, label) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool is_found = low < index->count && strcmp(index->rows[low].label, label) == 0;
    return is_found ? index->rows[low].class : UINT32_MAX;
}
