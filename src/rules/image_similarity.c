/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/evidence.h"
#include "rules/families.h"
#include "rules/vote.h"

/* Below the first the predicted class is clearly nearer, from the second on another one clearly is; a half is
 * both alike. The last tenth of the strength is for what is all but a copy of another class's image. */
static const double ratio_silent = 0.45, ratio_clear = 0.55, ratio_full = 0.9;
static const double strength_even = 0.5, strength_clear = 0.9;

static double ratio_strength(const struct neighbours *neighbours)
{
    const double even = 0.5;
    double ratio = vote_distance_ratio(neighbours);
    if (neighbours->same_class_sample == SAMPLE_NONE && neighbours->other_class_sample != SAMPLE_NONE)
        return 1;
    return strength_even * evidence_unit((ratio - ratio_silent) / (even - ratio_silent)) +
           (strength_clear - strength_even) * evidence_unit((ratio - even) / (ratio_clear - even)) +
           (1 - strength_clear) * evidence_unit((ratio - ratio_clear) / (ratio_full - ratio_clear));
}

static double similarity_strength(const struct rule *rule, const struct rule_subject *subject)
{
    (void)rule;
    struct space_weights weights = vote_weights(subject);
    double strength = 0;
    if (subject->predicted == CLASS_NONE)
        return 0;
    if (weights.embedding > 0)
        strength += weights.embedding * ratio_strength(&subject->embedding);
    if (weights.appearance > 0)
        strength += weights.appearance * ratio_strength(&subject->appearance);
    return evidence_unit(weights.most * strength);
}

static void add_sample(const struct rule_reference *reference, uint32_t sample, float cosine,
                       const char *name, yyjson_mut_doc *doc, yyjson_mut_val *space)
{
    if (sample == SAMPLE_NONE)
        return;
    yyjson_mut_val *one = yyjson_mut_obj_add_obj(doc, space, name);
    if (reference->profile)
        evidence_text(doc, one, "source", profile_source(reference->profile, sample));
    evidence_sample_labels(reference, sample, doc, one);
    evidence_number(doc, one, "cosine", (double)cosine);
}

static void add_space(const struct rule_reference *reference, const struct neighbours *neighbours,
                      const char *name, yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    if (neighbours->count == 0)
        return;
    yyjson_mut_val *space = yyjson_mut_obj_add_obj(doc, evidence, name);
    evidence_number(doc, space, "distance_ratio", vote_distance_ratio(neighbours));
    add_sample(reference, neighbours->same_class_sample, neighbours->same_class_cosine, "same_class", doc,
               space);
    add_sample(reference, neighbours->other_class_sample, neighbours->other_class_cosine, "other_class", doc,
               space);
}

/* Of images that show several classes. */
static void explain_presence(const struct neighbours *told, const char *view, const char *predicted,
                             yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    if (told->same_class_sample == SAMPLE_NONE)
        evidence_sentence(doc, evidence, "The training set has no image that shows '%s'.", predicted);
    else
        evidence_sentence(doc, evidence,
                          "%s the nearest training image that shows '%s' (cosine %.3f) is %s than one that "
                          "does not (cosine %.3f).",
                          view, predicted, (double)told->same_class_cosine,
                          told->same_class_cosine > told->other_class_cosine ? "hardly nearer" : "no nearer",
                          (double)told->other_class_cosine);
}

static void similarity_explain(const struct rule *rule, const struct rule_subject *subject,
                               yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    (void)rule;
    const struct rule_reference *reference = subject->reference;
    struct space_weights weights = vote_weights(subject);
    const char *predicted = evidence_label(reference->header, subject->predicted);
    evidence_text(doc, evidence, "predicted_label", predicted);
    add_space(reference, &subject->appearance, vote_second_space(reference), doc, evidence);
    add_space(reference, &subject->embedding, "embedding", doc, evidence);

    bool by_looks = weights.appearance >= weights.embedding;
    const struct neighbours *told = by_looks ? &subject->appearance : &subject->embedding;
    const char *view = by_looks ? vote_second_view(reference) : "In the model's own view";
    if (told->other_class_sample == SAMPLE_NONE)
        return; /* nothing to compare with; the rule is silent then */
    if (reference->class_sets) {
        explain_presence(told, view, predicted, doc, evidence);
        return;
    }
    const char *other = evidence_label(reference->header, reference->labels[told->other_class_sample]);
    if (told->same_class_sample == SAMPLE_NONE) {
        evidence_sentence(doc, evidence, "The training set has no image of '%s'; the nearest is one of '%s'.",
                          predicted, other);
        return;
    }
    evidence_sentence(
        doc, evidence,
        "%s the nearest training image of '%s' (cosine %.3f) is %s than one of '%s' (cosine %.3f).", view,
        predicted, (double)told->same_class_cosine,
        told->same_class_cosine > told->other_class_cosine ? "hardly nearer" : "no nearer", other,
        (double)told->other_class_cosine);
}

const struct rule image_similarity_rule = {
    .id = 3,
    .code = "T3",
    .name = "Unlike same-class training data",
    .method = METHOD_IMAGE_SIMILARITY,
    .needs = NEEDS_PREDICTION | NEEDS_EMBEDDING | NEEDS_APPEARANCE,
    .profile = PROFILE_REQUIRED,
    .speaks_from = 0.5,
    .suggestion =
        "Compare with the nearest training images; if the class is right, add more images of this look.",
    .formula = "(clip((r - 0.45) / 0.05) / 2 + 0.4 clip((r - 0.5) / 0.05) + 0.1 clip((r - 0.55) / 0.35)) x "
               "worth, r = distance to the nearest training image of the predicted "
               "class / (that + distance to the nearest of another class), distance = 1 - cosine, mean of "
               "appearance (x 4) and embedding by their worth; detectors: the class of the best box, held "
               "against training images that show it and those that do not",
    .source = "inverse of the trust score, Jiang et al. 2018, without its density filter",
    .misleads = "One wrongly labelled training image close by is enough to raise or to silence it.",
    .strength = similarity_strength,
    .explain = similarity_explain,
    .off = vote_off,
};
