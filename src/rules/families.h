/* SPDX-License-Identifier: Apache-2.0 */
/* Families: the rows that each family file contributes to the registry. */
#ifndef RULES_FAMILIES_H
#define RULES_FAMILIES_H

#include "rules/rule.h"

enum { SEQUENCE_REASON = 4, ANOMALY_REASON = 30 };
enum { FEATURE_RULES_FIRST = 5, AUGMENTATION_RULES_FIRST = 19, AUGMENTATION_RULES = 11 };

extern const struct rule nothing_found_rule, low_confidence_rule; /* 0, 1: predict_score.c */
extern const struct rule clustering_rule;                         /* 2 */
extern const struct rule image_similarity_rule;                   /* 3 */
extern const struct rule sequential_rule;                         /* 4 */
extern const struct rule feature_rules[FEATURE_COUNT];            /* 5..18: feature_distribution.c */
extern const struct rule augmentation_rules[AUGMENTATION_RULES];  /* 19..29: aug_consistent.c */
extern const struct rule anomaly_rule;                            /* 30 */

#endif
