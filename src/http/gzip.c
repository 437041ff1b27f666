/* SPDX-License-Identifier: Apache-2.0 */
#include "http/gzip.h"

#include <limits.h>
#define ZLIB_CONST /* the input is not written to */
#include <zlib.h>

/* Level 1 halves the time of the default level, for a tenth more bytes of JSON. */
enum { GZIP_LEVEL = 1, GZIP_WINDOW = 15 + 16, GZIP_MEMORY = 8 };

bool http_gzip(struct bytes bytes, struct buffer *into, struct error *err)
{
    z_stream stream = {0};
    if (bytes.size > UINT_MAX / 2)
        return error_set(err, ERR_LIMIT, "the reply is too long to be compressed");
    if (deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        return error_no_memory(err);
    size_t bound = deflateBound(&stream, (uLong)bytes.size);
    bool is_done = buffer_reserve(into, bound + 1);
    if (is_done) {
        stream.next_in = bytes.data;
        stream.avail_in = (uInt)bytes.size;
        stream.next_out = (Bytef *)into->data + into->size;
        stream.avail_out = (uInt)bound;
        is_done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
        into->size += is_done ? stream.total_out : 0;
    }
    (void)deflateEnd(&stream);
    return is_done || error_set(err, ERR_LIMIT, "the reply could not be compressed");
}
