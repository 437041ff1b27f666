/* SPDX-License-Identifier: Apache-2.0 */
#include "base/workers.h"
#include "demo/demo.h"
#include "manifest/manifest.h"
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
    struct manifest_annotation annotation = {.type = MANIFEST_TYPE_CLASSIFICATION,
                                             .name = making->data->labels[making->images->labels[index]],
                                             .annotated_by = "human",
                                             .confidence = (double)NAN,
                                             .hard_coefficient = (double)NAN};
    const struct manifest_sample sample = {.source = source,
                                           .usage = "TRAIN",
                                           .hard_coefficient = (double)NAN,
                                           .sample_type = -1,
                                           .annotations = &annotation,
                                           .annotation_count = 1};
    return manifest_line_write(&sample, into, err);
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
    data->truth = malloc(data->stream_images);
    if (!data->truth)
        return error_no_memory(err);
    memcpy(data->truth, images->labels + DEMO_TRAIN_IMAGES, data->stream_images);
    if (!store_open(data->folder, true, &making.store, err))
        return false;
    bool is_ok = workers_run(workers_cores(), write_images, &making, err) && write_lists(&making, err);
    store_free(making.store);
    return is_ok;
}

bool demo_data_make(struct demo_data *data, struct error *err)
{
    struct idx_images images;
    if (!idx_read(DEMO_DATASET_FOLDER, DEMO_TRAIN_IMAGES + data->stream_images, &images, err))
        return false;
    bool is_ok = make_all(data, &images, err);
    idx_release(&images);
    return is_ok;
}
