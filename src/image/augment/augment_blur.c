/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gaussianblur: imgaug's GaussianBlur(sigma). Kernel width by its rule (3.3 sigma below 3 px, 2.9 below 5,
 * else 2.6, at least 5, odd), edges mirrored. Whole numbers throughout: weights of 14 bits, rows of 8.8 bits
 * in between. Only the rows that an output row needs are held, in a ring.
 */
#include "image/augment/augment_parts.h"

#include <math.h>
#include <string.h>

enum { WEIGHT_BITS = 14, ROW_BITS = 8, TAPS_MAX = 63 };

struct blur {
    const struct image *from;
    uint32_t taps, row_values, ring_rows, next;
    uint32_t weights[TAPS_MAX];
    uint8_t *padded;
    uint16_t *ring;
    uint32_t *sums;
};

static uint32_t taps_of(double sigma)
{
    double width = sigma < 3 ? 3.3 * sigma : sigma < 5 ? 2.9 * sigma : 2.6 * sigma;
    uint32_t taps = (uint32_t)fmax(width, 5);
    taps += taps % 2 == 0;
    return taps < TAPS_MAX ? taps : TAPS_MAX;
}

/* Rounded to 14 bits; what rounding leaves over goes to the middle, so that a flat image stays as it is. */
static void weigh(struct blur *blur, double sigma)
{
    double exact[TAPS_MAX] = {0}, sum = 0;
    uint32_t middle = blur->taps / 2, total = 0;
    for (uint32_t i = 0; i < blur->taps; i++) {
        double distance = (double)i - middle;
        exact[i] = exp(-distance * distance / (2 * sigma * sigma));
        sum += exact[i];
    }
    for (uint32_t i = 0; i < blur->taps; i++) {
        blur->weights[i] = (uint32_t)lround(exact[i] / sum * (1 << WEIGHT_BITS));
        total += blur->weights[i];
    }
    blur->weights[middle] += (1U << WEIGHT_BITS) - total;
}

static uint16_t *ring_row(const struct blur *blur, uint32_t y)
{
    return blur->ring + (size_t)(y % blur->ring_rows) * blur->row_values;
}

static void pad_row(struct blur *blur, uint32_t y)
{
    uint32_t width = blur->from->width, reach = blur->taps / 2;
    const uint8_t *row = blur->from->pixels + (size_t)y * blur->row_values;
    memcpy(blur->padded + (size_t)reach * 3, row, blur->row_values);
    for (uint32_t i = 1; i <= reach; i++) {
        memcpy(blur->padded + (size_t)(reach - i) * 3, row + (size_t)augment_reflect(-(int64_t)i, width) * 3,
               3);
        memcpy(blur->padded + (size_t)(reach + width - 1 + i) * 3,
               row + (size_t)augment_reflect((int64_t)width - 1 + i, width) * 3, 3);
    }
}

static void blur_row(struct blur *blur, uint32_t y)
{
    uint32_t *sums = blur->sums;
    uint16_t *to = ring_row(blur, y);
    pad_row(blur, y);
    memset(sums, 0, blur->row_values * sizeof(*sums));
    for (uint32_t t = 0; t < blur->taps; t++) {
        const uint8_t *from = blur->padded + (size_t)t * 3;
        uint16_t weight = (uint16_t)blur->weights[t];
        for (uint32_t i = 0; i < blur->row_values; i++)
            sums[i] += (uint32_t)((uint16_t)from[i]) * weight;
    }
    for (uint32_t i = 0; i < blur->row_values; i++)
        to[i] = (uint16_t)((sums[i] + (1U << (WEIGHT_BITS - ROW_BITS - 1))) >> (WEIGHT_BITS - ROW_BITS));
}

static void blur_column(struct blur *blur, uint32_t y, uint8_t *to)
{
    uint32_t *sums = blur->sums, height = blur->from->height;
    int64_t reach = blur->taps / 2;
    uint32_t needed = (uint32_t)(y + reach < height ? y + reach : height - 1);
    for (; blur->next <= needed; blur->next++)
        blur_row(blur, blur->next);
    memset(sums, 0, blur->row_values * sizeof(*sums));
    for (uint32_t t = 0; t < blur->taps; t++) {
        const uint16_t *row = ring_row(blur, augment_reflect((int64_t)y + t - reach, height));
        uint16_t weight = (uint16_t)blur->weights[t];
        for (uint32_t i = 0; i < blur->row_values; i++)
            sums[i] += (uint32_t)row[i] * weight;
    }
    enum { DOWN = WEIGHT_BITS + ROW_BITS };
    for (uint32_t i = 0; i < blur->row_values; i++)
        to[i] = (uint8_t)((sums[i] + (1U << (DOWN - 1))) >> DOWN);
}

static bool apply(const struct augment_draw *draw, const struct image *from, struct augment_scratch *scratch,
                  struct image *into, struct error *err)
{
    double sigma = draw->value * draw->pixel;
    struct blur blur = {.from = from, .taps = taps_of(sigma), .row_values = from->width * 3};
    weigh(&blur, sigma);
    blur.ring_rows = from->height < blur.taps ? from->height : blur.taps;
    blur.padded = scratch_block_reserve(&scratch->padded, (size_t)from->width + blur.taps, 3);
    blur.ring =
        scratch_block_reserve(&scratch->ring, (size_t)blur.ring_rows * blur.row_values, sizeof(uint16_t));
    blur.sums = scratch_block_reserve(&scratch->sums, blur.row_values, sizeof(uint32_t));
    if (!blur.padded || !blur.ring || !blur.sums)
        return error_no_memory(err);
    for (uint32_t y = 0; y < from->height; y++)
        blur_column(&blur, y, into->pixels + (size_t)y * blur.row_values);
    return true;
}

const struct augment_op augment_gaussianblur = {
    .name = "gaussianblur",
    .reason = 19,
    .summary = "blurred",
    .parameter = {"sigma", "px of the model's input", 0.1, 8, 0.5, .is_exact = true},
    .apply = apply,
};
