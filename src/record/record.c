/* SPDX-License-Identifier: Apache-2.0 */
#include "record/record.h"

#include <math.h>

const char *record_feature_name(enum record_feature feature)
{
    static const char *const names[FEATURE_COUNT] = {
        [FEATURE_RESOLUTION] = "resolution",
        [FEATURE_ASPECT_RATIO] = "aspect_ratio",
        [FEATURE_BRIGHTNESS] = "brightness",
        [FEATURE_SATURATION] = "saturation",
        [FEATURE_COLORFULNESS] = "colorfulness",
        [FEATURE_CLARITY] = "clarity",
        [FEATURE_BOX_COUNT] = "box_count",
        [FEATURE_BOX_AREA_DEVIATION] = "box_area_deviation",
        [FEATURE_BOX_ASPECT_RATIO] = "box_aspect_ratio",
        [FEATURE_BOX_AREA_RATIO] = "box_area_ratio",
        [FEATURE_BOX_MARGINALIZATION] = "box_marginalization",
        [FEATURE_BOX_BRIGHTNESS] = "box_brightness",
        [FEATURE_BOX_CLARITY] = "box_clarity",
        [FEATURE_BOX_OVERLAP] = "box_overlap",
    };
    return names[feature];
}

uint32_t record_logit_columns(const struct record_header *header)
{
    if (header->type != MODEL_TYPE_CLASSIFICATION)
        return 0;
    return header->classes <= RECORD_LOGITS_ALL_MAX ? header->classes : RECORD_LOGITS_TOP;
}

uint32_t record_answers(const struct record_header *header, const struct candidate *candidates,
                        uint32_t count)
{
    uint32_t answers = 0;
    while (answers < count && (double)candidates[answers].score >= header->score_threshold)
        answers++;
    return answers;
}

static double score_of(enum activation activation, double logit, double log_sum_exp)
{
    if (activation == ACTIVATION_SOFTMAX)
        return exp(logit - log_sum_exp);
    /* Both forms avoid the overflow of the other. */
    return logit >= 0 ? 1 / (1 + exp(-logit)) : exp(logit) / (1 + exp(logit));
}

/* The logit that each class beyond the kept ones has when they share the rest of the mass evenly. */
static double rest_logit(const struct record_header *header, const struct record *record, uint32_t kept)
{
    double kept_share = 0, smallest = (double)record->logits[kept - 1];
    for (uint32_t i = kept; i-- > 0;)
        kept_share += exp((double)record->logits[i] - record->log_sum_exp);
    if (kept_share >= 1)
        return (double)-INFINITY;
    double even = record->log_sum_exp + log((1 - kept_share) / (header->classes - kept));
    return fmin(even, smallest);
}

void record_scores(const struct record_header *header, const struct record *record, double *ret)
{
    uint32_t kept = record_logit_columns(header);
    if (kept == header->classes) {
        const struct prediction prediction = {.type = header->type,
                                              .activation = header->activation,
                                              .classes = header->classes,
                                              .logits = record->logits};
        prediction_scores(&prediction, ret);
        return;
    }
    double rest = score_of(header->activation, rest_logit(header, record, kept), record->log_sum_exp);
    for (uint32_t i = 0; i < header->classes; i++)
        ret[i] = rest;
    for (uint32_t i = 0; i < kept; i++)
        ret[record->logit_classes[i]] =
            score_of(header->activation, (double)record->logits[i], record->log_sum_exp);
}

uint32_t record_predicted(const struct record_header *header, const struct record *record, float *ret_score)
{
    uint32_t columns = record_logit_columns(header), best = 0;
    *ret_score = 0;
    if (header->type == MODEL_TYPE_DETECTION) {
        if (record_answers(header, record->candidates, record->candidate_count) == 0)
            return UINT32_MAX;
        *ret_score = record->candidates[0].score;
        return record->candidates[0].label;
    }
    if (columns == 0)
        return UINT32_MAX;
    for (uint32_t i = 1; i < columns; i++)
        if (record->logits[i] > record->logits[best])
            best = i;
    *ret_score = (float)score_of(header->activation, (double)record->logits[best], record->log_sum_exp);
    return record->logit_classes ? record->logit_classes[best] : best;
}
