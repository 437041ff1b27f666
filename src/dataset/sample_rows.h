/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of samples with their annotations: one SELECT for both, so that they always belong together. */
#ifndef DATASET_SAMPLE_ROWS_H
#define DATASET_SAMPLE_ROWS_H

#include "dataset/dataset.h"

/* The SELECT reads SAMPLE_ROW_COLUMNS from a sample `s` left joined with its annotations `a`; the rows of a
 * sample follow each other, by position. The long texts come with the first of them only. */
#define SAMPLE_ROW_COLUMNS                                                                                   \
    "s.id, s.dataset_id, s.source, s.state, s.usage, s.content_hash, s.width, s.height, s.is_hard, "         \
    "s.hard_coefficient, s.hard_reasons, CASE WHEN a.position > 0 THEN NULL ELSE s.evidence_json END, "      \
    "s.origin, s.origin_task, CASE WHEN a.position > 0 THEN NULL ELSE s.metadata_json END, s.is_excluded, "  \
    "s.revision, s.created_ms, s.updated_ms, a.name, a.shape_json, a.is_suggested, a.confidence, "           \
    "a.annotated_by, a.property_json, a.created_ms"
#define SAMPLE_ROW_JOIN " s LEFT JOIN annotation a ON a.sample_id = s.id "

/* Collects rows into at most `max` samples (more is a bug of the caller's LIMIT). */
MUST_CHECK bool sample_rows_collect(struct db_rows *rows, struct arena *arena, size_t max,
                                    struct sample **ret, size_t *ret_count, struct error *err);
/* By whole id. */
MUST_CHECK bool sample_load(struct db *db, struct arena *arena, const char *id, struct sample *ret,
                            bool *ret_found, struct error *err);
/* By whole ids, at most DB_MANY_MAX: ret[i] is the sample of ids[i], the same one for an id that comes again,
 * NULL when there is none. */
MUST_CHECK bool samples_stored(struct db *db, struct arena *arena, const char *const *ids, size_t count,
                               struct sample **ret, struct error *err);
/* A page of ids; limit up to DATASET_DECIDE_MAX. The total is left as it is. */
MUST_CHECK bool samples_page_ids(struct db *db, struct arena *arena, const char *dataset_id,
                                 const struct sample_filter *filter, struct sample_ids *ret,
                                 struct error *err);
/* By whole ids, in their order; those that are gone are left out. */
MUST_CHECK bool samples_load(struct db *db, struct arena *arena, struct param_list ids, struct sample **ret,
                             size_t *ret_count, struct error *err);

/* The same for the ids alone: which of them are there. */
MUST_CHECK bool samples_exist(struct db *db, struct arena *arena, const char *const *ids, size_t count,
                              bool *ret, struct error *err);

/* What belongs to one sample. */
struct sample_annotations {
    const char *sample_id;
    const struct annotation *annotations;
    size_t count;
};
/* Inside the caller's transaction. Annotations without a time get `now_ms`. */
MUST_CHECK bool annotations_insert(struct db *db, struct arena *arena, const struct sample_annotations *sets,
                                   size_t count, int64_t now_ms, struct error *err);
MUST_CHECK bool annotations_replace(struct db *db, struct arena *arena, const struct sample_annotations *sets,
                                    size_t count, int64_t now_ms, struct error *err);

/* The change counter: each transaction that writes samples gives them the number DATASET_NEXT_CHANGE, read
 * from `dataset` at its beginning, and calls dataset_touch before it commits. Transactions that write come
 * one after the other, so whoever has seen change N has missed none below. */
#define DATASET_NEXT_CHANGE "changes + 1"
/* Counts the change and says when it was; inside the caller's transaction. */
MUST_CHECK bool dataset_touch(struct db *db, const char *dataset_id, int64_t now_ms, struct error *err);

#endif
