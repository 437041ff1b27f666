/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Look set: the looks of the samples of one dataset, or of two, in memory, and which belong together: files
 * of the same bytes (exact), and images whose perceptual hashes differ in few bits and whose appearances are
 * as near as mining demands of near-duplicates (mining/group.h). Groups are by single linkage.
 *
 * A sample takes about 430 bytes, while they are grouped up to 70 more.
 */
#ifndef WORK_LOOK_SET_H
#define WORK_LOOK_SET_H

#include "dataset/sample_look.h"

enum { LOOK_SET_MAX = 2000000, LOOK_ID_BYTES = 16 };

enum look_usage { LOOK_USAGE_NONE, LOOK_USAGE_TRAIN, LOOK_USAGE_HELD_OUT }; /* held out: EVAL, TEST */

struct look {
    unsigned char id[LOOK_ID_BYTES], content[LOOK_ID_BYTES], labels[LOOK_ID_BYTES];
    uint64_t hash;
    uint8_t usage;
    bool is_labeled, is_of_other; /* of the second dataset */
    int8_t appearance[SAMPLE_LOOK_LENGTH];
};
struct look_set {
    struct look *looks;
    uint32_t count, capacity;
    uint32_t *heads;   /* after look_set_group */
    uint32_t *members; /* places by head, then place */
    uint64_t unheld;   /* near_hashes_group's */
};
void look_set_release(struct look_set *set);
/* Adds the samples of a dataset that have a look. ERR_LIMIT past LOOK_SET_MAX. */
MUST_CHECK bool look_set_load(struct look_set *set, struct db *db, const char *dataset_id, bool is_other,
                              struct error *err);

struct look_grouping {
    uint32_t distance; /* 0..NEAR_HASHES_DISTANCE_MAX bits */
    uint32_t threads;
    struct stop_flag *stop;
};
MUST_CHECK bool look_set_group(struct look_set *set, const struct look_grouping *how, struct error *err);

/* Those that belong to one head, in set->members. */
struct look_group {
    uint32_t first, count; /* count >= 2 */
    bool is_exact;         /* all have the same bytes */
    bool is_leak;          /* one is for training, another held out */
    bool is_contradiction; /* two are labeled, and not with the same classes */
    bool is_across;        /* one is of either dataset */
};
/* The next group of at least two from `at` on, which moves behind it. False after the last. */
bool look_set_next(const struct look_set *set, uint32_t *at, struct look_group *ret);
void look_set_id(const struct look *look, char ret_hex[HASH_HEX_BYTES]);

#endif
