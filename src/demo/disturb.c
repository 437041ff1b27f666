/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/demo.h"

#include <math.h>
#include <string.h>

enum { SIDE = DEMO_SIDE_PX, PIXELS = SIDE * SIDE };
#define STREAM_SEED 0x7472306d6d656cULL
#define DARK_FACTOR 0.45F
#define NOISE_DEVIATION 0.15
#define SHRINK_FACTOR 0.75
#define TURN_DEGREES 20.0

const char *disturbance_name(enum disturbance kind)
{
    static const char *const names[DISTURB_COUNT] = {"untouched", "dark", "blur", "noise", "shrink", "turn"};
    return names[kind];
}

/* splitmix64: one well-mixed number per counter value. */
static uint64_t mix(uint64_t value)
{
    value += 0x9E3779B97F4A7C15ULL;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
    return value ^ (value >> 31);
}

static double uniform(uint64_t counter)
{
    return ((double)(mix(counter) >> 11) + 0.5) * 0x1p-53;
}

enum disturbance disturbance_of(uint32_t index)
{
    return (enum disturbance)(mix(STREAM_SEED + index) % DISTURB_COUNT);
}

static void darken(float *pixels)
{
    for (int i = 0; i < PIXELS; i++)
        pixels[i] *= DARK_FACTOR;
}

static int inside(int at)
{
    return at < 0 ? 0 : at >= SIDE ? SIDE - 1 : at;
}

/* [1 2 1] / 4 along both axes, edges repeated. */
static void blur_once(float *pixels)
{
    float rows[PIXELS];
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            rows[y * SIDE + x] = (pixels[y * SIDE + inside(x - 1)] + 2 * pixels[y * SIDE + x] +
                                  pixels[y * SIDE + inside(x + 1)]) /
                                 4;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            pixels[y * SIDE + x] =
                (rows[inside(y - 1) * SIDE + x] + 2 * rows[y * SIDE + x] + rows[inside(y + 1) * SIDE + x]) /
                4;
}

/* Box-Muller, one normal number per pixel. */
static void add_noise(float *pixels, uint32_t index)
{
    for (uint64_t i = 0; i < PIXELS; i++) {
        uint64_t counter = mix(STREAM_SEED ^ ((uint64_t)index << 32)) + 2 * i;
        double radius = sqrt(-2 * log(uniform(counter))),
               angle = 2 * 3.14159265358979323846 * uniform(counter + 1);
        pixels[i] += (float)(NOISE_DEVIATION * radius * cos(angle));
    }
}

static float pixel_or_black(const float *pixels, int x, int y)
{
    return x < 0 || y < 0 || x >= SIDE || y >= SIDE ? 0 : pixels[y * SIDE + x];
}

static float between(const float *pixels, double x, double y)
{
    int left = (int)floor(x), top = (int)floor(y);
    float right_part = (float)(x - left), low_part = (float)(y - top);
    float upper = pixel_or_black(pixels, left, top) * (1 - right_part) +
                  pixel_or_black(pixels, left + 1, top) * right_part;
    float lower = pixel_or_black(pixels, left, top + 1) * (1 - right_part) +
                  pixel_or_black(pixels, left + 1, top + 1) * right_part;
    return upper * (1 - low_part) + lower * low_part;
}

/* Each pixel comes from where (cosine, sine)/scale about the centre points to; bilinear, black outside. */
static void map_back(float *pixels, double cosine, double sine, double scale)
{
    float from[PIXELS];
    const double centre = (SIDE - 1) / 2.0;
    memcpy(from, pixels, sizeof(from));
    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
            double dx = (x - centre) / scale, dy = (y - centre) / scale;
            pixels[y * SIDE + x] =
                between(from, centre + cosine * dx - sine * dy, centre + sine * dx + cosine * dy);
        }
    }
}

void disturb(enum disturbance kind, uint32_t index, float pixels[DEMO_SIDE_PX * DEMO_SIDE_PX])
{
    const double turn = TURN_DEGREES * 3.14159265358979323846 / 180;
    switch (kind) {
    case DISTURB_DARK:
        darken(pixels);
        break;
    case DISTURB_BLUR:
        blur_once(pixels);
        blur_once(pixels);
        break;
    case DISTURB_NOISE:
        add_noise(pixels, index);
        break;
    case DISTURB_SHRINK:
        map_back(pixels, 1, 0, SHRINK_FACTOR);
        break;
    case DISTURB_TURN:
        map_back(pixels, cos(turn), sin(turn), 1);
        break;
    case DISTURB_NOTHING:
    case DISTURB_COUNT:
        break;
    }
    for (int i = 0; i < PIXELS; i++)
        pixels[i] = fminf(1, fmaxf(0, pixels[i]));
}
