/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes scenes for train_scenes.py: the same that the demo makes.
 *
 *     build/demo/compose train|stream SEED COUNT FOLDER
 *
 * FOLDER gets NNNNN.png and scenes.jsonl: {"file", "trouble", "boxes": [[class, x_min, y_min, x_max, y_max],
 * …]} a line, in px.
 */
#include "base/text.h"
#include "demo/scene.h"
#include "store/store.h"

#include <stdio.h>
#include <string.h>

enum { SCENES_MAX = 99999, GARMENTS = 60000, PNG_BYTES = 256 * 1024, LIST_BYTES = 256 * 1024 * 1024 };

static bool write_scenes(const struct scene_recipe *recipe, uint32_t count, struct store *store,
                         struct error *err)
{
    AUTO_BUFFER(png, PNG_BYTES);
    AUTO_BUFFER(list, LIST_BYTES);
    struct image image = {0};
    struct scene scene = {0};
    bool is_ok = true;
    for (uint32_t i = 0; is_ok && i < count; i++) {
        char key[16];
        (void)snprintf(key, sizeof(key), "%05u.png", i);
        buffer_clear(&png);
        is_ok = scene_compose(recipe, i, &image, &scene, err) && image_encode_png(&image, &png, err) &&
                store_put_fast(store, key, (struct bytes){png.data, png.size}, err);
        scene_describe(&scene, key, &list);
    }
    image_release(&image);
    return is_ok && buffer_check(&list, "the list of scenes", err) &&
           store_put(store, "scenes.jsonl", (struct bytes){list.data, list.size}, err);
}

static bool compose(char **arguments, struct error *err)
{
    struct idx_images garments;
    struct store *opened = NULL;
    double seed = 0, count = 0;
    bool is_stream = strcmp(arguments[1], "stream") == 0;
    if (!is_stream && strcmp(arguments[1], "train") != 0)
        return error_set(err, ERR_INVALID, "'%s' is neither train nor stream", arguments[1]);
    if (!text_to_double(arguments[2], "SEED", 0, 1e9, &seed, err) ||
        !text_to_double(arguments[3], "COUNT", 1, SCENES_MAX, &count, err) ||
        !store_open(arguments[4], true, &opened, err))
        return false;
    AUTO(store) store = opened;
    if (!idx_read(DEMO_DATASET_FOLDER, is_stream ? GARMENTS : DEMO_TRAIN_IMAGES, &garments, err))
        return false;
    struct scene_recipe recipe = {&garments, is_stream ? DEMO_TRAIN_IMAGES : 0,
                                  is_stream ? GARMENTS - DEMO_TRAIN_IMAGES : DEMO_TRAIN_IMAGES,
                                  (uint64_t)seed, is_stream};
    bool is_ok = write_scenes(&recipe, (uint32_t)count, store, err);
    idx_release(&garments);
    return is_ok;
}

int main(int count, char **arguments)
{
    struct error err = {0};
    if (count != 5) {
        (void)fputs("usage: compose train|stream SEED COUNT FOLDER\n", stderr);
        return 2;
    }
    if (compose(arguments, &err))
        return 0;
    (void)fprintf(stderr, "compose: %s\n", err.message);
    return 1;
}
