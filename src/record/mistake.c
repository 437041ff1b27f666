/* SPDX-License-Identifier: Apache-2.0 */
#include "record/mistake.h"

#include "infer/nms.h"

#include <string.h>

static enum record_verdict judge_class(const struct record_header *header, const struct record *record,
                                       double *scores)
{
    if (record->truth_count == 0 || header->classes == 0)
        return VERDICT_UNKNOWN;
    record_scores(header, record, scores);
    uint32_t best = prediction_best(scores, header->classes);
    for (uint32_t i = 0; i < record->truth_count; i++)
        if (strcmp(record->truth_labels[i], header->labels[best]) == 0)
            return VERDICT_RIGHT;
    return VERDICT_WRONG;
}

/* Finds the drawn box that an answer stands for, and strikes it off. */
static bool strike(const struct record_header *header, const struct record *record,
                   const struct candidate *answer, uint32_t drawn, bool *is_found)
{
    uint32_t best = drawn;
    double most = 0.5;
    for (uint32_t i = 0; i < drawn; i++) {
        if (is_found[i] || strcmp(record->truth_labels[i], header->labels[answer->label]) != 0)
            continue;
        double overlap = box_iou(&answer->box, &record->truth_boxes[i]);
        if (overlap < most || (best != drawn && overlap <= most))
            continue;
        most = overlap;
        best = i;
    }
    if (best < drawn)
        is_found[best] = true;
    return best < drawn;
}

static enum record_verdict judge_boxes(const struct record_header *header, const struct record *record)
{
    bool is_found[MISTAKE_BOXES_MAX] = {false};
    uint32_t answers = record_answers(header, record->candidates, record->candidate_count);
    uint32_t drawn = record->truth_count;
    if (!record->truth_labels)
        return VERDICT_UNKNOWN;
    if (answers != drawn)
        return VERDICT_WRONG;
    for (uint32_t i = 0; i < answers && i < MISTAKE_BOXES_MAX; i++)
        if (!strike(header, record, &record->candidates[i],
                    drawn < MISTAKE_BOXES_MAX ? drawn : MISTAKE_BOXES_MAX, is_found))
            return VERDICT_WRONG;
    return VERDICT_RIGHT;
}

enum record_verdict record_verdict(const struct record_header *header, const struct record *record,
                                   double *scores)
{
    if (record->error)
        return VERDICT_UNKNOWN;
    return header->type == MODEL_TYPE_DETECTION ? judge_boxes(header, record)
                                                : judge_class(header, record, scores);
}
