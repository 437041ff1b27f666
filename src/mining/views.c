/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/views.h"

#include "mining/choose.h"
#include "mining/combine.h"
#include "mining/select.h"
#include "mining/signals.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct spending {
    struct mining_view_work *work;
    const struct mining_reference *reference;
    const double *coefficients;
    struct select_ranked *order; /* of images whose fate copies can change, hardest first */
    uint64_t count, analysed;
    double left; /* copies that may still be inferred */
};

static uint32_t place_of(const struct augment_settings *settings, const struct augment_op *op)
{
    uint32_t place = 0;
    while (place < settings->count && settings->ops[place].op != op)
        place++;
    return place;
}

static const struct view_reference *reference_of(const struct mining_view_work *work,
                                                 const struct augment_op *op)
{
    return &work->references[op->reason - AUGMENT_REASON_FIRST];
}

/* The most that the method can say. */
static double most_worth(const struct mining_view_work *work)
{
    double most = 0;
    for (uint32_t i = 0; i < work->active.count; i++)
        most = fmax(most, reference_of(work, work->active.ops[i].op)->worth);
    return most;
}

/* An image whose coefficient does not rise to this cannot come into the list: the threshold, or the last that
 * may be listed as coefficients are now, which only rise. */
static double cut_of(struct spending *spending)
{
    const struct mining_plan *plan = spending->work->plan;
    uint64_t reach = choose_reach(plan, spending->analysed);
    double last = reach <= spending->count ? spending->order[reach - 1].coefficient : 0;
    return fmax(plan->threshold, last);
}

static bool rank_images(struct spending *spending, struct error *err)
{
    uint64_t images = record_set_count(spending->work->input->records);
    spending->order = calloc(images + 1, sizeof(*spending->order));
    if (!spending->order)
        return error_no_memory(err);
    for (uint64_t i = 0; i < images; i++)
        if (!isnan(spending->coefficients[i]))
            spending->order[spending->count++] = (struct select_ranked){spending->coefficients[i], i};
    spending->analysed = spending->count;
    select_sort(spending->order, spending->count);
    double cut = cut_of(spending), worth = most_worth(spending->work);
    double weight = spending->work->plan->weights[METHOD_AUG_CONSISTENT];
    while (!spending->work->plan->augments_all && spending->count > 0 &&
           combine_with(spending->order[spending->count - 1].coefficient, weight, worth) < cut)
        spending->count--;
    return true;
}

/* Wants these operations of the first `images` in the order. */
static void want(struct spending *spending, uint64_t images, uint16_t bits)
{
    for (uint64_t i = 0; i < images; i++) {
        uint16_t *wanted = &spending->work->wanted[spending->order[i].record];
        spending->left -= __builtin_popcount((unsigned)bits & ~(unsigned)*wanted);
        *wanted = (uint16_t)(*wanted | bits);
    }
}

static bool measure(const struct spending *spending, struct error *err)
{
    const struct mining_view_work *work = spending->work;
    const struct mining_views *views = work->input->views;
    return views->measure(views->state, false, &work->plan->augment, work->wanted, err);
}

static uint64_t affordable(double copies, uint64_t each, uint64_t most)
{
    double images = copies > 0 && each > 0 ? floor(copies / (double)each) : 0;
    return images < (double)most ? (uint64_t)images : most;
}

/* Strength of one operation in one image; NaN when it was not measured. */
static double strength_of(const struct mining_reference *reference, const struct record *record,
                          const struct view *views, uint8_t reason)
{
    const struct rule_subject subject = {.reference = &reference->rules, .record = record, .views = views};
    if (!view_is_measured(&views[reason - AUGMENT_REASON_FIRST]))
        return (double)NAN;
    return all_rules[reason]->strength(all_rules[reason], &subject);
}

static bool is_any_wanted(const struct mining_view_work *work, uint32_t shard)
{
    const struct record_set *records = work->input->records;
    for (uint64_t i = record_set_shard_first(records, shard); i < record_set_shard_end(records, shard); i++)
        if (work->wanted[i])
            return true;
    return false;
}

/* Calls `take` for the images of the run with their views: at least for all that have any. */
typedef void view_taker(void *state, uint64_t record_index, const struct record *record,
                        const struct view *views);
static bool visit(const struct mining_view_work *work, view_taker *take, void *state, struct error *err)
{
    for (uint32_t number = 0; number < record_set_shards(work->input->records); number++) {
        AUTO(record_shard) shard = NULL;
        if (!is_any_wanted(work, number))
            continue;
        if (!record_shard_open(work->input->records, number, &shard, err))
            return false;
        uint32_t count = record_shard_count(shard);
        struct view *rows = calloc((size_t)count * AUGMENT_OPS + 1, sizeof(*rows));
        const struct views_wanted wanted = {false, work->wanted, shard, number};
        bool is_ok = rows ? views_read(work, &wanted, rows, err) : error_no_memory(err);
        for (uint32_t row = 0; is_ok && row < count; row++) {
            struct record record;
            record_shard_get(shard, row, &record);
            if (!record.error)
                take(state, record_shard_first(shard) + row, &record, rows + (size_t)row * AUGMENT_OPS);
        }
        free(rows);
        if (!is_ok)
            return false;
    }
    return true;
}

/* ---- the second round ---- */

struct going_on {
    const struct spending *spending;
    const struct view_reference *first;
    struct select_ranked *order;
    uint64_t count;
};

static void take_first(void *state, uint64_t record_index, const struct record *record,
                       const struct view *views)
{
    struct going_on *going_on = state;
    const struct spending *spending = going_on->spending;
    uint8_t reason = going_on->first->setting.op->reason;
    double strength = strength_of(spending->reference, record, views, reason);
    if (!(strength >= VIEWS_GO_ON_FROM * going_on->first->worth))
        return;
    double weight = spending->work->plan->weights[METHOD_AUG_CONSISTENT];
    double hardness = combine_with(spending->coefficients[record_index], weight, strength);
    going_on->order[going_on->count++] = (struct select_ranked){hardness, record_index};
}

/* The images whose answer changed take the place of those of the first round. */
static bool go_on(struct spending *spending, const struct view_reference *first, struct error *err)
{
    struct going_on going_on = {.spending = spending, .first = first};
    going_on.order = calloc(spending->analysed + 1, sizeof(*going_on.order));
    if (!going_on.order)
        return error_no_memory(err);
    bool is_done = visit(spending->work, take_first, &going_on, err);
    select_sort(going_on.order, going_on.count);
    free(spending->order);
    spending->order = going_on.order;
    spending->count = going_on.count;
    return is_done;
}

/* ---- the rounds ---- */

static const struct view_reference *most_telling(const struct mining_view_work *work)
{
    const struct view_reference *best = NULL;
    for (uint32_t i = 0; i < work->active.count; i++) {
        const struct view_reference *one = reference_of(work, work->active.ops[i].op);
        if (!best || one->worth > best->worth)
            best = one;
    }
    return best;
}

uint16_t views_active_bits(const struct mining_view_work *work)
{
    uint16_t bits = 0;
    for (uint32_t i = 0; i < work->active.count; i++)
        bits = (uint16_t)(bits | 1U << place_of(&work->plan->augment, work->active.ops[i].op));
    return bits;
}

static bool spend(struct spending *spending, struct error *err)
{
    struct mining_view_work *work = spending->work;
    const struct view_reference *first = most_telling(work);
    if (!first)
        return true;
    uint16_t all = views_active_bits(work),
             one = (uint16_t)(1U << place_of(&work->plan->augment, first->setting.op));
    uint64_t others = work->active.count - 1;
    if (work->plan->augments_all || spending->left >= (double)(spending->count * work->active.count)) {
        want(spending, spending->count, all);
        return measure(spending, err);
    }
    double for_first = others > 0 ? VIEWS_FIRST_SHARE * spending->left : spending->left;
    want(spending, affordable(for_first, 1, spending->count), one);
    if (!measure(spending, err))
        return false;
    if (others == 0)
        return true;
    if (!go_on(spending, first, err))
        return false;
    want(spending, affordable(spending->left, others, spending->count), all);
    return measure(spending, err);
}

/* ---- the end ---- */

struct folding {
    const struct mining_view_work *work;
    const struct mining_reference *reference;
    double *coefficients, *strengths; /* strengths may be NULL */
    uint64_t missing;
};

static double combine(const struct mining_view_work *work, const double strengths[AUGMENT_OPS])
{
    double worths[AUGMENT_OPS];
    for (int i = 0; i < AUGMENT_OPS; i++)
        worths[i] = work->references[i].worth;
    return combine_views(&work->active, worths, strengths);
}

static void strengths_of(const struct mining_reference *reference, const struct record *record,
                         const struct view *views, double ret[AUGMENT_OPS])
{
    for (int i = 0; i < AUGMENT_OPS; i++)
        ret[i] = strength_of(reference, record, views, (uint8_t)(AUGMENT_REASON_FIRST + i));
}

double views_strength(const struct mining_view_work *work, const struct mining_reference *reference,
                      const struct record *record, const struct view *views)
{
    double strengths[AUGMENT_OPS];
    strengths_of(reference, record, views, strengths);
    return combine(work, strengths);
}

static void fold(void *state, uint64_t record_index, const struct record *record, const struct view *views)
{
    struct folding *folding = state;
    const struct mining_view_work *work = folding->work;
    double strengths[AUGMENT_OPS], *coefficient = &folding->coefficients[record_index];
    strengths_of(folding->reference, record, views, strengths);
    *coefficient =
        combine_with(*coefficient, work->plan->weights[METHOD_AUG_CONSISTENT], combine(work, strengths));
    if (work->signals)
        signals_add_views(work, folding->reference, views, &work->signals[record_index]);
    for (uint32_t i = 0; i < work->active.count; i++) {
        const struct augment_op *op = work->active.ops[i].op;
        size_t place = (size_t)op->reason - AUGMENT_REASON_FIRST;
        if (isnan(strengths[place]))
            folding->missing += work->wanted[record_index] >> place_of(&work->plan->augment, op) & 1U;
        else if (folding->strengths)
            folding->strengths[record_index * AUGMENT_OPS + place] = strengths[place];
    }
}

static uint64_t copies_wanted(const struct mining_view_work *work)
{
    uint64_t copies = 0;
    for (uint64_t i = 0; i < record_set_count(work->input->records); i++)
        copies += (uint64_t)__builtin_popcount(work->wanted[i]);
    return copies;
}

bool views_apply(struct mining_view_work *work, const struct mining_reference *reference,
                 double *coefficients, double *strengths, struct error *err)
{
    struct spending spending = {.work = work, .reference = reference, .coefficients = coefficients};
    struct folding folding = {.work = work, .reference = reference};
    folding.coefficients = coefficients;
    folding.strengths = strengths;
    if (!work->is_on || work->active.count == 0)
        return true;
    bool is_done = rank_images(&spending, err);
    spending.left = work->plan->augment_budget * (double)spending.analysed - (double)copies_wanted(work);
    is_done = is_done && spend(&spending, err);
    free(spending.order);
    is_done = is_done && visit(work, fold, &folding, err);
    work->missing += folding.missing;
    return is_done;
}

bool views_read(const struct mining_view_work *work, const struct views_wanted *wanted, struct view *ret,
                struct error *err)
{
    const struct mining_views *views = work->input->views;
    uint32_t count = record_shard_count(wanted->shard);
    uint64_t first = record_shard_first(wanted->shard);
    struct view *rows = calloc((size_t)count + 1, sizeof(*rows));
    bool is_ok = rows || error_no_memory(err);
    for (size_t i = 0; i < (size_t)count * AUGMENT_OPS; i++)
        ret[i] = view_missing();
    for (uint32_t i = 0; is_ok && i < work->active.count; i++) {
        const struct augment_setting *setting = &work->active.ops[i];
        uint32_t bit = place_of(&work->plan->augment, setting->op);
        const struct mining_view_query query = {wanted->of_training, setting, wanted->shard, wanted->number};
        is_ok = views->read(views->state, &query, rows, err);
        for (uint32_t row = 0; is_ok && row < count; row++)
            if (wanted->bits[first + row] >> bit & 1)
                ret[(size_t)row * AUGMENT_OPS + setting->op->reason - AUGMENT_REASON_FIRST] = rows[row];
    }
    free(rows);
    return is_ok;
}
