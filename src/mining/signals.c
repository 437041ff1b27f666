/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/signals.h"

#include "rules/families.h"
#include "rules/vote.h"

#include <math.h>

/* Doubts below and beyond these are not told apart. */
static const double doubt_least = 1e-4, doubt_most = 1 - 1e-4;

const char *signal_name(enum signal signal)
{
    static const char *const names[SIGNAL_COUNT] = {
        [SIGNAL_UNSURE] = "unsure",
        [SIGNAL_NOTHING] = "nothing_found",
        [SIGNAL_DISAGREEMENT] = "neighbours_disagree",
        [SIGNAL_RATIO] = "nearer_to_another_class",
        [SIGNAL_SEQUENCE] = "sequence",
        [SIGNAL_DISTRIBUTION] = "distribution",
        [SIGNAL_ANOMALY] = "anomaly",
        [SIGNAL_VIEWS] = "copies_differ",
    };
    return names[signal];
}

static double log_odds(double doubt)
{
    doubt = fmin(fmax(doubt, doubt_least), doubt_most);
    return log(doubt / (1 - doubt));
}

static bool has_one_answer(const struct record_header *header)
{
    return header->type == MODEL_TYPE_CLASSIFICATION && header->activation != ACTIVATION_SIGMOID;
}

static double doubt_of(const struct rule_subject *subject, const double strengths[REASON_COUNT])
{
    if (!has_one_answer(subject->reference->header) || !subject->scores)
        return strengths[1];
    return 1 - subject->scores[subject->predicted];
}

struct signals signals_of(const struct rule_subject *subject, const double strengths[REASON_COUNT])
{
    double loudest = 0;
    for (int i = 0; i < FEATURE_COUNT; i++)
        loudest = fmax(loudest, strengths[FEATURE_RULES_FIRST + i]);
    return (struct signals){
        .values = {[SIGNAL_UNSURE] = (float)log_odds(doubt_of(subject, strengths)),
                   [SIGNAL_NOTHING] = (float)strengths[0],
                   [SIGNAL_DISAGREEMENT] = (float)vote_combined(subject),
                   [SIGNAL_RATIO] = (float)vote_ratio(subject),
                   [SIGNAL_SEQUENCE] = (float)strengths[4],
                   [SIGNAL_DISTRIBUTION] = (float)loudest,
                   [SIGNAL_ANOMALY] = (float)strengths[30]},
        .predicted = subject->predicted,
    };
}

void signals_add_views(const struct mining_view_work *work, const struct mining_reference *reference,
                       const struct record *record, const struct view *views, struct signals *signals)
{
    if (!has_one_answer(reference->rules.header)) {
        signals->values[SIGNAL_VIEWS] = (float)views_strength(work, reference, record, views);
        return;
    }
    double sum = 1 / (1 + exp(-(double)signals->values[SIGNAL_UNSURE])), count = 1;
    for (uint32_t i = 0; i < work->active.count; i++) {
        const struct view *view = &views[work->active.ops[i].op->reason - AUGMENT_REASON_FIRST];
        if (!view_is_measured(view))
            continue;
        sum += fmin(fmax(rule_view_change(reference->rules.header, view), 0), 1);
        count++;
    }
    signals->values[SIGNAL_UNSURE] = (float)log_odds(sum / count);
}
