/* SPDX-License-Identifier: Apache-2.0 */
/* Merging: what becomes of a sample that is there already when the same source comes again. Pure. */
#ifndef DATASET_SAMPLE_MERGE_H
#define DATASET_SAMPLE_MERGE_H

#include "dataset/dataset.h"

struct sample_merged {
    bool is_changed;
    bool has_new_annotations; /* those of `content` replace the stored ones */
    struct sample_new content;
};
/* Everything in *ret is borrowed from both. */
void sample_merge(const struct sample *stored, const struct sample_new *fresh, enum sample_merge merge,
                  struct sample_merged *ret);

#endif
