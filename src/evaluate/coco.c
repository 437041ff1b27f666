/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/coco_match.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

enum { RECALLS = 101, LIMITS = 3 };
static const uint32_t box_limits[LIMITS] = {1, 10, COCO_BOXES_PER_IMAGE};

/* A box among all of its class. */
struct entry {
    const struct candidate *box;
    uint32_t image, rank; /* rank among those of its class in its image, best first */
    struct coco_outcome outcome;
};
struct truth_entry {
    const struct true_box *truth;
    uint32_t image;
};

/* Mean over classes, as it grows. */
struct mean {
    double sum;
    uint64_t count;
};

struct evaluation {
    struct entry *boxes;
    struct truth_entry *truths;
    size_t box_count, truth_count;
    const struct candidate **pair_boxes; /* of one class in one image */
    const struct true_box **pair_truths;
    struct coco_outcome outcomes[COCO_BOXES_PER_IMAGE];
    struct coco_scratch scratch;
    double *precisions; /* of one class; as many as boxes */
    uint64_t *hits;
    struct mean ap[COCO_AREAS], ap50, ap75, ar[COCO_AREAS], ar_limited[LIMITS];
};

/* ---- gathering ---- */

static bool is_finite_box(const struct box *box)
{
    return isfinite(box->x_min) && isfinite(box->y_min) && isfinite(box->x_max) && isfinite(box->y_max);
}

static bool check_image(const struct evaluate_image *image, size_t index, uint32_t classes, struct error *err)
{
    for (size_t i = 0; i < image->truth_count; i++) {
        const struct true_box *truth = &image->truths[i];
        if (truth->label >= classes || !is_finite_box(&truth->box) || !isfinite(truth->area))
            return error_set(err, ERR_INVALID,
                             "image %zu, true box %zu: label %u of %u classes, or not finite", index, i,
                             truth->label, classes);
    }
    for (size_t i = 0; i < image->box_count; i++) {
        const struct candidate *box = &image->boxes[i];
        if (box->label >= classes || !is_finite_box(&box->box) || !isfinite(box->score))
            return error_set(err, ERR_INVALID, "image %zu, box %zu: label %u of %u classes, or not finite",
                             index, i, box->label, classes);
    }
    return true;
}

/* By class, then image, then descending score, then the order given. */
static int by_class(const void *first, const void *second)
{
    const struct entry *a = first, *b = second;
    if (a->box->label != b->box->label)
        return a->box->label < b->box->label ? -1 : 1;
    if (a->image != b->image)
        return a->image < b->image ? -1 : 1;
    int order = (a->box->score < b->box->score) - (a->box->score > b->box->score);
    return order ? order : (a->box > b->box) - (a->box < b->box);
}

static int truths_by_class(const void *first, const void *second)
{
    const struct truth_entry *a = first, *b = second;
    if (a->truth->label != b->truth->label)
        return a->truth->label < b->truth->label ? -1 : 1;
    if (a->image != b->image)
        return a->image < b->image ? -1 : 1;
    return (a->truth > b->truth) - (a->truth < b->truth);
}

/* Of one class: by descending score, then image, then rank. */
static int by_score(const void *first, const void *second)
{
    const struct entry *a = first, *b = second;
    int order = (a->box->score < b->box->score) - (a->box->score > b->box->score);
    if (order)
        return order;
    if (a->image != b->image)
        return a->image < b->image ? -1 : 1;
    return (a->rank > b->rank) - (a->rank < b->rank);
}

/* Ranks them, and drops those past the limit. */
static size_t rank_boxes(struct entry *boxes, size_t count)
{
    size_t kept = 0;
    uint32_t rank = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_next =
            i > 0 && boxes[i].box->label == boxes[i - 1].box->label && boxes[i].image == boxes[i - 1].image;
        rank = is_next ? rank + 1 : 0;
        struct entry entry = boxes[i];
        entry.rank = rank;
        if (rank < COCO_BOXES_PER_IMAGE)
            boxes[kept++] = entry;
    }
    return kept;
}

static bool allocate(struct evaluation *evaluation, size_t boxes, size_t truths, struct error *err)
{
    evaluation->boxes = calloc(boxes + 1, sizeof(struct entry));
    evaluation->truths = calloc(truths + 1, sizeof(struct truth_entry));
    evaluation->pair_boxes = calloc(COCO_BOXES_PER_IMAGE, sizeof(const struct candidate *));
    evaluation->pair_truths = calloc(truths + 1, sizeof(const struct true_box *));
    evaluation->precisions = calloc(boxes + 1, sizeof(double));
    evaluation->hits = calloc(boxes + 1, sizeof(uint64_t));
    return (evaluation->boxes && evaluation->truths && evaluation->pair_boxes && evaluation->pair_truths &&
            evaluation->precisions && evaluation->hits) ||
           error_no_memory(err);
}

static void release(struct evaluation *evaluation)
{
    free(evaluation->boxes);
    free(evaluation->truths);
    free(evaluation->pair_boxes);
    free(evaluation->pair_truths);
    free(evaluation->precisions);
    free(evaluation->hits);
    coco_scratch_release(&evaluation->scratch);
}

static bool gather(struct evaluation *evaluation, const struct evaluate_image *images, size_t count,
                   uint32_t classes, struct error *err)
{
    size_t boxes = 0, truths = 0;
    for (size_t i = 0; i < count && i < COCO_IMAGES_MAX; i++) {
        if (images[i].box_count > COCO_BOXES_MAX - boxes || images[i].truth_count > COCO_BOXES_MAX - truths)
            return error_set(err, ERR_LIMIT, "more than %d boxes to compare", COCO_BOXES_MAX);
        boxes += images[i].box_count;
        truths += images[i].truth_count;
        if (!check_image(&images[i], i, classes, err))
            return false;
    }
    if (count > COCO_IMAGES_MAX)
        return error_set(err, ERR_LIMIT, "%zu images to compare; at most %d", count, COCO_IMAGES_MAX);
    if (!allocate(evaluation, boxes, truths, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < images[i].box_count; k++)
            evaluation->boxes[evaluation->box_count++] =
                (struct entry){.box = &images[i].boxes[k], .image = (uint32_t)i};
        for (size_t k = 0; k < images[i].truth_count; k++)
            evaluation->truths[evaluation->truth_count++] =
                (struct truth_entry){&images[i].truths[k], (uint32_t)i};
    }
    qsort(evaluation->boxes, evaluation->box_count, sizeof(struct entry), by_class);
    qsort(evaluation->truths, evaluation->truth_count, sizeof(struct truth_entry), truths_by_class);
    evaluation->box_count = rank_boxes(evaluation->boxes, evaluation->box_count);
    return true;
}

/* ---- one class ---- */

struct class_part {
    struct entry *boxes;
    const struct truth_entry *truths;
    size_t box_count, truth_count;
    uint64_t counting[COCO_AREAS]; /* true boxes that count */
};

static bool match_image(struct evaluation *evaluation, struct class_part *part, size_t *box_at,
                        size_t *truth_at, struct error *err)
{
    struct coco_pair pair = {.boxes = evaluation->pair_boxes, .truths = evaluation->pair_truths};
    size_t first = *box_at;
    uint32_t of_box = *box_at < part->box_count ? part->boxes[*box_at].image : UINT32_MAX;
    uint32_t of_truth = *truth_at < part->truth_count ? part->truths[*truth_at].image : UINT32_MAX;
    uint32_t image = of_box < of_truth ? of_box : of_truth;
    for (; *box_at < part->box_count && part->boxes[*box_at].image == image; (*box_at)++)
        evaluation->pair_boxes[pair.box_count++] = part->boxes[*box_at].box;
    for (; *truth_at < part->truth_count && part->truths[*truth_at].image == image; (*truth_at)++)
        evaluation->pair_truths[pair.truth_count++] = part->truths[*truth_at].truth;
    if (!coco_match(&pair, &evaluation->scratch, evaluation->outcomes, part->counting, err))
        return false;
    for (size_t i = 0; i < pair.box_count; i++)
        part->boxes[first + i].outcome = evaluation->outcomes[i];
    return true;
}

/* Walks the boxes by score. Returns the recall that is reached; mean precision when it is asked for. */
static double walk(struct evaluation *evaluation, const struct class_part *part, enum coco_area range,
                   int threshold, uint32_t box_limit, double *ret_precision)
{
    const uint16_t bit = (uint16_t)(1u << threshold);
    const double counting = (double)part->counting[range];
    size_t points = 0;
    uint64_t hits = 0;
    for (size_t i = 0; i < part->box_count; i++) {
        const struct entry *entry = &part->boxes[i];
        if (entry->rank >= box_limit || (entry->outcome.is_ignored[range] & bit))
            continue;
        hits += (entry->outcome.is_matched[range] & bit) != 0;
        evaluation->hits[points++] = hits;
        evaluation->precisions[points - 1] = (double)hits / ((double)points + DBL_EPSILON);
    }
    if (ret_precision) {
        double sum = 0;
        size_t at = 0;
        for (size_t i = points; i-- > 1;)
            evaluation->precisions[i - 1] = fmax(evaluation->precisions[i - 1], evaluation->precisions[i]);
        for (int recall = 0; recall < RECALLS; recall++) {
            while (at < points && (double)evaluation->hits[at] / counting < recall * 0.01)
                at++;
            sum += at < points ? evaluation->precisions[at] : 0;
        }
        *ret_precision = sum / RECALLS;
    }
    return (double)hits / counting;
}

static void add(struct mean *mean, double value)
{
    mean->sum += value;
    mean->count++;
}

static void add_area(struct evaluation *evaluation, const struct class_part *part, enum coco_area range,
                     double *ret_ap)
{
    double precision_sum = 0, recall_sum = 0;
    for (int threshold = 0; threshold < COCO_THRESHOLDS; threshold++) {
        double precision = 0;
        recall_sum += walk(evaluation, part, range, threshold, COCO_BOXES_PER_IMAGE, &precision);
        precision_sum += precision;
        if (range == COCO_AREA_ALL && threshold == 0)
            add(&evaluation->ap50, precision);
        if (range == COCO_AREA_ALL && threshold == COCO_THRESHOLDS / 2)
            add(&evaluation->ap75, precision);
    }
    *ret_ap = precision_sum / COCO_THRESHOLDS;
    add(&evaluation->ap[range], *ret_ap);
    add(&evaluation->ar[range], recall_sum / COCO_THRESHOLDS);
}

static bool evaluate_class(struct evaluation *evaluation, struct class_part *part, double *ret_ap,
                           struct error *err)
{
    size_t box_at = 0, truth_at = 0;
    while (box_at < part->box_count || truth_at < part->truth_count)
        if (!match_image(evaluation, part, &box_at, &truth_at, err))
            return false;
    qsort(part->boxes, part->box_count, sizeof(struct entry), by_score);
    *ret_ap = (double)NAN;
    for (int range = 0; range < COCO_AREAS; range++) {
        double ap = 0;
        if (part->counting[range] == 0)
            continue;
        add_area(evaluation, part, (enum coco_area)range, &ap);
        if (range == COCO_AREA_ALL)
            *ret_ap = ap;
    }
    for (int i = 0; i < LIMITS && part->counting[COCO_AREA_ALL] > 0; i++) {
        double recall = 0;
        for (int threshold = 0; threshold < COCO_THRESHOLDS; threshold++)
            recall += walk(evaluation, part, COCO_AREA_ALL, threshold, box_limits[i], NULL);
        add(&evaluation->ar_limited[i], recall / COCO_THRESHOLDS);
    }
    return true;
}

static bool evaluate_classes(struct evaluation *evaluation, uint32_t classes, double *ret_class_ap,
                             struct error *err)
{
    size_t box_at = 0, truth_at = 0;
    for (uint32_t label = 0; label < classes; label++) {
        struct class_part part = {.boxes = evaluation->boxes + box_at,
                                  .truths = evaluation->truths + truth_at};
        double ap = 0;
        for (; box_at < evaluation->box_count && evaluation->boxes[box_at].box->label == label; box_at++)
            part.box_count++;
        for (; truth_at < evaluation->truth_count && evaluation->truths[truth_at].truth->label == label;
             truth_at++)
            part.truth_count++;
        if (!evaluate_class(evaluation, &part, &ap, err))
            return false;
        if (ret_class_ap)
            ret_class_ap[label] = ap;
    }
    return true;
}

static double value_of(const struct mean *mean)
{
    return mean->count > 0 ? mean->sum / (double)mean->count : (double)NAN;
}

bool evaluate_coco(const struct evaluate_image *images, size_t image_count, uint32_t classes,
                   struct coco_scores *ret, double *ret_class_ap, struct error *err)
{
    struct evaluation evaluation = {0};
    bool is_done = gather(&evaluation, images, image_count, classes, err) &&
                   evaluate_classes(&evaluation, classes, ret_class_ap, err);
    if (is_done)
        *ret = (struct coco_scores){
            .ap = value_of(&evaluation.ap[COCO_AREA_ALL]),
            .ap50 = value_of(&evaluation.ap50),
            .ap75 = value_of(&evaluation.ap75),
            .ap_small = value_of(&evaluation.ap[COCO_AREA_SMALL]),
            .ap_medium = value_of(&evaluation.ap[COCO_AREA_MEDIUM]),
            .ap_large = value_of(&evaluation.ap[COCO_AREA_LARGE]),
            .ar_1 = value_of(&evaluation.ar_limited[0]),
            .ar_10 = value_of(&evaluation.ar_limited[1]),
            .ar_100 = value_of(&evaluation.ar_limited[2]),
            .ar_small = value_of(&evaluation.ar[COCO_AREA_SMALL]),
            .ar_medium = value_of(&evaluation.ar[COCO_AREA_MEDIUM]),
            .ar_large = value_of(&evaluation.ar[COCO_AREA_LARGE]),
        };
    release(&evaluation);
    return is_done;
}
