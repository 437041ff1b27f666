/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cursor: where a page ended, as opaque text: the order, the id and the sort key of its last sample. It holds
 * no more than its reader knows, so it is not signed; whatever it says only ever becomes a parameter.
 */
#ifndef DATASET_SAMPLE_CURSOR_H
#define DATASET_SAMPLE_CURSOR_H

#include "dataset/dataset.h"

enum sample_key { SAMPLE_KEY_NUMBER, SAMPLE_KEY_TIME, SAMPLE_KEY_TEXT, SAMPLE_KEY_ID };

struct sample_cursor {
    const char *sort; /* name of the order */
    const char *id;
    enum sample_key key;
    double number; /* by `key` one of these */
    int64_t time_ms;
    const char *text;
};

/* NULL when the arena is full. */
const char *sample_cursor_write(const struct sample_cursor *cursor, struct arena *arena);
/* ERR_INVALID unless it is of the order `sort` with a key of this kind; texts in the arena. */
MUST_CHECK bool sample_cursor_read(const char *text, const char *sort, enum sample_key key,
                                   struct arena *arena, struct sample_cursor *ret, struct error *err);

#endif
