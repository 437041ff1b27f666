/* SPDX-License-Identifier: Apache-2.0 */
/* Similar: all images of a run, in the order of how near they are to one vector. Exact. */
#ifndef MINING_SIMILAR_H
#define MINING_SIMILAR_H

#include "record/record.h"

struct similar {
    uint64_t record; /* run-wide index */
    double cosine;
};
struct similar_query {
    const struct record_set *set;
    bool by_embedding; /* else by appearance */
    const float *vector;
    uint32_t threads;
};
/* Nearest first, ties by record. Images that failed, and vectors without a direction, are left out. The
 * caller frees *ret. ERR_INVALID: the run has no such vectors. */
MUST_CHECK bool similar_rank(const struct similar_query *query, struct similar **ret, uint64_t *ret_count,
                             struct error *err);

/* The nearest of many vectors to one, nearest first, ties by place; at most SIMILAR_NEAREST_MAX. For one
 * question at a time: neighbours.h answers many at once with less work each. */
enum { SIMILAR_NEAREST_MAX = 50 };
struct similar_rows {
    const float *rows; /* count × length, each of L2 norm 1 or 0; zeros have no neighbours */
    uint32_t count, length;
};
/* Returns how many there are; 0 for a vector without direction. `ret` has `most` places. */
uint32_t similar_nearest(const struct similar_rows *among, const float *vector, uint32_t most,
                         struct similar *ret);

#endif
