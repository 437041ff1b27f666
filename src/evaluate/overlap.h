/* SPDX-License-Identifier: Apache-2.0 */
/* Overlap as COCO has it: intersection over union; over the box's own area where the true one is a crowd. */
#ifndef EVALUATE_OVERLAP_H
#define EVALUATE_OVERLAP_H

#include "evaluate/evaluate.h"

double evaluate_overlap(const struct box *box, const struct true_box *truth);
double evaluate_box_area(const struct box *box);

#endif
