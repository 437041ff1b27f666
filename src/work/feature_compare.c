/* SPDX-License-Identifier: Apache-2.0 */
#include "work/feature_compare.h"

#include "rules/rule.h"

#include <math.h>
#include <stdlib.h>

enum { FEATURE_REASONS_FIRST = 5 };

const char *feature_unit(enum record_feature feature)
{
    static const char *const units[FEATURE_COUNT] = {
        [FEATURE_RESOLUTION] = "px",        [FEATURE_ASPECT_RATIO] = "",
        [FEATURE_BRIGHTNESS] = "levels",    [FEATURE_SATURATION] = "",
        [FEATURE_COLORFULNESS] = "levels",  [FEATURE_CLARITY] = "levels2",
        [FEATURE_BOX_COUNT] = "boxes",      [FEATURE_BOX_AREA_DEVIATION] = "px",
        [FEATURE_BOX_ASPECT_RATIO] = "",    [FEATURE_BOX_AREA_RATIO] = "",
        [FEATURE_BOX_MARGINALIZATION] = "", [FEATURE_BOX_BRIGHTNESS] = "levels",
        [FEATURE_BOX_CLARITY] = "levels2",  [FEATURE_BOX_OVERLAP] = "",
    };
    return units[feature];
}

static struct feature_summary summary_of(const struct shift_values *values)
{
    struct feature_summary summary = {values->count, (double)NAN, (double)NAN, (double)NAN, (double)NAN};
    double sum = 0;
    if (values->count == 0)
        return summary;
    for (uint32_t i = 0; i < values->count; i++)
        sum += values->ascending[i];
    summary.mean = sum / values->count;
    summary.p1 = rule_quantile(values->ascending, values->count, 0.01);
    summary.median = rule_quantile(values->ascending, values->count, 0.5);
    summary.p99 = rule_quantile(values->ascending, values->count, 0.99);
    return summary;
}

bool feature_compare(const struct feature_side sides[2], enum record_feature feature, uint32_t bins,
                     struct feature_comparison *ret, struct error *err)
{
    struct shift_values values[2] = {{NULL, 0}, {NULL, 0}};
    double *room[2] = {NULL, NULL};
    bool is_done = true;
    *ret = (struct feature_comparison){0};
    for (int i = 0; i < 2 && is_done; i++) {
        if (sides[i].set) {
            room[i] = calloc(sides[i].set->count + 1, sizeof(*room[i]));
            is_done = room[i] != NULL;
        }
        if (room[i])
            values[i] = feature_set_values(sides[i].set, &sides[i].choice, feature, room[i]);
        ret->sides[i] = summary_of(&values[i]);
    }
    if (is_done) {
        ret->shift = feature_shift_of(&values[0], &values[1]);
        if (bins > 0)
            ret->bins = feature_bins_of(&values[0], &values[1], feature, bins);
        for (int i = 0; i < 2; i++)
            feature_bins_count(&ret->bins, &values[i], &ret->counts[i]);
    }
    free(room[0]);
    free(room[1]);
    return is_done || error_no_memory(err);
}

/* ---- rows ---- */

static bool add_number(yyjson_mut_doc *doc, yyjson_mut_val *row, const char *name, double value)
{
    return isfinite(value) ? yyjson_mut_obj_add_real(doc, row, name, value)
                           : yyjson_mut_obj_add_null(doc, row, name);
}

yyjson_mut_val *feature_row_add(yyjson_mut_doc *doc, yyjson_mut_val *rows, enum record_feature feature,
                                const struct feature_comparison *found, bool has_second)
{
    const struct feature_summary *one = &found->sides[0], *other = &found->sides[1];
    const double none = (double)NAN;
    yyjson_mut_val *row = yyjson_mut_arr_add_obj(doc, rows);
    bool is_added = row && yyjson_mut_obj_add_str(doc, row, "feature", record_feature_name(feature)) &&
                    yyjson_mut_obj_add_int(doc, row, "reason", FEATURE_REASONS_FIRST + (int)feature) &&
                    yyjson_mut_obj_add_str(doc, row, "unit", feature_unit(feature)) &&
                    yyjson_mut_obj_add_uint(doc, row, "count", one->count) &&
                    (has_second ? yyjson_mut_obj_add_uint(doc, row, "against_count", other->count)
                                : yyjson_mut_obj_add_null(doc, row, "against_count")) &&
                    add_number(doc, row, "median", one->median) &&
                    add_number(doc, row, "against_median", has_second ? other->median : none) &&
                    add_number(doc, row, "distance", has_second ? found->shift.distance : none) &&
                    add_number(doc, row, "p_value", has_second ? found->shift.p_value : none) &&
                    (has_second ? yyjson_mut_obj_add_str(doc, row, "shift", shift_word(found->shift.verdict))
                                : yyjson_mut_obj_add_null(doc, row, "shift"));
    return is_added ? row : NULL;
}

bool feature_rows_add(yyjson_mut_doc *doc, yyjson_mut_val *rows, const struct feature_side sides[2],
                      struct error *err)
{
    struct feature_comparison found;
    for (int f = 0; f < FEATURE_COUNT; f++) {
        enum record_feature feature = (enum record_feature)f;
        if (!feature_compare(sides, feature, 0, &found, err))
            return false;
        if (found.sides[0].count == 0 && found.sides[1].count == 0)
            continue;
        if (!feature_row_add(doc, rows, feature, &found, sides[1].set != NULL))
            return error_no_memory(err);
    }
    return true;
}
