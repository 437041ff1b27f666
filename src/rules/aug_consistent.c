/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/evidence.h"
#include "rules/families.h"

#include <math.h>

double rule_view_change(const struct record_header *header, const struct view *view)
{
    return header->type == MODEL_TYPE_DETECTION ? (double)view->changed : 1 - (double)view->kept;
}

double rule_view_worth(double telling, double upset)
{
    double gini = 2 * telling - 1;
    if (isnan(telling))
        return evidence_unit(1 - upset / RULE_UPSET_MAX);
    return gini > 0 ? evidence_unit(gini * gini) : 0;
}

static const struct view_reference *reference_of(const struct rule *rule,
                                                 const struct rule_reference *reference)
{
    return reference->views ? &reference->views[rule->id - AUGMENTATION_RULES_FIRST] : NULL;
}

void rule_speaks_from(const struct rule_reference *reference, double ret[REASON_COUNT])
{
    for (int i = 0; i < REASON_COUNT; i++)
        ret[i] = all_rules[i]->speaks_from;
    for (int i = 0; reference->views && i < AUGMENT_OPS; i++)
        ret[AUGMENTATION_RULES_FIRST + i] *= reference->views[i].worth;
}

static const struct view *view_of(const struct rule *rule, const struct rule_subject *subject)
{
    const struct view *view = subject->views ? &subject->views[rule->id - AUGMENTATION_RULES_FIRST] : NULL;
    return view && view_is_measured(view) ? view : NULL;
}

static const char *augmentation_off(const struct rule *rule, const struct rule_reference *reference)
{
    const struct view_reference *view = reference_of(rule, reference);
    if (!view)
        return "no copies are inferred: the method has no weight, aug_budget is 0, or the model is not at "
               "hand";
    if (!view->setting.op)
        return "not in aug_op_config";
    return view->off[0] ? view->off : NULL;
}

/* Share of the reference images that change less; those that change as much count half. */
static double share_below(const struct view_reference *reference, double change)
{
    double less = rule_count_below(reference->changes, reference->count, change, false);
    double up_to = rule_count_below(reference->changes, reference->count, change, true);
    return reference->count > 0 ? (less + up_to) / 2 / reference->count : 0;
}

/* The share to the fourth: half of all images would else be loud. */
static double augmentation_strength(const struct rule *rule, const struct rule_subject *subject)
{
    const struct view *view = view_of(rule, subject);
    const struct view_reference *reference = reference_of(rule, subject->reference);
    if (!view || !reference || !reference->setting.op)
        return 0;
    double share = share_below(reference, rule_view_change(subject->reference->header, view));
    double squared = share * share;
    return evidence_unit(reference->worth * squared * squared);
}

static void explain_classes(const struct rule_subject *subject, const struct view *view, const char *done,
                            yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    const struct record_header *header = subject->reference->header;
    const char *label = evidence_label(header, subject->predicted);
    const char *other = evidence_label(header, (uint32_t)view->label);
    double score = subject->scores ? subject->scores[subject->predicted] : (double)NAN;
    evidence_text(doc, evidence, "predicted_label", label);
    evidence_number(doc, evidence, "predicted_score", score);
    evidence_text(doc, evidence, "copy_label", other);
    evidence_number(doc, evidence, "copy_score", (double)view->score);
    evidence_number(doc, evidence, "score_kept", (double)view->kept);
    evidence_number(doc, evidence, "divergence", (double)view->changed);
    if ((uint32_t)view->label == subject->predicted)
        evidence_sentence(doc, evidence, "The model says '%s' with %.3f; when the image is %s, with %.3f.",
                          label, score, done, (double)view->kept);
    else
        evidence_sentence(doc, evidence,
                          "The model says '%s' with %.3f; when the image is %s, '%s' with %.3f.", label,
                          score, done, other, (double)view->score);
}

static void explain_boxes(const struct rule_subject *subject, const struct view *view, const char *done,
                          yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    (void)yyjson_mut_obj_add_uint(doc, evidence, "boxes_kept", subject->box_count);
    evidence_number(doc, evidence, "copy_boxes", (double)view->boxes);
    evidence_number(doc, evidence, "changed", (double)view->changed);
    evidence_number(doc, evidence, "lost", (double)view->lost);
    evidence_number(doc, evidence, "gained", (double)view->gained);
    evidence_sentence(
        doc, evidence,
        "The model finds %u boxes; when the image is %s, %.0f: scores of %.3f are lost and %.3f are "
        "new, and the answer changes by %.3f.",
        subject->box_count, done, (double)view->boxes, (double)view->lost, (double)view->gained,
        (double)view->changed);
}

static void augmentation_explain(const struct rule *rule, const struct rule_subject *subject,
                                 yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    const struct view *view = view_of(rule, subject);
    const struct view_reference *reference = reference_of(rule, subject->reference);
    if (!view || !reference || !reference->setting.op)
        return;
    const struct augment_op *op = reference->setting.op;
    const struct record_header *header = subject->reference->header;
    evidence_text(doc, evidence, "operation", op->name);
    if (op->parameter.name) {
        evidence_text(doc, evidence, "parameter", op->parameter.name);
        evidence_number(doc, evidence, "amount", reference->setting.amount);
        evidence_text(doc, evidence, "unit", op->parameter.unit);
    }
    evidence_number(doc, evidence, "usual_share", share_below(reference, rule_view_change(header, view)));
    evidence_number(doc, evidence, "worth", reference->worth);
    evidence_text(doc, evidence, "reference", reference->is_batch ? "batch" : "training");
    (void)yyjson_mut_obj_add_uint(doc, evidence, "reference_count", reference->count);
    if (header->type == MODEL_TYPE_DETECTION)
        explain_boxes(subject, view, op->summary, doc, evidence);
    else
        explain_classes(subject, view, op->summary, doc, evidence);
}

#define AUGMENTATION_RULE(place, code_text, name_text, suggestion_text, misleads_text)                       \
    {                                                                                                        \
        .id = AUGMENTATION_RULES_FIRST + (place), .code = (code_text), .name = (name_text),                  \
        .method = METHOD_AUG_CONSISTENT, .needs = NEEDS_PREDICTION | NEEDS_REINFERENCE,                      \
        .profile = PROFILE_MAY_USE_BATCH, .speaks_from = 0.9, .suggestion = (suggestion_text),               \
        .misleads = (misleads_text),                                                                         \
        .formula = "worth x F^4, F share of rightly predicted training images whose answer changes less; "   \
                   "change: 1 - score of the image's class in the copy; detectors: 1 - sum(IoU x smaller "   \
                   "score) / sum(larger score) over the boxes matched back; worth = (2 A - 1)^2, A the "     \
                   "change's AUROC for wrong predictions in the training set",                               \
        .source = "test-time augmentation; consistency as in CALD, Yu et al. 2022; operations: imgaug",      \
        .strength = augmentation_strength, .explain = augmentation_explain, .off = augmentation_off,         \
    }
const struct rule augmentation_rules[AUGMENTATION_RULES] = {
    AUGMENTATION_RULE(0, "A19", "Changes when blurred", "Add blur to the training, and blurred images.",
                      "Blur removes small things that rightly decide the class."),
    AUGMENTATION_RULE(1, "A20", "Changes when mirrored", "Add left-right mirroring to the training.",
                      "Some classes are not the same mirrored: text, hands, arrows."),
    AUGMENTATION_RULE(2, "A21", "Changes when cropped", "Add cropping to the training, and objects cut off.",
                      "A crop may remove the very object."),
    AUGMENTATION_RULE(3, "A22", "Changes when flipped",
                      "Add flipping top to bottom to the training if it can happen.",
                      "Most cameras never stand on their heads."),
    AUGMENTATION_RULE(4, "A23", "Changes when scaled",
                      "Add scaling to the training, and objects at this distance.",
                      "Scaling down removes detail that rightly decides the class."),
    AUGMENTATION_RULE(5, "A24", "Changes when shifted", "Add shifting to the training.",
                      "A shift may move the object out of the image."),
    AUGMENTATION_RULE(6, "A25", "Changes when sheared", "Add shearing to the training, and slanted views.",
                      "Strong shear makes shapes that no camera sees."),
    AUGMENTATION_RULE(7, "A26", "Changes when superpixelled",
                      "Look at textures: the model may lean on them too much.",
                      "Superpixels remove texture that rightly decides the class."),
    AUGMENTATION_RULE(8, "A27", "Changes when sharpened", "Add sharpening to the training.",
                      "Sharpening raises noise."),
    AUGMENTATION_RULE(9, "A28", "Changes when brightened", "Vary the brightness in training.",
                      "Brightening an image that is bright already wipes it out."),
    AUGMENTATION_RULE(10, "A29", "Changes when inverted",
                      "Add inverted images to the training if they can happen.",
                      "Negatives hardly ever happen; few models survive them."),
};
