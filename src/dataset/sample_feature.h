/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Feature: the 14 numbers that are measured of the image of a sample and of the boxes that people drew in it,
 * kept beside its look (dataset/sample_look.h) and measured with it. Those of boxes hold for the boxes they
 * were measured with: whoever asks about others measures anew.
 */
#ifndef DATASET_SAMPLE_FEATURE_H
#define DATASET_SAMPLE_FEATURE_H

#include "dataset/dataset.h"

enum {
    SAMPLE_FEATURES = 14, /* in the order of enum record_feature: six of the image, eight of its boxes */
    SAMPLE_FEATURES_OF_IMAGE = 6,
};

struct sample_features {
    const char *sample_id;
    const char *boxes;              /* hash of the boxes; "": none were measured */
    double values[SAMPLE_FEATURES]; /* NaN: it has none */
};
/* Inside the caller's transaction; what was kept before is replaced, a sample that is gone is passed over. */
MUST_CHECK bool sample_features_keep(struct db *db, struct arena *arena,
                                     const struct sample_features *features, size_t count, struct error *err);
/* By whole ids, any number: ret[i] is what is kept of ids[i], NULL when nothing is. Ids are in ascending
 * order, each once. */
MUST_CHECK bool sample_features_find(struct db *db, struct arena *arena, const char *const *ids, size_t count,
                                     const struct sample_features **ret, struct error *err);

#endif
