/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/evidence.h"
#include "rules/families.h"
#include "rules/presence.h"
#include "rules/vote.h"

static double clustering_strength(const struct rule *rule, const struct rule_subject *subject)
{
    (void)rule;
    struct space_weights weights = vote_weights(subject);
    if (!(weights.most > 0))
        return 0;
    double against = vote_combined(subject);
    /* Smooth step: near agreement and near disagreement count as such, the middle decides. */
    return evidence_unit(weights.most * against * against * (3 - 2 * against));
}

/* The label with the most votes, the nearest of equals; how many of the neighbours carry it. */
static uint32_t winning_label(const struct neighbours *neighbours, const uint32_t *labels,
                              uint32_t *ret_carriers)
{
    uint32_t winner = CLASS_NONE;
    double least_against = 2;
    for (uint32_t i = 0; i < neighbours->count; i++) {
        double against = rule_disagreement(neighbours, labels, labels[neighbours->samples[i]]);
        if (against < least_against) {
            least_against = against;
            winner = labels[neighbours->samples[i]];
        }
    }
    *ret_carriers = 0;
    for (uint32_t i = 0; i < neighbours->count; i++)
        *ret_carriers += labels[neighbours->samples[i]] == winner;
    return winner;
}

static void add_neighbours(const struct rule_reference *reference, const struct neighbours *neighbours,
                           yyjson_mut_doc *doc, yyjson_mut_val *space)
{
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, space, "neighbours");
    for (uint32_t i = 0; i < neighbours->count; i++) {
        yyjson_mut_val *one = yyjson_mut_arr_add_obj(doc, list);
        uint32_t sample = neighbours->samples[i];
        if (reference->profile)
            evidence_text(doc, one, "source", profile_source(reference->profile, sample));
        evidence_sample_labels(reference, sample, doc, one);
        evidence_number(doc, one, "cosine", (double)neighbours->cosines[i]);
    }
}

static void add_space(const struct rule_subject *subject, const struct neighbours *neighbours,
                      const char *name, yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    const struct rule_reference *reference = subject->reference;
    if (neighbours->count == 0)
        return;
    yyjson_mut_val *space = yyjson_mut_obj_add_obj(doc, evidence, name);
    bool is_embedding = neighbours == &subject->embedding;
    evidence_number(doc, space, "disagreement", vote_disagreement(subject, neighbours));
    evidence_number(doc, space, "worth",
                    is_embedding ? reference->embedding_worth : reference->appearance_worth);
    add_neighbours(reference, neighbours, doc, space);
}

static void add_conflicts(const struct rule_reference *reference, const struct presence_conflict *conflicts,
                          uint32_t count, yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, evidence, "conflicts");
    for (uint32_t i = 0; i < count; i++) {
        yyjson_mut_val *one = yyjson_mut_arr_add_obj(doc, list);
        evidence_text(doc, one, "label", evidence_label(reference->header, conflicts[i].class_index));
        evidence_number(doc, one, "expected", conflicts[i].expected);
        (void)yyjson_mut_obj_add_bool(doc, one, "found", conflicts[i].is_found);
    }
}

/* `told`: the neighbours that the sentence speaks of, with the words for them. */
static void explain_presence(const struct rule_subject *subject, const struct neighbours *told,
                             const char *words, yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    const struct rule_reference *reference = subject->reference;
    struct presence_conflict conflicts[PRESENCE_CONFLICTS_MAX];
    uint32_t showing = 0, count = presence_conflicts(told, reference->class_sets, &subject->found, conflicts);
    add_conflicts(reference, conflicts, count, doc, evidence);
    if (count == 0) {
        evidence_sentence(doc, evidence, "The %u training images that %s do not agree on what they show.",
                          told->count, words);
        return;
    }
    for (uint32_t i = 0; i < told->count; i++)
        showing += class_set_has(&reference->class_sets[told->samples[i]], conflicts[0].class_index);
    evidence_sentence(doc, evidence, "%u of the %u training images that %s show '%s'; the model %s.", showing,
                      told->count, words, evidence_label(reference->header, conflicts[0].class_index),
                      conflicts[0].is_found ? "finds it" : "does not find it");
}

static void clustering_explain(const struct rule *rule, const struct rule_subject *subject,
                               yyjson_mut_doc *doc, yyjson_mut_val *evidence)
{
    (void)rule;
    const struct rule_reference *reference = subject->reference;
    struct space_weights weights = vote_weights(subject);
    const char *predicted = evidence_label(reference->header, subject->predicted);
    if (!reference->class_sets)
        evidence_text(doc, evidence, "predicted_label", predicted);
    evidence_number(doc, evidence, "disagreement", vote_combined(subject));
    add_space(subject, &subject->appearance, vote_second_space(reference), doc, evidence);
    add_space(subject, &subject->embedding, "embedding", doc, evidence);

    bool by_looks = weights.appearance >= weights.embedding;
    const struct neighbours *told = by_looks ? &subject->appearance : &subject->embedding;
    const char *words = !by_looks                      ? "are nearest in the model's own view"
                        : reference->feature_extractor ? "are nearest by the feature extractor"
                                                       : "look most like it";
    if (reference->class_sets) {
        explain_presence(subject, told, words, doc, evidence);
        return;
    }
    uint32_t carriers = 0;
    uint32_t winner = winning_label(told, reference->labels, &carriers);
    evidence_sentence(doc, evidence,
                      "%u of the %u training images that %s are labelled '%s'; the model says '%s'.",
                      carriers, told->count, words, evidence_label(reference->header, winner), predicted);
}

const struct rule clustering_rule = {
    .id = 2,
    .code = "T2",
    .name = "Cluster disagrees",
    .method = METHOD_CLUSTERING,
    .needs = NEEDS_PREDICTION | NEEDS_EMBEDDING | NEEDS_APPEARANCE,
    .profile = PROFILE_REQUIRED,
    .speaks_from = 0.5,
    .suggestion =
        "Check the class against the training images beside it; if they are labelled wrong, correct "
        "them.",
    .formula = "smoothstep(d) x worth, d = votes of the 10 nearest training images against the predicted "
               "class / all votes, vote = exp((cosine - nearest) / 0.1), mean of appearance (x 4) and "
               "embedding by their worth; detectors: d = (f + e - 2 s) / (f + e - s), f classes found, e the "
               "sum over classes of the votes of training images that show them, s the part of e that was "
               "found",
    .source = "k-nearest-neighbour label agreement; worth: Cohen's kappa on the training set, leaving one "
              "out, with the limits of Landis & Koch 1977; detectors: Ruzicka 1958 (Jaccard for shares)",
    .misleads =
        "Where classes differ in what the appearance vector does not see (text, small parts, context), "
        "its neighbours disagree with right predictions; wrong labels in the training set vote too.",
    .strength = clustering_strength,
    .explain = clustering_explain,
    .off = vote_off,
};
