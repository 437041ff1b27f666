/* SPDX-License-Identifier: Apache-2.0 */
/* Expected figures are worked out by hand. */
#include "test.h"
#include "unit/rules/subject.h"

#include "rules/presence.h"

enum { CLUSTER = 2, SIMILARITY = 3 };

static void found_set(struct bench *bench, const uint32_t *classes, uint32_t count)
{
    bench->subject.found = (struct class_set){classes, count};
    bench->subject.predicted = count > 0 ? classes[0] : CLASS_NONE;
}

/* Ten equal neighbours, `of_first` of which show class 0, the others 1 and 2. */
static struct bench *trained(uint32_t of_first)
{
    struct bench *bench = bench_new_detector();
    bench_train_detector(bench);
    bench->subject.appearance = bench_neighbours(of_first);
    return bench;
}

static double disagreement(const struct bench *bench)
{
    return rule_set_disagreement(&bench->subject.appearance, bench->sets, &bench->subject.found);
}

static void disagreement_is_one_less_the_shared_part(void **state)
{
    static const uint32_t cat[] = {0}, both[] = {1, 2}, all[] = {0, 1, 2};
    struct bench *bench = trained(10);
    found_set(bench, cat, 1);
    assert_true(disagreement(bench) == 0);
    found_set(bench, both, 2);
    assert_true(disagreement(bench) == 1);
    found_set(bench, NULL, 0);
    assert_true(disagreement(bench) == 1);
    found_set(bench, all, 3);
    assert_near(disagreement(bench), 2.0 / 3, 1e-12);
    /* 8 of 10 show class 0, two 1 and 2: expected .8 + .2 + .2, found 1, shared .8. */
    bench->subject.appearance = bench_neighbours(8);
    found_set(bench, cat, 1);
    assert_near(disagreement(bench), (1 + 1.2 - 1.6) / (1 + 1.2 - 0.8), 1e-12);
    for (uint32_t i = 0; i < BENCH_LABELS; i++)
        bench->sets[i].count = 0; /* images that show nothing */
    assert_true(disagreement(bench) == 1);
    found_set(bench, NULL, 0);
    assert_true(disagreement(bench) == 0);
    free(bench);
}

static void conflicts_are_what_most_votes_speak_against(void **state)
{
    static const uint32_t cat[] = {0};
    struct presence_conflict conflicts[PRESENCE_CONFLICTS_MAX];
    struct bench *bench = trained(2);
    found_set(bench, cat, 1);
    assert_near(presence_of(&bench->subject.appearance, bench->sets, 0), 0.2, 1e-12);
    assert_int_equal(
        presence_conflicts(&bench->subject.appearance, bench->sets, &bench->subject.found, conflicts), 3);
    static const uint32_t order[] = {0, 1, 2};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(conflicts[i].class_index, order[i]);
        assert_int_equal(conflicts[i].is_found, i == 0);
        assert_near(conflicts[i].expected, i == 0 ? 0.2 : 0.8, 1e-12);
    }
    bench->subject.appearance = bench_neighbours(10);
    assert_int_equal(
        presence_conflicts(&bench->subject.appearance, bench->sets, &bench->subject.found, conflicts), 0);
    free(bench);
}

static void the_worst_conflicts_are_kept(void **state)
{
    static const uint32_t classes[] = {10, 11, 12, 13, 14, 15, 16};
    struct presence_conflict conflicts[PRESENCE_CONFLICTS_MAX];
    struct bench *bench = trained(2);
    found_set(bench, classes, 7);
    assert_int_equal(
        presence_conflicts(&bench->subject.appearance, bench->sets, &bench->subject.found, conflicts), 5);
    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(conflicts[i].class_index, classes[i]); /* none expects them: 1; 1 and 2: 0.8 */
    free(bench);
}

static void a_class_that_neighbours_show_and_the_model_lacks_speaks(void **state)
{
    static const uint32_t dog[] = {1}, both[] = {1, 2};
    struct bench *bench = trained(0);
    found_set(bench, both, 2);
    assert_true(bench_strength(bench, CLUSTER) == 0);
    found_set(bench, dog, 1);
    assert_near(bench_strength(bench, CLUSTER), 0.5, 1e-12);
    AUTO_JSON doc = bench_evidence(bench, CLUSTER);
    yyjson_val *evidence = yyjson_doc_get_root(doc);
    yyjson_val *conflict = yyjson_arr_get(yyjson_obj_get(evidence, "conflicts"), 0);
    assert_string_equal(json_text(conflict, "label", ""), "other");
    assert_near(json_number(conflict, "expected", 0), 1, 1e-9);
    assert_false(yyjson_get_bool(yyjson_obj_get(conflict, "found")));
    yyjson_val *neighbours = yyjson_obj_get(yyjson_obj_get(evidence, "appearance"), "neighbours");
    assert_int_equal(yyjson_arr_size(neighbours), NEIGHBOURS);
    yyjson_val *labels = yyjson_obj_get(yyjson_arr_get(neighbours, 0), "labels");
    assert_int_equal(yyjson_arr_size(labels), 2);
    assert_string_equal(yyjson_get_str(yyjson_arr_get(labels, 0)), "dog");
    assert_string_equal(
        json_text(evidence, "sentence", ""),
        "10 of the 10 training images that look most like it show 'other'; the model does not find it.");
    bench->reference.appearance_worth = 0.5;
    assert_near(bench_strength(bench, CLUSTER), 0.25, 1e-12);
    free(bench);
}

static void an_answer_of_nothing_can_disagree_but_has_no_class_to_be_unlike(void **state)
{
    struct bench *bench = trained(10);
    found_set(bench, NULL, 0);
    assert_near(bench_strength(bench, CLUSTER), 1, 1e-12);
    assert_true(bench_strength(bench, SIMILARITY) == 0);
    free(bench);
}

static void unlike_speaks_of_the_class_of_the_best_box(void **state)
{
    static const uint32_t cat[] = {0};
    struct bench *bench = trained(0);
    found_set(bench, cat, 1);
    bench->subject.appearance.same_class_cosine = 0.5F;
    bench->subject.appearance.other_class_cosine = 0.95F;
    assert_near(bench_strength(bench, SIMILARITY), 1, 1e-12);
    AUTO_JSON doc = bench_evidence(bench, SIMILARITY);
    assert_string_equal(
        json_text(yyjson_doc_get_root(doc), "sentence", ""),
        "By its looks the nearest training image that shows 'cat' (cosine 0.500) is no nearer "
        "than one that does not (cosine 0.950).");
    bench->subject.appearance.same_class_sample = SAMPLE_NONE;
    AUTO_JSON none = bench_evidence(bench, SIMILARITY);
    assert_string_equal(json_text(yyjson_doc_get_root(none), "sentence", ""),
                        "The training set has no image that shows 'cat'.");
    free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(disagreement_is_one_less_the_shared_part),
        cmocka_unit_test(conflicts_are_what_most_votes_speak_against),
        cmocka_unit_test(the_worst_conflicts_are_kept),
        cmocka_unit_test(a_class_that_neighbours_show_and_the_model_lacks_speaks),
        cmocka_unit_test(an_answer_of_nothing_can_disagree_but_has_no_class_to_be_unlike),
        cmocka_unit_test(unlike_speaks_of_the_class_of_the_best_box),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
