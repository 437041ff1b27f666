/* SPDX-License-Identifier: Apache-2.0 */
#include "page/page_html.h"

#include "base/text.h"

#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD"
#define JPEG_PREFIX "data:image/jpeg;base64,"

static const char *entity_of(char character)
{
    switch (character) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* How many bytes of a control character stand here: C0 and DEL, C1 as UTF-8; 0: none. */
static size_t control_bytes(const char *at, size_t left)
{
    unsigned char byte = (unsigned char)at[0];
    if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F)
        return 1;
    return byte == 0xC2 && left > 1 && (unsigned char)at[1] < 0xA0 ? 2 : 0;
}

static void add_characters(struct buffer *into, const char *text, size_t bytes)
{
    size_t plain = 0;
    for (size_t at = 0; at < bytes;) {
        const char *entity = entity_of(text[at]);
        size_t control = control_bytes(text + at, bytes - at);
        if (!entity && control == 0) {
            at++;
            continue;
        }
        (void)buffer_add(into, text + plain, at - plain);
        (void)buffer_add_text(into, entity ? entity : REPLACEMENT);
        at += entity ? 1 : control;
        plain = at;
    }
    (void)buffer_add(into, text + plain, bytes - plain);
}

void page_text(struct buffer *into, const char *text)
{
    size_t all = text ? strlen(text) : 0, bytes = all < PAGE_TEXT_MAX_BYTES ? all : PAGE_TEXT_MAX_BYTES;
    if (!text) {
        (void)buffer_add_text(into, "–");
        return;
    }
    while (bytes < all && bytes > 0 && ((unsigned char)text[bytes] & 0xC0) == 0x80)
        bytes--; /* not within a character */
    for (size_t at = 0; at < bytes;) {
        size_t whole = text_utf8_prefix(text + at, bytes - at);
        add_characters(into, text + at, whole);
        at += whole;
        if (at < bytes) {
            (void)buffer_add_text(into, REPLACEMENT);
            at++;
        }
    }
    if (bytes < all)
        (void)buffer_add_text(into, "…");
}

void page_name(struct buffer *into, const char *text)
{
    (void)buffer_add_text(into, "<bdi>");
    page_text(into, text);
    (void)buffer_add_text(into, "</bdi>");
}

void page_words(struct buffer *into, const char *name)
{
    char words[64];
    (void)snprintf(words, sizeof(words), "%.63s", name ? name : "");
    for (char *at = words; *at; at++)
        if (*at == '_')
            *at = ' ';
    if (words[0] >= 'a' && words[0] <= 'z')
        words[0] = (char)(words[0] - 'a' + 'A');
    page_text(into, words);
}

void page_count(struct buffer *into, double count)
{
    char digits[32];
    if (!(count >= 0 && count < 1e15)) {
        (void)buffer_add_text(into, "–");
        return;
    }
    int length = snprintf(digits, sizeof(digits), "%.0f", count);
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            (void)buffer_add_text(into, ",");
        (void)buffer_add(into, digits + i, 1);
    }
}

void page_number(struct buffer *into, double value, int digits)
{
    if (isfinite(value) && fabs(value) < 1e15)
        (void)buffer_printf(into, "%.*f", digits, value);
    else
        (void)buffer_add_text(into, "–");
}

void page_measure(struct buffer *into, double value)
{
    double size = fabs(value);
    page_number(into, value, size >= 1000 || value == round(value) ? 0 : size >= 10 ? 1 : 3);
}

void page_share(struct buffer *into, double share)
{
    page_number(into, 100 * share, 1);
    if (isfinite(share))
        (void)buffer_add_text(into, " %");
}

size_t page_jpeg_bytes(size_t jpeg_bytes)
{
    return strlen(JPEG_PREFIX) + (jpeg_bytes + 2) / 3 * 4;
}

bool page_jpeg(struct buffer *into, struct bytes jpeg)
{
    size_t room = sodium_base64_encoded_len(jpeg.size, sodium_base64_VARIANT_ORIGINAL);
    if (!buffer_add_text(into, JPEG_PREFIX) || !buffer_reserve(into, room))
        return false;
    (void)sodium_bin2base64(into->data + into->size, room, jpeg.data, jpeg.size,
                            sodium_base64_VARIANT_ORIGINAL);
    into->size += room - 1; /* the NUL does not count */
    return true;
}
