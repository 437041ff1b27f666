/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults that are in the model's answer and not in the picture alone: pictures are made until the model
 * answers as it must.
 */
#include "planted_stream.h"

#include <string.h>

enum { SIDE = DEMO_SIDE_PX, PIXELS = SIDE * SIDE, CHANNELS = 3, PERCENT = 100 };

static const uint8_t *garment(const struct planting *planting, uint32_t number)
{
    return planting->garments.pixels + (size_t)number * PIXELS;
}

/* Of those that the model was trained on. */
static uint32_t any_garment(struct planting *planting)
{
    return (uint32_t)dice_between(&planting->dice, 0, DEMO_TRAIN_IMAGES - 1);
}

static uint32_t other_garment(struct planting *planting, uint8_t label, uint8_t nor_label)
{
    uint32_t number = any_garment(planting);
    while (planting->garments.labels[number] == label || planting->garments.labels[number] == nor_label)
        number = any_garment(planting);
    return number;
}

static void set_level(const struct image *image, size_t pixel, int level)
{
    memset(image->pixels + pixel * CHANNELS, to_level(level), CHANNELS);
}

static bool start_picture(const struct planting *planting, const struct planted_request *request,
                          struct planted_picture *ret, struct error *err)
{
    ret->label = planting->garments.labels[request->number];
    return image_resize_buffer(ret->image, SIDE, SIDE, err);
}

/* ---- 1: three garments at once ---- */

static bool find_unsure(struct planting *planting, const struct planted_request *request,
                        struct planted_picture *ret, struct error *err)
{
    enum { TRIES = 40, TOGETHER = 3 };
    uint8_t kept[PIXELS];
    double least = 2;
    const uint8_t *first = garment(planting, request->number);
    for (int try = 0; try < TRIES; try++) {
        struct planted_answer answer;
        uint32_t second = other_garment(planting, ret->label, ret->label);
        uint32_t third = other_garment(planting, ret->label, planting->garments.labels[second]);
        uint8_t mixed[PIXELS];
        for (size_t i = 0; i < PIXELS; i++) {
            mixed[i] =
                (uint8_t)((first[i] + garment(planting, second)[i] + garment(planting, third)[i]) / TOGETHER);
            set_level(ret->image, i, mixed[i]);
        }
        if (!planted_ask(planting->model, ret->image, &answer, err))
            return false;
        if (!(answer.scores[answer.label] < least))
            continue;
        least = answer.scores[answer.label];
        memcpy(kept, mixed, sizeof(kept));
    }
    for (size_t i = 0; i < PIXELS; i++)
        set_level(ret->image, i, kept[i]);
    return true;
}

bool planted_unsure(struct planting *planting, const struct planted_request *request,
                    struct planted_picture *ret, struct error *err)
{
    if (!request->is_planted)
        return planted_garment(planting, request, ret, err);
    return start_picture(planting, request, ret, err) && find_unsure(planting, request, ret, err);
}

/* ---- 4: a little of another garment changes the answer for one frame ---- */

static void add_noise(struct planting *planting, const struct image *image)
{
    enum { NOISE = 3 };
    for (size_t i = 0; i < PIXELS; i++)
        set_level(image, i, image->pixels[i * CHANNELS] + dice_normal(&planting->dice, NOISE));
}

static void mix(const struct planting *planting, const struct planted_burst *burst, int share,
                const struct image *into)
{
    const uint8_t *one = garment(planting, burst->garment), *other = garment(planting, burst->other);
    for (size_t i = 0; i < PIXELS; i++)
        set_level(into, i, (one[i] * (PERCENT - share) + other[i] * share) / PERCENT);
}

/* A garment that the model is sure of, and another one of which a small share makes it sure of something
 * else. */
static bool find_burst(struct planting *planting, const struct image *room, struct error *err)
{
    enum { TRIES_MAX = 20000 };
    const double sure = 0.9, sure_changed = 0.6;
    struct planted_burst *burst = &planting->burst;
    for (int try = 0; try < TRIES_MAX; try++) {
        struct planted_answer usual, answer;
        burst->garment = any_garment(planting);
        uint8_t label = planting->garments.labels[burst->garment];
        burst->other = other_garment(planting, label, label);
        mix(planting, burst, 0, room);
        if (!planted_ask(planting->model, room, &usual, err))
            return false;
        mix(planting, burst, PLANTED_BURST_SHARE, room);
        if (!planted_ask(planting->model, room, &answer, err))
            return false;
        if (usual.label == label && usual.scores[label] >= sure && answer.label != label &&
            answer.scores[answer.label] >= sure_changed)
            return true;
    }
    return error_set(err, ERR_LIMIT, "no garment found that a little of another one changes");
}

/* Frames of one garment that differ by a little noise; the one in the middle of every fourth burst is
 * planted. */
bool planted_frame(struct planting *planting, const struct planted_request *request,
                   struct planted_picture *ret, struct error *err)
{
    enum { FRAMES = 5, PLANTED_BURSTS = PLANTED_EACH / FRAMES };
    uint32_t place = request->number - PLANTED_TRAINING, number = (place + FRAMES / 2) / FRAMES + 1;
    if (request->number < PLANTED_TRAINING)
        return planted_garment(planting, request, ret, err);
    if (!image_resize_buffer(ret->image, SIDE, SIDE, err))
        return false;
    if (planting->burst.number != number) {
        planting->burst = (struct planted_burst){.number = number, .garment = any_garment(planting)};
        planting->burst.other = planting->burst.garment;
        if (number % PLANTED_BURSTS == 1 && !find_burst(planting, ret->image, err))
            return false;
    }
    mix(planting, &planting->burst, request->is_planted ? PLANTED_BURST_SHARE : 0, ret->image);
    add_noise(planting, ret->image);
    ret->label = planting->garments.labels[planting->burst.garment];
    return true;
}

/* ---- 19 to 29: only this copy gets another class ---- */

/* Superpixels hardly change anything but grain. */
static bool is_subtle(uint32_t op)
{
    return strcmp(all_augment_ops[op]->name, "superpixels") == 0;
}

/* What is tried: a garment, another one over it, and one thing more. */
enum twist { TWIST_NONE, TWIST_SEAM, TWIST_STRIPES, TWIST_NOISE, TWIST_LIGHT, TWIST_SHIFT, TWIST_COUNT };

struct recipe {
    const uint8_t *one, *other;
    enum twist twist;
    int share, seam, amplitude, period, gain, offset, right, down;
    bool is_across;
};

static int level_of(const uint8_t *gray, int x, int y)
{
    return x < 0 || y < 0 || x >= SIDE || y >= SIDE ? 0 : gray[y * SIDE + x];
}

static int twist_level(const struct recipe *recipe, struct dice *dice, int x, int y)
{
    int from_x = x - recipe->right, from_y = y - recipe->down;
    int level = (level_of(recipe->one, from_x, from_y) * (PERCENT - recipe->share) +
                 level_of(recipe->other, from_x, from_y) * recipe->share) /
                PERCENT;
    bool is_odd = (x / recipe->period + (recipe->is_across ? y / recipe->period : 0)) % 2;
    switch (recipe->twist) {
    case TWIST_SEAM:
        return (recipe->is_across ? y : x) >= recipe->seam ? level_of(recipe->other, x, y) : level;
    case TWIST_STRIPES:
        return level + (is_odd ? recipe->amplitude : -recipe->amplitude);
    case TWIST_NOISE:
        return level + dice_normal(dice, recipe->amplitude / 2);
    case TWIST_LIGHT:
        return level * recipe->gain / PERCENT + recipe->offset;
    default:
        return level;
    }
}

static void try_picture(struct planting *planting, uint32_t number, bool is_of_grain,
                        const struct image *image)
{
    enum { SHIFT_PX = 7 };
    struct dice *dice = &planting->dice;
    struct recipe recipe = {.one = garment(planting, number),
                            .other = garment(planting, any_garment(planting)),
                            .twist = (enum twist)dice_between(dice, TWIST_NONE, TWIST_COUNT - 1)};
    if (is_of_grain)
        recipe.twist = TWIST_NOISE;
    recipe.share = dice_between(dice, 0, 55);
    recipe.seam = dice_between(dice, 8, 20);
    recipe.amplitude = dice_between(dice, 10, is_of_grain ? 180 : 90);
    recipe.period = dice_between(dice, 1, 3);
    recipe.gain = dice_between(dice, 20, PERCENT);
    recipe.offset = dice_between(dice, 0, 90);
    recipe.is_across = dice_between(dice, 0, 1) == 1;
    if (recipe.twist == TWIST_SHIFT) {
        recipe.right = dice_between(dice, -SHIFT_PX, SHIFT_PX);
        recipe.down = dice_between(dice, -SHIFT_PX, SHIFT_PX);
    }
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            set_level(image, (size_t)y * SIDE + (size_t)x, twist_level(&recipe, dice, x, y));
}

/* Upside down and inverted the garments' model knows hardly a training image again: those copies always
 * change. */
static bool is_survived(uint32_t op)
{
    return strcmp(all_augment_ops[op]->name, "flipud") != 0 &&
           strcmp(all_augment_ops[op]->name, "invert") != 0;
}

/* The answer is clear, this copy's clearly another, and all others' the same. */
static bool is_fragile(struct planted_model *model, const struct image *image, uint32_t op, bool *ret,
                       struct error *err)
{
    const double sure = 0.5, kept_most = is_subtle(op) ? 0.45 : 0.25;
    struct planted_answer answer, copy;
    char hash[HASH_HEX_BYTES];
    *ret = false;
    if (!planted_ask(model, image, &answer, err))
        return false;
    if (answer.scores[answer.label] < sure)
        return true;
    if (!planted_hash(model, image, hash, err) || !planted_ask_copy(model, image, hash, op, &copy, err))
        return false;
    bool is_only = copy.label != answer.label && copy.scores[answer.label] <= kept_most;
    for (uint32_t other = 0; is_only && other < AUGMENT_OPS; other++) {
        if (other == op || !is_survived(other))
            continue;
        if (!planted_ask_copy(model, image, hash, other, &copy, err))
            return false;
        is_only = copy.label == answer.label;
    }
    *ret = is_only;
    return true;
}

/* Garments that the model knows, and nearly all also in that copy, as with the operations that it survives:
 * for those that it does not survive on most. */
static bool find_survivor(struct planting *planting, uint32_t op, struct planted_picture *ret,
                          struct error *err)
{
    enum { TRIES_MAX = 10000, CHANGED_EACH = 33 /* one of so many may change */ };
    struct planted_answer answer, copy;
    bool may_change = dice_between(&planting->dice, 1, CHANGED_EACH) == 1;
    char hash[HASH_HEX_BYTES];
    for (int try = 0; try < TRIES_MAX; try++) {
        struct planted_request request = {.number = any_garment(planting)};
        if (!planted_garment(planting, &request, ret, err) ||
            !planted_ask(planting->model, ret->image, &answer, err))
            return false;
        if (answer.label != ret->label)
            continue;
        if (!planted_hash(planting->model, ret->image, hash, err) ||
            !planted_ask_copy(planting->model, ret->image, hash, op, &copy, err))
            return false;
        if (may_change || copy.label == ret->label)
            return true;
    }
    return error_set(err, ERR_LIMIT, "no garment found that the model knows %s",
                     all_augment_ops[op]->summary);
}

bool planted_fragile(struct planting *planting, const struct planted_request *request,
                     struct planted_picture *ret, struct error *err)
{
    enum { TRIES_MAX = 100000 };
    uint32_t op = (uint32_t)(request->reason - AUGMENT_REASON_FIRST), number = request->number;
    bool is_found = false;
    if (!request->is_planted)
        return is_survived(op) ? planted_garment(planting, request, ret, err)
                               : find_survivor(planting, op, ret, err);
    for (int try = 0; try < TRIES_MAX; try++) {
        ret->label = planting->garments.labels[number];
        if (!image_resize_buffer(ret->image, SIDE, SIDE, err))
            return false;
        try_picture(planting, number, is_subtle(op), ret->image);
        if (!is_fragile(planting->model, ret->image, op, &is_found, err))
            return false;
        if (is_found)
            return true;
        number = any_garment(planting);
    }
    return error_set(err, ERR_LIMIT, "no picture found that only '%s' changes", all_augment_ops[op]->name);
}
