/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The model of a case, for generators that look for images on which it answers in a certain way: the same
 * file under the same card as the service will run, and the same augmented copies as the miner will ask
 * about.
 */
#ifndef BENCH_PLANTED_MODEL_H
#define BENCH_PLANTED_MODEL_H

#include "base/hash.h"
#include "image/augment/augment.h"
#include "model/model.h"
#include "record/record.h"

enum { PLANTED_CLASSES = 10 };

struct planted_model {
    struct arena *arena;
    struct db *db;
    struct store *data;
    struct model model;
    struct model_runner *runner;
    struct model_scratch *scratch;
    struct augment_scratch *augment;
    struct augment_settings ops; /* the eleven, with their usual amounts */
    struct image room, copy;
    struct buffer png;
};
/* The model named "model" in FOLDER/data; FOLDER lives as long as the model. Release it also after an error.
 */
MUST_CHECK bool planted_model_open(const char *folder, struct planted_model *ret, struct error *err);
void planted_model_release(struct planted_model *model);

struct planted_answer {
    double scores[PLANTED_CLASSES];
    uint32_t label; /* the class with the largest score */
};
MUST_CHECK bool planted_ask(struct planted_model *model, const struct image *image,
                            struct planted_answer *ret, struct error *err);
/* A detector: the box features of its answer (record/box_features.h); NaN without boxes. */
MUST_CHECK bool planted_see(struct planted_model *model, const struct image *image, double ret[FEATURE_COUNT],
                            struct error *err);
/* What copies are drawn from, of the PNG file that the image will be; then the answer for one copy, by the
 * place of its operation among the eleven. */
MUST_CHECK bool planted_hash(struct planted_model *model, const struct image *image,
                             char ret_hash[HASH_HEX_BYTES], struct error *err);
MUST_CHECK bool planted_ask_copy(struct planted_model *model, const struct image *image, const char *hash,
                                 uint32_t op, struct planted_answer *ret, struct error *err);

#endif
