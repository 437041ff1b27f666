/* SPDX-License-Identifier: Apache-2.0 */
/* Scratch: the memory that resizing and measuring reuse from image to image. Contents never matter between
 * calls, but for the canonical scale: image_measure leaves it for image_measure_boxes. */
#ifndef IMAGE_SCRATCH_H
#define IMAGE_SCRATCH_H

#include "image/kernels.h"

enum { HASH_SIDE_PX = 32, APPEARANCE_SIDE_PX = 48 };

/* Memory that grows to the largest need so far. */
struct scratch_block {
    void *data;
    size_t capacity_bytes;
};
/* The block with room for count × size, contents undefined; NULL when memory is out. */
void *scratch_block_reserve(struct scratch_block *block, size_t count, size_t size);

/* How to resize along one axis. */
struct resize_axis {
    struct scratch_block tap_block, weight_block, exact_block;
    const struct resize_tap *taps; /* one for each output pixel */
    const int32_t *weights;        /* fixed point, RESIZE_WEIGHT_BITS after the point */
    uint32_t count;
    bool is_identity; /* output equals source: skip this axis */
};

struct axis_request {
    double start, end; /* of the source, within its `size` pixels */
    uint32_t size, count;
    enum image_filter filter;
};
/* Plans `count` output pixels over the source from start to end, with the arithmetic of Pillow's Resample.c.
 */
MUST_CHECK bool resize_axis_plan(struct resize_axis *axis, const struct axis_request *request,
                                 struct error *err);

enum { BOXES_AT_ONCE = 512 };

/* One box of image_measure_boxes: its pixels of the canonical scale, and their sums so far. */
struct box_sums {
    uint32_t x0, y0, x1, y1;
    uint64_t brightness;
    int64_t laplacian, laplacian_squares;
};

/* Sums along one row: entry x is of the pixels left of x, entry 0 stays 0. */
struct row_prefixes {
    uint64_t brightness[IMAGE_CANONICAL_LONG_SIDE_PX + 1];
    int64_t laplacian[IMAGE_CANONICAL_LONG_SIDE_PX + 1];
    int64_t laplacian_squares[IMAGE_CANONICAL_LONG_SIDE_PX + 1];
};

struct image_scratch {
    const struct image_kernels *kernels;
    struct resize_axis horizontal, vertical;
    struct scratch_block ring, row_pointers, strip, resized_strip;
    struct image canonical, thumbnail, small;
    struct row_planes planes;
    uint8_t luma[3][IMAGE_CANONICAL_LONG_SIDE_PX];
    struct row_prefixes prefixes;
    struct box_sums box_sums[BOXES_AT_ONCE];
    float luma_roots[APPEARANCE_SIDE_PX * APPEARANCE_SIDE_PX];
    uint64_t saturation_units[256]; /* 1 ÷ i in units of 2^-SATURATION_BITS; 0 for 0 */
};

#endif
