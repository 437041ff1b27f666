/* SPDX-License-Identifier: Apache-2.0 */
/* Which samples are merged, and what the target has of some of them at a time. Inside the merge's
 * transaction. */
#ifndef DATASET_DATASET_MERGE_ROUND_H
#define DATASET_DATASET_MERGE_ROUND_H

#include "dataset/dataset_merge.h"

struct merge_candidate {
    const char *id;
    const char *content; /* NULL: not known */
    const char *source;
};
struct merge_candidates {
    struct merge_candidate *items; /* by content, then source; those without content first */
    size_t count, next;            /* next: where the next round begins */
    int64_t left_out;
};
/* ERR_LIMIT past DATASET_MERGE_MAX, here and below. */
MUST_CHECK bool merge_candidates_count(struct db *db, const struct dataset_merge *merge, struct error *err);
MUST_CHECK bool merge_candidates_find(struct db *db, struct arena *arena, const struct dataset_merge *merge,
                                      struct merge_candidates *ret, struct error *err);

/* A sample of the target with the content or the source of one of a group. */
struct merge_there {
    size_t group;
    const char *id;
    struct sample *sample; /* NULL while it is not read */
};
/* All candidates of one content; without content each is alone. */
struct merge_group {
    const char *content;
    size_t first, count;       /* in members */
    size_t there, there_count; /* in there */
};
struct merge_round {
    struct sample *members;
    size_t member_count;
    struct merge_group groups[DB_MANY_MAX];
    size_t group_count;
    struct merge_there *there; /* by group, then id */
    size_t there_count;
};
struct merge_where {
    struct db *db;
    struct arena *of_round;
    const char *into_id;
};
/* The next whole groups, DB_MANY_MAX samples or one group of more. */
MUST_CHECK bool merge_round_load(const struct merge_where *where, struct merge_candidates *candidates,
                                 struct merge_round *ret, struct error *err);

#endif
