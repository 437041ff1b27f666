/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fashion-MNIST as a case of the bench: writes images and lists below FOLDER.
 *
 *     garment_stream FOLDER SEED COUNT clean|shifted LABELS_FILE [UNKNOWN]
 *
 *     train/NNNNN.png, train.manifest   the 5,000 that demo/garments.onnx was trained on, usage TRAIN, and
 *                                       1,500 it never saw, usage EVAL
 *     stream/NNNNN.png, truth.manifest  COUNT of the others, drawn and ordered by the seed; shifted: one of
 *                                       the demo's six disturbances each, equally likely, drawn by the seed
 *
 * UNKNOWN is a label that the training images do not have, as the model never learned it; the stream does.
 */
#include "base/text.h"
#include "demo/scene_parts.h"
#include "garment_labels.h"
#include "manifest/manifest.h"
#include "store/store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    IMAGES = 60000,
    EVAL_IMAGES = 1500,
    STREAM_FROM = DEMO_TRAIN_IMAGES,
    STREAM_TO = IMAGES - EVAL_IMAGES, /* the EVAL images are the last */
    PIXELS = DEMO_SIDE_PX * DEMO_SIDE_PX,
    PNG_MAX_BYTES = 64 * 1024,
    LIST_MAX_BYTES = 64 * 1024 * 1024,
    SOURCE_BYTES = 4096,
};

struct making {
    struct store *store;
    struct idx_images images;
    uint64_t seed;
    uint32_t count;
    bool is_shifted;
    int unknown; /* class; -1: none */
    struct garment_labels labels;
    struct image image;
    struct buffer png, list;
};
/* One line of a list, with its image. */
struct item {
    uint32_t index, name; /* in the data set; in the file's name */
    const char *folder, *usage;
    enum disturbance disturbance;
};

static bool write_image(struct making *making, const struct item *item, const char *key, struct error *err)
{
    float gray[PIXELS];
    const uint8_t *from = making->images.pixels + (size_t)item->index * PIXELS;
    for (int i = 0; i < PIXELS; i++)
        gray[i] = (float)from[i] / 255;
    disturb(item->disturbance, (uint32_t)mix_number(making->seed * IMAGES + item->index), gray);
    for (size_t i = 0; i < PIXELS; i++)
        memset(making->image.pixels + i * 3, (int)lrintf(gray[i] * 255), 3);
    buffer_clear(&making->png);
    return image_encode_png(&making->image, &making->png, err) &&
           store_put_fast(making->store, key, (struct bytes){making->png.data, making->png.size}, err);
}

static bool write_item(struct making *making, const struct item *item, struct error *err)
{
    char key[32], source[SOURCE_BYTES];
    (void)snprintf(key, sizeof(key), "%s/%05u.png", item->folder, item->name);
    (void)snprintf(source, sizeof(source), "%s/%s", store_url(making->store), key);
    struct manifest_annotation annotation = manifest_annotation_none();
    annotation.type = MANIFEST_TYPE_CLASSIFICATION;
    annotation.name = making->labels.names[making->images.labels[item->index]];
    struct manifest_sample sample = manifest_sample_none();
    sample.source = source;
    sample.usage = item->usage;
    sample.annotations = &annotation;
    sample.annotation_count = 1;
    return write_image(making, item, key, err) && manifest_line_write(&sample, &making->list, err);
}

static bool write_list(struct making *making, const char *key, struct error *err)
{
    bool is_done = buffer_check(&making->list, key, err) &&
                   store_put(making->store, key, (struct bytes){making->list.data, making->list.size}, err);
    buffer_clear(&making->list);
    return is_done;
}

static bool write_training(struct making *making, struct error *err)
{
    for (uint32_t i = 0; i < DEMO_TRAIN_IMAGES + EVAL_IMAGES; i++) {
        bool is_train = i < DEMO_TRAIN_IMAGES;
        uint32_t index = is_train ? i : STREAM_TO + i - DEMO_TRAIN_IMAGES;
        const struct item item = {index, index, "train", is_train ? "TRAIN" : "EVAL", DISTURB_NOTHING};
        if (making->images.labels[index] != making->unknown && !write_item(making, &item, err))
            return false;
    }
    return write_list(making, "train.manifest", err);
}

/* The first `count` of a shuffle by the seed. */
static bool write_stream(struct making *making, struct error *err)
{
    uint32_t left = STREAM_TO - STREAM_FROM, *indices = calloc(left, sizeof(*indices));
    struct dice dice = {mix_number(making->seed)};
    bool is_done = indices || error_no_memory(err);
    for (uint32_t i = 0; indices && i < left; i++)
        indices[i] = STREAM_FROM + i;
    for (uint32_t i = 0; is_done && i < making->count; i++) {
        uint32_t other = (uint32_t)dice_between(&dice, (int)i, (int)left - 1), index = indices[other];
        int kind = dice_between(&dice, 0, DISTURB_COUNT - 1);
        indices[other] = indices[i];
        const struct item item = {index, i, "stream", NULL,
                                  making->is_shifted ? (enum disturbance)kind : DISTURB_NOTHING};
        is_done = write_item(making, &item, err);
    }
    free(indices);
    return is_done && write_list(making, "truth.manifest", err);
}

static bool find_unknown(struct making *making, const char *label, struct error *err)
{
    making->unknown = label ? DEMO_CLASSES - 1 : -1;
    while (making->unknown >= 0 && strcmp(making->labels.names[making->unknown], label) != 0)
        making->unknown--;
    return !label || making->unknown >= 0 || error_set(err, ERR_INVALID, "no label is '%s'", label);
}

static bool make(struct making *making, char **arguments, struct error *err)
{
    double seed = 0, count = 0;
    making->is_shifted = strcmp(arguments[4], "shifted") == 0;
    if (!making->is_shifted && strcmp(arguments[4], "clean") != 0)
        return error_set(err, ERR_INVALID, "'%s' is neither clean nor shifted", arguments[4]);
    if (!text_to_double(arguments[2], "SEED", 0, 1e6, &seed, err) ||
        !text_to_double(arguments[3], "COUNT", 1, STREAM_TO - STREAM_FROM, &count, err) ||
        !garment_labels_read(arguments[5], &making->labels, err) ||
        !find_unknown(making, arguments[6], err) || !store_open(arguments[1], true, &making->store, err) ||
        !idx_read(DEMO_DATASET_FOLDER, IMAGES, &making->images, err) ||
        !image_resize_buffer(&making->image, DEMO_SIDE_PX, DEMO_SIDE_PX, err))
        return false;
    making->seed = (uint64_t)seed;
    making->count = (uint32_t)count;
    return write_training(making, err) && write_stream(making, err);
}

int main(int count, char **arguments)
{
    struct error err = {0};
    if (count != 6 && count != 7) {
        (void)fputs("usage: garment_stream FOLDER SEED COUNT clean|shifted LABELS_FILE [UNKNOWN]\n", stderr);
        return 2;
    }
    struct making making = {.png = {.limit = PNG_MAX_BYTES}, .list = {.limit = LIST_MAX_BYTES}};
    bool is_done = make(&making, arguments, &err);
    buffer_release(&making.png);
    buffer_release(&making.list);
    image_release(&making.image);
    idx_release(&making.images);
    store_free(making.store);
    if (!is_done)
        (void)fprintf(stderr, "garment_stream: %s\n", err.message);
    return is_done ? 0 : 1;
}
