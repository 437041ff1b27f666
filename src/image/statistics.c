/* SPDX-License-Identifier: Apache-2.0 */
#include "image/measure.h"

#include <math.h>

/* Sums over the image. Integers up to 2^18 px × squares below 2^20, so products with the count stay exact in
 * 64 bits. */
struct image_sums {
    int64_t red_green, red_green_squares, yellow_blue, yellow_blue_squares, laplacian, laplacian_squares;
    uint64_t saturation;
    double brightness;
};

static void add_row(struct image_sums *sums, const struct row_sums *row)
{
    sums->red_green += row->red_green;
    sums->red_green_squares += row->red_green_squares;
    sums->yellow_blue += row->yellow_blue;
    sums->yellow_blue_squares += row->yellow_blue_squares;
    sums->saturation += row->saturation;
    sums->brightness += row->brightness;
}

double image_variance(int64_t sum, int64_t squares, int64_t count)
{
    return (double)(count * squares - sum * sum) / ((double)count * (double)count);
}

/* Hasler & Süsstrunk 2003: sqrt(σ_rg² + σ_yb²) + 0.3 sqrt(μ_rg² + μ_yb²), with yb = (R + G) ÷ 2 − B, of which
 * the sums hold the double. */
static double colorfulness(const struct image_sums *sums, int64_t count)
{
    double deviation = image_variance(sums->red_green, sums->red_green_squares, count) +
                       image_variance(sums->yellow_blue, sums->yellow_blue_squares, count) / 4;
    double rg = (double)sums->red_green / (double)count, yb = (double)sums->yellow_blue / (double)count / 2;
    return sqrt(deviation) + 0.3 * sqrt(rg * rg + yb * yb);
}

void image_measure_statistics(const struct image *canonical, struct image_scratch *scratch,
                              struct image_statistics *ret)
{
    const struct image_kernels *kernels = scratch->kernels;
    uint32_t width = canonical->width, height = canonical->height;
    struct image_sums sums = {0};
    for (uint32_t y = 0; y < height; y++) {
        struct row_sums row = {0};
        kernels->measure_row(canonical->pixels + (size_t)y * width * 3, width, scratch->saturation_units,
                             &scratch->planes, scratch->luma[y % 3], &row);
        add_row(&sums, &row);
        if (y < 2)
            continue;
        kernels->laplace_row(scratch->luma[(y - 2) % 3], scratch->luma[(y - 1) % 3], scratch->luma[y % 3],
                             width, &row);
        sums.laplacian += row.laplacian;
        sums.laplacian_squares += row.laplacian_squares;
    }
    int64_t count = (int64_t)width * height;
    ret->brightness = sums.brightness / sqrt(1000.0) / (double)count;
    ret->saturation = ldexp((double)sums.saturation, -SATURATION_BITS) / (double)count;
    ret->colorfulness = colorfulness(&sums, count);
    int64_t inner = width > 2 && height > 2 ? (int64_t)(width - 2) * (height - 2) : 0;
    ret->clarity = inner > 0 ? image_variance(sums.laplacian, sums.laplacian_squares, inner) : 0.0;
}
