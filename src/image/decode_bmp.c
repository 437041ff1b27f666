/* SPDX-License-Identifier: Apache-2.0 */
/* BMP of Windows and OS/2, decoded here: docs/decisions/bmp.md says why and how. */
#include "image/bmp.h"

#include "image/pixels.h"

#include <string.h>

enum {
    BMP_FILE_HEADER_BYTES = 14,
    BMP_CORE_HEADER_BYTES = 12, /* OS/2 1.x; all others begin like BITMAPINFOHEADER */
    BMP_SHORT_HEADER_BYTES = 16,
    BMP_INFO_HEADER_BYTES = 40,
    BMP_RGB_MASKS_HEADER_BYTES = 52,
    BMP_RGBA_MASKS_HEADER_BYTES = 56,
    BMP_OS2_HEADER_BYTES = 64,
    BMP_V5_HEADER_BYTES = 124, /* the longest */
};

/* Colour space of a V5 header: a profile in the file, or beside it. */
enum { BMP_PROFILE_EMBEDDED = 0x4d424544, BMP_PROFILE_LINKED = 0x4c494e4b };

static const uint32_t default_masks_16[4] = {0x7c00, 0x03e0, 0x001f, 0};
static const uint32_t default_masks_32[4] = {0xff0000, 0x00ff00, 0x0000ff, 0};

static bool refuse(struct error *err, const char *why)
{
    return error_set(err, ERR_INVALID, "unreadable BMP: %s", why);
}

/* Fields that a short header leaves out are 0. */
static uint32_t field_u32(const struct bmp *bmp, size_t offset)
{
    const uint8_t *header = (const uint8_t *)bmp->file.data + BMP_FILE_HEADER_BYTES;
    return offset + 4 <= bmp->header_bytes ? read_u32_le(header + offset) : 0;
}

static bool read_size(struct bmp *bmp, struct error *err)
{
    const uint8_t *header = (const uint8_t *)bmp->file.data + BMP_FILE_HEADER_BYTES;
    int64_t width, height;
    if (bmp->header_bytes == BMP_CORE_HEADER_BYTES) {
        width = read_u16_le(header + 4);
        height = read_u16_le(header + 6);
        bmp->depth = read_u16_le(header + 10);
    } else {
        width = (int32_t)read_u32_le(header + 4);
        height = (int32_t)read_u32_le(header + 8);
        bmp->depth = read_u16_le(header + 14);
    }
    bmp->is_top_down = height < 0;
    height = height < 0 ? -height : height;
    if (width < 0)
        return refuse(err, "its width is negative");
    if (!image_check_size((uint64_t)width, (uint64_t)height, bmp->options->pixels_max, err))
        return false;
    bmp->width = (uint32_t)width;
    bmp->height = (uint32_t)height;
    return true;
}

static bool check_kind(const struct bmp *bmp, struct error *err)
{
    bool is_palette = bmp->depth == 1 || bmp->depth == 2 || bmp->depth == 4 || bmp->depth == 8;
    bool is_wide = bmp->depth == 16 || bmp->depth == 32;
    switch (bmp->compression) {
    case BMP_PLAIN:
        return is_palette || is_wide || bmp->depth == 24 ||
               refuse(err, "it has an odd number of bits a pixel");
    case BMP_RLE8:
    case BMP_RLE4:
        if (bmp->depth != (bmp->compression == BMP_RLE8 ? 8U : 4U))
            return refuse(err, "run lengths and bits a pixel do not fit");
        return !bmp->is_top_down || refuse(err, "run lengths from the top are not allowed");
    case BMP_BITFIELDS:
    case BMP_ALPHA_BITFIELDS:
        if (bmp->header_bytes == BMP_OS2_HEADER_BYTES)
            return refuse(err, "the Huffman coding of OS/2 is not supported");
        return is_wide || refuse(err, "masks and bits a pixel do not fit");
    default:
        return error_set(err, ERR_INVALID, "unreadable BMP: compression %u is not supported",
                         bmp->compression);
    }
}

static bool take_mask(struct bmp_channel *channel, uint32_t mask)
{
    *channel = (struct bmp_channel){0};
    if (mask == 0)
        return true;
    channel->shift = (uint32_t)__builtin_ctz(mask);
    channel->most = mask >> channel->shift;
    return (channel->most & (channel->most + 1)) == 0;
}

/* *header_end moves past masks that follow an old header. */
static bool read_masks(struct bmp *bmp, size_t *header_end, struct error *err)
{
    bool has_masks = bmp->compression == BMP_BITFIELDS || bmp->compression == BMP_ALPHA_BITFIELDS;
    uint32_t masks[4];
    memcpy(masks, bmp->depth == 16 ? default_masks_16 : default_masks_32, sizeof(masks));
    if (has_masks) {
        const uint8_t *bytes =
            (const uint8_t *)bmp->file.data + BMP_FILE_HEADER_BYTES + BMP_INFO_HEADER_BYTES;
        size_t count =
            bmp->header_bytes >= BMP_RGBA_MASKS_HEADER_BYTES || bmp->compression == BMP_ALPHA_BITFIELDS ? 4
                                                                                                        : 3;
        size_t end = BMP_FILE_HEADER_BYTES + BMP_INFO_HEADER_BYTES + count * 4;
        if (bmp->header_bytes < BMP_INFO_HEADER_BYTES || end > bmp->file.size)
            return refuse(err, "its masks are missing");
        *header_end = end > *header_end ? end : *header_end;
        masks[3] = 0;
        for (size_t i = 0; i < count; i++)
            masks[i] = read_u32_le(bytes + i * 4);
    }
    for (size_t i = 0; i < 4; i++) {
        if (!take_mask(&bmp->channels[i], masks[i]))
            return refuse(err, "a colour mask has gaps");
    }
    return true;
}

static void read_palette(struct bmp *bmp, size_t header_end)
{
    const uint8_t *bytes = bmp->file.data;
    size_t entry_bytes = bmp->header_bytes == BMP_CORE_HEADER_BYTES ? 3 : 4, most = (size_t)1 << bmp->depth;
    size_t used = field_u32(bmp, 32);
    size_t count = used > 0 && used < most ? used : most;
    size_t end = bmp->pixels_at < bmp->file.size ? bmp->pixels_at : bmp->file.size;
    size_t room = end > header_end ? (end - header_end) / entry_bytes : 0;
    bmp->colours = (uint32_t)(count < room ? count : room);
    for (size_t i = 0; i < bmp->colours; i++) {
        const uint8_t *entry = bytes + header_end + i * entry_bytes;
        for (size_t c = 0; c < 3; c++)
            bmp->palette[i][c] = entry[2 - c];
    }
}

static bool read_header(struct bmp *bmp, struct error *err)
{
    const uint8_t *bytes = bmp->file.data;
    if (bmp->file.size < BMP_FILE_HEADER_BYTES + BMP_CORE_HEADER_BYTES)
        return refuse(err, "the file is cut short");
    bmp->pixels_at = read_u32_le(bytes + 10);
    bmp->header_bytes = read_u32_le(bytes + 14);
    if (bmp->header_bytes != BMP_CORE_HEADER_BYTES &&
        (bmp->header_bytes < BMP_SHORT_HEADER_BYTES || bmp->header_bytes > BMP_V5_HEADER_BYTES))
        return error_set(err, ERR_INVALID, "unreadable BMP: no header has %u bytes", bmp->header_bytes);
    size_t header_end = BMP_FILE_HEADER_BYTES + (size_t)bmp->header_bytes;
    if (header_end > bmp->file.size)
        return refuse(err, "the file is cut short");
    if (!read_size(bmp, err))
        return false;
    bmp->compression = field_u32(bmp, 16);
    if (!check_kind(bmp, err) || !read_masks(bmp, &header_end, err))
        return false;
    if (bmp->pixels_at < header_end)
        return refuse(err, "its pixels begin inside its header");
    if (bmp->depth <= 8)
        read_palette(bmp, header_end);
    uint32_t colour_space = bmp->header_bytes == BMP_V5_HEADER_BYTES ? field_u32(bmp, 56) : 0;
    if (colour_space == BMP_PROFILE_EMBEDDED || colour_space == BMP_PROFILE_LINKED)
        bmp->found->warnings |= IMAGE_WARNING_ICC_IGNORED;
    return true;
}

static bool sniff_bmp(struct bytes start)
{
    const uint8_t *bytes = start.data;
    return start.size >= BMP_FILE_HEADER_BYTES + 4 && bytes[0] == 'B' && bytes[1] == 'M' &&
           read_u32_le(bytes + 14) <= BMP_V5_HEADER_BYTES;
}

static bool decode_bmp(struct bytes file, const struct image_options *options, struct image *into,
                       struct image_found *found, struct error *err)
{
    struct bmp bmp = {.file = file, .options = options, .into = into, .found = found};
    if (!read_header(&bmp, err))
        return false;
    bool is_runs = bmp.compression == BMP_RLE8 || bmp.compression == BMP_RLE4;
    return is_runs ? bmp_read_runs(&bmp, err) : bmp_read_rows(&bmp, err);
}

const struct image_decoder image_decoder_bmp = {
    .name = "bmp",
    .title = "BMP",
    .sniff = sniff_bmp,
    .decode = decode_bmp,
};
