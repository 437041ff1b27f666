/* SPDX-License-Identifier: Apache-2.0 */
#include "base/workers.h"
#include "demo/demo_kind.h"
#include "store/store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PNG_MAX_BYTES = 64 * 1024, LISTS_MAX_BYTES = 64 * 1024 * 1024, KEY_BYTES = 64 };

struct making {
    const struct demo_data *data;
    const struct idx_images *images;
    struct store *store;
    atomic_uint next;
};

static bool is_training(uint32_t index)
{
    return index < DEMO_TRAIN_IMAGES;
}

static void image_key(uint32_t index, char key[KEY_BYTES])
{
    (void)snprintf(key, KEY_BYTES, "images/%s/%05u.png", is_training(index) ? "train" : "stream", index);
}

static void draw(const struct making *making, uint32_t index, struct image *image)
{
    enum { PIXELS = DEMO_SIDE_PX * DEMO_SIDE_PX };
    float gray[PIXELS];
    const uint8_t *from = making->images->pixels + (size_t)index * PIXELS;
    for (int i = 0; i < PIXELS; i++)
        gray[i] = (float)from[i] / 255;
    disturb(is_training(index) ? DISTURB_NOTHING : disturbance_of(index), index, gray);
    for (size_t i = 0; i < PIXELS; i++)
        memset(image->pixels + i * 3, (int)lrintf(gray[i] * 255), 3);
}

static bool write_images(void *state, uint32_t worker, struct error *err)
{
    (void)worker;
    struct making *making = state;
    struct image image = {0};
    AUTO_BUFFER(png, PNG_MAX_BYTES);
    bool is_ok = image_resize_buffer(&image, DEMO_SIDE_PX, DEMO_SIDE_PX, err);
    for (;;) {
        char key[KEY_BYTES];
        uint32_t index = atomic_fetch_add(&making->next, 1);
        if (!is_ok || index >= making->images->count)
            break;
        draw(making, index, &image);
        image_key(index, key);
        buffer_clear(&png);
        is_ok = image_encode_png(&image, &png, err) &&
                store_put_fast(making->store, key, (struct bytes){png.data, png.size}, err);
    }
    image_release(&image);
    return is_ok;
}

static bool training_line(const struct making *making, uint32_t index, struct buffer *into, struct error *err)
{
    char key[KEY_BYTES], source[4096];
    image_key(index, key);
    (void)snprintf(source, sizeof(source), "%s/%s", store_url(making->store), key);
    const struct manifest_annotation annotation = {
        .type = MANIFEST_TYPE_CLASSIFICATION, .name = making->data->labels[making->images->labels[index]]};
    return demo_training_line(source, &annotation, into, err);
}

static bool write_lists(const struct making *making, struct error *err)
{
    AUTO_BUFFER(manifest, LISTS_MAX_BYTES);
    AUTO_BUFFER(truth, LISTS_MAX_BYTES);
    (void)buffer_add_text(&truth, "file,label,disturbance\n");
    for (uint32_t i = 0; i < making->images->count; i++) {
        if (is_training(i) && !training_line(making, i, &manifest, err))
            return false;
        if (!is_training(i))
            (void)buffer_printf(&truth, "%05u.png,%s,%s\n", i,
                                making->data->labels[making->images->labels[i]],
                                disturbance_name(disturbance_of(i)));
    }
    return buffer_check(&truth, "the list of truths", err) &&
           store_put(making->store, "images/train.manifest", (struct bytes){manifest.data, manifest.size},
                     err) &&
           store_put(making->store, "images/stream.csv", (struct bytes){truth.data, truth.size}, err);
}

static bool make_all(struct demo_data *data, const struct idx_images *images, struct error *err)
{
    struct making making = {.data = data, .images = images};
    data->truth = malloc((size_t)data->stream_images + 1);
    if (!data->truth)
        return error_no_memory(err);
    memcpy(data->truth, images->labels + DEMO_TRAIN_IMAGES, data->stream_images);
    if (!store_open(data->folder, true, &making.store, err))
        return false;
    bool is_ok = workers_run(workers_cores(), write_images, &making, err) && write_lists(&making, err);
    store_free(making.store);
    return is_ok;
}

static bool make(struct demo_data *data, struct error *err)
{
    struct idx_images images;
    if (!idx_read(DEMO_DATASET_FOLDER, DEMO_TRAIN_IMAGES + data->stream_images, &images, err))
        return false;
    bool is_ok = make_all(data, &images, err);
    idx_release(&images);
    return is_ok;
}

/* ---- the truth ---- */

static bool find_truth(const struct demo_data *data, const char *source, uint8_t *ret, struct error *err)
{
    uint32_t number = 0;
    const uint8_t *truth = data->truth;
    if (!demo_image_number(source, DEMO_TRAIN_IMAGES, data->stream_images, &number))
        return error_set(err, ERR_INVALID, "%s is not an image of the demo", source);
    *ret = truth[number - DEMO_TRAIN_IMAGES];
    return true;
}

static bool answer(const struct demo_data *data, yyjson_mut_val *sample, yyjson_mut_doc *doc,
                   yyjson_mut_val *request, bool *ret_is_right, struct error *err)
{
    uint8_t truth = 0;
    yyjson_mut_val *label = yyjson_mut_arr_get_first(yyjson_mut_obj_get(sample, "labels"));
    const char *suggested = yyjson_mut_get_str(yyjson_mut_obj_get(label, "name"));
    if (!find_truth(data, yyjson_mut_get_str(yyjson_mut_obj_get(sample, "source")), &truth, err))
        return false;
    bool is_right = suggested && strcmp(suggested, data->labels[truth]) == 0;
    (void)yyjson_mut_obj_add_str(doc, request, "action", is_right ? "confirm" : "reject");
    yyjson_mut_val *labels = yyjson_mut_obj_add_arr(doc, request, "labels");
    if (!is_right)
        (void)yyjson_mut_arr_add_str(doc, labels, data->labels[truth]);
    *ret_is_right = is_right;
    return true;
}

static uint32_t best_class(const struct record_header *header, const struct record *record, double *ret_score)
{
    double scores[DEMO_CLASSES];
    record_scores(header, record, scores);
    uint32_t best = prediction_best(scores, header->classes);
    *ret_score = scores[best];
    return best;
}

static bool is_wrong(const struct demo_data *data, const struct record_header *header,
                     const struct record *record, bool *ret, struct error *err)
{
    uint8_t truth = 0;
    double score = 0;
    if (!find_truth(data, record->source, &truth, err))
        return false;
    *ret = best_class(header, record, &score) != truth;
    return true;
}

/* 1 − confidence: what a person without mining would sort by. */
static double plain_confidence(const struct record_header *header, const struct record *record)
{
    double score = 0;
    (void)best_class(header, record, &score);
    return 1 - score;
}

static const struct demo_rival rivals[] = {{"plain_confidence", "plain confidence", plain_confidence},
                                           {NULL}};

const struct demo_kind demo_garments = {
    .type = "cls",
    .model = "garments",
    .script = "demo/train_garments.py",
    .service = "garments-nightly",
    .training = "garments-train",
    .hard = "garments-hard",
    .images = "images",
    .stream_images = 6000,
    .training_images = DEMO_TRAIN_IMAGES,
    .making = "Making 5,000 training images and the unseen stream",
    .made = "five in six of the stream darkened, blurred, noisy, shrunk or turned",
    .wrong = "predictions are wrong",
    .correction = "reject ID --labels LABEL",
    .rivals = rivals,
    .make = make,
    .answer = answer,
    .is_wrong = is_wrong,
};
