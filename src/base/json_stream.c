/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_stream.h"

#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* What follows the backslash of a byte that JSON text cannot hold as it is; 'u': the long form. */
static char escape_of(unsigned char byte)
{
    switch (byte) {
    case '"':
    case '\\':
        return (char)byte;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return byte < 0x20 ? 'u' : '\0';
    }
}

static void add_quoted(struct buffer *into, const char *text)
{
    (void)buffer_add(into, "\"", 1);
    const char *plain = text; /* start of the bytes not copied yet */
    for (; *text; text++) {
        char escape = escape_of((unsigned char)*text);
        if (escape == '\0')
            continue;
        (void)buffer_add(into, plain, (size_t)(text - plain));
        if (escape == 'u')
            (void)buffer_printf(into, "\\u%04x", (unsigned)(unsigned char)*text);
        else
            (void)buffer_add(into, (char[]){'\\', escape}, 2);
        plain = text + 1;
    }
    (void)buffer_add(into, plain, (size_t)(text - plain));
    (void)buffer_add(into, "\"", 1);
}

/* The comma and the name that come before a value. */
static void start_item(struct json_stream *out, const char *name)
{
    if (out->has_items)
        (void)buffer_add(out->into, ",", 1);
    out->has_items = true;
    if (name) {
        add_quoted(out->into, name);
        (void)buffer_add(out->into, ":", 1);
    }
}

void json_stream_open(struct json_stream *out, const char *name, char bracket)
{
    start_item(out, name);
    (void)buffer_add(out->into, &bracket, 1);
    out->has_items = false;
}

void json_stream_close(struct json_stream *out, char bracket)
{
    (void)buffer_add(out->into, &bracket, 1);
    out->has_items = true;
}

void json_stream_text(struct json_stream *out, const char *name, const char *text)
{
    if (!text)
        return;
    if (!out->not_utf8 && !text_is_utf8(text, strlen(text)))
        out->not_utf8 = name ? name : "";
    start_item(out, name);
    add_quoted(out->into, text);
}

void json_stream_message(struct json_stream *out, const char *name, const char *text)
{
    if (!text)
        return;
    AUTO_BUFFER(clean, SIZE_MAX / 2);
    for (size_t left = strlen(text); left > 0;) {
        size_t good = text_utf8_prefix(text, left);
        (void)buffer_add(&clean, text, good);
        text += good, left -= good;
        if (left > 0) {
            (void)buffer_add_text(&clean, "\xEF\xBF\xBD");
            text++, left--;
        }
    }
    out->into->is_full |= clean.is_full;
    json_stream_text(out, name, clean.data ? clean.data : "");
}

void json_stream_count(struct json_stream *out, const char *name, uint64_t value)
{
    start_item(out, name);
    (void)buffer_printf(out->into, "%" PRIu64, value);
}

void json_stream_number(struct json_stream *out, const char *name, double value)
{
    if (!isfinite(value))
        return;
    char text[TEXT_NUMBER_BYTES];
    start_item(out, name);
    (void)buffer_add_text(out->into, text_of_double(value, text));
}

void json_stream_raw(struct json_stream *out, const char *name, const char *json)
{
    if (!json)
        return;
    start_item(out, name);
    (void)buffer_add_text(out->into, json);
}

bool json_stream_check(const struct json_stream *out, const char *what, struct error *err)
{
    if (out->not_utf8)
        return error_set(err, ERR_INVALID, "%s: the text of '%s' is not UTF-8", what, out->not_utf8);
    return buffer_check(out->into, what, err);
}
