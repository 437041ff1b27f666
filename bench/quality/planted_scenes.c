/* SPDX-License-Identifier: Apache-2.0 */
#include "planted_stream.h"

#include <string.h>

enum { CHANNELS = 3 };
enum { ROW_BYTES = SCENE_SIDE_PX * CHANNELS /* of a scene */, SCENES_TRIED_MAX = 100000, SCENE_SEED = 300 };

/* Draws scenes until one is of that trouble. */
static bool find_scene(struct planting *planting, enum scene_trouble trouble, struct planted_picture *ret,
                       struct error *err)
{
    const struct scene_recipe recipe = {&planting->garments, 0, DEMO_TRAIN_IMAGES, SCENE_SEED,
                                        trouble != SCENE_PLAIN};
    for (uint32_t tried = 0; tried < SCENES_TRIED_MAX; tried++) {
        if (!scene_compose(&recipe, planting->scenes_tried++, ret->image, &ret->scene, err))
            return false;
        if (ret->scene.trouble == trouble)
            return true;
    }
    return error_set(err, ERR_LIMIT, "no %s scene found", scene_trouble_name(trouble));
}

static uint8_t *at(const struct image *image, uint32_t x, uint32_t y)
{
    return image->pixels + ((size_t)y * image->width + x) * CHANNELS;
}

static bool keep_copy(struct planting *planting, const struct image *image, struct error *err)
{
    if (!image_resize_buffer(&planting->scratch, image->width, image->height, err))
        return false;
    memcpy(planting->scratch.pixels, image->pixels, (size_t)image->width * image->height * CHANNELS);
    return true;
}

static void fade(struct image *image)
{
    for (size_t i = 0; i < (size_t)image->width * image->height * CHANNELS; i++)
        image->pixels[i] = (uint8_t)(128 + (image->pixels[i] - 128) / 12);
}

static uint32_t width_of(const struct scene_box *box)
{
    return (uint32_t)(box->x_max - box->x_min);
}

static uint32_t height_of(const struct scene_box *box)
{
    return (uint32_t)(box->y_max - box->y_min);
}

static uint32_t area_of(const struct scene_box *box)
{
    return width_of(box) * height_of(box);
}

/* Scenes of that trouble with one garment, whose box has an area in this range. */
static bool find_single(struct planting *planting, enum scene_trouble trouble, const uint32_t area[2],
                        struct planted_picture *ret, struct error *err)
{
    for (uint32_t tried = 0; tried < SCENES_TRIED_MAX; tried++) {
        if (!find_scene(planting, trouble, ret, err))
            return false;
        if (ret->scene.box_count == 1 && area_of(&ret->scene.boxes[0]) >= area[0] &&
            area_of(&ret->scene.boxes[0]) <= area[1])
            return true;
    }
    return error_set(err, ERR_LIMIT, "no scene with one garment of that size found");
}

/* The box, moved near a corner of the picture: 0 to 3. */
static struct scene_box in_corner(const struct scene_box *box, uint32_t corner)
{
    enum { MARGIN_PX = 2 };
    uint32_t x = corner % 2 ? SCENE_SIDE_PX - width_of(box) - MARGIN_PX : MARGIN_PX;
    uint32_t y = corner / 2 ? SCENE_SIDE_PX - height_of(box) - MARGIN_PX : MARGIN_PX;
    return (struct scene_box){box->label, (uint16_t)x, (uint16_t)y, (uint16_t)(x + width_of(box)),
                              (uint16_t)(y + height_of(box))};
}

/* What is in a box, into another one of the same size. */
static void copy_box(const struct image *from, const struct scene_box *box, const struct image *into,
                     const struct scene_box *placed)
{
    for (uint32_t row = 0; row < height_of(box); row++)
        memcpy(at(into, placed->x_min, placed->y_min + row), at(from, box->x_min, box->y_min + row),
               (size_t)width_of(box) * CHANNELS);
}

static bool is_apart(const struct scene_box *a, const struct scene_box *b)
{
    return a->x_max <= b->x_min || b->x_max <= a->x_min || a->y_max <= b->y_min || b->y_max <= a->y_min;
}

/* A large garment and, in a corner that it leaves free, a small one. */
static bool join(struct planting *planting, struct planted_picture *ret, struct error *err)
{
    static const uint32_t large[2] = {6500, 12000}, small[2] = {300, 1100};
    for (uint32_t tried = 0; tried < SCENES_TRIED_MAX; tried++) {
        if (!find_single(planting, SCENE_PLAIN, small, ret, err) || !keep_copy(planting, ret->image, err))
            return false;
        struct scene_box one = ret->scene.boxes[0];
        if (!find_single(planting, SCENE_NEAR, large, ret, err))
            return false;
        for (uint32_t corner = 0; corner < 4; corner++) {
            struct scene_box placed = in_corner(&one, corner);
            if (!is_apart(&placed, &ret->scene.boxes[0]))
                continue;
            copy_box(&planting->scratch, &one, ret->image, &placed);
            ret->scene.boxes[ret->scene.box_count++] = placed;
            return true;
        }
    }
    return error_set(err, ERR_LIMIT, "no large garment that leaves a corner free found");
}

static bool are_upright(const struct scene *scene)
{
    for (uint32_t i = 0; i < scene->box_count; i++)
        if (2 * height_of(&scene->boxes[i]) < 3 * width_of(&scene->boxes[i]))
            return false;
    return true;
}

/* A scene of upright garments, made three times as high: each row thrice. */
static bool stretch(struct planting *planting, struct planted_picture *ret, struct error *err)
{
    enum { TIMES = 3 };
    struct image *image = ret->image;
    while (!are_upright(&ret->scene))
        if (!find_scene(planting, SCENE_PLAIN, ret, err))
            return false;
    if (!keep_copy(planting, image, err) ||
        !image_resize_buffer(image, SCENE_SIDE_PX, SCENE_SIDE_PX * TIMES, err))
        return false;
    for (uint32_t y = 0; y < image->height; y++)
        memcpy(at(image, 0, y), at(&planting->scratch, 0, y / TIMES), ROW_BYTES);
    for (uint32_t i = 0; i < ret->scene.box_count; i++) {
        ret->scene.boxes[i].y_min = (uint16_t)(ret->scene.boxes[i].y_min * TIMES);
        ret->scene.boxes[i].y_max = (uint16_t)(ret->scene.boxes[i].y_max * TIMES);
    }
    return true;
}

/* One slim garment, moved into the lower right corner; what comes in is what goes out on the other side,
 * where no garment is. */
static bool move_to_corner(struct planting *planting, struct planted_picture *ret, struct error *err)
{
    enum { SLIM_PX = 18 };
    struct scene_box *box = &ret->scene.boxes[0];
    do {
        if (!find_scene(planting, SCENE_PLAIN, ret, err))
            return false;
    } while (ret->scene.box_count != 1 ||
             (box->x_max - box->x_min > SLIM_PX && box->y_max - box->y_min > SLIM_PX));
    if (!keep_copy(planting, ret->image, err))
        return false;
    uint32_t right = SCENE_SIDE_PX - box->x_max, down = SCENE_SIDE_PX - box->y_max;
    for (uint32_t y = 0; y < SCENE_SIDE_PX; y++)
        for (uint32_t x = 0; x < SCENE_SIDE_PX; x++)
            memcpy(at(ret->image, x, y),
                   at(&planting->scratch, (x + SCENE_SIDE_PX - right) % SCENE_SIDE_PX,
                      (y + SCENE_SIDE_PX - down) % SCENE_SIDE_PX),
                   CHANNELS);
    *box = (struct scene_box){box->label, (uint16_t)(box->x_min + right), (uint16_t)(box->y_min + down),
                              SCENE_SIDE_PX, SCENE_SIDE_PX};
    return true;
}

/* Eight to ten garments. */
static bool find_crowd(struct planting *planting, struct planted_picture *ret, struct error *err)
{
    enum { CROWD = 8 };
    do {
        if (!find_scene(planting, SCENE_CROWDED, ret, err))
            return false;
    } while (ret->scene.box_count < CROWD);
    return true;
}

/* One garment that fills more than two fifths of the picture. */
static bool find_large(struct planting *planting, struct planted_picture *ret, struct error *err)
{
    static const uint32_t large[2] = {SCENE_SIDE_PX * SCENE_SIDE_PX * 2 / 5, UINT32_MAX};
    return find_single(planting, SCENE_NEAR, large, ret, err);
}

/* Brighter, or noisy, inside the boxes only. */
static void spoil_boxes(struct planting *planting, int noise, struct planted_picture *ret)
{
    for (uint32_t i = 0; i < ret->scene.box_count; i++) {
        const struct scene_box *box = &ret->scene.boxes[i];
        for (uint32_t y = box->y_min; y < box->y_max; y++)
            for (uint8_t *level = at(ret->image, box->x_min, y); level < at(ret->image, box->x_max, y);
                 level++)
                *level = noise > 0 ? to_level(*level + dice_normal(&planting->dice, noise))
                                   : (uint8_t)(255 - (255 - *level) / 3);
    }
}

/* The picture of the first garment laid over the second one's middle. */
static bool overlap(struct planting *planting, struct planted_picture *ret, struct error *err)
{
    struct scene_box *first = &ret->scene.boxes[0], *second = &ret->scene.boxes[1];
    do {
        if (!find_scene(planting, SCENE_PLAIN, ret, err))
            return false;
    } while (ret->scene.box_count != 2 || first->label == second->label ||
             second->x_min + first->x_max - first->x_min > SCENE_SIDE_PX ||
             (second->y_min + second->y_max) / 2 + first->y_max - first->y_min > SCENE_SIDE_PX);
    if (!keep_copy(planting, ret->image, err))
        return false;
    uint32_t left = second->x_min, top = (uint32_t)(second->y_min + second->y_max) / 2;
    struct scene_box placed = {first->label, (uint16_t)left, (uint16_t)top,
                               (uint16_t)(left + width_of(first)), (uint16_t)(top + height_of(first))};
    copy_box(&planting->scratch, first, ret->image, &placed);
    *first = placed;
    return true;
}

static bool spoil(struct planting *planting, int reason, struct planted_picture *ret, struct error *err)
{
    const int noise = 60;
    switch (reason) {
    case 0:
        fade(ret->image);
        return true;
    case 11:
        return find_crowd(planting, ret, err);
    case 12:
        return join(planting, ret, err);
    case 13:
        return stretch(planting, ret, err);
    case 14:
        return find_large(planting, ret, err);
    case 15:
        return move_to_corner(planting, ret, err);
    case 16:
    case 17:
        spoil_boxes(planting, reason == 17 ? noise : 0, ret);
        return true;
    default:
        return overlap(planting, ret, err);
    }
}

/* What the detector must see of the fault, by feature; 0: it need not look. It was trained on garments of
 * usual size and sees others smaller than they are, or twice. */
static const double seen_from[FEATURE_COUNT] = {
    [FEATURE_BOX_AREA_DEVIATION] = 3000,
    [FEATURE_BOX_AREA_RATIO] = 0.26,
    [FEATURE_BOX_MARGINALIZATION] = 0.87,
    [FEATURE_BOX_OVERLAP] = 0.35,
};

static bool spoil_until_seen(struct planting *planting, int reason, struct planted_picture *ret,
                             struct error *err)
{
    enum { TRIES_MAX = 200, FEATURES_FROM = 5 };
    int feature = reason - FEATURES_FROM;
    for (int try = 0; try < TRIES_MAX; try++) {
        double features[FEATURE_COUNT] = {0};
        if (!find_scene(planting, SCENE_PLAIN, ret, err) || !spoil(planting, reason, ret, err))
            return false;
        if (!planting->model || feature < FEATURE_BOX_COUNT || feature >= FEATURE_COUNT)
            return true;
        if (!planted_see(planting->model, ret->image, features, err))
            return false;
        if (features[feature] >= seen_from[feature])
            return true;
    }
    return error_set(err, ERR_LIMIT, "no scene found in which the detector sees the fault of reason %d",
                     reason);
}

bool planted_scene(struct planting *planting, const struct planted_request *request,
                   struct planted_picture *ret, struct error *err)
{
    return request->is_planted ? spoil_until_seen(planting, request->reason, ret, err)
                               : find_scene(planting, SCENE_PLAIN, ret, err);
}
