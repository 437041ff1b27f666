/* SPDX-License-Identifier: Apache-2.0 */
#include "image/image.h"

#include "image/decoder.h"
#include "image/orient.h"

#include <inttypes.h>
#include <stdlib.h>

static const char *const warning_names[] = {
    "partial", "icc-ignored", "scaled-16-bit", "alpha-blended", "first-frame", "bad-metadata",
};

const char *image_warning_name(uint32_t bit_index)
{
    return bit_index < sizeof(warning_names) / sizeof(warning_names[0]) ? warning_names[bit_index] : NULL;
}

void image_release(struct image *image)
{
    free(image->pixels);
    *image = (struct image){0};
}

bool image_check_size(uint64_t width, uint64_t height, uint64_t pixels_max, struct error *err)
{
    if (width == 0 || height == 0)
        return error_set(err, ERR_INVALID, "the image has no pixels (%" PRIu64 " × %" PRIu64 ")", width,
                         height);
    if (width > IMAGE_SIDE_MAX_PX || height > IMAGE_SIDE_MAX_PX)
        return error_set(err, ERR_LIMIT, "%" PRIu64 " × %" PRIu64 " px: a side is over the limit of %d px",
                         width, height, IMAGE_SIDE_MAX_PX);
    if (width * height > pixels_max)
        return error_set(err, ERR_LIMIT,
                         "%" PRIu64 " × %" PRIu64 " = %" PRIu64 " px are over the limit of %" PRIu64 " px",
                         width, height, width * height, pixels_max);
    return true;
}

bool image_reserve(struct image *image, size_t bytes, struct error *err)
{
    if (bytes <= image->capacity_bytes)
        return true;
    /* Not realloc: the old pixels need no copy, and their memory may serve the new ones. */
    image_release(image);
    image->pixels = malloc(bytes);
    if (!image->pixels)
        return error_no_memory(err);
    image->capacity_bytes = bytes;
    return true;
}

bool image_resize_buffer(struct image *image, uint32_t width, uint32_t height, struct error *err)
{
    if (!image_check_size(width, height, IMAGE_PIXELS_MAX, err) ||
        !image_reserve(image, (size_t)width * height * 3, err))
        return false;
    image->width = width;
    image->height = height;
    return true;
}

bool image_decode(struct bytes file, const struct image_options *options, struct image *into,
                  struct image_info *ret, struct error *err)
{
    static const struct image_options defaults = {.background = {255, 255, 255}};
    struct image_options chosen = options ? *options : defaults;
    if (chosen.pixels_max == 0 || chosen.pixels_max > IMAGE_PIXELS_MAX)
        chosen.pixels_max = IMAGE_PIXELS_MAX;
    if (file.size > IMAGE_FILE_MAX_BYTES)
        return error_set(err, ERR_LIMIT, "%zu bytes are over the limit of %d bytes for an image file",
                         file.size, IMAGE_FILE_MAX_BYTES);
    const struct image_decoder *decoder = image_find_decoder(file);
    if (!decoder)
        return image_refuse(file, err);
    struct image_found found = {.orientation = 1};
    if (!decoder->decode(file, &chosen, into, &found, err) ||
        !image_turn_upright(into, found.orientation, err))
        return false;
    *ret = (struct image_info){.format = decoder->name,
                               .width = into->width,
                               .height = into->height,
                               .orientation = found.orientation,
                               .warnings = found.warnings};
    return true;
}
