/* SPDX-License-Identifier: Apache-2.0 */
#include "image/measure.h"

/* Small enough to make the last resizes cheap, large enough that they blur nothing they should see. */
enum { THUMBNAIL_SIDE_PX = 96 };

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* A side of the canonical scale, rounded, at least 1. */
static uint32_t scale_side(uint32_t side, uint32_t long_side)
{
    uint64_t scaled =
        ((uint64_t)side * IMAGE_CANONICAL_LONG_SIDE_PX * 2 + long_side) / ((uint64_t)long_side * 2);
    return scaled > 0 ? (uint32_t)scaled : 1;
}

static uint32_t long_side_of(const struct image *image)
{
    return image->width > image->height ? image->width : image->height;
}

const struct image *image_canonical(const struct image *image, const struct image_scratch *scratch)
{
    return long_side_of(image) <= IMAGE_CANONICAL_LONG_SIDE_PX ? image : &scratch->canonical;
}

static bool make_canonical(const struct image *image, struct image_scratch *scratch, struct error *err)
{
    uint32_t long_side = long_side_of(image);
    if (long_side <= IMAGE_CANONICAL_LONG_SIDE_PX)
        return true;
    const struct image_resizing how = {.width = scale_side(image->width, long_side),
                                       .height = scale_side(image->height, long_side),
                                       .filter = IMAGE_FILTER_AREA};
    return image_resize(image, &how, scratch, &scratch->canonical, err);
}

static bool make_thumbnail(const struct image *canonical, struct image_scratch *scratch, struct error *err)
{
    const struct image_resizing how = {.width = smaller(canonical->width, THUMBNAIL_SIDE_PX),
                                       .height = smaller(canonical->height, THUMBNAIL_SIDE_PX),
                                       .filter = IMAGE_FILTER_AREA};
    return image_resize(canonical, &how, scratch, &scratch->thumbnail, err);
}

static bool make_small(struct image_scratch *scratch, uint32_t side, struct error *err)
{
    const struct image_resizing how = {.width = side, .height = side, .filter = IMAGE_FILTER_BILINEAR};
    return image_resize(&scratch->thumbnail, &how, scratch, &scratch->small, err);
}

bool image_measure(const struct image *image, struct image_scratch *scratch, struct image_measures *ret,
                   struct error *err)
{
    const struct image *canonical = image_canonical(image, scratch);
    struct image_measures found;
    if (!image_check_size(image->width, image->height, IMAGE_PIXELS_MAX, err) ||
        !make_canonical(image, scratch, err) || !make_thumbnail(canonical, scratch, err))
        return false;
    image_measure_statistics(canonical, scratch, &found.statistics);
    found.statistics.resolution = (double)image->width * image->height;
    found.statistics.aspect_ratio = (double)image->height / image->width;
    if (!make_small(scratch, HASH_SIDE_PX, err))
        return false;
    found.perceptual_hash = image_hash(&scratch->small);
    if (!make_small(scratch, APPEARANCE_SIDE_PX, err))
        return false;
    image_describe_appearance(&scratch->small, scratch, found.appearance);
    *ret = found;
    return true;
}
