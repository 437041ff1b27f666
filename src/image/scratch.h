/* SPDX-License-Identifier: Apache-2.0 */
/* Scratch: the memory that resizing and measuring reuse from image to image. Contents never matter between calls. */
#ifndef IMAGE_SCRATCH_H
#define IMAGE_SCRATCH_H

#include "image/image.h"

/* Memory that grows to the largest need so far. */
struct scratch_block {
    void *data;
    size_t capacity_bytes;
};
/* The block with room for count × size, contents undefined; NULL when memory is out. */
void *scratch_block_reserve(struct scratch_block *block, size_t count, size_t size);

/* One output pixel (or row) is the sum of `count` source pixels from `first` on, each with its weight. */
struct resize_tap {
    uint32_t first, count;
    uint32_t weights; /* index of the first of `count` weights */
    bool is_even;     /* all weights are equal */
};

/* How to resize along one axis. */
struct resize_axis {
    struct scratch_block tap_block, weight_block, exact_block;
    const struct resize_tap *taps; /* one for each output pixel */
    const int32_t *weights;        /* fixed point, RESIZE_WEIGHT_BITS after the point */
    uint32_t count;
    bool is_identity; /* output equals source: skip this axis */
};
enum { RESIZE_WEIGHT_BITS = 22 };

/* Plans `count` output pixels over source pixels start..end of `size`, arithmetic as in Pillow's Resample.c. */
MUST_CHECK bool resize_axis_plan(struct resize_axis *axis, uint32_t size, double start, double end, uint32_t count,
                                 enum image_filter filter, struct error *err);

struct image_scratch {
    struct resize_axis horizontal, vertical;
    struct scratch_block rows, sums;
    struct image canonical, thumbnail, small;
    struct scratch_block planes; /* of one row, for the statistics */
};

#endif
