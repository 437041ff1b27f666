/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/demo.h"

#include <math.h>
#include <stdlib.h>

struct ranked {
    double hardness;
    uint64_t index;
    bool is_wrong;
};

static double or_last(double hardness)
{
    return isnan(hardness) ? (double)-INFINITY : hardness;
}

/* Hardest first; equal ones in the order of the run. */
static int compare(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;
    if (left->hardness != right->hardness)
        return left->hardness > right->hardness ? -1 : 1;
    return left->index < right->index ? -1 : 1;
}

static double precision(const struct ranked *list, uint64_t count, double share)
{
    uint64_t first = (uint64_t)ceil((double)count * share), wrong = 0;
    for (uint64_t i = 0; i < first; i++)
        wrong += list[i].is_wrong;
    return first > 0 ? (double)wrong / (double)first : 0;
}

/* Mann-Whitney; a tie counts as half. */
static double area(const struct ranked *list, uint64_t count, uint64_t wrong)
{
    double before = 0, wrong_seen = 0;
    for (uint64_t i = 0; i < count;) {
        uint64_t end = i, wrong_here = 0;
        for (; end < count && list[end].hardness == list[i].hardness; end++)
            wrong_here += list[end].is_wrong;
        double right_here = (double)(end - i - wrong_here);
        before += right_here * (wrong_seen + 0.5 * (double)wrong_here);
        wrong_seen += (double)wrong_here;
        i = end;
    }
    double pairs = (double)wrong * (double)(count - wrong);
    return pairs > 0 ? before / pairs : (double)NAN;
}

bool demo_score(const double *hardness, const bool *is_wrong, uint64_t count, struct demo_score *ret,
                struct error *err)
{
    struct ranked *list = calloc(count + 1, sizeof(*list));
    struct demo_score score = {.images = count};
    if (!list)
        return error_no_memory(err);
    for (uint64_t i = 0; i < count; i++) {
        list[i] = (struct ranked){or_last(hardness[i]), i, is_wrong[i]};
        score.wrong += is_wrong[i];
    }
    qsort(list, count, sizeof(*list), compare);
    score.first_5 = precision(list, count, 0.05);
    score.first_20 = precision(list, count, 0.20);
    score.auroc = area(list, count, score.wrong);
    free(list);
    *ret = score;
    return true;
}
