/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scale, translate and shear: imgaug's Affine(scale=…), (translate_percent=…) and (shear=…), around the
 * middle of the image, bilinear, mode "edge". Coordinates have 16 bits after the point and colours are mixed
 * with 8, so that the copy is the same on every machine.
 */
#include "image/augment/augment_parts.h"

#include <math.h>
#include <string.h>

enum { POINT_BITS = 16, MIX_BITS = 8, MIX = 1 << MIX_BITS };

static double sign(struct augment_draw *draw)
{
    return augment_roll(&draw->dice) < 0.5 ? -1 : 1;
}

static int64_t fixed(double value)
{
    return (int64_t)llround(value * (1 << POINT_BITS));
}

static int64_t within(int64_t at, uint32_t size)
{
    return at < 0 ? 0 : at >= size ? (int64_t)size - 1 : at;
}

/* The source's rows above and below an output row, and what is needed along it. */
struct warp_row {
    const uint8_t *above, *below;
    uint32_t width;
    int32_t part; /* of the row below, 0..MIX */
};

/* `at` and `part_x`: of the pixel to the left, before clamping. */
static void mix_pixel(const struct warp_row *row, int64_t at, int32_t part_x, uint8_t *to)
{
    size_t left = (size_t)within(at, row->width) * 3, right = (size_t)within(at + 1, row->width) * 3;
    for (size_t c = 0; c < 3; c++) {
        int32_t above = row->above[left + c] * (MIX - part_x) + row->above[right + c] * part_x;
        int32_t below = row->below[left + c] * (MIX - part_x) + row->below[right + c] * part_x;
        int32_t both = above * (MIX - row->part) + below * row->part;
        to[c] = (uint8_t)((both + (1 << (2 * MIX_BITS - 1))) >> (2 * MIX_BITS));
    }
}

/* Every output pixel's middle is looked up where the inverse of the map has it. Rows stay rows: no map here
 * has yx. */
static bool warp(const struct augment_draw *draw, const struct image *from, struct augment_scratch *scratch,
                 struct image *into, struct error *err)
{
    (void)scratch;
    (void)err;
    const struct augment_map *map = &draw->map;
    const int64_t step = fixed(1 / map->xx);
    size_t row_bytes = (size_t)from->width * 3;
    for (uint32_t y = 0; y < from->height; y++) {
        double source_y = (y + 0.5 - map->y0) / map->yy;
        double source_x = (0.5 - map->x0 - map->xy * source_y) / map->xx;
        int64_t down = fixed(source_y - 0.5), across = fixed(source_x - 0.5);
        int64_t top = down >> POINT_BITS;
        const struct warp_row row = {from->pixels + (size_t)within(top, from->height) * row_bytes,
                                     from->pixels + (size_t)within(top + 1, from->height) * row_bytes,
                                     from->width, (int32_t)((down >> (POINT_BITS - MIX_BITS)) & (MIX - 1))};
        uint8_t *to = into->pixels + y * row_bytes;
        for (uint32_t x = 0; x < from->width; x++, across += step, to += 3)
            mix_pixel(&row, across >> POINT_BITS, (int32_t)((across >> (POINT_BITS - MIX_BITS)) & (MIX - 1)),
                      to);
    }
    return true;
}

/* ---- scale ---- */

static void plan_scale(struct augment_draw *draw)
{
    double factor = augment_roll(&draw->dice) < 0.5 ? 1 + draw->value : 1 / (1 + draw->value);
    draw->map.xx = draw->map.yy = factor;
    draw->map.x0 = draw->width * (1 - factor) / 2;
    draw->map.y0 = draw->height * (1 - factor) / 2;
}

const struct augment_op augment_scale = {
    .name = "scale",
    .reason = 23,
    .summary = "scaled",
    .parameter = {"scale", "times 1 + this, or divided by it", 0.02, 2, 0.1},
    .moves = true,
    .plan = plan_scale,
    .apply = warp,
};

/* ---- translate ---- */

static void plan_translate(struct augment_draw *draw)
{
    draw->px[0] = round(draw->width * draw->value) * sign(draw);
    draw->px[1] = round(draw->height * draw->value) * sign(draw);
    draw->map.x0 = draw->px[0];
    draw->map.y0 = draw->px[1];
}

/* By whole pixels: nothing is mixed. */
static bool translate(const struct augment_draw *draw, const struct image *from,
                      struct augment_scratch *scratch, struct image *into, struct error *err)
{
    (void)scratch;
    (void)err;
    int64_t across = (int64_t)draw->px[0], down = (int64_t)draw->px[1];
    size_t width = from->width, row_bytes = width * 3;
    size_t gap = (size_t)(across < 0 ? -across : across);
    for (uint32_t y = 0; y < from->height; y++) {
        const uint8_t *row = from->pixels + (size_t)within(y - down, from->height) * row_bytes;
        uint8_t *to = into->pixels + y * row_bytes;
        const uint8_t *edge = across > 0 ? row : row + row_bytes - 3;
        memcpy(to + (across > 0 ? gap * 3 : 0), row + (across < 0 ? gap * 3 : 0), (width - gap) * 3);
        for (size_t i = 0; i < gap; i++)
            memcpy(to + (across > 0 ? i : width - gap + i) * 3, edge, 3);
    }
    return true;
}

const struct augment_op augment_translate = {
    .name = "translate",
    .reason = 24,
    .summary = "shifted",
    .parameter = {"translate_percent", "of the width, and of the height", 0.01, 0.4, 0.04},
    .moves = true,
    .plan = plan_translate,
    .apply = translate,
};

/* ---- shear ---- */

static void plan_shear(struct augment_draw *draw)
{
    static const double degree = 0.017453292519943295;
    draw->map.xy = tan(draw->value * degree) * sign(draw);
    draw->map.x0 = -draw->map.xy * draw->height / 2;
}

const struct augment_op augment_shear = {
    .name = "shear",
    .reason = 25,
    .summary = "sheared",
    .parameter = {"shear", "degrees", 1, 45, 12},
    .moves = true,
    .plan = plan_shear,
    .apply = warp,
};
