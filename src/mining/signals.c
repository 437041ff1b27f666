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
        [SIGNAL_BOXES] = "boxes",
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
    if (subject->reference->header->type == MODEL_TYPE_DETECTION)
        return fmax(strengths[0], strengths[1]); /* one of them speaks, by whether there is a box */
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
                   [SIGNAL_ANOMALY] = (float)strengths[30],
                   [SIGNAL_BOXES] = (float)log1p((double)subject->box_count)},
        .predicted = subject->predicted,
    };
}

/* What of the answer changed in a copy, 0 to 1. Boxes that came or went count by their scores, not beside the
 * others: in a crowd one more is as much of a sign. */
static double copy_change(const struct record_header *header, const struct view *view)
{
    if (header->type == MODEL_TYPE_DETECTION)
        return -expm1(-(double)(view->lost + view->gained));
    if (!has_one_answer(header))
        return (double)view->changed;
    return fmin(fmax(rule_view_change(header, view), 0), 1);
}

void signals_add_views(const struct mining_view_work *work, const struct mining_reference *reference,
                       const struct view *views, struct signals *signals)
{
    const struct record_header *header = reference->rules.header;
    double sum = 0, count = 0;
    for (uint32_t i = 0; i < work->active.count; i++) {
        const struct view *view = &views[work->active.ops[i].op->reason - AUGMENT_REASON_FIRST];
        if (!view_is_measured(view))
            continue;
        sum += copy_change(header, view);
        count++;
    }
    if (count == 0)
        return;
    if (!has_one_answer(header)) {
        signals->values[SIGNAL_VIEWS] = (float)(sum / count);
        return;
    }
    double alone = 1 / (1 + exp(-(double)signals->values[SIGNAL_UNSURE]));
    signals->values[SIGNAL_UNSURE] = (float)log_odds((alone + sum) / (1 + count));
}
