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

/* In SQL. */
#define SAMPLE_FEATURE_COLUMNS                                                                               \
    "resolution, aspect_ratio, brightness, saturation, colorfulness, clarity, box_count, "                   \
    "box_area_deviation, box_aspect_ratio, box_area_ratio, box_marginalization, box_brightness, "            \
    "box_clarity, box_overlap"
/* As the column and as people write it: "resolution", …; the names of enum record_feature. */
extern const char *const sample_feature_names[SAMPLE_FEATURES];
/* -1: there is no such feature. */
int sample_feature_of(const char *name);

struct sample_features {
    const char *sample_id;
    const char *boxes;              /* hash of the boxes; "": none were measured */
    double values[SAMPLE_FEATURES]; /* NaN: it has none */
};
/* Inside the caller's transaction; what was kept before is replaced, a sample that is gone is passed over. It
 * counts as a change of the samples, so that an index sees it, but neither as a revision nor as news. */
MUST_CHECK bool sample_features_keep(struct db *db, struct arena *arena,
                                     const struct sample_features *features, size_t count, struct error *err);
/* By whole ids, any number: ret[i] is what is kept of ids[i], NULL when nothing is. Ids are in ascending
 * order, each once. */
MUST_CHECK bool sample_features_find(struct db *db, struct arena *arena, const char *const *ids, size_t count,
                                     const struct sample_features **ret, struct error *err);

#endif
