/* SPDX-License-Identifier: Apache-2.0 */
/* What one worker does to one image, with memory that is reused from image to image. */
#ifndef WORK_SCAN_IMAGE_H
#define WORK_SCAN_IMAGE_H

#include "base/hash.h"
#include "model/model.h"
#include "record/record.h"
#include "work/inputs.h"

#include <math.h>

/* Predictions that were made elsewhere, in place of a model's. */
struct scan_given {
    const struct record_header *header; /* of the records that will be made */
    void *state;
    /* What was predicted of an image, by its number in the run; in the arena, which is empty. Called by many
     * threads. Failing fails this image alone. */
    MUST_CHECK bool (*read)(void *state, uint64_t image, struct arena *arena, struct prediction *ret,
                            struct error *err);
    /* Called once the image's size is known; may be NULL. */
    MUST_CHECK bool (*fit)(void *state, struct prediction *prediction, const struct image *image,
                           struct arena *arena, struct error *err);
};

struct scan_worker {
    const struct model_runner *runner;  /* NULL with `given` */
    const struct scan_given *given;     /* NULL: the model is asked */
    struct arena *arena;                /* of the given prediction */
    uint64_t number;                    /* of the image in the run; for `given` */
    const struct record_header *header; /* of the records that will be made */
    struct model_scratch *model;
    struct image_scratch *scratch;
    struct image image;
    struct buffer file;
    struct image_measures measures;
    /* The boxes that are measured: the model's answers, then those that a person drew. */
    struct candidate *boxes;
    struct image_box *box_edges;
    struct image_box_measures *box_measures;
    uint32_t box_capacity; /* of each of the three */
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
    const struct candidate *answers; /* the first of the prediction's candidates, measured */
    uint32_t answer_count;
};
/* The header is borrowed. */
MUST_CHECK bool scan_worker_init(struct scan_worker *worker, const struct model_runner *runner,
                                 const struct record_header *header, struct error *err);
MUST_CHECK bool scan_worker_init_given(struct scan_worker *worker, const struct scan_given *given,
                                       struct error *err);
void scan_worker_release(struct scan_worker *worker);
/* Everything that is done to one image; the features of boxes are those of the item's true boxes when it has
 * any. */
MUST_CHECK bool scan_image(struct scan_worker *worker, struct store *input, const struct input_item *item,
                           const struct image_options *options, struct scan_seen *ret, struct error *err);
/* The last part of it, for boxes: what is measured inside them, and their features. For an image that was
 * just measured and predicted with this worker. */
MUST_CHECK bool scan_boxes(struct scan_worker *worker, const struct input_item *item, struct scan_seen *seen,
                           struct error *err);

#endif
