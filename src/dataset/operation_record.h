/* SPDX-License-Identifier: Apache-2.0 */
/* Writing an operation down while it is done, inside its transaction. */
#ifndef DATASET_OPERATION_RECORD_H
#define DATASET_OPERATION_RECORD_H

#include "dataset/operation.h"
#include "dataset/sample_change.h"

struct operation_record {
    struct operation operation; /* user, decided_by and action are the caller's, and id unless it is NULL */
    char id[HASH_HEX_BYTES];
    struct arena *arena;    /* for what is kept until the end */
    int64_t samples_before; /* of all operations until now */
    int64_t recorded;       /* samples, as the operation's row has it */
    bool is_of_several;     /* datasets */
};
/* Before and after of samples that are being changed, at most DB_MANY_MAX. The first call makes the
 * operation; images of another dataset make it one of several. A sample that comes again keeps its first
 * `before`. */
struct operation_images {
    const char *project_id, *dataset_id;
    const struct sample_change *before, *after;
    size_t count;
};
MUST_CHECK bool operation_record(struct operation_record *record, struct db *db, struct arena *scratch,
                                 const struct operation_images *images, struct error *err);
/* The same of samples that have just been added, or are about to be removed: undo removes the former, as long
 * as they are as they were added, and brings the latter back. Of one dataset only. */
struct operation_presence {
    const char *project_id, *dataset_id;
    const struct sample *samples;
    size_t count;
    bool is_removal;
};
MUST_CHECK bool operation_record_presence(struct operation_record *record, struct db *db,
                                          struct arena *scratch, const struct operation_presence *presence,
                                          struct error *err);
/* What it does to the label set (label_rows.h), as text that stays until the end; once, before or after what
 * it does to samples. An operation may do nothing else. */
MUST_CHECK bool operation_record_labels(struct operation_record *record, struct db *db,
                                        struct arena *scratch, const struct operation_images *of,
                                        const char *labels_json, struct error *err);
/* Ends it, and drops the oldest beyond what is kept. *ret_id is NULL when nothing was recorded. */
MUST_CHECK bool operation_record_end(struct operation_record *record, struct db *db, const char **ret_id,
                                     struct error *err);

#endif
