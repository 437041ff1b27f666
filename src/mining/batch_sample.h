/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Batch sample: images of a run, evenly spaced, that all others are held against where there is no training
 * profile: their vectors in the model's embedding; where the model has none, in the features, else the
 * appearance.
 */
#ifndef MINING_BATCH_SAMPLE_H
#define MINING_BATCH_SAMPLE_H

#include "record/record.h"
#include "rules/rule.h"

enum { BATCH_SAMPLE_IMAGES = 1000, BATCH_SAMPLE_NAMES_MAX_BYTES = 16 * 1024 * 1024 };

struct batch_sample {
    bool by_embedding;
    uint32_t count, length;
    float *rows;      /* count × length, of L2 norm 1 or 0 */
    uint32_t *labels; /* count zeros: nobody labelled them */
    uint64_t *records;
    struct batch_image *images;
    uint64_t stride;
    struct arena *arena; /* sources */
};
/* `features_length`: that of the features in place of the appearance; 0: none. ERR_INVALID: the set has no
 * space. Release it also after an error. */
MUST_CHECK bool batch_sample_start(struct batch_sample *sample, const struct record_set *set,
                                   uint32_t features_length, struct error *err);
/* Shards come in order. `features`: rows of all the shard's records; NULL: none. */
MUST_CHECK bool batch_sample_add(struct batch_sample *sample, const struct record_header *header,
                                 const struct record_shard *shard, const float *features, struct error *err);
/* Which image of the sample a record is; SAMPLE_NONE. */
uint32_t batch_sample_find(const struct batch_sample *sample, uint64_t record);
void batch_sample_release(struct batch_sample *sample);

#endif
