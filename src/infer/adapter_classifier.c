/* SPDX-License-Identifier: Apache-2.0 */
#include "infer/adapter.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Probabilities that leave 0..1 by more than rounding are not probabilities. */
static const float probability_slack = 1e-3f;
/* Log of the smallest normal float32: what a probability of 0 counts as, so that scores stay finite. */
static const double log_floor = -87.0;

/* One score per class for each image: [N, K] with ones around. */
static bool may_be_scores(const struct tensor_type *type)
{
    uint32_t large = 0;
    for (uint32_t i = 1; i < type->dim_count; i++)
        large += type->dims[i] != 1;
    bool is_vector = type->dim_count == 1 && type->dims[0] != 1;
    return type->element == ELEMENT_FLOAT32 && (is_vector || large == 1);
}

/* Among several outputs that may be scores, the one with a usual name, best first; NULL: none. */
static const struct adapter_output *find_by_name(const struct adapter_outputs *outputs)
{
    static const char *const names[] = {"logits", "probabilities", "probs", "scores", "output", NULL};
    for (const char *const *name = names; *name; name++)
        for (size_t i = 0; i < outputs->count; i++)
            if (strcmp(outputs->outputs[i].name, *name) == 0 && may_be_scores(&outputs->outputs[i].type))
                return &outputs->outputs[i];
    return NULL;
}

static bool recognise(const struct adapter_outputs *outputs, struct adapter_match *ret)
{
    const struct adapter_output *found = NULL;
    size_t count = 0;
    for (size_t i = 0; i < outputs->count; i++) {
        if (may_be_scores(&outputs->outputs[i].type)) {
            found = &outputs->outputs[i];
            count++;
        }
    }
    if (count > 1)
        found = find_by_name(outputs);
    if (!found)
        return false;
    char text[TENSOR_TEXT_BYTES];
    bool is_probability = strncmp(found->name, "prob", 4) == 0;
    *ret = (struct adapter_match){.outputs = {(size_t)(found - outputs->outputs)},
                                  .output_count = 1,
                                  .output_kind = is_probability ? OUTPUT_PROBABILITIES : OUTPUT_LOGITS,
                                  .is_certain = outputs->count == 1};
    (void)snprintf(ret->why, sizeof(ret->why), "output '%.60s' is %.60s: one score per class", found->name,
                   tensor_type_text(&found->type, text));
    return true;
}

static bool describe(const struct adapter_options *options, const struct tensor *outputs,
                     struct prediction *ret, struct error *err)
{
    const struct tensor_type *type = &outputs[0].type;
    char text[TENSOR_TEXT_BYTES];
    size_t count = tensor_elements(type);
    if (type->element != ELEMENT_FLOAT32)
        return error_set(err, ERR_INVALID, "output '%.100s' is %s; a classifier's scores must be float32",
                         options->outputs[0], tensor_type_text(type, text));
    /* One image in, one score per class out: [1, K], [K] or [1, K, 1, 1]. */
    size_t longest = 0;
    for (uint32_t i = 0; i < type->dim_count; i++)
        longest = type->dims[i] > 0 && (size_t)type->dims[i] > longest ? (size_t)type->dims[i] : longest;
    if (count == 0 || longest != count)
        return error_set(
            err, ERR_INVALID,
            "output '%.100s' is %s, not one score per class for one image; set outputs to another, "
            "or adapter",
            options->outputs[0], tensor_type_text(type, text));
    if (count < 2 || count > PREDICTION_CLASSES_MAX)
        return error_set(err, ERR_LIMIT, "output '%.100s' has %zu classes; 2 to %d are supported",
                         options->outputs[0], count, PREDICTION_CLASSES_MAX);
    bool is_sigmoid =
        options->output_kind == OUTPUT_SIGMOID_LOGITS || options->output_kind == OUTPUT_SIGMOID_PROBABILITIES;
    *ret = (struct prediction){.type = MODEL_TYPE_CLASSIFICATION,
                               .activation = is_sigmoid ? ACTIVATION_SIGMOID : ACTIVATION_SOFTMAX,
                               .classes = (uint32_t)count};
    return true;
}

static double log_of(double probability)
{
    return probability > 0 ? fmax(log(probability), log_floor) : log_floor;
}

static bool to_logits(const struct adapter_options *options, const float *probabilities, uint32_t count,
                      float *ret, struct error *err)
{
    bool is_sigmoid = options->output_kind == OUTPUT_SIGMOID_PROBABILITIES;
    for (uint32_t i = 0; i < count; i++) {
        double p = (double)probabilities[i];
        if (probabilities[i] < -probability_slack || probabilities[i] > 1 + probability_slack)
            return error_set(err, ERR_INVALID,
                             "output '%.100s' holds %g, which is no probability; set output_kind to %s",
                             options->outputs[0], p, is_sigmoid ? "sigmoid_logits" : "logits");
        ret[i] = (float)(is_sigmoid ? log_of(p) - log_of(1 - p) : log_of(p));
    }
    return true;
}

static bool decode(const struct adapter_options *options, const struct tensor *outputs,
                   const struct placement *placement, struct arena *arena, struct prediction *ret,
                   struct error *err)
{
    (void)placement; /* classes have no place */
    if (!describe(options, outputs, ret, err) || !tensor_check_finite(&outputs[0], options->outputs[0], err))
        return false;
    ret->logits = outputs[0].data;
    if (options->output_kind == OUTPUT_LOGITS || options->output_kind == OUTPUT_SIGMOID_LOGITS)
        return true;
    float *logits = arena_array(arena, ret->classes, sizeof(*logits));
    if (!logits)
        return error_no_memory(err);
    ret->logits = logits;
    return to_logits(options, outputs[0].data, ret->classes, logits, err);
}

const struct adapter adapter_classifier = {
    .name = "classifier",
    .summary = "one output with one score per class: [1, classes], or ones around it; class n is label n",
    .checked_with = "mobilenet_v2 int8, mobilenet_v1 0.25, CIFAR-10 ResNet-20 (real weights)",
    .type = MODEL_TYPE_CLASSIFICATION,
    .recognise = recognise,
    .describe = describe,
    .decode = decode,
};
