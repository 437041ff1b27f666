/* SPDX-License-Identifier: Apache-2.0 */
#include "baseline.h"

#include <math.h>

/* 1 - largest probability. */
double baseline_max_softmax(const struct baseline_subject *subject)
{
    return 1 - subject->scores[subject->predicted];
}

/* 1 - (largest - second largest). */
double baseline_margin(const struct baseline_subject *subject)
{
    double second = 0;
    for (uint32_t c = 0; c < subject->header->classes; c++)
        if (c != subject->predicted)
            second = fmax(second, subject->scores[c]);
    return 1 - (subject->scores[subject->predicted] - second);
}

/* -sum p ln p. */
double baseline_entropy(const struct baseline_subject *subject)
{
    double entropy = 0;
    for (uint32_t c = 0; c < subject->header->classes; c++)
        entropy -= subject->scores[c] > 0 ? subject->scores[c] * log(subject->scores[c]) : 0;
    return entropy;
}

/* -ln sum exp of the logits. */
double baseline_energy(const struct baseline_subject *subject)
{
    return -subject->record->log_sum_exp;
}

/* As published, a filter: hard, or not: c = 1 + sum p ln p / ln n < 0.5. */
double baseline_cross_entropy_filter(const struct baseline_subject *subject)
{
    const double threshold = 0.5;
    uint32_t classes = subject->header->classes;
    return classes > 1 && 1 - baseline_entropy(subject) / log(classes) < threshold;
}
