/* SPDX-License-Identifier: Apache-2.0 */
/* Pixels: from what formats store to opaque RGB, the same for all decoders. */
#ifndef IMAGE_PIXELS_H
#define IMAGE_PIXELS_H

#include "image/decoder.h"

/* Lays RGBA over the background, rounded; works in place, too. Notes IMAGE_WARNING_ALPHA_BLENDED when any
 * pixel is not opaque. */
void image_blend_pixels(const uint8_t *rgba, size_t count, const uint8_t background[3], uint8_t *rgb,
                        struct image_found *found);
/* One colour over `background` with this alpha. */
uint8_t image_blend_channel(uint32_t over, uint32_t under, uint32_t alpha);
/* `count` pixels of one colour. */
void image_fill_pixels(uint8_t *rgb, size_t count, const uint8_t colour[3]);
/* What is missing from this row on shows the background. */
void image_fill_rows(struct image *image, uint32_t first_row, const uint8_t background[3]);
/* RGB = paper × (1 − ink) × (1 − black), as Pillow. Inverted: 255 − ink is stored. */
void image_cmyk_to_rgb(const uint8_t *cmyk, size_t count, bool is_inverted, uint8_t *rgb);

/* Numbers in files; the caller knows that the bytes are there. */
static inline uint32_t read_u16_le(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8;
}
static inline uint32_t read_u32_le(const uint8_t *bytes)
{
    return read_u16_le(bytes) | read_u16_le(bytes + 2) << 16;
}

#endif
