/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/estimate.h"

#include "mining/choose.h"
#include "mining/combine.h"
#include "mining/select.h"
#include "mining/views.h"
#include "record/npy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool new_strengths(double *values, uint64_t images, struct mining_strengths **ret, struct error *err)
{
    struct mining_strengths *strengths = values ? malloc(sizeof(*strengths)) : NULL;
    if (!strengths) {
        free(values);
        return error_no_memory(err);
    }
    *strengths = (struct mining_strengths){images, values};
    *ret = strengths;
    return true;
}

struct mining_strengths *mining_strengths_free(struct mining_strengths *strengths)
{
    if (strengths)
        free(strengths->values);
    free(strengths);
    return NULL;
}

bool mining_strengths_measure(const struct mining_input *input, const char *sequence_order,
                              struct mining_strengths **ret, struct error *err)
{
    /* Any weight above 0 lets a method be measured; at a threshold of 1 few are explained, one at most. */
    const struct mining_settings all = {.comprehensive_algo_config = MINING_DEFAULT_ALGO_CONFIG,
                                        .algo_hard_threshold = 1,
                                        .top = "1",
                                        .reasons = "all",
                                        .sequence_order = sequence_order};
    struct mining_input whole = *input;
    struct mining_result result = {0};
    uint64_t images = record_set_count(input->records);
    if (images > STRENGTHS_IMAGES_MAX)
        return error_set(err, ERR_LIMIT, "an estimate takes runs of up to %d images, this one has %llu",
                         STRENGTHS_IMAGES_MAX, (unsigned long long)images);
    whole.keeps_strengths = true;
    if (!mining_run(&whole, &all, &result, err))
        return false;
    double *values = result.strengths;
    result.strengths = NULL;
    mining_result_release(&result);
    return new_strengths(values, images, ret, err);
}

bool mining_strengths_put(struct store *store, const char *key, const double *values, uint64_t images,
                          struct error *err)
{
    const struct npy_array array = {NPY_F8, images, STRENGTHS_COLUMNS, values};
    return npy_put(store, key, &array, err);
}

bool mining_strengths_get(struct store *store, const char *key, uint64_t images,
                          struct mining_strengths **ret, struct error *err)
{
    struct store_map map;
    struct npy_array array;
    if (!store_map(store, key, &map, err))
        return false;
    bool is_read = npy_read(map.bytes, &array, err);
    bool fits = is_read && array.type == NPY_F8 && array.rows == images && array.columns == STRENGTHS_COLUMNS;
    double *values = fits ? malloc((images * STRENGTHS_COLUMNS + 1) * sizeof(*values)) : NULL;
    if (values)
        memcpy(values, array.data, images * STRENGTHS_COLUMNS * sizeof(*values));
    store_map_release(&map);
    if (is_read && !fits)
        return error_set(err, ERR_INVALID, "%s is not of this run", key);
    return is_read && new_strengths(values, images, ret, err);
}

/* ---- the estimate ---- */

struct estimating {
    const struct mining_estimate_source *source;
    struct mining_plan plan;
    double *coefficients, *view_strengths; /* view_strengths: AUGMENT_OPS for each record; NULL: no copies */
    double speaks_from[REASON_COUNT];
    struct mining_estimate estimate;
};

/* Reasons that the plan leaves out add nothing; aug_consistent_mining is added later. */
static void hear(const struct estimating *estimating, uint64_t record, double heard[REASON_COUNT])
{
    const double *row = estimating->source->strengths->values + record * STRENGTHS_COLUMNS;
    for (int i = 0; i < REASON_COUNT; i++)
        heard[i] = estimating->plan.may_speak[i] ? row[i] : 0;
    for (int i = 0; i < AUGMENT_OPS; i++)
        heard[AUGMENT_REASON_FIRST + i] =
            estimating->view_strengths ? estimating->view_strengths[record * AUGMENT_OPS + (uint64_t)i] : 0;
}

static void combine_all(struct estimating *estimating)
{
    double heard[REASON_COUNT];
    const struct mining_strengths *strengths = estimating->source->strengths;
    for (uint64_t i = 0; i < strengths->images; i++) {
        hear(estimating, i, heard);
        estimating->coefficients[i] = isnan(strengths->values[i * STRENGTHS_COLUMNS])
                                          ? (double)NAN
                                          : combine_coefficient(estimating->plan.weights, heard);
    }
}

static bool add_views(struct estimating *estimating, struct error *err)
{
    const struct mining_estimate_source *source = estimating->source;
    rule_speaks_from(&(const struct rule_reference){0}, estimating->speaks_from);
    if (!source->views)
        return true;
    const struct mining_input input = {.records = source->records, .views = source->views};
    struct mining_reference reference = {.rules = {.header = record_set_header(source->records)}};
    struct mining_view_work work = {0};
    double *strengths = calloc(source->strengths->images * AUGMENT_OPS + 1, sizeof(*strengths));
    bool is_done = strengths ? views_try(&input, &estimating->plan, &reference, &work, err) &&
                                   views_apply(&work, &reference, estimating->coefficients, strengths, err)
                             : error_no_memory(err);
    if (is_done)
        rule_speaks_from(&reference.rules, estimating->speaks_from);
    estimating->view_strengths = strengths;
    estimating->estimate.copies_missing = work.missing;
    views_release(&work);
    return is_done;
}

/* What was learned takes the place of the fixed weights, as in mining_run. */
static void take_learned(struct estimating *estimating)
{
    const struct mining_strengths *strengths = estimating->source->strengths;
    for (uint64_t i = 0; estimating->plan.learns && i < strengths->images; i++) {
        double learned = strengths->values[i * STRENGTHS_COLUMNS + STRENGTHS_LEARNED];
        if (!isnan(learned) && estimating->coefficients[i] > 0)
            estimating->coefficients[i] = learned;
    }
}

static void count_coefficients(struct estimating *estimating)
{
    struct mining_estimate *estimate = &estimating->estimate;
    for (uint64_t i = 0; i < estimate->images; i++) {
        double coefficient = estimating->coefficients[i];
        if (isnan(coefficient))
            continue;
        estimate->bins[report_bin(coefficient, 0, 1)]++;
        estimate->analysed++;
    }
}

static void count_reasons(struct estimating *estimating, const uint64_t *hard)
{
    struct mining_reason reasons[REASON_COUNT];
    double heard[REASON_COUNT];
    for (uint64_t i = 0; i < estimating->estimate.hard; i++) {
        hear(estimating, hard[i], heard);
        uint32_t count = combine_reasons(estimating->speaks_from, estimating->plan.weights, heard, reasons);
        for (uint32_t r = 0; r < count; r++)
            estimating->estimate.reasons[reasons[r].id]++;
    }
}

/* The list as mining_run would choose it, from the records. */
static bool choose_list(struct estimating *estimating, uint64_t **ret, size_t *ret_count, struct error *err)
{
    const struct choose_input input = {.records = estimating->source->records,
                                       .coefficients = estimating->coefficients,
                                       .plan = &estimating->plan,
                                       .threads = 1,
                                       .vectors_max_bytes = CHOOSE_VECTORS_MAX_BYTES,
                                       .pool_max_bytes = CHOOSE_POOL_MAX_BYTES};
    struct choice choice;
    if (!choose_hard(&input, &choice, err))
        return false;
    uint64_t *hard = calloc(choice.count + 1, sizeof(*hard));
    for (size_t i = 0; hard && i < choice.count; i++)
        hard[i] = choice.images[i].record;
    *ret = hard;
    *ret_count = choice.count;
    estimating->estimate.represented = choice.represented;
    choice_release(&choice);
    return hard || error_no_memory(err);
}

static bool count_hard(struct estimating *estimating, struct error *err)
{
    struct mining_estimate *estimate = &estimating->estimate;
    const struct mining_plan *plan = &estimating->plan;
    uint64_t *hard = NULL;
    size_t count = 0;
    bool has_records = estimating->source->records && estimate->images <= ESTIMATE_CHOICE_IMAGES_MAX;
    estimate->is_before_choice = choose_needs_records(plan) && !has_records;
    if (choose_needs_records(plan) && has_records
            ? !choose_list(estimating, &hard, &count, err)
            : !select_hard(estimating->coefficients, estimate->images, plan, &hard, &count, err))
        return false;
    estimate->hard = count;
    estimate->cut = count > 0 ? estimating->coefficients[hard[count - 1]] : (double)NAN;
    count_reasons(estimating, hard);
    free(hard);
    return true;
}

bool mining_estimate(const struct mining_estimate_source *source, const struct mining_settings *settings,
                     struct mining_estimate *ret, struct error *err)
{
    struct estimating estimating = {.source = source, .estimate = {.images = source->strengths->images}};
    if (!mining_plan_make(settings, &estimating.plan, err))
        return false;
    estimating.estimate.threshold = estimating.plan.threshold;
    estimating.coefficients = calloc(source->strengths->images + 1, sizeof(*estimating.coefficients));
    if (!estimating.coefficients)
        return error_no_memory(err);
    combine_all(&estimating);
    bool is_done = add_views(&estimating, err);
    if (is_done) {
        take_learned(&estimating);
        count_coefficients(&estimating);
        is_done = count_hard(&estimating, err);
    }
    if (is_done)
        *ret = estimating.estimate;
    free(estimating.coefficients);
    free(estimating.view_strengths);
    return is_done;
}
