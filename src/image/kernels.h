/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernels: the inner loops. kernels.c is compiled once for every processor of its kind and once for those
 * with AVX2; image_scratch_new picks. All sets give the same bits: sums are of integers, and what is floating
 * point is rounded per element or added in a fixed order.
 */
#ifndef IMAGE_KERNELS_H
#define IMAGE_KERNELS_H

#include "image/image.h"

/* One output pixel (or row) is the sum of `count` source pixels from `first` on, each with its weight. */
struct resize_tap {
    uint32_t first, count;
    uint32_t weights; /* index of the first of `count` weights */
    bool is_even;     /* all weights are equal, and a sum of `count` bytes fits 16 bits */
};
enum {
    RESIZE_WEIGHT_BITS = 22, /* after the point, as in Pillow */
    RESIZE_EVEN_MAX = 257,   /* × 255 fits 16 bits */
    RESIZE_STRIP_ROWS = 16,
    RESIZE_STRIP_BYTES = RESIZE_STRIP_ROWS * 3, /* one pixel of each row of a strip */
};

/* Integer sums of one row; they fit 32 bits up to IMAGE_CANONICAL_LONG_SIDE_PX. */
struct row_sums {
    int32_t red_green, red_green_squares;     /* R − G */
    int32_t yellow_blue, yellow_blue_squares; /* R + G − 2B: twice the colour difference */
    int32_t laplacian, laplacian_squares;
    uint64_t saturation; /* in units of 2^-SATURATION_BITS */
    double brightness;
};
enum { SATURATION_BITS = 44 };

/* Working space of one row. */
struct row_planes {
    uint8_t red[IMAGE_CANONICAL_LONG_SIDE_PX], green[IMAGE_CANONICAL_LONG_SIDE_PX];
    uint8_t blue[IMAGE_CANONICAL_LONG_SIDE_PX];
    uint8_t brightest[IMAGE_CANONICAL_LONG_SIDE_PX], range[IMAGE_CANONICAL_LONG_SIDE_PX];
    double brightness[IMAGE_CANONICAL_LONG_SIDE_PX];
};

struct image_kernels {
    const char *name; /* "avx2" */
    bool (*is_supported)(void);
    /* Interleaves pixels first..end of the strip's rows: strip[(x - first) * RESIZE_STRIP_BYTES + row * 3 +
     * channel]. The strip has one byte to spare at its end, the rows have none. */
    void (*interleave)(const uint8_t *const rows[RESIZE_STRIP_ROWS], uint32_t first, uint32_t end,
                       uint8_t *strip);
    void (*separate)(const uint8_t *strip, uint32_t count, uint8_t *const rows[RESIZE_STRIP_ROWS]);
    /* Output pixel i of all rows of the strip; strip_first is the source column that the strip begins with.
     */
    void (*resize_strip)(const struct resize_tap *taps, uint32_t count, const int32_t *weights,
                         const uint8_t *strip, uint32_t strip_first, uint8_t *to);
    /* One output row from tap->count rows. */
    void (*combine_rows)(const struct resize_tap *tap, const int32_t *weights, const uint8_t *const *rows,
                         size_t row_bytes, uint8_t *to);
    /* Adds one row of RGB to the sums (not its Laplacian) and gives its luma. saturation_units[i] is 1 ÷ i,
     * see SATURATION_BITS. */
    void (*measure_row)(const uint8_t *rgb, uint32_t width, const uint64_t saturation_units[256],
                        struct row_planes *planes, uint8_t *luma, struct row_sums *sums);
    /* Adds the Laplacian of luma of the inner pixels of the middle row. */
    void (*laplace_row)(const uint8_t *above, const uint8_t *middle, const uint8_t *below, uint32_t width,
                        struct row_sums *sums);
};

extern const struct image_kernels image_kernels_avx2, image_kernels_plain;
/* The sets, best first; the last runs everywhere. NULL ends. */
extern const struct image_kernels *const image_kernel_sets[];
const struct image_kernels *image_kernels_choose(void);

#endif
