/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"
#include "unit/rules/subject.h"

static void ids_are_in_order_and_codes_unique(void **state)
{
    for (int i = 0; i < REASON_COUNT; i++) {
        assert_int_equal(all_rules[i]->id, i);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(all_rules[i]->code, all_rules[j]->code);
            assert_string_not_equal(all_rules[i]->name, all_rules[j]->name);
        }
    }
}

static void every_row_is_complete(void **state)
{
    for (int i = 0; i < REASON_COUNT; i++) {
        const struct rule *rule = all_rules[i];
        const char *texts[] = {rule->code,    rule->name,     rule->suggestion,
                               rule->formula, rule->misleads, rule->source};
        for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++) {
            assert_non_null(texts[t]);
            assert_true(strlen(texts[t]) >= 2);
        }
        assert_true(rule->method < METHOD_COUNT);
        assert_true(rule->needs != 0);
        assert_true(rule->speaks_from > 0 && rule->speaks_from <= 1);
        assert_true(rule->strength != NULL && rule->explain != NULL);
    }
}

static void methods_carry_the_published_names_and_weights(void **state)
{
    static const struct {
        const char *name;
        double weight;
    } published[] = {
        {"clustering_mining", 0.2020},           {"aug_consistent_mining", 0.4265},
        {"feature_distribution_mining", 0.0451}, {"sequential_mining", 0.425},
        {"image_similarity_mining", 0.0949},     {"predict_score_mining", 0.3900},
        {"anomaly_detection_mining", 0.2020},
    };
    assert_int_equal(sizeof(published) / sizeof(published[0]), METHOD_COUNT);
    for (int i = 0; i < METHOD_COUNT; i++) {
        enum method method = method_find(published[i].name);
        assert_int_not_equal(method, METHOD_COUNT);
        assert_true(method_row(method)->default_weight == published[i].weight);
    }
    assert_int_equal(method_find("no_such_mining"), METHOD_COUNT);
}

static void each_method_has_the_reasons_it_should(void **state)
{
    static const enum method expected[] = {METHOD_PREDICT_SCORE, METHOD_PREDICT_SCORE, METHOD_CLUSTERING,
                                           METHOD_IMAGE_SIMILARITY, METHOD_SEQUENTIAL};
    for (int i = 0; i < REASON_COUNT; i++) {
        enum method method = i < 5     ? expected[i]
                             : i <= 18 ? METHOD_FEATURE_DISTRIBUTION
                             : i <= 29 ? METHOD_AUG_CONSISTENT
                                       : METHOD_ANOMALY_DETECTION;
        assert_int_equal(all_rules[i]->method, method);
    }
}

static void rules_that_lack_something_say_so(void **state)
{
    struct bench *bench = bench_new(3);
    bench_train(bench);
    bench->reference.feature_counts[0] = 100;
    assert_null(rule_off_reason(all_rules[4], &bench->reference));
    bench->reference.sequence_off = "no order";
    assert_string_equal(rule_off_reason(all_rules[4], &bench->reference), "no order");
    assert_non_null(rule_off_reason(all_rules[30], &bench->reference)); /* no distances to hold it against */
    bench->reference.appearance_distances.count = FEATURE_REFERENCE_MIN;
    assert_null(rule_off_reason(all_rules[30], &bench->reference));
    bench->reference.appearance_distances.count = 0;
    assert_null(rule_off_reason(all_rules[1], &bench->reference));
    assert_null(rule_off_reason(all_rules[2], &bench->reference));
    assert_null(rule_off_reason(all_rules[5], &bench->reference));
    assert_non_null(rule_off_reason(all_rules[6], &bench->reference)); /* no values of it */
    assert_non_null(rule_off_reason(all_rules[0], &bench->reference)); /* softmax */
    bench->header.activation = ACTIVATION_SIGMOID;
    assert_null(rule_off_reason(all_rules[0], &bench->reference));

    bench->reference.embedding_worth = bench->reference.appearance_worth = 0;
    assert_non_null(rule_off_reason(all_rules[3], &bench->reference));
    bench->reference.labels = NULL;
    assert_string_equal(rule_off_reason(all_rules[2], &bench->reference), "needs a training manifest");
    assert_string_equal(rule_off_reason(all_rules[11], &bench->reference), "for object detection only");
    bench->header.type = MODEL_TYPE_DETECTION;
    bench->header.activation = ACTIVATION_SOFTMAX;
    assert_null(rule_off_reason(all_rules[0], &bench->reference));
    assert_null(rule_off_reason(all_rules[1], &bench->reference));
    assert_non_null(rule_off_reason(all_rules[11], &bench->reference)); /* no values of it */
    free(bench);
}

/* Every strength is a number in [0, 1] and its evidence valid JSON with a sentence wherever it speaks. */
static void check_all(const struct bench *bench)
{
    for (int i = 0; i < REASON_COUNT; i++) {
        double strength = bench_strength(bench, i);
        assert_true(strength >= 0 && strength <= 1);
        if (strength < all_rules[i]->speaks_from || rule_off_reason(all_rules[i], &bench->reference))
            continue;
        AUTO_JSON evidence = bench_evidence(bench, i);
        assert_non_null(evidence);
        assert_non_null(yyjson_get_str(yyjson_obj_get(yyjson_doc_get_root(evidence), "sentence")));
    }
}

static void check_logits(uint32_t classes, float first, float second, float rest)
{
    for (int with_training = 0; with_training < 2; with_training++)
        for (int activation = 0; activation < ACTIVATION_COUNT; activation++) {
            struct bench *bench = bench_new(classes);
            bench->header.activation = (enum activation)activation;
            for (uint32_t i = 0; i < classes; i++)
                bench->logits[i] = i == 0 ? first : i == 1 ? second : rest;
            bench_score(bench);
            if (with_training) {
                bench_train(bench);
                bench->subject.embedding = bench_neighbours(3);
                bench->subject.appearance = bench_neighbours(0);
            }
            check_all(bench);
            free(bench);
        }
}

static void strengths_stay_in_range_on_extreme_logits(void **state)
{
    static const uint32_t counts[] = {1, 2, 10, 1500};
    static const float values[] = {-1e4F, -50, 0, 50, 1e4F};
    for (size_t k = 0; k < 4; k++)
        for (size_t a = 0; a < 5; a++)
            for (size_t b = 0; b < 5; b++)
                check_logits(counts[k], values[a], values[b], values[(a + b) % 5]);
}

static void strengths_stay_in_range_on_empty_subjects(void **state)
{
    struct bench *bench = bench_new(3);
    bench->subject.scores = NULL;
    bench->subject.predicted = CLASS_NONE;
    bench->header.type = MODEL_TYPE_DETECTION;
    for (int i = 0; i < REASON_COUNT; i++)
        assert_true(bench_strength(bench, i) == 0);
    bench_train(bench); /* labels, but no neighbours were found */
    for (int i = 0; i < REASON_COUNT; i++)
        assert_true(bench_strength(bench, i) == 0);
    free(bench);
}

static void strengths_stay_in_range_on_odd_neighbours(void **state)
{
    static const float cosines[] = {-1, 0, 1};
    for (int same = 0; same < 3; same++)
        for (int other = 0; other < 3; other++) {
            struct bench *bench = bench_new(2);
            bench_score(bench);
            bench_train(bench);
            bench->subject.appearance = bench_neighbours(5);
            bench->subject.appearance.count = 1;
            bench->subject.appearance.cosines[0] = cosines[same];
            bench->subject.appearance.same_class_cosine = cosines[same];
            bench->subject.appearance.other_class_cosine = cosines[other];
            check_all(bench);
            bench->subject.appearance.same_class_sample = SAMPLE_NONE;
            bench->sample_labels[0] = CLASS_NONE;
            check_all(bench);
            free(bench);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_in_order_and_codes_unique),
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(methods_carry_the_published_names_and_weights),
        cmocka_unit_test(each_method_has_the_reasons_it_should),
        cmocka_unit_test(rules_that_lack_something_say_so),
        cmocka_unit_test(strengths_stay_in_range_on_extreme_logits),
        cmocka_unit_test(strengths_stay_in_range_on_empty_subjects),
        cmocka_unit_test(strengths_stay_in_range_on_odd_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
