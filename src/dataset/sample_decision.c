/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/sample_decision.h"

#include <math.h>
#include <string.h>

struct deciding {
    const struct sample *sample;
    const struct sample_decision *decision;
    const struct annotation *labels;
    struct arena *arena;
};

static void take_labels(const struct deciding *deciding, struct sample_decided *ret)
{
    ret->state = SAMPLE_LABELED;
    ret->has_new_annotations = true;
    ret->annotations = deciding->labels;
    ret->annotation_count = deciding->decision->labels.count;
}

/* A confidence is a machine's; what a person confirmed has none. */
static bool confirm_suggestions(const struct deciding *deciding, struct sample_decided *ret,
                                struct error *err)
{
    const struct sample *sample = deciding->sample;
    struct annotation *confirmed =
        arena_array(deciding->arena, sample->annotation_count + 1, sizeof(*confirmed));
    size_t count = 0;
    if (!confirmed)
        return error_no_memory(err);
    for (size_t i = 0; i < sample->annotation_count; i++) {
        if (!sample->annotations[i].is_suggested)
            continue;
        confirmed[count] = sample->annotations[i];
        confirmed[count].is_suggested = false;
        confirmed[count].confidence = (double)NAN;
        confirmed[count].annotated_by = deciding->decision->decided_by;
        confirmed[count++].created_ms = 0;
    }
    if (count == 0)
        return error_set(err, ERR_CONFLICT, "sample '%s' is %s and has no suggestion to confirm; give labels",
                         sample->id, sample->state);
    ret->state = SAMPLE_LABELED;
    ret->has_new_annotations = true;
    ret->annotations = confirmed;
    ret->annotation_count = count;
    return true;
}

static bool decide_confirm(const struct deciding *deciding, struct sample_decided *ret, struct error *err)
{
    if (deciding->decision->labels.count == 0)
        return confirm_suggestions(deciding, ret, err);
    take_labels(deciding, ret);
    return true;
}

static bool decide_reject(const struct deciding *deciding, struct sample_decided *ret, struct error *err)
{
    const struct sample *sample = deciding->sample;
    ret->is_hard = false;
    if (deciding->decision->labels.count > 0) {
        take_labels(deciding, ret);
        return true;
    }
    if (strcmp(sample->state, SAMPLE_LABELED) == 0)
        return error_set(err, ERR_CONFLICT,
                         "sample '%s' is labeled: there is no suggestion to reject; clear-hard takes its "
                         "mark off, labels replace its own",
                         sample->id);
    ret->state = SAMPLE_UNLABELED;
    ret->has_new_annotations = sample->annotation_count > 0;
    return true;
}

static bool decide_mark_hard(const struct deciding *deciding, struct sample_decided *ret, struct error *err)
{
    (void)deciding, (void)err;
    ret->is_hard = true;
    return true;
}

static bool decide_clear_hard(const struct deciding *deciding, struct sample_decided *ret, struct error *err)
{
    (void)deciding, (void)err;
    ret->is_hard = false;
    return true;
}

static bool decide_exclude(const struct deciding *deciding, struct sample_decided *ret, struct error *err)
{
    (void)deciding, (void)err;
    ret->is_excluded = true;
    return true;
}

static bool decide_include(const struct deciding *deciding, struct sample_decided *ret, struct error *err)
{
    (void)deciding, (void)err;
    ret->is_excluded = false;
    return true;
}

typedef bool decide_function(const struct deciding *deciding, struct sample_decided *ret, struct error *err);

static const struct {
    decide_function *decide;
    bool takes_labels;
} actions[] = {
    [SAMPLE_CONFIRM] = {decide_confirm, true},      [SAMPLE_REJECT] = {decide_reject, true},
    [SAMPLE_MARK_HARD] = {decide_mark_hard, false}, [SAMPLE_CLEAR_HARD] = {decide_clear_hard, false},
    [SAMPLE_EXCLUDE] = {decide_exclude, false},     [SAMPLE_INCLUDE] = {decide_include, false},
};
_Static_assert(sizeof(actions) / sizeof(actions[0]) == SAMPLE_INCLUDE + 1, "one row per action");

bool sample_decide(const struct sample *sample, const struct sample_decision *decision,
                   const struct annotation *labels, struct arena *arena, struct sample_decided *ret,
                   struct error *err)
{
    struct deciding deciding = {sample, decision, labels, arena};
    struct sample_decided decided = {
        .state = sample->state, .is_hard = sample->is_hard, .is_excluded = sample->is_excluded};
    if (decision->labels.count > 0 && !actions[decision->action].takes_labels)
        return error_set(err, ERR_INVALID, "labels go with confirm and reject only");
    if (!actions[decision->action].decide(&deciding, &decided, err))
        return false;
    decided.is_changed = decided.has_new_annotations || strcmp(decided.state, sample->state) != 0 ||
                         decided.is_hard != sample->is_hard || decided.is_excluded != sample->is_excluded;
    *ret = decided;
    return true;
}
