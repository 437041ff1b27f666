/* SPDX-License-Identifier: Apache-2.0 */
/* DETR and its kin: queries with class scores and a box each, no suppression. DETR itself has a softmax whose
 * last class is "no object"; RT-DETR, Deformable DETR, DINO, RF-DETR a sigmoid per class. One candidate per
 * query, of its best class. Sources: facebookresearch/detr, models/detr.py, PostProcess; lyuwenyu/RT-DETR,
 * rtdetr_postprocessor.py. */
#include "infer/detections.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    LOGITS,
    BOXES,
    OUTPUTS,
    BOX_NUMBERS = 4,
    QUERIES_MAX = 1000,
    DETR_QUERIES_MAX = 100 /* the softmax models have no more, the sigmoid ones 300 or more */
};

struct reader {
    const struct adapter_options *options;
    const float *scores, *boxes;
    size_t queries, columns;
    uint32_t classes;
    double *row; /* scores of one query */
};

/* ---- shapes ---- */

static bool fits(const struct tensor_type *logits, const struct tensor_type *boxes)
{
    return logits->element == ELEMENT_FLOAT32 && boxes->element == ELEMENT_FLOAT32 &&
           logits->dim_count == 3 && boxes->dim_count == 3 && logits->dims[0] == 1 && boxes->dims[0] == 1 &&
           logits->dims[1] == boxes->dims[1] && boxes->dims[2] == BOX_NUMBERS && logits->dims[2] >= 1 &&
           tensor_elements(logits) > 0 && tensor_elements(boxes) > 0;
}

static bool describe(const struct adapter_options *options, const struct tensor *outputs, bool is_softmax,
                     struct prediction *ret, struct error *err)
{
    const char *name = is_softmax ? "detr" : "rt_detr";
    char text[TENSOR_TEXT_BYTES], other[TENSOR_TEXT_BYTES];
    bool is_single = options->output_kind == OUTPUT_LOGITS || options->output_kind == OUTPUT_PROBABILITIES;
    if (is_single != is_softmax)
        return error_set(err, ERR_INVALID, "adapter %s reads output_kind %s, not %s", name,
                         is_softmax ? "logits or probabilities" : "sigmoid_logits or sigmoid_probabilities",
                         output_kind_names[options->output_kind]);
    if (options->output_count != OUTPUTS)
        return error_set(err, ERR_INVALID, "adapter %s reads two outputs, logits and boxes; %zu are named",
                         name, options->output_count);
    const struct tensor_type *logits = &outputs[LOGITS].type;
    if (!fits(logits, &outputs[BOXES].type) || logits->dims[2] < (is_softmax ? 2 : 1))
        return error_set(err, ERR_INVALID,
                         "outputs '%.80s' %.60s and '%.80s' %.60s; adapter %s reads float32 [1, N, %s] and "
                         "[1, N, 4]",
                         options->outputs[LOGITS], tensor_type_text(logits, text), options->outputs[BOXES],
                         tensor_type_text(&outputs[BOXES].type, other), name,
                         is_softmax ? "classes + 1" : "classes");
    size_t classes = (size_t)logits->dims[2] - (is_softmax ? 1 : 0);
    if (classes > PREDICTION_CLASSES_MAX)
        return error_set(err, ERR_LIMIT, "output '%.100s' has %zu classes; at most %d are supported",
                         options->outputs[LOGITS], classes, PREDICTION_CLASSES_MAX);
    *ret = (struct prediction){.type = MODEL_TYPE_DETECTION,
                               .activation = is_softmax ? ACTIVATION_SOFTMAX : ACTIVATION_SIGMOID,
                               .classes = (uint32_t)classes};
    return true;
}

/* ---- scores ---- */

static void read_softmax(const struct reader *reader, const float *logits, double *ret)
{
    double max = (double)logits[0], sum = 0;
    for (size_t c = 1; c < reader->columns; c++)
        max = fmax(max, (double)logits[c]);
    for (size_t c = 0; c < reader->columns; c++)
        sum += exp((double)logits[c] - max);
    for (size_t c = 0; c < reader->classes; c++)
        ret[c] = exp((double)logits[c] - max) / sum;
}

static void read_scores(const struct reader *reader, size_t query, double *ret)
{
    const float *values = reader->scores + query * reader->columns;
    if (reader->options->output_kind == OUTPUT_LOGITS) {
        read_softmax(reader, values, ret);
        return;
    }
    for (size_t c = 0; c < reader->classes; c++)
        ret[c] = detections_score(reader->options->output_kind, values[c]);
}

static void fill_scores(const void *context, uint32_t position, float *ret)
{
    const struct reader *reader = context;
    read_scores(reader, position, reader->row);
    for (size_t c = 0; c < reader->classes; c++)
        ret[c] = (float)reader->row[c];
}

static void add_query(const struct reader *reader, size_t query, struct detections *found)
{
    size_t label = 0;
    read_scores(reader, query, reader->row);
    for (size_t c = 1; c < reader->classes; c++)
        if (reader->row[c] > reader->row[label])
            label = c;
    const float *box = reader->boxes + query * BOX_NUMBERS;
    double width = found->placement->tensor_width, height = found->placement->tensor_height;
    double x = (double)box[0], y = (double)box[1], half_width = (double)box[2] / 2,
           half_height = (double)box[3] / 2;
    const struct nms_box candidate = {.x_min = (x - half_width) * width,
                                      .y_min = (y - half_height) * height,
                                      .x_max = (x + half_width) * width,
                                      .y_max = (y + half_height) * height,
                                      .score = (float)reader->row[label],
                                      .label = (uint32_t)label,
                                      .position = (uint32_t)query};
    detections_add(found, &candidate);
}

static bool check_numbers(const struct reader *reader, const struct tensor *outputs, struct error *err)
{
    const struct adapter_options *options = reader->options;
    bool is_logit = options->output_kind == OUTPUT_LOGITS || options->output_kind == OUTPUT_SIGMOID_LOGITS;
    return detections_check_numbers(options, LOGITS, &outputs[LOGITS], err) &&
           detections_check_numbers(options, BOXES, &outputs[BOXES], err) &&
           (is_logit ||
            detections_check_scores(options, LOGITS, reader->scores, reader->queries * reader->columns, err));
}

static bool decode(const struct adapter_options *options, const struct tensor *outputs,
                   const struct placement *placement, struct arena *arena, struct prediction *prediction,
                   struct error *err)
{
    struct detections found;
    struct reader reader = {.options = options,
                            .scores = outputs[LOGITS].data,
                            .boxes = outputs[BOXES].data,
                            .queries = (size_t)outputs[LOGITS].type.dims[1],
                            .columns = (size_t)outputs[LOGITS].type.dims[2],
                            .classes = prediction->classes,
                            .row = arena_array(arena, prediction->classes, sizeof(double))};
    if (!reader.row)
        return error_no_memory(err);
    if (!check_numbers(&reader, outputs, err) ||
        !detections_start(options, placement, arena, reader.queries, &found, err))
        return false;
    for (size_t i = 0; i < reader.queries; i++)
        add_query(&reader, i, &found);
    const struct class_vectors vectors = {fill_scores, &reader};
    return detections_finish(&found, SUPPRESSION_IN_GRAPH, &vectors, prediction, err);
}

/* ---- recognising ---- */

static bool is_pair(const struct tensor_type *logits, const struct tensor_type *boxes)
{
    return logits->element == ELEMENT_FLOAT32 && boxes->element == ELEMENT_FLOAT32 &&
           logits->dim_count == 3 && boxes->dim_count == 3 && logits->dims[1] == boxes->dims[1] &&
           boxes->dims[2] == BOX_NUMBERS && logits->dims[2] != 1 && logits->dims[1] <= QUERIES_MAX;
}

static bool recognise(const struct adapter_outputs *outputs, bool is_softmax, struct adapter_match *ret)
{
    for (size_t i = 0; i < outputs->count; i++) {
        for (size_t j = 0; j < outputs->count; j++) {
            const struct adapter_output *logits = &outputs->outputs[i], *boxes = &outputs->outputs[j];
            bool is_named = strstr(logits->name, "logits") && strstr(boxes->name, "boxes");
            if (i == j || !is_pair(&logits->type, &boxes->type) || (!is_named && outputs->count != 2))
                continue;
            /* Two outputs of four numbers each: the names must tell. */
            if (!is_named && logits->type.dims[2] == BOX_NUMBERS)
                continue;
            int64_t queries = logits->type.dims[1];
            if ((queries > 0 && queries <= DETR_QUERIES_MAX) != is_softmax)
                continue;
            *ret = (struct adapter_match){.outputs = {i, j},
                                          .output_count = OUTPUTS,
                                          .output_kind = is_softmax ? OUTPUT_LOGITS : OUTPUT_SIGMOID_LOGITS,
                                          .is_certain = is_named && queries > 0};
            (void)snprintf(ret->why, sizeof(ret->why), "outputs '%.40s' and '%.40s' are of %lld queries, %s",
                           logits->name, boxes->name, (long long)queries,
                           is_softmax ? "as DETR has them: softmax, the last class is no object"
                                      : "more than DETR has: a sigmoid for each class");
            return true;
        }
    }
    return false;
}

static bool recognise_detr(const struct adapter_outputs *outputs, struct adapter_match *ret)
{
    return recognise(outputs, true, ret);
}

static bool recognise_rt_detr(const struct adapter_outputs *outputs, struct adapter_match *ret)
{
    return recognise(outputs, false, ret);
}

static bool describe_detr(const struct adapter_options *options, const struct tensor *outputs,
                          struct prediction *ret, struct error *err)
{
    return describe(options, outputs, true, ret, err);
}

static bool describe_rt_detr(const struct adapter_options *options, const struct tensor *outputs,
                             struct prediction *ret, struct error *err)
{
    return describe(options, outputs, false, ret, err);
}

static bool decode_detr(const struct adapter_options *options, const struct tensor *outputs,
                        const struct placement *placement, struct arena *arena, struct prediction *ret,
                        struct error *err)
{
    struct prediction prediction;
    if (!describe(options, outputs, true, &prediction, err) ||
        !decode(options, outputs, placement, arena, &prediction, err))
        return false;
    *ret = prediction;
    return true;
}

static bool decode_rt_detr(const struct adapter_options *options, const struct tensor *outputs,
                           const struct placement *placement, struct arena *arena, struct prediction *ret,
                           struct error *err)
{
    struct prediction prediction;
    if (!describe(options, outputs, false, &prediction, err) ||
        !decode(options, outputs, placement, arena, &prediction, err))
        return false;
    *ret = prediction;
    return true;
}

const struct adapter adapter_detr = {
    .name = "detr",
    .summary =
        "DETR: logits [1, N, classes + 1], softmax with \"no object\" last, and boxes [1, N, 4] as centre "
        "and size in shares of the tensor; class n is label n, \"no object\" has none",
    .checked_with = "graphs made by the tests",
    .type = MODEL_TYPE_DETECTION,
    .convention = {.resize = "squash",
                   .color = "rgb",
                   .scale = 1.0 / 255,
                   .mean = {0.485, 0.456, 0.406},
                   .std = {0.229, 0.224, 0.225}},
    .recognise = recognise_detr,
    .describe = describe_detr,
    .decode = decode_detr,
};

const struct adapter adapter_rt_detr = {
    .name = "rt_detr",
    .summary =
        "RT-DETR, Deformable DETR, RF-DETR: logits [1, N, classes], a sigmoid for each class, and boxes "
        "[1, N, 4] as centre and size in shares of the tensor; class n is label n",
    .checked_with = "graphs made by the tests",
    .type = MODEL_TYPE_DETECTION,
    .convention = {.resize = "squash", .color = "rgb", .scale = 1.0 / 255, .std = {1, 1, 1}},
    .recognise = recognise_rt_detr,
    .describe = describe_rt_detr,
    .decode = decode_rt_detr,
};
