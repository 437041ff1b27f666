/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any images as a stream of the bench: reads their paths from the standard input, one a line, and writes
 * FOLDER/stream/NNNNN.png in that order. Shifted: each with one of the demo's six disturbances, drawn by the
 * seed, in colour and at its own size.
 *
 *     image_stream FOLDER SEED clean|shifted < PATHS
 */
#include "base/text.h"
#include "demo/scene_parts.h"
#include "store/store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX_BYTES = 64 * 1024 * 1024, PATH_BYTES = 4096, CHANNELS = 3 };
#define DARK_FACTOR 0.45
#define NOISE_DEVIATION 38 /* levels: 0.15 of 255 */
#define SHRINK_FACTOR 0.75
#define TURN_DEGREES 20.0

struct making {
    struct store *root, *folder;
    struct buffer file, png;
    struct image image, before;
    struct dice dice;
};

static uint8_t *pixel(const struct image *image, uint32_t x, uint32_t y)
{
    return image->pixels + ((size_t)y * image->width + x) * CHANNELS;
}

/* [1 2 1] / 4 along both axes at once, edges repeated. */
static void blur(const struct image *from, struct image *into)
{
    static const int weights[] = {1, 2, 1};
    for (uint32_t y = 0; y < into->height; y++)
        for (uint32_t x = 0; x < into->width * CHANNELS; x++) {
            int sum = 8;
            for (int k = 0; k < 9; k++) {
                int64_t row = (int64_t)y + k / 3 - 1, column = (int64_t)(x / CHANNELS) + k % 3 - 1;
                row = row < 0 ? 0 : row >= from->height ? from->height - 1 : row;
                column = column < 0 ? 0 : column >= from->width ? from->width - 1 : column;
                sum += weights[k / 3] * weights[k % 3] *
                       pixel(from, (uint32_t)column, (uint32_t)row)[x % CHANNELS];
            }
            pixel(into, x / CHANNELS, y)[x % CHANNELS] = (uint8_t)(sum / 16);
        }
}

static double level(const struct image *image, int64_t x, int64_t y, uint32_t channel)
{
    return x < 0 || y < 0 || x >= image->width || y >= image->height
               ? 0
               : pixel(image, (uint32_t)x, (uint32_t)y)[channel];
}

static uint8_t between(const struct image *image, double x, double y, uint32_t channel)
{
    int64_t left = (int64_t)floor(x), top = (int64_t)floor(y);
    double right_part = x - (double)left, low_part = y - (double)top;
    double upper = level(image, left, top, channel) * (1 - right_part) +
                   level(image, left + 1, top, channel) * right_part;
    double lower = level(image, left, top + 1, channel) * (1 - right_part) +
                   level(image, left + 1, top + 1, channel) * right_part;
    return to_level((int)lrint(upper * (1 - low_part) + lower * low_part));
}

/* Each pixel comes from where (cosine, sine) / scale about the centre points to; black outside. */
static void map_back(const struct image *from, double cosine, double sine, double scale, struct image *into)
{
    double centre_x = (from->width - 1) / 2.0, centre_y = (from->height - 1) / 2.0;
    for (uint32_t y = 0; y < into->height; y++)
        for (uint32_t x = 0; x < into->width; x++) {
            double dx = (x - centre_x) / scale, dy = (y - centre_y) / scale;
            for (uint32_t channel = 0; channel < CHANNELS; channel++)
                pixel(into, x, y)[channel] = between(from, centre_x + cosine * dx - sine * dy,
                                                     centre_y + sine * dx + cosine * dy, channel);
        }
}

static bool copy(const struct image *from, struct image *into, struct error *err)
{
    if (!image_resize_buffer(into, from->width, from->height, err))
        return false;
    memcpy(into->pixels, from->pixels, (size_t)from->width * from->height * CHANNELS);
    return true;
}

static bool disturb_image(struct making *making, enum disturbance kind, struct error *err)
{
    const double turn = TURN_DEGREES * M_PI / 180;
    struct image *image = &making->image;
    size_t levels = (size_t)image->width * image->height * CHANNELS;
    if (!copy(image, &making->before, err))
        return false;
    if (kind == DISTURB_DARK)
        for (size_t i = 0; i < levels; i++)
            image->pixels[i] = to_level((int)lrint(image->pixels[i] * DARK_FACTOR));
    if (kind == DISTURB_NOISE)
        for (size_t i = 0; i < levels; i++)
            image->pixels[i] = to_level(image->pixels[i] + dice_normal(&making->dice, NOISE_DEVIATION));
    if (kind == DISTURB_SHRINK)
        map_back(&making->before, 1, 0, SHRINK_FACTOR, image);
    if (kind == DISTURB_TURN)
        map_back(&making->before, cos(turn), sin(turn), 1, image);
    if (kind != DISTURB_BLUR)
        return true;
    blur(&making->before, image);
    if (!copy(image, &making->before, err))
        return false;
    blur(&making->before, image);
    return true;
}

static bool write_all(struct making *making, bool is_shifted, struct error *err)
{
    char path[PATH_BYTES];
    for (uint32_t i = 0; fgets(path, sizeof(path), stdin); i++) {
        char key[32];
        struct image_info info;
        path[strcspn(path, "\n")] = '\0';
        int kind = dice_between(&making->dice, 0, DISTURB_COUNT - 1);
        (void)snprintf(key, sizeof(key), "stream/%05u.png", i);
        buffer_clear(&making->png);
        if (!store_get(making->root, path + (path[0] == '/'), &making->file, err) ||
            !image_decode((struct bytes){making->file.data, making->file.size}, NULL, &making->image, &info,
                          err) ||
            (is_shifted && !disturb_image(making, (enum disturbance)kind, err)) ||
            !image_encode_png(&making->image, &making->png, err) ||
            !store_put_fast(making->folder, key, (struct bytes){making->png.data, making->png.size}, err))
            return error_wrap(err, "%s", path);
    }
    return true;
}

static bool make(struct making *making, char **arguments, struct error *err)
{
    double seed = 0;
    bool is_shifted = strcmp(arguments[3], "shifted") == 0;
    if (!is_shifted && strcmp(arguments[3], "clean") != 0)
        return error_set(err, ERR_INVALID, "'%s' is neither clean nor shifted", arguments[3]);
    if (!text_to_double(arguments[2], "SEED", 0, 1e6, &seed, err) ||
        !store_open("/", false, &making->root, err) || !store_open(arguments[1], true, &making->folder, err))
        return false;
    making->dice.state = mix_number((uint64_t)seed);
    return write_all(making, is_shifted, err);
}

int main(int count, char **arguments)
{
    struct error err = {0};
    struct making making = {.file = {.limit = FILE_MAX_BYTES}, .png = {.limit = FILE_MAX_BYTES}};
    if (count != 4) {
        (void)fputs("usage: image_stream FOLDER SEED clean|shifted < PATHS\n", stderr);
        return 2;
    }
    bool is_done = make(&making, arguments, &err);
    buffer_release(&making.file);
    buffer_release(&making.png);
    image_release(&making.image);
    image_release(&making.before);
    store_free(making.root);
    store_free(making.folder);
    if (!is_done)
        (void)fprintf(stderr, "image_stream: %s\n", err.message);
    return is_done ? 0 : 1;
}
