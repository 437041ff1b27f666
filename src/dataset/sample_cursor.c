/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/sample_cursor.h"

#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    ID_BYTES = HASH_HEX_BYTES - 1,
    PLAIN_MAX_BYTES = SAMPLE_SOURCE_MAX_BYTES + 100,
    CURSOR_MAX_BYTES = PLAIN_MAX_BYTES / 3 * 4 + 8,
};

static const char *key_text(const struct sample_cursor *cursor, struct arena *arena)
{
    switch (cursor->key) {
    case SAMPLE_KEY_NUMBER:
        return arena_printf(arena, "%a", cursor->number);
    case SAMPLE_KEY_TIME:
        return arena_printf(arena, "%" PRId64, cursor->time_ms);
    case SAMPLE_KEY_TEXT:
        return cursor->text;
    case SAMPLE_KEY_ID:
        break;
    }
    return "";
}

/* The key comes last, because a source may hold any character. */
const char *sample_cursor_write(const struct sample_cursor *cursor, struct arena *arena)
{
    const char *key = key_text(cursor, arena);
    const char *plain = key ? arena_printf(arena, "%s\n%s\n%s", cursor->sort, cursor->id, key) : NULL;
    if (!plain)
        return NULL;
    size_t bytes = strlen(plain);
    size_t room = sodium_base64_encoded_len(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = arena_alloc(arena, room);
    return text ? sodium_bin2base64(text, room, (const unsigned char *)plain, bytes,
                                    sodium_base64_VARIANT_URLSAFE_NO_PADDING)
                : NULL;
}

static bool read_number(const char *text, double *ret)
{
    char *end = NULL;
    *ret = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*ret);
}

static bool read_time(const char *text, int64_t *ret)
{
    struct error ignored;
    uint64_t count = 0;
    if (!text_to_count(text, "time", 0, INT64_MAX, &count, &ignored))
        return false;
    *ret = (int64_t)count;
    return true;
}

static bool read_key(const char *text, struct sample_cursor *cursor)
{
    switch (cursor->key) {
    case SAMPLE_KEY_NUMBER:
        return read_number(text, &cursor->number);
    case SAMPLE_KEY_TIME:
        return read_time(text, &cursor->time_ms);
    case SAMPLE_KEY_TEXT:
        cursor->text = text;
        return text_is_utf8(text, strlen(text));
    case SAMPLE_KEY_ID:
        break;
    }
    return text[0] == '\0';
}

/* Cuts "sort\nid\nkey" in place. */
static bool read_plain(char *plain, const char *sort, struct sample_cursor *cursor)
{
    char *id = strchr(plain, '\n');
    char *key = id ? strchr(id + 1, '\n') : NULL;
    if (!key || key - id - 1 != ID_BYTES)
        return false;
    *id++ = *key++ = '\0';
    cursor->sort = plain;
    cursor->id = id;
    return strcmp(plain, sort) == 0 && strspn(id, "0123456789abcdef") == ID_BYTES && read_key(key, cursor);
}

bool sample_cursor_read(const char *text, const char *sort, enum sample_key key, struct arena *arena,
                        struct sample_cursor *ret, struct error *err)
{
    struct sample_cursor cursor = {.key = key};
    size_t bytes = strlen(text), plain_bytes = 0;
    char *plain = bytes <= CURSOR_MAX_BYTES ? arena_alloc(arena, bytes + 1) : NULL;
    bool is_base64 =
        plain && sodium_base642bin((unsigned char *)plain, bytes, text, bytes, NULL, &plain_bytes, NULL,
                                   sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
    bool is_text = is_base64 && strlen(plain) == plain_bytes;
    if (!is_text || !read_plain(plain, sort, &cursor))
        return error_set(err, ERR_INVALID, "the cursor is not one that a page sorted by '%s' gave", sort);
    *ret = cursor;
    return true;
}
