/* SPDX-License-Identifier: Apache-2.0 */
/* Presence: which classes the nearest training images of a detector's image show, and which its answer has.
 */
#ifndef RULES_PRESENCE_H
#define RULES_PRESENCE_H

#include "rules/rule.h"

/* Votes for one class among the neighbours, 0..1. */
double presence_of(const struct neighbours *neighbours, const struct class_set *sets, uint32_t class_index);

/* A class that most votes expect and the answer lacks, or the reverse. */
struct presence_conflict {
    uint32_t class_index;
    double expected; /* share of votes for it */
    bool is_found;   /* the answer has it */
};
enum { PRESENCE_CONFLICTS_MAX = 5 };
/* The worst conflicts, ties by class; how many. A class counts from half the votes against the answer on. */
uint32_t presence_conflicts(const struct neighbours *neighbours, const struct class_set *sets,
                            const struct class_set *found,
                            struct presence_conflict ret[PRESENCE_CONFLICTS_MAX]);

#endif
