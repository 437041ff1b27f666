/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NumPy arrays: .npy files of format 1.0, little-endian, C order, one or two dimensions. The data start at a
 * multiple of 64 bytes, so that a mapped file's numbers are aligned. The same numbers give the same bytes,
 * and numpy.load reads them without pickle.
 */
#ifndef RECORD_NPY_H
#define RECORD_NPY_H

#include "store/store.h"

enum npy_type {
    NPY_F4,
    NPY_F8,
    NPY_U4,
    NPY_CANDIDATE, /* struct candidate, as a structured type with its field names */
    NPY_TYPE_COUNT
};
size_t npy_item_bytes(enum npy_type type);

enum { NPY_ALIGNMENT_BYTES = 64, NPY_FILE_MAX_BYTES = 1024 * 1024 * 1024 };

/* An array in memory; `data` is borrowed and aligned as its file is. */
struct npy_array {
    enum npy_type type;
    uint64_t rows, columns; /* columns 0: one dimension */
    const void *data;       /* rows × columns items, row-major */
};

/* Empties `into` and starts a file in it: the header, after which the caller appends all items. ERR_LIMIT:
 * the items would be more than NPY_FILE_MAX_BYTES. */
MUST_CHECK bool npy_start(struct buffer *into, enum npy_type type, uint64_t rows, uint64_t columns,
                          struct error *err);
/* A whole file in memory. ERR_INVALID: another format, type, byte order or header than numpy.save writes for
 * one of the types above, or the shape does not fit the size exactly. The message names no file. */
MUST_CHECK bool npy_read(struct bytes file, struct npy_array *ret, struct error *err);
/* Writes one object, durably. */
MUST_CHECK bool npy_put(struct store *store, const char *key, const struct npy_array *array,
                        struct error *err);

#endif
