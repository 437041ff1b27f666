/* SPDX-License-Identifier: Apache-2.0 */
/* crop: imgaug's Crop(percent, sample_independently=True, keep_size=True): each side loses a part of its own,
 * and the rest is resized to the old size (here with Pillow's bilinear filter; imgaug's is cubic). */
#include "image/augment/augment_parts.h"

#include <math.h>

static double cut(struct augment_draw *draw, uint32_t size)
{
    double share = draw->value * (0.5 + 0.5 * augment_roll(&draw->dice));
    return floor(size * share);
}

static void plan(struct augment_draw *draw)
{
    double width = draw->width, height = draw->height;
    for (int side = 0; side < 4; side++)
        draw->px[side] = cut(draw, side % 2 == 0 ? draw->width : draw->height);
    double scale_x = width / (width - draw->px[0] - draw->px[2]);
    double scale_y = height / (height - draw->px[1] - draw->px[3]);
    draw->map = (struct augment_map){
        .xx = scale_x, .x0 = -draw->px[0] * scale_x, .yy = scale_y, .y0 = -draw->px[1] * scale_y};
}

static bool apply(const struct augment_draw *draw, const struct image *from, struct augment_scratch *scratch,
                  struct image *into, struct error *err)
{
    const struct image_resizing how = {
        .width = from->width,
        .height = from->height,
        .filter = IMAGE_FILTER_BILINEAR,
        .part = {draw->px[0], draw->px[1], from->width - draw->px[2], from->height - draw->px[3]},
    };
    return image_resize(from, &how, scratch->resize, into, err);
}

const struct augment_op augment_crop = {
    .name = "crop",
    .reason = 21,
    .summary = "cropped",
    .parameter = {"percent", "of each side, cut off at each end", 0.01, 0.4, 0.05, .is_exact = true},
    .moves = true,
    .plan = plan,
    .apply = apply,
};
