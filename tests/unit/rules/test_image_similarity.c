/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "unit/rules/subject.h"

static struct bench *between(float same, float other)
{
    struct bench *bench = bench_new(2);
    bench_train(bench);
    bench->subject.appearance = bench_neighbours(5);
    bench->subject.appearance.same_class_cosine = same;
    bench->subject.appearance.other_class_cosine = other;
    return bench;
}

static double strength_between(float same, float other)
{
    struct bench *bench = between(same, other);
    double strength = bench_strength(bench, 3);
    free(bench);
    return strength;
}

static void strength_follows_the_ratio_of_distances(void **state)
{
    assert_true(strength_between(0.95F, 0.8F) == 0);
    assert_near(strength_between(0.8F, 0.8F), 0.5, 1e-6);
    assert_near(strength_between(0.45F, 0.55F), 0.9, 1e-5);
    assert_near(strength_between(0.8F, 0.95F), 0.9 + 0.1 * 0.25 / 0.35, 1e-5);
    assert_near(strength_between(0.8F, 0.99F), 1, 1e-6); /* all but a copy of another class's image */
    /* distances .49 and .51 */
    assert_near(strength_between(0.51F, 0.49F), 0.4, 1e-5);
}

static void a_copy_of_a_training_image_of_its_class_is_silent(void **state)
{
    assert_true(strength_between(1, 0.99F) == 0);
}

static void copies_in_both_classes_are_undecided(void **state)
{
    assert_near(strength_between(1, 1), 0.5, 1e-9);
}

static void evidence_names_the_nearest_of_both(void **state)
{
    struct bench *bench = between(0.7F, 0.9F);
    AUTO_JSON doc = bench_evidence(bench, 3);
    yyjson_val *evidence = yyjson_doc_get_root(doc);
    yyjson_val *looks = yyjson_obj_get(evidence, "appearance");
    assert_near(json_number(looks, "distance_ratio", -1), 0.75, 1e-6);
    assert_string_equal(json_text(yyjson_obj_get(looks, "same_class"), "label", ""), "cat");
    assert_string_equal(json_text(yyjson_obj_get(looks, "other_class"), "label", ""), "dog");
    assert_null(yyjson_obj_get(evidence, "embedding"));
    assert_string_equal(
        json_text(evidence, "sentence", ""),
        "By its looks the nearest training image of 'cat' (cosine 0.700) is no nearer than one of "
        "'dog' (cosine 0.900).");
    free(bench);
}

static void a_class_without_training_images_speaks_and_says_so(void **state)
{
    struct bench *bench = between(-1, 0.5F);
    bench->subject.appearance.same_class_sample = SAMPLE_NONE;
    assert_near(bench_strength(bench, 3), 1, 1e-9);
    AUTO_JSON doc = bench_evidence(bench, 3);
    assert_string_equal(json_text(yyjson_doc_get_root(doc), "sentence", ""),
                        "The training set has no image of 'cat'; the nearest is one of 'dog'.");
    free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strength_follows_the_ratio_of_distances),
        cmocka_unit_test(a_copy_of_a_training_image_of_its_class_is_silent),
        cmocka_unit_test(copies_in_both_classes_are_undecided),
        cmocka_unit_test(evidence_names_the_nearest_of_both),
        cmocka_unit_test(a_class_without_training_images_speaks_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
