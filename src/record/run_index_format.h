/* SPDX-License-Identifier: Apache-2.0 */
/* The file of a run index: head, rows, texts. For record/ only. */
#ifndef RECORD_RUN_INDEX_FORMAT_H
#define RECORD_RUN_INDEX_FORMAT_H

#include "record/run_index.h"

#define RUN_INDEX_MAGIC "TRMIDX01"
enum { INDEX_ROW_FAILED = 1 };

struct index_head {
    char magic[8];
    uint64_t rows, text_bytes;
    uint32_t classes, type;
};
struct index_row {
    uint64_t text; /* in the texts: source, and of a failed image the error behind it */
    uint32_t source_hash, class_index;
    float score; /* NaN: none */
    uint32_t width, height, boxes, flags, unused;
};
_Static_assert(sizeof(struct index_head) == 32 && sizeof(struct index_row) == 40, "as they lie in the file");

/* Texts: `classes` labels, then those of the rows; each with its NUL. */
uint32_t index_source_hash(const char *source);
/* Appends the file of a run. */
MUST_CHECK bool run_index_make(const struct record_set *set, struct buffer *into, struct error *err);

#endif
