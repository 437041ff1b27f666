/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/feature_shift.h"

#include "rules/rule.h"

#include <assert.h>
#include <math.h>

static_assert((int)SHIFT_VALUES_MIN == (int)FEATURE_REFERENCE_MIN, "what is too few for rules is here too");

const char *shift_word(enum shift_verdict verdict)
{
    static const char *const words[] = {"too few samples", "not shifted", "shifted"};
    return words[verdict];
}

/* ---- distance ---- */

static double largest_gap(const struct shift_values *one, const struct shift_values *other)
{
    double largest = 0;
    uint32_t i = 0, j = 0;
    while (i < one->count && j < other->count) {
        double at = fmin(one->ascending[i], other->ascending[j]);
        while (i < one->count && one->ascending[i] <= at)
            i++;
        while (j < other->count && other->ascending[j] <= at)
            j++;
        largest = fmax(largest, fabs((double)i / one->count - (double)j / other->count));
    }
    return largest;
}

/* 2 sum((-1)^(k-1) exp(-2 k^2 x^2)), which does not settle near 0, where it is 1. */
static double kolmogorov_tail(double x)
{
    enum { TERMS_MAX = 100 };
    static const double settled_from = 0.2, negligible = 1e-12;
    double sum = 0, sign = 1;
    if (x < settled_from)
        return 1;
    for (int k = 1; k <= TERMS_MAX; k++) {
        double term = exp(-2.0 * k * k * x * x);
        sum += sign * term;
        sign = -sign;
        if (term < negligible)
            break;
    }
    return fmin(fmax(2 * sum, 0), 1);
}

static double chance_of(double distance, uint32_t one, uint32_t other)
{
    double root = sqrt((double)one * other / ((double)one + other));
    return kolmogorov_tail((root + 0.12 + 0.11 / root) * distance);
}

struct feature_shift feature_shift_of(const struct shift_values *one, const struct shift_values *other)
{
    struct feature_shift shift = {(double)NAN, (double)NAN, SHIFT_TOO_FEW};
    if (one->count == 0 || other->count == 0)
        return shift;
    shift.distance = largest_gap(one, other);
    shift.p_value = chance_of(shift.distance, one->count, other->count);
    if (one->count < SHIFT_VALUES_MIN || other->count < SHIFT_VALUES_MIN)
        return shift;
    bool is_found = shift.distance >= SHIFT_DISTANCE && shift.p_value < SHIFT_CHANCE / FEATURE_COUNT;
    shift.verdict = is_found ? SHIFT_FOUND : SHIFT_NOT_FOUND;
    return shift;
}

/* ---- bins ---- */

struct range {
    double low, high;
};

static void widen(const struct shift_values *values, struct range *inner, struct range *outer)
{
    if (values->count == 0)
        return;
    inner->low = fmin(inner->low, rule_quantile(values->ascending, values->count, 0.01));
    inner->high = fmax(inner->high, rule_quantile(values->ascending, values->count, 0.99));
    outer->low = fmin(outer->low, values->ascending[0]);
    outer->high = fmax(outer->high, values->ascending[values->count - 1]);
}

static struct range range_of(const struct shift_values *one, const struct shift_values *other)
{
    const double far = (double)INFINITY;
    struct range inner = {far, -far}, outer = {far, -far};
    widen(one, &inner, &outer);
    widen(other, &inner, &outer);
    double half = (inner.high - inner.low) / 2;
    return (struct range){inner.low - outer.low <= half ? outer.low : inner.low,
                          outer.high - inner.high <= half ? outer.high : inner.high};
}

static void place_edges(struct feature_bins *bins, double from, double width)
{
    for (uint32_t i = 0; i <= bins->count; i++)
        bins->edges[i] = from + width * i;
}

struct feature_bins feature_bins_of(const struct shift_values *one, const struct shift_values *other,
                                    enum record_feature feature, uint32_t wanted)
{
    struct feature_bins bins = {0};
    assert(wanted >= 1 && wanted <= SHIFT_BINS_MAX);
    if (one->count == 0 && other->count == 0)
        return bins;
    struct range range = range_of(one, other);
    if (feature == FEATURE_BOX_COUNT) {
        double numbers = floor(range.high) - floor(range.low) + 1, width = ceil(numbers / wanted);
        bins.count = (uint32_t)ceil(numbers / width);
        place_edges(&bins, floor(range.low) - 0.5, width);
        return bins;
    }
    bins.count = wanted;
    if (!(range.high > range.low)) {
        double half = fmax(fabs(range.low) / 20, 0.05);
        range = (struct range){range.low - half, range.high + half};
    }
    place_edges(&bins, range.low, (range.high - range.low) / wanted);
    bins.edges[bins.count] = range.high;
    return bins;
}

void feature_bins_count(const struct feature_bins *bins, const struct shift_values *values,
                        struct feature_counts *ret)
{
    uint32_t bin = 0;
    *ret = (struct feature_counts){0};
    for (uint32_t i = 0; i < values->count && bins->count > 0; i++) {
        double value = values->ascending[i];
        while (bin + 1 < bins->count && value >= bins->edges[bin + 1])
            bin++;
        if (value < bins->edges[0])
            ret->below++;
        else if (value > bins->edges[bins->count])
            ret->above++;
        else
            ret->bins[bin]++;
    }
}
