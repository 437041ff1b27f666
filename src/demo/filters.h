/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filters: what others publish for finding hard images of a detector, as numbers that a list can be sorted by.
 * Threshold and IBT are those of KubeEdge Sedna (lib/sedna/algorithms/hard_example_mining), CSF is that of HiLens;
 * each is there as published, where an image without boxes is never hard, and in the variant that is best for it.
 *
 * All look at the scores of boxes, in [0, 1]; larger is harder.
 */
#ifndef DEMO_FILTERS_H
#define DEMO_FILTERS_H

#include "infer/prediction.h"

/* 1 − mean score: hard when above 1 − threshold. */
double filter_threshold(const struct candidate *boxes, uint32_t count);
/* Share of boxes with a score up to 0.5 (threshold_box): hard from 1 − threshold_img on. */
double filter_ibt(const struct candidate *boxes, uint32_t count);
/* How near the most doubtful score comes to 0.5, as max of min(score, 1 − score): hard when it lies in the band
 * [low, 1 − low]. */
double filter_csf(const struct candidate *boxes, uint32_t count);

/* With `without` for an image that has no boxes, where the three above give 0. */
typedef double filter_function(const struct candidate *boxes, uint32_t count);

#endif
