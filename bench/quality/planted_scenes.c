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

/* A scene of large garments beside one of small ones. */
static bool join(struct planting *planting, struct planted_picture *ret, struct error *err)
{
    if (!find_scene(planting, SCENE_NEAR, ret, err) || !keep_copy(planting, ret->image, err))
        return false;
    struct scene near = ret->scene;
    if (!find_scene(planting, SCENE_FAR, ret, err))
        return false;
    struct image far = *ret->image;
    *ret->image = (struct image){0};
    bool is_done = image_resize_buffer(ret->image, 2 * SCENE_SIDE_PX, SCENE_SIDE_PX, err);
    for (uint32_t y = 0; is_done && y < SCENE_SIDE_PX; y++) {
        memcpy(at(ret->image, 0, y), at(&planting->scratch, 0, y), ROW_BYTES);
        memcpy(at(ret->image, SCENE_SIDE_PX, y), at(&far, 0, y), ROW_BYTES);
    }
    image_release(&far);
    for (uint32_t i = 0; i < ret->scene.box_count; i++) {
        ret->scene.boxes[i].x_min = (uint16_t)(ret->scene.boxes[i].x_min + SCENE_SIDE_PX);
        ret->scene.boxes[i].x_max = (uint16_t)(ret->scene.boxes[i].x_max + SCENE_SIDE_PX);
    }
    for (uint32_t i = 0; i < near.box_count && ret->scene.box_count < SCENE_BOXES_MAX; i++)
        ret->scene.boxes[ret->scene.box_count++] = near.boxes[i];
    return is_done;
}

/* Three times as high, each row thrice. */
static bool stretch(struct planting *planting, struct planted_picture *ret, struct error *err)
{
    enum { TIMES = 3 };
    struct image *image = ret->image;
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

/* One slim garment, moved into the lower right corner; what comes in is the first row and column
 * again. */
static bool move_to_corner(struct planting *planting, struct planted_picture *ret, struct error *err)
{
    enum { SLIM_PX = 22 };
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
                   at(&planting->scratch, x < right ? 0 : x - right, y < down ? 0 : y - down), CHANNELS);
    *box = (struct scene_box){box->label, (uint16_t)(box->x_min + right), (uint16_t)(box->y_min + down),
                              SCENE_SIDE_PX, SCENE_SIDE_PX};
    return true;
}

/* One garment that fills more than a third of the picture. */
static bool find_large(struct planting *planting, struct planted_picture *ret, struct error *err)
{
    const struct scene_box *box = &ret->scene.boxes[0];
    do {
        if (!find_scene(planting, SCENE_NEAR, ret, err))
            return false;
    } while (ret->scene.box_count != 1 ||
             3 * (box->x_max - box->x_min) * (box->y_max - box->y_min) < SCENE_SIDE_PX * SCENE_SIDE_PX);
    return true;
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
    uint32_t width = (uint32_t)(first->x_max - first->x_min),
             height = (uint32_t)(first->y_max - first->y_min);
    for (uint32_t y = 0; y < height; y++)
        memcpy(at(ret->image, left, top + y), at(&planting->scratch, first->x_min, first->y_min + y),
               (size_t)width * CHANNELS);
    *first = (struct scene_box){first->label, (uint16_t)left, (uint16_t)top, (uint16_t)(left + width),
                                (uint16_t)(top + height)};
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
        return find_scene(planting, SCENE_CROWDED, ret, err);
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

bool planted_scene(struct planting *planting, const struct planted_request *request,
                   struct planted_picture *ret, struct error *err)
{
    return find_scene(planting, SCENE_PLAIN, ret, err) &&
           (!request->is_planted || spoil(planting, request->reason, ret, err));
}
