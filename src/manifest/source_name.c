/* SPDX-License-Identifier: Apache-2.0 */
/* Paths as sources: docs/decisions/source-names.md. */
#include "manifest/manifest.h"

#include "base/text.h"

#include <string.h>

static const char file_url[] = "file://";
static const char hex_digits[] = "0123456789ABCDEF";

/* RFC 3986: what a URL's path holds without escape in every implementation, and the slash. */
static bool is_plain(char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
           (byte != '\0' && strchr("-._~/", byte));
}

char *manifest_source_encode(struct arena *arena, const char *path)
{
    size_t bytes = strlen(path);
    if (text_is_utf8(path, bytes) && !text_starts_with(path, file_url))
        return arena_text_n(arena, path, bytes);
    size_t length = strlen(file_url);
    for (const char *at = path; *at; at++)
        length += is_plain(*at) ? 1 : 3;
    char *source = arena_alloc(arena, length + 1);
    if (!source)
        return NULL;
    char *to = source;
    for (const char *at = file_url; *at; at++)
        *to++ = *at;
    for (const char *at = path; *at; at++) {
        if (is_plain(*at)) {
            *to++ = *at;
            continue;
        }
        unsigned char byte = (unsigned char)*at;
        *to++ = '%';
        *to++ = hex_digits[byte >> 4];
        *to++ = hex_digits[byte & 15];
    }
    return source;
}

/* 0..15, or 16 when it is no digit. */
static unsigned hex_value(char digit)
{
    if (digit >= 'a' && digit <= 'f')
        digit = (char)(digit - 'a' + 'A');
    const char *at = digit == '\0' ? NULL : strchr(hex_digits, digit);
    return at ? (unsigned)(at - hex_digits) : 16;
}

bool manifest_source_decode(struct arena *arena, const char *source, char **ret_path, struct error *err)
{
    bool is_url = text_starts_with(source, file_url);
    const char *from = is_url ? source + strlen(file_url) : source;
    char *path = arena_text(arena, from);
    if (!path)
        return error_no_memory(err);
    char *to = path;
    for (; is_url && *from; from++) {
        if (*from != '%') {
            *to++ = *from;
            continue;
        }
        unsigned high = hex_value(from[1]);
        unsigned low = high < 16 ? hex_value(from[2]) : 16;
        if (high > 15 || low > 15 || high + low == 0)
            return error_set_detail(err, DETAIL_BAD_MANIFEST,
                                    "the source '%.200s' has '%.3s' where %%XX with two hex digits, not 00, "
                                    "must stand; write a percent sign of the name itself as %%25",
                                    source, from);
        *to++ = (char)(unsigned char)(high << 4 | low);
        from += 2;
    }
    if (is_url)
        *to = '\0';
    *ret_path = path;
    return true;
}
