/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/select.h"

#include <stdlib.h>

static int harder_first(const void *a, const void *b)
{
    const struct select_ranked *one = a, *other = b;
    if (one->coefficient < other->coefficient || one->coefficient > other->coefficient)
        return one->coefficient < other->coefficient ? 1 : -1;
    return one->record < other->record ? -1 : one->record > other->record;
}

void select_sort(struct select_ranked *images, size_t count)
{
    qsort(images, count, sizeof(*images), harder_first);
}

static bool is_hard(double coefficient, const struct mining_plan *plan)
{
    return coefficient > 0 && coefficient >= plan->threshold; /* both false for NaN */
}

bool select_hard(const double *coefficients, uint64_t count, const struct mining_plan *plan, uint64_t **ret,
                 size_t *ret_count, struct error *err)
{
    uint64_t analysed = 0, found = 0;
    for (uint64_t i = 0; i < count; i++) {
        analysed += coefficients[i] >= 0;
        found += is_hard(coefficients[i], plan);
    }
    uint64_t cap = mining_plan_cap(plan, analysed);
    struct select_ranked *order = calloc(found + 1, sizeof(*order));
    uint64_t *records = calloc(found + 1, sizeof(*records));
    if (!order || !records) {
        free(order);
        free(records);
        return error_no_memory(err);
    }
    uint64_t filled = 0;
    for (uint64_t i = 0; i < count; i++)
        if (is_hard(coefficients[i], plan))
            order[filled++] = (struct select_ranked){.coefficient = coefficients[i], .record = i};
    select_sort(order, filled);
    if (filled > cap)
        filled = cap;
    for (uint64_t i = 0; i < filled; i++)
        records[i] = order[i].record;
    free(order);
    *ret = records;
    *ret_count = filled;
    return true;
}
