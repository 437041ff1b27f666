/* SPDX-License-Identifier: Apache-2.0 */
/* CSV: rows of RFC 4180 out of a stream, and their quoting. Pure. For formats/ only. */
#ifndef FORMATS_CSV_ROWS_H
#define FORMATS_CSV_ROWS_H

#include "formats/format_parts.h"

enum { CSV_ROW_MAX_BYTES = 1024 * 1024, CSV_FIELDS_MAX = 256, CSV_CHUNK_BYTES = 64 * 1024 };

struct csv_row {
    const char *fields[CSV_FIELDS_MAX]; /* borrowed until the next row */
    size_t count;                       /* 0: the end */
    uint64_t line;                      /* where it begins, from 1 */
};
/* Rows of a stream. Commas between fields; line ends \n, \r\n; a byte order mark and blank lines are skipped.
 */
struct csv_rows {
    manifest_feed *feed;
    void *state;
    char *chunk;
    size_t at, end;
    struct buffer text;
    size_t starts[CSV_FIELDS_MAX];
    uint64_t line;
};
/* Release also after a failure. */
MUST_CHECK bool csv_rows_start(struct csv_rows *rows, manifest_feed *feed, void *state, struct error *err);
void csv_rows_release(struct csv_rows *rows);
/* ERR_INVALID names the line: a quote in the middle, none at the end, U+0000; ERR_LIMIT a limit above. After
 * a failure nothing more can be read. */
MUST_CHECK bool csv_rows_next(struct csv_rows *rows, struct csv_row *ret, struct error *err);

/* Appends one field, quoted where it must be. */
void csv_add_field(struct buffer *into, const char *text, bool is_first);

#endif
