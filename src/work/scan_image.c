/* SPDX-License-Identifier: Apache-2.0 */
#include "work/scan_image.h"

#include <string.h>

bool scan_worker_init(struct scan_worker *worker, const struct model_runner *runner, struct error *err)
{
    *worker = (struct scan_worker){.runner = runner, .scratch = image_scratch_new()};
    buffer_init(&worker->file, IMAGE_FILE_MAX_BYTES);
    if (!worker->scratch)
        return error_no_memory(err);
    return model_scratch_new(runner, &worker->model, err);
}

void scan_worker_release(struct scan_worker *worker)
{
    worker->model = model_scratch_free(worker->model);
    worker->scratch = image_scratch_free(worker->scratch);
    image_release(&worker->image);
    buffer_release(&worker->file);
}

static void keep_statistics(const struct image_statistics *from, double features[FEATURE_COUNT])
{
    for (int i = 0; i < FEATURE_COUNT; i++)
        features[i] = (double)NAN;
    features[FEATURE_RESOLUTION] = from->resolution;
    features[FEATURE_ASPECT_RATIO] = from->aspect_ratio;
    features[FEATURE_BRIGHTNESS] = from->brightness;
    features[FEATURE_SATURATION] = from->saturation;
    features[FEATURE_COLORFULNESS] = from->colorfulness;
    features[FEATURE_CLARITY] = from->clarity;
}

/* Read, decode once, measure, preprocess, infer: everything that is done to one image. */
bool scan_image(struct scan_worker *worker, struct store *input, const char *key,
                const struct image_options *options, struct scan_seen *ret, struct error *err)
{
    if (!store_get(input, key, &worker->file, err))
        return err->code == ERR_NOT_FOUND ? error_set(err, ERR_NOT_FOUND, "there is no such file") : false;
    struct bytes file = {worker->file.data, worker->file.size};
    hash_of(file, ret->content_hash);
    ret->bytes = file.size;
    ret->has_file = true;
    if (!image_decode(file, options, &worker->image, &ret->info, err) ||
        !image_measure(&worker->image, worker->scratch, &worker->measures, err) ||
        !model_predict(worker->runner, worker->model, &worker->image, &ret->prediction, err))
        return false;
    keep_statistics(&worker->measures.statistics, ret->features);
    ret->perceptual_hash = worker->measures.perceptual_hash;
    ret->appearance = worker->measures.appearance;
    return true;
}
