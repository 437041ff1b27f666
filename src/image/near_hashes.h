/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Near hashes: which of many perceptual hashes differ in few bits.
 *
 * Multi-index hashing (Norouzi, Punjani, Fleet, CVPR 2012): a hash is cut into four parts of 16 bits. When
 * two hashes differ in at most d bits, one of the parts differs in at most d / 4, rounded down; so for each
 * part there are lists of the hashes with one value of it, and only lists whose values are that near are
 * looked into. Nothing within the distance is missed. Takes 64 bytes a hash.
 *
 * Time grows with the square of how many different hashes share a part. Perceptual hashes share one by chance
 * alone; for others there is the stop flag, and looks_max.
 */
#ifndef IMAGE_NEAR_HASHES_H
#define IMAGE_NEAR_HASHES_H

#include "base/arena.h"
#include "base/error.h"
#include "base/workers.h"

enum {
    NEAR_HASHES_MAX = 4000000,
    NEAR_HASHES_DISTANCE_MAX = 11, /* bits; a part may differ in two */
    NEAR_HASHES_BITS = 64,
    NEAR_HASHES_LOOKS_OF_ONE_MAX = 256, /* appearances of one hash that are told apart */
};

/* In how many bits two hashes differ. */
uint32_t near_hashes_apart(uint64_t one, uint64_t other);

/* ---- the index: for those who ask one hash after the other ---- */

struct near_hashes;
/* Places are those in `hashes`, which is not kept. ERR_LIMIT past NEAR_HASHES_MAX. */
MUST_CHECK bool near_hashes_new(const uint64_t *hashes, uint32_t count, struct near_hashes **ret,
                                struct error *err);
struct near_hashes *near_hashes_free(struct near_hashes *index);
DEFINE_AUTO(near_hashes)

struct near_hashes_query {
    uint64_t hash;
    uint32_t from;      /* places before this one are not wanted */
    uint32_t distance;  /* 0..NEAR_HASHES_DISTANCE_MAX */
    uint32_t looks_max; /* hashes held against this one, by each part; beyond it some may be missed */
    /* Takes a place within the distance, some several times. Within a list in their order. */
    void (*take)(void *state, uint32_t place);
    void *state;
};
/* Threads: an index serves any number at once. */
void near_hashes_find(const struct near_hashes *index, const struct near_hashes_query *query);

/* ---- groups of all ---- */

/*
 * Those within the distance of each other belong together, and those that belong together with the same one
 * (single linkage); the first place of a group is its head. When `is_same` is given, it must also hold. Of
 * images with the same hash each is held against the first of every look only, and joins the first that it
 * is the same as; when NEAR_HASHES_LOOKS_OF_ONE_MAX of a hash look different, a further one stays alone and
 * is counted in *ret_unheld.
 *
 * Threads: `is_same` is called by many at once and must depend on its arguments only. Then the groups are the
 * same whatever the number of threads.
 */
struct near_hashes_grouping {
    const uint64_t *hashes;
    uint32_t count, distance;                                         /* up to the limits above */
    bool (*is_same)(const void *state, uint32_t one, uint32_t other); /* one < other or not; may be NULL */
    const void *state;
    uint32_t threads;       /* 1..WORKERS_MAX */
    struct stop_flag *stop; /* may be NULL */
};
/* ret_heads[i]: the head of i, itself when it is alone or leads. ERR_LIMIT; ERR_CANCELLED. */
MUST_CHECK bool near_hashes_group(const struct near_hashes_grouping *grouping, uint32_t *ret_heads,
                                  uint64_t *ret_unheld, struct error *err);

#endif
