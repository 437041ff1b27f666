/* SPDX-License-Identifier: Apache-2.0 */
/*
 * superpixels: imgaug's Superpixels(p_replace, n_segments=100, max_size=128): the image, at most 128 px long
 * for this, is cut into about 100 segments by SLIC (Achanta et al. 2012), here over RGB and in whole numbers;
 * a share of them becomes its mean colour, in the image at its full size.
 */
#include "image/augment/augment_parts.h"

#include <math.h>
#include <string.h>

enum { SEGMENTS = 100, SLIC_SIDE_PX = 128, ROUNDS = 5, COMPACTNESS = 20 };

struct centre {
    int32_t x, y, colour[3];
    uint64_t sum_x, sum_y, sum[3], count;
    bool is_replaced;
};
struct slic {
    const struct image *image; /* the small one */
    struct centre *centres;
    uint32_t count, columns, rows;
    int32_t step;
    uint16_t *segments; /* of each pixel */
    uint32_t *nearest;  /* its distance from that */
};

static void place_centres(struct slic *slic)
{
    const struct image *image = slic->image;
    for (uint32_t row = 0; row < slic->rows; row++) {
        for (uint32_t column = 0; column < slic->columns; column++) {
            struct centre *centre = &slic->centres[row * slic->columns + column];
            uint32_t x = (2 * column + 1) * image->width / (2 * slic->columns);
            uint32_t y = (2 * row + 1) * image->height / (2 * slic->rows);
            const uint8_t *pixel = image->pixels + ((size_t)y * image->width + x) * 3;
            *centre =
                (struct centre){.x = (int32_t)x, .y = (int32_t)y, .colour = {pixel[0], pixel[1], pixel[2]}};
        }
    }
}

/* The grid cells, for pixels that no centre reaches. */
static void start_segments(struct slic *slic)
{
    const struct image *image = slic->image;
    for (uint32_t y = 0; y < image->height; y++) {
        for (uint32_t x = 0; x < image->width; x++) {
            uint32_t column = x * slic->columns / image->width, row = y * slic->rows / image->height;
            slic->segments[(size_t)y * image->width + x] = (uint16_t)(row * slic->columns + column);
        }
    }
}

static int32_t at_least(int32_t value, int32_t least)
{
    return value > least ? value : least;
}

static int32_t at_most(int64_t value, uint32_t end)
{
    return (int32_t)(value < end ? value : end);
}

/* Takes the pixels around a centre that are nearer to it than to any before. */
static void take_pixels(struct slic *slic, uint16_t which)
{
    const struct centre *centre = &slic->centres[which];
    const struct image *image = slic->image;
    int32_t area = slic->step * slic->step;
    int32_t x0 = at_least(centre->x - slic->step, 0),
            x1 = at_most((int64_t)centre->x + slic->step + 1, image->width);
    int32_t y1 = at_most((int64_t)centre->y + slic->step + 1, image->height);
    for (int32_t y = at_least(centre->y - slic->step, 0); y < y1; y++) {
        size_t place = (size_t)y * image->width + (size_t)x0;
        const uint8_t *pixel = image->pixels + place * 3;
        for (int32_t x = x0; x < x1; x++, place++, pixel += 3) {
            int32_t red = pixel[0] - centre->colour[0], green = pixel[1] - centre->colour[1];
            int32_t blue = pixel[2] - centre->colour[2], across = x - centre->x, down = y - centre->y;
            uint32_t distance =
                (uint32_t)(red * red + green * green + blue * blue) +
                (uint32_t)(COMPACTNESS * COMPACTNESS * (across * across + down * down) / area);
            if (distance < slic->nearest[place]) {
                slic->nearest[place] = distance;
                slic->segments[place] = which;
            }
        }
    }
}

static void move_centres(struct slic *slic)
{
    const struct image *image = slic->image;
    for (uint32_t i = 0; i < slic->count; i++)
        slic->centres[i].sum_x = slic->centres[i].sum_y = slic->centres[i].count = 0;
    for (uint32_t i = 0; i < slic->count; i++)
        memset(slic->centres[i].sum, 0, sizeof(slic->centres[i].sum));
    for (uint32_t y = 0; y < image->height; y++) {
        for (uint32_t x = 0; x < image->width; x++) {
            size_t place = (size_t)y * image->width + x;
            struct centre *centre = &slic->centres[slic->segments[place]];
            centre->sum_x += x;
            centre->sum_y += y;
            centre->count++;
            for (size_t c = 0; c < 3; c++)
                centre->sum[c] += image->pixels[place * 3 + c];
        }
    }
    for (uint32_t i = 0; i < slic->count; i++) {
        struct centre *centre = &slic->centres[i];
        if (centre->count == 0)
            continue;
        centre->x = (int32_t)(centre->sum_x / centre->count);
        centre->y = (int32_t)(centre->sum_y / centre->count);
        for (int c = 0; c < 3; c++)
            centre->colour[c] = (int32_t)(centre->sum[c] / centre->count);
    }
}

static void segment(struct slic *slic)
{
    size_t pixels = (size_t)slic->image->width * slic->image->height;
    place_centres(slic);
    start_segments(slic);
    for (int round = 0; round < ROUNDS; round++) {
        memset(slic->nearest, 0xFF, pixels * sizeof(*slic->nearest));
        for (uint32_t i = 0; i < slic->count; i++)
            take_pixels(slic, (uint16_t)i);
        move_centres(slic);
    }
}

/* The segment of a pixel of the full image. */
static struct centre *centre_at(const struct slic *slic, const struct image *from, uint32_t x, uint32_t y)
{
    size_t row = (size_t)((uint64_t)y * slic->image->height / from->height);
    size_t column = (size_t)((uint64_t)x * slic->image->width / from->width);
    return &slic->centres[slic->segments[row * slic->image->width + column]];
}

/* Which segments are replaced, by the dice; sums start anew. */
static void choose_segments(struct slic *slic, const struct augment_draw *draw)
{
    uint64_t dice = draw->dice;
    for (uint32_t i = 0; i < slic->count; i++)
        slic->centres[i] = (struct centre){.is_replaced = augment_roll(&dice) < draw->value};
}

/* Mean colours over the full image. */
static void average(struct slic *slic, const struct image *from)
{
    const uint8_t *pixel = from->pixels;
    for (uint32_t y = 0; y < from->height; y++) {
        for (uint32_t x = 0; x < from->width; x++, pixel += 3) {
            struct centre *centre = centre_at(slic, from, x, y);
            centre->count++;
            for (size_t c = 0; c < 3; c++)
                centre->sum[c] += pixel[c];
        }
    }
    for (uint32_t i = 0; i < slic->count; i++) {
        struct centre *centre = &slic->centres[i];
        for (size_t c = 0; c < 3 && centre->count > 0; c++)
            centre->colour[c] = (int32_t)((centre->sum[c] + centre->count / 2) / centre->count);
    }
}

static void paint(const struct slic *slic, const struct image *from, struct image *into)
{
    const uint8_t *pixel = from->pixels;
    uint8_t *to = into->pixels;
    for (uint32_t y = 0; y < from->height; y++) {
        for (uint32_t x = 0; x < from->width; x++, pixel += 3, to += 3) {
            const struct centre *centre = centre_at(slic, from, x, y);
            for (size_t c = 0; c < 3; c++)
                to[c] = centre->is_replaced ? (uint8_t)centre->colour[c] : pixel[c];
        }
    }
}

static bool make_small(const struct image *from, struct augment_scratch *scratch, const struct image **ret,
                       struct error *err)
{
    return augment_picture(from, SLIC_SIDE_PX / AUGMENT_FACTOR, scratch, &scratch->small, ret, err);
}

static bool apply(const struct augment_draw *draw, const struct image *from, struct augment_scratch *scratch,
                  struct image *into, struct error *err)
{
    struct slic slic = {0};
    if (!make_small(from, scratch, &slic.image, err))
        return false;
    size_t pixels = (size_t)slic.image->width * slic.image->height;
    double step = fmax(1, sqrt((double)pixels / SEGMENTS));
    slic.columns = (uint32_t)fmax(1, round(slic.image->width / step));
    slic.rows = (uint32_t)fmax(1, round(slic.image->height / step));
    slic.count = slic.columns * slic.rows;
    slic.step = (int32_t)ceil(step);
    slic.centres = scratch_block_reserve(&scratch->centres, slic.count, sizeof(*slic.centres));
    slic.segments = scratch_block_reserve(&scratch->segments, pixels, sizeof(*slic.segments));
    slic.nearest = scratch_block_reserve(&scratch->sums, pixels, sizeof(*slic.nearest));
    if (!slic.centres || !slic.segments || !slic.nearest)
        return error_no_memory(err);
    segment(&slic);
    choose_segments(&slic, draw);
    average(&slic, from);
    paint(&slic, from, into);
    return true;
}

const struct augment_op augment_superpixels = {
    .name = "superpixels",
    .reason = 26,
    .summary = "reduced to superpixels",
    .parameter = {"p_replace", "share of the segments", 0.05, 1, 0.5, .is_exact = true},
    .apply = apply,
};
