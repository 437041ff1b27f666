/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "unit/rules/subject.h"

/* Stands in for the profile's, so that a name can be had without one. */
const char *profile_source(const struct profile *profile, uint32_t sample)
{
    return "s3://train/image.png";
}

static struct bench *trained(uint32_t by_looks, uint32_t by_model)
{
    struct bench *bench = bench_new(2);
    bench_train(bench);
    bench->subject.appearance = bench_neighbours(by_looks);
    bench->subject.embedding = bench_neighbours(by_model);
    return bench;
}

static void agreement_is_silent_and_full_disagreement_full(void **state)
{
    struct bench *agreed = trained(10, 10), *refused = trained(0, 0);
    assert_true(bench_strength(agreed, 2) == 0);
    assert_near(bench_strength(refused, 2), 1, 1e-12);
    free(agreed);
    free(refused);
}

static void strength_grows_with_each_neighbour_against(void **state)
{
    double before = -1;
    for (uint32_t against = 0; against <= 10; against++) {
        struct bench *bench = trained(10 - against, 10);
        double strength = bench_strength(bench, 2);
        assert_true(strength > before);
        before = strength;
        free(bench);
    }
}

static void looks_say_more_than_the_models_own_view(void **state)
{
    struct bench *looks = trained(0, 10), *model = trained(10, 0);
    assert_true(bench_strength(looks, 2) >= all_rules[2]->speaks_from);
    assert_true(bench_strength(model, 2) < all_rules[2]->speaks_from);
    assert_true(bench_strength(model, 2) > 0);
    free(looks);
    free(model);
}

static void a_space_of_half_worth_makes_half_the_strength(void **state)
{
    struct bench *bench = trained(0, 0);
    bench->reference.embedding_worth = bench->reference.appearance_worth = 0.5;
    assert_near(bench_strength(bench, 2), 0.5, 1e-12);
    free(bench);
}

static void evidence_names_the_neighbours(void **state)
{
    struct bench *bench = trained(1, 2);
    AUTO_JSON doc = bench_evidence(bench, 2);
    yyjson_val *evidence = yyjson_doc_get_root(doc);
    yyjson_val *looks = yyjson_obj_get(evidence, "appearance");
    yyjson_val *list = yyjson_obj_get(looks, "neighbours");
    assert_int_equal(yyjson_arr_size(list), 10);
    assert_string_equal(json_text(yyjson_arr_get(list, 0), "label", ""), "cat");
    assert_string_equal(json_text(yyjson_arr_get(list, 9), "label", ""), "dog");
    assert_near(json_number(looks, "disagreement", -1), 0.9, 1e-6);
    assert_string_equal(
        json_text(evidence, "sentence", ""),
        "9 of the 10 training images that look most like it are labelled 'dog'; the model says 'cat'.");
    free(bench);
}

static void evidence_gives_sources_when_there_is_a_profile(void **state)
{
    struct bench *bench = trained(0, 0);
    bench->reference.profile = (const struct profile *)bench;
    AUTO_JSON doc = bench_evidence(bench, 2);
    yyjson_val *list = yyjson_obj_get(yyjson_obj_get(yyjson_doc_get_root(doc), "embedding"), "neighbours");
    assert_string_equal(json_text(yyjson_arr_get(list, 3), "source", ""), "s3://train/image.png");
    free(bench);
}

static void a_label_the_model_does_not_know_votes_against(void **state)
{
    struct bench *bench = trained(10, 10);
    for (int i = 0; i < BENCH_LABELS; i++)
        bench->sample_labels[i] = CLASS_NONE;
    assert_near(bench_strength(bench, 2), 1, 1e-12);
    AUTO_JSON doc = bench_evidence(bench, 2);
    assert_non_null(strstr(json_text(yyjson_doc_get_root(doc), "sentence", ""), "does not know"));
    free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agreement_is_silent_and_full_disagreement_full),
        cmocka_unit_test(strength_grows_with_each_neighbour_against),
        cmocka_unit_test(looks_say_more_than_the_models_own_view),
        cmocka_unit_test(a_space_of_half_worth_makes_half_the_strength),
        cmocka_unit_test(evidence_names_the_neighbours),
        cmocka_unit_test(evidence_gives_sources_when_there_is_a_profile),
        cmocka_unit_test(a_label_the_model_does_not_know_votes_against),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
