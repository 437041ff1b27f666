/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Choose: the list that a person gets, out of the images that are hard (select.h).
 *
 * 1. Near-duplicates and consecutive frames gather around the hardest of them (group.h), which alone may be
 *    listed and names the others. They take no places.
 * 2. With a budget (`top`, `per_class`) of fewer places than there are such images, `diversity` of the places
 *    go by likeness: among the CHOOSE_POOL_FACTOR × places hardest, clusters by appearance and embedding
 *    (spread.h), of each the one in its middle, and the hardest of all; the other places go to the hardest of
 *    the rest.
 * 3. No more than `per_class` of one predicted class; images in which a detector found nothing are a class.
 * The order of the list is by hardness. Deterministic whatever the threads.
 */
#ifndef MINING_CHOOSE_H
#define MINING_CHOOSE_H

#include "base/workers.h"
#include "mining/settings.h"

enum {
    CHOOSE_POOL_FACTOR = 5,
    CHOOSE_NAMED_MAX = 20, /* others of a group that are named: the hardest of them */
};
/* Appearances of hard images, a byte a number: for those beyond, the least hard, hashes alone count. */
#define CHOOSE_VECTORS_MAX_BYTES (256ULL << 20)
/* Vectors of the pool: the pool is smaller when they would take more. */
#define CHOOSE_POOL_MAX_BYTES (256ULL << 20)

struct choose_input {
    const struct record_set *records;
    const double *coefficients; /* of all records; NaN: failed */
    const struct mining_plan *plan;
    uint32_t threads;
    uint64_t vectors_max_bytes; /* CHOOSE_VECTORS_MAX_BYTES, or less */
    uint64_t pool_max_bytes;    /* CHOOSE_POOL_MAX_BYTES, or less */
    struct stop_flag *stop;     /* may be NULL */
};
struct chosen {
    uint64_t record;
    uint64_t others;             /* images of its group beside itself */
    uint32_t first_named, named; /* in choice.named */
};
struct choice {
    struct chosen *images; /* hardest first, ties by record */
    size_t count;
    uint64_t *named;      /* records, hardest first in each group */
    uint64_t hard;        /* at or above the threshold */
    uint64_t represented; /* hard images that are others of a group, listed or not */
    uint64_t by_hash;     /* hard images whose appearance did not fit */
    uint64_t clusters;    /* that the budget was spread over; 0: by hardness alone */
};
/* ERR_CANCELLED: stopped. */
MUST_CHECK bool choose_hard(const struct choose_input *input, struct choice *ret, struct error *err);
void choice_release(struct choice *choice);
/* The sources of all that are named, in the arena: ret[i] of choice->named[i]. */
MUST_CHECK bool choose_sources(const struct record_set *records, const struct choice *choice,
                               struct arena *arena, const char **ret, struct error *err);
/* False: the list is the hardest images down to the cap, whatever the records hold. */
bool choose_needs_records(const struct mining_plan *plan);
/* Of a run of so many analysed images no image beyond this place, by hardness, comes into the list;
 * UINT64_MAX: that depends on groups, classes or the threshold. */
uint64_t choose_reach(const struct mining_plan *plan, uint64_t analysed);

#endif
