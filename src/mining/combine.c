/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/combine.h"

#include <math.h>

double combine_coefficient(const double weights[METHOD_COUNT], const double strengths[REASON_COUNT])
{
    double strongest[METHOD_COUNT] = {0};
    for (int i = 0; i < REASON_COUNT; i++) {
        enum method method = all_rules[i]->method;
        if (method != METHOD_AUG_CONSISTENT && strengths[i] > strongest[method])
            strongest[method] = strengths[i];
    }
    double silence = 1;
    for (int i = 0; i < METHOD_COUNT; i++)
        silence *= 1 - weights[i] * strongest[i];
    return 1 - silence;
}

double combine_views(const struct augment_settings *settings, const double worths[AUGMENT_OPS],
                     const double strengths[AUGMENT_OPS])
{
    double said = 0, measured = 0, all = 0, weights = 0;
    for (uint32_t i = 0; i < settings->count; i++) {
        int place = settings->ops[i].op->reason - AUGMENT_REASON_FIRST;
        double weight = settings->ops[i].weight;
        weights += weight;
        all += weight * worths[place];
        if (isnan(strengths[place]))
            continue;
        said += weight * strengths[place];
        measured += weight * worths[place];
    }
    return measured > 0 ? all / weights * said / measured : 0;
}

double combine_with(double coefficient, double weight, double strength)
{
    /* Not a last digit moves for a method that says nothing. */
    return strength > 0 ? 1 - (1 - coefficient) * (1 - weight * strength) : coefficient;
}

static double weighted(const double weights[METHOD_COUNT], const struct mining_reason *reason)
{
    return weights[all_rules[reason->id]->method] * reason->strength;
}

/* Reasons come by ascending id, so that equal ones stay in that order. */
static void insert_by_weight(const double weights[METHOD_COUNT], struct mining_reason reason,
                             struct mining_reason *list, uint32_t count)
{
    uint32_t place = count;
    for (; place > 0 && weighted(weights, &list[place - 1]) < weighted(weights, &reason); place--)
        list[place] = list[place - 1];
    list[place] = reason;
}

uint32_t combine_reasons(const double speaks_from[REASON_COUNT], const double weights[METHOD_COUNT],
                         const double strengths[REASON_COUNT], struct mining_reason ret[REASON_COUNT])
{
    struct mining_reason loudest = {0};
    uint32_t count = 0;
    for (int i = 0; i < REASON_COUNT; i++) {
        struct mining_reason reason = {.id = (uint8_t)i, .strength = strengths[i]};
        if (!(weighted(weights, &reason) > 0))
            continue;
        if (weighted(weights, &reason) > weighted(weights, &loudest))
            loudest = reason;
        if (reason.strength >= speaks_from[i])
            insert_by_weight(weights, reason, ret, count++);
    }
    if (count == 0 && loudest.strength > 0)
        ret[count++] = loudest;
    return count;
}
