/* SPDX-License-Identifier: Apache-2.0 */
/* Text: strict reading of numbers and names from outside, and the few string helpers the C library lacks. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* Copies into a fixed array. False when it does not fit (the destination then holds ""). */
MUST_CHECK bool text_copy(char *to, size_t to_bytes, const char *text);

/* Whole text must be the number; ERR_INVALID names `what`, the range and the text. No locale, no hex, no
 * blanks. */
MUST_CHECK bool text_to_double(const char *text, const char *what, double min, double max, double *ret,
                               struct error *err);
MUST_CHECK bool text_to_count(const char *text, const char *what, uint64_t min, uint64_t max, uint64_t *ret,
                              struct error *err);

bool text_starts_with(const char *text, const char *prefix);
bool text_ends_with(const char *text, const char *suffix);
bool text_equal_ignoring_case(const char *a, const char *b); /* ASCII only */
/* Bytes at the start that are whole UTF-8 characters; less than `bytes` where something else follows. */
size_t text_utf8_prefix(const char *text, size_t bytes);
bool text_is_utf8(const char *text, size_t bytes); /* strict: no surrogates, no overlong forms, no NUL */

/* Checks a name people choose: 1..max_characters (counted in UTF-8), no control characters (C0, DEL, C1),
 * none of `refused`. ERR_INVALID names `what`. */
MUST_CHECK bool text_check_name(const char *text, const char *what, size_t max_characters,
                                const char *refused, struct error *err);

/* Makes text from outside fit for one line on a terminal and for JSON, in place: every byte of a control
 * character, and every byte that is not UTF-8, becomes '?'. */
void text_make_printable(char *text);

/* Levenshtein distance, for "did you mean"; texts beyond 64 bytes count as far apart. */
size_t text_distance(const char *a, const char *b);

/* Compares as people sort file names: digit runs by value, the rest by byte; ties by byte. */
int text_natural_compare(const char *a, const char *b);

/* Shortest decimal text that reads back as the same number; NaN and infinities give "null". */
enum { TEXT_NUMBER_BYTES = 32 };
const char *text_of_double(double value, char buffer[TEXT_NUMBER_BYTES]);

#endif
