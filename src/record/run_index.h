/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Run index: one short row per image of a run, so that its results can be paged, filtered and looked up
 * without opening shards. Made from the shards of a complete run when it is first asked for, and kept beside
 * them as "results.index"; what is missing, or no index, is made again. Not part of the record format.
 *
 * Threads: immutable once open.
 */
#ifndef RECORD_RUN_INDEX_H
#define RECORD_RUN_INDEX_H

#include "record/record.h"

#define RUN_INDEX_NAME "results.index"
#define RUN_INDEX_MAX_BYTES ((size_t)2 << 30)

struct run_index;
struct run_index_row {
    const char *source;
    const char *error;    /* why it failed; NULL when it did not */
    uint32_t class_index; /* with the best score; UINT32_MAX: failed, or no box */
    double score;         /* of that class; NaN without */
    uint32_t width, height;
    uint32_t boxes; /* detection: of the model's answer */
};

/* `set`: the records in the folder. */
MUST_CHECK bool run_index_open(struct store *store, const char *folder, const struct record_set *set,
                               struct run_index **ret, struct error *err);
struct run_index *run_index_free(struct run_index *index);
uint64_t run_index_count(const struct run_index *index);
uint64_t run_index_bytes(const struct run_index *index);
uint32_t run_index_classes(const struct run_index *index);
const char *run_index_label(const struct run_index *index, uint32_t class_index); /* below classes */
bool run_index_is_detection(const struct run_index *index);
/* Borrowed from the index. */
void run_index_get(const struct run_index *index, uint64_t place, struct run_index_row *ret);
/* The image with this source; UINT64_MAX: there is none. */
uint64_t run_index_find(const struct run_index *index, const char *source);

/* What is looked for. */
struct run_index_filter {
    uint32_t class_index;        /* UINT32_MAX: any */
    double score_min, score_max; /* of the best class; NaN: any */
    int is_failed;               /* 0, 1; -1: either */
};
/* The first row from `from` on that passes; the count when there is none. */
uint64_t run_index_next(const struct run_index *index, const struct run_index_filter *filter, uint64_t from);

DEFINE_AUTO(run_index)

#endif
