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

struct evaluate_image {
    const struct true_box *truths;
    size_t truth_count;
    const struct candidate *boxes; /* in any order */
    size_t box_count;
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
MUST_CHECK bool evaluate_image_errors(const struct evaluate_image *image, double iou_min,
                                      struct image_errors *ret, struct error *err);
/* True when the image has an error of any kind. */
bool evaluate_has_error(const struct image_errors *errors);

/* ---- many images: COCO's twelve numbers ---- */

enum {
    COCO_BOXES_MAX = 1 << 26, /* predicted boxes of all images; and true ones */
    COCO_IMAGES_MAX = 1 << 26,
    COCO_BOXES_PER_IMAGE = 100, /* of one class, the best scored; more are not looked at */
};

/* NaN where there is no true box to measure by (COCO's own tool says -1). */
struct coco_scores {
    double ap, ap50, ap75;                /* over IoU 0.5 to 0.95; at 0.5; at 0.75 */
    double ap_small, ap_medium, ap_large; /* true boxes up to 32², up to 96², beyond, px² */
    double ar_1, ar_10, ar_100;           /* with at most so many boxes per image and class */
    double ar_small, ar_medium, ar_large; /* with at most 100 */
};

/*
 * COCO's mean average precision and recall for boxes, as its evaluation defines them:
 * - Overlap is intersection over union; with a crowd, intersection over the predicted box.
 * - For each class, image and threshold t in 0.5, 0.55 … 0.95, boxes in descending order of score take the
 *   free true box that they overlap most, at least t; one that counts goes before one that is ignored.
 * Crowds, and true boxes outside the range of areas, are ignored: a box on one is neither right nor wrong,
 * and so is one without a true box whose own area lies outside the range. Crowds are never used up.
 * - Precision p(r) is the highest at recall r or beyond; AP is its mean at r = 0, 0.01 … 1, over thresholds,
 *   then over the classes with a true box that counts. AR is the mean of the highest recall over the same.
 * ret_class_ap: NULL, or `classes` numbers, the AP of each; NaN as above.
 * ERR_INVALID: a label from `classes` on, or a number that is not finite. ERR_LIMIT; ERR_NO_MEMORY.
 * Source: Lin et al. 2014, Microsoft COCO, and its pycocotools/cocoeval.py.
 */
MUST_CHECK bool evaluate_coco(const struct evaluate_image *images, size_t image_count, uint32_t classes,
                              struct coco_scores *ret, double *ret_class_ap, struct error *err);

#endif
