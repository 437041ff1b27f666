/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 256 };

void buffer_init(struct buffer *buffer, size_t limit_bytes)
{
    *buffer = (struct buffer){.limit = limit_bytes};
}

void buffer_release(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){.limit = buffer->limit};
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
    buffer->is_full = false;
    if (buffer->data)
        buffer->data[0] = '\0';
}

void buffer_cut(struct buffer *buffer, size_t bytes)
{
    assert(bytes <= buffer->size);
    buffer->size = bytes;
    buffer->is_full = false;
    if (buffer->data)
        buffer->data[bytes] = '\0';
}

bool buffer_reserve(struct buffer *buffer, size_t bytes)
{
    if (bytes > buffer->limit - buffer->size) {
        buffer->is_full = true;
        return false;
    }
    size_t need = buffer->size + bytes;
    if (buffer->data && need <= buffer->capacity)
        return true;
    size_t first = buffer->limit < FIRST_BYTES ? buffer->limit : FIRST_BYTES;
    size_t capacity = buffer->capacity ? buffer->capacity : first;
    while (capacity < need)
        capacity = capacity > buffer->limit / 2 ? buffer->limit : capacity * 2;
    char *data = capacity >= PTRDIFF_MAX ? NULL : realloc(buffer->data, capacity + 1);
    if (!data) {
        buffer->is_full = true;
        return false;
    }
    data[buffer->size] = '\0';
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

bool buffer_add(struct buffer *buffer, const void *data, size_t bytes)
{
    if (!buffer_reserve(buffer, bytes))
        return false;
    if (bytes > 0)
        memcpy(buffer->data + buffer->size, data, bytes);
    buffer->size += bytes;
    buffer->data[buffer->size] = '\0';
    return true;
}

bool buffer_add_text(struct buffer *buffer, const char *text)
{
    return buffer_add(buffer, text, strlen(text));
}

bool buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    bool fits = length >= 0 && buffer_reserve(buffer, (size_t)length);
    buffer->is_full |= length < 0;
    if (fits) {
        (void)vsnprintf(buffer->data + buffer->size, (size_t)length + 1, format, again);
        buffer->size += (size_t)length;
    }
    va_end(again);
    return fits;
}

bool buffer_check(const struct buffer *buffer, const char *what, struct error *err)
{
    if (!buffer->is_full)
        return true;
    return error_set(err, ERR_LIMIT, "%s is larger than its limit of %zu bytes", what, buffer->limit);
}
