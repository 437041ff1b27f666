/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/views.h"

#include "evaluate/ranking.h"
#include "record/mistake.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The answers of one operation's trial. */
struct trial {
    double *changes;
    bool *is_wrong;
    uint32_t count, wrong;
    uint64_t missing;
    double upset; /* sum over the right ones */
};
struct trials {
    struct mining_view_work *work;
    const struct record_header *header;
    const struct record_set *records;
    bool of_training;
    uint16_t asked; /* operations that the settings let speak, by place */
    uint16_t *wanted;
    double *scores;
    uint32_t sample;
    struct trial ops[AUGMENT_OPS]; /* by place in plan->augment */
};

/* Evenly spaced over the records. */
static void choose_sample(struct trials *trials)
{
    uint64_t count = record_set_count(trials->records);
    for (uint32_t i = 0; i < trials->sample; i++)
        trials->wanted[(uint64_t)i * count / trials->sample] = trials->asked;
}

static void take_view(struct trials *trials, uint32_t op, const struct view *view,
                      enum record_verdict verdict)
{
    struct trial *trial = &trials->ops[op];
    double change = rule_view_change(trials->header, view);
    bool is_wrong = verdict == VERDICT_WRONG;
    trial->changes[trial->count] = change;
    trial->is_wrong[trial->count++] = is_wrong;
    trial->wrong += is_wrong;
    if (is_wrong)
        return;
    bool is_another_class = view->kept < view->score;
    trial->upset += trials->header->type == MODEL_TYPE_DETECTION ? change : is_another_class;
}

static bool read_shard(struct trials *trials, uint32_t number, struct error *err)
{
    const struct mining_views *views = trials->work->input->views;
    const struct augment_settings *settings = &trials->work->plan->augment;
    AUTO(record_shard) shard = NULL;
    if (!record_shard_open(trials->records, number, &shard, err))
        return false;
    uint32_t count = record_shard_count(shard);
    struct view *rows = calloc((size_t)count + 1, sizeof(*rows));
    bool is_ok = rows || error_no_memory(err);
    for (uint32_t op = 0; is_ok && op < settings->count; op++) {
        if (!(trials->asked >> op & 1))
            continue;
        const struct mining_view_query query = {trials->of_training, &settings->ops[op], shard, number};
        is_ok = views->read(views->state, &query, rows, err);
        for (uint32_t row = 0; is_ok && row < count; row++) {
            struct record record;
            if (!(trials->wanted[record_shard_first(shard) + row] >> op & 1))
                continue;
            record_shard_get(shard, row, &record);
            if (record.error)
                continue;
            if (!view_is_measured(&rows[row]))
                trials->ops[op].missing++;
            else
                take_view(trials, op, &rows[row], record_verdict(trials->header, &record, trials->scores));
        }
    }
    free(rows);
    return is_ok;
}

static bool telling_of(const struct trial *trial, double *ret, struct error *err)
{
    struct ranking ranking = {.auroc = (double)NAN};
    bool is_known = trial->wrong >= VIEW_TELLING_MIN && trial->count - trial->wrong >= VIEW_TELLING_MIN;
    if (is_known && !evaluate_ranking(trial->changes, trial->is_wrong, trial->count, &ranking, err))
        return false;
    *ret = ranking.auroc;
    return true;
}

/* Leaves the changes of right answers alone, ascending. */
static void keep_right(struct trial *trial)
{
    uint32_t right = 0;
    for (uint32_t i = 0; i < trial->count; i++)
        if (!trial->is_wrong[i])
            trial->changes[right++] = trial->changes[i];
    trial->count = right;
    mining_sort_numbers(trial->changes, right);
}

static void say_off(const struct trials *trials, struct view_reference *reference)
{
    const char *whose = trials->of_training ? "right training predictions" : "the run's predictions";
    bool is_detector = trials->header->type == MODEL_TYPE_DETECTION;
    if (reference->count < VIEW_REFERENCE_MIN)
        (void)snprintf(
            reference->off, sizeof(reference->off),
            "only %u of %s could be tried, at least %d are needed: images gone, or aug_budget too small",
            reference->count, whose, VIEW_REFERENCE_MIN);
    else if (!(reference->worth >= VIEWS_TELLING_WORTH) && reference->upset >= RULE_UPSET_MAX)
        (void)snprintf(reference->off, sizeof(reference->off),
                       "it changes %s%.0f %% of %s: it means something else to them",
                       is_detector ? "boxes and scores by " : "", reference->upset * 100, whose);
    else if (!(reference->worth >= VIEWS_TELLING_WORTH))
        (void)snprintf(
            reference->off, sizeof(reference->off),
            "on the training images it does not tell wrong predictions from right ones (AUROC %.2f)",
            reference->telling);
}

static bool judge(struct trials *trials, uint32_t op, struct error *err)
{
    struct mining_view_work *work = trials->work;
    const struct augment_setting *setting = &work->plan->augment.ops[op];
    struct trial *trial = &trials->ops[op];
    uint32_t place = setting->op->reason - (uint32_t)AUGMENT_REASON_FIRST;
    struct view_reference *reference = &work->references[place];
    reference->setting = *setting;
    if (!work->plan->may_speak[setting->op->reason]) {
        (void)snprintf(reference->off, sizeof(reference->off), "switched off by the setting reasons");
        return true;
    }
    if (!telling_of(trial, &reference->telling, err))
        return false;
    keep_right(trial);
    reference->changes = trial->changes;
    reference->count = trial->count;
    reference->is_batch = !trials->of_training;
    reference->upset = trial->count > 0 ? trial->upset / trial->count : 0;
    reference->worth = rule_view_worth(reference->telling, reference->upset);
    work->changes[place] = trial->changes;
    trial->changes = NULL;
    say_off(trials, reference);
    if (!reference->off[0])
        work->active.ops[work->active.count++] = *setting;
    /* Those of the run are counted with the others of an operation that speaks. */
    if (trials->of_training || reference->off[0])
        work->missing += trial->missing;
    return true;
}

static bool make_room(struct trials *trials, struct error *err)
{
    const struct augment_settings *settings = &trials->work->plan->augment;
    uint64_t count = record_set_count(trials->records);
    trials->wanted = calloc(count + 1, sizeof(*trials->wanted));
    trials->scores = calloc((size_t)trials->header->classes + 1, sizeof(double));
    bool has_room = trials->wanted && trials->scores;
    for (uint32_t i = 0; i < settings->count; i++) {
        trials->ops[i].changes = calloc((size_t)trials->sample + 1, sizeof(double));
        trials->ops[i].is_wrong = calloc((size_t)trials->sample + 1, sizeof(bool));
        has_room = has_room && trials->ops[i].changes && trials->ops[i].is_wrong;
    }
    return has_room || error_no_memory(err);
}

static uint16_t asked_bits(const struct mining_plan *plan)
{
    uint16_t bits = 0;
    for (uint32_t i = 0; i < plan->augment.count; i++)
        if (plan->may_speak[plan->augment.ops[i].op->reason])
            bits = (uint16_t)(bits | 1U << i);
    return bits;
}

static bool run_trials(struct trials *trials, struct error *err)
{
    struct mining_view_work *work = trials->work;
    const struct mining_views *views = work->input->views;
    if (!make_room(trials, err))
        return false;
    choose_sample(trials);
    if (!views->measure(views->state, trials->of_training, &work->plan->augment, trials->wanted, err))
        return false;
    for (uint32_t shard = 0; shard < record_set_shards(trials->records); shard++)
        if (!read_shard(trials, shard, err))
            return false;
    for (uint32_t i = 0; i < work->plan->augment.count; i++)
        if (!judge(trials, i, err))
            return false;
    if (trials->of_training)
        work->sampled = (uint64_t)trials->sample * (uint64_t)__builtin_popcount(trials->asked);
    else
        memcpy(work->wanted, trials->wanted, record_set_count(trials->records) * sizeof(*work->wanted));
    return true;
}

static uint32_t sample_size(const struct trials *trials)
{
    const struct mining_plan *plan = trials->work->plan;
    uint64_t count = record_set_count(trials->records);
    uint64_t most = VIEWS_SAMPLE_MAX;
    if (!trials->of_training) {
        int asked = __builtin_popcount(trials->asked);
        double share = VIEWS_FIRST_SHARE * plan->augment_budget * (double)count / asked;
        most = share < VIEWS_BATCH_SAMPLE_MAX ? (uint64_t)share : VIEWS_BATCH_SAMPLE_MAX;
    }
    return (uint32_t)(count < most ? count : most);
}

bool views_try(const struct mining_input *input, const struct mining_plan *plan,
               struct mining_reference *reference, struct mining_view_work *ret, struct error *err)
{
    *ret = (struct mining_view_work){.input = input, .plan = plan};
    uint16_t asked = asked_bits(plan);
    if (!input->views || !(plan->augment_budget > 0) || !(plan->weights[METHOD_AUG_CONSISTENT] > 0) ||
        asked == 0)
        return true;
    bool of_training = input->views->training != NULL;
    struct trials trials = {.work = ret,
                            .header = reference->rules.header,
                            .records = of_training ? input->views->training : input->records,
                            .of_training = of_training,
                            .asked = asked};
    ret->wanted = calloc(record_set_count(input->records) + 1, sizeof(*ret->wanted));
    if (!ret->wanted)
        return error_no_memory(err);
    trials.sample = sample_size(&trials);
    ret->is_on = true;
    bool is_done = run_trials(&trials, err);
    for (uint32_t i = 0; i < AUGMENT_OPS; i++) {
        free(trials.ops[i].changes);
        free(trials.ops[i].is_wrong);
    }
    free(trials.wanted);
    free(trials.scores);
    reference->rules.views = ret->references;
    return is_done;
}

void views_release(struct mining_view_work *work)
{
    for (int i = 0; i < AUGMENT_OPS; i++)
        free(work->changes[i]);
    free(work->wanted);
    *work = (struct mining_view_work){0};
}
