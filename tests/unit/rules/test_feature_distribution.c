/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "unit/rules/subject.h"

enum { BRIGHTNESS_REASON = 7, SATURATION_REASON = 8 };

static struct bench *with_values(bool is_training, uint32_t count)
{
    struct bench *bench = bench_new(2);
    if (is_training)
        bench_train(bench);
    for (int i = 0; i < FEATURE_COUNT; i++) {
        bench->reference.features[i] = bench->values;
        bench->reference.feature_counts[i] = count;
    }
    return bench;
}

static double strength_of(struct bench *bench, int reason, double value)
{
    for (int i = 0; i < FEATURE_COUNT; i++)
        bench->record.features[i] = value;
    return bench_strength(bench, reason);
}

/* 0.1, 0.2, … 100: any value beyond 1.1 or 99 is in a tail of one percent. */
static struct bench *even_values(bool is_training)
{
    struct bench *bench = with_values(is_training, 1000);
    for (int i = 0; i < 1000; i++)
        bench->values[i] = (i + 1) / 10.0;
    return bench;
}

static void values_inside_the_percentiles_are_silent(void **state)
{
    struct bench *bench = even_values(true);
    for (int tenth = 20; tenth <= 980; tenth++)
        assert_true(strength_of(bench, BRIGHTNESS_REASON, tenth / 10.0) < all_rules[7]->speaks_from);
    free(bench);
}

static void values_beyond_the_percentiles_speak_louder_farther_out(void **state)
{
    struct bench *bench = even_values(true);
    double before = 0;
    for (int step = 0; step < 40; step++) {
        double strength = strength_of(bench, BRIGHTNESS_REASON, 99.6 + 5 * step);
        assert_true(step == 0 || strength >= all_rules[7]->speaks_from);
        assert_true(strength > before);
        before = strength;
    }
    assert_true(before > 0.85);
    assert_true(strength_of(bench, BRIGHTNESS_REASON, -0.3) >= all_rules[7]->speaks_from);
    assert_true(strength_of(bench, BRIGHTNESS_REASON, -500) > 0.9);
    free(bench);
}

static void a_constant_feature_tells_its_value_from_any_other(void **state)
{
    struct bench *bench = with_values(true, 200);
    for (int i = 0; i < 200; i++)
        bench->values[i] = 0;
    assert_true(strength_of(bench, SATURATION_REASON, 0) == 0);
    assert_true(strength_of(bench, SATURATION_REASON, 0.001) == 0); /* rounding of a gray JPEG */
    assert_true(strength_of(bench, SATURATION_REASON, 0.3) > 0.95);
    free(bench);
}

static void two_usual_sizes_are_both_usual(void **state)
{
    struct bench *bench = with_values(true, 1000);
    for (int i = 0; i < 1000; i++)
        bench->values[i] = i < 900 ? 640 * 480 : 1920 * 1080;
    assert_true(strength_of(bench, 5, 640 * 480) == 0);
    assert_true(strength_of(bench, 5, 1920 * 1080) == 0);
    assert_true(strength_of(bench, 5, 320 * 240) > 0.5);
    assert_true(strength_of(bench, 5, 4000.0 * 3000) > 0.9);
    free(bench);
}

static void a_size_seen_twice_in_a_thousand_is_rare(void **state)
{
    struct bench *bench = with_values(true, 1000);
    for (int i = 0; i < 1000; i++)
        bench->values[i] = i < 998 ? 640 * 480 : 1920 * 1080;
    assert_true(strength_of(bench, 5, 1920 * 1080) > 0.5);
    free(bench);
}

static void a_skewed_feature_speaks_alike_on_both_sides(void **state)
{
    struct bench *bench = with_values(true, 1000);
    for (int i = 0; i < 1000; i++) /* exponential quantiles, scaled */
        bench->values[i] = -200 * log(1 - (i + 0.5) / 1000);
    uint32_t speaking = 0;
    for (int i = 0; i < 1000; i++)
        speaking += strength_of(bench, 10, bench->values[i]) >= all_rules[10]->speaks_from;
    assert_in_range(speaking, 4, 10); /* three in a thousand on either side */
    free(bench);
}

/* With the fault in one image of twenty, more false alarms than this would outnumber a quarter of it. */
static void of_a_clean_stream_few_speak(void **state)
{
    enum { STREAM = 20000 };
    uint64_t dice = 1;
    struct bench *bench = with_values(true, 1000);
    for (int i = 0; i < 1000; i++)
        bench->values[i] = -200 * log(1 - (i + 0.5) / 1000);
    uint32_t speaking = 0;
    for (int i = 0; i < STREAM; i++) {
        dice = dice * 6364136223846793005ULL + 1442695040888963407ULL;
        double value = -200 * log(1 - ((double)(dice >> 33) + 0.5) / 2147483648.0);
        speaking += strength_of(bench, 10, value) >= all_rules[10]->speaks_from;
    }
    assert_in_range(speaking, STREAM / 500, STREAM * 13 / 1000);
    free(bench);
}

/* Of 60 values the farthest is nothing rare yet: one in sixty lies beyond it by chance. */
static void few_values_do_not_call_their_own_end_rare(void **state)
{
    struct bench *bench = with_values(true, 60);
    for (int i = 0; i < 60; i++)
        bench->values[i] = 100 + i;
    assert_true(strength_of(bench, BRIGHTNESS_REASON, 159) == 0);
    assert_true(strength_of(bench, BRIGHTNESS_REASON, 160) < all_rules[7]->speaks_from);
    assert_true(strength_of(bench, BRIGHTNESS_REASON, 99) < all_rules[7]->speaks_from);
    assert_true(strength_of(bench, BRIGHTNESS_REASON, 190) > 0.5);
    assert_true(strength_of(bench, BRIGHTNESS_REASON, 70) > 0.5);
    free(bench);
}

static void the_batch_as_its_own_reference_is_stricter(void **state)
{
    struct bench *bench = even_values(false);
    uint32_t speaking = 0;
    for (int i = 0; i < 1000; i++)
        speaking += strength_of(bench, BRIGHTNESS_REASON, bench->values[i]) > 0;
    assert_int_equal(speaking, 0); /* something is always at the end of a range */
    bench->values[999] = 900;
    assert_true(strength_of(bench, BRIGHTNESS_REASON, 900) > 0.5);
    AUTO_JSON doc = bench_evidence(bench, BRIGHTNESS_REASON);
    yyjson_val *evidence = yyjson_doc_get_root(doc);
    assert_string_equal(json_text(evidence, "reference", ""), "batch");
    assert_non_null(strstr(json_text(evidence, "sentence", ""), "its own reference"));
    free(bench);
}

static void one_odd_size_in_a_constant_batch_speaks_and_a_tenth_does_not(void **state)
{
    struct bench *bench = with_values(false, 1000);
    for (int i = 0; i < 1000; i++)
        bench->values[i] = i < 1 ? 100 : 5000;
    assert_true(strength_of(bench, 5, 100) > 0.5);
    for (int i = 0; i < 100; i++)
        bench->values[i] = 100;
    assert_true(strength_of(bench, 5, 100) == 0);
    free(bench);
}

static void evidence_gives_value_and_range(void **state)
{
    struct bench *bench = even_values(true);
    (void)strength_of(bench, BRIGHTNESS_REASON, 130);
    AUTO_JSON doc = bench_evidence(bench, BRIGHTNESS_REASON);
    yyjson_val *evidence = yyjson_doc_get_root(doc);
    assert_near(json_number(evidence, "value", 0), 130, 1e-9);
    assert_near(json_number(evidence, "low", 0), 1.099, 1e-6);
    assert_near(json_number(evidence, "median", 0), 50.05, 1e-6);
    assert_near(json_number(evidence, "high", 0), 99.01, 1e-2);
    assert_near(json_number(evidence, "tail_probability", -1), 0, 1e-9);
    assert_string_equal(
        json_text(evidence, "sentence", ""),
        "The brightness is 130; 98 % of the training images lie between 1.099 and 99, median 50.05.");
    free(bench);
}

static void few_values_and_missing_ones_are_silent(void **state)
{
    struct bench *bench = with_values(true, FEATURE_REFERENCE_MIN - 1);
    assert_true(strength_of(bench, BRIGHTNESS_REASON, 200) == 0);
    assert_non_null(rule_off_reason(all_rules[7], &bench->reference));
    bench->reference.feature_counts[FEATURE_BRIGHTNESS] = FEATURE_REFERENCE_MIN;
    assert_null(rule_off_reason(all_rules[7], &bench->reference));
    assert_true(strength_of(bench, BRIGHTNESS_REASON, 200) > 0);
    assert_true(strength_of(bench, BRIGHTNESS_REASON, (double)NAN) == 0);
    free(bench);
}

static void quantiles_interpolate(void **state)
{
    const double values[] = {1, 2, 4};
    assert_true(rule_quantile(values, 3, 0) == 1);
    assert_true(rule_quantile(values, 3, 0.5) == 2);
    assert_true(rule_quantile(values, 3, 0.75) == 3);
    assert_true(rule_quantile(values, 3, 1) == 4);
    assert_true(rule_quantile(values, 1, 0.3) == 1);
    assert_true(isnan(rule_quantile(values, 0, 0.5)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_inside_the_percentiles_are_silent),
        cmocka_unit_test(values_beyond_the_percentiles_speak_louder_farther_out),
        cmocka_unit_test(a_constant_feature_tells_its_value_from_any_other),
        cmocka_unit_test(two_usual_sizes_are_both_usual),
        cmocka_unit_test(a_size_seen_twice_in_a_thousand_is_rare),
        cmocka_unit_test(a_skewed_feature_speaks_alike_on_both_sides),
        cmocka_unit_test(of_a_clean_stream_few_speak),
        cmocka_unit_test(few_values_do_not_call_their_own_end_rare),
        cmocka_unit_test(the_batch_as_its_own_reference_is_stricter),
        cmocka_unit_test(one_odd_size_in_a_constant_batch_speaks_and_a_tenth_does_not),
        cmocka_unit_test(evidence_gives_value_and_range),
        cmocka_unit_test(few_values_and_missing_ones_are_silent),
        cmocka_unit_test(quantiles_interpolate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
