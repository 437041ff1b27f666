/* SPDX-License-Identifier: Apache-2.0 */
#include "image/orient.h"

#include <libexif/exif-data.h>
#include <stdlib.h>
#include <string.h>

enum {
    EXIF_MAX_BYTES = 65536, /* a JPEG segment's worth; longer PNG chunks count as damaged */
    TURN_TILE_PX = 32,      /* columns of a tile stay in the cache while they become rows */
};

/* What libexif asks for before the TIFF header. */
static const uint8_t exif_start[6] = {'E', 'x', 'i', 'f', 0, 0};

struct exif_complaints {
    bool is_damaged, is_out_of_memory;
};

static void note_complaint(ExifLog *log, ExifLogCode code, const char *domain, const char *format,
                           va_list args, void *data)
{
    struct exif_complaints *complaints = data;
    (void)log, (void)domain, (void)format, (void)args;
    complaints->is_damaged |= code == EXIF_LOG_CODE_CORRUPT_DATA;
    complaints->is_out_of_memory |= code == EXIF_LOG_CODE_NO_MEMORY;
}

static uint32_t entry_value(const ExifEntry *entry, ExifByteOrder order)
{
    if (entry->components < 1 || !entry->data)
        return 0;
    if (entry->format == EXIF_FORMAT_SHORT && entry->size >= 2)
        return exif_get_short(entry->data, order);
    if (entry->format == EXIF_FORMAT_LONG && entry->size >= 4)
        return exif_get_long(entry->data, order);
    return 0;
}

static void find_orientation(ExifData *exif, struct image_found *found)
{
    const ExifEntry *entry = exif_content_get_entry(exif->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
    if (!entry)
        return;
    uint32_t value = entry_value(entry, exif_data_get_byte_order(exif));
    if (value >= 1 && value <= 8)
        found->orientation = (uint8_t)value;
    else
        found->warnings |= IMAGE_WARNING_BAD_METADATA;
}

/* `block` starts with exif_start. False when memory is out. */
static bool load_exif(const uint8_t *block, size_t bytes, struct image_found *found)
{
    struct exif_complaints complaints = {0};
    ExifData *exif = exif_data_new();
    ExifLog *log = exif_log_new();
    bool done = exif && log;
    if (done) {
        exif_log_set_func(log, note_complaint, &complaints);
        exif_data_log(exif, log);
        exif_data_unset_option(exif, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION); /* read only, repair nothing */
        exif_data_load_data(exif, block, (unsigned int)bytes);
        find_orientation(exif, found);
    }
    if (log)
        exif_log_unref(log);
    if (exif)
        exif_data_unref(exif);
    if (complaints.is_damaged)
        found->warnings |= IMAGE_WARNING_BAD_METADATA;
    return done && !complaints.is_out_of_memory;
}

bool image_read_orientation(struct bytes tiff, struct image_found *found, struct error *err)
{
    if (tiff.size == 0 || tiff.size > EXIF_MAX_BYTES) {
        found->warnings |= IMAGE_WARNING_BAD_METADATA;
        return true;
    }
    uint8_t *block = malloc(sizeof(exif_start) + tiff.size);
    if (!block)
        return error_no_memory(err);
    memcpy(block, exif_start, sizeof(exif_start));
    memcpy(block + sizeof(exif_start), tiff.data, tiff.size);
    bool done = load_exif(block, sizeof(exif_start) + tiff.size, found);
    free(block);
    return done || error_no_memory(err);
}

static void swap_pixels(uint8_t *a, uint8_t *b)
{
    uint8_t kept[3];
    memcpy(kept, a, 3);
    memcpy(a, b, 3);
    memcpy(b, kept, 3);
}

static void reverse_pixels(uint8_t *pixels, size_t count)
{
    for (size_t i = 0, j = count - 1; i < j; i++, j--)
        swap_pixels(pixels + i * 3, pixels + j * 3);
}

static void mirror_rows(struct image *image)
{
    for (uint32_t y = 0; y < image->height; y++)
        reverse_pixels(image->pixels + (size_t)y * image->width * 3, image->width);
}

static void swap_rows(uint8_t *a, uint8_t *b, size_t bytes)
{
    uint8_t kept[1024];
    for (size_t done = 0, part; done < bytes; done += part) {
        part = bytes - done < sizeof(kept) ? bytes - done : sizeof(kept);
        memcpy(kept, a + done, part);
        memcpy(a + done, b + done, part);
        memcpy(b + done, kept, part);
    }
}

static void flip_rows(struct image *image)
{
    size_t row_bytes = (size_t)image->width * 3;
    for (uint32_t y = 0; y < image->height / 2; y++)
        swap_rows(image->pixels + y * row_bytes, image->pixels + (image->height - 1 - y) * row_bytes,
                  row_bytes);
}

/* Columns x0..x1 become rows of `turned`; the orientation says from which end. */
static void turn_columns(const struct image *image, uint8_t orientation, uint32_t x0, uint32_t x1,
                         struct image *turned)
{
    bool from_right = orientation == 7 || orientation == 8;
    bool from_bottom = orientation == 6 || orientation == 7;
    for (uint32_t y0 = 0; y0 < image->height; y0 += TURN_TILE_PX) {
        uint32_t y1 = image->height - y0 < TURN_TILE_PX ? image->height : y0 + TURN_TILE_PX;
        for (uint32_t x = x0; x < x1; x++) {
            uint32_t row = from_right ? image->width - 1 - x : x;
            for (uint32_t y = y0; y < y1; y++) {
                uint32_t column = from_bottom ? image->height - 1 - y : y;
                memcpy(turned->pixels + ((size_t)row * turned->width + column) * 3,
                       image->pixels + ((size_t)y * image->width + x) * 3, 3);
            }
        }
    }
}

static bool turn_quarter(struct image *image, uint8_t orientation, struct error *err)
{
    struct image turned = {0};
    if (!image_resize_buffer(&turned, image->height, image->width, err))
        return false;
    for (uint32_t x = 0; x < image->width; x += TURN_TILE_PX) {
        uint32_t end = image->width - x < TURN_TILE_PX ? image->width : x + TURN_TILE_PX;
        turn_columns(image, orientation, x, end, &turned);
    }
    image_release(image);
    *image = turned;
    return true;
}

bool image_turn_upright(struct image *image, uint8_t orientation, struct error *err)
{
    switch (orientation) {
    case 2:
        mirror_rows(image);
        return true;
    case 3:
        reverse_pixels(image->pixels, (size_t)image->width * image->height);
        return true;
    case 4:
        flip_rows(image);
        return true;
    case 5:
    case 6:
    case 7:
    case 8:
        return turn_quarter(image, orientation, err);
    default:
        return true;
    }
}
