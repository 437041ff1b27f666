/* SPDX-License-Identifier: Apache-2.0 */
#include "infer/detections.h"

#include <math.h>
#include <string.h>

/* Scores that leave 0..1 by more than rounding are no scores. */
static const float score_slack = 1e-3f;
/* Edges beyond this many px count as lying there: far outside of every image, and areas stay finite. */
static const double edge_limit = 1e9;

bool detections_start(const struct adapter_options *options, const struct placement *placement,
                      struct arena *arena, size_t anchors, struct detections *ret, struct error *err)
{
    if (anchors > DETECTIONS_ANCHORS_MAX)
        return error_set(err, ERR_LIMIT, "output '%.100s' has places for %zu boxes; at most %d are supported",
                         options->outputs[0], anchors, DETECTIONS_ANCHORS_MAX);
    size_t capacity = anchors < NMS_BOXES_MAX ? anchors : NMS_BOXES_MAX;
    struct nms_box *boxes = arena_array(arena, capacity + 1, sizeof(*boxes));
    if (!boxes)
        return error_no_memory(err);
    *ret = (struct detections){
        .options = options, .placement = placement, .arena = arena, .boxes = boxes, .capacity = capacity};
    return true;
}

/* ---- one box ---- */

static double to_image(double edge, double scale, double offset)
{
    double place = (edge - offset) / scale;
    return place > edge_limit ? edge_limit : place < -edge_limit ? -edge_limit : place;
}

void detections_add(struct detections *list, const struct nms_box *box)
{
    const struct placement *placement = list->placement;
    if ((double)box->score < list->options->candidate_floor)
        return;
    struct nms_box place = *box;
    place.x_min = to_image(box->x_min, placement->scale_x, placement->offset_x);
    place.x_max = to_image(box->x_max, placement->scale_x, placement->offset_x);
    place.y_min = to_image(box->y_min, placement->scale_y, placement->offset_y);
    place.y_max = to_image(box->y_max, placement->scale_y, placement->offset_y);
    if (!(place.x_min < place.x_max) || !(place.y_min < place.y_max))
        return;
    list->seen++;
    if (list->count < list->capacity)
        list->boxes[list->count++] = place;
}

static float clip(double edge, uint32_t limit)
{
    return (float)(edge < 0 ? 0 : edge > (double)limit ? (double)limit : edge);
}

static struct box clip_box(const struct nms_box *box, const struct placement *placement)
{
    return (struct box){clip(box->x_min, placement->image_width), clip(box->y_min, placement->image_height),
                        clip(box->x_max, placement->image_width), clip(box->y_max, placement->image_height)};
}

/* ---- all of them ---- */

/* The boxes that show some of the image move to the front. */
static size_t keep_visible(struct nms_box *boxes, size_t count, const struct placement *placement)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct box box = clip_box(&boxes[i], placement);
        if (box.x_min < box.x_max && box.y_min < box.y_max)
            boxes[kept++] = boxes[i];
    }
    return kept;
}

static bool settle(struct detections *list, enum suppression suppression, struct error *err)
{
    if (list->seen > list->capacity)
        return error_set(err, ERR_LIMIT, "%zu boxes reach candidate_floor, more than %zu; raise it",
                         list->seen, list->capacity);
    if (suppression == SUPPRESSION_OURS) {
        if (!nms_run(list->boxes, list->count, list->options->nms_iou, &list->count, err))
            return false;
    } else {
        nms_sort(list->boxes, list->count);
    }
    list->count = keep_visible(list->boxes, list->count, list->placement);
    return list->count <= PREDICTION_CANDIDATES_MAX ||
           error_set(err, ERR_LIMIT, "%zu boxes reach candidate_floor, more than %d; raise it", list->count,
                     PREDICTION_CANDIDATES_MAX);
}

bool detections_finish(struct detections *list, enum suppression suppression,
                       const struct class_vectors *vectors, struct prediction *ret, struct error *err)
{
    if (!settle(list, suppression, err))
        return false;
    if (ret->classes > 0 && list->count > DETECTIONS_SCORES_MAX / ret->classes)
        return error_set(err, ERR_LIMIT,
                         "%zu boxes with the scores of %u classes are more than %d numbers; raise "
                         "candidate_floor",
                         list->count, ret->classes, DETECTIONS_SCORES_MAX);
    struct candidate *candidates = arena_array(list->arena, list->count + 1, sizeof(*candidates));
    float *scores = arena_array(list->arena, list->count * ret->classes + 1, sizeof(*scores));
    if (!candidates || !scores)
        return error_no_memory(err);
    for (size_t i = 0; i < list->count; i++) {
        const struct nms_box *box = &list->boxes[i];
        float *row = scores + i * ret->classes;
        candidates[i] = (struct candidate){.box = clip_box(box, list->placement),
                                           .score = box->score,
                                           .label = box->label,
                                           .brightness = NAN,
                                           .clarity = NAN};
        if (vectors->fill)
            vectors->fill(vectors->context, box->position, row);
        else
            row[box->label] = box->score;
    }
    ret->candidates = candidates;
    ret->candidate_scores = scores;
    ret->candidate_count = (uint32_t)list->count;
    return true;
}

/* ---- numbers ---- */

bool detections_check_numbers(const struct adapter_options *options, size_t output,
                              const struct tensor *tensor, struct error *err)
{
    char text[TENSOR_TEXT_BYTES];
    if (tensor->type.element != ELEMENT_FLOAT32)
        return error_set(err, ERR_INVALID, "output '%.100s' is %s; it must be float32",
                         options->outputs[output], tensor_type_text(&tensor->type, text));
    return tensor_check_finite(tensor, options->outputs[output], err);
}

/* True when all lie in 0..1: their bits are then those of integers from 0 to 1.0's, and neither they nor what
 * is missing to 1.0's have the sign bit. In lanes that the compiler makes vectors of. */
static bool are_plain_scores(const float *values, size_t count)
{
    enum { LANES = 8 };
    static const uint32_t sign = 0x80000000, one = 0x3f800000;
    uint32_t found[LANES] = {0}, bits[LANES], any = 0;
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        memcpy(bits, values + i, sizeof(bits));
        for (size_t k = 0; k < LANES; k++)
            found[k] |= (one - bits[k]) | bits[k];
    }
    for (size_t k = 0; k < LANES; k++)
        any |= found[k];
    bool is_fine = (any & sign) == 0;
    for (; i < count; i++)
        is_fine = is_fine && values[i] >= 0 && values[i] <= 1;
    return is_fine;
}

bool detections_check_scores(const struct adapter_options *options, size_t output, const float *values,
                             size_t count, struct error *err)
{
    if (are_plain_scores(values, count))
        return true;
    for (size_t i = 0; i < count; i++)
        if (!(values[i] >= -score_slack && values[i] <= 1 + score_slack))
            return error_set(err, ERR_INVALID,
                             "output '%.100s' holds %g, which is no score from 0 to 1; set output_kind, "
                             "outputs or adapter",
                             options->outputs[output], (double)values[i]);
    return true;
}

double detections_score(enum output_kind kind, float value)
{
    if (kind == OUTPUT_SIGMOID_LOGITS)
        return prediction_sigmoid((double)value);
    return value < 0 ? 0 : value > 1 ? 1 : (double)value;
}

bool detections_check_kind(const struct adapter_options *options, const char *adapter, struct error *err)
{
    return options->output_kind != OUTPUT_LOGITS ||
           error_set(err, ERR_INVALID,
                     "adapter %s reads output_kind sigmoid_probabilities or sigmoid_logits, not logits",
                     adapter);
}

uint64_t detections_grid_cells(uint32_t width, uint32_t height)
{
    uint64_t cells = 0;
    for (uint64_t stride = 8; stride <= 32; stride *= 2)
        cells += (width + stride - 1) / stride * ((height + stride - 1) / stride);
    return cells;
}
