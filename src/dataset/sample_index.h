/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Index: what makes pages, counts and facets fast at a million samples. A server keeps the columns of its
 * datasets in memory, built when they are first asked for and brought up to date before each answer by the
 * change counter of the dataset: whoever wrote sees it in the next answer, whichever process or machine
 * wrote. The least recently used make room.
 *
 * Everything here works without an index too (`index` NULL in the scope): pages and ids come from SQL, facets
 * from columns that are made for the call; and so it is for a dataset that does not fit.
 */
#ifndef DATASET_SAMPLE_INDEX_H
#define DATASET_SAMPLE_INDEX_H

#include "dataset/sample_facets.h"

enum { SAMPLE_FACET_LABELS_MAX = 1000 };
/* Of all datasets together; about 160 bytes a sample with a source of 40. */
#define SAMPLE_INDEX_MAX_BYTES ((size_t)2 * 1024 * 1024 * 1024)

/* Any number of threads may use it, each with its own database handle. */
struct sample_index;
/* NULL: memory is out. */
struct sample_index *sample_index_new(size_t bytes_max);
struct sample_index *
sample_index_free(struct sample_index *index); /* accepts NULL; nobody uses it any more */
DEFINE_AUTO(sample_index)

/* Where to look: `index` may be NULL. */
struct sample_scope {
    struct sample_index *index;
    struct db *db;
    const char *dataset_id;
};

struct sample_found {
    struct sample *samples;
    size_t count;
    const char *cursor; /* for the next page; NULL after the last */
    int64_t total;      /* all that match, whatever the page */
};
/* As samples_page and samples_count. Each sample matched when the page was chosen, and is shown as it was
 * read a moment later; one that was deleted between is left out. Walking from cursor to cursor shows each
 * sample that matches throughout and keeps its place exactly once. */
MUST_CHECK bool samples_search(const struct sample_scope *scope, struct arena *arena,
                               const struct sample_filter *filter, struct sample_found *ret,
                               struct error *err);

/* Ids only: the filter's limit goes up to DATASET_DECIDE_MAX. */
MUST_CHECK bool samples_search_ids(const struct sample_scope *scope, struct arena *arena,
                                   const struct sample_filter *filter, struct sample_ids *ret,
                                   struct error *err);

/* `labels_max`: 0 to SAMPLE_FACET_LABELS_MAX. The filter's cursor, order and limit do not matter. ERR_LIMIT
 * when the dataset does not fit into SAMPLE_INDEX_MAX_BYTES. */
MUST_CHECK bool samples_facets(const struct sample_scope *scope, struct arena *arena,
                               const struct sample_filter *filter, size_t labels_max,
                               struct sample_facets *ret, struct error *err);

/* Which tasks brought the samples, counted from bitmaps; `limit`: 1 to SAMPLE_SOURCES_MAX. ERR_LIMIT: as
 * samples_facets. */
MUST_CHECK bool samples_sources(const struct sample_scope *scope, struct arena *arena, size_t limit,
                                struct sample_sources *ret, struct error *err);

struct sample_index_figures {
    size_t datasets, samples, bytes;
};
/* Of what is in memory now. */
struct sample_index_figures sample_index_figures(struct sample_index *index);

#endif
