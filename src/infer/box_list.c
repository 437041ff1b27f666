/* SPDX-License-Identifier: Apache-2.0 */
#include "infer/box_list.h"

#include <math.h>

enum { EDGES = 4, ROW_NUMBERS = 6 };

/* Where the numbers of row i stand: base + i * step. */
struct list {
    const struct list_family *family;
    const struct list_input *input;
    size_t rows, edge_step;
    const float *edges, *scores;
    size_t score_step;
    const struct tensor *classes;
    size_t class_first, class_step;
};

/* ---- shapes ---- */

/* [N, width] or [1, N, width]; for width 1 also [N] and [1, N]. N may be 0. */
static bool read_rows(const struct tensor_type *type, int64_t width, size_t *ret)
{
    uint32_t count = type->dim_count, first = 0;
    const int64_t *dims = type->dims;
    if (width == 1) {
        if (count == 2 && dims[0] == 1)
            first = 1;
        else if (count != 1)
            return false;
    } else {
        if (count == 3 && dims[0] == 1)
            first = 1;
        else if (count != 2)
            return false;
        if (dims[first + 1] != width)
            return false;
    }
    if (dims[first] < 0 || (uint64_t)dims[first] > TENSOR_MAX_BYTES)
        return false;
    *ret = (size_t)dims[first];
    return true;
}

static bool is_joined(const struct list_family *family)
{
    return family->boxes == family->classes;
}

static bool is_class_element(enum element_type element)
{
    return element == ELEMENT_FLOAT32 || element == ELEMENT_INT64 || element == ELEMENT_INT32;
}

static bool check_shapes(const struct list_family *family, const struct tensor *outputs, size_t *ret_rows)
{
    const struct tensor_type *boxes = &outputs[family->boxes].type, *classes = &outputs[family->classes].type,
                             *scores = &outputs[family->scores].type;
    if (boxes->element != ELEMENT_FLOAT32)
        return false;
    if (is_joined(family))
        return read_rows(boxes, ROW_NUMBERS, ret_rows);
    size_t of_classes = 0, of_scores = 0;
    return scores->element == ELEMENT_FLOAT32 && is_class_element(classes->element) &&
           read_rows(boxes, EDGES, ret_rows) && read_rows(classes, 1, &of_classes) &&
           read_rows(scores, 1, &of_scores) && *ret_rows == of_classes && *ret_rows == of_scores;
}

static bool has_count(const struct list_family *family, const struct adapter_options *options)
{
    return family->counted != LIST_NO_OUTPUT && family->counted < options->output_count;
}

static size_t outputs_needed(const struct list_family *family)
{
    return is_joined(family) ? 1 : 3;
}

static bool read_shapes(const struct list_family *family, const struct adapter_options *options,
                        const struct tensor *outputs, size_t *ret_rows, struct error *err)
{
    char text[TENSOR_TEXT_BYTES];
    if (options->output_count < outputs_needed(family))
        return error_set(err, ERR_INVALID, "adapter %s reads outputs %s; %zu are named", family->name,
                         family->shape, options->output_count);
    if (!check_shapes(family, outputs, ret_rows))
        return error_set(err, ERR_INVALID,
                         "output '%.100s' is %s; adapter %s reads %s, in this order; set outputs or adapter",
                         options->outputs[family->boxes],
                         tensor_type_text(&outputs[family->boxes].type, text), family->name, family->shape);
    if (has_count(family, options) && (tensor_elements(&outputs[family->counted].type) != 1 ||
                                       !is_class_element(outputs[family->counted].type.element)))
        return error_set(err, ERR_INVALID, "output '%.100s' is %s; the number of boxes is one number",
                         options->outputs[family->counted],
                         tensor_type_text(&outputs[family->counted].type, text));
    return detections_check_kind(options, family->name, err);
}

bool list_describe(const struct list_family *family, const struct adapter_options *options,
                   const struct tensor *outputs, struct prediction *ret, struct error *err)
{
    size_t rows = 0;
    if (!read_shapes(family, options, outputs, &rows, err))
        return false;
    *ret = (struct prediction){.type = MODEL_TYPE_DETECTION, .activation = ACTIVATION_SIGMOID};
    return true;
}

/* ---- numbers ---- */

static double whole_number(const struct tensor *tensor, size_t index)
{
    switch (tensor->type.element) {
    case ELEMENT_INT64:
        return (double)((const int64_t *)tensor->data)[index];
    case ELEMENT_INT32:
        return (double)((const int32_t *)tensor->data)[index];
    default:
        return (double)((const float *)tensor->data)[index];
    }
}

/* The class numbers start at the family's first. */
static bool read_label(const struct list *list, size_t row, uint32_t classes, uint32_t *ret,
                       struct error *err)
{
    const struct list_family *family = list->family;
    double class_number = whole_number(list->classes, list->class_first + row * list->class_step);
    double label = class_number - family->first_class;
    if (!(label >= 0 && label < classes) || label != floor(label))
        return error_set(err, ERR_INVALID,
                         "output '%.100s' holds class %g; with %u labels adapter %s reads %u to %u; set "
                         "labels or adapter",
                         list->input->options->outputs[family->classes], class_number, classes, family->name,
                         family->first_class, family->first_class + classes - 1);
    *ret = (uint32_t)label;
    return true;
}

/* Rows past the count are padding. */
static bool apply_count(struct list *list, struct error *err)
{
    const struct list_family *family = list->family;
    const struct adapter_options *options = list->input->options;
    if (!has_count(family, options))
        return true;
    double counted = whole_number(&list->input->outputs[family->counted], 0);
    if (!(counted >= 0 && counted <= (double)list->rows) || counted != floor(counted))
        return error_set(err, ERR_INVALID, "output '%.100s' says %g boxes of %zu",
                         options->outputs[family->counted], counted, list->rows);
    list->rows = (size_t)counted;
    return true;
}

static bool check_scores(const struct list *list, struct error *err)
{
    const struct adapter_options *options = list->input->options;
    if (options->output_kind == OUTPUT_SIGMOID_LOGITS)
        return true;
    for (size_t i = 0; i < list->rows; i++)
        if (!detections_check_scores(options, list->family->scores, list->scores + i * list->score_step, 1,
                                     err))
            return false;
    return true;
}

static bool check_numbers(const struct list *list, struct error *err)
{
    const struct list_input *input = list->input;
    for (size_t i = 0; i < outputs_needed(list->family); i++)
        if (input->outputs[i].type.element == ELEMENT_FLOAT32 &&
            !tensor_check_finite(&input->outputs[i], input->options->outputs[i], err))
            return false;
    return true;
}

static void point_at_numbers(struct list *list)
{
    const struct list_family *family = list->family;
    const struct tensor *outputs = list->input->outputs;
    bool is_one = is_joined(family);
    list->edges = outputs[family->boxes].data;
    list->edge_step = list->score_step = list->class_step = is_one ? ROW_NUMBERS : EDGES;
    list->scores = outputs[family->scores].data;
    list->classes = &outputs[family->classes];
    if (is_one && list->rows > 0) {
        list->scores += EDGES;
        list->class_first = EDGES + 1;
    } else if (!is_one) {
        list->score_step = list->class_step = 1;
    }
}

static struct nms_box read_box(const struct list *list, size_t row)
{
    const struct list_family *family = list->family;
    const struct placement *placement = list->input->placement;
    const float *edges = list->edges + row * list->edge_step;
    double width = family->is_fraction ? placement->tensor_width : 1;
    double height = family->is_fraction ? placement->tensor_height : 1;
    size_t x = family->is_y_first ? 1 : 0, y = 1 - x;
    return (struct nms_box){.x_min = (double)edges[x] * width,
                            .y_min = (double)edges[y] * height,
                            .x_max = (double)edges[x + 2] * width,
                            .y_max = (double)edges[y + 2] * height,
                            .score = (float)detections_score(list->input->options->output_kind,
                                                             list->scores[row * list->score_step]),
                            .position = (uint32_t)row};
}

static bool add_rows(const struct list *list, struct detections *found, uint32_t classes, struct error *err)
{
    for (size_t i = 0; i < list->rows; i++) {
        struct nms_box box = read_box(list, i);
        if ((double)box.score < list->input->options->candidate_floor)
            continue;
        if (!read_label(list, i, classes, &box.label, err))
            return false;
        detections_add(found, &box);
    }
    return true;
}

bool list_decode(const struct list_family *family, const struct list_input *input, struct prediction *ret,
                 struct error *err)
{
    static const struct class_vectors one_class = {NULL, NULL};
    struct list list = {.family = family, .input = input};
    struct detections found;
    struct prediction prediction;
    if (ret->classes == 0 || ret->classes > PREDICTION_CLASSES_MAX)
        return error_set(err, ERR_INVALID,
                         "adapter %s needs labels, at most %d: its graph keeps class "
                         "numbers only",
                         family->name, PREDICTION_CLASSES_MAX);
    if (!list_describe(family, input->options, input->outputs, &prediction, err) ||
        !read_shapes(family, input->options, input->outputs, &list.rows, err) || !check_numbers(&list, err))
        return false;
    prediction.classes = ret->classes;
    point_at_numbers(&list);
    if (!apply_count(&list, err) || !check_scores(&list, err) ||
        !detections_start(input->options, input->placement, input->arena, list.rows, &found, err) ||
        !add_rows(&list, &found, prediction.classes, err) ||
        !detections_finish(&found, SUPPRESSION_IN_GRAPH, &one_class, &prediction, err))
        return false;
    *ret = prediction;
    return true;
}
