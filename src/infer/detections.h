/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What detector adapters share: boxes of the tensor become candidates of the image.
 *
 * A family fills a list with the boxes that reach the floor (detections_add) and finishes it. Suppression
 * looks at the boxes as the model gave them; only then are they clipped to the image, and what has no area
 * there is dropped.
 */
#ifndef INFER_DETECTIONS_H
#define INFER_DETECTIONS_H

#include "base/arena.h"
#include "infer/adapter.h"
#include "infer/nms.h"

enum {
    DETECTIONS_ANCHORS_MAX = 1 << 20,         /* places of one output where a box may be */
    DETECTIONS_SCORES_MAX = 32 * 1024 * 1024, /* numbers in the class vectors of one image */
};

struct detections {
    const struct adapter_options *options;
    const struct placement *placement;
    struct arena *arena;
    struct nms_box *boxes;
    size_t count, capacity;
    size_t seen; /* that reached the floor */
};

/* Room for what `anchors` places may give; ERR_LIMIT when there are more than DETECTIONS_ANCHORS_MAX. */
MUST_CHECK bool detections_start(const struct adapter_options *options, const struct placement *placement,
                                 struct arena *arena, size_t anchors, struct detections *ret,
                                 struct error *err);
/* Edges in px of the tensor. Dropped when its score is below the floor or it has no area. */
void detections_add(struct detections *list, const struct nms_box *box);

/* The score of every class for the box at `position`; the one at its label must be the box's score. */
struct class_vectors {
    void (*fill)(const void *context, uint32_t position, float *ret); /* NULL: 0 but at the label */
    const void *context;
};
enum suppression { SUPPRESSION_OURS, SUPPRESSION_IN_GRAPH };
/* Fills candidates, candidate_scores and candidate_count of *ret, whose `classes` is known. ERR_LIMIT past
 * PREDICTION_CANDIDATES_MAX or DETECTIONS_SCORES_MAX. */
MUST_CHECK bool detections_finish(struct detections *list, enum suppression suppression,
                                  const struct class_vectors *vectors, struct prediction *ret,
                                  struct error *err);

/* ERR_INVALID unless the output is of float32 and all of it finite. */
MUST_CHECK bool detections_check_numbers(const struct adapter_options *options, size_t output,
                                         const struct tensor *tensor, struct error *err);
/* ERR_INVALID when one of them leaves 0..1 by more than rounding. */
MUST_CHECK bool detections_check_scores(const struct adapter_options *options, size_t output,
                                        const float *values, size_t count, struct error *err);
/* A checked score, or the sigmoid of a logit, as `kind` says; in 0..1. */
double detections_score(enum output_kind kind, float value);
/* ERR_INVALID unless output_kind is sigmoid_probabilities, probabilities or sigmoid_logits. */
MUST_CHECK bool detections_check_kind(const struct adapter_options *options, const char *adapter,
                                      struct error *err);

/* Cells of the grids of strides 8, 16 and 32 over a tensor: what models without anchor boxes give. */
uint64_t detections_grid_cells(uint32_t width, uint32_t height);

#endif
