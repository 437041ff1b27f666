/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/box_evidence.h"
#include "rules/evidence.h"
#include "rules/families.h"

#include <math.h>
#include <stdio.h>

/* Two-sided tail probability at which a value begins to speak: beyond the 1st or 99th percentile of training
 * data; rarer, and far out besides, where the batch must judge itself. */
static const double training_tail = 0.02, batch_tail = 0.01;
/* Batch: the fences lie so many half widths (median to quartile) beyond the quartiles; 6 is Tukey's "far out"
 * for symmetric data. */
static const double fence_half_widths = 6;
/* Part of the values at one end, from which it is told how that end goes on. */
static const double end_share = 0.05;

/* Differences below these mean nothing: max(absolute, relative × value). */
struct tolerance {
    double absolute, relative;
};
static const struct tolerance tolerances[FEATURE_COUNT] = {
    [FEATURE_RESOLUTION] = {1, 0.005},
    [FEATURE_ASPECT_RATIO] = {0.005, 0},
    [FEATURE_BRIGHTNESS] = {0.5, 0},
    [FEATURE_SATURATION] = {0.005, 0},
    [FEATURE_COLORFULNESS] = {0.5, 0},
    [FEATURE_CLARITY] = {0.5, 0.01},
    [FEATURE_BOX_COUNT] = {0.5, 0},
    [FEATURE_BOX_AREA_DEVIATION] = {1, 0.01},
    [FEATURE_BOX_ASPECT_RATIO] = {0.005, 0},
    [FEATURE_BOX_AREA_RATIO] = {0.001, 0},
    [FEATURE_BOX_MARGINALIZATION] = {0.005, 0},
    [FEATURE_BOX_BRIGHTNESS] = {0.5, 0},
    [FEATURE_BOX_CLARITY] = {0.5, 0.01},
    [FEATURE_BOX_OVERLAP] = {0.005, 0},
};

static double tolerance_of(enum record_feature feature, double value)
{
    return fmax(tolerances[feature].absolute, tolerances[feature].relative * fabs(value));
}

double rule_quantile(const double *ascending, uint32_t count, double share)
{
    if (count == 0)
        return (double)NAN;
    double place = share * (count - 1);
    uint32_t below = (uint32_t)place;
    if (below + 1 >= count)
        return ascending[count - 1];
    double part = place - below;
    return ascending[below] + part * (ascending[below + 1] - ascending[below]);
}

bool rule_feature_range(const struct rule_reference *reference, enum record_feature feature,
                        struct feature_range *ret)
{
    const double *values = reference->features[feature];
    uint32_t count = reference->feature_counts[feature];
    if (count < FEATURE_REFERENCE_MIN)
        return false;
    double median = rule_quantile(values, count, 0.5);
    double least = tolerance_of(feature, median);
    double low = rule_quantile(values, count, 0.01), high = rule_quantile(values, count, 0.99);
    if (!reference->labels) {
        double lower = rule_quantile(values, count, 0.25), upper = rule_quantile(values, count, 0.75);
        low = lower - fence_half_widths * fmax(median - lower, least);
        high = upper + fence_half_widths * fmax(upper - median, least);
    }
    *ret =
        (struct feature_range){.low = low, .median = median, .high = high, .width = fmax(high - low, least)};
    return true;
}

uint32_t rule_count_below(const double *ascending, uint32_t count, double bound, bool with_equal)
{
    uint32_t from = 0, to = count;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (ascending[middle] < bound || (with_equal && ascending[middle] <= bound))
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* How thick the end of the values is beyond the outermost one: the mean distance of the outer twentieth from
 * where it begins, as of an exponential tail. */
static double end_scale(const double *values, uint32_t count, bool is_upper, double least)
{
    double from = rule_quantile(values, count, is_upper ? 1 - end_share : end_share), sum = 0;
    uint32_t beyond = 0;
    for (uint32_t i = 0; i < count; i++) {
        double out = is_upper ? values[count - 1 - i] - from : from - values[i];
        if (!(out > 0))
            break;
        sum += out;
        beyond++;
    }
    return fmax(beyond > 0 ? sum / beyond : 0, least);
}

/* Two-sided tail probability with mid-ranks: what is within the tolerance counts half to either side, so that
 * the only value of a constant feature is at 1. Held against a training set, the value is itself one more
 * draw: a few hundred values cannot show that something happens once in a thousand times. Beyond the
 * outermost value the probability falls off with the distance. */
static double tail_probability(const struct rule_reference *reference, enum record_feature feature,
                               double value)
{
    const double *values = reference->features[feature];
    uint32_t count = reference->feature_counts[feature], own = reference->labels ? 1 : 0;
    double near = tolerance_of(feature, value);
    double below = rule_count_below(values, count, value - near, false);
    double not_above = rule_count_below(values, count, value + near, true);
    double lower = (below + not_above) / 2, fewer = fmin(lower, count - lower) + own;
    double tail = fmin(2 * fewer / (count + own), 1);
    double out = fmax(value - near - values[count - 1], values[0] - value - near);
    return out > 0 ? tail * exp(-out / end_scale(values, count, value > values[0], near)) : tail;
}

static double excess_over(const struct feature_range *range, double value)
{
    return fmax(fmax(range->low - value, value - range->high), 0);
}

/* Rareness, of which the half counts at once and the other half by how far out the value lies. */
static double feature_strength(const struct rule *rule, const struct rule_subject *subject)
{
    enum record_feature feature = (enum record_feature)(rule->id - FEATURE_RULES_FIRST);
    const struct rule_reference *reference = subject->reference;
    double value = subject->record->features[feature];
    struct feature_range range;
    if (!isfinite(value) || !rule_feature_range(reference, feature, &range))
        return 0;
    bool is_batch = !reference->labels;
    double excess = excess_over(&range, value);
    if (is_batch && !(excess > 0))
        return 0;
    double rareness = evidence_unit(1 - tail_probability(reference, feature, value) /
                                            (is_batch ? batch_tail : training_tail));
    double far = excess / (excess + range.width / 2);
    return evidence_unit(rareness * (1 + far) / 2);
}

enum { FIGURE_BYTES = 32 };

/* Four significant digits, but no exponent where people expect none. */
static const char *figure(double value, char text[FIGURE_BYTES])
{
    (void)snprintf(text, FIGURE_BYTES, fabs(value) >= 1000 && fabs(value) < 1e12 ? "%.0f" : "%.4g", value);
    return text;
}

enum { WORDS_BYTES = 40 };

/* The feature's name for people: "box aspect ratio". */
static const char *words_of(enum record_feature feature, char text[WORDS_BYTES])
{
    (void)snprintf(text, WORDS_BYTES, "%s", record_feature_name(feature));
    for (char *at = text; *at; at++)
        if (*at == '_')
            *at = ' ';
    return text;
}

static void explain_range(yyjson_mut_doc *doc, yyjson_mut_val *evidence, enum record_feature feature,
                          double value, const struct feature_range *range, bool is_batch)
{
    char words[WORDS_BYTES], seen[FIGURE_BYTES], low[FIGURE_BYTES], median[FIGURE_BYTES], high[FIGURE_BYTES];
    (void)figure(value, seen), (void)figure(range->low, low);
    (void)figure(range->median, median), (void)figure(range->high, high);
    if (is_batch)
        evidence_sentence(
            doc, evidence,
            "The %s is %s; this batch, its own reference without a training manifest, has a median of "
            "%s and its far fences at %s and %s.",
            words_of(feature, words), seen, median, low, high);
    else
        evidence_sentence(doc, evidence,
                          "The %s is %s; 98 %% of the training images lie between %s and %s, median %s.",
                          words_of(feature, words), seen, low, high, median);
}

static void feature_explain(const struct rule *rule, const struct rule_subject *subject, yyjson_mut_doc *doc,
                            yyjson_mut_val *evidence)
{
    enum record_feature feature = (enum record_feature)(rule->id - FEATURE_RULES_FIRST);
    const struct rule_reference *reference = subject->reference;
    double value = subject->record->features[feature];
    struct feature_range range;
    if (!rule_feature_range(reference, feature, &range))
        return;
    bool is_batch = !reference->labels;
    evidence_text(doc, evidence, "feature", record_feature_name(feature));
    evidence_number(doc, evidence, "value", value);
    evidence_number(doc, evidence, "low", range.low);
    evidence_number(doc, evidence, "median", range.median);
    evidence_number(doc, evidence, "high", range.high);
    evidence_number(doc, evidence, "tail_probability", tail_probability(reference, feature, value));
    evidence_text(doc, evidence, "reference", is_batch ? "batch" : "training");
    evidence_number(doc, evidence, "reference_count", reference->feature_counts[feature]);
    explain_range(doc, evidence, feature, value, &range, is_batch);
    if (feature >= FEATURE_BOX_COUNT)
        box_evidence_add_feature(subject, feature, range.median, doc, evidence);
}

static const char *too_few_values(const struct rule *rule, const struct rule_reference *reference)
{
    if (reference->feature_counts[rule->id - FEATURE_RULES_FIRST] >= FEATURE_REFERENCE_MIN)
        return NULL;
    return reference->labels ? "the training set has fewer than 50 images"
                             : "the batch has fewer than 50 images";
}

#define FEATURE_TAIL                                                                                         \
    "t x (1 + e / (e + w / 2)) / 2, t = 1 - tail / 0.02, tail = two-sided tail probability in the training " \
    "set (mid-ranks, itself one more draw; beyond the outermost value falling off as an exponential tail), " \
    "e = distance beyond its 1st or 99th percentile, w = the distance between them"
#define FEATURE_SOURCE                                                                                       \
    "order statistics; without a training set, Tukey 1977's far-out fences at half widths, and t = 1 - "     \
    "tail / 0.01"

#define FEATURE_RULE(feature, code_text, name_text, ...)                                                     \
    [feature] = {.id = FEATURE_RULES_FIRST + (feature),                                                      \
                 .code = (code_text),                                                                        \
                 .name = (name_text),                                                                        \
                 .method = METHOD_FEATURE_DISTRIBUTION,                                                      \
                 .profile = PROFILE_MAY_USE_BATCH,                                                           \
                 .formula = FEATURE_TAIL,                                                                    \
                 .source = FEATURE_SOURCE,                                                                   \
                 __VA_ARGS__}
/* Listed from a tail of 0.6 % on, or of 1.2 % far out. Of a clean stream a share of one tail speaks: with the
 * fault in 5 % of all images at most 1.3 % may, if four in five that are listed are to carry it. */
#define LISTED_FROM 0.35
#define IMAGE_FEATURE                                                                                        \
    .needs = NEEDS_STATISTICS, .speaks_from = LISTED_FROM, .strength = feature_strength,                     \
    .explain = feature_explain, .off = too_few_values
#define BOX_FEATURE                                                                                          \
    .needs = NEEDS_STATISTICS | NEEDS_PREDICTION, .only_detection = true, .speaks_from = LISTED_FROM,        \
    .strength = feature_strength, .explain = feature_explain, .off = too_few_values

const struct rule feature_rules[FEATURE_COUNT] = {
    FEATURE_RULE(
        FEATURE_RESOLUTION, "S5", "Resolution unlike training",
        .suggestion = "Collect images of this size, or scale images alike before training and in use.",
        .misleads =
            "A model that resizes its input may not care; a size between two usual ones is not seen as odd.",
        IMAGE_FEATURE),
    FEATURE_RULE(
        FEATURE_ASPECT_RATIO, "S6", "Aspect ratio unlike training",
        .suggestion = "Collect images of this shape, or crop images alike before training and in use.",
        .misleads =
            "Harmless where the preprocessing crops; a shape between two usual ones is not seen as odd.",
        IMAGE_FEATURE),
    FEATURE_RULE(FEATURE_BRIGHTNESS, "S7", "Brightness unlike training",
                 .suggestion = "Collect images in this light, or vary the brightness in training.",
                 .misleads =
                     "Large plain areas (a night sky, a white table) move it without making the image hard.",
                 IMAGE_FEATURE),
    FEATURE_RULE(FEATURE_SATURATION, "S8", "Saturation unlike training",
                 .suggestion = "Collect images of this colouring, or vary the saturation in training.",
                 .misleads = "Very dark pixels have an unsteady saturation.", IMAGE_FEATURE),
    FEATURE_RULE(FEATURE_COLORFULNESS, "S9", "Colourfulness unlike training",
                 .suggestion = "Collect images of this colouring, or vary the colours in training.",
                 .misleads = "One bright object on a plain ground is enough to move it.", IMAGE_FEATURE),
    FEATURE_RULE(FEATURE_CLARITY, "S10", "Sharpness unlike training",
                 .suggestion =
                     "Check focus and motion; collect such images, or blur and sharpen in training.",
                 .misleads = "Plain scenes look blurred to it, and noise looks sharp.", IMAGE_FEATURE),
    FEATURE_RULE(FEATURE_BOX_COUNT, "B11", "Box count unlike training",
                 .suggestion = "Check for missed or doubled boxes; add scenes with so many objects.",
                 .misleads = "Boxes are the model's own: a miss and an empty scene look alike.", BOX_FEATURE),
    FEATURE_RULE(FEATURE_BOX_AREA_DEVIATION, "B12", "Box area spread unlike training",
                 .suggestion =
                     "Check the largest and smallest boxes; add scenes with objects at such distances.",
                 .misleads = "One wrong box of odd size is enough to move it.", BOX_FEATURE),
    FEATURE_RULE(FEATURE_BOX_ASPECT_RATIO, "B13", "Box aspect ratio unlike training",
                 .suggestion =
                     "Check the box's edges; add objects of this shape; review the detector's anchors.",
                 .misleads = "Objects cut off at the border have odd shapes rightly.", BOX_FEATURE),
    FEATURE_RULE(FEATURE_BOX_AREA_RATIO, "B14", "Box area share unlike training",
                 .suggestion = "Add objects at this distance; review the detector's anchors and input size.",
                 .misleads = "A change of lens or of cropping moves it for all images at once.", BOX_FEATURE),
    FEATURE_RULE(FEATURE_BOX_MARGINALIZATION, "B15", "Box near edge unlike training",
                 .suggestion = "Check boxes cut off by the border; add scenes with objects there.",
                 .misleads = "Where the camera is pointed decides it more than the model.", BOX_FEATURE),
    FEATURE_RULE(FEATURE_BOX_BRIGHTNESS, "B16", "Box brightness unlike training",
                 .suggestion = "Collect objects in this light, or vary the brightness in training.",
                 .misleads = "A light background inside a loose box counts as brightness of the object.",
                 BOX_FEATURE),
    FEATURE_RULE(FEATURE_BOX_CLARITY, "B17", "Box sharpness unlike training",
                 .suggestion = "Check focus and motion; collect such objects, or blur in training.",
                 .misleads = "Small boxes and smooth objects look blurred to it.", BOX_FEATURE),
    FEATURE_RULE(FEATURE_BOX_OVERLAP, "B18", "Box overlap unlike training",
                 .suggestion = "Check for doubled boxes; add crowded scenes.",
                 .misleads = "Crowds overlap rightly; doubled boxes look like crowds.", BOX_FEATURE),
};
