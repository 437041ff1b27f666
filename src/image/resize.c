/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resize: first along rows, then along columns, each result rounded to 8 bits. Only the source rows that an output row
 * needs are held, in a ring, so that a large photo passes through the cache once.
 */
#include "image/scratch.h"

#include <string.h>

enum { HALF = 1 << (RESIZE_WEIGHT_BITS - 1) };

/* Weights are not negative and sum to 1 within rounding, so only the upper end needs clipping. */
static inline uint8_t round_sum(uint32_t sum)
{
    sum >>= RESIZE_WEIGHT_BITS;
    return (uint8_t)(sum > 255 ? 255 : sum);
}

static void resize_row(const struct resize_axis *axis, const uint8_t *restrict from, uint8_t *restrict to)
{
    for (uint32_t i = 0; i < axis->count; i++) {
        const struct resize_tap tap = axis->taps[i];
        const int32_t *weights = axis->weights + tap.weights;
        const uint8_t *pixel = from + (size_t)tap.first * 3;
        uint32_t red = HALF, green = HALF, blue = HALF;
        if (tap.is_even) {
            uint32_t r = 0, g = 0, b = 0;
            for (uint32_t t = 0; t < tap.count; t++, pixel += 3) {
                r += pixel[0];
                g += pixel[1];
                b += pixel[2];
            }
            uint32_t weight = (uint32_t)weights[0];
            red += r * weight;
            green += g * weight;
            blue += b * weight;
        } else {
            for (uint32_t t = 0; t < tap.count; t++, pixel += 3) {
                uint32_t weight = (uint32_t)weights[t];
                red += pixel[0] * weight;
                green += pixel[1] * weight;
                blue += pixel[2] * weight;
            }
        }
        to[i * 3] = round_sum(red);
        to[i * 3 + 1] = round_sum(green);
        to[i * 3 + 2] = round_sum(blue);
    }
}

/* The rows that go into output rows: the source's own, or resized ones in a ring. */
struct row_source {
    const struct image *from;
    const struct resize_axis *axis; /* NULL: the source's own */
    uint8_t *ring;
    uint32_t ring_rows, next; /* next source row to resize */
    size_t row_bytes;
};

static const uint8_t *get_row(const struct row_source *source, uint32_t y)
{
    uint32_t place = source->axis ? y % source->ring_rows : y;
    return (source->axis ? source->ring : source->from->pixels) + place * source->row_bytes;
}

/* Makes rows up to `end` (exclusive) available. */
static void fill_ring(struct row_source *source, uint32_t first, uint32_t end)
{
    if (!source->axis)
        return;
    if (source->next < first)
        source->next = first;
    for (; source->next < end; source->next++)
        resize_row(source->axis, source->from->pixels + (size_t)source->next * source->from->width * 3,
                   source->ring + (source->next % source->ring_rows) * source->row_bytes);
}

static void add_row(uint32_t *restrict sums, const uint8_t *restrict row, size_t count, uint32_t weight)
{
    for (size_t i = 0; i < count; i++)
        sums[i] += row[i] * weight;
}

static void combine_rows(const struct row_source *source, const struct resize_tap *tap, const int32_t *weights,
                         uint32_t *restrict sums, uint8_t *restrict to)
{
    size_t count = source->row_bytes;
    for (size_t i = 0; i < count; i++)
        sums[i] = HALF;
    for (uint32_t t = 0; t < tap->count; t++)
        add_row(sums, get_row(source, tap->first + t), count, (uint32_t)weights[t]);
    for (size_t i = 0; i < count; i++)
        to[i] = round_sum(sums[i]);
}

static bool start_rows(struct row_source *source, const struct image *from, struct image_scratch *scratch,
                       struct error *err)
{
    const struct resize_axis *horizontal = &scratch->horizontal, *vertical = &scratch->vertical;
    *source = (struct row_source){.from = from,
                                  .axis = horizontal->is_identity ? NULL : horizontal,
                                  .ring_rows = 1,
                                  .row_bytes = (size_t)horizontal->count * 3};
    for (uint32_t y = 0; y < vertical->count; y++) {
        if (vertical->taps[y].count > source->ring_rows)
            source->ring_rows = vertical->taps[y].count;
    }
    source->ring = scratch_block_reserve(&scratch->rows, source->ring_rows, source->row_bytes);
    return source->ring || error_no_memory(err);
}

static bool check_box(const struct image *from, const struct image_box *box, struct error *err)
{
    bool is_inside = box->x0 >= 0 && box->y0 >= 0 && box->x1 <= from->width && box->y1 <= from->height;
    bool has_area = (float)box->x1 > (float)box->x0 && (float)box->y1 > (float)box->y0;
    if (is_inside && has_area)
        return true;
    return error_set(err, ERR_INVALID, "box %g, %g, %g, %g is %s of %u × %u px", box->x0, box->y0, box->x1,
                     box->y1, is_inside ? "an empty part" : "no part", from->width, from->height);
}

bool image_resize(const struct image *from, const struct image_box *box, uint32_t width, uint32_t height,
                  enum image_filter filter, struct image_scratch *scratch, struct image *into, struct error *err)
{
    struct image_box part = box ? *box : (struct image_box){0, 0, from->width, from->height};
    struct row_source source;
    if (!check_box(from, &part, err) || !image_resize_buffer(into, width, height, err) ||
        !resize_axis_plan(&scratch->horizontal, from->width, part.x0, part.x1, width, filter, err) ||
        !resize_axis_plan(&scratch->vertical, from->height, part.y0, part.y1, height, filter, err) ||
        !start_rows(&source, from, scratch, err))
        return false;
    uint32_t *sums = scratch_block_reserve(&scratch->sums, source.row_bytes, sizeof(*sums));
    if (!sums)
        return error_no_memory(err);
    for (uint32_t y = 0; y < height; y++) {
        const struct resize_tap *tap = &scratch->vertical.taps[y];
        uint8_t *to = into->pixels + y * source.row_bytes;
        fill_ring(&source, tap->first, tap->first + tap->count);
        if (tap->count == 1)
            memcpy(to, get_row(&source, tap->first), source.row_bytes);
        else
            combine_rows(&source, tap, scratch->vertical.weights + tap->weights, sums, to);
    }
    return true;
}
