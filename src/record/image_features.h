/* SPDX-License-Identifier: Apache-2.0 */
/* What a record keeps of the measures of an image and of the boxes in it. */
#ifndef RECORD_IMAGE_FEATURES_H
#define RECORD_IMAGE_FEATURES_H

#include "record/record.h"

/* The features of the whole image; those of boxes become NaN: none. */
void record_image_features(const struct image_statistics *measured, double ret[FEATURE_COUNT]);

/* Brightness and clarity of each box, in `boxes`. After image_measure of the same image and scratch; `edges`
 * and `measures` are room for `count`. */
void record_measure_boxes(const struct image *image, struct image_scratch *scratch, struct candidate *boxes,
                          size_t count, struct image_box *edges, struct image_box_measures *measures);

#endif
