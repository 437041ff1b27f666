/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Near misses: a detector's candidates below the score threshold. What it nearly saw is the best sign of what
 * it missed. One of score s weighs s / threshold × (1 - o), 0 to 1, with o its largest intersection over
 * union with an answer: what an answer covers already was not missed. Ours, after "near-miss" counts of
 * candidates under the serving threshold.
 *
 * Threads: works on its arguments only.
 */
#ifndef RECORD_NEAR_MISSES_H
#define RECORD_NEAR_MISSES_H

#include "record/record.h"

/* The best of either are looked at: the cost grows with their product. */
enum { NEAR_MISSES_MAX = 1000, NEAR_MISS_ANSWERS_MAX = 1000 };

/* Near misses that are looked at: candidates `answers` to `answers` + this. */
uint32_t record_near_misses(const struct record *record, uint32_t answers);
/* Weight of the candidate of that index, which is one of them; `answers`: record_answers. */
double record_near_miss(const struct record_header *header, const struct record *record, uint32_t answers,
                        uint32_t candidate);
/* The sum of their weights. */
double record_near_mass(const struct record_header *header, const struct record *record, uint32_t answers);

#endif
