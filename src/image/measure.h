/* SPDX-License-Identifier: Apache-2.0 */
/* Measure: the three parts of image_measure, each on the scale it wants. */
#ifndef IMAGE_MEASURE_H
#define IMAGE_MEASURE_H

#include "image/decoder.h"
#include "image/scratch.h"

/* The canonical scale of `image` as image_measure left it; may be the image itself. */
const struct image *image_canonical(const struct image *image, const struct image_scratch *scratch);
double image_variance(int64_t sum, int64_t squares, int64_t count);
/* One pass over the canonical scale: all but resolution and aspect ratio. */
void image_measure_statistics(const struct image *canonical, struct image_scratch *scratch,
                              struct image_statistics *ret);
/* `small` is HASH_SIDE_PX square. */
uint64_t image_hash(const struct image *small);
/* `small` is APPEARANCE_SIDE_PX square. */
void image_describe_appearance(const struct image *small, struct image_scratch *scratch,
                               float ret[IMAGE_APPEARANCE_LENGTH]);

/* Luma, 0..255, the same everywhere in measuring. */
static inline uint8_t luma_of(const uint8_t *rgb)
{
    return (uint8_t)((77 * rgb[0] + 150 * rgb[1] + 29 * rgb[2] + 128) >> 8);
}

#endif
