/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/learn.h"

#include "mining/combine.h"
#include "record/mistake.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A labelled image of the training set. */
struct held_out {
    uint32_t sample; /* of the profile */
    uint64_t record; /* of its record set */
    enum record_verdict verdict;
};
struct learning {
    const struct learn_task *task;
    const struct record_set *training;
    struct held_out *held_out;
    uint32_t held_out_count;
    uint16_t *wanted; /* copies of training images: bits by place in plan->augment; NULL: none */
    struct combiner_row *rows;
    uint32_t count;

    /* The shard that workers take blocks of. */
    const struct record_shard *shard;
    const struct held_out *of_shard;
    uint32_t of_shard_count, first_row;
    float *features;    /* of the shard's records; NULL */
    struct view *views; /* AUGMENT_OPS for each record of the shard; NULL */
    atomic_uint next;
};

static bool is_held_out(const struct profile *profile, uint32_t sample)
{
    const char *usage = profile_usage(profile, sample);
    return usage && (strcmp(usage, "EVAL") == 0 || strcmp(usage, "TEST") == 0);
}

/* ---- which images ---- */

/* Those of one shard, which is opened when it has any; *sample: the first of it, then the first behind it. */
static bool find_in_shard(struct learning *learning, uint32_t number, uint32_t *sample, double *scores,
                          struct error *err)
{
    const struct profile *profile = learning->task->input->profile;
    const struct record_header *header = learning->task->reference->rules.header;
    AUTO(record_shard) shard = NULL;
    uint64_t end = record_set_shard_end(learning->training, number);
    for (; *sample < profile_count(profile) && profile_record(profile, *sample) < end; (*sample)++) {
        struct record record;
        uint64_t at = profile_record(profile, *sample);
        if (!is_held_out(profile, *sample))
            continue;
        if (!shard && !record_shard_open(learning->training, number, &shard, err))
            return false;
        record_shard_get(shard, (uint32_t)(at - record_shard_first(shard)), &record);
        enum record_verdict verdict = record_verdict(header, &record, scores);
        if (verdict != VERDICT_UNKNOWN)
            learning->held_out[learning->held_out_count++] = (struct held_out){*sample, at, verdict};
    }
    return true;
}

/* At most LEARN_HELD_OUT_MAX, evenly spaced. */
static void thin_out(struct learning *learning)
{
    uint64_t count = learning->held_out_count;
    if (count <= LEARN_HELD_OUT_MAX)
        return;
    for (uint64_t i = 0; i < LEARN_HELD_OUT_MAX; i++)
        learning->held_out[i] = learning->held_out[i * count / LEARN_HELD_OUT_MAX];
    learning->held_out_count = LEARN_HELD_OUT_MAX;
}

static bool find_held_out(struct learning *learning, struct error *err)
{
    const struct profile *profile = learning->task->input->profile;
    uint32_t sample = 0, classes = learning->task->reference->rules.header->classes;
    if (!profile || !learning->training)
        return true;
    double *scores = calloc((size_t)classes + 1, sizeof(*scores));
    learning->held_out = calloc((size_t)profile_count(profile) + 1, sizeof(*learning->held_out));
    bool is_done = (scores && learning->held_out) || error_no_memory(err);
    for (uint32_t s = 0; is_done && s < record_set_shards(learning->training); s++)
        is_done = find_in_shard(learning, s, &sample, scores, err);
    free(scores);
    if (is_done)
        thin_out(learning);
    return is_done;
}

/* ---- their copies ---- */

/* All operations that speak. */
static bool copy_held_out(struct learning *learning, uint64_t *ret_copies, struct error *err)
{
    const struct mining_view_work *work = learning->task->view_work;
    const struct mining_views *views = learning->task->input->views;
    uint32_t count = learning->held_out_count;
    uint16_t bits = views_active_bits(work);
    if (!work->is_on || bits == 0 || count == 0)
        return true;
    learning->wanted = calloc(record_set_count(learning->training) + 1, sizeof(*learning->wanted));
    if (!learning->wanted)
        return error_no_memory(err);
    for (uint32_t i = 0; i < count; i++)
        learning->wanted[learning->held_out[i].record] = bits;
    *ret_copies = count * (uint64_t)__builtin_popcount(bits);
    return views->measure(views->state, true, &learning->task->plan->augment, learning->wanted, err);
}

/* ---- their signals ---- */

struct block {
    struct learning *learning;
    uint32_t first;
};

static bool keep_row(void *state, uint32_t place, const struct rule_subject *subject,
                     const double strengths[REASON_COUNT], struct error *err)
{
    (void)err;
    const struct block *block = state;
    const struct learn_task *task = block->learning->task;
    uint32_t at = block->first + place;
    struct combiner_row *row = &block->learning->rows[block->learning->first_row + at];
    row->signals = signals_of(subject, strengths);
    row->fixed = combine_coefficient(task->plan->weights, strengths);
    row->is_wrong = block->learning->of_shard[at].verdict == VERDICT_WRONG;
    if (!subject->views)
        return true;
    signals_add_views(task->view_work, task->reference, subject->views, &row->signals);
    row->fixed =
        combine_with(row->fixed, task->plan->weights[METHOD_AUG_CONSISTENT],
                     views_strength(task->view_work, task->reference, subject->record, subject->views));
    return true;
}

static bool measure_rows(void *state, uint32_t index, struct error *err)
{
    (void)index;
    struct learning *learning = state;
    AUTO(examiner) examiner = examiner_new(learning->task->reference, learning->task->rules);
    if (!examiner)
        return error_no_memory(err);
    for (;;) {
        uint32_t first = atomic_fetch_add(&learning->next, EXAMINE_IMAGES_MAX);
        if (first >= learning->of_shard_count)
            return true;
        if (mining_is_stopped(learning->task->input))
            return error_set(err, ERR_CANCELLED, "mining was stopped");
        uint32_t left = learning->of_shard_count - first;
        struct examine_rows rows = {.count = left < EXAMINE_IMAGES_MAX ? left : EXAMINE_IMAGES_MAX,
                                    .features = learning->features,
                                    .views = learning->views,
                                    .is_training = true};
        for (uint32_t i = 0; i < rows.count; i++) {
            const struct held_out *one = &learning->of_shard[first + i];
            rows.rows[i] = (uint32_t)(one->record - record_shard_first(learning->shard));
            rows.samples[i] = one->sample;
        }
        struct block block = {learning, first};
        if (!examine_block(examiner, learning->shard, &rows, keep_row, &block, err))
            return false;
    }
}

static bool measure_shard(struct learning *learning, uint32_t number, struct error *err)
{
    AUTO(record_shard) shard = NULL;
    uint32_t end = learning->first_row;
    uint64_t past = record_set_shard_end(learning->training, number);
    while (end < learning->held_out_count && learning->held_out[end].record < past)
        end++;
    if (end == learning->first_row)
        return true;
    if (!record_shard_open(learning->training, number, &shard, err))
        return false;
    learning->shard = shard;
    learning->of_shard = learning->held_out + learning->first_row;
    learning->of_shard_count = end - learning->first_row;
    atomic_store(&learning->next, 0);
    bool is_done = true;
    if (learning->wanted) {
        learning->views = calloc((size_t)record_shard_count(shard) * AUGMENT_OPS + 1, sizeof(struct view));
        const struct views_wanted wanted = {true, learning->wanted, shard, number};
        is_done = learning->views ? views_read(learning->task->view_work, &wanted, learning->views, err)
                                  : error_no_memory(err);
    }
    if (is_done)
        is_done = mining_shard_features(learning->task->input, true, number, record_shard_count(shard),
                                        &learning->features, err) &&
                  workers_run(learning->task->input->threads, measure_rows, learning, err);
    free(learning->features);
    learning->features = NULL;
    free(learning->views);
    learning->views = NULL;
    learning->first_row = end;
    return is_done;
}

static bool measure_held_out(struct learning *learning, struct error *err)
{
    for (uint32_t s = 0; learning->first_row < learning->held_out_count; s++)
        if (!measure_shard(learning, s, err))
            return false;
    learning->count = learning->held_out_count;
    return true;
}

/* ---- what people said of the run ---- */

static uint32_t add_confirmed(struct learning *learning, const double *coefficients)
{
    const struct learn_task *task = learning->task;
    const uint8_t *verdicts = task->input->verdicts;
    uint64_t images = record_set_count(task->input->records), all = 0, taken = 0;
    for (uint64_t i = 0; i < images; i++)
        all += !isnan(coefficients[i]) && verdicts[i] != VERDICT_UNKNOWN;
    for (uint64_t i = 0, seen = 0; i < images; i++) {
        if (isnan(coefficients[i]) || verdicts[i] == VERDICT_UNKNOWN)
            continue;
        seen++;
        /* Evenly spaced when there are too many. */
        if (all > LEARN_CONFIRMED_MAX &&
            seen * LEARN_CONFIRMED_MAX / all == (seen - 1) * LEARN_CONFIRMED_MAX / all)
            continue;
        learning->rows[learning->count++] =
            (struct combiner_row){task->signals[i], coefficients[i], verdicts[i] == VERDICT_WRONG, true};
        taken++;
    }
    return (uint32_t)taken;
}

/* ---- all together ---- */

static void judge(struct learned *learned, bool is_fitted)
{
    const struct combiner *combiner = &learned->combiner;
    if (combiner->rows == 0)
        (void)snprintf(learned->why, sizeof(learned->why),
                       "the training manifest has no labelled images of usage EVAL or TEST, and nobody has "
                       "confirmed images of this run");
    else if (!is_fitted)
        (void)snprintf(
            learned->why, sizeof(learned->why),
            "of %u labelled images %u predictions are wrong; at least %d right and %d wrong are needed",
            combiner->rows, combiner->wrong, COMBINER_WRONG_MIN, COMBINER_WRONG_MIN);
    else if (combiner->auroc_learned < combiner->auroc_fixed)
        (void)snprintf(learned->why, sizeof(learned->why),
                       "on images it did not see it ranks worse (AUROC %.3f) than the fixed weights (%.3f)",
                       combiner->auroc_learned, combiner->auroc_fixed);
    else
        learned->is_used = true;
}

static bool learn(struct learning *learning, double *coefficients, struct learned *ret, struct error *err)
{
    const struct learn_task *task = learning->task;
    bool is_fitted = false;
    if (!find_held_out(learning, err) || !copy_held_out(learning, &ret->copies, err))
        return false;
    learning->rows =
        calloc((size_t)learning->held_out_count + LEARN_CONFIRMED_MAX + 1, sizeof(*learning->rows));
    if (!learning->rows)
        return error_no_memory(err);
    if (!measure_held_out(learning, err))
        return false;
    ret->held_out = learning->held_out_count;
    if (task->input->verdicts)
        ret->confirmed = add_confirmed(learning, coefficients);
    if (!combiner_fit(learning->rows, learning->count, task->reference->rules.header->classes, &ret->combiner,
                      &is_fitted, err))
        return false;
    judge(ret, is_fitted);
    for (uint64_t i = 0; ret->is_used && i < record_set_count(task->input->records); i++)
        if (coefficients[i] > 0)
            coefficients[i] = combiner_probability(&ret->combiner, &task->signals[i], coefficients[i]);
    return true;
}

bool learn_apply(const struct learn_task *task, double *coefficients, struct learned *ret, struct error *err)
{
    struct learning learning = {
        .task = task, .training = task->input->views ? task->input->views->training : task->input->training};
    *ret = (struct learned){0};
    if (!task->plan->learns) {
        (void)snprintf(ret->why, sizeof(ret->why), "%s", task->plan->learns_not);
        return true;
    }
    bool is_done = learn(&learning, coefficients, ret, err);
    free(learning.held_out);
    free(learning.wanted);
    free(learning.rows);
    return is_done;
}

void learned_release(struct learned *learned)
{
    combiner_release(&learned->combiner);
    *learned = (struct learned){0};
}
