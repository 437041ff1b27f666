/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buffer: bytes that grow up to a named maximum, so that what comes from outside meets the limit, not the
 * machine. Text appended is always followed by a NUL that does not count. A failed append leaves the buffer
 * unchanged and sets `is_full`, so a run of appends may be checked once at its end.
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* Borrowed bytes. */
struct bytes {
    const void *data;
    size_t size;
};

struct buffer {
    char *data; /* NULL while empty and never grown */
    size_t size, capacity, limit;
    bool is_full; /* an append did not fit or memory was out */
};

void buffer_init(struct buffer *buffer, size_t limit_bytes);
void buffer_release(struct buffer *buffer);
void buffer_clear(struct buffer *buffer); /* keeps the memory */
/* Forgets what was added after the first `bytes`, failed appends too. */
void buffer_cut(struct buffer *buffer, size_t bytes);
/* Makes room for `bytes` more. */
bool buffer_reserve(struct buffer *buffer, size_t bytes);
bool buffer_add(struct buffer *buffer, const void *data, size_t bytes);
bool buffer_add_text(struct buffer *buffer, const char *text);
bool buffer_printf(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* ERR_LIMIT names `what` and the limit when an append failed since the last clear. */
MUST_CHECK bool buffer_check(const struct buffer *buffer, const char *what, struct error *err);

#define AUTO_BUFFER(name, limit_bytes)                                                                       \
    __attribute__((cleanup(buffer_release))) struct buffer name = {.limit = (limit_bytes)}

#endif
