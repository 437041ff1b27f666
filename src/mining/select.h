/* SPDX-License-Identifier: Apache-2.0 */
/* Select: which images of a run are hard examples, and in which order. */
#ifndef MINING_SELECT_H
#define MINING_SELECT_H

#include "mining/settings.h"

/*
 * Indices of the records with a coefficient at or above the plan's threshold and above 0, hardest first, ties
 * by index, cut at the plan's cap. NaN (a failed image) is never hard. The caller frees *ret.
 */
MUST_CHECK bool select_hard(const double *coefficients, uint64_t count, const struct mining_plan *plan,
                            uint64_t **ret, size_t *ret_count, struct error *err);

/* The order of hard examples. */
struct select_ranked {
    double coefficient;
    uint64_t record;
};
void select_sort(struct select_ranked *images, size_t count);

#endif
