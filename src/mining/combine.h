/* SPDX-License-Identifier: Apache-2.0 */
/* Combine: the strengths of the reasons of one image become its hard coefficient. */
#ifndef MINING_COMBINE_H
#define MINING_COMBINE_H

#include "mining/settings.h"

/*
 * Noisy-or over methods: 1 - product of (1 - weight × strength), the strength of a method being that of its
 * strongest reason. In [0, 1], never falls when a strength or a weight grows, and does not ask that weights
 * add up to anything. Reasons whose `strengths` are 0 change nothing. All but aug_consistent_mining, whose
 * strength combine_views gives.
 */
double combine_coefficient(const double weights[METHOD_COUNT], const double strengths[REASON_COUNT]);

/* The strength of aug_consistent_mining: the mean of its operations' by their weights, for one view is a weak
 * witness, and the loudest of several weaker still. An image that only some operations saw is measured by the
 * most that these could have said: mean worth of all x (sum of strengths / sum of worths) of those measured,
 * which is the plain mean where all were. Strengths are NaN where not measured; 0 when none was. Both arrays
 * are in the order of the reasons. */
double combine_views(const struct augment_settings *settings, const double worths[AUGMENT_OPS],
                     const double strengths[AUGMENT_OPS]);
/* A coefficient with one more method in the noisy-or. */
double combine_with(double coefficient, double weight, double strength);

/*
 * The reasons to list for a hard example: those at or above their speaks_from (rule_speaks_from), strongest
 * first by weight × strength, ties by id; the strongest alone when none is. Returns how many; 0 only when all
 * are 0.
 */
uint32_t combine_reasons(const double speaks_from[REASON_COUNT], const double weights[METHOD_COUNT],
                         const double strengths[REASON_COUNT], struct mining_reason ret[REASON_COUNT]);

#endif
