/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over the rows that any box touches. Each row is summed from its left end once, so that a box costs
 * two differences a row, however large it is and however many others cover it. All sums are of integers.
 */
#include "image/measure.h"

#include <math.h>

enum { BRIGHTNESS_BITS = 18 }; /* after the point of brightness × sqrt(1000), which is below 2^13 */

static double clip(double value, double most)
{
    return value > 0 ? (value < most ? value : most) : 0; /* also what is no number is 0 */
}

/* The canonical pixels whose centres lie between start and end; at least one. */
static void find_pixels(double start, double end, uint32_t side, uint32_t canonical_side, uint32_t *ret_first,
                        uint32_t *ret_end)
{
    double scale = (double)canonical_side / side;
    start = clip(start, side) * scale;
    end = clip(end, side) * scale;
    /* ceil(-0.5) is -0, so nothing negative is converted */
    uint32_t first = (uint32_t)ceil(start - 0.5), past = (uint32_t)ceil(end - 0.5);
    if (first >= past) {
        uint32_t middle = (uint32_t)((start + end) / 2);
        first = middle < canonical_side ? middle : canonical_side - 1;
        past = first + 1;
    }
    *ret_first = first;
    *ret_end = past;
}

static void start_sums(struct box_sums *sums, const struct image_box *box, const struct image *image,
                       const struct image *canonical)
{
    *sums = (struct box_sums){0};
    find_pixels(box->x0, box->x1, image->width, canonical->width, &sums->x0, &sums->x1);
    find_pixels(box->y0, box->y1, image->height, canonical->height, &sums->y0, &sums->y1);
}

static void sum_brightness(const double *brightness, uint32_t width, uint64_t *prefix)
{
    uint64_t sum = 0;
    for (uint32_t x = 0; x < width; x++) {
        sum += (uint64_t)lrint(brightness[x] * (1 << BRIGHTNESS_BITS));
        prefix[x + 1] = sum;
    }
}

/* `middle` is row y - 1 where y is the last of which luma is known. Outer columns count as 0: no box asks. */
static void sum_laplacian(uint8_t luma[3][IMAGE_CANONICAL_LONG_SIDE_PX], uint32_t y, uint32_t width,
                          struct row_prefixes *prefixes)
{
    const uint8_t *above = luma[(y - 2) % 3], *middle = luma[(y - 1) % 3], *below = luma[y % 3];
    int64_t sum = 0, squares = 0;
    for (uint32_t x = 1; x + 1 < width; x++) {
        int64_t laplacian = above[x] + below[x] + middle[x - 1] + middle[x + 1] - 4 * middle[x];
        sum += laplacian;
        squares += laplacian * laplacian;
        prefixes->laplacian[x + 1] = sum;
        prefixes->laplacian_squares[x + 1] = squares;
    }
}

static void add_row(const struct row_prefixes *prefixes, uint32_t y, struct box_sums *sums, size_t count)
{
    for (struct box_sums *box = sums; box < sums + count; box++) {
        if (y < box->y0 || y >= box->y1)
            continue;
        box->brightness += prefixes->brightness[box->x1] - prefixes->brightness[box->x0];
        /* Row y - 1 is an inner one of the box when the rows beside it are in the box. */
        if (y < box->y0 + 2 || box->x1 - box->x0 < 3)
            continue;
        box->laplacian += prefixes->laplacian[box->x1 - 1] - prefixes->laplacian[box->x0 + 1];
        box->laplacian_squares +=
            prefixes->laplacian_squares[box->x1 - 1] - prefixes->laplacian_squares[box->x0 + 1];
    }
}

static struct image_box_measures finish(const struct box_sums *sums)
{
    int64_t width = sums->x1 - sums->x0, height = sums->y1 - sums->y0;
    struct image_box_measures measures = {.brightness = ldexp((double)sums->brightness, -BRIGHTNESS_BITS) /
                                                        sqrt(1000.0) / (double)(width * height)};
    if (width > 2 && height > 2)
        measures.clarity =
            image_variance(sums->laplacian, sums->laplacian_squares, (width - 2) * (height - 2));
    return measures;
}

static void measure_batch(const struct image *canonical, struct image_scratch *scratch, size_t count)
{
    struct box_sums *sums = scratch->box_sums;
    struct row_prefixes *prefixes = &scratch->prefixes;
    uint32_t first = canonical->height, end = 0;
    for (size_t i = 0; i < count; i++) {
        first = sums[i].y0 < first ? sums[i].y0 : first;
        end = sums[i].y1 > end ? sums[i].y1 : end;
    }
    for (uint32_t y = first; y < end; y++) {
        struct row_sums row = {0};
        scratch->kernels->measure_row(canonical->pixels + (size_t)y * canonical->width * 3, canonical->width,
                                      scratch->saturation_units, &scratch->planes, scratch->luma[y % 3],
                                      &row);
        sum_brightness(scratch->planes.brightness, canonical->width, prefixes->brightness);
        if (y >= first + 2)
            sum_laplacian(scratch->luma, y, canonical->width, prefixes);
        add_row(prefixes, y, sums, count);
    }
}

void image_measure_boxes(const struct image *image, const struct image_box *boxes, size_t count,
                         struct image_scratch *scratch, struct image_box_measures *ret)
{
    const struct image *canonical = image_canonical(image, scratch);
    for (size_t done = 0, part; done < count; done += part) {
        part = count - done < BOXES_AT_ONCE ? count - done : BOXES_AT_ONCE;
        for (size_t i = 0; i < part; i++)
            start_sums(&scratch->box_sums[i], &boxes[done + i], image, canonical);
        measure_batch(canonical, scratch, part);
        for (size_t i = 0; i < part; i++)
            ret[done + i] = finish(&scratch->box_sums[i]);
    }
}
