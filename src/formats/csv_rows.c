/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/csv_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { END = -1 };

bool csv_rows_start(struct csv_rows *rows, manifest_feed *feed, void *state, struct error *err)
{
    *rows = (struct csv_rows){.feed = feed, .state = state, .chunk = malloc(CSV_CHUNK_BYTES), .line = 1};
    buffer_init(&rows->text, CSV_ROW_MAX_BYTES);
    return rows->chunk || error_no_memory(err);
}

void csv_rows_release(struct csv_rows *rows)
{
    free(rows->chunk);
    rows->chunk = NULL;
    buffer_release(&rows->text);
}

static bool peek(struct csv_rows *rows, int *ret, struct error *err)
{
    if (rows->at == rows->end) {
        rows->at = rows->end = 0;
        if (!rows->feed(rows->state, rows->chunk, CSV_CHUNK_BYTES, &rows->end, err))
            return false;
    }
    *ret = rows->end > 0 ? (unsigned char)rows->chunk[rows->at] : END;
    return true;
}

static bool bad(const struct csv_rows *rows, const char *what, struct error *err)
{
    return error_set(err, ERR_INVALID, "line %" PRIu64 ": %s", rows->line, what);
}

static bool add_byte(struct csv_rows *rows, int byte, struct error *err)
{
    const char one = (char)byte;
    if (byte == '\0')
        return bad(rows, "there is a U+0000 in it", err);
    return buffer_add(&rows->text, &one, 1) ||
           error_set(err, ERR_LIMIT, "line %" PRIu64 ": a row is longer than %d bytes", rows->line,
                     CSV_ROW_MAX_BYTES);
}

/* After the first quote. */
static bool read_quoted(struct csv_rows *rows, struct error *err)
{
    for (;;) {
        int next = 0;
        if (!peek(rows, &next, err))
            return false;
        if (next == END)
            return bad(rows, "a quote is not closed", err);
        rows->at++;
        if (next == '"') {
            if (!peek(rows, &next, err))
                return false;
            if (next != '"')
                return true;
            rows->at++;
        }
        rows->line += next == '\n';
        if (!add_byte(rows, next, err))
            return false;
    }
}

static bool read_plain(struct csv_rows *rows, struct error *err)
{
    for (;;) {
        int next = 0;
        if (!peek(rows, &next, err))
            return false;
        if (next == END || next == ',' || next == '\n' || next == '\r')
            return true;
        if (next == '"')
            return bad(rows, "a quote stands within a field that does not begin with one", err);
        rows->at++;
        if (!add_byte(rows, next, err))
            return false;
    }
}

static bool read_field(struct csv_rows *rows, struct error *err)
{
    int next = 0;
    if (!peek(rows, &next, err))
        return false;
    if (next != '"')
        return read_plain(rows, err);
    rows->at++;
    return read_quoted(rows, err);
}

/* What comes after a field; *ret_more: another one. */
static bool read_separator(struct csv_rows *rows, bool *ret_more, struct error *err)
{
    int next = 0;
    *ret_more = false;
    if (!peek(rows, &next, err))
        return false;
    if (next == '\r') {
        rows->at++;
        if (!peek(rows, &next, err))
            return false;
        if (next != '\n' && next != END)
            return bad(rows, "a carriage return is not the end of the line", err);
    }
    if (next == END)
        return true;
    if (next != ',' && next != '\n')
        return bad(rows, "something follows a closing quote", err);
    rows->at++;
    rows->line += next == '\n';
    *ret_more = next == ',';
    return true;
}

/* Blank lines, and the mark at the start of the stream. */
static bool skip_blank(struct csv_rows *rows, struct error *err)
{
    static const unsigned char mark[] = {0xEF, 0xBB, 0xBF};
    int next = 0;
    for (size_t i = 0; i < sizeof(mark) && rows->line == 1; i++) {
        if (!peek(rows, &next, err))
            return false;
        if (next != mark[i])
            break;
        rows->at++;
    }
    for (;;) {
        if (!peek(rows, &next, err))
            return false;
        if (next != '\n' && next != '\r')
            return true;
        rows->line += next == '\n';
        rows->at++;
    }
}

bool csv_rows_next(struct csv_rows *rows, struct csv_row *ret, struct error *err)
{
    int next = 0;
    bool is_more = true;
    buffer_clear(&rows->text);
    if (!skip_blank(rows, err) || !peek(rows, &next, err))
        return false;
    *ret = (struct csv_row){.line = rows->line};
    if (next == END)
        return true;
    while (is_more) {
        if (ret->count == CSV_FIELDS_MAX)
            return error_set(err, ERR_LIMIT, "line %" PRIu64 ": more than %d fields", rows->line,
                             CSV_FIELDS_MAX);
        rows->starts[ret->count++] = rows->text.size;
        if (!read_field(rows, err))
            return false;
        if (!buffer_add(&rows->text, "", 1))
            return error_set(err, ERR_LIMIT, "line %" PRIu64 ": a row is longer than %d bytes", rows->line,
                             CSV_ROW_MAX_BYTES);
        if (!read_separator(rows, &is_more, err))
            return false;
    }
    for (size_t i = 0; i < ret->count; i++)
        ret->fields[i] = rows->text.data + rows->starts[i];
    return true;
}

void csv_add_field(struct buffer *into, const char *text, bool is_first)
{
    if (!is_first)
        (void)buffer_add_text(into, ",");
    if (!strpbrk(text, "\",\r\n") && text[0] != ' ' && text[0] != '\xEF') {
        (void)buffer_add_text(into, text);
        return;
    }
    (void)buffer_add_text(into, "\"");
    for (const char *at = text; *at; at++)
        (void)buffer_add(into, *at == '"' ? "\"\"" : at, *at == '"' ? 2 : 1);
    (void)buffer_add_text(into, "\"");
}
