/* SPDX-License-Identifier: Apache-2.0 */
#include "planted_stream.h"

#include <string.h>

enum { SIDE = DEMO_SIDE_PX, PIXELS = SIDE * SIDE, CHANNELS = 3 };

static const uint8_t *garment(const struct planting *planting, uint32_t number)
{
    return planting->garments.pixels + (size_t)number * PIXELS;
}

/* The garment in the middle of a black picture of that size. */
static bool lay(const uint8_t *gray, uint32_t width, uint32_t height, struct image *into, struct error *err)
{
    if (!image_resize_buffer(into, width, height, err))
        return false;
    memset(into->pixels, 0, (size_t)width * height * CHANNELS);
    uint32_t left = (width - SIDE) / 2, top = (height - SIDE) / 2;
    for (uint32_t y = 0; y < SIDE; y++)
        for (uint32_t x = 0; x < SIDE; x++)
            memset(into->pixels + ((size_t)(top + y) * width + left + x) * CHANNELS, gray[y * SIDE + x],
                   CHANNELS);
    return true;
}

static size_t levels_of(const struct image *image)
{
    return (size_t)image->width * image->height * CHANNELS;
}

/* Each channel × percent. */
static void tint(struct image *image, int red, int green, int blue)
{
    const int percent[CHANNELS] = {red, green, blue};
    for (size_t i = 0; i < levels_of(image); i++)
        image->pixels[i] = to_level(image->pixels[i] * percent[i % CHANNELS] / 100);
}

static void add_noise(struct planting *planting, struct image *image, int deviation)
{
    for (size_t i = 0; i < levels_of(image); i += CHANNELS)
        memset(image->pixels + i, to_level(image->pixels[i] + dice_normal(&planting->dice, deviation)),
               CHANNELS);
}

/* Blocks of black and white: no garment at all. */
static void scatter(struct planting *planting, struct image *image)
{
    enum { BLOCK = 4 };
    uint8_t blocks[SIDE / BLOCK][SIDE / BLOCK];
    for (uint32_t i = 0; i < sizeof(blocks); i++)
        blocks[i / (SIDE / BLOCK)][i % (SIDE / BLOCK)] = (uint8_t)(255 * dice_between(&planting->dice, 0, 1));
    for (size_t i = 0; i < levels_of(image); i++) {
        size_t at = i / CHANNELS;
        image->pixels[i] = blocks[at / SIDE / BLOCK][at % SIDE / BLOCK];
    }
}

/* Left red and right blue, where there is light. */
static void halve(struct image *image)
{
    for (size_t i = 0; i < levels_of(image); i++) {
        bool is_left = i / CHANNELS % image->width < image->width / 2;
        if (i % CHANNELS != (is_left ? 0U : 2U))
            image->pixels[i] = 0;
    }
}

/* Sides, and a slight tint, vary in every set, so that no feature is constant. */
static void usual_size(struct planting *planting, const struct planted_request *request, uint32_t *ret_width,
                       uint32_t *ret_height)
{
    enum { RESOLUTION = 5, ASPECT = 6, SPREAD = 8, LARGE = 84 };
    *ret_width = *ret_height = SIDE;
    if (request->reason != RESOLUTION && request->reason != ASPECT)
        return;
    *ret_width = SIDE + (uint32_t)dice_between(&planting->dice, 0, SPREAD);
    *ret_height = SIDE + (uint32_t)dice_between(&planting->dice, 0, SPREAD);
    if (request->is_planted)
        *ret_height = LARGE;
    if (request->is_planted && request->reason == RESOLUTION)
        *ret_width = LARGE;
}

static void spoil(struct planting *planting, const struct planted_request *request, struct image *image)
{
    switch (request->reason) {
    case 7:
        for (size_t i = 0; i < levels_of(image); i++)
            image->pixels[i] = (uint8_t)(255 - (255 - image->pixels[i]) * 3 / 10);
        break;
    case 8:
        tint(image, 100, 20, 20);
        break;
    case 9:
        halve(image);
        break;
    case 10:
        add_noise(planting, image, 80);
        break;
    case 30:
        scatter(planting, image);
        break;
    default: /* 2 and 3: it is the training set that is wrong; 5 and 6: the size; others: planted_search.c */
        break;
    }
}

bool planted_garment(struct planting *planting, const struct planted_request *request,
                     struct planted_picture *ret, struct error *err)
{
    enum { SATURATION = 8, COLORFULNESS = 9 };
    uint32_t width = 0, height = 0;
    usual_size(planting, request, &width, &height);
    if (!lay(garment(planting, request->number), width, height, ret->image, err))
        return false;
    if (request->reason == SATURATION || request->reason == COLORFULNESS)
        tint(ret->image, dice_between(&planting->dice, 85, 100), dice_between(&planting->dice, 85, 100),
             dice_between(&planting->dice, 85, 100));
    if (request->is_planted)
        spoil(planting, request, ret->image);
    ret->label = planting->garments.labels[request->number];
    return true;
}
