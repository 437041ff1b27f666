/* SPDX-License-Identifier: Apache-2.0 */
#include "manifest/manifest.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHUNK_BYTES = 64 * 1024,
    FRAME_BYTES = 4, /* of a line, around its content: byte order mark and '\r' */
};

struct manifest_lines {
    manifest_feed *read;
    void *state;
    char *data; /* bytes start..end are read and not yet given out */
    size_t start, end, capacity;
    size_t searched; /* no newline in start..searched */
    uint64_t number; /* of the last line given out or skipped */
    bool is_at_end;
};

bool manifest_lines_new(manifest_feed *read, void *state, struct manifest_lines **ret, struct error *err)
{
    AUTO(manifest_lines) lines = calloc(1, sizeof(*lines));
    if (!lines)
        return error_no_memory(err);
    *lines = (struct manifest_lines){.read = read, .state = state, .capacity = CHUNK_BYTES};
    lines->data = malloc(lines->capacity);
    if (!lines->data)
        return error_no_memory(err);
    *ret = TAKE(lines);
    return true;
}

struct manifest_lines *manifest_lines_free(struct manifest_lines *lines)
{
    if (lines)
        free(lines->data);
    free(lines);
    return NULL;
}

/* Moves what is left to the front and grows the memory when even so there is no room. */
static bool make_room(struct manifest_lines *lines, struct error *err)
{
    size_t left = lines->end - lines->start;
    memmove(lines->data, lines->data + lines->start, left);
    lines->searched -= lines->start;
    lines->start = 0;
    lines->end = left;
    if (lines->capacity - left >= CHUNK_BYTES / 2)
        return true;
    char *data = realloc(lines->data, lines->capacity * 2);
    if (!data)
        return error_no_memory(err);
    lines->data = data;
    lines->capacity *= 2;
    return true;
}

static bool read_more(struct manifest_lines *lines, struct error *err)
{
    size_t bytes = 0;
    size_t room = lines->capacity - lines->end;
    if (!lines->read(lines->state, lines->data + lines->end, room, &bytes, err))
        return false;
    assert(bytes <= room);
    lines->end += bytes;
    lines->is_at_end = bytes == 0;
    return true;
}

static bool too_long(const struct manifest_lines *lines, struct error *err)
{
    return error_set(err, ERR_LIMIT, "line %" PRIu64 " is longer than %d bytes, the limit of one line",
                     lines->number + 1, MANIFEST_LINE_MAX_BYTES);
}

/* The next line, raw, with its newline when it has one; empty at the end. */
static bool next_raw(struct manifest_lines *lines, struct bytes *ret, struct error *err)
{
    for (;;) {
        const char *from = lines->data + lines->searched;
        const char *newline = memchr(from, '\n', lines->end - lines->searched);
        if (newline || lines->is_at_end) {
            size_t stop = newline ? (size_t)(newline - lines->data) + 1 : lines->end;
            *ret = (struct bytes){lines->data + lines->start, stop - lines->start};
            return true;
        }
        lines->searched = lines->end;
        if (lines->end - lines->start > MANIFEST_LINE_MAX_BYTES + FRAME_BYTES)
            return too_long(lines, err);
        if (!make_room(lines, err) || !read_more(lines, err))
            return false;
    }
}

/* Without newline, '\r' and, in the first line, the byte order mark. */
static struct bytes content_of(struct bytes raw, bool is_first)
{
    const char *text = raw.data;
    size_t size = raw.size;
    if (size > 0 && text[size - 1] == '\n') {
        size--;
        if (size > 0 && text[size - 1] == '\r')
            size--;
    }
    if (is_first && size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        text += 3, size -= 3;
    return (struct bytes){text, size};
}

static bool is_blank(struct bytes line)
{
    const char *text = line.data;
    for (size_t i = 0; i < line.size; i++)
        if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
            return false;
    return true;
}

bool manifest_lines_next(struct manifest_lines *lines, struct bytes *ret_line, uint64_t *ret_number,
                         struct error *err)
{
    for (;;) {
        struct bytes raw = {0};
        if (!next_raw(lines, &raw, err))
            return false;
        if (raw.size == 0) {
            *ret_line = (struct bytes){NULL, 0};
            *ret_number = lines->number;
            return true;
        }
        struct bytes line = content_of(raw, lines->number == 0);
        if (line.size > MANIFEST_LINE_MAX_BYTES)
            return too_long(lines, err);
        lines->start += raw.size;
        lines->searched = lines->start;
        lines->number++;
        if (is_blank(line))
            continue;
        *ret_line = line;
        *ret_number = lines->number;
        return true;
    }
}
