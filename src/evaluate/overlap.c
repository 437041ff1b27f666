/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/overlap.h"

#include "infer/nms.h"

double evaluate_box_area(const struct box *box)
{
    return ((double)box->x_max - (double)box->x_min) * ((double)box->y_max - (double)box->y_min);
}

static float most(float a, float b)
{
    return a > b ? a : b;
}

static float least(float a, float b)
{
    return a < b ? a : b;
}

double evaluate_overlap(const struct box *box, const struct true_box *truth)
{
    if (!truth->is_crowd)
        return box_iou(box, &truth->box);
    const struct box common = {most(box->x_min, truth->box.x_min), most(box->y_min, truth->box.y_min),
                               least(box->x_max, truth->box.x_max), least(box->y_max, truth->box.y_max)};
    if (!(common.x_min < common.x_max) || !(common.y_min < common.y_max))
        return 0;
    return evaluate_box_area(&common) / evaluate_box_area(box);
}
