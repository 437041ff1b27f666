/* SPDX-License-Identifier: Apache-2.0 */
#include "image/bmp.h"
#include "image/pixels.h"

#include <string.h>

bool bmp_lose_rows(const struct bmp *bmp, uint64_t rows, const char *why, struct error *err)
{
    if (!bmp->options->accept_partial)
        return error_set(err, ERR_INVALID, "damaged BMP, pixels are missing: near row %u of %u: %s",
                         (unsigned)rows, bmp->height, why);
    bmp->found->warnings |= IMAGE_WARNING_PARTIAL;
    return true;
}

uint8_t *bmp_row(const struct bmp *bmp, uint32_t row)
{
    uint32_t y = bmp->is_top_down ? row : bmp->height - 1 - row;
    return bmp->into->pixels + (size_t)y * bmp->width * 3;
}

void bmp_fill_missing(const struct bmp *bmp, uint32_t rows_done)
{
    for (uint32_t row = rows_done; row < bmp->height; row++)
        image_fill_pixels(bmp_row(bmp, row), bmp->width, bmp->options->background);
}

static uint8_t sample_of(const struct bmp_channel *channel, uint32_t pixel)
{
    if (channel->most == 0)
        return 0;
    uint64_t sample = (pixel >> channel->shift) & channel->most;
    return (uint8_t)((sample * 255 + channel->most / 2) / channel->most);
}

static uint32_t pixel_at(const struct bmp *bmp, const uint8_t *from, size_t x)
{
    return bmp->depth == 16 ? read_u16_le(from + x * 2) : read_u32_le(from + x * 4);
}

static void put_indices(const struct bmp *bmp, const uint8_t *from, uint8_t *to)
{
    uint32_t per_byte = 8 / bmp->depth, most = (1U << bmp->depth) - 1;
    for (uint32_t x = 0; x < bmp->width; x++, to += 3) {
        uint32_t shift = 8 - bmp->depth * (x % per_byte + 1);
        uint32_t index = (uint32_t)from[x / per_byte] >> shift & most;
        memcpy(to, bmp->palette[index], 3);
        if (index >= bmp->colours)
            bmp->found->warnings |= IMAGE_WARNING_BAD_METADATA;
    }
}

static void put_bgr(const struct bmp *bmp, const uint8_t *from, uint8_t *to)
{
    for (size_t x = 0; x < bmp->width; x++) {
        for (size_t c = 0; c < 3; c++)
            to[x * 3 + c] = from[x * 3 + 2 - c];
    }
}

static void put_masked(const struct bmp *bmp, const uint8_t *from, bool has_alpha, uint8_t *to)
{
    for (size_t x = 0; x < bmp->width; x++) {
        uint32_t pixel = pixel_at(bmp, from, x);
        uint8_t alpha = has_alpha ? sample_of(&bmp->channels[3], pixel) : 255;
        if (alpha != 255)
            bmp->found->warnings |= IMAGE_WARNING_ALPHA_BLENDED;
        for (size_t c = 0; c < 3; c++)
            to[x * 3 + c] =
                image_blend_channel(sample_of(&bmp->channels[c], pixel), bmp->options->background[c], alpha);
    }
}

/* Many programs write an alpha channel that is 0 everywhere and mean an opaque picture. */
static bool has_alpha(const struct bmp *bmp, const uint8_t *first_row, size_t row_bytes, uint32_t rows)
{
    uint32_t mask = bmp->channels[3].most << bmp->channels[3].shift;
    for (uint32_t row = 0; row < rows && mask; row++) {
        for (size_t x = 0; x < bmp->width; x++) {
            if (pixel_at(bmp, first_row + row * row_bytes, x) & mask)
                return true;
        }
    }
    return false;
}

static void note_depth(const struct bmp *bmp)
{
    for (size_t i = 0; i < 4 && (bmp->depth == 16 || bmp->depth == 32); i++) {
        if (bmp->channels[i].most > 255)
            bmp->found->warnings |= IMAGE_WARNING_SCALED_16_BIT;
    }
}

bool bmp_read_rows(struct bmp *bmp, struct error *err)
{
    size_t row_bytes = ((size_t)bmp->width * bmp->depth + 31) / 32 * 4;
    /* the last row may lack its padding */
    size_t used_bytes = ((size_t)bmp->width * bmp->depth + 7) / 8;
    size_t given = bmp->file.size > bmp->pixels_at ? bmp->file.size - bmp->pixels_at : 0;
    uint64_t rows = (given + row_bytes - used_bytes) / row_bytes;
    if (rows == 0)
        return error_set(err, ERR_INVALID, "unreadable BMP: the file is cut short");
    if (rows < bmp->height && !bmp_lose_rows(bmp, rows, "the file is cut short", err))
        return false;
    if (!image_resize_buffer(bmp->into, bmp->width, bmp->height, err))
        return false;
    uint32_t rows_given = rows < bmp->height ? (uint32_t)rows : bmp->height;
    const uint8_t *from = (const uint8_t *)bmp->file.data + bmp->pixels_at;
    bool is_transparent = bmp->depth > 8 && has_alpha(bmp, from, row_bytes, rows_given);
    for (uint32_t row = 0; row < rows_given; row++, from += row_bytes) {
        if (bmp->depth <= 8)
            put_indices(bmp, from, bmp_row(bmp, row));
        else if (bmp->depth == 24)
            put_bgr(bmp, from, bmp_row(bmp, row));
        else
            put_masked(bmp, from, is_transparent, bmp_row(bmp, row));
    }
    note_depth(bmp);
    bmp_fill_missing(bmp, rows_given);
    return true;
}
