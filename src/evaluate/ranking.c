/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/ranking.h"

#include <math.h>
#include <stdlib.h>

struct ranked {
    double hardness;
    uint64_t index;
    bool is_wrong;
};

/* Images of equal hardness, and how many stand before them. */
struct tie {
    double before, wrong_before, count, wrong;
};

static double or_last(double hardness)
{
    return isnan(hardness) ? (double)-INFINITY : hardness;
}

static int hardest_first(const void *a, const void *b)
{
    const struct ranked *one = a, *other = b;
    if (one->hardness < other->hardness || one->hardness > other->hardness)
        return one->hardness > other->hardness ? -1 : 1;
    return one->index < other->index ? -1 : one->index > other->index;
}

static struct ranked *sort(const double *hardness, const bool *is_wrong, uint64_t count)
{
    struct ranked *list = calloc(count + 1, sizeof(*list));
    for (uint64_t i = 0; list && i < count; i++)
        list[i] = (struct ranked){or_last(hardness[i]), i, is_wrong && is_wrong[i]};
    if (list)
        qsort(list, count, sizeof(*list), hardest_first);
    return list;
}

/* The tie that starts at list[start]. */
static struct tie tie_at(const struct ranked *list, uint64_t count, uint64_t start, double wrong_before)
{
    struct tie tie = {.before = (double)start, .wrong_before = wrong_before};
    for (uint64_t i = start; i < count && list[i].hardness == list[start].hardness; i++) {
        tie.count++;
        tie.wrong += list[i].is_wrong;
    }
    return tie;
}

/* Wrong ones among the first `first`, as far as they lie in this tie. */
static double wrong_within(const struct tie *tie, double first)
{
    double inside = fmin(fmax(first - tie->before, 0), tie->count);
    return tie->wrong * inside / tie->count;
}

/* Sum over the images of a tie of the share of wrong ones among it and all that are less hard. */
static double risks_of(const struct tie *tie, double images, double wrong)
{
    double covered = images - tie->before - tie->count, sum = 0;
    double errors = wrong - tie->wrong_before - tie->wrong;
    for (uint64_t i = 1; i <= (uint64_t)tie->count; i++) {
        double inside = (double)i;
        sum += (errors + tie->wrong * inside / tie->count) / (covered + inside);
    }
    return sum;
}

/* AURC of a list with all wrong ones first. */
static double best_aurc(uint64_t images, uint64_t wrong)
{
    double sum = 0;
    for (uint64_t k = images - wrong + 1; k <= images; k++)
        sum += (double)(k - (images - wrong)) / (double)k;
    return images > 0 ? sum / (double)images : 0;
}

static void measure(const struct ranked *list, struct ranking *ret)
{
    double images = (double)ret->images, wrong = (double)ret->wrong, pairs = wrong * (images - wrong);
    double five = ceil(images * 0.05), twenty = ceil(images * 0.20), seen = 0, ordered = 0;
    for (uint64_t start = 0; start < ret->images;) {
        struct tie tie = tie_at(list, ret->images, start, seen);
        start += (uint64_t)tie.count;
        seen += tie.wrong;
        ordered += (tie.count - tie.wrong) * (tie.wrong_before + tie.wrong / 2);
        ret->average_precision += tie.wrong * seen / (double)start;
        ret->aurc += risks_of(&tie, images, wrong);
        ret->first_5 += wrong_within(&tie, five);
        ret->first_20 += wrong_within(&tie, twenty);
    }
    ret->auroc = pairs > 0 ? ordered / pairs : (double)NAN;
    ret->average_precision = wrong > 0 ? ret->average_precision / wrong : (double)NAN;
    if (ret->images == 0)
        return;
    ret->aurc /= images;
    ret->excess_aurc = ret->aurc - best_aurc(ret->images, ret->wrong);
    ret->first_5 /= five;
    ret->first_20 /= twenty;
}

bool evaluate_ranking(const double *hardness, const bool *is_wrong, uint64_t count, struct ranking *ret,
                      struct error *err)
{
    struct ranked *list = sort(hardness, is_wrong, count);
    if (!list)
        return error_no_memory(err);
    *ret = (struct ranking){.images = count};
    for (uint64_t i = 0; i < count; i++)
        ret->wrong += is_wrong[i];
    measure(list, ret);
    free(list);
    return true;
}

bool evaluate_order(const double *hardness, uint64_t count, uint64_t *ret_order, struct error *err)
{
    struct ranked *list = sort(hardness, NULL, count);
    if (!list)
        return error_no_memory(err);
    for (uint64_t i = 0; i < count; i++)
        ret_order[i] = list[i].index;
    free(list);
    return true;
}

double evaluate_repeated_share(const uint64_t *hashes, const uint64_t *list, uint64_t count, int bits)
{
    uint64_t repeated = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t before = 0;
        while (before < i && __builtin_popcountll(hashes[list[i]] ^ hashes[list[before]]) > bits)
            before++;
        repeated += before < i;
    }
    return count > 0 ? (double)repeated / (double)count : 0;
}
