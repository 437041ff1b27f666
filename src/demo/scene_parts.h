/* SPDX-License-Identifier: Apache-2.0 */
/* What composing and troubling scenes share. */
#ifndef DEMO_SCENE_PARTS_H
#define DEMO_SCENE_PARTS_H

#include "demo/scene.h"

/* splitmix64: one well-mixed number per counter value. */
static inline uint64_t mix_number(uint64_t value)
{
    value += 0x9E3779B97F4A7C15ULL;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
    return value ^ (value >> 31);
}

struct dice {
    uint64_t state;
};
static inline uint64_t dice_throw(struct dice *dice)
{
    dice->state += 0x9E3779B97F4A7C15ULL;
    return mix_number(dice->state);
}
/* low..high, both included. */
static inline int dice_between(struct dice *dice, int low, int high)
{
    return low + (int)(((dice_throw(dice) >> 32) * (uint64_t)(high - low + 1)) >> 32);
}

static inline uint8_t to_level(int value)
{
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* About normal, mean 0, deviation `deviation`: the sum of eight bytes. */
static inline int dice_normal(struct dice *dice, int deviation)
{
    enum { MEAN = 8 * 255 / 2, DEVIATION = 209 }; /* sqrt(8 × (256² − 1) / 12) = 209.0 */
    uint64_t bytes = dice_throw(dice);
    int sum = -MEAN;
    for (; bytes; bytes >>= 8)
        sum += (int)(bytes & 255);
    return sum * deviation / DEVIATION;
}

/* Makes the finished scene harder to see; the boxes stay. */
void scene_suffer(const struct scene *scene, struct dice *dice, struct image *image);

#endif
