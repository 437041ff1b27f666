/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a planted case of the bench below FOLDER (quality.h), and planted.txt: the sources that carry the
 * fault.
 *
 *     planted_stream FOLDER REASON SEED LABELS_FILE     FOLDER/data has the model "model"
 *     planted_stream list                   reasons that have a generator: "ID garments|scenes WHAT" a line
 */
#include "planted_stream.h"

#include "base/text.h"
#include "garment_labels.h"
#include "manifest/manifest.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SCENES = 60000, /* of one seed */
    PNG_MAX_BYTES = 4 * 1024 * 1024,
    LIST_MAX_BYTES = 64 * 1024 * 1024,
    SOURCE_BYTES = 4096
};

const struct planted_fault planted_faults[] = {
    {0, planted_scene, true, false, 0, "scene faded until the detector sees nothing"},
    {1, planted_unsure, false, true, 0, "three garments at once, of 40 such the least sure"},
    {2, planted_garment, false, false, 12, "12 near copies in the training set with another label"},
    {3, planted_garment, false, false, 3, "3 near copies in the training set with another label"},
    {4, planted_frame, false, true, 0,
     "one of five frames mixed with 14 % of another garment, which changes its class"},
    {5, planted_garment, false, false, 0, "84 × 84 px instead of 28 to 36"},
    {6, planted_garment, false, false, 0, "84 px high instead of 28 to 36"},
    {7, planted_garment, false, false, 0, "levels raised to 178..255"},
    {8, planted_garment, false, false, 0, "red: green and blue × 0.2"},
    {9, planted_garment, false, false, 0, "left half red, right half blue"},
    {10, planted_garment, false, false, 0, "noise of 80 levels"},
    {11, planted_scene, true, false, 0, "8 to 10 garments instead of 1 to 5"},
    {12, planted_scene, true, true, 0, "a large garment and a small one"},
    {13, planted_scene, true, false, 0, "upright garments, picture three times as high"},
    {14, planted_scene, true, true, 0, "one garment over more than two fifths of the picture"},
    {15, planted_scene, true, true, 0, "one slim garment in the corner"},
    {16, planted_scene, true, false, 0, "two thirds brighter inside the boxes"},
    {17, planted_scene, true, false, 0, "noise of 60 levels inside the boxes"},
    {18, planted_scene, true, true, 0, "one garment over half of another"},
    {19, planted_fragile, false, true, 0,
     "garments mixed and altered until only the blurred copy gets another class"},
    {20, planted_fragile, false, true, 0, "the same, mirrored copy"},
    {21, planted_fragile, false, true, 0, "the same, cropped copy"},
    {22, planted_fragile, false, true, 0,
     "the same, flipped copy; training set and stream of garments of which the model knows 97 % upside down"},
    {23, planted_fragile, false, true, 0, "the same, scaled copy"},
    {24, planted_fragile, false, true, 0, "the same, shifted copy"},
    {25, planted_fragile, false, true, 0, "the same, sheared copy"},
    {26, planted_fragile, false, true, 0, "the same, superpixelled copy"},
    {27, planted_fragile, false, true, 0, "the same, sharpened copy"},
    {28, planted_fragile, false, true, 0, "the same, brightened copy"},
    {29, planted_fragile, false, true, 0,
     "the same, inverted copy; training set and stream of garments of which the model knows 97 % inverted"},
    {30, planted_garment, false, false, 0, "blocks of black and white, no garment"},
    {.what = NULL},
};

struct making {
    struct planting planting;
    struct planted_model model;
    const struct planted_fault *fault;
    struct store *store;
    struct image image;
    struct buffer png, training, truth, planted, xml;
    struct garment_labels labels;
};
struct item {
    struct planted_request request;
    const char *folder; /* "train", "stream" */
    uint32_t name;
    uint8_t relabel; /* added to the label, for copies under another one */
};

static bool put(struct making *making, const char *key, const struct buffer *body, struct error *err)
{
    return buffer_check(body, key, err) &&
           store_put_fast(making->store, key, (struct bytes){body->data, body->size}, err);
}

static bool write_boxes(struct making *making, const struct scene *scene, const char *key, struct error *err)
{
    buffer_clear(&making->xml);
    (void)buffer_add_text(&making->xml, "<annotation>");
    for (uint32_t i = 0; i < scene->box_count; i++)
        (void)buffer_printf(&making->xml,
                            "<object><name>%s</name><bndbox><xmin>%u</xmin><ymin>%u</ymin><xmax>%u</xmax>"
                            "<ymax>%u</ymax></bndbox></object>",
                            making->labels.names[scene->boxes[i].label], scene->boxes[i].x_min,
                            scene->boxes[i].y_min, scene->boxes[i].x_max, scene->boxes[i].y_max);
    (void)buffer_add_text(&making->xml, "</annotation>");
    return put(making, key, &making->xml, err);
}

/* The picture's file and its line in a list. */
static bool write_picture(struct making *making, const struct item *item,
                          const struct planted_picture *picture, struct error *err)
{
    char key[48], boxes[48], source[SOURCE_BYTES];
    struct manifest_annotation annotation = manifest_annotation_none();
    struct manifest_sample sample = manifest_sample_none();
    bool is_training = strcmp(item->folder, "train") == 0, is_scene = making->fault->is_scene;
    (void)snprintf(boxes, sizeof(boxes), "%s/%06u.xml", item->folder, item->name);
    if (is_scene && !write_boxes(making, &picture->scene, boxes, err))
        return false;
    (void)snprintf(key, sizeof(key), "%s/%06u.png", item->folder, item->name);
    (void)snprintf(source, sizeof(source), "%s/%s", store_url(making->store), key);
    annotation.type = is_scene ? MANIFEST_TYPE_DETECTION : MANIFEST_TYPE_CLASSIFICATION;
    annotation.name = is_scene ? NULL : making->labels.names[(picture->label + item->relabel) % DEMO_CLASSES];
    annotation.annotation_loc = is_scene ? boxes : NULL;
    annotation.annotation_format = is_scene ? "PASCAL VOC" : NULL;
    sample.source = source;
    sample.usage = is_training ? "TRAIN" : NULL;
    sample.annotations = &annotation;
    sample.annotation_count = 1;
    if (item->request.is_planted && !is_training)
        (void)buffer_printf(&making->planted, "%s\n", source);
    buffer_clear(&making->png);
    return image_encode_png(picture->image, &making->png, err) && put(making, key, &making->png, err) &&
           manifest_line_write(&sample, is_training ? &making->training : &making->truth, err);
}

/* Near copies: each level moved by up to 3. */
static bool write_copies(struct making *making, const struct planted_picture *picture, uint32_t *next,
                         struct error *err)
{
    size_t levels = (size_t)making->image.width * making->image.height * 3;
    for (int copy = 0; copy < making->fault->copies; copy++) {
        for (size_t i = 0; i < levels; i++)
            making->image.pixels[i] =
                to_level(making->image.pixels[i] + dice_between(&making->planting.dice, -3, 3));
        const struct item item = {.folder = "train", .name = (*next)++, .relabel = 1};
        if (!write_picture(making, &item, picture, err))
            return false;
    }
    return true;
}

static bool make_all(struct making *making, struct error *err)
{
    uint32_t copies = PLANTED_TRAINING;
    for (uint32_t i = 0; i < PLANTED_TRAINING + PLANTED_STREAM; i++) {
        bool is_training = i < PLANTED_TRAINING;
        uint32_t place = is_training ? i : i - PLANTED_TRAINING;
        /* The model was trained on all of these garments: what is not planted is clean. */
        const struct item item = {.request = {.reason = making->fault->reason,
                                              .number = i,
                                              .is_planted = !is_training && place % PLANTED_EACH == 0},
                                  .folder = is_training ? "train" : "stream",
                                  .name = place};
        struct planted_picture picture = {.image = &making->image};
        if (!making->fault->draw(&making->planting, &item.request, &picture, err) ||
            !write_picture(making, &item, &picture, err) ||
            (item.request.is_planted && !write_copies(making, &picture, &copies, err)))
            return false;
    }
    return put(making, "train.manifest", &making->training, err) &&
           put(making, "truth.manifest", &making->truth, err) &&
           put(making, "planted.txt", &making->planted, err);
}

static bool make(struct making *making, char **arguments, struct error *err)
{
    double reason = 0, seed = 0;
    if (!text_to_double(arguments[2], "REASON", 0, 30, &reason, err) ||
        !text_to_double(arguments[3], "SEED", 0, 1e6, &seed, err))
        return false;
    making->fault = planted_faults;
    while (making->fault->what && making->fault->reason != (int)reason)
        making->fault++;
    if (!making->fault->what)
        return error_set(err, ERR_NOT_FOUND, "reason %d has no generator", (int)reason);
    making->planting.dice.state = mix_number((uint64_t)seed);
    making->planting.scenes_tried = (uint32_t)seed * SCENES;
    making->planting.model = making->fault->asks_model ? &making->model : NULL;
    return (!making->fault->asks_model || planted_model_open(arguments[1], &making->model, err)) &&
           garment_labels_read(arguments[4], &making->labels, err) &&
           store_open(arguments[1], true, &making->store, err) &&
           idx_read(DEMO_DATASET_FOLDER, DEMO_TRAIN_IMAGES, &making->planting.garments, err) &&
           make_all(making, err);
}

static int list_faults(void)
{
    for (const struct planted_fault *fault = planted_faults; fault->what; fault++)
        printf("%d %s %s\n", fault->reason, fault->is_scene ? "scenes" : "garments", fault->what);
    return 0;
}

int main(int count, char **arguments)
{
    struct error err = {0};
    struct making making = {.png = {.limit = PNG_MAX_BYTES},
                            .training = {.limit = LIST_MAX_BYTES},
                            .truth = {.limit = LIST_MAX_BYTES},
                            .planted = {.limit = LIST_MAX_BYTES},
                            .xml = {.limit = PNG_MAX_BYTES}};
    if (count == 2 && strcmp(arguments[1], "list") == 0)
        return list_faults();
    if (count != 5) {
        (void)fputs("usage: planted_stream list | planted_stream FOLDER REASON SEED LABELS_FILE\n", stderr);
        return 2;
    }
    bool is_done = make(&making, arguments, &err);
    buffer_release(&making.png);
    buffer_release(&making.training);
    buffer_release(&making.truth);
    buffer_release(&making.planted);
    buffer_release(&making.xml);
    image_release(&making.image);
    image_release(&making.planting.scratch);
    idx_release(&making.planting.garments);
    planted_model_release(&making.model);
    store_free(making.store);
    if (!is_done)
        (void)fprintf(stderr, "planted_stream: %s\n", err.message);
    return is_done ? 0 : 1;
}
