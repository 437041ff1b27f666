/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "evaluate/ranking.h"

#include <math.h>

#define NEAR 1e-12

static struct ranking ranking_of(const double *hardness, const bool *is_wrong, uint64_t count)
{
    struct ranking ranking;
    struct error err = {0};
    assert_true(evaluate_ranking(hardness, is_wrong, count, &ranking, &err));
    return ranking;
}

static void assert_near(double found, double wanted)
{
    assert_true(fabs(found - wanted) < NEAR);
}

/* The list: wrong, right, wrong, right, right. */
static void a_list_of_five_has_the_figures_computed_by_hand(void **state)
{
    const double hardness[] = {0.1, 0.9, 0.5, 0.7, 0.3};
    const bool is_wrong[] = {false, true, true, false, false};
    struct ranking ranking = ranking_of(hardness, is_wrong, 5);
    assert_int_equal(ranking.images, 5);
    assert_int_equal(ranking.wrong, 2);
    assert_near(ranking.auroc, 5.0 / 6);
    assert_near(ranking.average_precision, (1.0 + 2.0 / 3) / 2);
    /* from the least hard: 0/1, 0/2, 1/3, 1/4, 2/5; at best 0, 0, 0, 1/4, 2/5 */
    assert_near(ranking.aurc, (1.0 / 3 + 1.0 / 4 + 2.0 / 5) / 5);
    assert_near(ranking.excess_aurc, 1.0 / 15);
    assert_near(ranking.first_5, 1); /* one image */
    assert_near(ranking.first_20, 1);
}

static void ties_count_as_the_mean_over_their_orders(void **state)
{
    const double hardness[] = {1, 1, 0};
    const bool is_wrong[] = {true, false, false};
    struct ranking ranking = ranking_of(hardness, is_wrong, 3);
    assert_near(ranking.auroc, 0.75);
    assert_near(ranking.average_precision, 0.5);
    /* one order gives risks 0, 0, 1/3, the other 0, 1/2, 1/3 */
    assert_near(ranking.aurc, (0.25 + 1.0 / 3) / 3);
    assert_near(ranking.first_5, 0.5);
}

static void the_order_of_the_input_says_nothing_when_all_are_equal(void **state)
{
    double hardness[40] = {0};
    bool is_wrong[40] = {0};
    for (int i = 0; i < 10; i++)
        is_wrong[i] = true;
    struct ranking ranking = ranking_of(hardness, is_wrong, 40);
    assert_near(ranking.auroc, 0.5);
    assert_near(ranking.average_precision, 0.25);
    assert_near(ranking.aurc, 0.25);
    assert_near(ranking.first_5, 0.25);
    assert_near(ranking.first_20, 0.25);
}

static void a_perfect_list_has_no_excess_and_nan_is_last(void **state)
{
    const double hardness[] = {(double)NAN, 3, 2, (double)NAN};
    const bool is_wrong[] = {false, true, true, false};
    struct ranking ranking = ranking_of(hardness, is_wrong, 4);
    assert_near(ranking.auroc, 1);
    assert_near(ranking.average_precision, 1);
    assert_near(ranking.excess_aurc, 0);
}

static void without_wrong_or_without_right_ones_there_is_no_curve(void **state)
{
    const double hardness[] = {1, 2};
    const bool none[] = {false, false}, all[] = {true, true};
    struct ranking ranking = ranking_of(hardness, none, 2);
    assert_true(isnan(ranking.auroc) && isnan(ranking.average_precision));
    assert_near(ranking.aurc, 0);
    ranking = ranking_of(hardness, all, 2);
    assert_true(isnan(ranking.auroc));
    assert_near(ranking.average_precision, 1);
    assert_near(ranking.excess_aurc, 0);
    ranking = ranking_of(hardness, none, 0);
    assert_true(isnan(ranking.auroc));
    assert_near(ranking.first_5, 0);
}

enum { IMAGES_MAX = 60, ROUNDS = 300 };

struct list {
    double hardness[IMAGES_MAX];
    bool is_wrong[IMAGES_MAX];
    uint64_t count;
};

static double hardness_of(const struct list *list, uint64_t i)
{
    return isnan(list->hardness[i]) ? (double)-INFINITY : list->hardness[i];
}

/* Each wrong one counts with the chance that it is among the first, over all orders of those as hard. */
static double slow_precision(const struct list *list, double share)
{
    double first = ceil((double)list->count * share), wrong = 0;
    for (uint64_t i = 0; i < list->count; i++) {
        double before = 0, as_hard = 0;
        for (uint64_t other = 0; other < list->count; other++) {
            before += hardness_of(list, other) > hardness_of(list, i);
            as_hard += hardness_of(list, other) == hardness_of(list, i);
        }
        if (list->is_wrong[i])
            wrong += fmin(fmax(first - before, 0) / as_hard, 1);
    }
    return first > 0 ? wrong / first : 0;
}

static double slow_auroc(const struct list *list)
{
    double won = 0, pairs = 0;
    for (uint64_t wrong = 0; wrong < list->count; wrong++) {
        for (uint64_t right = 0; right < list->count; right++) {
            if (!list->is_wrong[wrong] || list->is_wrong[right])
                continue;
            double a = hardness_of(list, wrong), b = hardness_of(list, right);
            won += a > b ? 1 : a == b ? 0.5 : 0;
            pairs++;
        }
    }
    return pairs > 0 ? won / pairs : (double)NAN;
}

static void figures_are_those_of_a_slow_computation_of_the_same_words(void **state)
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
        struct ranking ranking = ranking_of(list.hardness, list.is_wrong, list.count);
        assert_int_equal(ranking.images, list.count);
        assert_int_equal(ranking.wrong, wrong);
        assert_near(ranking.first_5, slow_precision(&list, 0.05));
        assert_near(ranking.first_20, slow_precision(&list, 0.20));
        double auroc = slow_auroc(&list);
        assert_true(isnan(auroc) ? isnan(ranking.auroc) : fabs(ranking.auroc - auroc) < NEAR);
    }
}

static void a_perfect_list_and_its_reverse_are_told_apart(void **state)
{
    struct list list = {.count = 20};
    for (uint64_t i = 0; i < list.count; i++) {
        list.hardness[i] = (double)i;
        list.is_wrong[i] = i >= 16;
    }
    struct ranking ranking = ranking_of(list.hardness, list.is_wrong, list.count);
    assert_true(ranking.auroc == 1 && ranking.first_5 == 1 && ranking.first_20 == 1);
    for (uint64_t i = 0; i < list.count; i++)
        list.hardness[i] = -list.hardness[i];
    ranking = ranking_of(list.hardness, list.is_wrong, list.count);
    assert_true(ranking.auroc == 0 && ranking.first_5 == 0 && ranking.first_20 == 0);
}

static void an_order_is_hardest_first_with_ties_by_index(void **state)
{
    const double hardness[] = {(double)NAN, 1, 2, 1};
    uint64_t order[4];
    struct error err = {0};
    assert_true(evaluate_order(hardness, 4, order, &err));
    assert_int_equal(order[0], 2);
    assert_int_equal(order[1], 1);
    assert_int_equal(order[2], 3);
    assert_int_equal(order[3], 0);
}

static void images_near_one_before_them_are_repeated(void **state)
{
    const uint64_t hashes[] = {0xff, 0x00, ~0ULL, 0x1ff}, list[] = {1, 2, 0, 3};
    assert_near(evaluate_repeated_share(hashes, list, 4, 8), 0.5); /* 8 bits from the first; 1 from 0xff */
    assert_near(evaluate_repeated_share(hashes, list, 4, 7), 0.25);
    assert_near(evaluate_repeated_share(hashes, list, 0, 8), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_of_five_has_the_figures_computed_by_hand),
        cmocka_unit_test(ties_count_as_the_mean_over_their_orders),
        cmocka_unit_test(the_order_of_the_input_says_nothing_when_all_are_equal),
        cmocka_unit_test(a_perfect_list_has_no_excess_and_nan_is_last),
        cmocka_unit_test(without_wrong_or_without_right_ones_there_is_no_curve),
        cmocka_unit_test(figures_are_those_of_a_slow_computation_of_the_same_words),
        cmocka_unit_test(a_perfect_list_and_its_reverse_are_told_apart),
        cmocka_unit_test(an_order_is_hardest_first_with_ties_by_index),
        cmocka_unit_test(images_near_one_before_them_are_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
