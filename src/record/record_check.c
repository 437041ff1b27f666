/* SPDX-License-Identifier: Apache-2.0 */
#include "record/record.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* What is not finite gives NaN, which a sum keeps. Four sums, which compilers make a vector of. */
static bool are_finite(const float *values, size_t count)
{
    float sums[4] = {0, 0, 0, 0};
    size_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (size_t k = 0; k < 4; k++)
            sums[k] += values[i + k] * 0;
    for (; i < count; i++)
        sums[0] += values[i] * 0;
    return !isnan((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

static bool check_finite(const float *values, size_t count, const char *what, struct error *err)
{
    if (count > 0 && !values)
        return error_set(err, ERR_INVALID, "its %s is missing", what);
    for (size_t i = are_finite(values, count) ? count : 0; i < count; i++)
        if (!isfinite(values[i]))
            return error_set(err, ERR_INVALID, "its %s holds %s at %zu", what,
                             isnan(values[i]) ? "NaN" : "an infinity", i);
    return true;
}

static int compare_classes(const void *a, const void *b)
{
    uint32_t first = *(const uint32_t *)a, second = *(const uint32_t *)b;
    return (first > second) - (first < second);
}

static bool check_top(const struct record_header *header, const struct record *record, struct error *err)
{
    uint32_t sorted[RECORD_LOGITS_TOP];
    if (!record->logit_classes)
        return error_set(err, ERR_INVALID, "its logit classes are missing");
    for (uint32_t i = 0; i < RECORD_LOGITS_TOP; i++) {
        sorted[i] = record->logit_classes[i];
        if (sorted[i] >= header->classes)
            return error_set(err, ERR_INVALID, "its logit %" PRIu32 " is of class %" PRIu32 " of %" PRIu32, i,
                             sorted[i], header->classes);
        if (i > 0 && record->logits[i] > record->logits[i - 1])
            return error_set(err, ERR_INVALID, "its logits are not the largest first");
    }
    qsort(sorted, RECORD_LOGITS_TOP, sizeof(sorted[0]), compare_classes);
    for (uint32_t i = 1; i < RECORD_LOGITS_TOP; i++)
        if (sorted[i] == sorted[i - 1])
            return error_set(err, ERR_INVALID, "its logits name class %" PRIu32 " twice", sorted[i]);
    return true;
}

static bool check_logits(const struct record_header *header, const struct record *record, struct error *err)
{
    uint32_t columns = record_logit_columns(header);
    if (!check_finite(record->logits, columns, "logits", err))
        return false;
    if (columns > 0 && !isfinite(record->log_sum_exp))
        return error_set(err, ERR_INVALID, "its log_sum_exp is missing or not finite");
    return columns == header->classes || columns == 0 || check_top(header, record, err);
}

static bool is_good_box(const struct box *box)
{
    return isfinite(box->x_min) && isfinite(box->y_min) && isfinite(box->x_max) && isfinite(box->y_max) &&
           box->x_min <= box->x_max && box->y_min <= box->y_max;
}

static bool is_good_candidate(const struct candidate *candidate, uint32_t classes)
{
    return is_good_box(&candidate->box) && candidate->score >= 0 && candidate->score <= 1 &&
           candidate->label < classes && !isinf(candidate->brightness) && !isinf(candidate->clarity);
}

static bool check_candidates(const struct record_header *header, const struct record *record,
                             struct error *err)
{
    size_t count = record->candidate_count;
    if (header->type != MODEL_TYPE_DETECTION || count == 0)
        return true;
    if (count > PREDICTION_CANDIDATES_MAX)
        return error_set(err, ERR_LIMIT, "it has %zu candidates; %d is the limit", count,
                         PREDICTION_CANDIDATES_MAX);
    if (!record->candidates)
        return error_set(err, ERR_INVALID, "its candidates are missing");
    for (size_t i = 1; i < count; i++)
        if (record->candidates[i].score > record->candidates[i - 1].score)
            return error_set(err, ERR_INVALID, "its candidate %zu is better than the one before", i);
    for (size_t i = 0; i < count; i++)
        if (!is_good_candidate(&record->candidates[i], header->classes))
            return error_set(err, ERR_INVALID,
                             "its candidate %zu has an impossible box, score or class (%g, %g to %g, %g; "
                             "%g; %" PRIu32 ")",
                             i, (double)record->candidates[i].box.x_min,
                             (double)record->candidates[i].box.y_min, (double)record->candidates[i].box.x_max,
                             (double)record->candidates[i].box.y_max, (double)record->candidates[i].score,
                             record->candidates[i].label);
    return check_finite(record->candidate_scores, count * header->classes, "candidate scores", err);
}

static bool check_parts(const struct record_header *header, const struct record *record, struct error *err)
{
    for (int i = 0; i < FEATURE_COUNT; i++)
        if (isinf(record->features[i]))
            return error_set(err, ERR_INVALID, "its %s is infinite",
                             record_feature_name((enum record_feature)i));
    return check_finite(record->appearance, header->appearance_length, "appearance", err) &&
           check_finite(record->embedding, header->embedding_length, "embedding", err) &&
           check_logits(header, record, err) && check_candidates(header, record, err);
}

static bool check_truth(const struct record_header *header, const struct record *record, struct error *err)
{
    bool has_boxes = header->type == MODEL_TYPE_DETECTION && record->truth_labels;
    if (record->truth_count > RECORD_TRUTH_MAX)
        return error_set(err, ERR_LIMIT, "it has %" PRIu32 " true labels; %d is the limit",
                         record->truth_count, RECORD_TRUTH_MAX);
    if (record->truth_count > 0 && (!record->truth_labels || (has_boxes && !record->truth_boxes)))
        return error_set(err, ERR_INVALID, "its true %s are missing",
                         record->truth_labels ? "boxes" : "labels");
    for (uint32_t i = 0; has_boxes && i < record->truth_count; i++)
        if (!is_good_box(&record->truth_boxes[i]))
            return error_set(err, ERR_INVALID, "its true box %" PRIu32 " is impossible (%g, %g to %g, %g)", i,
                             (double)record->truth_boxes[i].x_min, (double)record->truth_boxes[i].y_min,
                             (double)record->truth_boxes[i].x_max, (double)record->truth_boxes[i].y_max);
    return true;
}

bool record_check(const struct record_header *header, const struct record *record, struct error *err)
{
    if (!record->source || record->source[0] == '\0')
        return error_set(err, ERR_INVALID, "it has no source");
    return check_truth(header, record, err) && (record->error || check_parts(header, record, err));
}
