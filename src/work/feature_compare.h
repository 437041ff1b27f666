/* SPDX-License-Identifier: Apache-2.0 */
/* Feature compare: what one feature is like in a set of images, and in two of them. */
#ifndef WORK_FEATURE_COMPARE_H
#define WORK_FEATURE_COMPARE_H

#include "base/json.h"
#include "work/feature_set.h"

struct feature_side {
    const struct feature_set *set; /* NULL: there is no such side */
    struct feature_choice choice;
};
struct feature_summary {
    uint32_t count; /* values; the rest is NaN without any */
    double mean, p1, median, p99;
};
struct feature_comparison {
    struct feature_summary sides[2];
    struct feature_shift shift;
    struct feature_bins bins; /* count 0: none were wanted, or there is no value */
    struct feature_counts counts[2];
};
/* `bins` 0: none; else up to SHIFT_BINS_MAX. Fails only when memory is out. */
MUST_CHECK bool feature_compare(const struct feature_side sides[2], enum record_feature feature,
                                uint32_t bins, struct feature_comparison *ret, struct error *err);
/* "px", "px2", "levels"…; "" for what has none. */
const char *feature_unit(enum record_feature feature);

/* Adds what a table of features shows of this one: name, reason, unit, counts, medians, distance, p_value and
 * shift, which is null without a second side. NULL: memory is out. */
yyjson_mut_val *feature_row_add(yyjson_mut_doc *doc, yyjson_mut_val *rows, enum record_feature feature,
                                const struct feature_comparison *found, bool has_second);
/* That of all features that either side has values of. */
MUST_CHECK bool feature_rows_add(yyjson_mut_doc *doc, yyjson_mut_val *rows,
                                 const struct feature_side sides[2], struct error *err);

#endif
