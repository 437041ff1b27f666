/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merge: labeled samples of one dataset become samples of another, by their content: what is said of an image
 * is said once. Content is the hash of the file's bytes (sample_look.h); whoever merges has measured both
 * datasets before. Of each image (all selected samples of one content) one of these holds:
 *
 *   added          no sample of the target has its content or its source: the first by source comes in as it
 *                  is, with
 *                  labels, usage, hard attributes, evidence and origin; its labels join the target's set.
 *   filled         there it waits without labels of a person: the sample there is labeled so; all else of it
 *                  stays.
 *   duplicate      there it is labeled, and the labels agree (label_agreement.h).
 *   contradiction  there it is labeled otherwise, or the selected samples do not agree among themselves.
 *   excluded       there it was excluded.
 *   unreadable     its content is not known.
 *
 * Only the first two change anything. The other selected samples of an image that was added or filled are
 * duplicates. Source and target are what they were but for that, and all of it is one operation.
 */
#ifndef DATASET_DATASET_MERGE_H
#define DATASET_DATASET_MERGE_H

#include "dataset/dataset.h"

/* Samples of one merge: others who want to write wait as long as it takes, a few seconds. */
enum { DATASET_MERGE_MAX = 20000 };

enum merge_kind {
    MERGE_ADDED,
    MERGE_FILLED,
    MERGE_DUPLICATE,
    MERGE_CONTRADICTION,
    MERGE_EXCLUDED,
    MERGE_UNREADABLE,
    MERGE_KIND_COUNT
};
const char *merge_kind_name(enum merge_kind kind); /* "contradiction" */

/* What became of one selected sample. Borrowed until the callback returns. */
struct merge_told {
    enum merge_kind kind;
    const struct sample *sample;
    const struct sample *other; /* that it agrees or disagrees with, or that was filled; may be NULL */
};
struct dataset_merged {
    int64_t selected, counts[MERGE_KIND_COUNT]; /* selected is their sum */
    int64_t left_out; /* of those named by id: not labeled, excluded, or not in the dataset */
    int64_t labels_added;
    const char *operation_id; /* NULL: nothing changed */
};
struct dataset_merge {
    const struct dataset *from, *into; /* of one type */
    struct param_list ids;             /* whole ones; none: all labeled that fit the filter */
    bool only_hard;
    const struct sample_term *where; /* NULL: any */
    const char *operation_id;        /* 32 hex digits, for the operation to be; ERR_CONFLICT when taken */
    const char *decided_by, *user;   /* as a sample_decision's */
    bool is_dry;                     /* tells all and changes nothing */
    struct stop_flag *stop;          /* may be NULL */
    atomic_int_fast64_t *done;       /* selected samples looked at; may be NULL */
    /* Told of every selected sample, images by their content. */
    bool (*tell)(void *state, const struct merge_told *told, struct error *err);
    /* As that of a sample_decision. */
    bool (*finish)(void *state, const struct dataset_merged *merged, struct error *err);
    void *state;
};
/* What would be refused at once: ERR_LIMIT and the rest below, without looking at any sample. */
MUST_CHECK bool dataset_merge_check(struct db *db, const struct dataset_merge *merge, struct error *err);
/* One transaction. ERR_LIMIT past DATASET_MERGE_MAX selected samples; ERR_CANCELLED; ERR_INVALID: the same
 * dataset twice; DETAIL_DATASET_TYPE_MISMATCH. */
MUST_CHECK bool dataset_merge(struct db *db, struct arena *arena, const struct dataset_merge *merge,
                              struct dataset_merged *ret, struct error *err);

#endif
