/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "unit/rules/subject.h"

/* Distances 0.001 to 1.000: the median is near 0.5, the 99th percentile near 0.99. */
static struct bench *measured(bool is_training)
{
    struct bench *bench = bench_new(2);
    bench_score(bench);
    if (is_training)
        bench_train(bench);
    for (int i = 0; i < BENCH_VALUES; i++)
        bench->values[i] = (i + 1) * (is_training ? 1e-3 : 1e-4);
    bench->reference.embedding_distances = (struct distance_reference){bench->values, BENCH_VALUES};
    bench->subject.embedding = bench_neighbours(5);
    return bench;
}

static double at(struct bench *bench, double distance)
{
    for (uint32_t i = 0; i < NEIGHBOURS; i++)
        bench->subject.embedding.cosines[i] = (float)(1 - distance);
    return bench_strength(bench, 30);
}

static void what_lies_as_training_images_do_is_not_abnormal(void **state)
{
    struct bench *bench = measured(true);
    assert_true(at(bench, 0) == 0);
    assert_true(at(bench, 0.5) == 0);
    assert_true(at(bench, 0.989) == 0);
    free(bench);
}

static void it_speaks_from_the_99th_percentile_and_grows(void **state)
{
    struct bench *bench = measured(true);
    assert_true(at(bench, 0.992) >= all_rules[30]->speaks_from);
    assert_true(at(bench, 0.995) > at(bench, 0.992));
    assert_near(at(bench, 0.99899), 0.5, 0.01);
    assert_near(at(bench, 0.999 + 0.25), 0.75, 0.01);
    assert_near(at(bench, 1.9), 1, 1e-6);
    AUTO_JSON evidence = bench_evidence(bench, 30);
    yyjson_val *root = yyjson_doc_get_root(evidence);
    assert_string_equal(json_text(root, "reference", ""), "training");
    assert_string_equal(json_text(root, "space", ""), "embedding");
    assert_near(json_number(root, "share_nearer", 0), 1, 1e-6);
    assert_int_equal(yyjson_arr_size(yyjson_obj_get(root, "nearest")), 5);
    assert_non_null(strstr(json_text(root, "sentence", ""), "from the 10 nearest training images"));
    free(bench);
}

static void the_farthest_of_the_neighbours_counts(void **state)
{
    struct bench *bench = measured(true);
    (void)at(bench, 0);
    bench->subject.embedding.cosines[NEIGHBOURS - 1] = -0.5F;
    assert_true(bench_strength(bench, 30) > 0.9);
    free(bench);
}

static void without_an_embedding_the_looks_count(void **state)
{
    struct bench *bench = measured(true);
    bench->subject.appearance = bench_neighbours(5);
    bench->subject.appearance.cosines[NEIGHBOURS - 1] = -0.5F;
    assert_true(at(bench, 0) == 0);
    bench->reference.appearance_distances = bench->reference.embedding_distances;
    bench->reference.embedding_distances.count = 0;
    assert_true(at(bench, 0) > 0.9);
    free(bench);
}

/* Looks change with every disturbance: there only what lies beyond nearly all training images speaks. */
static void what_only_looks_far_speaks_from_the_999th_thousandth(void **state)
{
    struct bench *bench = measured(true);
    bench->reference.appearance_distances = bench->reference.embedding_distances;
    bench->subject.appearance = bench_neighbours(5);
    (void)at(bench, 0.5);
    static const struct {
        double distance, least, most;
    } cases[] = {{0.998, 0, 0}, {0.99995, 0.4, 0.5}, {1 + 0.25, 0.7, 0.8}, {1.9, 1, 1}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bench->subject.appearance.cosines[NEIGHBOURS - 1] = (float)(1 - cases[i].distance);
        double strength = bench_strength(bench, 30);
        assert_true(strength >= cases[i].least && strength <= cases[i].most);
    }
    AUTO_JSON evidence = bench_evidence(bench, 30);
    assert_string_equal(json_text(yyjson_doc_get_root(evidence), "space", ""), "appearance");
    assert_near(at(bench, 1.9), 1, 1e-6); /* as far in the model's own view: that is told */
    AUTO_JSON own = bench_evidence(bench, 30);
    assert_string_equal(json_text(yyjson_doc_get_root(own), "space", ""), "embedding");
    free(bench);
}

static void a_batch_without_training_set_fences_off_the_far_ones_only(void **state)
{
    struct bench *bench = measured(false); /* up to 0.1, upper quartile 0.075, half width 0.025 */
    bench->reference.labels = NULL;
    assert_true(at(bench, 0.1) == 0);
    assert_true(at(bench, 0.149) == 0);
    assert_near(at(bench, 0.225), 0.5, 0.01);
    assert_true(at(bench, 0.5) > 0.9);
    AUTO_JSON evidence = bench_evidence(bench, 30);
    assert_string_equal(json_text(yyjson_doc_get_root(evidence), "reference", ""), "batch");
    free(bench);
}

static void equal_distances_and_too_few_say_nothing_wrong(void **state)
{
    struct bench *bench = measured(true);
    for (int i = 0; i < BENCH_VALUES; i++)
        bench->values[i] = 0.2;
    assert_true(at(bench, 0.2) == 0);
    assert_near(at(bench, 0.3), 1, 1e-6);
    bench->reference.embedding_distances.count = FEATURE_REFERENCE_MIN - 1;
    assert_true(at(bench, 0.3) == 0);
    assert_non_null(rule_off_reason(all_rules[30], &bench->reference));
    free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_lies_as_training_images_do_is_not_abnormal),
        cmocka_unit_test(it_speaks_from_the_99th_percentile_and_grows),
        cmocka_unit_test(the_farthest_of_the_neighbours_counts),
        cmocka_unit_test(without_an_embedding_the_looks_count),
        cmocka_unit_test(what_only_looks_far_speaks_from_the_999th_thousandth),
        cmocka_unit_test(a_batch_without_training_set_fences_off_the_far_ones_only),
        cmocka_unit_test(equal_distances_and_too_few_say_nothing_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
