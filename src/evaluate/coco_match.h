/* SPDX-License-Identifier: Apache-2.0 */
/* COCO matching: which predicted boxes of one class in one image found a true one, at every threshold and for
 * every range of areas. */
#ifndef EVALUATE_COCO_MATCH_H
#define EVALUATE_COCO_MATCH_H

#include "evaluate/evaluate.h"

enum { COCO_THRESHOLDS = 10 };
enum coco_area { COCO_AREA_ALL, COCO_AREA_SMALL, COCO_AREA_MEDIUM, COCO_AREA_LARGE, COCO_AREAS };

/* One bit per threshold. */
struct coco_outcome {
    uint16_t is_matched[COCO_AREAS], is_ignored[COCO_AREAS];
};

/* Memory from image to image; zeroed at first. */
struct coco_scratch {
    double *overlaps; /* boxes × truths */
    uint32_t *order;  /* of the truths: those that count first */
    bool *is_ignored, *is_taken;
    size_t overlap_capacity, truth_capacity;
};
void coco_scratch_release(struct coco_scratch *scratch);

struct coco_pair {
    const struct candidate *const *boxes; /* by descending score, at most COCO_BOXES_PER_IMAGE */
    size_t box_count;
    const struct true_box *const *truths;
    size_t truth_count;
};
/* Writes box_count outcomes and adds the true boxes that count to ret_counting. ERR_NO_MEMORY. */
MUST_CHECK bool coco_match(const struct coco_pair *pair, struct coco_scratch *scratch,
                           struct coco_outcome *ret, uint64_t ret_counting[COCO_AREAS], struct error *err);

#endif
