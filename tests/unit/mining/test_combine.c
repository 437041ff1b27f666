/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "mining/combine.h"

#include <math.h>

static uint64_t seed;

static double next_random(void)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (double)(seed >> 11) / 9007199254740992.0;
}

static void fill(double *weights, double *strengths)
{
    for (int i = 0; i < METHOD_COUNT; i++)
        weights[i] = next_random();
    for (int i = 0; i < REASON_COUNT; i++)
        strengths[i] = next_random() < 0.5 ? 0 : next_random();
}

static void silence_is_zero_and_a_single_voice_its_weight(void **state)
{
    double weights[METHOD_COUNT] = {0}, strengths[REASON_COUNT] = {0};
    weights[METHOD_PREDICT_SCORE] = 0.39;
    weights[METHOD_CLUSTERING] = 0.2;
    assert_true(combine_coefficient(weights, strengths) == 0);
    strengths[1] = 1;
    assert_true(fabs(combine_coefficient(weights, strengths) - 0.39) < 1e-15);
    strengths[2] = 0.5;
    assert_true(fabs(combine_coefficient(weights, strengths) - (1 - 0.61 * 0.9)) < 1e-15);
}

static void within_a_method_only_the_strongest_counts(void **state)
{
    double weights[METHOD_COUNT] = {0}, strengths[REASON_COUNT] = {0};
    weights[METHOD_FEATURE_DISTRIBUTION] = 0.5;
    strengths[7] = 0.8;
    double alone = combine_coefficient(weights, strengths);
    strengths[8] = 0.8;
    strengths[10] = 0.3;
    assert_true(combine_coefficient(weights, strengths) <= alone &&
                combine_coefficient(weights, strengths) >= alone);
}

static void the_coefficient_is_monotone_and_in_range(void **state)
{
    double weights[METHOD_COUNT], strengths[REASON_COUNT];
    for (int round = 0; round < 2000; round++) {
        fill(weights, strengths);
        double before = combine_coefficient(weights, strengths);
        assert_true(before >= 0 && before <= 1);
        int reason = round % REASON_COUNT, method = round % METHOD_COUNT;
        strengths[reason] += (1 - strengths[reason]) * next_random();
        double stronger = combine_coefficient(weights, strengths);
        assert_true(stronger >= before);
        weights[method] += (1 - weights[method]) * next_random();
        assert_true(combine_coefficient(weights, strengths) >= stronger);
        assert_true(combine_coefficient(weights, strengths) <= 1);
    }
}

static void reasons_come_strongest_first_by_weight(void **state)
{
    double weights[METHOD_COUNT] = {0}, strengths[REASON_COUNT] = {0};
    weights[METHOD_PREDICT_SCORE] = 0.39;
    weights[METHOD_CLUSTERING] = 0.2;
    weights[METHOD_FEATURE_DISTRIBUTION] = 0.05;
    strengths[10] = strengths[7] = 1;
    strengths[2] = 0.9;
    strengths[1] = 0.5;
    struct mining_reason reasons[REASON_COUNT];
    double speaks_from[REASON_COUNT];
    rule_speaks_from(&(const struct rule_reference){0}, speaks_from);
    assert_int_equal(combine_reasons(speaks_from, weights, strengths, reasons), 4);
    assert_int_equal(reasons[0].id, 1);
    assert_int_equal(reasons[1].id, 2);
    assert_int_equal(reasons[2].id, 7); /* ties by id */
    assert_int_equal(reasons[3].id, 10);
    assert_true(reasons[1].strength == 0.9);
}

static void weak_reasons_are_not_listed_unless_there_is_no_other(void **state)
{
    double weights[METHOD_COUNT] = {0}, strengths[REASON_COUNT] = {0};
    weights[METHOD_PREDICT_SCORE] = 0.39;
    weights[METHOD_CLUSTERING] = 0.2;
    weights[METHOD_FEATURE_DISTRIBUTION] = 0.05;
    strengths[1] = 0.2;
    strengths[2] = 0.3;
    struct mining_reason reasons[REASON_COUNT];
    double speaks_from[REASON_COUNT];
    rule_speaks_from(&(const struct rule_reference){0}, speaks_from);
    assert_int_equal(combine_reasons(speaks_from, weights, strengths, reasons), 1);
    assert_int_equal(reasons[0].id, 1); /* .078 against .06 */
    strengths[7] = 0.5;
    assert_int_equal(combine_reasons(speaks_from, weights, strengths, reasons), 1);
    assert_int_equal(reasons[0].id, 7); /* the only one that speaks */
}

static void a_method_without_weight_gives_no_reason(void **state)
{
    double weights[METHOD_COUNT] = {0}, strengths[REASON_COUNT] = {0};
    struct mining_reason reasons[REASON_COUNT];
    double speaks_from[REASON_COUNT];
    rule_speaks_from(&(const struct rule_reference){0}, speaks_from);
    strengths[1] = 1;
    assert_int_equal(combine_reasons(speaks_from, weights, strengths, reasons), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_is_zero_and_a_single_voice_its_weight),
        cmocka_unit_test(within_a_method_only_the_strongest_counts),
        cmocka_unit_test(the_coefficient_is_monotone_and_in_range),
        cmocka_unit_test(reasons_come_strongest_first_by_weight),
        cmocka_unit_test(weak_reasons_are_not_listed_unless_there_is_no_other),
        cmocka_unit_test(a_method_without_weight_gives_no_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
