/* SPDX-License-Identifier: Apache-2.0 */
#include "record/box_features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double area_of(const struct box *box)
{
    return ((double)box->x_max - (double)box->x_min) * ((double)box->y_max - (double)box->y_min);
}

static double aspect_ratio(const struct box *box)
{
    double width = (double)box->x_max - (double)box->x_min, height = (double)box->y_max - (double)box->y_min;
    return width > 0 ? height / width : (double)NAN;
}

/* The ray meets the border where the larger of both shares of the half sides becomes 1. */
static double marginalization(const struct image_boxes *boxes, const struct box *box)
{
    double x = fabs(((double)box->x_min + (double)box->x_max) / boxes->width - 1);
    double y = fabs(((double)box->y_min + (double)box->y_max) / boxes->height - 1);
    return boxes->width > 0 && boxes->height > 0 ? fmax(x, y) : (double)NAN;
}

static double area_ratio(const struct image_boxes *boxes, const struct box *box)
{
    double image = (double)boxes->width * boxes->height;
    return image > 0 ? area_of(box) / image : (double)NAN;
}

double record_box_feature(const struct image_boxes *boxes, uint32_t box, enum record_feature feature)
{
    const struct candidate *one = &boxes->boxes[box];
    switch (feature) {
    case FEATURE_BOX_ASPECT_RATIO:
        return aspect_ratio(&one->box);
    case FEATURE_BOX_AREA_RATIO:
        return area_ratio(boxes, &one->box);
    case FEATURE_BOX_MARGINALIZATION:
        return marginalization(boxes, &one->box);
    case FEATURE_BOX_BRIGHTNESS:
        return (double)one->brightness;
    case FEATURE_BOX_CLARITY:
        return (double)one->clarity;
    default:
        return (double)NAN;
    }
}

/* The plane cut by all edges of the boxes into columns and rows. */
struct sweep {
    double *xs, *ys; /* ascending, each once */
    uint32_t x_count, y_count;
    uint32_t *from, *to; /* first column of a box, and the one after its last */
    int32_t *layers;     /* boxes over each column in this row, as differences */
    double *shared;      /* width of the columns before this one that two boxes or more cover */
};

static int compare_numbers(const void *a, const void *b)
{
    double first = *(const double *)a, second = *(const double *)b;
    return (first > second) - (first < second);
}

static uint32_t sort_distinct(double *values, uint32_t count)
{
    uint32_t kept = 0;
    qsort(values, count, sizeof(*values), compare_numbers);
    for (uint32_t i = 0; i < count; i++)
        if (kept == 0 || values[i] > values[kept - 1])
            values[kept++] = values[i];
    return kept;
}

static uint32_t place_of(const double *ascending, uint32_t count, double value)
{
    uint32_t from = 0, to = count;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (ascending[middle] < value)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static void sweep_release(struct sweep *sweep)
{
    free(sweep->xs);
    free(sweep->ys);
    free(sweep->from);
    free(sweep->to);
    free(sweep->layers);
    free(sweep->shared);
}

static bool sweep_init(struct sweep *sweep, const struct candidate *boxes, uint32_t count)
{
    size_t edges = (size_t)count * 2;
    *sweep = (struct sweep){.xs = calloc(edges, sizeof(double)),
                            .ys = calloc(edges, sizeof(double)),
                            .from = calloc(count, sizeof(uint32_t)),
                            .to = calloc(count, sizeof(uint32_t)),
                            .layers = calloc(edges + 1, sizeof(int32_t)),
                            .shared = calloc(edges + 1, sizeof(double))};
    if (!sweep->xs || !sweep->ys || !sweep->from || !sweep->to || !sweep->layers || !sweep->shared)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const struct box *box = &boxes[i].box;
        sweep->xs[2 * i] = (double)box->x_min;
        sweep->xs[2 * i + 1] = (double)box->x_max;
        sweep->ys[2 * i] = (double)box->y_min;
        sweep->ys[2 * i + 1] = (double)box->y_max;
    }
    sweep->x_count = sort_distinct(sweep->xs, 2 * count);
    sweep->y_count = sort_distinct(sweep->ys, 2 * count);
    for (uint32_t i = 0; i < count; i++) {
        sweep->from[i] = place_of(sweep->xs, sweep->x_count, (double)boxes[i].box.x_min);
        sweep->to[i] = place_of(sweep->xs, sweep->x_count, (double)boxes[i].box.x_max);
    }
    return true;
}

static bool is_in_row(const struct sweep *sweep, const struct box *box, uint32_t row)
{
    return (double)box->y_min <= sweep->ys[row] && (double)box->y_max >= sweep->ys[row + 1];
}

/* Adds to each box's covered area what two boxes or more share of it in one row: what covers a box besides
 * itself is what lies under two. */
static void sweep_row(struct sweep *sweep, const struct candidate *boxes, uint32_t count, uint32_t row,
                      double *covered)
{
    memset(sweep->layers, 0, ((size_t)sweep->x_count + 1) * sizeof(*sweep->layers));
    for (uint32_t i = 0; i < count; i++)
        if (is_in_row(sweep, &boxes[i].box, row)) {
            sweep->layers[sweep->from[i]]++;
            sweep->layers[sweep->to[i]]--;
        }
    int32_t layers = 0;
    for (uint32_t x = 0; x + 1 < sweep->x_count; x++) {
        layers += sweep->layers[x];
        sweep->shared[x + 1] = sweep->shared[x] + (layers > 1 ? sweep->xs[x + 1] - sweep->xs[x] : 0);
    }
    double height = sweep->ys[row + 1] - sweep->ys[row];
    for (uint32_t i = 0; i < count; i++)
        if (is_in_row(sweep, &boxes[i].box, row))
            covered[i] += height * (sweep->shared[sweep->to[i]] - sweep->shared[sweep->from[i]]);
}

bool record_box_overlaps(const struct image_boxes *boxes, double *ret, struct error *err)
{
    struct sweep sweep;
    uint32_t count = boxes->count < BOX_OVERLAP_MAX ? boxes->count : BOX_OVERLAP_MAX;
    for (uint32_t i = 0; i < boxes->count; i++)
        ret[i] = i < count ? 0 : (double)NAN;
    if (count < 2)
        return true;
    bool has_room = sweep_init(&sweep, boxes->boxes, count);
    for (uint32_t row = 0; has_room && row + 1 < sweep.y_count; row++)
        sweep_row(&sweep, boxes->boxes, count, row, ret);
    sweep_release(&sweep);
    for (uint32_t i = 0; i < count; i++) {
        double area = area_of(&boxes->boxes[i].box);
        ret[i] = area > 0 ? fmin(ret[i] / area, 1) : 0;
    }
    return has_room || error_no_memory(err);
}

/* Of the finite ones; NaN when there is none. */
static double mean_of(const double *values, uint32_t count)
{
    double sum = 0;
    uint32_t finite = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!isfinite(values[i]))
            continue;
        sum += values[i];
        finite++;
    }
    return finite > 0 ? sum / finite : (double)NAN;
}

static double area_deviation(const struct image_boxes *boxes, double *areas)
{
    double squares = 0;
    for (uint32_t i = 0; i < boxes->count; i++)
        areas[i] = area_of(&boxes->boxes[i].box);
    double mean = mean_of(areas, boxes->count);
    for (uint32_t i = 0; i < boxes->count; i++)
        squares += (areas[i] - mean) * (areas[i] - mean);
    return sqrt(squares / boxes->count);
}

bool record_box_features(const struct image_boxes *boxes, double ret[FEATURE_COUNT], struct error *err)
{
    ret[FEATURE_BOX_COUNT] = boxes->count;
    for (int f = FEATURE_BOX_AREA_DEVIATION; f < FEATURE_COUNT; f++)
        ret[f] = (double)NAN;
    if (boxes->count == 0)
        return true;
    double *values = calloc(boxes->count, sizeof(*values));
    if (!values)
        return error_no_memory(err);
    ret[FEATURE_BOX_AREA_DEVIATION] = area_deviation(boxes, values);
    for (enum record_feature f = FEATURE_BOX_ASPECT_RATIO; f < FEATURE_BOX_OVERLAP; f++) {
        for (uint32_t i = 0; i < boxes->count; i++)
            values[i] = record_box_feature(boxes, i, f);
        ret[f] = mean_of(values, boxes->count);
    }
    bool done = record_box_overlaps(boxes, values, err);
    if (done)
        ret[FEATURE_BOX_OVERLAP] = mean_of(values, boxes->count);
    free(values);
    return done;
}
