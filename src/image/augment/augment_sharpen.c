/* SPDX-License-Identifier: Apache-2.0 */
/* sharpen: imgaug's Sharpen(alpha, lightness=1): alpha of an image in which each pixel counts 9 and its eight
 * neighbours -1 each, over 1 - alpha of the image itself; edges mirrored. */
#include "image/augment/augment_parts.h"

#include <math.h>

enum { ALPHA_BITS = 8 };

/* Sums of three rows, with a pixel to spare at both ends. */
static void sum_rows(const struct image *from, uint32_t y, int32_t *sums)
{
    size_t row_bytes = (size_t)from->width * 3;
    const uint8_t *middle = from->pixels + y * row_bytes;
    const uint8_t *above = from->pixels + augment_reflect((int64_t)y - 1, from->height) * row_bytes;
    const uint8_t *below = from->pixels + augment_reflect((int64_t)y + 1, from->height) * row_bytes;
    for (size_t i = 0; i < row_bytes; i++)
        sums[3 + i] = above[i] + middle[i] + below[i];
    for (size_t c = 0; c < 3; c++) {
        sums[c] = sums[3 + augment_reflect(-1, from->width) * 3 + c];
        sums[3 + row_bytes + c] = sums[3 + augment_reflect(from->width, from->width) * 3 + c];
    }
}

static bool apply(const struct augment_draw *draw, const struct image *from, struct augment_scratch *scratch,
                  struct image *into, struct error *err)
{
    int32_t alpha = (int32_t)lround(draw->value * (1 << ALPHA_BITS));
    size_t row_bytes = (size_t)from->width * 3;
    int32_t *sums = scratch_block_reserve(&scratch->sums, row_bytes + 6, sizeof(*sums));
    if (!sums)
        return error_no_memory(err);
    for (uint32_t y = 0; y < from->height; y++) {
        const uint8_t *row = from->pixels + y * row_bytes;
        uint8_t *to = into->pixels + y * row_bytes;
        sum_rows(from, y, sums);
        for (size_t i = 0; i < row_bytes; i++) {
            int32_t more = 9 * row[i] - sums[i] - sums[i + 3] - sums[i + 6];
            to[i] = augment_level(row[i] + ((alpha * more + (1 << (ALPHA_BITS - 1))) >> ALPHA_BITS));
        }
    }
    return true;
}

const struct augment_op augment_sharpen = {
    .name = "sharpen",
    .reason = 27,
    .summary = "sharpened",
    .parameter = {"alpha", "", 0.01, 1, 0.1},
    .apply = apply,
};
