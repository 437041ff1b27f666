/* SPDX-License-Identifier: Apache-2.0 */
/* Hard sample: how what mining found of an image is told to datasets and manifests. */
#ifndef WORK_HARD_SAMPLE_H
#define WORK_HARD_SAMPLE_H

#include "mining/mining.h"

#define HARD_SAMPLE_AUTHOR "modelarts/hard_example_algo"
enum {
    HARD_SAMPLE_REASONS_BYTES = 128,
    HARD_SAMPLE_BOXES_MAX = 1000, /* of one image, the best: nobody looks through more */
};
/* "7-1-20": strongest first. */
void hard_sample_reasons(const struct mining_hard_example *hard, char text[HARD_SAMPLE_REASONS_BYTES]);
/* x_min, y_min, x_max, y_max in whole px inside the image: as people draw boxes, and as other readers of
 * published files want them. False when nothing that could be published is left. */
bool hard_sample_box(const struct box *box, const struct mining_hard_example *hard, double ret[4]);

#endif
