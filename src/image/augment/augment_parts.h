/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of augment/ share. */
#ifndef IMAGE_AUGMENT_AUGMENT_PARTS_H
#define IMAGE_AUGMENT_AUGMENT_PARTS_H

#include "image/augment/augment.h"
#include "image/scratch.h"

extern const struct augment_op augment_gaussianblur, augment_fliplr, augment_crop, augment_flipud,
    augment_scale, augment_translate, augment_shear, augment_superpixels, augment_sharpen, augment_add,
    augment_invert;

struct augment_scratch {
    struct image_scratch *resize;
    struct scratch_block padded, ring, sums, segments, centres;
    struct image small;
};

/* splitmix64: moves the dice on and gives 0 <= number < 1. */
double augment_roll(uint64_t *dice);

static inline uint8_t augment_level(int32_t value)
{
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}
/* The pixel that stands for one beyond the edge: mirrored, the edge itself once (cv2's BORDER_REFLECT_101).
 */
uint32_t augment_reflect(int64_t at, uint32_t size);

#endif
