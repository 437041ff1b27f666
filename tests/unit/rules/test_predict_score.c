/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "unit/rules/subject.h"

static double low_confidence(uint32_t classes, float first, float second, float rest)
{
    struct bench *bench = bench_new(classes);
    for (uint32_t i = 0; i < classes; i++)
        bench->logits[i] = i == 0 ? first : i == 1 ? second : rest;
    bench_score(bench);
    double strength = bench_strength(bench, 1);
    free(bench);
    return strength;
}

static void equal_logits_are_as_unsure_as_can_be(void **state)
{
    assert_near(low_confidence(2, 3, 3, 3), 1, 1e-12);
    assert_near(low_confidence(10, -7, -7, -7), 1, 1e-12);
    assert_near(low_confidence(1000, 0, 0, 0), 1, 1e-9);
}

static void strength_is_the_documented_formula(void **state)
{
    struct bench *bench = bench_new(3);
    bench->scores[0] = 0.7;
    bench->scores[1] = 0.2;
    bench->scores[2] = 0.1;
    double entropy = -(0.7 * log(0.7) + 0.2 * log(0.2) + 0.1 * log(0.1));
    assert_near(bench_strength(bench, 1), (0.3 * 3 / 2 + entropy / log(3)) / 2, 1e-12);
    free(bench);
}

static void strength_falls_as_the_model_grows_surer(void **state)
{
    double before = 2;
    for (int gap = 0; gap < 300; gap++) {
        double strength = low_confidence(10, (float)gap, 0, 0);
        assert_true(strength < before); /* still told apart where confidence rounds to 1 */
        before = strength;
    }
}

static void one_class_leaves_nothing_to_be_unsure_of(void **state)
{
    assert_true(low_confidence(1, 5, 0, 0) == 0);
}

static void ninety_percent_of_ten_classes_does_not_speak(void **state)
{
    struct bench *bench = bench_new(10);
    for (int i = 0; i < 10; i++)
        bench->scores[i] = i == 0 ? 0.9 : 0.1 / 9;
    assert_true(bench_strength(bench, 1) < all_rules[1]->speaks_from);
    bench->scores[0] = bench->scores[1] = 0.46;
    for (int i = 2; i < 10; i++)
        bench->scores[i] = 0.01;
    assert_true(bench_strength(bench, 1) > all_rules[1]->speaks_from);
    free(bench);
}

static void a_tie_of_two_in_a_thousand_speaks(void **state)
{
    assert_true(low_confidence(1000, 100, 100, 0) > all_rules[1]->speaks_from);
}

static void sigmoid_looks_at_the_least_sure_answer(void **state)
{
    struct bench *bench = bench_new(3);
    bench->header.activation = ACTIVATION_SIGMOID;
    bench->scores[0] = 0.99;
    bench->scores[1] = 0.5;
    bench->scores[2] = 0.001;
    assert_near(bench_strength(bench, 1), 1, 1e-12);
    AUTO_JSON evidence = bench_evidence(bench, 1);
    assert_string_equal(json_text(yyjson_doc_get_root(evidence), "label", ""), "dog");
    bench->scores[1] = 0.01;
    assert_true(bench_strength(bench, 1) < all_rules[1]->speaks_from);
    free(bench);
}

static void evidence_holds_confidence_margin_and_entropy(void **state)
{
    struct bench *bench = bench_new(3);
    bench->scores[0] = 0.5;
    bench->scores[1] = 0.4;
    bench->scores[2] = 0.1;
    AUTO_JSON doc = bench_evidence(bench, 1);
    yyjson_val *evidence = yyjson_doc_get_root(doc);
    assert_near(json_number(evidence, "confidence", -1), 0.5, 1e-6);
    assert_near(json_number(evidence, "margin", -1), 0.1, 1e-6);
    assert_near(json_number(evidence, "entropy", -1), 0.943348, 1e-6);
    assert_string_equal(json_text(evidence, "second_label", ""), "dog");
    assert_string_equal(json_text(evidence, "sentence", ""),
                        "The model gives 'cat' 50.0 % and 'dog' 40.0 %; it wavers as between 2.6 classes.");
    free(bench);
}

static void a_temperature_is_told_and_leaves_the_strength(void **state)
{
    struct bench *bench = bench_new(3);
    const float logits[3] = {4, 2, 0};
    double sum = exp(2.0) + exp(1.0) + 1, shares[3] = {exp(2.0) / sum, exp(1.0) / sum, 1 / sum}, entropy = 0;
    memcpy(bench->logits, logits, sizeof(logits));
    bench_score(bench);
    double raw = bench->scores[0];
    double before = bench_strength(bench, 1);
    bench->reference.temperature = 2; /* softmax of half the logits */
    for (int i = 0; i < 3; i++)
        entropy -= shares[i] * log(shares[i]);
    assert_true(bench_strength(bench, 1) == before);
    AUTO_JSON doc = bench_evidence(bench, 1);
    yyjson_val *evidence = yyjson_doc_get_root(doc), *calibrated = yyjson_obj_get(evidence, "calibrated");
    assert_near(json_number(evidence, "confidence", -1), raw, 1e-6);
    assert_near(json_number(calibrated, "confidence", -1), shares[0], 1e-6);
    assert_near(json_number(calibrated, "temperature", -1), 2, 1e-9);
    assert_near(json_number(calibrated, "margin", -1), shares[0] - shares[1], 1e-6);
    assert_near(json_number(calibrated, "entropy", -1), entropy, 1e-6);
    free(bench);
}

static void a_temperature_of_one_changes_nothing(void **state)
{
    struct bench *bench = bench_new(10);
    for (int i = 0; i < 10; i++)
        bench->logits[i] = (float)(i * i % 7);
    bench_score(bench);
    bench->reference.temperature = 1;
    AUTO_JSON doc = bench_evidence(bench, 1);
    yyjson_val *evidence = yyjson_doc_get_root(doc), *calibrated = yyjson_obj_get(evidence, "calibrated");
    static const char *const names[] = {"confidence", "margin", "entropy"};
    for (int i = 0; i < 3; i++)
        assert_near(json_number(calibrated, names[i], -1), json_number(evidence, names[i], -2), 2e-6);
    free(bench);
}

static void scores_that_are_nothing_can_be_calibrated(void **state)
{
    struct bench *bench = bench_new(10);
    bench->logits[3] = 2000; /* the others underflow */
    bench_score(bench);
    bench->reference.temperature = 8;
    AUTO_JSON doc = bench_evidence(bench, 1);
    yyjson_val *calibrated = yyjson_obj_get(yyjson_doc_get_root(doc), "calibrated");
    assert_near(json_number(calibrated, "confidence", -1), 1, 1e-9);
    assert_near(json_number(calibrated, "entropy", -1), 0, 1e-9);
    free(bench);
}

static void a_name_that_is_not_text_spoils_no_evidence(void **state)
{
    struct bench *bench = bench_new(2);
    bench->labels[0] = "\xff\xfe";
    bench->scores[0] = bench->scores[1] = 0.5;
    AUTO_JSON evidence = bench_evidence(bench, 1);
    assert_non_null(evidence);
    assert_true(yyjson_is_null(yyjson_obj_get(yyjson_doc_get_root(evidence), "label")));
    free(bench);
}

static void nothing_found_speaks_below_one_half_of_sigmoid_only(void **state)
{
    struct bench *bench = bench_new(2);
    bench->scores[0] = 0.1;
    bench->scores[1] = 0.05;
    assert_true(bench_strength(bench, 0) == 0); /* softmax */
    bench->header.activation = ACTIVATION_SIGMOID;
    assert_near(bench_strength(bench, 0), 0.8, 1e-12);
    bench->scores[0] = 0.5;
    assert_true(bench_strength(bench, 0) == 0);
    free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_logits_are_as_unsure_as_can_be),
        cmocka_unit_test(strength_is_the_documented_formula),
        cmocka_unit_test(strength_falls_as_the_model_grows_surer),
        cmocka_unit_test(one_class_leaves_nothing_to_be_unsure_of),
        cmocka_unit_test(ninety_percent_of_ten_classes_does_not_speak),
        cmocka_unit_test(a_tie_of_two_in_a_thousand_speaks),
        cmocka_unit_test(sigmoid_looks_at_the_least_sure_answer),
        cmocka_unit_test(evidence_holds_confidence_margin_and_entropy),
        cmocka_unit_test(a_temperature_is_told_and_leaves_the_strength),
        cmocka_unit_test(a_temperature_of_one_changes_nothing),
        cmocka_unit_test(scores_that_are_nothing_can_be_calibrated),
        cmocka_unit_test(a_name_that_is_not_text_spoils_no_evidence),
        cmocka_unit_test(nothing_found_speaks_below_one_half_of_sigmoid_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
