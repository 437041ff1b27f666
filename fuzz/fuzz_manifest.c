/* SPDX-License-Identifier: Apache-2.0 */
/* A manifest of any bytes: lines are cut, read, written, read again and written again; both writings are
 * equal. The text before the first newline is also tried as a file's path and as a source. */
#include "fuzz_target.h"

#include "base/text.h"
#include "manifest/manifest.h"

#include <stdlib.h>
#include <string.h>

struct stream {
    const uint8_t *bytes;
    size_t left;
};

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Gives pieces of changing small sizes, so that lines lie across them. */
static bool feed(void *state, void *into, size_t capacity, size_t *ret_bytes, struct error *err)
{
    struct stream *stream = state;
    (void)err;
    size_t bytes = stream->left % 61 + 1;
    bytes = bytes < stream->left ? bytes : stream->left;
    bytes = bytes < capacity ? bytes : capacity;
    memcpy(into, stream->bytes, bytes);
    stream->bytes += bytes;
    stream->left -= bytes;
    *ret_bytes = bytes;
    return true;
}

static void try_line(struct bytes line, struct arena *arena, struct buffer *first, struct buffer *second)
{
    struct error err = {0};
    struct manifest_sample sample, back;
    buffer_clear(first);
    buffer_clear(second);
    if (!manifest_line_read(line, arena, &sample, &err))
        return;
    if (!manifest_line_write(&sample, first, &err)) {
        must(err.code == ERR_LIMIT); /* numbers of a property may need more room than they had */
        return;
    }
    must(manifest_line_read((struct bytes){first->data, first->size}, arena, &back, &err));
    must(manifest_line_write(&back, second, &err));
    must(first->size == second->size && memcmp(first->data, second->data, first->size) == 0);
    must(back.annotation_count == sample.annotation_count && strcmp(back.source, sample.source) == 0);
}

static void try_source(const uint8_t *data, size_t size, struct arena *arena)
{
    struct error err = {0};
    char *back = NULL, *decoded = NULL;
    const char *path = arena_text_n(arena, size > 0 ? (const char *)data : "", size);
    const char *source = path ? manifest_source_encode(arena, path) : NULL;
    if (!source)
        return;
    must(text_is_utf8(source, strlen(source)));
    must(!manifest_source_decode(arena, source, &back, &err) || strcmp(back, path) == 0);
    (void)!manifest_source_decode(arena, path, &decoded, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    struct stream stream = {data, size};
    AUTO(arena) arena = arena_new((size_t)2 * MANIFEST_ARENA_BYTES);
    AUTO(manifest_lines) lines = NULL;
    AUTO_BUFFER(first, (size_t)2 * MANIFEST_LINE_MAX_BYTES);
    AUTO_BUFFER(second, (size_t)2 * MANIFEST_LINE_MAX_BYTES);
    if (!arena || !manifest_lines_new(feed, &stream, &lines, &err))
        return 0;
    struct bytes line = {0};
    uint64_t number = 0, last = 0;
    while (manifest_lines_next(lines, &line, &number, &err) && line.data) {
        must(number > last && line.size <= MANIFEST_LINE_MAX_BYTES);
        last = number;
        try_line(line, arena, &first, &second);
        arena_reset(arena);
    }
    const uint8_t *newline = size > 0 ? memchr(data, '\n', size) : NULL;
    try_source(data, newline ? (size_t)(newline - data) : size, arena);
    return 0;
}
