/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "mining/settings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool plan_of(const char *config, const char *reasons, const char *top, struct mining_plan *plan,
                    struct error *err)
{
    struct mining_settings settings = {
        .comprehensive_algo_config = config, .algo_hard_threshold = 0.1, .reasons = reasons, .top = top};
    return mining_plan_make(&settings, plan, err);
}

static void defaults_are_the_published_ones(void **state)
{
    struct mining_settings settings;
    params_defaults(mining_params, &settings);
    assert_true(settings.algo_hard_threshold == 0.1);
    assert_null(settings.top);
    assert_string_equal(settings.sequence_order, "name");
    assert_true(settings.group && settings.diversity == MINING_DEFAULT_DIVERSITY);
    assert_int_equal(settings.per_class, 0);
    struct mining_plan plan, unset;
    struct error err;
    assert_true(mining_plan_make(&settings, &plan, &err));
    for (int i = 0; i < METHOD_COUNT; i++)
        assert_true(plan.weights[i] == method_row((enum method)i)->default_weight);
    for (int i = 0; i < REASON_COUNT; i++)
        assert_true(plan.may_speak[i]);
    assert_true(plan_of(NULL, NULL, NULL, &unset, &err));
    assert_memory_equal(unset.weights, plan.weights, sizeof(plan.weights));
    assert_memory_equal(unset.may_speak, plan.may_speak, sizeof(plan.may_speak));
}

static void a_subset_switches_the_others_off(void **state)
{
    struct mining_plan plan;
    struct error err;
    assert_true(
        plan_of("predict_score_mining:0.3900+anomaly_detection_mining:0.2020", "all", NULL, &plan, &err));
    for (int i = 0; i < METHOD_COUNT; i++)
        assert_true(plan.weights[i] == (i == METHOD_PREDICT_SCORE       ? 0.39
                                        : i == METHOD_ANOMALY_DETECTION ? 0.202
                                                                        : 0));
}

static void weights_reach_from_0_to_1(void **state)
{
    struct mining_plan plan;
    struct error err;
    assert_true(plan_of("clustering_mining:0+predict_score_mining:1", "all", NULL, &plan, &err));
    assert_true(plan.weights[METHOD_CLUSTERING] == 0);
    assert_true(plan.weights[METHOD_PREDICT_SCORE] == 1);
}

static void malformed_methods_are_refused_and_named(void **state)
{
    static const struct {
        const char *text, *told;
    } cases[] = {
        {"", "method:weight"},
        {"predict_score_mining", "method:weight"},
        {"predict_score_mining:", "number from 0 to 1"},
        {"predict_score_mining:abc", "'abc'"},
        {"predict_score_mining:1.01", "'1.01'"},
        {"predict_score_mining:-0.1", "'-0.1'"},
        {"predict_score_mining:nan", "'nan'"},
        {"predict_score_mining:0.1:0.2", "'0.1:0.2'"},
        {"predict_score_mining:0.1+", "method:weight"},
        {"+predict_score_mining:0.1", "method:weight"},
        {"predict_score_mining: 0.1", "' 0.1'"},
        {" predict_score_mining:0.1", "' predict_score_mining'"},
        {"Predict_Score_Mining:0.1", "unknown method"},
        {"guess_mining:0.1", "'guess_mining'"},
        {":0.1", "unknown method"},
        {"predict_score_mining:0.1+predict_score_mining:0.2", "twice"},
        {"predict_score_mining:0.1,clustering_mining:0.2", "number"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mining_plan plan;
        struct error err;
        assert_false(plan_of(cases[i].text, "all", NULL, &plan, &err));
        assert_int_equal(err.code, ERR_INVALID);
        assert_int_equal(err.detail, DETAIL_INVALID_ARGUMENT);
        assert_string_equal(err.pointer, "/comprehensive_algo_config");
        assert_non_null(strstr(err.message, "comprehensive_algo_config"));
        assert_non_null(strstr(err.message, cases[i].told));
    }
}

static void lists_of_reasons_are_read(void **state)
{
    static const struct {
        const char *text, *on; /* one character per reason */
    } cases[] = {
        {"all", "1111111111111111111111111111111"},    {"1,3,7", "0101000100000000000000000000000"},
        {"5..10", "0000011111100000000000000000000"},  {"-19..29", "1111111111111111111000000000001"},
        {"all,-0", "0111111111111111111111111111111"}, {"0..30,-5..10,7", "1111100100011111111111111111111"},
        {"-1,-30", "1011111111111111111111111111110"}, {"30", "0000000000000000000000000000001"},
        {"4..4", "0000100000000000000000000000000"},   {"7,7", "0000000100000000000000000000000"},
        {"1,2,-2", "0100000000000000000000000000000"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mining_plan plan;
        struct error err;
        assert_true(plan_of(NULL, cases[i].text, NULL, &plan, &err));
        for (int r = 0; r < REASON_COUNT; r++)
            assert_int_equal(plan.may_speak[r], cases[i].on[r] == '1');
    }
}

static void malformed_lists_of_reasons_are_refused(void **state)
{
    static const char *const cases[] = {"",    "31",   "1,,2", "1,",   ",1",    "x",     "1..",    "..3",
                                        "--1", "9..5", "-",    "1 ,2", "1..31", "1...3", "all..3", "0x1"};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mining_plan plan;
        struct error err;
        assert_false(plan_of(NULL, cases[i], NULL, &plan, &err));
        assert_int_equal(err.code, ERR_INVALID);
        assert_string_equal(err.pointer, "/reasons");
        assert_non_null(strstr(err.message, "reasons"));
    }
}

static void top_is_a_number_or_a_share(void **state)
{
    static const struct {
        const char *text;
        uint64_t analysed, cap;
    } cases[] = {{"100", 5000, 100}, {"1", 5000, 1},        {"5%", 5000, 250},
                 {"0.5%", 1000, 5},  {"5%", 10, 1},         {"100%", 7, 7},
                 {"33.3%", 10, 3},   {NULL, 9, UINT64_MAX}, {"1000000000", 5, 1000000000}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mining_plan plan;
        struct error err;
        assert_true(plan_of(NULL, NULL, cases[i].text, &plan, &err));
        assert_true(mining_plan_cap(&plan, cases[i].analysed) == cases[i].cap);
    }
    static const char *const bad[] = {"",           "0",   "-1", "0%",
                                      "100.1%",     "5%%", "%",  "five",
                                      "1000000001", "1.5", " 5", "00000000000000000000000000000001"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct mining_plan plan;
        struct error err;
        assert_false(plan_of(NULL, NULL, bad[i], &plan, &err));
        assert_string_equal(err.pointer, "/top");
    }
}

static void a_threshold_out_of_range_is_refused(void **state)
{
    static const double bad[] = {-0.001, 1.001, (double)NAN, (double)INFINITY};
    struct error err;
    for (size_t i = 0; i < 4; i++) {
        struct mining_settings settings = {.algo_hard_threshold = bad[i]};
        assert_false(mining_settings_check(&settings, &err));
        assert_string_equal(err.pointer, "/algo_hard_threshold");
    }
    struct mining_settings lowest = {.algo_hard_threshold = 0}, highest = {.algo_hard_threshold = 1};
    assert_true(mining_settings_check(&lowest, &err));
    assert_true(mining_settings_check(&highest, &err));
}

static void texts_end_at_their_limit(void **state)
{
    char text[SETTINGS_TEXT_MAX_BYTES + 2];
    struct mining_plan plan;
    struct error err;
    memset(text, '0', sizeof(text));
    text[SETTINGS_TEXT_MAX_BYTES + 1] = '\0';
    assert_false(plan_of(NULL, text, NULL, &plan, &err));
    assert_non_null(strstr(err.message, "longer than"));
    assert_false(plan_of(text, NULL, NULL, &plan, &err));
    assert_non_null(strstr(err.message, "longer than"));
    text[SETTINGS_TEXT_MAX_BYTES] = '\0'; /* at the limit: many digits of the reason 0 */
    assert_true(plan_of(NULL, text, NULL, &plan, &err));
    assert_true(plan.may_speak[0] && !plan.may_speak[1]);
}

static void diversity_outside_0_to_1_is_refused(void **state)
{
    static const double bad[] = {-0.01, 1.01, (double)NAN};
    struct mining_plan plan;
    struct error err;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct mining_settings settings = {.diversity = bad[i]};
        assert_false(mining_plan_make(&settings, &plan, &err));
        assert_string_equal(err.pointer, "/diversity");
    }
    struct mining_settings highest = {.diversity = 1, .per_class = SETTINGS_TOP_MAX, .group = true};
    assert_true(mining_plan_make(&highest, &plan, &err));
    assert_true(plan.diversity == 1 && plan.groups);
    assert_int_equal(plan.per_class, SETTINGS_TOP_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_the_published_ones),
        cmocka_unit_test(a_subset_switches_the_others_off),
        cmocka_unit_test(weights_reach_from_0_to_1),
        cmocka_unit_test(malformed_methods_are_refused_and_named),
        cmocka_unit_test(lists_of_reasons_are_read),
        cmocka_unit_test(malformed_lists_of_reasons_are_refused),
        cmocka_unit_test(top_is_a_number_or_a_share),
        cmocka_unit_test(a_threshold_out_of_range_is_refused),
        cmocka_unit_test(texts_end_at_their_limit),
        cmocka_unit_test(diversity_outside_0_to_1_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
