/* SPDX-License-Identifier: Apache-2.0 */
#include "baseline.h"

#include "demo/filters.h"

#include <math.h>

/* The three filters as numbers to sort by: every threshold they could be given is covered. */
double baseline_threshold_filter(const struct baseline_subject *subject)
{
    return filter_threshold(subject->record->candidates, subject->answers);
}

double baseline_ibt_filter(const struct baseline_subject *subject)
{
    return filter_ibt(subject->record->candidates, subject->answers);
}

double baseline_csf_filter(const struct baseline_subject *subject)
{
    return filter_csf(subject->record->candidates, subject->answers);
}

/* Binary entropy of a score, nats. */
static double entropy_of(double score)
{
    return score <= 0 || score >= 1 ? 0 : -score * log(score) - (1 - score) * log(1 - score);
}

/* Of all candidates that are kept, those below the score threshold too. */
double baseline_entropy_sum(const struct baseline_subject *subject)
{
    double sum = 0;
    for (uint32_t i = 0; i < subject->record->candidate_count; i++)
        sum += entropy_of((double)subject->record->candidates[i].score);
    return sum;
}

double baseline_entropy_max(const struct baseline_subject *subject)
{
    double most = 0;
    for (uint32_t i = 0; i < subject->record->candidate_count; i++)
        most = fmax(most, entropy_of((double)subject->record->candidates[i].score));
    return most;
}
