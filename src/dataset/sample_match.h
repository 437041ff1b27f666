/* SPDX-License-Identifier: Apache-2.0 */
/* Match: a query answered from columns in memory: bitmaps of rows, pages of them, counts by value. */
#ifndef DATASET_SAMPLE_MATCH_H
#define DATASET_SAMPLE_MATCH_H

#include "dataset/sample_columns.h"
#include "dataset/sample_facets.h"
#include "dataset/sample_order.h"
#include "dataset/sample_query.h"

/* A new bitmap of the rows among `within` that the term takes; the caller frees it with roaring_bitmap_free.
 * ERR_NO_MEMORY. */
MUST_CHECK bool sample_match(const struct sample_columns *columns, const struct sample_term *term,
                             const roaring_bitmap_t *within, roaring_bitmap_t **ret, struct error *err);

struct sample_rows_wish {
    const struct sample_order *order;
    const char *cursor; /* NULL: from the start */
    size_t offset;      /* rows left out before the first; not with a cursor */
    size_t limit;
};
struct sample_rows {
    uint32_t *rows;
    size_t count;
    const char *cursor; /* for the next rows; NULL after the last */
};
/* The first rows among `hits` after the cursor or the offset, in order, in the arena. ERR_INVALID: bad
 * cursor. */
MUST_CHECK bool sample_match_page(const struct sample_columns *columns, const roaring_bitmap_t *hits,
                                  const struct sample_rows_wish *wish, struct arena *arena,
                                  struct sample_rows *ret, struct error *err);

/* Counts as sample_facets.h says; `all` is a filter's TERM_AND. */
MUST_CHECK bool sample_match_facets(const struct sample_columns *columns, const struct sample_term *all,
                                    size_t labels_max, struct arena *arena, struct sample_facets *ret,
                                    struct error *err);

/* `limit`: at most so many. */
MUST_CHECK bool sample_match_sources(const struct sample_columns *columns, size_t limit, struct arena *arena,
                                     struct sample_sources *ret, struct error *err);

#endif
