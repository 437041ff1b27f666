/* SPDX-License-Identifier: Apache-2.0 */
/* Where: a query as SQL, for a sample `s`. */
#ifndef DATASET_SAMPLE_WHERE_H
#define DATASET_SAMPLE_WHERE_H

#include "dataset/sample_query.h"

/* A statement made of constant pieces and the numbers of its parameters. */
struct statement {
    struct buffer *sql;
    struct db_value values[DB_ARGS_MAX];
    size_t count;
    struct arena *arena; /* of texts that the values point to */
};

void statement_add(struct statement *statement, const char *piece);
/* `before`, the parameter, `after`. */
void statement_add_value(struct statement *statement, const char *before, struct db_value value,
                         const char *after);
struct db_args statement_args(const struct statement *statement);
/* " FROM sample s WHERE s.dataset_id = $N AND …". A term is true or false, never NULL, so that NOT means what
 * it says. ERR_INVALID and ERR_LIMIT: as sample_filter_term. */
MUST_CHECK bool statement_add_filter(struct statement *statement, const char *dataset_id,
                                     const struct sample_filter *filter, struct error *err);

#endif
