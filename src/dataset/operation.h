/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operation: what one person's word changed, as one thing that can be undone and redone. It keeps of each
 * sample what was there before and after, so that undo restores exactly that: state, marks and annotations
 * with their times; the revision grows, as with every change. Labels that joined the dataset's set stay in
 * it, and what comes back brings its labels back into it.
 *
 * An operation may also have added samples or removed them. Then undo removes what it added and brings back
 * what it removed, with all that was stored of it but its look, and redo does so the other way round. A
 * sample that is to go is a conflict unless everything that is stored of it is as it was when it came; one
 * that is to come is a conflict when it is there.
 *
 * And it may have changed the label set (label_edit.h): undo and redo change it with the samples.
 *
 * A sample is undone only while it still is as the operation left it. One that was changed since, by whom
 * ever, is a conflict and stays as it is; the others are undone. So two changes of a sample are undone the
 * last one first.
 */
#ifndef DATASET_OPERATION_H
#define DATASET_OPERATION_H

#include "dataset/dataset.h"

/* Of all projects together; the oldest go first, the newest stays whatever its size. */
enum {
    OPERATIONS_KEPT = 100000,
    OPERATION_SAMPLES_KEPT = 1000000,
    OPERATION_PAGE_MAX = 1000,
    OPERATION_CONFLICTS_TOLD = 1000,
    SAMPLE_HISTORY_MAX = 1000, /* operations of one sample that are told, the newest */
};

#define OPERATION_DONE "done"
#define OPERATION_UNDONE "undone"

struct operation {
    int64_t number; /* in the order in which they were done */
    const char *id, *project_id;
    const char *dataset_id; /* NULL: samples of several */
    const char *user;       /* NULL: whoever may run the program on the data folder */
    const char *decided_by, *action, *state;
    int64_t samples, created_ms;
    int64_t changed_ms;      /* when it was done, undone or redone last */
    const char *labels_json; /* label_turn.h; NULL: it did nothing to the label set */
};

struct operation_filter {
    const char *project_id;
    const char *dataset_id, *user; /* NULL: any */
    const char *cursor;            /* from the page before; NULL: first page */
    int64_t limit;                 /* 1..OPERATION_PAGE_MAX */
};
struct operation_page {
    struct operation *operations; /* newest first */
    size_t count;
    const char *cursor; /* for the next page; NULL after the last */
};
/* ERR_INVALID: bad cursor. */
MUST_CHECK bool operations_page(struct db *db, struct arena *arena, const struct operation_filter *filter,
                                struct operation_page *ret, struct error *err);
/* By id or unique prefix in the project. DETAIL_OPERATION_NOT_FOUND, also when it is so old that it was
 * dropped; DETAIL_INVALID_ARGUMENT when it fits several. */
MUST_CHECK bool operation_find(struct db *db, const char *project_id, struct arena *arena,
                               const char *reference, struct operation *ret, struct error *err);

/* What an operation did to one sample. Images are JSON: {"state", "hard", "excluded", "annotations"}; of a
 * sample that was added or removed one is NULL, and the other everything that is stored of it. */
struct operation_sample {
    struct operation operation;
    const char *sample_id, *before_json, *after_json;
    int64_t revision_before, revision_after;
};
/* What happened to a sample, newest first. */
MUST_CHECK bool sample_history(struct db *db, struct arena *arena, const char *sample_id,
                               struct operation_sample **ret, size_t *ret_count, struct error *err);
struct operation_sample_page {
    const char *after; /* the last sample seen; NULL at the beginning */
    int64_t limit;     /* 1..OPERATION_PAGE_MAX */
    struct operation_sample *items;
    size_t count;
};
/* What the operation of this number did, by sample id: fills items and count. */
MUST_CHECK bool operation_samples(struct db *db, struct arena *arena, int64_t number,
                                  struct operation_sample_page *page, struct error *err);

struct operation_undone {
    struct operation operation;
    int64_t done, conflicts;
    const char **conflict_ids; /* the first OPERATION_CONFLICTS_TOLD */
    size_t told;
};
struct operation_turn {
    bool is_redo;
    /* As that of a sample_decision. */
    bool (*finish)(void *state, const struct operation_undone *undone, struct error *err);
    void *finish_state;
};
/* Undoes or redoes what can be, in one transaction. ERR_CONFLICT: it is undone (done) already, or every
 * sample was changed since. */
MUST_CHECK bool operation_turn(struct db *db, struct arena *arena, const struct operation *operation,
                               const struct operation_turn *turn, struct operation_undone *ret,
                               struct error *err);

#endif
