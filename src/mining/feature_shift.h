/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Feature shift: how far the values of one feature lie apart in two sets of images, whether that is more than
 * chance, and histograms of both over the same bins.
 *
 * The distance is the two-sample Kolmogorov-Smirnov statistic D (Smirnov 1939): the largest difference
 * between the shares of values up to x in either set, over all x. It has no unit: 0 says that both are
 * spread alike, 1 that they do not overlap. Its p-value is Kolmogorov's limiting distribution at
 * (sqrt(N) + 0.12 + 0.11 / sqrt(N)) D with N = n m / (n + m), which makes it good for small sets too
 * (Stephens 1970); equal values make it larger than it is, so constant and whole-numbered features are called
 * shifted less readily, never more.
 *
 * A feature is called shifted when D is at least SHIFT_DISTANCE, so that large sets are not called shifted
 * for differences that mean nothing, and p is below SHIFT_CHANCE / 14: of 14 features of equal sets, one is
 * called shifted in at most one of a hundred comparisons (Bonferroni's correction).
 *
 * Threads: works on its arguments only.
 */
#ifndef MINING_FEATURE_SHIFT_H
#define MINING_FEATURE_SHIFT_H

#include "record/record.h"

enum {
    SHIFT_VALUES_MIN = 50, /* fewer in either set cannot tell */
    SHIFT_BINS_MAX = 64,
};
#define SHIFT_DISTANCE 0.1
#define SHIFT_CHANCE 0.01

/* Finite values of one feature in one set. */
struct shift_values {
    const double *ascending;
    uint32_t count;
};

enum shift_verdict { SHIFT_TOO_FEW, SHIFT_NOT_FOUND, SHIFT_FOUND };
const char *shift_word(enum shift_verdict verdict); /* "too few samples", "not shifted", "shifted" */

struct feature_shift {
    double distance, p_value; /* NaN when one of them has no value */
    enum shift_verdict verdict;
};
struct feature_shift feature_shift_of(const struct shift_values *one, const struct shift_values *other);

/* Bins of equal width over what lies between the 1st and 99th percentiles of both, widened to the outermost
 * values where these are less than half as far again. Edge i to edge i + 1, without the upper one but for the
 * last bin. Of the number of boxes bins are whole numbers wide. */
struct feature_bins {
    uint32_t count; /* 0: there is no value */
    double edges[SHIFT_BINS_MAX + 1];
};
/* `other` may have no value; 1..SHIFT_BINS_MAX bins are wanted, and of the number of boxes there may be
 * fewer.
 */
struct feature_bins feature_bins_of(const struct shift_values *one, const struct shift_values *other,
                                    enum record_feature feature, uint32_t wanted);
/* How many values lie in each bin, and outside of all. */
struct feature_counts {
    uint64_t below, above, bins[SHIFT_BINS_MAX];
};
void feature_bins_count(const struct feature_bins *bins, const struct shift_values *values,
                        struct feature_counts *ret);

#endif
