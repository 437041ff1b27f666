/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled per kind of processor, with KERNELS naming the set; plain loops of fixed length that compilers
 * vectorise. */
#include "image/kernels.h"

#include <math.h>
#include <string.h>

#ifdef __AVX2__
#define KERNELS image_kernels_avx2
#define KERNELS_NAME "avx2"
#else
#define KERNELS image_kernels_plain
#define KERNELS_NAME "plain"
#endif

enum { HALF = 1 << (RESIZE_WEIGHT_BITS - 1), COLUMN_BLOCK = 32 };

/* Weights are not negative and sum to 1 within rounding, so only the upper end needs clipping. */
static inline uint8_t round_sum(uint32_t sum)
{
    sum >>= RESIZE_WEIGHT_BITS;
    return (uint8_t)(sum > 255 ? 255 : sum);
}

/* Pixels are moved four bytes at a time; the fourth is overwritten by the next move. */
static void interleave(const uint8_t *const rows[RESIZE_STRIP_ROWS], uint32_t first, uint32_t end,
                       uint8_t *strip)
{
    for (uint32_t x = first; x + 1 < end; x++) {
        uint8_t *to = strip + (size_t)(x - first) * RESIZE_STRIP_BYTES;
        for (size_t row = 0; row < RESIZE_STRIP_ROWS; row++)
            memcpy(to + row * 3, rows[row] + (size_t)x * 3, 4);
    }
    uint8_t *to = strip + (size_t)(end - 1 - first) * RESIZE_STRIP_BYTES;
    for (size_t row = 0; row < RESIZE_STRIP_ROWS; row++)
        memcpy(to + row * 3, rows[row] + (size_t)(end - 1) * 3, 3);
}

static void separate(const uint8_t *strip, uint32_t count, uint8_t *const rows[RESIZE_STRIP_ROWS])
{
    for (uint32_t x = 0; x + 1 < count; x++) {
        const uint8_t *from = strip + (size_t)x * RESIZE_STRIP_BYTES;
        for (size_t row = 0; row < RESIZE_STRIP_ROWS; row++)
            memcpy(rows[row] + (size_t)x * 3, from + row * 3, 4);
    }
    const uint8_t *from = strip + (size_t)(count - 1) * RESIZE_STRIP_BYTES;
    for (size_t row = 0; row < RESIZE_STRIP_ROWS; row++)
        memcpy(rows[row] + (size_t)(count - 1) * 3, from + row * 3, 3);
}

static inline void sum_weighted(const uint8_t *from, const int32_t *weights, uint32_t count, uint8_t *to)
{
    uint32_t sums[RESIZE_STRIP_BYTES];
    for (size_t i = 0; i < RESIZE_STRIP_BYTES; i++)
        sums[i] = HALF;
    for (size_t t = 0; t < count; t++) {
        uint32_t weight = (uint32_t)weights[t];
        for (size_t i = 0; i < RESIZE_STRIP_BYTES; i++)
            sums[i] += from[t * RESIZE_STRIP_BYTES + i] * weight;
    }
    for (size_t i = 0; i < RESIZE_STRIP_BYTES; i++)
        to[i] = round_sum(sums[i]);
}

static inline void sum_even(const uint8_t *from, uint32_t weight, uint32_t count, uint8_t *to)
{
    uint16_t sums[RESIZE_STRIP_BYTES];
    for (size_t i = 0; i < RESIZE_STRIP_BYTES; i++)
        sums[i] = from[i];
    for (size_t t = 1; t < count; t++) {
        for (size_t i = 0; i < RESIZE_STRIP_BYTES; i++)
            sums[i] = (uint16_t)(sums[i] + from[t * RESIZE_STRIP_BYTES + i]);
    }
    for (size_t i = 0; i < RESIZE_STRIP_BYTES; i++)
        to[i] = round_sum(HALF + sums[i] * weight);
}

static void resize_strip(const struct resize_tap *taps, uint32_t count, const int32_t *weights,
                         const uint8_t *strip, uint32_t strip_first, uint8_t *to)
{
    for (uint32_t x = 0; x < count; x++, to += RESIZE_STRIP_BYTES) {
        const struct resize_tap *tap = &taps[x];
        const uint8_t *from = strip + (size_t)(tap->first - strip_first) * RESIZE_STRIP_BYTES;
        if (tap->count == 1)
            memcpy(to, from, RESIZE_STRIP_BYTES);
        else if (tap->is_even)
            sum_even(from, (uint32_t)weights[tap->weights], tap->count, to);
        else
            sum_weighted(from, weights + tap->weights, tap->count, to);
    }
}

static inline void combine_block(const struct resize_tap *tap, const int32_t *weights,
                                 const uint8_t *const *rows, size_t at, uint8_t *to)
{
    uint32_t sums[COLUMN_BLOCK];
    for (size_t i = 0; i < COLUMN_BLOCK; i++)
        sums[i] = HALF;
    for (uint32_t t = 0; t < tap->count; t++) {
        const uint8_t *row = rows[t] + at;
        uint32_t weight = (uint32_t)weights[t];
        for (size_t i = 0; i < COLUMN_BLOCK; i++)
            sums[i] += row[i] * weight;
    }
    for (size_t i = 0; i < COLUMN_BLOCK; i++)
        to[at + i] = round_sum(sums[i]);
}

static inline void combine_even_block(const struct resize_tap *tap, uint32_t weight,
                                      const uint8_t *const *rows, size_t at, uint8_t *to)
{
    uint16_t sums[COLUMN_BLOCK];
    for (size_t i = 0; i < COLUMN_BLOCK; i++)
        sums[i] = rows[0][at + i];
    for (uint32_t t = 1; t < tap->count; t++) {
        const uint8_t *row = rows[t] + at;
        for (size_t i = 0; i < COLUMN_BLOCK; i++)
            sums[i] = (uint16_t)(sums[i] + row[i]);
    }
    for (size_t i = 0; i < COLUMN_BLOCK; i++)
        to[at + i] = round_sum(HALF + sums[i] * weight);
}

static void combine_rows(const struct resize_tap *tap, const int32_t *weights, const uint8_t *const *rows,
                         size_t row_bytes, uint8_t *to)
{
    size_t at = 0;
    for (; at + COLUMN_BLOCK <= row_bytes; at += COLUMN_BLOCK) {
        if (tap->is_even)
            combine_even_block(tap, (uint32_t)weights[0], rows, at, to);
        else
            combine_block(tap, weights, rows, at, to);
    }
    for (; at < row_bytes; at++) {
        uint32_t sum = HALF;
        for (uint32_t t = 0; t < tap->count; t++)
            sum += rows[t][at] * (uint32_t)weights[t];
        to[at] = round_sum(sum);
    }
}

static void split_row(const uint8_t *restrict rgb, uint32_t width, struct row_planes *restrict planes)
{
    for (size_t x = 0; x < width; x++) {
        planes->red[x] = rgb[x * 3];
        planes->green[x] = rgb[x * 3 + 1];
        planes->blue[x] = rgb[x * 3 + 2];
    }
}

static double sum_brightness(struct row_planes *planes, uint32_t width)
{
    const uint8_t *red = planes->red, *green = planes->green, *blue = planes->blue;
    double *brightness = planes->brightness;
    for (uint32_t x = 0; x < width; x++) {
        int32_t r = red[x] * red[x], g = green[x] * green[x], b = blue[x] * blue[x];
        brightness[x] = sqrt((double)(241 * r + 691 * g + 68 * b));
    }
    double lanes[4] = {0};
    uint32_t whole = width & ~3U;
    for (uint32_t x = 0; x < whole; x += 4) {
        for (size_t lane = 0; lane < 4; lane++)
            lanes[lane] += brightness[x + lane];
    }
    for (uint32_t x = whole; x < width; x++)
        lanes[x - whole] += brightness[x];
    return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
}

static uint64_t sum_saturation(struct row_planes *planes, uint32_t width, const uint64_t units[256])
{
    for (uint32_t x = 0; x < width; x++) {
        uint8_t r = planes->red[x], g = planes->green[x], b = planes->blue[x];
        uint8_t most = r > g ? r : g, least = r < g ? r : g;
        most = b > most ? b : most;
        least = b < least ? b : least;
        planes->brightest[x] = most;
        planes->range[x] = (uint8_t)(most - least);
    }
    uint64_t sum = 0;
    for (uint32_t x = 0; x < width; x++)
        sum += planes->range[x] * units[planes->brightest[x]];
    return sum;
}

static void sum_colours(const struct row_planes *planes, uint32_t width, struct row_sums *sums)
{
    const uint8_t *red = planes->red, *green = planes->green, *blue = planes->blue;
    int32_t rg = 0, rg_squares = 0, yb = 0, yb_squares = 0;
    for (uint32_t x = 0; x < width; x++) {
        int16_t red_green = (int16_t)(red[x] - green[x]);
        int16_t yellow_blue = (int16_t)(red[x] + green[x] - 2 * blue[x]);
        rg += red_green;
        rg_squares += red_green * red_green;
        yb += yellow_blue;
        yb_squares += yellow_blue * yellow_blue;
    }
    sums->red_green = rg;
    sums->red_green_squares = rg_squares;
    sums->yellow_blue = yb;
    sums->yellow_blue_squares = yb_squares;
}

static void measure_row(const uint8_t *rgb, uint32_t width, const uint64_t saturation_units[256],
                        struct row_planes *planes, uint8_t *restrict luma, struct row_sums *sums)
{
    split_row(rgb, width, planes);
    for (uint32_t x = 0; x < width; x++)
        luma[x] = (uint8_t)((77 * planes->red[x] + 150 * planes->green[x] + 29 * planes->blue[x] + 128) >> 8);
    sums->brightness = sum_brightness(planes, width);
    sums->saturation = sum_saturation(planes, width, saturation_units);
    sum_colours(planes, width, sums);
}

static void laplace_row(const uint8_t *above, const uint8_t *middle, const uint8_t *below, uint32_t width,
                        struct row_sums *sums)
{
    int32_t sum = 0, squares = 0;
    for (uint32_t x = 1; x + 1 < width; x++) {
        int16_t laplacian = (int16_t)(above[x] + below[x] + middle[x - 1] + middle[x + 1] - 4 * middle[x]);
        sum += laplacian;
        squares += laplacian * laplacian;
    }
    sums->laplacian = sum;
    sums->laplacian_squares = squares;
}

static bool is_supported(void)
{
#ifdef __AVX2__
    return __builtin_cpu_supports("avx2");
#else
    return true;
#endif
}

const struct image_kernels KERNELS = {
    .name = KERNELS_NAME,
    .is_supported = is_supported,
    .interleave = interleave,
    .separate = separate,
    .resize_strip = resize_strip,
    .combine_rows = combine_rows,
    .measure_row = measure_row,
    .laplace_row = laplace_row,
};
