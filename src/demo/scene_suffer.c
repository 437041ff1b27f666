/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/scene_parts.h"

#include <string.h>

enum { SIDE = SCENE_SIDE_PX, BYTES = SIDE * SIDE * 3 };

/* level × thousandths around a middle level */
static void squeeze(struct image *image, int thousandths, int middle)
{
    for (size_t i = 0; i < BYTES; i++)
        image->pixels[i] = to_level(middle + (image->pixels[i] - middle) * thousandths / 1000);
}

static void add_noise(struct dice *dice, struct image *image, int deviation)
{
    for (size_t i = 0; i < BYTES; i++)
        image->pixels[i] = to_level(image->pixels[i] + dice_normal(dice, deviation));
}

/* [1 4 6 4 1] / 16 along a line of SIDE pixels that lie `step` bytes apart, edges repeated. */
static void blur_line(uint8_t *first, size_t step)
{
    enum { REACH = 2 };
    static const int weights[2 * REACH + 1] = {1, 4, 6, 4, 1};
    uint8_t line[SIDE];
    for (int at = 0; at < SIDE; at++)
        line[at] = first[(size_t)at * step];
    for (int at = 0; at < SIDE; at++) {
        int sum = 8;
        for (int i = -REACH; i <= REACH; i++) {
            int from = at + i < 0 ? 0 : at + i >= SIDE ? SIDE - 1 : at + i;
            sum += weights[i + REACH] * line[from];
        }
        first[(size_t)at * step] = (uint8_t)(sum / 16);
    }
}

static void blur(struct image *image)
{
    for (size_t line = 0; line < SIDE; line++) {
        for (size_t c = 0; c < 3; c++) {
            blur_line(image->pixels + line * SIDE * 3 + c, 3);
            blur_line(image->pixels + line * 3 + c, (size_t)SIDE * 3);
        }
    }
}

/* An upright or lying post over a third to a half of the garment. */
static void cover(struct dice *dice, struct image *image, const struct scene_box *box)
{
    bool is_upright = dice_between(dice, 0, 1) == 1;
    int gray = dice_between(dice, 20, 200), share = dice_between(dice, 30, 55);
    int width = box->x_max - box->x_min, height = box->y_max - box->y_min;
    int thick = (is_upright ? width : height) * share / 100;
    int from =
        (is_upright ? box->x_min : box->y_min) + dice_between(dice, 0, (is_upright ? width : height) - thick);
    int low = (is_upright ? box->y_min : box->x_min) - 4, high = (is_upright ? box->y_max : box->x_max) + 4;
    for (int along = low < 0 ? 0 : low; along < high && along < SIDE; along++) {
        for (int across = from; across < from + thick; across++) {
            int x = is_upright ? across : along, y = is_upright ? along : across;
            memset(image->pixels + (size_t)(y * SIDE + x) * 3, gray, 3);
        }
    }
}

void scene_suffer(const struct scene *scene, struct dice *dice, struct image *image)
{
    int times = 0;
    switch (scene->trouble) {
    case SCENE_DARK:
        squeeze(image, dice_between(dice, 100, 350), 0);
        break;
    case SCENE_BLUR:
        for (times = dice_between(dice, 3, 8); times > 0; times--)
            blur(image);
        break;
    case SCENE_NOISE:
        add_noise(dice, image, dice_between(dice, 25, 60));
        break;
    case SCENE_FADED:
        squeeze(image, dice_between(dice, 120, 350), 110);
        break;
    case SCENE_COVERED:
        for (uint32_t i = 0; i < scene->box_count; i++)
            cover(dice, image, &scene->boxes[i]);
        break;
    case SCENE_PLAIN:
    case SCENE_CROWDED: /* these three are in how the garments stand */
    case SCENE_FAR:
    case SCENE_NEAR:
    case SCENE_TROUBLE_COUNT:
        break;
    }
}
