/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/scene_parts.h"

#include <string.h>

enum {
    SIDE = SCENE_SIDE_PX,
    GARMENT = DEMO_SIDE_PX,
    PLACES_TRIED = 40,
    GARMENTS_TRIED = 100,    /* for the first of a scene */
    SCALE_ONE = 256,         /* scales are in 1/256 */
    PIXEL_ONE = 65536,       /* places in a garment in 1/65536 px */
    FAINTEST = 12,           /* levels up to here are the garment picture's black ground */
    OPAQUE_FROM = 128,       /* opacity from which a pixel belongs to the garment's box */
    MOST_GARMENTS_USUAL = 6, /* of a scene that is not crowded */
};

/* How garments stand in a scene. */
struct setting {
    int garments;
    int scale_low, scale_high; /* in 1/256 */
    int overlap_percent;       /* of the smaller box, at most */
};

struct garment {
    const uint8_t *pixels; /* 28 × 28 */
    bool is_mirrored;
    int scale, side; /* 1/256; px on the scene */
    int left, top;   /* of the 28 × 28 square, on the scene */
    int tint[3];
    struct scene_box box; /* while it is not placed: as if the square stood at (0, 0) */
};

const char *scene_trouble_name(enum scene_trouble trouble)
{
    static const char *const names[SCENE_TROUBLE_COUNT] = {"plain",   "dark",    "blur", "noise", "faded",
                                                           "covered", "crowded", "far",  "near"};
    return names[trouble];
}

static enum scene_trouble choose_trouble(struct dice *dice)
{
    enum { PLAIN_CHANCES = 4, CHANCES = 9 };
    return dice_between(dice, 1, CHANCES) <= PLAIN_CHANCES
               ? SCENE_PLAIN
               : (enum scene_trouble)dice_between(dice, SCENE_PLAIN + 1, SCENE_TROUBLE_COUNT - 1);
}

static struct setting choose_setting(enum scene_trouble trouble, struct dice *dice)
{
    static const int counts[] = {1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, MOST_GARMENTS_USUAL};
    enum { COUNTS = sizeof(counts) / sizeof(counts[0]) };
    struct setting setting = {counts[dice_between(dice, 0, COUNTS - 1)], 307, 768, 5};
    if (dice_between(dice, 1, 3) == 1)
        setting.overlap_percent = 30;
    if (trouble == SCENE_CROWDED)
        setting = (struct setting){dice_between(dice, 7, SCENE_BOXES_MAX), 307, 512, 55};
    if (trouble == SCENE_FAR)
        setting.scale_low = 154, setting.scale_high = 243;
    if (trouble == SCENE_NEAR)
        setting = (struct setting){dice_between(dice, 1, 2), 870, 1126, 30};
    return setting;
}

/* ---- the ground ---- */

static void choose_color(struct dice *dice, int low, int high, int ret[3])
{
    for (int c = 0; c < 3; c++)
        ret[c] = dice_between(dice, low, high);
}

/* 0..255 from one colour to the other. */
static int ground_share(int kind, int period, int x, int y)
{
    enum { PLAIN, DOWN, ACROSS, SLANTED, STRIPES };
    switch (kind) {
    case DOWN:
        return y * 255 / (SIDE - 1);
    case ACROSS:
        return x * 255 / (SIDE - 1);
    case SLANTED:
        return (x + y) * 255 / (2 * SIDE - 2);
    case STRIPES:
        return (x + y / 2) / period % 2 * 255;
    default:
        return 0;
    }
}

static void draw_ground(struct dice *dice, struct image *image)
{
    int from[3], to[3];
    int kind = dice_between(dice, 0, 4), period = dice_between(dice, 6, 24);
    int grain = dice_between(dice, 1, 3) == 1 ? dice_between(dice, 4, 18) : 0;
    choose_color(dice, 12, 110, from);
    choose_color(dice, 12, 110, to);
    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
            uint8_t *pixel = image->pixels + (size_t)(y * SIDE + x) * 3;
            int share = ground_share(kind, period, x, y);
            int noise = grain > 0 ? dice_normal(dice, grain) : 0;
            for (int c = 0; c < 3; c++)
                pixel[c] = to_level(from[c] + (to[c] - from[c]) * share / 255 + noise);
        }
    }
}

/* ---- one garment ---- */

static int level_at(const struct garment *garment, int x, int y)
{
    if (x < 0 || y < 0 || x >= GARMENT || y >= GARMENT)
        return 0;
    return garment->pixels[y * GARMENT + (garment->is_mirrored ? GARMENT - 1 - x : x)];
}

/* Bilinear, 0..255, at the scene's pixel (x, y) counted from the square's corner. */
static int level_between(const struct garment *garment, int x, int y)
{
    enum { HALF_PIXEL = PIXEL_ONE / 2, BELOW_ZERO = 2 }; /* whole pixels added, so that / rounds down */
    const int64_t step = (int64_t)PIXEL_ONE * SCALE_ONE;
    int64_t across = (2 * x + 1) * step / (2 * garment->scale) - HALF_PIXEL + BELOW_ZERO * PIXEL_ONE;
    int64_t down = (2 * y + 1) * step / (2 * garment->scale) - HALF_PIXEL + BELOW_ZERO * PIXEL_ONE;
    int left = (int)(across / PIXEL_ONE) - BELOW_ZERO, top = (int)(down / PIXEL_ONE) - BELOW_ZERO;
    int64_t right_part = across % PIXEL_ONE, low_part = down % PIXEL_ONE;
    int64_t upper = level_at(garment, left, top) * (PIXEL_ONE - right_part) +
                    level_at(garment, left + 1, top) * right_part;
    int64_t lower = level_at(garment, left, top + 1) * (PIXEL_ONE - right_part) +
                    level_at(garment, left + 1, top + 1) * right_part;
    return (int)((upper * (PIXEL_ONE - low_part) + lower * low_part) / ((int64_t)PIXEL_ONE * PIXEL_ONE));
}

static int opacity(int level)
{
    int value = (level - FAINTEST) * 6;
    return value < 0 ? 0 : value > 255 ? 255 : value;
}

/* False when nothing of the garment is opaque. */
static bool measure_garment(struct garment *garment)
{
    struct scene_box *box = &garment->box;
    bool is_any = false;
    box->x_min = box->y_min = UINT16_MAX;
    box->x_max = box->y_max = 0;
    for (int y = 0; y < garment->side; y++) {
        for (int x = 0; x < garment->side; x++) {
            if (opacity(level_between(garment, x, y)) < OPAQUE_FROM)
                continue;
            is_any = true;
            box->x_min = (uint16_t)(x < box->x_min ? x : box->x_min);
            box->y_min = (uint16_t)(y < box->y_min ? y : box->y_min);
            box->x_max = (uint16_t)(x + 1 > box->x_max ? x + 1 : box->x_max);
            box->y_max = (uint16_t)(y + 1 > box->y_max ? y + 1 : box->y_max);
        }
    }
    return is_any;
}

static bool choose_garment(const struct scene_recipe *recipe, const struct setting *setting,
                           struct dice *dice, struct garment *ret)
{
    uint32_t which = recipe->first + (uint32_t)dice_between(dice, 0, (int)recipe->count - 1);
    *ret = (struct garment){.pixels = recipe->garments->pixels + (size_t)which * GARMENT * GARMENT,
                            .is_mirrored = dice_between(dice, 0, 1) == 1,
                            .scale = dice_between(dice, setting->scale_low, setting->scale_high),
                            .box.label = recipe->garments->labels[which]};
    ret->side = GARMENT * ret->scale / SCALE_ONE;
    choose_color(dice, 120, 255, ret->tint);
    return measure_garment(ret);
}

static int overlap(int a_min, int a_max, int b_min, int b_max)
{
    int from = a_min > b_min ? a_min : b_min, to = a_max < b_max ? a_max : b_max;
    return to > from ? to - from : 0;
}

static int area(const struct scene_box *box)
{
    return (box->x_max - box->x_min) * (box->y_max - box->y_min);
}

static bool is_free(const struct scene *scene, const struct scene_box *box, int overlap_percent)
{
    for (uint32_t i = 0; i < scene->box_count; i++) {
        const struct scene_box *other = &scene->boxes[i];
        int common = overlap(box->x_min, box->x_max, other->x_min, other->x_max) *
                     overlap(box->y_min, box->y_max, other->y_min, other->y_max);
        int smaller = area(box) < area(other) ? area(box) : area(other);
        if (common * 100 > smaller * overlap_percent)
            return false;
    }
    return true;
}

/* Wholly inside the picture, not too much over another. False when no place was found. */
static bool place_garment(const struct scene *scene, const struct setting *setting, struct dice *dice,
                          struct garment *garment)
{
    const struct scene_box at_zero = garment->box;
    int width = at_zero.x_max - at_zero.x_min, height = at_zero.y_max - at_zero.y_min;
    for (int i = 0; i < PLACES_TRIED; i++) {
        int x = dice_between(dice, 0, SIDE - width), y = dice_between(dice, 0, SIDE - height);
        struct scene_box box = {at_zero.label, (uint16_t)x, (uint16_t)y, (uint16_t)(x + width),
                                (uint16_t)(y + height)};
        if (!is_free(scene, &box, setting->overlap_percent))
            continue;
        garment->box = box;
        garment->left = x - at_zero.x_min;
        garment->top = y - at_zero.y_min;
        return true;
    }
    return false;
}

static void draw_garment(const struct garment *garment, struct image *image)
{
    for (int y = 0; y < garment->side; y++) {
        for (int x = 0; x < garment->side; x++) {
            int level = level_between(garment, x, y), part = opacity(level);
            int to_x = garment->left + x, to_y = garment->top + y;
            if (part == 0 || to_x < 0 || to_y < 0 || to_x >= SIDE || to_y >= SIDE)
                continue;
            uint8_t *pixel = image->pixels + (size_t)(to_y * SIDE + to_x) * 3;
            for (int c = 0; c < 3; c++) {
                int color = garment->tint[c] * (60 + level * 195 / 255) / 255;
                pixel[c] = to_level((pixel[c] * (255 - part) + color * part) / 255);
            }
        }
    }
}

bool scene_compose(const struct scene_recipe *recipe, uint32_t index, struct image *into, struct scene *ret,
                   struct error *err)
{
    if (!image_resize_buffer(into, SIDE, SIDE, err))
        return false;
    struct dice dice = {mix_number(recipe->seed) ^ mix_number(~(uint64_t)index)};
    struct scene scene = {.trouble = SCENE_PLAIN};
    enum scene_trouble trouble = choose_trouble(&dice);
    scene.trouble = recipe->is_troubled ? trouble : SCENE_PLAIN;
    struct setting setting = choose_setting(scene.trouble, &dice);
    draw_ground(&dice, into);
    for (int i = 0; i < setting.garments || (scene.box_count == 0 && i < GARMENTS_TRIED); i++) {
        struct garment garment;
        if (!choose_garment(recipe, &setting, &dice, &garment) ||
            !place_garment(&scene, &setting, &dice, &garment))
            continue;
        draw_garment(&garment, into);
        scene.boxes[scene.box_count++] = garment.box;
    }
    if (scene.box_count == 0)
        return error_set(err, ERR_INVALID, "the pictures of garments are black");
    scene_suffer(&scene, &dice, into);
    *ret = scene;
    return true;
}

void scene_describe(const struct scene *scene, const char *file, struct buffer *into)
{
    (void)buffer_printf(into, "{\"file\":\"%s\",\"trouble\":\"%s\",\"boxes\":[", file,
                        scene_trouble_name(scene->trouble));
    for (uint32_t i = 0; i < scene->box_count; i++) {
        const struct scene_box *box = &scene->boxes[i];
        (void)buffer_printf(into, "%s[%u,%u,%u,%u,%u]", i > 0 ? "," : "", box->label, box->x_min, box->y_min,
                            box->x_max, box->y_max);
    }
    (void)buffer_add_text(into, "]}\n");
}
