/* SPDX-License-Identifier: Apache-2.0 */
/* The baselines of the bench, against numbers computed by hand. */
#include "test.h"

#include "baseline.h"

#include <math.h>
#include <string.h>

#define NEAR 1e-6

static const struct record_header classifier = {.type = MODEL_TYPE_CLASSIFICATION, .classes = 4};
static const struct record_header detector = {.type = MODEL_TYPE_DETECTION, .classes = 2};

static const struct baseline *find(const char *name)
{
    const struct baseline *baseline = all_baselines;
    while (baseline->name && strcmp(baseline->name, name) != 0)
        baseline++;
    assert_non_null(baseline->name);
    return baseline;
}

static void assert_near(double found, double wanted)
{
    if (!(fabs(found - wanted) < NEAR))
        fail_msg("%.9f, not %.9f", found, wanted);
}

static double hardness(const char *name, const struct baseline_subject *subject)
{
    return find(name)->hardness(subject);
}

static void scores_of_a_classifier_have_the_values_of_their_definitions(void **state)
{
    const double scores[] = {0.5, 0.25, 0.25, 0};
    const struct record record = {.log_sum_exp = 3};
    const struct baseline_subject subject = {
        .header = &classifier, .record = &record, .scores = scores, .predicted = 0};
    assert_near(hardness("maximum softmax probability", &subject), 0.5);
    assert_near(hardness("margin", &subject), 0.75);
    assert_near(hardness("entropy", &subject), 1.5 * log(2));
    assert_near(hardness("energy", &subject), -3);
    /* 1 - 1.5 / 2 = 0.25 */
    assert_near(hardness("HiLens/Sedna cross entropy < 0.5", &subject), 1);
}

static void the_cross_entropy_filter_lets_sure_answers_pass(void **state)
{
    const double scores[] = {0.97, 0.01, 0.01, 0.01};
    const struct record record = {0};
    const struct baseline_subject subject = {
        .header = &classifier, .record = &record, .scores = scores, .predicted = 0};
    assert_near(hardness("HiLens/Sedna cross entropy < 0.5", &subject), 0);
}

static void distances_are_those_of_vectors_of_norm_1(void **state)
{
    const struct baseline_subject subject = {
        .header = &classifier,
        .neighbours = {
            .count = 2, .cosines = {0.875F, 0.5F}, .same_class_cosine = 0.5F, .other_class_cosine = 0.875F}};
    assert_near(hardness("kNN distance", &subject), 1);
    assert_near(hardness("TrustScore", &subject), 2);
}

static void disagreement_is_of_the_mean_over_the_image_and_its_copies(void **state)
{
    const double scores[] = {0.9, 0.1, 0, 0};
    struct view views[AUGMENT_OPS];
    for (int op = 0; op < AUGMENT_OPS; op++)
        views[op] = view_missing();
    views[1] = (struct view){.changed = 0.2F, .kept = 0.6F};
    views[2] = (struct view){.changed = 0.4F, .kept = 0.3F};
    const struct baseline_subject subject = {
        .header = &classifier, .scores = scores, .predicted = 0, .views = views};
    assert_near(hardness("TTA disagreement, 3 views", &subject), 0.4);
    assert_near(hardness("consistency, 3 views", &subject), 0.3);
}

static void filters_look_at_the_answer_and_entropies_at_all_candidates(void **state)
{
    const struct candidate candidates[] = {{.score = 0.8F}, {.score = 0.5F}, {.score = 0.1F}};
    const struct record record = {.candidates = candidates, .candidate_count = 3};
    const struct baseline_subject subject = {.header = &detector, .record = &record, .answers = 2};
    assert_near(hardness("Sedna Threshold", &subject), 0.35);
    assert_near(hardness("Sedna IBT", &subject), 0.5);
    assert_near(hardness("HiLens CSF", &subject), 0.5);
    assert_near(hardness("largest entropy", &subject), log(2));
    double sum = log(2) - 0.8 * log(0.8) - 0.2 * log(0.2) - 0.9 * log(0.9) - 0.1 * log(0.1);
    assert_near(hardness("sum of entropies", &subject), sum);
}

static void every_baseline_names_its_source(void **state)
{
    for (const struct baseline *baseline = all_baselines; baseline->name; baseline++) {
        assert_true(strlen(baseline->source) > 0);
        assert_non_null(baseline->hardness);
        assert_ptr_equal(find(baseline->name), baseline); /* names are unique */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_of_a_classifier_have_the_values_of_their_definitions),
        cmocka_unit_test(the_cross_entropy_filter_lets_sure_answers_pass),
        cmocka_unit_test(distances_are_those_of_vectors_of_norm_1),
        cmocka_unit_test(disagreement_is_of_the_mean_over_the_image_and_its_copies),
        cmocka_unit_test(filters_look_at_the_answer_and_entropies_at_all_candidates),
        cmocka_unit_test(every_baseline_names_its_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
