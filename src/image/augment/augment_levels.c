/* SPDX-License-Identifier: Apache-2.0 */
/* add and invert: imgaug's Add(value), the same for all channels, and Invert(1). */
#include "image/augment/augment_parts.h"

#include <math.h>

static void plan_add(struct augment_draw *draw)
{
    draw->px[0] = augment_roll(&draw->dice) < 0.5 ? -1 : 1;
}

static void map_levels(const struct image *from, const uint8_t levels[256], struct image *into)
{
    size_t bytes = (size_t)from->width * from->height * 3;
    for (size_t i = 0; i < bytes; i++)
        into->pixels[i] = levels[from->pixels[i]];
}

static bool add(const struct augment_draw *draw, const struct image *from, struct augment_scratch *scratch,
                struct image *into, struct error *err)
{
    (void)scratch;
    (void)err;
    uint8_t levels[256];
    int32_t more = (int32_t)lround(draw->value * draw->px[0]);
    for (int32_t i = 0; i < 256; i++)
        levels[i] = augment_level(i + more);
    map_levels(from, levels, into);
    return true;
}

static bool invert(const struct augment_draw *draw, const struct image *from, struct augment_scratch *scratch,
                   struct image *into, struct error *err)
{
    (void)draw;
    (void)scratch;
    (void)err;
    uint8_t levels[256];
    for (uint32_t i = 0; i < 256; i++)
        levels[i] = (uint8_t)(255 - i);
    map_levels(from, levels, into);
    return true;
}

const struct augment_op augment_add = {
    .name = "add",
    .reason = 28,
    .summary = "made brighter or darker",
    .parameter = {"value", "levels of 255", 1, 200, 15},
    .plan = plan_add,
    .apply = add,
};
const struct augment_op augment_invert = {
    .name = "invert",
    .reason = 29,
    .summary = "inverted",
    .apply = invert,
};
