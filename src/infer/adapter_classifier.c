/* SPDX-License-Identifier: Apache-2.0 */
#include "infer/adapter.h"

#include <math.h>

/* Probabilities that leave 0..1 by more than rounding are not probabilities. */
static const float probability_slack = 1e-3f;
/* Log of the smallest normal float32: what a probability of 0 counts as, so that scores stay finite. */
static const double log_floor = -87.0;

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
    .checked_with = "mobilenet_v2 int8, mobilenet_v1 0.25, CIFAR-10 ResNet-20",
    .summary = "one output with one score per class",
    .type = MODEL_TYPE_CLASSIFICATION,
    .describe = describe,
    .decode = decode,
};
