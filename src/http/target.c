/* SPDX-License-Identifier: Apache-2.0 */
#include "http/target.h"

#include "base/text.h"

#include <string.h>

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

static bool is_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return true;
    return false;
}

/* One part between separators. */
static bool decode(const char *from, size_t bytes, bool is_query, struct arena *arena, const char **ret,
                   struct error *err)
{
    char *text = arena_alloc(arena, bytes + 1);
    size_t used = 0;
    if (!text)
        return error_no_memory(err);
    for (size_t i = 0; i < bytes; i++) {
        char c = from[i];
        if (is_query && c == '+')
            c = ' ';
        if (from[i] == '%') {
            int high = bytes - i > 2 ? hex_value(from[i + 1]) : -1;
            int low = bytes - i > 2 ? hex_value(from[i + 2]) : -1;
            if (high < 0 || low < 0)
                return error_set(err, ERR_INVALID, "the request's target has a bad escape at '%.20s'",
                                 from + i);
            c = (char)(high * 16 + low);
            i += 2;
        }
        text[used++] = c;
    }
    text[used] = '\0';
    if (strlen(text) != used || !text_is_utf8(text, used) || (!is_query && is_control(text)))
        return error_set(err, ERR_INVALID,
                         "the request's target holds control characters, or what is not UTF-8");
    *ret = text;
    return true;
}

static bool is_dots(const char *segment)
{
    return strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0;
}

static bool parse_path(const char *raw, size_t bytes, struct arena *arena, struct http_target *target,
                       struct error *err)
{
    size_t at = 1;
    if (bytes == 0 || raw[0] != '/')
        return error_set(err, ERR_INVALID, "the request's target must be a path that begins with a slash");
    while (at < bytes) {
        size_t length = 0;
        while (at + length < bytes && raw[at + length] != '/')
            length++;
        if (target->segment_count == HTTP_PATH_SEGMENTS_MAX)
            return error_set(err, ERR_LIMIT, "the path has more than %d segments", HTTP_PATH_SEGMENTS_MAX);
        const char **segment = &target->segments[target->segment_count];
        if (!decode(raw + at, length, false, arena, segment, err))
            return false;
        if (length == 0 || at + length + 1 == bytes || is_dots(*segment))
            return error_set(err, ERR_INVALID, "the path has an empty segment, or one of dots only");
        target->segment_count++;
        at += length + 1;
    }
    return true;
}

static bool parse_query(const char *raw, struct arena *arena, struct http_target *target, struct error *err)
{
    while (*raw) {
        size_t bytes = strcspn(raw, "&"), name_bytes = strcspn(raw, "&=");
        bool has_value = name_bytes < bytes;
        struct http_pair *pair = &target->query[target->query_count];
        if (target->query_count == HTTP_QUERY_MAX)
            return error_set(err, ERR_LIMIT, "the query has more than %d parameters", HTTP_QUERY_MAX);
        if (!decode(raw, name_bytes, true, arena, &pair->name, err) ||
            !decode(raw + name_bytes + has_value, bytes - name_bytes - has_value, true, arena, &pair->value,
                    err))
            return false;
        target->query_count += bytes > 0;
        raw += bytes + (raw[bytes] == '&');
    }
    return true;
}

bool http_target_parse(const char *raw, struct arena *arena, struct http_target *ret, struct error *err)
{
    struct http_target *target = arena_alloc(arena, sizeof(*target));
    size_t path_bytes = strcspn(raw, "?#");
    if (!target)
        return error_no_memory(err);
    if (strchr(raw, '#'))
        return error_set(err, ERR_INVALID, "the request's target has a fragment");
    if (!parse_path(raw, path_bytes, arena, target, err) ||
        (raw[path_bytes] == '?' && !parse_query(raw + path_bytes + 1, arena, target, err)))
        return false;
    *ret = *target;
    return true;
}

const char *http_target_query(const struct http_target *target, const char *name)
{
    for (size_t i = 0; i < target->query_count; i++)
        if (strcmp(target->query[i].name, name) == 0)
            return target->query[i].value;
    return NULL;
}
