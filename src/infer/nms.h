/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Non-maximum suppression, class by class: of boxes of one class that overlap too much only the best stays.
 * The same boxes in any order give the same result: order is by score, ties by class, then by position.
 */
#ifndef INFER_NMS_H
#define INFER_NMS_H

#include "base/error.h"
#include "infer/prediction.h"

enum {
    NMS_BOXES_MAX = 100 * 1000, /* that go in */
    NMS_KEPT_MAX = PREDICTION_CANDIDATES_MAX
};

/* Edges in px of anything: overlap does not change when an axis is scaled. All finite, below 1e150. */
struct nms_box {
    double x_min, y_min, x_max, y_max;
    float score;
    uint32_t label, position; /* position: where the graph has it; no two are alike */
};

/* By descending score, then ascending label, then ascending position. */
void nms_sort(struct nms_box *boxes, size_t count);

/*
 * Moves the boxes that stay to the front, in the order of nms_sort. A box goes when its intersection over
 * union with a box of its class that stays and comes before it is greater than iou_max; boxes without an area
 * overlap nothing. At iou_max 1 all stay.
 * ERR_LIMIT: more than NMS_BOXES_MAX, or more than NMS_KEPT_MAX would stay.
 * Time: sorting, and each box against those of its class that stay.
 */
MUST_CHECK bool nms_run(struct nms_box *boxes, size_t count, double iou_max, size_t *ret_kept,
                        struct error *err);

/* Intersection over union, in double precision; 0 when neither has an area. */
double box_iou(const struct box *a, const struct box *b);

#endif
