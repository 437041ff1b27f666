/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/presence.h"

#include "rules/vote.h"

#include <math.h>

double presence_of(const struct neighbours *neighbours, const struct class_set *sets, uint32_t class_index)
{
    double votes = 0, all = 0;
    for (uint32_t i = 0; i < neighbours->count; i++) {
        double vote = vote_of(neighbours, i);
        all += vote;
        if (class_set_has(&sets[neighbours->samples[i]], class_index))
            votes += vote;
    }
    return all > 0 ? votes / all : 0;
}

double rule_presence_distance(double found, double expected, double shared)
{
    double either = found + expected - shared;
    return either > 0 ? fmin(fmax((found + expected - 2 * shared) / either, 0), 1) : 0;
}

static uint32_t count_shared(const struct class_set *one, const struct class_set *other)
{
    uint32_t shared = 0;
    for (uint32_t i = 0, j = 0; i < one->count && j < other->count;) {
        uint32_t a = one->classes[i], b = other->classes[j];
        shared += a == b;
        i += a <= b;
        j += b <= a;
    }
    return shared;
}

double rule_set_disagreement(const struct neighbours *neighbours, const struct class_set *sets,
                             const struct class_set *found)
{
    double expected = 0, shared = 0, all = 0;
    for (uint32_t i = 0; i < neighbours->count; i++) {
        const struct class_set *set = &sets[neighbours->samples[i]];
        double vote = vote_of(neighbours, i);
        all += vote;
        expected += vote * set->count;
        shared += vote * count_shared(set, found);
    }
    return all > 0 ? rule_presence_distance(found->count, expected / all, shared / all) : 0;
}

static void insert(struct presence_conflict conflict, struct presence_conflict *list, uint32_t *count)
{
    uint32_t place = *count;
    double size = fabs(conflict.expected - (conflict.is_found ? 1 : 0));
    for (uint32_t i = 0; i < *count; i++)
        if (list[i].class_index == conflict.class_index)
            return;
    for (; place > 0; place--) {
        const struct presence_conflict *before = &list[place - 1];
        double other = fabs(before->expected - (before->is_found ? 1 : 0));
        if (other > size || (!(other < size) && before->class_index < conflict.class_index))
            break;
        if (place < PRESENCE_CONFLICTS_MAX)
            list[place] = *before;
    }
    if (place == PRESENCE_CONFLICTS_MAX)
        return;
    list[place] = conflict;
    *count += *count < PRESENCE_CONFLICTS_MAX;
}

uint32_t presence_conflicts(const struct neighbours *neighbours, const struct class_set *sets,
                            const struct class_set *found,
                            struct presence_conflict ret[PRESENCE_CONFLICTS_MAX])
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < found->count; i++) {
        double expected = presence_of(neighbours, sets, found->classes[i]);
        if (expected <= 0.5)
            insert((struct presence_conflict){found->classes[i], expected, true}, ret, &count);
    }
    for (uint32_t n = 0; n < neighbours->count; n++) {
        const struct class_set *set = &sets[neighbours->samples[n]];
        for (uint32_t i = 0; i < set->count; i++) {
            double expected = presence_of(neighbours, sets, set->classes[i]);
            if (expected >= 0.5 && !class_set_has(found, set->classes[i]))
                insert((struct presence_conflict){set->classes[i], expected, false}, ret, &count);
        }
    }
    return count;
}
