/* SPDX-License-Identifier: Apache-2.0 */
/* fliplr and flipud: imgaug's Fliplr(1) and Flipud(1). */
#include "image/augment/augment_parts.h"

#include <string.h>

static void plan_across(struct augment_draw *draw)
{
    draw->map.xx = -1;
    draw->map.x0 = draw->width;
}

static bool mirror_across(const struct augment_draw *draw, const struct image *from,
                          struct augment_scratch *scratch, struct image *into, struct error *err)
{
    (void)draw;
    (void)scratch;
    (void)err;
    size_t row_bytes = (size_t)from->width * 3;
    for (size_t y = 0; y < from->height; y++) {
        const uint8_t *row = from->pixels + y * row_bytes;
        uint8_t *to = into->pixels + (y + 1) * row_bytes;
        for (size_t x = 0; x < from->width; x++) {
            to -= 3;
            to[0] = row[x * 3];
            to[1] = row[x * 3 + 1];
            to[2] = row[x * 3 + 2];
        }
    }
    return true;
}

static void plan_down(struct augment_draw *draw)
{
    draw->map.yy = -1;
    draw->map.y0 = draw->height;
}

static bool mirror_down(const struct augment_draw *draw, const struct image *from,
                        struct augment_scratch *scratch, struct image *into, struct error *err)
{
    (void)draw;
    (void)scratch;
    (void)err;
    size_t row_bytes = (size_t)from->width * 3;
    for (size_t y = 0; y < from->height; y++)
        memcpy(into->pixels + y * row_bytes, from->pixels + (from->height - 1 - y) * row_bytes, row_bytes);
    return true;
}

const struct augment_op augment_fliplr = {
    .name = "fliplr",
    .reason = 20,
    .summary = "mirrored left to right",
    .moves = true,
    .plan = plan_across,
    .apply = mirror_across,
};
const struct augment_op augment_flipud = {
    .name = "flipud",
    .reason = 22,
    .summary = "mirrored top to bottom",
    .moves = true,
    .plan = plan_down,
    .apply = mirror_down,
};
