/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reinfer: the model once more, on augmented copies of images that were scanned before (work/reread.h): each
 * worker applies operations, infers and compares with memory of its own. What was measured is kept shard by
 * shard and operation by operation (record/view.h) and is not measured again, so a kill costs at most one
 * shard, and what comes out depends neither on threads nor on what was there before. Memory: one shard's
 * views.
 */
#ifndef WORK_REINFER_H
#define WORK_REINFER_H

#include "model/model.h"
#include "record/view.h"
#include "work/reread.h"

struct reinfer_request {
    struct reread_request images; /* views in FOLDER/views; progress: inferences */
    const struct model *model;
    struct model_runner **runner; /* opened when an image is to be inferred; the caller frees it */
    const struct augment_settings *settings;
    /* For each record which of settings->ops to measure: bit i is ops[i]. */
    const uint16_t *wanted;
};
struct reinfer_counts {
    uint64_t measured, kept; /* views: inferred now, and found from before */
    uint64_t images;         /* that were read now */
    uint64_t gone;           /* images that cannot be read any more, or are not those that were scanned */
};
/* ERR_CANCELLED when stopped: finished shards stay. Adds to *counts. */
MUST_CHECK bool reinfer_run(const struct reinfer_request *request, struct reinfer_counts *counts,
                            struct error *err);

#endif
