/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evaluate: how well predicted boxes agree with true ones: COCO's mean average precision over many images,
 * and the errors of one.
 *
 * Boxes are in px, edges. Labels are class indexes, the same numbers on both sides.
 * Threads: safe; nothing is kept between calls.
 */
#ifndef EVALUATE_EVALUATE_H
#define EVALUATE_EVALUATE_H

#include "base/error.h"
#include "infer/prediction.h"

struct true_box {
    struct box box;
    uint32_t label;
    bool is_crowd; /* a region of many objects: neither missed nor a reason to call a box false */
    double area;   /* px², of the object's outline where it is known; 0: of the box */
};

/* ---- one image ---- */

/* Every box is a hit, of a wrong class, false, or (on a crowd of its class) ignored; every true box that is
 * no crowd is hit, taken for another class, or missed. */
struct image_errors {
    uint32_t hits, misses, false_boxes, wrong_classes;
};

/*
 * Compares the boxes that are the model's answer with the true ones, at an overlap (intersection over union)
 * of at least iou_min, usually 0.5. In descending order of score each box takes the free true box of its
 * class that it overlaps most; then, again by score, those without one take the free true box of another
 * class that they overlap most: a wrong class. What is left is false, or missed. A box without a true one
 * that lies with at least iou_min of its area on a crowd of its class is ignored.
 * Boxes of equal scores, and true boxes of equal overlap, go in the order given.
 * ERR_NO_MEMORY.
 */
MUST_CHECK bool evaluate_image_errors(const struct true_box *truths, size_t truth_count,
                                      const struct candidate *boxes, size_t box_count, double iou_min,
                                      struct image_errors *ret, struct error *err);
/* True when the image has an error of any kind. */
bool evaluate_has_error(const struct image_errors *errors);

#endif
