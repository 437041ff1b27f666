/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resize: first along rows, then along columns, each result rounded to 8 bits. Only the source rows that an
 * output row needs are held, in a ring, so that a large photo passes through the cache once. The horizontal
 * pass works on strips of rows with their pixels interleaved, because the weights of a column are the same
 * for all of them.
 */
#include "image/scratch.h"

#include <string.h>

/* The rows that output rows are made of: the source's own, or horizontally resized ones in a ring. */
struct row_source {
    const struct image *from;
    struct image_scratch *scratch;
    const uint8_t **rows; /* those of the current output row */
    uint8_t *ring, *strip, *resized_strip;
    uint32_t first_column, end_column; /* of the source, needed by any output pixel */
    uint32_t ring_rows;
    uint32_t next; /* source row after those in the ring */
    size_t row_bytes;
};

static uint8_t *ring_row(const struct row_source *source, uint32_t y)
{
    return source->ring + (y % source->ring_rows) * source->row_bytes;
}

/* Resizes the next RESIZE_STRIP_ROWS source rows; below the last row it is repeated. */
static void resize_next_strip(struct row_source *source)
{
    const struct image_kernels *kernels = source->scratch->kernels;
    const struct resize_axis *axis = &source->scratch->horizontal;
    const uint8_t *from[RESIZE_STRIP_ROWS];
    uint8_t *to[RESIZE_STRIP_ROWS];
    for (uint32_t i = 0; i < RESIZE_STRIP_ROWS; i++) {
        uint32_t y = source->next + i, last = source->from->height - 1;
        from[i] = source->from->pixels + (size_t)(y < last ? y : last) * source->from->width * 3;
        to[i] = ring_row(source, y);
    }
    kernels->interleave(from, source->first_column, source->end_column, source->strip);
    kernels->resize_strip(axis->taps, axis->count, axis->weights, source->strip, source->first_column,
                          source->resized_strip);
    kernels->separate(source->resized_strip, axis->count, to);
    source->next += RESIZE_STRIP_ROWS;
}

/* Points source->rows to the rows of `tap`. */
static void gather_rows(struct row_source *source, const struct resize_tap *tap)
{
    size_t from_bytes = (size_t)source->from->width * 3;
    for (uint32_t i = 0; i < tap->count; i++) {
        uint32_t y = tap->first + i;
        while (source->ring && source->next <= y)
            resize_next_strip(source);
        source->rows[i] = source->ring ? ring_row(source, y) : source->from->pixels + y * from_bytes;
    }
}

static uint32_t find_most_rows(const struct resize_axis *vertical)
{
    uint32_t most = 1;
    for (uint32_t y = 0; y < vertical->count; y++) {
        if (vertical->taps[y].count > most)
            most = vertical->taps[y].count;
    }
    return most;
}

static bool start_ring(struct row_source *source, uint32_t most_rows)
{
    struct image_scratch *scratch = source->scratch;
    const struct resize_axis *axis = &scratch->horizontal;
    const struct resize_tap *last = &axis->taps[axis->count - 1];
    source->first_column = axis->taps[0].first;
    source->end_column = last->first + last->count;
    source->ring_rows = most_rows + RESIZE_STRIP_ROWS;
    source->next = scratch->vertical.taps[0].first;
    size_t columns = source->end_column - source->first_column;
    source->ring = scratch_block_reserve(&scratch->ring, source->ring_rows, source->row_bytes);
    source->strip = scratch_block_reserve(&scratch->strip, columns + 1, RESIZE_STRIP_BYTES);
    source->resized_strip = scratch_block_reserve(&scratch->resized_strip, axis->count, RESIZE_STRIP_BYTES);
    return source->ring && source->strip && source->resized_strip;
}

static bool start_rows(struct row_source *source, const struct image *from, struct image_scratch *scratch,
                       struct error *err)
{
    uint32_t most_rows = find_most_rows(&scratch->vertical);
    *source = (struct row_source){
        .from = from, .scratch = scratch, .row_bytes = (size_t)scratch->horizontal.count * 3};
    source->rows = scratch_block_reserve(&scratch->row_pointers, most_rows, sizeof(*source->rows));
    bool is_ready = source->rows && (scratch->horizontal.is_identity || start_ring(source, most_rows));
    return is_ready || error_no_memory(err);
}

static struct image_box choose_part(const struct image *from, const struct image_box *asked)
{
    bool is_whole = asked->x0 == 0 && asked->y0 == 0 && asked->x1 == 0 && asked->y1 == 0;
    return is_whole ? (struct image_box){0, 0, from->width, from->height} : *asked;
}

static bool check_part(const struct image *from, const struct image_box *part, struct error *err)
{
    bool is_inside = part->x0 >= 0 && part->y0 >= 0 && part->x1 <= from->width && part->y1 <= from->height;
    bool has_area = (float)part->x1 > (float)part->x0 && (float)part->y1 > (float)part->y0;
    if (is_inside && has_area)
        return true;
    return error_set(err, ERR_INVALID, "box %g, %g, %g, %g is %s of %u × %u px", part->x0, part->y0, part->x1,
                     part->y1, is_inside ? "an empty part" : "no part", from->width, from->height);
}

static bool plan_axes(const struct image *from, const struct image_resizing *how,
                      const struct image_box *part, struct image_scratch *scratch, struct error *err)
{
    const struct axis_request across = {
        .start = part->x0, .end = part->x1, .size = from->width, .count = how->width, .filter = how->filter};
    const struct axis_request down = {.start = part->y0,
                                      .end = part->y1,
                                      .size = from->height,
                                      .count = how->height,
                                      .filter = how->filter};
    return resize_axis_plan(&scratch->horizontal, &across, err) &&
           resize_axis_plan(&scratch->vertical, &down, err);
}

bool image_resize(const struct image *from, const struct image_resizing *how, struct image_scratch *scratch,
                  struct image *into, struct error *err)
{
    const struct image_box part = choose_part(from, &how->part);
    struct row_source source;
    if (!check_part(from, &part, err) || !image_resize_buffer(into, how->width, how->height, err) ||
        !plan_axes(from, how, &part, scratch, err) || !start_rows(&source, from, scratch, err))
        return false;
    for (uint32_t y = 0; y < how->height; y++) {
        const struct resize_tap *tap = &scratch->vertical.taps[y];
        uint8_t *to = into->pixels + y * source.row_bytes;
        gather_rows(&source, tap);
        if (tap->count == 1)
            memcpy(to, source.rows[0], source.row_bytes);
        else
            scratch->kernels->combine_rows(tap, scratch->vertical.weights + tap->weights, source.rows,
                                           source.row_bytes, to);
    }
    return true;
}
