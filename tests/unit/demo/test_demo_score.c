/* SPDX-License-Identifier: Apache-2.0 */
/* How good a list is, against a slow computation of the same words. */
#include "test.h"

#include "demo/demo.h"

#include <math.h>

enum { IMAGES_MAX = 60, ROUNDS = 300 };

struct list {
    double hardness[IMAGES_MAX];
    bool is_wrong[IMAGES_MAX];
    uint64_t count;
};

/* Does image `a` stand before image `b`? */
static bool stands_before(const struct list *list, uint64_t a, uint64_t b)
{
    double left = isnan(list->hardness[a]) ? (double)-INFINITY : list->hardness[a];
    double right = isnan(list->hardness[b]) ? (double)-INFINITY : list->hardness[b];
    return left > right || (left == right && a < b);
}

static double slow_precision(const struct list *list, double share)
{
    uint64_t first = (uint64_t)ceil((double)list->count * share), wrong = 0;
    for (uint64_t i = 0; i < list->count; i++) {
        uint64_t before = 0;
        for (uint64_t other = 0; other < list->count; other++)
            before += other != i && stands_before(list, other, i);
        wrong += before < first && list->is_wrong[i];
    }
    return first ? (double)wrong / (double)first : 0;
}

static double slow_auroc(const struct list *list)
{
    double won = 0, pairs = 0;
    for (uint64_t wrong = 0; wrong < list->count; wrong++) {
        for (uint64_t right = 0; right < list->count; right++) {
            if (!list->is_wrong[wrong] || list->is_wrong[right])
                continue;
            double a = isnan(list->hardness[wrong]) ? (double)-INFINITY : list->hardness[wrong];
            double b = isnan(list->hardness[right]) ? (double)-INFINITY : list->hardness[right];
            won += a > b ? 1 : a == b ? 0.5 : 0;
            pairs++;
        }
    }
    return pairs > 0 ? won / pairs : (double)NAN;
}

static struct demo_score score_of(const struct list *list)
{
    struct demo_score score;
    struct error err = {0};
    assert_true(demo_score(list->hardness, list->is_wrong, list->count, &score, &err));
    return score;
}

static void scores_are_those_of_the_slow_computation(void **state)
{
    struct list list;
    uint32_t random = 12345;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        list.count = round % IMAGES_MAX;
        uint64_t wrong = 0;
        for (uint64_t i = 0; i < list.count; i++) {
            random = random * 1664525u + 1013904223u;
            /* few values, so that there are ties; now and then a failed image */
            list.hardness[i] = random >> 28 == 0 ? (double)NAN : (double)(random >> 29) / 8;
            random = random * 1664525u + 1013904223u;
            list.is_wrong[i] = random >> 30 == 0;
            wrong += list.is_wrong[i];
        }
        struct demo_score score = score_of(&list);
        assert_int_equal(score.images, list.count);
        assert_int_equal(score.wrong, wrong);
        assert_true(score.first_5 == slow_precision(&list, 0.05));
        assert_true(score.first_20 == slow_precision(&list, 0.20));
        double auroc = slow_auroc(&list);
        assert_true(isnan(auroc) ? isnan(score.auroc) : fabs(score.auroc - auroc) < 1e-12);
    }
}

static void a_perfect_list_and_its_reverse_are_told_apart(void **state)
{
    struct list list = {.count = 20};
    for (uint64_t i = 0; i < list.count; i++) {
        list.hardness[i] = (double)i;
        list.is_wrong[i] = i >= 16;
    }
    struct demo_score score = score_of(&list);
    assert_true(score.auroc == 1 && score.first_5 == 1 && score.first_20 == 1);
    for (uint64_t i = 0; i < list.count; i++)
        list.hardness[i] = -list.hardness[i];
    score = score_of(&list);
    assert_true(score.auroc == 0 && score.first_5 == 0 && score.first_20 == 0);
}

static void without_wrong_or_without_right_predictions_there_is_no_curve(void **state)
{
    struct list list = {.count = 3};
    assert_true(isnan(score_of(&list).auroc));
    for (uint64_t i = 0; i < list.count; i++)
        list.is_wrong[i] = true;
    assert_true(isnan(score_of(&list).auroc));
    list.count = 0;
    assert_int_equal(score_of(&list).images, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_those_of_the_slow_computation),
        cmocka_unit_test(a_perfect_list_and_its_reverse_are_told_apart),
        cmocka_unit_test(without_wrong_or_without_right_predictions_there_is_no_curve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
