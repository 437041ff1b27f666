/* SPDX-License-Identifier: Apache-2.0 */
#include "infer/nms.h"

#include <stdlib.h>

static int compare_score(const struct nms_box *a, const struct nms_box *b)
{
    return (a->score < b->score) - (a->score > b->score);
}

static int compare_label(const struct nms_box *a, const struct nms_box *b)
{
    return (a->label > b->label) - (a->label < b->label);
}

static int compare_position(const struct nms_box *a, const struct nms_box *b)
{
    return (a->position > b->position) - (a->position < b->position);
}

static int by_score(const void *first, const void *second)
{
    int order = compare_score(first, second);
    order = order ? order : compare_label(first, second);
    return order ? order : compare_position(first, second);
}

static int by_class(const void *first, const void *second)
{
    int order = compare_label(first, second);
    order = order ? order : compare_score(first, second);
    return order ? order : compare_position(first, second);
}

void nms_sort(struct nms_box *boxes, size_t count)
{
    if (count > 1)
        qsort(boxes, count, sizeof(*boxes), by_score);
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

static double most(double a, double b)
{
    return a > b ? a : b;
}

static double overlap(const struct nms_box *a, const struct nms_box *b)
{
    double width = least(a->x_max, b->x_max) - most(a->x_min, b->x_min);
    double height = least(a->y_max, b->y_max) - most(a->y_min, b->y_min);
    if (!(width > 0) || !(height > 0))
        return 0;
    double common = width * height;
    double together =
        (a->x_max - a->x_min) * (a->y_max - a->y_min) + (b->x_max - b->x_min) * (b->y_max - b->y_min);
    return common / (together - common);
}

static bool is_suppressed(const struct nms_box *kept, size_t count, const struct nms_box *box, double iou_max)
{
    for (size_t i = 0; i < count; i++)
        if (overlap(&kept[i], box) > iou_max)
            return true;
    return false;
}

static bool keep_best(struct nms_box *boxes, size_t count, double iou_max, size_t *ret_kept,
                      struct error *err)
{
    size_t kept = 0, of_class = 0; /* those of the class at hand start at of_class */
    for (size_t i = 0; i < count; i++) {
        const struct nms_box box = boxes[i];
        if (kept > of_class && boxes[kept - 1].label != box.label)
            of_class = kept;
        if (is_suppressed(boxes + of_class, kept - of_class, &box, iou_max))
            continue;
        if (kept == NMS_KEPT_MAX)
            return error_set(err, ERR_LIMIT, "more than %d boxes reach candidate_floor; raise it",
                             NMS_KEPT_MAX);
        boxes[kept++] = box;
    }
    *ret_kept = kept;
    return true;
}

bool nms_run(struct nms_box *boxes, size_t count, double iou_max, size_t *ret_kept, struct error *err)
{
    if (count > NMS_BOXES_MAX)
        return error_set(err, ERR_LIMIT, "%zu boxes reach candidate_floor, more than %d; raise it", count,
                         NMS_BOXES_MAX);
    if (count > 1)
        qsort(boxes, count, sizeof(*boxes), by_class);
    size_t kept = 0;
    if (!keep_best(boxes, count, iou_max, &kept, err))
        return false;
    nms_sort(boxes, kept);
    *ret_kept = kept;
    return true;
}

double box_iou(const struct box *a, const struct box *b)
{
    const struct nms_box first = {(double)a->x_min, (double)a->y_min, (double)a->x_max, (double)a->y_max};
    const struct nms_box second = {(double)b->x_min, (double)b->y_min, (double)b->x_max, (double)b->y_max};
    return overlap(&first, &second);
}
