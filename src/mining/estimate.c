/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/estimate.h"

#include "mining/combine.h"
#include "mining/select.h"
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

bool mining_strengths_measure(const struct mining_input *input, struct mining_strengths **ret,
                              struct error *err)
{
    /* Any weight above 0 lets a method be measured; at a threshold of 1 few are explained, one at most. */
    static const struct mining_settings all = {.comprehensive_algo_config = MINING_DEFAULT_ALGO_CONFIG,
                                               .algo_hard_threshold = 1,
                                               .top = "1",
                                               .reasons = "all"};
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
    const struct npy_array array = {NPY_F8, images, REASON_COUNT, values};
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
    bool fits = is_read && array.type == NPY_F8 && array.rows == images && array.columns == REASON_COUNT;
    double *values = fits ? malloc((images * REASON_COUNT + 1) * sizeof(*values)) : NULL;
    if (values)
        memcpy(values, array.data, images * REASON_COUNT * sizeof(*values));
    store_map_release(&map);
    if (is_read && !fits)
        return error_set(err, ERR_INVALID, "%s is not of this run", key);
    return is_read && new_strengths(values, images, ret, err);
}

/* ---- the estimate ---- */

/* Reasons that the plan leaves out add nothing. */
static double coefficient_of(const struct mining_plan *plan, const double *row, double heard[REASON_COUNT])
{
    for (int i = 0; i < REASON_COUNT; i++)
        heard[i] = plan->may_speak[i] ? row[i] : 0;
    return combine_coefficient(plan->weights, heard);
}

static void count_coefficients(const struct mining_strengths *strengths, const struct mining_plan *plan,
                               double *coefficients, struct mining_estimate *estimate)
{
    double heard[REASON_COUNT];
    for (uint64_t i = 0; i < strengths->images; i++) {
        const double *row = strengths->values + i * REASON_COUNT;
        coefficients[i] = (double)NAN;
        if (isnan(row[0]))
            continue;
        coefficients[i] = coefficient_of(plan, row, heard);
        int bin = (int)(coefficients[i] * ESTIMATE_BINS);
        estimate->bins[bin < ESTIMATE_BINS ? bin : ESTIMATE_BINS - 1]++;
        estimate->analysed++;
    }
}

static void count_reasons(const struct mining_strengths *strengths, const struct mining_plan *plan,
                          const uint64_t *hard, struct mining_estimate *estimate)
{
    struct mining_reason reasons[REASON_COUNT];
    double heard[REASON_COUNT];
    for (uint64_t i = 0; i < estimate->hard; i++) {
        (void)coefficient_of(plan, strengths->values + hard[i] * REASON_COUNT, heard);
        uint32_t count = combine_reasons(plan->weights, heard, reasons);
        for (uint32_t r = 0; r < count; r++)
            estimate->reasons[reasons[r].id]++;
    }
}

bool mining_estimate(const struct mining_strengths *strengths, const struct mining_settings *settings,
                     struct mining_estimate *ret, struct error *err)
{
    struct mining_plan plan;
    struct mining_estimate estimate = {.images = strengths->images, .cut = (double)NAN};
    uint64_t *hard = NULL;
    size_t count = 0;
    if (!mining_plan_make(settings, &plan, err))
        return false;
    estimate.threshold = plan.threshold;
    double *coefficients = calloc(strengths->images + 1, sizeof(*coefficients));
    if (!coefficients)
        return error_no_memory(err);
    count_coefficients(strengths, &plan, coefficients, &estimate);
    bool is_done = select_hard(coefficients, strengths->images, &plan, &hard, &count, err);
    if (is_done) {
        estimate.hard = count;
        estimate.cut = count > 0 ? coefficients[hard[count - 1]] : (double)NAN;
        count_reasons(strengths, &plan, hard, &estimate);
        *ret = estimate;
    }
    free(hard);
    free(coefficients);
    return is_done;
}
