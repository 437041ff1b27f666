/* SPDX-License-Identifier: Apache-2.0 */
#include "infer/protobuf.h"

enum { VARINT_BYTES_MAX = 10 };

struct protobuf protobuf_open(struct bytes message)
{
    const uint8_t *start = message.data;
    /* No bytes may come without an address, which may not be added to. */
    return (struct protobuf){.at = start, .end = message.size > 0 ? start + message.size : start};
}

static bool fail(struct protobuf *reader, const char *problem)
{
    reader->problem = problem;
    reader->at = reader->end;
    return false;
}

static bool read_varint(struct protobuf *reader, uint64_t *ret)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < VARINT_BYTES_MAX; i++) {
        if (reader->at == reader->end)
            return fail(reader, "it ends in the middle of a number");
        uint8_t byte = *reader->at++;
        if (i == VARINT_BYTES_MAX - 1 && byte > 1)
            break;
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (!(byte & 0x80)) {
            *ret = value;
            return true;
        }
    }
    return fail(reader, "it has a number of more than 64 bits");
}

static bool read_fixed(struct protobuf *reader, unsigned bytes, uint64_t *ret)
{
    if ((size_t)(reader->end - reader->at) < bytes)
        return fail(reader, "it ends in the middle of a number");
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t)reader->at[i] << (8 * i);
    reader->at += bytes;
    *ret = value;
    return true;
}

bool protobuf_next(struct protobuf *reader, struct protobuf_field *ret)
{
    uint64_t key = 0, length = 0;
    if (reader->at == reader->end || !read_varint(reader, &key))
        return false;
    if (key >> 3 == 0 || key >> 3 > UINT32_MAX)
        return fail(reader, "it has a field without a valid number");
    *ret = (struct protobuf_field){.number = (uint32_t)(key >> 3), .kind = (enum protobuf_kind)(key & 7)};
    switch (key & 7) {
    case PROTOBUF_VARINT:
        return read_varint(reader, &ret->value);
    case PROTOBUF_64_BITS:
        return read_fixed(reader, 8, &ret->value);
    case PROTOBUF_32_BITS:
        return read_fixed(reader, 4, &ret->value);
    case PROTOBUF_BYTES:
        break;
    default:
        return fail(reader, "it has a field of an unknown kind");
    }
    if (!read_varint(reader, &length))
        return false;
    if (length > (size_t)(reader->end - reader->at))
        return fail(reader, "it ends early");
    ret->bytes = (struct bytes){reader->at, (size_t)length};
    reader->at += length;
    return true;
}

bool protobuf_next_packed(struct protobuf *reader, uint64_t *ret)
{
    return reader->at != reader->end && read_varint(reader, ret);
}
