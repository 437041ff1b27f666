/* SPDX-License-Identifier: Apache-2.0 */
#include "picture/render.h"

#include <math.h>
#include <string.h>

struct rendering {
    const char *content_hash;
    struct image source, small, room, copy;
    struct image_scratch *scratch;
    struct augment_scratch *augment;
};

/* What of it lies in the image, with the margin as far as there is image. */
static bool part_of(const struct picture_wish *wish, const struct image *image, struct image_box *ret,
                    struct error *err)
{
    const struct image_box *part = &wish->part;
    if (!(part->x1 > part->x0) || !(part->y1 > part->y0))
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT, "the box has no area");
    if (part->x0 >= image->width || part->y0 >= image->height || part->x1 <= 0 || part->y1 <= 0)
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT, "the box lies outside the image of %u × %u px",
                                image->width, image->height);
    struct image_box inside = {fmax(0, part->x0), fmax(0, part->y0), fmin(image->width, part->x1),
                               fmin(image->height, part->y1)};
    double longer = fmax(inside.x1 - inside.x0, inside.y1 - inside.y0);
    double margin = longer * PICTURE_CROP_MARGIN_PERCENT / 100;
    ret->x0 = fmax(0, floor(inside.x0 - margin));
    ret->y0 = fmax(0, floor(inside.y0 - margin));
    ret->x1 = fmin(image->width, ceil(inside.x1 + margin));
    ret->y1 = fmin(image->height, ceil(inside.y1 + margin));
    return true;
}

static uint32_t scaled(double side, double scale)
{
    double px = round(side * scale);
    return px < 1 ? 1 : (uint32_t)px;
}

/* The copy of the source, as re-inference makes it. */
static bool augment(struct rendering *rendering, const struct picture_wish *wish, struct error *err)
{
    const struct image *picture = NULL;
    struct augment_draw draw;
    rendering->augment = augment_scratch_new();
    if (!rendering->augment)
        return error_no_memory(err);
    if (!augment_picture(&rendering->source, wish->augment_side_px, rendering->augment, &rendering->room,
                         &picture, err))
        return false;
    augment_plan(wish->augment, rendering->content_hash, wish->augment_side_px, picture, &draw);
    return augment_apply(&draw, picture, rendering->augment, &rendering->copy, err);
}

static bool decode(struct rendering *rendering, struct bytes file, const struct picture_wish *wish,
                   struct error *err)
{
    struct image_info info;
    bool is_jpeg = strcmp(image_sniff(file) ? image_sniff(file) : "", "jpeg") == 0;
    /* A part needs the pixels that its coordinates count, a copy those that the model was given. */
    bool needs_all = wish->has_part || wish->augment;
    const struct image_options options = {.pixels_max =
                                              is_jpeg && !needs_all ? IMAGE_PIXELS_MAX : PICTURE_PIXELS_MAX,
                                          .background = {255, 255, 255},
                                          .long_side_enough_px = needs_all ? 0 : wish->long_side_px};
    if (image_decode(file, &options, &rendering->source, &info, err))
        return true;
    if (err->code == ERR_LIMIT)
        err->detail = DETAIL_IMAGE_TOO_LARGE;
    else if (err->code == ERR_INVALID)
        err->detail = DETAIL_IMAGE_DAMAGED;
    return false;
}

static bool render(struct rendering *rendering, struct bytes file, const struct picture_wish *wish,
                   struct buffer *into, struct error *err)
{
    if (!decode(rendering, file, wish, err) || (wish->augment && !augment(rendering, wish, err)))
        return false;
    const struct image *source = wish->augment ? &rendering->copy : &rendering->source;
    struct image_box part = {0, 0, source->width, source->height};
    if (wish->has_part && !part_of(wish, source, &part, err))
        return false;
    double width = part.x1 - part.x0, height = part.y1 - part.y0;
    double scale = fmin(1, wish->long_side_px / fmax(width, height));
    const struct image_resizing how = {scaled(width, scale), scaled(height, scale), IMAGE_FILTER_AREA, part};
    bool is_whole = how.width == source->width && how.height == source->height;
    if (!is_whole && !image_resize(source, &how, rendering->scratch, &rendering->small, err))
        return false;
    return image_encode_jpeg(is_whole ? source : &rendering->small, wish->quality, into, err);
}

bool picture_render(struct bytes file, const char *content_hash, const struct picture_wish *wish,
                    struct buffer *into, struct error *err)
{
    struct rendering rendering = {.content_hash = content_hash, .scratch = image_scratch_new()};
    bool is_done = rendering.scratch ? render(&rendering, file, wish, into, err) : error_no_memory(err);
    rendering.scratch = image_scratch_free(rendering.scratch);
    rendering.augment = augment_scratch_free(rendering.augment);
    image_release(&rendering.room);
    image_release(&rendering.copy);
    image_release(&rendering.source);
    image_release(&rendering.small);
    return is_done;
}
