/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Split: which labeled samples are for training and which for evaluation, stratified: of the samples with one
 * class, class by class, and of those with several classes together, and of those that show nothing, each
 * time as many as the ratio says go to training, at least one to either side where there are two. Who goes
 * where follows from seed and sample id alone: the same samples and seed give the same split.
 *
 * 16 bytes a sample. The samples are added once, then the split is settled, then asked.
 */
#ifndef DATASET_SPLIT_H
#define DATASET_SPLIT_H

#include "dataset/dataset.h"

enum {
    SPLIT_SAMPLES_MAX = 16000000,
    SPLIT_LABEL_SAMPLES_MIN = 5, /* labeled ones that carry a class, or one of its boxes */
    SPLIT_MULTI_SAMPLES_MIN = 2, /* with several classes, if any */
};

struct split;
/* ratio: of training, 0 < ratio < 1, as dataset_publish checks. NULL: memory is out. */
struct split *split_new(double ratio, uint64_t seed);
struct split *split_free(struct split *split);
DEFINE_AUTO(split)

/* A labeled sample. It counts for what is demanded of its classes; `takes_part` false: it has its usage
 * already and keeps it. ERR_LIMIT. */
MUST_CHECK bool split_add(struct split *split, const struct sample *sample, bool takes_part,
                          struct error *err);
/* DETAIL_SPLIT_IMPOSSIBLE names the first class, in the order of names, that has too few samples. */
MUST_CHECK bool split_settle(struct split *split, struct error *err);
/* "TRAIN" or "EVAL", of a labeled sample; one that was not added, for it was labeled meanwhile, gets the side
 * that its group would have given it. */
const char *split_usage(const struct split *split, const struct sample *sample);

#endif
