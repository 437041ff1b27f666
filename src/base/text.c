/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool text_copy(char *to, size_t to_bytes, const char *text)
{
    size_t bytes = strlen(text);
    to[0] = '\0';
    if (bytes >= to_bytes)
        return false;
    memcpy(to, text, bytes + 1);
    return true;
}

static bool looks_decimal(const char *text)
{
    return text[0] != '\0' && strspn(text, "+-.0123456789eE") == strlen(text);
}

bool text_to_double(const char *text, const char *what, double min, double max, double *ret,
                    struct error *err)
{
    char *end = NULL;
    double value = looks_decimal(text) ? strtod(text, &end) : 0;
    if (!end || *end != '\0' || end == text || !isfinite(value) || value < min || value > max)
        return error_set(err, ERR_INVALID, "%s must be a number from %g to %g, not '%.60s'", what, min, max,
                         text);
    *ret = value;
    return true;
}

bool text_to_count(const char *text, const char *what, uint64_t min, uint64_t max, uint64_t *ret,
                   struct error *err)
{
    bool is_digits = text[0] != '\0' && strspn(text, "0123456789") == strlen(text);
    errno = 0;
    unsigned long long value = is_digits ? strtoull(text, NULL, 10) : 0;
    if (!is_digits || errno != 0 || value < min || value > max)
        return error_set(err, ERR_INVALID,
                         "%s must be a whole number from %" PRIu64 " to %" PRIu64 ", not '%.60s'", what, min,
                         max, text);
    *ret = value;
    return true;
}

bool text_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_ends_with(const char *text, const char *suffix)
{
    size_t text_bytes = strlen(text), suffix_bytes = strlen(suffix);
    return text_bytes >= suffix_bytes && memcmp(text + text_bytes - suffix_bytes, suffix, suffix_bytes) == 0;
}

static char ascii_lower(char letter)
{
    return (char)(letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter);
}

bool text_equal_ignoring_case(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if (ascii_lower(*a) != ascii_lower(*b))
            return false;
    return *a == *b;
}

/* Length of the UTF-8 sequence at `text`, 0 when it is not one. */
static size_t utf8_length(const unsigned char *text, size_t left)
{
    static const struct {
        unsigned char lead_mask, lead;
        uint32_t min;
    } forms[] = {{0x80, 0x00, 0x01}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};
    for (size_t length = 1; length <= 4; length++) {
        if ((text[0] & forms[length - 1].lead_mask) != forms[length - 1].lead)
            continue;
        if (length > left)
            return 0;
        uint32_t code = text[0] & (uint32_t)(unsigned char)~forms[length - 1].lead_mask;
        for (size_t i = 1; i < length; i++) {
            if ((text[i] & 0xC0) != 0x80)
                return 0;
            code = code << 6 | (text[i] & 0x3FU);
        }
        bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
        return code >= forms[length - 1].min && code <= 0x10FFFF && !is_surrogate ? length : 0;
    }
    return 0;
}

size_t text_utf8_prefix(const char *text, size_t bytes)
{
    size_t done = 0;
    while (done < bytes) {
        size_t length = utf8_length((const unsigned char *)text + done, bytes - done);
        if (length == 0)
            break;
        done += length;
    }
    return done;
}

bool text_is_utf8(const char *text, size_t bytes)
{
    return text_utf8_prefix(text, bytes) == bytes;
}

/* U+0000 to U+001F and U+007F to U+009F, at the start of UTF-8 text */
static bool is_control(const unsigned char *text)
{
    return text[0] < 0x20 || text[0] == 0x7F || (text[0] == 0xC2 && text[1] < 0xA0);
}

bool text_check_name(const char *text, const char *what, size_t max_characters, const char *refused,
                     struct error *err)
{
    size_t bytes = strlen(text), characters = 0;
    if (bytes == 0)
        return error_set(err, ERR_INVALID, "%s is empty", what);
    if (!text_is_utf8(text, bytes))
        return error_set(err, ERR_INVALID, "%s is not valid UTF-8", what);
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        characters += (*at & 0xC0) != 0x80;
        if (is_control(at))
            return error_set(err, ERR_INVALID, "%s holds a control character", what);
        if (strchr(refused, *at))
            return error_set(err, ERR_INVALID, "%s '%.60s' holds '%c', which is not allowed here", what, text,
                             *at);
    }
    if (characters > max_characters)
        return error_set(err, ERR_INVALID, "%s is %zu characters long; %zu is the limit", what, characters,
                         max_characters);
    return true;
}

void text_make_printable(char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        size_t length = utf8_length((const unsigned char *)text, left);
        if (length == 0 || is_control((const unsigned char *)text)) {
            length = length > 0 ? length : 1;
            memset(text, '?', length);
        }
        text += length;
        left -= length;
    }
}

size_t text_distance(const char *a, const char *b)
{
    enum { MAX_BYTES = 64 };
    size_t row[MAX_BYTES + 1], a_bytes = strlen(a), b_bytes = strlen(b);
    if (a_bytes > MAX_BYTES || b_bytes > MAX_BYTES)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_bytes; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_bytes; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_bytes; j++) {
            size_t change = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            size_t best = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            row[j] = change < best ? change : best;
        }
    }
    return row[b_bytes];
}

static size_t digit_run(const char *text)
{
    return strspn(text, "0123456789");
}

/* Compares two runs of digits by their value: less than, equal to or greater than 0. */
static int compare_digit_runs(const char *a, size_t a_digits, const char *b, size_t b_digits)
{
    size_t a_zeros = strspn(a, "0"), b_zeros = strspn(b, "0");
    size_t a_value = a_digits - (a_zeros < a_digits ? a_zeros : a_digits - 1);
    size_t b_value = b_digits - (b_zeros < b_digits ? b_zeros : b_digits - 1);
    if (a_value != b_value)
        return a_value < b_value ? -1 : 1;
    return memcmp(a + a_digits - a_value, b + b_digits - b_value, a_value);
}

int text_natural_compare(const char *a, const char *b)
{
    const char *a_at = a, *b_at = b;
    while (*a_at && *b_at) {
        size_t a_digits = digit_run(a_at), b_digits = digit_run(b_at);
        if (a_digits == 0 || b_digits == 0) {
            if (*a_at != *b_at)
                return (unsigned char)*a_at < (unsigned char)*b_at ? -1 : 1;
            a_at++, b_at++;
            continue;
        }
        int order = compare_digit_runs(a_at, a_digits, b_at, b_digits);
        if (order != 0)
            return order;
        a_at += a_digits, b_at += b_digits;
    }
    if (*a_at || *b_at)
        return *a_at ? 1 : -1;
    return strcmp(a, b);
}

/* Whole numbers below this are written with all their digits, not as 1e+02. */
static const double whole_max = 1e15;

const char *text_of_double(double value, char buffer[TEXT_NUMBER_BYTES])
{
    if (!isfinite(value))
        return "null";
    if (value == trunc(value) && fabs(value) < whole_max) {
        (void)snprintf(buffer, TEXT_NUMBER_BYTES, "%.0f", value);
        return buffer;
    }
    /* Few numbers need 16 or 17 digits, but those that do (measured ones) need no search below. */
    (void)snprintf(buffer, TEXT_NUMBER_BYTES, "%.15g", value);
    int digits = strtod(buffer, NULL) == value ? 1 : 16;
    for (; digits <= 17; digits++) {
        (void)snprintf(buffer, TEXT_NUMBER_BYTES, "%.*g", digits, value);
        if (strtod(buffer, NULL) == value)
            break;
    }
    return buffer;
}
