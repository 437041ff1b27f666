/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Label edit: making, renaming, merging and deleting the labels of a dataset. Published versions are files
 * and keep the names that they were written with.
 *
 * A rename changes the label, wherever it stands: all annotations of the name, suggested and confirmed ones,
 * of excluded samples too. It is written down as one change of the label, not sample by sample, and undo
 * gives the name back to whatever has the new one then. Merging and deleting change samples, and are
 * operations with what was there before and after of each (operation.h). Undo also brings the label back into
 * the set with colour, key and place; redo takes it out again once no sample has it.
 *
 * A sample that is left without any annotation is unlabeled, with boxes as with classes: nobody said that
 * there is nothing in the image. Its hard mark stays.
 */
#ifndef DATASET_LABEL_EDIT_H
#define DATASET_LABEL_EDIT_H

#include "dataset/dataset.h"
#include "dataset/label_check.h"

enum {
    LABEL_RENAME_MAX = 1000000, /* samples of one rename: others who want to write wait as long as it takes */
    LABEL_CHANGE_MAX = DATASET_DECIDE_MAX, /* samples of one merge or deletion */
};

/* Texts as people give them: NULL leaves what is there, "" takes it away. */
struct label_wish {
    const char *name, *color, *shortcut;
    const char *attributes_json; /* of label_attributes_read; "": none */
};
/* At the end of the set. Errors point at the member: DETAIL_LABEL_EXISTS; ERR_CONFLICT names the label that
 * has the shortcut; ERR_LIMIT past DATASET_LABELS_MAX. */
MUST_CHECK bool label_create(struct db *db, struct arena *arena, const char *dataset_id,
                             const struct label_wish *wish, struct error *err);
/* A dataset with these labels, in their order; one that fails makes none. Errors point into /label_set. */
MUST_CHECK bool dataset_create_with(struct db *db, struct arena *arena, const struct dataset_new *request,
                                    const struct label_wish *wishes, size_t count, struct dataset *ret,
                                    struct error *err);
/* DETAIL_LABEL_NOT_FOUND. */
MUST_CHECK bool label_find(struct db *db, struct arena *arena, const char *dataset_id, const char *name,
                           struct dataset_label *ret, struct error *err);

/* What became of the label and of the samples that have it. */
struct label_done {
    int64_t samples;      /* changed or removed */
    int64_t annotations;  /* renamed or dropped */
    int64_t duplicates;   /* of these: dropped in a merge, the sample has the other class already */
    int64_t unlabeled;    /* samples left without any annotation */
    int64_t removed;      /* samples that are not in the dataset any more */
    int64_t left;         /* samples that still have it: more than the limit. The label stays in the set */
    const char **sources; /* of those removed; with LABEL_DELETE_FILES only */
    size_t source_count;
    const char *operation_id; /* NULL: nothing changed, or a preview */
};
/* Who does it, and what is done last in its transaction, as in a sample_decision. */
struct label_author {
    const char *decided_by, *user;
    bool (*finish)(void *state, const struct label_done *done, struct error *err);
    void *state;
};

/* With another name it renames: DETAIL_LABEL_EXISTS when the set has that; ERR_LIMIT past LABEL_RENAME_MAX.
 * A preview counts and changes nothing. */
struct label_edit {
    const struct dataset *dataset;
    const char *name;
    struct label_wish wish;
    bool is_preview;
    struct label_author author;
};
MUST_CHECK bool label_edit(struct db *db, struct arena *arena, const struct label_edit *edit,
                           struct label_done *ret, struct error *err);

enum label_policy {
    LABEL_DELETE_LABEL,   /* its annotations go; policy 0 of ModelArts */
    LABEL_DELETE_SAMPLES, /* labeled samples that have only this label leave the dataset, too; 1 */
    LABEL_DELETE_FILES,   /* the caller also deletes their files; 2 */
};
struct label_move {
    const struct dataset *dataset;
    const char *name;
    const char *into; /* annotations become those of this label; NULL: they are deleted */
    enum label_policy policy;
    int64_t limit; /* at most so many samples, by id; 0: all, ERR_LIMIT past LABEL_CHANGE_MAX */
    bool is_preview;
    struct label_author author;
};
/* A sample with both as classes has the other once; boxes are all kept. One transaction. */
MUST_CHECK bool label_move(struct db *db, struct arena *arena, const struct label_move *move,
                           struct label_done *ret, struct error *err);

#endif
