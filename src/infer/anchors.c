/* SPDX-License-Identifier: Apache-2.0 */
#include "infer/anchors.h"

#include <float.h>
#include <math.h>

enum { BLOCK_ANCHORS = 64 }; /* read together where the numbers of an anchor lie far apart */

/* Of the floor: what lies below cannot come up to it by rounding. */
static const double rounding = 0.999;

struct reader {
    const struct anchor_family *family;
    const struct anchor_input *input;
    struct anchor_layout layout;
    const float *values;
    struct detections list;
};

/* ---- shapes ---- */

static size_t known(int64_t dimension)
{
    return dimension > 0 ? (size_t)dimension : 0;
}

static bool is_batch_of_one(const struct tensor_type *type)
{
    return type->dims[0] == 1 || type->dims[0] < 0;
}

static bool set_classes(struct anchor_layout *layout, uint32_t first_class)
{
    layout->classes = layout->channels > first_class ? layout->channels - first_class : 0;
    return layout->channels == 0 || layout->classes > 0;
}

bool anchors_layout_rows(const struct tensor_type *type, uint32_t first_class, struct anchor_layout *ret)
{
    if (type->dim_count != 3 || !is_batch_of_one(type))
        return false;
    *ret = (struct anchor_layout){
        .anchors = known(type->dims[1]), .channels = known(type->dims[2]), .channel_step = 1};
    ret->anchor_step = ret->channels;
    return set_classes(ret, first_class);
}

bool anchors_layout_columns(const struct tensor_type *type, uint32_t first_class, struct anchor_layout *ret)
{
    if (type->dim_count != 3 || !is_batch_of_one(type))
        return false;
    *ret = (struct anchor_layout){
        .anchors = known(type->dims[2]), .channels = known(type->dims[1]), .anchor_step = 1};
    ret->channel_step = ret->anchors;
    return set_classes(ret, first_class);
}

static bool read_layout(const struct anchor_family *family, const struct adapter_options *options,
                        const struct tensor *output, struct anchor_layout *ret, struct error *err)
{
    char text[TENSOR_TEXT_BYTES];
    if (output->type.element != ELEMENT_FLOAT32 || tensor_elements(&output->type) == 0 ||
        !family->layout(&output->type, ret) || ret->anchors == 0 || ret->classes == 0)
        return error_set(err, ERR_INVALID,
                         "output '%.100s' is %s; adapter %s reads float32 %s; set outputs to another, or "
                         "adapter",
                         options->outputs[0], tensor_type_text(&output->type, text), family->name,
                         family->shape);
    if (ret->classes > PREDICTION_CLASSES_MAX)
        return error_set(err, ERR_LIMIT, "output '%.100s' has %zu classes; at most %d are supported",
                         options->outputs[0], ret->classes, PREDICTION_CLASSES_MAX);
    return true;
}

bool anchors_describe(const struct anchor_family *family, const struct adapter_options *options,
                      const struct tensor *outputs, struct prediction *ret, struct error *err)
{
    struct anchor_layout layout;
    if (!detections_check_kind(options, family->name, err) ||
        !read_layout(family, options, &outputs[0], &layout, err))
        return false;
    *ret = (struct prediction){
        .type = MODEL_TYPE_DETECTION, .activation = ACTIVATION_SIGMOID, .classes = (uint32_t)layout.classes};
    return true;
}

/* ---- scores ---- */

static float number(const struct reader *reader, size_t anchor, size_t channel)
{
    return reader->values[anchor * reader->layout.anchor_step + channel * reader->layout.channel_step];
}

static double score_of(const struct reader *reader, size_t anchor, float value)
{
    const struct anchor_family *family = reader->family;
    enum output_kind kind = reader->input->options->output_kind;
    double class_score = detections_score(kind, value);
    if (family->objectness == ANCHORS_NO_OBJECTNESS)
        return class_score;
    double objectness = detections_score(kind, number(reader, anchor, (size_t)family->objectness));
    return family->join ? family->join(objectness, class_score) : objectness * class_score;
}

/* No class of this anchor can reach the floor: a look at the objectness saves one at all classes. */
static bool is_empty(const struct reader *reader, size_t anchor)
{
    static const float surely = 1e3f; /* 1 as a score, and as a logit */
    return reader->family->objectness != ANCHORS_NO_OBJECTNESS &&
           score_of(reader, anchor, surely) < reader->input->options->candidate_floor * rounding;
}

static void fill_scores(const void *context, uint32_t position, float *ret)
{
    const struct reader *reader = context;
    for (size_t c = 0; c < reader->layout.classes; c++)
        ret[c] = (float)score_of(reader, position, number(reader, position, reader->family->classes + c));
}

static bool check_channels(const struct reader *reader, size_t first, size_t count, struct error *err)
{
    const struct anchor_layout *layout = &reader->layout;
    const struct adapter_options *options = reader->input->options;
    if (layout->anchor_step == 1)
        return detections_check_scores(options, 0, reader->values + first * layout->channel_step,
                                       count * layout->channel_step, err);
    for (size_t i = 0; i < layout->anchors; i++)
        if (!detections_check_scores(options, 0, reader->values + i * layout->anchor_step + first, count,
                                     err))
            return false;
    return true;
}

static bool check_scores(const struct reader *reader, struct error *err)
{
    const struct anchor_family *family = reader->family;
    size_t first = family->classes, count = reader->layout.classes;
    bool has_objectness = family->objectness != ANCHORS_NO_OBJECTNESS;
    bool is_beside = has_objectness && (size_t)family->objectness + 1 == first;
    if (has_objectness && !is_beside && !check_channels(reader, (size_t)family->objectness, 1, err))
        return false;
    return check_channels(reader, is_beside ? first - 1 : first, is_beside ? count + 1 : count, err);
}

static bool are_boxes_finite(const struct reader *reader)
{
    bool is_fine = true;
    for (size_t i = 0; i < reader->layout.anchors; i++)
        for (size_t k = 0; k < 4; k++)
            is_fine = is_fine && isfinite(number(reader, i, reader->family->boxes + k));
    return is_fine;
}

/* What is a score is finite: all numbers are looked at once, again only to say what is wrong. */
static bool check_values(const struct reader *reader, struct error *err)
{
    const struct adapter_options *options = reader->input->options;
    const struct tensor *output = &reader->input->outputs[0];
    if (options->output_kind == OUTPUT_SIGMOID_LOGITS)
        return detections_check_numbers(options, 0, output, err);
    struct error why = {0};
    if (are_boxes_finite(reader) && check_scores(reader, &why))
        return true;
    return detections_check_numbers(options, 0, output, err) && check_scores(reader, err);
}

/* ---- boxes ---- */

static void add_anchor(struct reader *reader, size_t anchor, size_t label, float best)
{
    const struct anchor_family *family = reader->family;
    struct nms_box box = {.score = (float)score_of(reader, anchor, best),
                          .label = (uint32_t)label,
                          .position = (uint32_t)anchor};
    double numbers[4];
    for (size_t i = 0; i < 4; i++)
        numbers[i] = (double)number(reader, anchor, family->boxes + i);
    if ((double)box.score < reader->input->options->candidate_floor)
        return;
    family->place(&reader->layout, reader->input->placement, anchor, numbers, &box);
    detections_add(&reader->list, &box);
}

static void add_rows(struct reader *reader)
{
    for (size_t anchor = 0; anchor < reader->layout.anchors; anchor++) {
        if (is_empty(reader, anchor))
            continue;
        const float *scores = reader->values + anchor * reader->layout.anchor_step + reader->family->classes;
        size_t label = 0;
        for (size_t c = 1; c < reader->layout.classes; c++)
            if (scores[c] > scores[label])
                label = c;
        add_anchor(reader, anchor, label, scores[label]);
    }
}

/* What a class must have more than, or its score cannot reach the floor: most places are empty, and skipped
 * at a glance. */
static float least_score(const struct reader *reader)
{
    const struct adapter_options *options = reader->input->options;
    bool is_plain =
        reader->family->objectness == ANCHORS_NO_OBJECTNESS && options->output_kind != OUTPUT_SIGMOID_LOGITS;
    return is_plain ? (float)(options->candidate_floor * rounding) : -FLT_MAX;
}

/* Class after class for a block of neighbours, whose scores of one class lie side by side. */
static void add_block(struct reader *reader, size_t first, size_t count)
{
    const size_t none = reader->layout.classes;
    const float least = least_score(reader);
    float best[BLOCK_ANCHORS];
    size_t labels[BLOCK_ANCHORS];
    for (size_t i = 0; i < count; i++) {
        best[i] = least;
        labels[i] = none;
    }
    for (size_t c = 0; c < reader->layout.classes; c++) {
        const float *scores =
            reader->values + (reader->family->classes + c) * reader->layout.channel_step + first;
        for (size_t i = 0; i < count; i++) {
            if (scores[i] > best[i]) {
                best[i] = scores[i];
                labels[i] = c;
            }
        }
    }
    for (size_t i = 0; i < count; i++)
        if (labels[i] != none && !is_empty(reader, first + i))
            add_anchor(reader, first + i, labels[i], best[i]);
}

static void add_columns(struct reader *reader)
{
    for (size_t first = 0; first < reader->layout.anchors; first += BLOCK_ANCHORS) {
        size_t left = reader->layout.anchors - first;
        add_block(reader, first, left < BLOCK_ANCHORS ? left : BLOCK_ANCHORS);
    }
}

static bool check_count(const struct reader *reader, struct error *err)
{
    const struct placement *placement = reader->input->placement;
    if (!reader->family->count)
        return true;
    uint64_t wanted = reader->family->count(placement->tensor_width, placement->tensor_height);
    return reader->layout.anchors == wanted ||
           error_set(err, ERR_INVALID,
                     "output '%.100s' has %zu rows; adapter %s reads %llu for an input of %u x %u px; set "
                     "adapter, width or height",
                     reader->input->options->outputs[0], reader->layout.anchors, reader->family->name,
                     (unsigned long long)wanted, placement->tensor_width, placement->tensor_height);
}

bool anchors_decode(const struct anchor_family *family, const struct anchor_input *input,
                    struct prediction *ret, struct error *err)
{
    struct reader reader = {.family = family, .input = input, .values = input->outputs[0].data};
    struct prediction prediction;
    if (!anchors_describe(family, input->options, input->outputs, &prediction, err) ||
        !read_layout(family, input->options, &input->outputs[0], &reader.layout, err) ||
        !check_count(&reader, err) || !check_values(&reader, err) ||
        !detections_start(input->options, input->placement, input->arena, reader.layout.anchors, &reader.list,
                          err))
        return false;
    if (reader.layout.anchor_step == 1)
        add_columns(&reader);
    else
        add_rows(&reader);
    const struct class_vectors vectors = {fill_scores, &reader};
    if (!detections_finish(&reader.list, SUPPRESSION_OURS, &vectors, &prediction, err))
        return false;
    *ret = prediction;
    return true;
}

void anchors_place_center(const struct anchor_layout *layout, const struct placement *placement,
                          size_t anchor, const double numbers[4], struct nms_box *ret)
{
    (void)layout, (void)placement, (void)anchor;
    ret->x_min = numbers[0] - numbers[2] / 2;
    ret->y_min = numbers[1] - numbers[3] / 2;
    ret->x_max = numbers[0] + numbers[2] / 2;
    ret->y_max = numbers[1] + numbers[3] / 2;
}
