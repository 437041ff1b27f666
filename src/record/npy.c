/* SPDX-License-Identifier: Apache-2.0 */
#include "record/npy.h"

#include "infer/prediction.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "arrays are mapped as they lie in the file");
_Static_assert(sizeof(struct candidate) == 32 && offsetof(struct candidate, score) == 16 &&
                   offsetof(struct candidate, label) == 20 && offsetof(struct candidate, brightness) == 24,
               "the structured type below is struct candidate");

enum { PREFIX_BYTES = 10, SHAPE_DIGITS_MAX = 12 };
static const char magic[] = "\x93NUMPY\x01"; /* and the minor version, 0: the final NUL */

static const struct {
    const char *descr;
    size_t bytes;
} types[NPY_TYPE_COUNT] = {
    [NPY_F4] = {"'<f4'", 4},
    [NPY_F8] = {"'<f8'", 8},
    [NPY_U4] = {"'<u4'", 4},
    [NPY_CANDIDATE] = {"[('x_min', '<f4'), ('y_min', '<f4'), ('x_max', '<f4'), ('y_max', '<f4'), "
                       "('score', '<f4'), ('label', '<u4'), ('brightness', '<f4'), ('clarity', '<f4')]",
                       sizeof(struct candidate)},
};

size_t npy_item_bytes(enum npy_type type)
{
    return types[type].bytes;
}

/* Bytes of all items; false when they are more than any file of ours may have. */
static bool data_bytes(enum npy_type type, uint64_t rows, uint64_t columns, uint64_t *ret)
{
    uint64_t row_bytes = (columns > 0 ? columns : 1) * types[type].bytes;
    if (columns > NPY_FILE_MAX_BYTES || row_bytes > NPY_FILE_MAX_BYTES ||
        rows > NPY_FILE_MAX_BYTES / row_bytes)
        return false;
    *ret = rows * row_bytes;
    return true;
}

bool npy_start(struct buffer *into, enum npy_type type, uint64_t rows, uint64_t columns, struct error *err)
{
    char shape[64];
    uint64_t bytes = 0;
    buffer_clear(into);
    if (!data_bytes(type, rows, columns, &bytes))
        return error_set(err, ERR_LIMIT, "an array of %" PRIu64 " rows and %" PRIu64 " columns is too large",
                         rows, columns);
    if (columns > 0)
        (void)snprintf(shape, sizeof(shape), "%" PRIu64 ", %" PRIu64, rows, columns);
    else
        (void)snprintf(shape, sizeof(shape), "%" PRIu64 ",", rows);
    (void)buffer_add(into, magic, sizeof(magic));
    (void)buffer_add(into, "\0\0", 2);
    (void)buffer_printf(into, "{'descr': %s, 'fortran_order': False, 'shape': (%s), }", types[type].descr,
                        shape);
    while ((into->size + 1) % NPY_ALIGNMENT_BYTES != 0)
        (void)buffer_add(into, " ", 1);
    (void)buffer_add(into, "\n", 1);
    size_t header = into->size - PREFIX_BYTES;
    into->data[8] = (char)(header & 0xFF);
    into->data[9] = (char)(header >> 8);
    return buffer_check(into, "an array file", err);
}

/* A text with a reading position; `at` NULL once something did not fit. */
struct scan {
    const char *at, *end;
};

static void expect(struct scan *scan, const char *text)
{
    size_t bytes = strlen(text);
    bool fits = scan->at && (size_t)(scan->end - scan->at) >= bytes && memcmp(scan->at, text, bytes) == 0;
    scan->at = fits ? scan->at + bytes : NULL;
}

static bool next_is(const struct scan *scan, char byte)
{
    return scan->at && scan->at < scan->end && *scan->at == byte;
}

static uint64_t take_number(struct scan *scan)
{
    uint64_t value = 0;
    int digits = 0;
    while (scan->at && scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9') {
        value = value * 10 + (uint64_t)(*scan->at++ - '0');
        if (++digits > SHAPE_DIGITS_MAX)
            scan->at = NULL;
    }
    if (digits == 0)
        scan->at = NULL;
    return value;
}

static enum npy_type take_type(struct scan *scan)
{
    for (int type = 0; type < NPY_TYPE_COUNT; type++) {
        struct scan attempt = *scan;
        expect(&attempt, types[type].descr);
        if (!attempt.at)
            continue;
        *scan = attempt;
        return (enum npy_type)type;
    }
    scan->at = NULL;
    return NPY_F4;
}

/* The dictionary as numpy.save words it, blanks and the newline at its end. */
static bool read_header(struct scan scan, struct npy_array *ret)
{
    expect(&scan, "{'descr': ");
    ret->type = take_type(&scan);
    expect(&scan, ", 'fortran_order': False, 'shape': (");
    ret->rows = take_number(&scan);
    expect(&scan, ",");
    ret->columns = 0;
    if (next_is(&scan, ' ')) {
        expect(&scan, " ");
        ret->columns = take_number(&scan);
        if (ret->columns == 0)
            return false;
    }
    expect(&scan, "), }");
    while (next_is(&scan, ' '))
        scan.at++;
    expect(&scan, "\n");
    return scan.at && scan.at == scan.end;
}

bool npy_read(struct bytes file, struct npy_array *ret, struct error *err)
{
    const unsigned char *bytes = file.data;
    struct npy_array array;
    uint64_t expected = 0;
    if (file.size < PREFIX_BYTES || memcmp(bytes, magic, sizeof(magic)) != 0)
        return error_set(err, ERR_INVALID, "not a NumPy array of format 1.0");
    size_t start = PREFIX_BYTES + (size_t)bytes[8] + ((size_t)bytes[9] << 8);
    if (start > file.size || start % NPY_ALIGNMENT_BYTES != 0)
        return error_set(err, ERR_INVALID, "the array's header is cut off or not aligned to %d bytes",
                         NPY_ALIGNMENT_BYTES);
    const char *text = file.data;
    if (!read_header((struct scan){text + PREFIX_BYTES, text + start}, &array))
        return error_set(err, ERR_INVALID, "the array's header is not one of the forms used here");
    if (!data_bytes(array.type, array.rows, array.columns, &expected) || expected != file.size - start)
        return error_set(err, ERR_INVALID,
                         "the array should have %" PRIu64 " × %" PRIu64 " items; its file holds %zu bytes",
                         array.rows, array.columns > 0 ? array.columns : 1, file.size - start);
    array.data = bytes + start;
    *ret = array;
    return true;
}

bool npy_put(struct store *store, const char *key, const struct npy_array *array, struct error *err)
{
    uint64_t bytes = 0;
    AUTO_BUFFER(file, NPY_FILE_MAX_BYTES);
    if (!npy_start(&file, array->type, array->rows, array->columns, err))
        return error_wrap(err, "%s", key);
    (void)data_bytes(array->type, array->rows, array->columns, &bytes);
    return buffer_add(&file, array->data, (size_t)bytes)
               ? store_put(store, key, (struct bytes){file.data, file.size}, err)
               : buffer_check(&file, key, err);
}
