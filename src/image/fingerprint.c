/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Perceptual hash: the 64 lowest frequencies, without the mean, of the cosine transform of a small luma
 * image; a bit is set where a coefficient is above the median. Integers throughout, so that a flat image
 * gives exactly 0 on every machine.
 */
#include "image/measure.h"

#include <stdlib.h>
#include <string.h>

enum {
    HASH_BITS = 64,
    HASH_FREQUENCIES = 11, /* in each direction: u + v <= 10 holds 65 without the mean */
    COSINE_BITS = 14,
};

/* round(2^14 cos(π i ÷ 64)), a quarter wave. */
static const int16_t cosines[HASH_SIDE_PX + 1] = {
    16384, 16364, 16305, 16207, 16069, 15893, 15679, 15426, 15137, 14811, 14449,
    14053, 13623, 13160, 12665, 12140, 11585, 11003, 10394, 9760,  9102,  8423,
    7723,  7005,  6270,  5520,  4756,  3981,  3196,  2404,  1606,  804,   0,
};

/* cos((2 i + 1) u π ÷ 64) */
static int32_t cosine(uint32_t i, uint32_t u)
{
    uint32_t angle = (2 * i + 1) * u % 128; /* 128 is a whole turn */
    if (angle > 64)
        angle = 128 - angle;
    return angle <= 32 ? cosines[angle] : -cosines[64 - angle];
}

/* rows[y][u]: each row of luma transformed. Below 32 × 255 × 2^14 = 2^27. */
static void transform_rows(const struct image *small, int32_t rows[HASH_SIDE_PX][HASH_FREQUENCIES])
{
    for (uint32_t y = 0; y < HASH_SIDE_PX; y++) {
        memset(rows[y], 0, sizeof(rows[y]));
        for (uint32_t x = 0; x < HASH_SIDE_PX; x++) {
            int32_t luma = luma_of(small->pixels + ((size_t)y * HASH_SIDE_PX + x) * 3);
            for (uint32_t u = 0; u < HASH_FREQUENCIES; u++)
                rows[y][u] += luma * cosine(x, u);
        }
    }
}

static int64_t transform_column(int32_t rows[HASH_SIDE_PX][HASH_FREQUENCIES], uint32_t u, uint32_t v)
{
    int64_t sum = 0;
    for (uint32_t y = 0; y < HASH_SIDE_PX; y++)
        sum += (int64_t)rows[y][u] * cosine(y, v);
    return sum;
}

static int compare_coefficients(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

uint64_t image_hash(const struct image *small)
{
    int32_t rows[HASH_SIDE_PX][HASH_FREQUENCIES];
    int64_t coefficients[HASH_BITS] = {0}, sorted[HASH_BITS];
    transform_rows(small, rows);
    uint32_t count = 0;
    for (uint32_t diagonal = 1; diagonal < HASH_FREQUENCIES; diagonal++) {
        for (uint32_t u = 0; u <= diagonal && count < HASH_BITS; u++)
            coefficients[count++] = transform_column(rows, u, diagonal - u);
    }
    memcpy(sorted, coefficients, sizeof(sorted));
    qsort(sorted, HASH_BITS, sizeof(sorted[0]), compare_coefficients);
    uint64_t hash = 0;
    for (uint32_t i = 0; i < HASH_BITS; i++)
        hash |= (uint64_t)(coefficients[i] > sorted[HASH_BITS / 2 - 1]) << i;
    return hash;
}
