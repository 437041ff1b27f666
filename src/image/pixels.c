/* SPDX-License-Identifier: Apache-2.0 */
#include "image/pixels.h"

#include <string.h>

/* sum ÷ 255, rounded, for sums up to 255². */
static uint8_t divide_255(uint32_t sum)
{
    sum += 128;
    return (uint8_t)((sum + (sum >> 8)) >> 8);
}

uint8_t image_blend_channel(uint32_t over, uint32_t under, uint32_t alpha)
{
    return divide_255(over * alpha + under * (255 - alpha));
}

void image_blend_pixels(const uint8_t *rgba, size_t count, const uint8_t background[3], uint8_t *rgb,
                        struct image_found *found)
{
    uint8_t alpha_all = 255;
    for (size_t i = 0; i < count; i++) {
        uint8_t alpha = rgba[i * 4 + 3];
        alpha_all &= alpha;
        for (size_t c = 0; c < 3; c++)
            rgb[i * 3 + c] = image_blend_channel(rgba[i * 4 + c], background[c], alpha);
    }
    if (alpha_all != 255)
        found->warnings |= IMAGE_WARNING_ALPHA_BLENDED;
}

void image_fill_pixels(uint8_t *rgb, size_t count, const uint8_t colour[3])
{
    enum { AT_ONCE_MAX_BYTES = 3 * 4096 }; /* stays in the cache */
    size_t bytes = count * 3, done = 3;
    if (count == 0)
        return;
    memcpy(rgb, colour, 3);
    while (done < bytes) {
        size_t part = done < AT_ONCE_MAX_BYTES ? done : AT_ONCE_MAX_BYTES;
        part = part < bytes - done ? part : bytes - done;
        memcpy(rgb + done, rgb, part);
        done += part;
    }
}

void image_fill_rows(struct image *image, uint32_t first_row, const uint8_t background[3])
{
    image_fill_pixels(image->pixels + (size_t)first_row * image->width * 3,
                      (size_t)(image->height - first_row) * image->width, background);
}

void image_cmyk_to_rgb(const uint8_t *cmyk, size_t count, bool is_inverted, uint8_t *rgb)
{
    uint8_t flip = is_inverted ? 255 : 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t light = (uint8_t)(255 - (cmyk[i * 4 + 3] ^ flip));
        for (size_t c = 0; c < 3; c++)
            rgb[i * 3 + c] = (uint8_t)(light - divide_255((uint32_t)(cmyk[i * 4 + c] ^ flip) * light));
    }
}
