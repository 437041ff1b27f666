/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Box features: what reasons 11 to 18 measure of the boxes in an image, by ModelArts' definitions ("data
 * feature analysis"):
 *
 *     number         boxes in the image
 *     deviation      standard deviation of the boxes' areas, in px²; 0 for one box
 *     aspect ratio   height / width of the box
 *     area ratio     area of the box / area of the image
 *     marginalization  distance of the box's centre from the image's centre / distance from there to the
 *                    image's border along the same ray: 0 in the middle, 1 on the border
 *     brightness, clarity  inside the box, as image_measure_boxes has them
 *     overlap        part of the box that the union of the other boxes covers, 0..1
 *
 * Threads: works on its arguments only.
 */
#ifndef RECORD_BOX_FEATURES_H
#define RECORD_BOX_FEATURES_H

#include "record/record.h"

/* Overlap is looked for among so many boxes, the first ones: its cost grows with their square. */
enum { BOX_OVERLAP_MAX = 1000 };

/* Boxes of one image. Of each candidate the box, brightness and clarity count; label and score do not. */
struct image_boxes {
    const struct candidate *boxes;
    uint32_t count;
    uint32_t width, height; /* px of the upright image, as the boxes have them */
};

/* Fills FEATURE_BOX_COUNT to FEATURE_BOX_OVERLAP of `ret`, and no other. Number and deviation are the
 * image's, the others means over the boxes that have them: a box without width has no aspect ratio, an
 * unmeasured one (NaN) no brightness. NaN where no box has one. Fails only when memory is out. */
MUST_CHECK bool record_box_features(const struct image_boxes *boxes, double ret[FEATURE_COUNT],
                                    struct error *err);
/* The same of one box, for FEATURE_BOX_ASPECT_RATIO to FEATURE_BOX_CLARITY. NaN: it has none. */
double record_box_feature(const struct image_boxes *boxes, uint32_t box, enum record_feature feature);
/* The overlap of the first BOX_OVERLAP_MAX boxes, each by all the others of these; `ret` has as many elements
 * as there are boxes, the rest becomes NaN. */
MUST_CHECK bool record_box_overlaps(const struct image_boxes *boxes, double *ret, struct error *err);

#endif
