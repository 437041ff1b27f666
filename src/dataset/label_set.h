/* SPDX-License-Identifier: Apache-2.0 */
/* Label set: names that surely are in a dataset's set, so that a batch asks for each name once. */
#ifndef DATASET_LABEL_SET_H
#define DATASET_LABEL_SET_H

#include "dataset/dataset.h"

struct label_set {
    struct db *db;
    const char *dataset_id;
    struct arena *arena;
    const char **names; /* sorted */
    size_t count, capacity;
    int64_t total, next_position; /* of the stored set; total -1: not asked yet */
};

/* Texts are borrowed; memory comes from `arena`. Use it inside one transaction. */
void label_set_init(struct label_set *set, struct db *db, const char *dataset_id, struct arena *arena);
MUST_CHECK bool label_set_has(struct label_set *set, const char *name, bool *ret, struct error *err);
/* Adds the label unless it is there. ERR_LIMIT beyond DATASET_LABELS_MAX. */
MUST_CHECK bool label_set_need(struct label_set *set, const char *name, struct error *err);

#endif
