/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/evaluate.h"

#include "evaluate/overlap.h"

#include <stdlib.h>

struct comparison {
    const struct true_box *truths;
    size_t truth_count;
    const struct candidate **boxes; /* by descending score */
    size_t box_count;
    bool *is_taken, *is_settled; /* of each true box, of each box */
    double iou_min;
};

static int by_score(const void *first, const void *second)
{
    const struct candidate *a = *(const struct candidate *const *)first,
                           *b = *(const struct candidate *const *)second;
    int order = (a->score < b->score) - (a->score > b->score);
    return order ? order : (a > b) - (a < b);
}

/* The free true box that overlaps most, of the box's class or of others; truth_count when there is none. */
static size_t find_truth(const struct comparison *comparison, const struct candidate *box, bool of_class)
{
    size_t best = comparison->truth_count;
    double best_overlap = comparison->iou_min;
    for (size_t i = 0; i < comparison->truth_count; i++) {
        const struct true_box *truth = &comparison->truths[i];
        if (comparison->is_taken[i] || truth->is_crowd || (truth->label == box->label) != of_class)
            continue;
        double overlap = evaluate_overlap(&box->box, truth);
        if (overlap > best_overlap || (overlap >= best_overlap && best == comparison->truth_count)) {
            best = i;
            best_overlap = overlap;
        }
    }
    return best;
}

static bool is_on_crowd(const struct comparison *comparison, const struct candidate *box)
{
    for (size_t i = 0; i < comparison->truth_count; i++) {
        const struct true_box *truth = &comparison->truths[i];
        if (truth->is_crowd && truth->label == box->label &&
            evaluate_overlap(&box->box, truth) >= comparison->iou_min)
            return true;
    }
    return false;
}

/* Returns how many boxes found a true one. */
static uint32_t match(struct comparison *comparison, bool of_class)
{
    uint32_t matched = 0;
    for (size_t i = 0; i < comparison->box_count; i++) {
        if (comparison->is_settled[i])
            continue;
        size_t truth = find_truth(comparison, comparison->boxes[i], of_class);
        if (truth == comparison->truth_count)
            continue;
        comparison->is_taken[truth] = comparison->is_settled[i] = true;
        matched++;
    }
    return matched;
}

static void compare(struct comparison *comparison, struct image_errors *ret)
{
    *ret = (struct image_errors){0};
    ret->hits = match(comparison, true);
    for (size_t i = 0; i < comparison->box_count; i++)
        if (!comparison->is_settled[i])
            comparison->is_settled[i] = is_on_crowd(comparison, comparison->boxes[i]);
    ret->wrong_classes = match(comparison, false);
    for (size_t i = 0; i < comparison->box_count; i++)
        ret->false_boxes += !comparison->is_settled[i];
    for (size_t i = 0; i < comparison->truth_count; i++)
        ret->misses += !comparison->is_taken[i] && !comparison->truths[i].is_crowd;
}

static bool compare_image(struct comparison *comparison, const struct evaluate_image *image,
                          struct image_errors *ret, struct error *err)
{
    size_t boxes = image->box_count, truths = image->truth_count;
    comparison->boxes = calloc(boxes + 1, sizeof(const struct candidate *));
    comparison->is_taken = calloc(truths + 1, sizeof(bool));
    comparison->is_settled = calloc(boxes + 1, sizeof(bool));
    if (!comparison->boxes || !comparison->is_taken || !comparison->is_settled)
        return error_no_memory(err);
    for (size_t i = 0; i < boxes; i++)
        comparison->boxes[i] = &image->boxes[i];
    qsort(comparison->boxes, boxes, sizeof(const struct candidate *), by_score);
    compare(comparison, ret);
    return true;
}

bool evaluate_image_errors(const struct evaluate_image *image, double iou_min, struct image_errors *ret,
                           struct error *err)
{
    struct comparison comparison = {.truths = image->truths,
                                    .truth_count = image->truth_count,
                                    .box_count = image->box_count,
                                    .iou_min = iou_min};
    bool is_done = compare_image(&comparison, image, ret, err);
    free(comparison.boxes);
    free(comparison.is_taken);
    free(comparison.is_settled);
    return is_done;
}

bool evaluate_has_error(const struct image_errors *errors)
{
    return errors->misses + errors->false_boxes + errors->wrong_classes > 0;
}
