/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/evidence.h"
#include "rules/families.h"
#include "rules/vote.h"

#include <math.h>

/* Training set: from the first share on it grows, at the second it is a half. From the 95th percentile on it
 * made the lists of both demos worse. */
static const double share_silent = 0.99, share_half = 0.999;
/* By looks any disturbance moves an image: there it grows from here on, and is a half at the farthest of all
 * training images. */
static const double looks_silent = 0.999;
/* Batch: so many half widths (median to upper quartile) beyond the upper quartile, for the same two. */
static const double fence_silent = 3, fence_half = 6;
/* … and at least so many upper quartiles: a small group of its own is not abnormal. */
static const double times_silent = 2, times_half = 3;
/* Differences of distances below this mean nothing. */
static const double width_least = 1e-6;

enum { NEAREST_TOLD = 5 };

/* What an image's distance is held against. */
struct anomaly_scale {
    const struct distance_reference *distances;
    const struct neighbours *neighbours; /* NULL: no space knows the image */
    bool is_embedding;
    double median, silent, half, full; /* distances at which the strength is 0, 1/2 and 1 */
};

static struct anomaly_scale scale_in(const struct rule_subject *subject, bool is_embedding)
{
    const struct rule_reference *reference = subject->reference;
    struct anomaly_scale scale = {.distances = is_embedding ? &reference->embedding_distances
                                                            : &reference->appearance_distances,
                                  .neighbours = is_embedding ? &subject->embedding : &subject->appearance,
                                  .is_embedding = is_embedding};
    const double *values = scale.distances->ascending;
    uint32_t count = scale.distances->count;
    if (count < FEATURE_REFERENCE_MIN || scale.neighbours->count == 0) {
        scale.neighbours = NULL;
        return scale;
    }
    bool is_second = !is_embedding && reference->embedding_distances.count >= FEATURE_REFERENCE_MIN;
    scale.median = rule_quantile(values, count, 0.5);
    scale.silent = rule_quantile(values, count, is_second ? looks_silent : share_silent);
    scale.half = rule_quantile(values, count, is_second ? 1 : share_half);
    if (!reference->labels) {
        double upper = rule_quantile(values, count, 0.75), width = fmax(upper - scale.median, width_least);
        scale.silent = fmax(upper + fence_silent * width, times_silent * upper);
        scale.half = fmax(upper + fence_half * width, times_half * upper);
    }
    scale.full = scale.half + fmax(scale.half - scale.median, width_least);
    return scale;
}

static double distance_of(const struct neighbours *neighbours)
{
    return 1 - (double)neighbours->cosines[neighbours->count - 1];
}

static double between(double value, double from, double to)
{
    return to > from ? evidence_unit((value - from) / (to - from)) : value > from;
}

static double strength_in(const struct anomaly_scale *scale)
{
    if (!scale->neighbours)
        return 0;
    double distance = distance_of(scale->neighbours);
    return evidence_unit(
        (between(distance, scale->silent, scale->half) + between(distance, scale->half, scale->full)) / 2);
}

/* Of the space in which the image lies farther out; the model's own where both say the same. */
static struct anomaly_scale scale_of(const struct rule_subject *subject)
{
    struct anomaly_scale own = scale_in(subject, true), looks = scale_in(subject, false);
    return !own.neighbours || strength_in(&looks) > strength_in(&own) ? looks : own;
}

static double anomaly_strength(const struct rule *rule, const struct rule_subject *subject)
{
    (void)rule;
    const struct anomaly_scale scale = scale_of(subject);
    return strength_in(&scale);
}

static double share_nearer(const struct distance_reference *distances, double distance)
{
    return (double)rule_count_below(distances->ascending, distances->count, distance, false) /
           distances->count;
}

static void add_nearest(const struct rule_reference *reference, const struct neighbours *neighbours,
                        yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, evidence, "nearest");
    for (uint32_t i = 0; i < neighbours->count && i < NEAREST_TOLD; i++) {
        uint32_t sample = neighbours->samples[i];
        yyjson_mut_val *one = yyjson_mut_arr_add_obj(doc, list);
        if (reference->profile)
            evidence_text(doc, one, "source", profile_source(reference->profile, sample));
        if (reference->labels)
            evidence_sample_labels(reference, sample, doc, one);
        if (!reference->labels && reference->batch) {
            evidence_text(doc, one, "source", reference->batch[sample].source);
            if (reference->batch[sample].predicted != CLASS_NONE)
                evidence_text(doc, one, "predicted_label",
                              evidence_label(reference->header, reference->batch[sample].predicted));
        }
        evidence_number(doc, one, "cosine", (double)neighbours->cosines[i]);
    }
}

static void anomaly_explain(const struct rule *rule, const struct rule_subject *subject, yyjson_mut_doc *doc,
                            yyjson_mut_val *evidence)
{
    (void)rule;
    const struct anomaly_scale scale = scale_of(subject);
    bool is_batch = !subject->reference->labels;
    if (!scale.neighbours)
        return;
    double distance = distance_of(scale.neighbours), share = share_nearer(scale.distances, distance);
    evidence_text(doc, evidence, "space",
                  scale.is_embedding ? "embedding" : vote_second_space(subject->reference));
    evidence_number(doc, evidence, "distance", distance);
    (void)yyjson_mut_obj_add_uint(doc, evidence, "neighbour", scale.neighbours->count);
    evidence_number(doc, evidence, "median", scale.median);
    evidence_number(doc, evidence, "silent_to", scale.silent);
    evidence_number(doc, evidence, "high", scale.half);
    evidence_number(doc, evidence, "share_nearer", share);
    evidence_text(doc, evidence, "reference", is_batch ? "batch" : "training");
    (void)yyjson_mut_obj_add_uint(doc, evidence, "reference_count", scale.distances->count);
    add_nearest(subject->reference, scale.neighbours, doc, evidence);
    const char *images = is_batch ? "other images of the run" : "training images";
    evidence_sentence(
        doc, evidence,
        "%s it lies %.3f from the %u nearest %s; %.1f %% of these lie nearer to each other, half "
        "of them within %.3f.",
        scale.is_embedding ? "In the model's own view" : vote_second_view(subject->reference), distance,
        scale.neighbours->count, images, share * 100, scale.median);
}

static const char *anomaly_off(const struct rule *rule, const struct rule_reference *reference)
{
    (void)rule;
    if (reference->embedding_distances.count >= FEATURE_REFERENCE_MIN ||
        reference->appearance_distances.count >= FEATURE_REFERENCE_MIN)
        return NULL;
    return "needs 50 training images, or without a training manifest 50 images in the run";
}

const struct rule anomaly_rule = {
    .id = 30,
    .code = "X30",
    .name = "Predicted abnormal",
    .method = METHOD_ANOMALY_DETECTION,
    .needs = NEEDS_EMBEDDING | NEEDS_APPEARANCE,
    .profile = PROFILE_MAY_USE_BATCH,
    .speaks_from = 0.1,
    .suggestion = "Look whether this is a new class: then give it a label; if it is not of use, exclude it.",
    .formula =
        "d = 1 - cosine to the 10th nearest training image in the model's embedding (appearance where "
        "there is none), held against the same distances among up to 2,000 training images: 0 up to their "
        "99th percentile, 1/2 at the 99.9th, 1 as far beyond that as that is beyond the median; or the same "
        "of the appearance beside an embedding, 0 up to the 99.9th and 1/2 at the largest, whichever is "
        "more; without a "
        "training set among 1,000 images of the run: 0 at 3 and 1/2 at 6 half widths beyond the upper "
        "quartile, and at least at 2 and 3 times it",
    .source =
        "deep nearest neighbours for out-of-distribution detection, Sun et al. 2022; fences: Tukey 1977",
    .misleads =
        "New is not wrong: a model may well be right about images unlike all it was trained on; and a "
        "model pulls its own training images together, so that any new image lies a little far.",
    .strength = anomaly_strength,
    .explain = anomaly_explain,
    .off = anomaly_off,
};
