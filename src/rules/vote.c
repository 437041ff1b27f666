/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/vote.h"

#include "rules/evidence.h"

#include <math.h>

static const double vote_temperature = 0.1;
static const double kappa_slight = 0.2, kappa_substantial = 0.6;
static const double appearance_bonus = 4;

double rule_space_worth(double agreement, double chance)
{
    if (!(chance < 1))
        return 0;
    double kappa = (agreement - chance) / (1 - chance);
    return evidence_unit((kappa - kappa_slight) / (kappa_substantial - kappa_slight));
}

double rule_missed_share(double quiet, uint32_t empty)
{
    return evidence_unit(1 - ((double)empty + 1) / (quiet + 2));
}

double rule_near_worth(double usual)
{
    return 1 / ((1 + usual) * (1 + usual));
}

double vote_of(const struct neighbours *neighbours, uint32_t rank)
{
    double behind = (double)neighbours->cosines[rank] - (double)neighbours->cosines[0];
    return exp(behind / vote_temperature);
}

double rule_disagreement(const struct neighbours *neighbours, const uint32_t *labels, uint32_t label)
{
    double against = 0, all = 0;
    for (uint32_t i = 0; i < neighbours->count; i++) {
        double vote = vote_of(neighbours, i);
        all += vote;
        if (labels[neighbours->samples[i]] != label)
            against += vote;
    }
    return all > 0 ? against / all : 0;
}

const char *vote_second_space(const struct rule_reference *reference)
{
    return reference->feature_extractor ? "feature_extractor" : "appearance";
}

const char *vote_second_view(const struct rule_reference *reference)
{
    return reference->feature_extractor ? "By the feature extractor" : "By its looks";
}

double vote_disagreement(const struct rule_subject *subject, const struct neighbours *neighbours)
{
    const struct rule_reference *reference = subject->reference;
    return reference->class_sets ? rule_set_disagreement(neighbours, reference->class_sets, &subject->found)
                                 : rule_disagreement(neighbours, reference->labels, subject->predicted);
}

struct space_weights vote_weights(const struct rule_subject *subject)
{
    double embedding = subject->embedding.count ? subject->reference->embedding_worth : 0;
    double appearance = subject->appearance.count ? subject->reference->appearance_worth : 0;
    double sum = embedding + appearance_bonus * appearance;
    if (!subject->reference->labels || !(sum > 0))
        return (struct space_weights){0};
    double most = fmax(embedding, appearance);
    return (struct space_weights){
        .embedding = embedding / sum, .appearance = appearance_bonus * appearance / sum, .most = most};
}

double vote_combined(const struct rule_subject *subject)
{
    struct space_weights weights = vote_weights(subject);
    double against = 0;
    if (weights.embedding > 0)
        against += weights.embedding * vote_disagreement(subject, &subject->embedding);
    if (weights.appearance > 0)
        against += weights.appearance * vote_disagreement(subject, &subject->appearance);
    return evidence_unit(against);
}

double vote_distance_ratio(const struct neighbours *neighbours)
{
    double same = 1 - (double)neighbours->same_class_cosine;
    double other = 1 - (double)neighbours->other_class_cosine;
    same = same > 0 ? same : 0;
    other = other > 0 ? other : 0;
    /* As near to both as can be: neither speaks against the other. */
    return same + other > 0 ? same / (same + other) : 0.5;
}

double vote_ratio(const struct rule_subject *subject)
{
    struct space_weights weights = vote_weights(subject);
    double ratio = 0;
    if (subject->predicted == CLASS_NONE)
        return 0;
    if (weights.embedding > 0)
        ratio += weights.embedding * vote_distance_ratio(&subject->embedding);
    if (weights.appearance > 0)
        ratio += weights.appearance * vote_distance_ratio(&subject->appearance);
    return evidence_unit(ratio);
}

const char *vote_off(const struct rule *rule, const struct rule_reference *reference)
{
    (void)rule;
    if (reference->embedding_worth > 0 || reference->appearance_worth > 0)
        return NULL;
    return "the training images' own neighbours do not agree with their labels, in neither feature space";
}
