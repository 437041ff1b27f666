/* SPDX-License-Identifier: Apache-2.0 */
/* The run lengths of BMP: pairs of count and value, and after a count of 0 an escape. What is skipped is
 * colour 0, as in Pillow. */
#include "image/bmp.h"
#include "image/pixels.h"

#include <string.h>

enum { ESCAPE_END_OF_ROW = 0, ESCAPE_END = 1, ESCAPE_SKIP = 2 };

struct run_reader {
    const struct bmp *bmp;
    const uint8_t *at, *end;
    uint64_t x, row; /* the next pixel; may lie outside after a skip or an overlong run */
};

/* Pixels past the end of the row, or past the last row, are lost, as everywhere. */
static void put_index(struct run_reader *reader, uint32_t index)
{
    const struct bmp *bmp = reader->bmp;
    if (reader->x < bmp->width && reader->row < bmp->height) {
        memcpy(bmp_row(bmp, (uint32_t)reader->row) + reader->x * 3, bmp->palette[index], 3);
        if (index >= bmp->colours)
            bmp->found->warnings |= IMAGE_WARNING_BAD_METADATA;
    } else {
        bmp->found->warnings |= IMAGE_WARNING_BAD_METADATA;
    }
    reader->x++;
}

/* Pixel i of a run whose pixels begin at `values`; RLE4 has two in a byte. */
static uint32_t index_at(const struct bmp *bmp, const uint8_t *values, size_t i)
{
    if (bmp->compression == BMP_RLE8)
        return values[i];
    return i % 2 == 0 ? values[i / 2] >> 4 : values[i / 2] & 15U;
}

static void put_run(struct run_reader *reader, size_t count, const uint8_t *value)
{
    for (size_t i = 0; i < count; i++)
        put_index(reader, index_at(reader->bmp, value, reader->bmp->compression == BMP_RLE8 ? 0 : i % 2));
}

/* False when the data end here. */
static bool put_values(struct run_reader *reader, size_t count)
{
    size_t bytes = reader->bmp->compression == BMP_RLE8 ? count : (count + 1) / 2;
    if ((size_t)(reader->end - reader->at) < bytes)
        return false;
    for (size_t i = 0; i < count; i++)
        put_index(reader, index_at(reader->bmp, reader->at, i));
    reader->at += bytes;
    if (bytes % 2 && reader->at < reader->end)
        reader->at++;
    return true;
}

static bool skip(struct run_reader *reader)
{
    if (reader->end - reader->at < 2)
        return false;
    reader->x += reader->at[0];
    reader->row += reader->at[1];
    reader->at += 2;
    return true;
}

/* Goes through the runs to their end. False when they are cut short. */
static bool read_runs(struct run_reader *reader)
{
    while (reader->end - reader->at >= 2) {
        uint8_t count = reader->at[0];
        const uint8_t *value = reader->at + 1;
        reader->at += 2;
        if (count > 0) {
            put_run(reader, count, value);
        } else if (*value == ESCAPE_END_OF_ROW) {
            reader->x = 0;
            reader->row++;
        } else if (*value == ESCAPE_END) {
            return true;
        } else if (!(*value == ESCAPE_SKIP ? skip(reader) : put_values(reader, *value))) {
            return false;
        }
    }
    return reader->row >= reader->bmp->height ||
           (reader->row + 1 == reader->bmp->height && reader->x >= reader->bmp->width);
}

bool bmp_read_runs(struct bmp *bmp, struct error *err)
{
    const uint8_t *bytes = bmp->file.data;
    size_t given = bmp->file.size > bmp->pixels_at ? bmp->file.size - bmp->pixels_at : 0;
    /* Every row takes two bytes for its end at least, unless it is skipped over. */
    if (given < bmp->height)
        return error_set(err, ERR_INVALID, "unreadable BMP: %zu bytes cannot hold the runs of %u rows", given,
                         bmp->height);
    if (!image_resize_buffer(bmp->into, bmp->width, bmp->height, err))
        return false;
    image_fill_rows(bmp->into, 0, bmp->palette[0]);
    struct run_reader reader = {
        .bmp = bmp, .at = bytes + bmp->pixels_at, .end = bytes + bmp->pixels_at + given};
    if (read_runs(&reader))
        return true;
    if (!bmp_lose_rows(bmp, reader.row, "the file is cut short", err))
        return false;
    if (reader.row < bmp->height)
        bmp_fill_missing(bmp, (uint32_t)reader.row + 1);
    return true;
}
