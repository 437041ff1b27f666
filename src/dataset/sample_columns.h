/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Columns: what queries ask of the samples of one dataset, in memory: compressed bitmaps (roaring) of the
 * rows that have a value, and plain columns of numbers. Rows are numbered from 0 and never go away: when
 * samples were removed from the dataset, all is made anew. Made and brought up to date from the database
 * (sample_columns_db.c).
 *
 * Reading is for any number of threads at once, writing for one alone. After a failure of a function that
 * writes the columns must be thrown away.
 */
#ifndef DATASET_SAMPLE_COLUMNS_H
#define DATASET_SAMPLE_COLUMNS_H

#include "dataset/sample_feature.h"
#include "dataset/value_set.h"

enum {
    SAMPLE_ID_BYTES = 16,
    SAMPLE_REASONS = SAMPLE_REASON_MAX + 1,
};
#define SAMPLE_ROW_NONE UINT32_MAX

enum sample_field { FIELD_STATE, FIELD_USAGE, FIELD_ORIGIN, FIELD_ORIGIN_TASK, FIELD_COUNT };

/* What a row is in, so that it can be taken out again. */
struct sample_codes {
    uint32_t reasons;             /* bit per reason */
    uint32_t labels_at;           /* in label_pool; 0: none */
    uint16_t values[FIELD_COUNT]; /* number in `fields` + 1; 0: none */
    bool is_hard, is_excluded;
};

struct sample_columns {
    size_t count, capacity;
    int64_t change; /* all changes of the dataset up to here are in */
    unsigned char (*ids)[SAMPLE_ID_BYTES];
    double *coefficients, *scores;     /* NaN: none; the score is that of the best suggestion */
    double *features[SAMPLE_FEATURES]; /* NaN: the row has none; NULL: no row has */
    int64_t *created_ms;
    struct sample_codes *codes;
    uint32_t *source_rank; /* of rows below `ranked`: place in the order of their sources */
    size_t ranked;
    uint64_t *source_at; /* in `texts`: the source in small letters, then as it is unless that is the same */
    char *texts;
    size_t text_bytes, text_capacity;
    uint32_t *slots; /* by id: row + 1; 0: free */
    size_t slot_count;
    uint32_t *label_pool; /* per row: how many, then number of the label * 2 + is_suggested */
    size_t pool_used, pool_capacity, pool_garbage;
    roaring_bitmap_t *all, *hard, *excluded, *reasons[SAMPLE_REASONS];
    struct value_set fields[FIELD_COUNT], labels;
};

struct sample_columns *sample_columns_new(void); /* NULL: memory is out */
struct sample_columns *sample_columns_free(struct sample_columns *columns);
DEFINE_AUTO(sample_columns)

/* Adds the sample, or replaces what is known of it. ERR_LIMIT past SAMPLE_ROW_NONE rows. */
MUST_CHECK bool sample_columns_put(struct sample_columns *columns, const struct sample *sample,
                                   struct error *err);
/* Ends a run of puts: keeps the order of sources and the memory in shape. */
MUST_CHECK bool sample_columns_settle(struct sample_columns *columns, struct error *err);

/* SAMPLE_ROW_NONE when there is no such sample. */
uint32_t sample_columns_find(const struct sample_columns *columns, const char *id_hex);
void sample_columns_id(const struct sample_columns *columns, uint32_t row, char ret_hex[HASH_HEX_BYTES]);
const char *sample_columns_source(const struct sample_columns *columns, uint32_t row);
size_t sample_columns_bytes(const struct sample_columns *columns);

/* All samples of a dataset. ERR_LIMIT when they need more than `bytes_max`. DETAIL_DATASET_NOT_FOUND. */
MUST_CHECK bool sample_columns_load(struct db *db, const char *dataset_id, size_t bytes_max,
                                    struct sample_columns **ret, struct error *err);
/* The dataset's latest change, and the latest that removed samples: columns that are older than that are to
 * be made anew. DETAIL_DATASET_NOT_FOUND. */
struct sample_changes_seen {
    int64_t changes, removal;
};
MUST_CHECK bool sample_changes_latest(struct db *db, const char *dataset_id, struct sample_changes_seen *ret,
                                      struct error *err);
/* Gives the samples changed after `since` to `take`, page by page, some perhaps twice, until it fails. */
typedef bool sample_page_taker(void *state, const struct sample *samples, size_t count, struct error *err);
MUST_CHECK bool sample_changes_visit(struct db *db, const char *dataset_id, int64_t since,
                                     sample_page_taker *take, void *state, struct error *err);

#endif
