/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of mining on given predictions share. For mine_given*.c only. */
#ifndef WORK_MINE_GIVEN_PARTS_H
#define WORK_MINE_GIVEN_PARTS_H

#include "base/hash.h"
#include "given/given.h"
#include "work/inputs.h"
#include "work/mine_features.h"
#include "work/mine_given.h"
#include "work/outlet.h"

#include <stdatomic.h>

/* One set of images with its predictions: the run's, or the training images'. */
struct mine_given_side {
    const char *folder;  /* in the store */
    struct given *given; /* NULL: nothing was predicted of them */
    struct inputs inputs;
    uint32_t *matches; /* prediction of each image */
    bool *is_used;     /* each prediction */
    uint64_t predicted, unmatched;
    const struct record_header *header;
    const struct given_shape *shape;
    atomic_uint_fast64_t boxes_dropped;
};
struct mine_given_work {
    const struct mine_given *mining;
    struct mine_given_request request; /* with absolute paths */
    struct arena *arena;
    struct store *store;
    struct given_labels *labels;
    struct mine_given_side run, training;
    struct given_shape shape;
    struct record_header header;
    char model_hash[HASH_HEX_BYTES];
    struct record_set *records, *training_records; /* the latter only with predictions of its images */
    struct profile *profile;
    struct mine_features features;
    struct mining_result result;
    struct outlet output, report, left_out;
    yyjson_mut_doc *summary;
    yyjson_mut_val *notes;
    uint64_t near_misses;
};

/* Adds a sentence to the summary. */
void mine_given_note(struct mine_given_work *work, const char *text);
/* Writes the manifest and what else was asked for, and fills the summary. */
MUST_CHECK bool mine_given_tell(struct mine_given_work *work, struct error *err);

#endif
