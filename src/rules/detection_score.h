/* SPDX-License-Identifier: Apache-2.0 */
/* Detection score: how unsure a detector's whole answer for an image is, for reasons 0 and 1. */
#ifndef RULES_DETECTION_SCORE_H
#define RULES_DETECTION_SCORE_H

#include "rules/rule.h"

/* Wrong decisions to be expected. A box doubts by 1 - (1 - r²) (1 - a) (1 - o), r = (1 - score) / (1 -
 * threshold): 1 at the threshold, 0 when it is sure; a = score of the best other class / that of its own; o =
 * largest intersection over union with a better box. A near miss doubts by its weight (record/near_misses.h).
 */
struct detection_doubt {
    double answers;   /* sum over the boxes from the threshold on, NEAR_MISS_ANSWERS_MAX at most */
    double near_mass; /* sum over the near misses */
    /* (answers + near_mass / (1 + usual near mass)²) / sqrt(1 + boxes): between the sum, which finds every
     * crowd hard, and the mean, in which one bad box drowns. */
    double expected;
};
struct detection_doubt detection_doubt_of(const struct rule_subject *subject);

/* Strengths; both 0 for classification. The first speaks where no box reaches the threshold, the second where
 * one does. */
double detection_nothing_strength(const struct rule_subject *subject);
double detection_unsure_strength(const struct rule_subject *subject);
void detection_nothing_explain(const struct rule_subject *subject, yyjson_mut_doc *doc,
                               yyjson_mut_val *evidence);
void detection_unsure_explain(const struct rule_subject *subject, yyjson_mut_doc *doc,
                              yyjson_mut_val *evidence);

#endif
