/* SPDX-License-Identifier: Apache-2.0 */
/* Row list: all rows of a SELECT as an array in an arena. */
#ifndef DATASET_ROW_LIST_H
#define DATASET_ROW_LIST_H

#include "db/db.h"

struct row_kind {
    const struct db_column *columns;
    size_t size; /* of the struct that a row fills */
};
/* ERR_LIMIT when the arena is too small for them. *ret is an array of that struct, also when empty. */
MUST_CHECK bool row_list_select(struct db *db, struct arena *arena, const char *sql, struct db_args args,
                                const struct row_kind *kind, void **ret, size_t *ret_count,
                                struct error *err);

#endif
