/* SPDX-License-Identifier: Apache-2.0 */
#include "record/shard_format.h"

#include <zstd.h>

enum { LEVEL = 3 };

static bool pack_with(ZSTD_CCtx *context, struct bytes plain, struct buffer *into, struct error *err)
{
    size_t bound = ZSTD_compressBound(plain.size);
    if (!buffer_reserve(into, bound))
        return buffer_check(into, "the packed rows", err);
    bool is_set = !ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, LEVEL)) &&
                  !ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1));
    size_t bytes = ZSTD_compress2(context, into->data + into->size, bound, plain.data, plain.size);
    if (!is_set || ZSTD_isError(bytes))
        return error_set(err, ERR_FAILED, "zstd cannot pack the rows: %s", ZSTD_getErrorName(bytes));
    into->size += bytes;
    return true;
}

bool shard_pack(struct bytes plain, struct buffer *into, struct error *err)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    bool done = context ? pack_with(context, plain, into, err) : error_no_memory(err);
    (void)ZSTD_freeCCtx(context);
    return done;
}

bool shard_unpack(struct bytes packed, struct buffer *into, struct error *err)
{
    unsigned long long size = ZSTD_getFrameContentSize(packed.data, packed.size);
    size_t frame = ZSTD_findFrameCompressedSize(packed.data, packed.size);
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || frame != packed.size)
        return error_set(err, ERR_INVALID, "not one zstd frame with its size");
    if (size > into->limit - into->size || !buffer_reserve(into, (size_t)size))
        return error_set(err, ERR_LIMIT, "it unpacks to %llu bytes; %zu is the limit", size,
                         into->limit - into->size);
    size_t bytes = ZSTD_decompress(into->data + into->size, (size_t)size, packed.data, packed.size);
    if (ZSTD_isError(bytes) || bytes != size)
        return error_set(err, ERR_INVALID, "its zstd frame is damaged: %s", ZSTD_getErrorName(bytes));
    into->size += bytes;
    return true;
}
