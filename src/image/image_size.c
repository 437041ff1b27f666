/* SPDX-License-Identifier: Apache-2.0 */
/* The size of an image from its header. */
#include "image/decoder.h"
#include "image/orient.h"

#include <string.h>

enum {
    PNG_IHDR_AT = 8,
    PNG_CHUNK_BYTES = 12, /* length, name, check sum */
    PNG_WIDTH_AT = 16,
    PNG_HEIGHT_AT = 20,
    PNG_HEADER_BYTES = 24,
    JPEG_FRAME_BYTES = 7, /* length, precision, height, width */
    JPEG_EXIF = 0xE1,
    JPEG_SCAN = 0xDA,
    JPEG_END = 0xD9,
};

struct header {
    uint32_t width, height;
    struct image_found found;
};

static uint32_t read_be(const uint8_t *bytes, size_t count)
{
    uint32_t value = 0;
    for (size_t i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* SOF0 … SOF15 without the tables DHT, JPG and DAC. */
static bool is_frame(uint8_t marker)
{
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

static bool read_exif(struct bytes part, struct header *header)
{
    static const char name[6] = "Exif\0";
    struct error ignored = {0};
    if (part.size <= sizeof(name) || memcmp(part.data, name, sizeof(name)) != 0)
        return true;
    const struct bytes tiff = {(const uint8_t *)part.data + sizeof(name), part.size - sizeof(name)};
    return image_read_orientation(tiff, &header->found, &ignored);
}

/* False for anything unusual, which the decoder may look at. */
static bool read_jpeg(struct bytes file, struct header *header)
{
    const uint8_t *bytes = file.data;
    size_t at = 2;
    while (at + 4 <= file.size && bytes[at] == 0xFF) {
        uint8_t marker = bytes[at + 1];
        size_t length = read_be(bytes + at + 2, 2);
        if (marker == 0xFF || marker == JPEG_SCAN || marker == JPEG_END || length < 2 ||
            length > file.size - at - 2)
            return false;
        const uint8_t *part = bytes + at + 2;
        if (marker == JPEG_EXIF && !read_exif((struct bytes){part + 2, length - 2}, header))
            return false;
        if (is_frame(marker) && length >= JPEG_FRAME_BYTES) {
            header->height = read_be(part + 3, 2);
            header->width = read_be(part + 5, 2);
            return true;
        }
        at += 2 + length;
    }
    return false;
}

/* With a turn, which lies in a chunk of its own, the decoder is asked. */
static bool read_png(struct bytes file, struct header *header)
{
    const uint8_t *bytes = file.data;
    size_t at = PNG_IHDR_AT;
    if (file.size < PNG_HEADER_BYTES || memcmp(bytes + PNG_IHDR_AT + 4, "IHDR", 4) != 0)
        return false;
    header->width = read_be(bytes + PNG_WIDTH_AT, 4);
    header->height = read_be(bytes + PNG_HEIGHT_AT, 4);
    while (file.size - at >= PNG_CHUNK_BYTES) {
        size_t length = read_be(bytes + at, 4);
        if (memcmp(bytes + at + 4, "eXIf", 4) == 0 || length > file.size - at - PNG_CHUNK_BYTES)
            return false;
        if (memcmp(bytes + at + 4, "IEND", 4) == 0)
            return true;
        at += PNG_CHUNK_BYTES + length;
    }
    return false;
}

static bool read_header(struct bytes file, struct header *header)
{
    const struct image_decoder *decoder = image_find_decoder(file);
    struct error ignored = {0};
    bool is_read = decoder == &image_decoder_jpeg ? read_jpeg(file, header)
                                                  : decoder == &image_decoder_png && read_png(file, header);
    return is_read && image_check_size(header->width, header->height, IMAGE_PIXELS_MAX, &ignored);
}

bool image_read_size(struct bytes file, uint32_t *ret_width, uint32_t *ret_height, struct error *err)
{
    struct header header = {.found = {.orientation = 1}};
    if (read_header(file, &header)) {
        bool is_turned = header.found.orientation >= 5;
        *ret_width = is_turned ? header.height : header.width;
        *ret_height = is_turned ? header.width : header.height;
        return true;
    }
    struct image image = {0};
    struct image_info info;
    bool is_decoded = image_decode(file, NULL, &image, &info, err);
    image_release(&image);
    if (!is_decoded)
        return false;
    *ret_width = info.width;
    *ret_height = info.height;
    return true;
}
