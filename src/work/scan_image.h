/* SPDX-License-Identifier: Apache-2.0 */
/* What one worker does to one image, with memory that is reused from image to image. */
#ifndef WORK_SCAN_IMAGE_H
#define WORK_SCAN_IMAGE_H

#include "base/hash.h"
#include "model/model.h"
#include "record/record.h"

#include <math.h>

struct scan_worker {
    const struct model_runner *runner;
    struct model_scratch *model;
    struct image_scratch *scratch;
    struct image image;
    struct buffer file;
    struct image_measures measures;
};
/* What was seen; pointers are borrowed from the worker until its next image. */
struct scan_seen {
    bool has_file; /* bytes and content_hash are set, also when decoding failed */
    uint64_t bytes;
    char content_hash[HASH_HEX_BYTES];
    struct image_info info;
    double features[FEATURE_COUNT];
    uint64_t perceptual_hash;
    const float *appearance;
    struct prediction prediction;
};
MUST_CHECK bool scan_worker_init(struct scan_worker *worker, const struct model_runner *runner,
                                 struct error *err);
void scan_worker_release(struct scan_worker *worker);
MUST_CHECK bool scan_image(struct scan_worker *worker, struct store *input, const char *key,
                           const struct image_options *options, struct scan_seen *ret, struct error *err);

#endif
