/* SPDX-License-Identifier: Apache-2.0 */
#include "infer/prediction.h"

#include <math.h>
#include <string.h>

static const char *const type_names[MODEL_TYPE_COUNT][2] = {
    [MODEL_TYPE_CLASSIFICATION] = {"image_classification", "cls"},
    [MODEL_TYPE_DETECTION] = {"object_detection", "det"},
};

const char *model_type_name(enum model_type type)
{
    return type_names[type][0];
}

enum model_type model_type_find(const char *name)
{
    for (int type = 0; type < MODEL_TYPE_COUNT; type++)
        if (name && (strcmp(name, type_names[type][0]) == 0 || strcmp(name, type_names[type][1]) == 0))
            return (enum model_type)type;
    return MODEL_TYPE_COUNT;
}

const char *activation_name(enum activation activation)
{
    static const char *const names[ACTIVATION_COUNT] = {"softmax", "sigmoid"};
    return names[activation];
}

static void softmax(const float *logits, uint32_t count, double *ret)
{
    double max = (double)logits[0];
    for (uint32_t i = 1; i < count; i++)
        max = fmax(max, (double)logits[i]);
    double sum = exp((double)logits[0] - max);
    for (uint32_t i = 1; i < count; i++)
        sum += exp((double)logits[i] - max);
    double log_sum = max + log(sum);
    for (uint32_t i = 0; i < count; i++)
        ret[i] = exp((double)logits[i] - log_sum);
}

/* Both forms avoid the overflow of the other. */
double prediction_sigmoid(double logit)
{
    return logit >= 0 ? 1 / (1 + exp(-logit)) : exp(logit) / (1 + exp(logit));
}

uint32_t prediction_best(const double *scores, uint32_t classes)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < classes; i++)
        if (scores[i] > scores[best])
            best = i;
    return best;
}

void prediction_scores(const struct prediction *prediction, double *ret)
{
    if (prediction->classes == 0 || !prediction->logits)
        return;
    if (prediction->activation == ACTIVATION_SOFTMAX) {
        softmax(prediction->logits, prediction->classes, ret);
        return;
    }
    for (uint32_t i = 0; i < prediction->classes; i++)
        ret[i] = prediction_sigmoid((double)prediction->logits[i]);
}
