/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/detection_score.h"
#include "rules/evidence.h"
#include "rules/families.h"

#include <math.h>

/* A sigmoid model says yes to a class from this score on. */
static const double yes_from = 0.5;

static const char *softmax_finds_always(const struct rule *rule, const struct rule_reference *reference)
{
    (void)rule;
    const struct record_header *header = reference->header;
    bool must_name = header->type == MODEL_TYPE_CLASSIFICATION && header->activation == ACTIVATION_SOFTMAX;
    return must_name ? "a softmax model always names a class" : NULL;
}

static double nothing_found_strength(const struct rule *rule, const struct rule_subject *subject)
{
    const struct record_header *header = subject->reference->header;
    (void)rule;
    if (header->type == MODEL_TYPE_DETECTION)
        return detection_nothing_strength(subject);
    if (!subject->scores || header->activation != ACTIVATION_SIGMOID || header->classes == 0)
        return 0;
    return evidence_unit(1 - subject->scores[subject->predicted] / yes_from);
}

static void nothing_found_explain(const struct rule *rule, const struct rule_subject *subject,
                                  yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    (void)rule;
    if (subject->reference->header->type == MODEL_TYPE_DETECTION) {
        detection_nothing_explain(subject, doc, evidence);
        return;
    }
    double best = subject->scores[subject->predicted];
    const char *label = evidence_label(subject->reference->header, subject->predicted);
    evidence_number(doc, evidence, "best_score", best);
    evidence_text(doc, evidence, "best_label", label);
    evidence_number(doc, evidence, "yes_from", yes_from);
    evidence_sentence(
        doc, evidence,
        "The model says yes to no class: its best score is %.3f for '%s', and yes begins at %.1f.", best,
        label, yes_from);
}

/* What the model's scores say of how sure it is. For softmax of the whole answer, for sigmoid of the yes or
 * no that is least sure. */
struct unsureness {
    double rest; /* 1 - confidence, kept exact where confidence rounds to 1 */
    double margin, entropy;
    uint32_t answers; /* that the choice was between */
    uint32_t first,
        second; /* classes; second is CLASS_NONE where the other answer is "no" or there is none */
};

static double entropy_term(double share)
{
    return share > 0 ? -share * log(share) : 0;
}

static struct unsureness softmax_unsureness(const double *scores, uint32_t classes, uint32_t predicted)
{
    struct unsureness found = {.answers = classes, .first = predicted, .second = CLASS_NONE};
    for (uint32_t i = 0; i < classes; i++) {
        found.entropy += entropy_term(scores[i]);
        if (i == predicted)
            continue;
        found.rest += scores[i];
        if (found.second == CLASS_NONE || scores[i] > scores[found.second])
            found.second = i;
    }
    found.margin = scores[predicted] - (found.second == CLASS_NONE ? 0 : scores[found.second]);
    return found;
}

/* The same of softmax(logits / temperature): each share to the power 1 / temperature, over their sum. */
static struct unsureness calibrated_unsureness(const double *scores, uint32_t classes, uint32_t predicted,
                                               double temperature)
{
    struct unsureness found = {.answers = classes, .first = predicted, .second = CLASS_NONE};
    double others = 0, behind = 0, top = log(scores[predicted]), most = 0;
    for (uint32_t i = 0; i < classes; i++) {
        if (i == predicted)
            continue;
        double below = scores[i] > 0 ? (log(scores[i]) - top) / temperature : 0;
        double weight = scores[i] > 0 ? exp(below) : 0;
        others += weight;
        behind -= weight * below;
        if (found.second == CLASS_NONE || weight > most) {
            found.second = i;
            most = weight;
        }
    }
    found.rest = others / (1 + others);
    found.entropy = log1p(others) + behind / (1 + others);
    found.margin = (1 - most) / (1 + others);
    return found;
}

static struct unsureness sigmoid_unsureness(const double *scores, uint32_t classes)
{
    struct unsureness found = {.answers = 2, .first = 0, .second = CLASS_NONE};
    for (uint32_t i = 1; i < classes; i++)
        if (fabs(scores[i] - 0.5) < fabs(scores[found.first] - 0.5))
            found.first = i;
    double yes = scores[found.first];
    found.rest = fmin(yes, 1 - yes);
    found.margin = fabs(2 * yes - 1);
    found.entropy = entropy_term(yes) + entropy_term(1 - yes);
    return found;
}

static struct unsureness unsureness_of(const struct rule_subject *subject)
{
    const struct record_header *header = subject->reference->header;
    return header->activation == ACTIVATION_SIGMOID
               ? sigmoid_unsureness(subject->scores, header->classes)
               : softmax_unsureness(subject->scores, header->classes, subject->predicted);
}

/* Mean of 1 - confidence and entropy, each divided by the most it can be. */
static double strength_of(const struct unsureness *found)
{
    double answers = found->answers;
    if (found->answers < 2)
        return 0;
    return evidence_unit((found->rest * answers / (answers - 1) + found->entropy / log(answers)) / 2);
}

static bool is_calibrated(const struct rule_reference *reference)
{
    return reference->temperature > 0 && reference->header->activation == ACTIVATION_SOFTMAX;
}

static double low_confidence_strength(const struct rule *rule, const struct rule_subject *subject)
{
    (void)rule;
    const struct rule_reference *reference = subject->reference;
    if (reference->header->type == MODEL_TYPE_DETECTION)
        return detection_unsure_strength(subject);
    if (!subject->scores || reference->header->classes == 0)
        return 0;
    struct unsureness found = unsureness_of(subject);
    return strength_of(&found);
}

static void add_calibrated(const struct rule_subject *subject, yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    const struct rule_reference *reference = subject->reference;
    if (!is_calibrated(reference))
        return;
    struct unsureness found = calibrated_unsureness(subject->scores, reference->header->classes,
                                                    subject->predicted, reference->temperature);
    yyjson_mut_val *calibrated = yyjson_mut_obj_add_obj(doc, evidence, "calibrated");
    evidence_number(doc, calibrated, "temperature", reference->temperature);
    evidence_number(doc, calibrated, "confidence", 1 - found.rest);
    evidence_number(doc, calibrated, "margin", found.margin);
    evidence_number(doc, calibrated, "entropy", found.entropy);
}

static void low_confidence_explain(const struct rule *rule, const struct rule_subject *subject,
                                   yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    (void)rule;
    const struct record_header *header = subject->reference->header;
    if (header->type == MODEL_TYPE_DETECTION) {
        detection_unsure_explain(subject, doc, evidence);
        return;
    }
    struct unsureness found = unsureness_of(subject);
    const char *first = evidence_label(header, found.first);
    evidence_number(doc, evidence, "confidence", 1 - found.rest);
    evidence_number(doc, evidence, "margin", found.margin);
    evidence_number(doc, evidence, "entropy", found.entropy);
    evidence_number(doc, evidence, "classes_between", exp(found.entropy));
    evidence_text(doc, evidence, "label", first);
    if (header->activation == ACTIVATION_SIGMOID) {
        bool is_yes = subject->scores[found.first] >= yes_from;
        evidence_sentence(doc, evidence, "The model says %s to '%s' with only %.1f %%.",
                          is_yes ? "yes" : "no", first, 100 * (1 - found.rest));
        return;
    }
    if (found.second == CLASS_NONE)
        return;
    const char *second = evidence_label(header, found.second);
    double second_score = subject->scores[found.second];
    evidence_text(doc, evidence, "second_label", second);
    evidence_number(doc, evidence, "second_score", second_score);
    add_calibrated(subject, doc, evidence);
    evidence_sentence(doc, evidence,
                      "The model gives '%s' %.1f %% and '%s' %.1f %%; it wavers as between %.1f classes.",
                      first, 100 * (1 - found.rest), second, 100 * second_score, exp(found.entropy));
}

const struct rule nothing_found_rule = {
    .id = 0,
    .code = "N0",
    .name = "Nothing detected",
    .method = METHOD_PREDICT_SCORE,
    .needs = NEEDS_PREDICTION,
    .profile = PROFILE_MAY_USE_BATCH,
    .speaks_from = 0.05,
    .suggestion = "Label what the image shows, or mark it as showing none of the classes.",
    .formula = "detectors without a box from the threshold t on: 1 - (1 - b) exp(-N / (1 + m)^2), N = "
               "near-miss mass = sum over candidates of score / t, m = its mean over the training images, "
               "else the batch, b = 1 - (E + 1) / (Q + 2) over the training images in which the model finds "
               "nothing, E of them empty indeed, Q = sum of their exp(-N / (1 + m)^2) (without a training "
               "manifest b = 0.1); sigmoid classifiers: max(0, 1 - best score / 0.5); softmax classifiers "
               "always name a class",
    .source = "ModelArts reason 0; the mappings are ours",
    .misleads =
        "Images that rightly show none of the classes: of a classifier they speak as loudly as missed "
        "ones, of a detector quietly.",
    .strength = nothing_found_strength,
    .explain = nothing_found_explain,
    .off = softmax_finds_always,
};

const struct rule low_confidence_rule = {
    .id = 1,
    .code = "C1",
    .name = "Low confidence",
    .method = METHOD_PREDICT_SCORE,
    .needs = NEEDS_PREDICTION,
    .profile = PROFILE_MAY_USE_BATCH,
    .speaks_from = 0.25,
    .suggestion = "Confirm or correct the class or the boxes, and add similar images to the training set.",
    .formula =
        "detectors with n boxes: 1 - exp(-U), U = (D + N / (1 + m)^2) / sqrt(1 + n), D = sum over "
        "boxes of 1 - (1 - r^2) (1 - a) (1 - o), r = (1 - score) / (1 - t), a = score of the best other "
        "class "
        "/ that of its own, o = largest IoU with a better box, N = near-miss mass = sum over candidates "
        "below the "
        "threshold t of score / t x (1 - largest IoU with a box), m = its mean over the training "
        "images, else the batch; classifiers: ((1 - p1) K / (K - 1) + H / ln K) / 2 with H = -sum p ln "
        "p over the K classes; "
        "sigmoid classifiers: "
        "the same with K = 2 for the class whose yes or no "
        "is least sure",
    .source = "Hendrycks & Gimpel 2017 (largest softmax score); Shannon entropy as in uncertainty sampling, "
              "Settles 2009; temperature T: Guo et al. 2017; detectors: expected wrong decisions and near "
              "misses, ours",
    .misleads =
        "A model may be sure and wrong, above all on images unlike its training data; and a model "
        "trained with label smoothing is never quite sure. What a detector misses without a candidate "
        "stays unseen; things that truly cover each other look like one found twice.",
    .strength = low_confidence_strength,
    .explain = low_confidence_explain,
};
