/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Protobuf wire format, read without copying: a message is walked field by field, embedded messages are bytes
 * to walk again. Nothing is trusted: lengths are checked against what is left, numbers against their width.
 */
#ifndef INFER_PROTOBUF_H
#define INFER_PROTOBUF_H

#include "base/buffer.h"

enum protobuf_kind { PROTOBUF_VARINT = 0, PROTOBUF_64_BITS = 1, PROTOBUF_BYTES = 2, PROTOBUF_32_BITS = 5 };

struct protobuf_field {
    uint32_t number;
    enum protobuf_kind kind;
    uint64_t value;     /* varint, 64 and 32 bits (little-endian) */
    struct bytes bytes; /* PROTOBUF_BYTES */
};

struct protobuf {
    const uint8_t *at, *end;
    const char *problem; /* NULL while all is well: what is wrong, for a message */
};

struct protobuf protobuf_open(struct bytes message);
/* The next field. False at the end and when something is wrong: see `problem`. */
bool protobuf_next(struct protobuf *reader, struct protobuf_field *ret);
/* The next number of a packed list of varints, opened like a message. */
bool protobuf_next_packed(struct protobuf *reader, uint64_t *ret);

#endif
