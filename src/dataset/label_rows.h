/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the label set, and what an operation did to it: for those who change it inside a transaction. */
#ifndef DATASET_LABEL_ROWS_H
#define DATASET_LABEL_ROWS_H

#include "dataset/operation_record.h"

MUST_CHECK bool label_row_find(struct db *db, struct arena *arena, const char *dataset_id, const char *name,
                               struct dataset_label *ret, bool *ret_found, struct error *err);
/* A key that another label has by now is left out. */
MUST_CHECK bool label_row_insert(struct db *db, const char *dataset_id, const struct dataset_label *label,
                                 struct error *err);
MUST_CHECK bool label_row_delete(struct db *db, const char *dataset_id, const char *name, struct error *err);
/* A new one at the end, checked; errors point at the member. */
struct label_wish;
MUST_CHECK bool label_insert(struct db *db, struct arena *arena, const char *dataset_id,
                             const struct label_wish *wish, struct error *err);

/* How many samples have the label, in whatever state. */
MUST_CHECK bool label_count_samples(struct db *db, const char *dataset_id, const char *name, int64_t *ret,
                                    struct error *err);

struct label_rename {
    const char *dataset_id, *from, *to;
    int64_t change, now_ms; /* DATASET_NEXT_CHANGE */
};
struct label_renamed {
    int64_t samples, annotations;
};
/* ERR_LIMIT past LABEL_RENAME_MAX. */
MUST_CHECK bool label_rename_check(int64_t samples, const char *name, struct error *err);
/* Of the label and of all its annotations, when they are not too many. */
MUST_CHECK bool label_rename_rows(struct db *db, const struct label_rename *rename, struct label_renamed *ret,
                                  struct error *err);

/* What an operation did: {"from": name, "to": name or null, "gone": row or null} as text. `gone` is the label
 * that left the set; without it and with `to` the operation is a rename when it is one of RENAME_ACTION. */
#define LABEL_ACTION_RENAME "rename_label"
#define LABEL_ACTION_MERGE "merge_labels"
#define LABEL_ACTION_DELETE "delete_label"
struct label_deed {
    const char *from, *to;
    bool has_gone;
    struct dataset_label gone;
};
MUST_CHECK bool label_deed_write(const struct label_deed *deed, struct arena *arena, const char **ret,
                                 struct error *err);
MUST_CHECK bool label_deed_read(const char *text, struct arena *arena, struct label_deed *ret,
                                struct error *err);

#endif
