/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filters: what others publish for finding hard images of a detector, as numbers that a list can be sorted
 * by, so that every threshold they could be given is covered. They look at the boxes that are the model's
 * answer and are 0 without boxes: as published, an image without boxes is never hard.
 */
#ifndef DEMO_FILTERS_H
#define DEMO_FILTERS_H

#include "infer/prediction.h"

/* Sedna's ThresholdFilter (hard: mean score < threshold): 1 − mean score. */
double filter_threshold(const struct candidate *boxes, uint32_t count);
/* Sedna's IBTFilter (hard: share of boxes with a score ≤ threshold_box 0.5 is ≥ 1 − threshold_img): the
 * share. */
double filter_ibt(const struct candidate *boxes, uint32_t count);
/* HiLens' CSF (hard: any score in [low, up]), bands around 0.5: the largest min(score, 1 − score). */
double filter_csf(const struct candidate *boxes, uint32_t count);

#endif
