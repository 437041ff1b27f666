/* SPDX-License-Identifier: Apache-2.0 */
/* Vote: what the nearest training samples of an image say, and how much each feature space counts. */
#ifndef RULES_VOTE_H
#define RULES_VOTE_H

#include "rules/rule.h"

/*
 * Shares of the two spaces in one opinion, adding up to 1, and the worth of the better one, by which the
 * opinion as a whole counts. A space counts by its worth; the appearance four times over, because it does not
 * repeat the model's own mistakes. All 0: no neighbours, or none worth listening to.
 */
struct space_weights {
    double embedding, appearance, most;
};
struct space_weights vote_weights(const struct rule_subject *subject);

/* What the second space is called in evidence, and how a sentence about it begins. */
const char *
vote_second_space(const struct rule_reference *reference);            /* "appearance" | "feature_extractor" */
const char *vote_second_view(const struct rule_reference *reference); /* "By its looks" | … */
/* rule_disagreement with the predicted class, or rule_set_disagreement with the classes found. */
double vote_disagreement(const struct rule_subject *subject, const struct neighbours *neighbours);
/* The same of both spaces by their weights, 0..1; 0 where neither has a say. */
double vote_combined(const struct rule_subject *subject);
/* Distance to the nearest sample of the predicted class ÷ (that + distance to the nearest other), 0..1, 1/2
 * as near to both; distance is 1 - cosine. */
double vote_distance_ratio(const struct neighbours *neighbours);
/* The same of both spaces by their weights; 0 where neither has a say, or nothing is predicted. */
double vote_ratio(const struct rule_subject *subject);
double vote_of(const struct neighbours *neighbours, uint32_t rank); /* of one neighbour; the nearest has 1 */
/* rule->off of the rules that listen to neighbours. */
const char *vote_off(const struct rule *rule, const struct rule_reference *reference);

#endif
