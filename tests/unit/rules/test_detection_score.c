/* SPDX-License-Identifier: Apache-2.0 */
/* Expected figures are worked out by hand. */
#include "test.h"
#include "unit/rules/subject.h"

#include "rules/detection_score.h"

enum { NOTHING = 0, UNSURE = 1 };

static void sure_boxes_and_no_near_miss_are_silent(void **state)
{
    struct bench *bench = bench_new_detector();
    (void)bench_see(bench, 1, 0);
    (void)bench_see(bench, 1, 1);
    assert_true(bench_strength(bench, UNSURE) == 0);
    assert_true(bench_strength(bench, NOTHING) == 0);
    free(bench);
}

static void doubt_is_the_documented_formula(void **state)
{
    struct bench *bench = bench_new_detector();
    (void)bench_see(bench, 0.875F, 0); /* a quarter of the way to the threshold: 1/16 */
    (void)bench_see(bench, 0.5F, 0);   /* on it: 1 */
    (void)bench_see(bench, 0.25F, 1);  /* half of the threshold: 1/2 */
    struct detection_doubt doubt = detection_doubt_of(&bench->subject);
    assert_near(doubt.answers, 1.0625, 1e-12);
    assert_near(doubt.near_mass, 0.5, 1e-12);
    assert_near(doubt.expected, 1.5625 / sqrt(3), 1e-12);
    assert_near(bench_strength(bench, UNSURE), 1 - exp(-1.5625 / sqrt(3)), 1e-12);
    assert_true(bench_strength(bench, NOTHING) == 0);
    bench->reference.usual_near_mass = 4; /* a model that has such candidates everywhere */
    assert_near(detection_doubt_of(&bench->subject).expected, (1.0625 + 0.02) / sqrt(3), 1e-12);
    free(bench);
}

static void a_box_that_wavers_between_classes_doubts(void **state)
{
    struct bench *bench = bench_new_detector();
    const float vectors[] = {1, 0.25F, 0.125F, 0.5F, 0.75F, 0};
    (void)bench_see(bench, 1, 0);
    assert_true(detection_doubt_of(&bench->subject).answers == 0); /* no class vectors */
    bench->record.candidate_scores = vectors;
    assert_near(detection_doubt_of(&bench->subject).answers, 0.25, 1e-12);
    (void)bench_see(bench, 0.875F, 1); /* 1/16 by its score, 2/3 by the class */
    assert_near(detection_doubt_of(&bench->subject).answers, 0.25 + 1 - 15.0 / 16 / 3, 1e-12);
    bench->candidates[1].label = 2; /* its own class has nothing, others have */
    assert_near(detection_doubt_of(&bench->subject).answers, 0.25 + 1, 1e-12);
    free(bench);
}

static void a_box_over_a_better_one_doubts(void **state)
{
    struct bench *bench = bench_new_detector();
    (void)bench_see(bench, 1, 0);
    (void)bench_see(bench, 0.875F, 1);
    bench->candidates[1].box = bench->candidates[0].box;
    bench->candidates[1].box.y_max -= 5; /* half of it */
    assert_near(detection_doubt_of(&bench->subject).answers, 1 - 15.0 / 16 / 2, 1e-12);
    bench->candidates[1].box.y_min += 1000;
    bench->candidates[1].box.y_max += 1000;
    assert_near(detection_doubt_of(&bench->subject).answers, 1.0 / 16, 1e-12);
    free(bench);
}

static void each_near_miss_raises_it_and_each_surer_box_lowers_it(void **state)
{
    struct bench *bench = bench_new_detector();
    (void)bench_see(bench, 0.75F, 0);
    double before = bench_strength(bench, UNSURE);
    (void)bench_see(bench, 0.125F, 0);
    double with_near = bench_strength(bench, UNSURE);
    assert_true(with_near > before && with_near < 1);
    bench->candidates[0].score = 0.875F;
    assert_true(bench_strength(bench, UNSURE) < with_near);
    bench->candidates[1].box = bench->candidates[0].box; /* covered: not missed */
    bench->candidates[0].score = 0.75F;
    assert_near(bench_strength(bench, UNSURE), before, 1e-12);
    free(bench);
}

static void a_crowd_of_sure_boxes_is_no_reason(void **state)
{
    struct bench *one = bench_new_detector(), *crowd = bench_new_detector();
    (void)bench_see(one, 0.875F, 0);
    for (int i = 0; i < 16; i++)
        (void)bench_see(crowd, 0.875F, 0);
    /* Sixteen times the doubt, but hardly the fourfold weight. */
    assert_true(detection_doubt_of(&crowd->subject).expected > detection_doubt_of(&one->subject).expected);
    assert_true(detection_doubt_of(&crowd->subject).expected <
                6 * detection_doubt_of(&one->subject).expected);
    assert_true(bench_strength(crowd, UNSURE) < all_rules[UNSURE]->speaks_from);
    free(one);
    free(crowd);
}

static void a_near_miss_speaks_louder_than_an_empty_floor(void **state)
{
    struct bench *bench = bench_new_detector();
    assert_near(bench_strength(bench, NOTHING), 0.1, 1e-12);
    bench->reference.missed_share = 0.5; /* finding nothing is odd here */
    assert_near(bench_strength(bench, NOTHING), 0.5, 1e-12);
    bench->reference.missed_share = 0;
    assert_true(bench_strength(bench, NOTHING) == 0);
    (void)bench_see(bench, 0.25F, 1);
    assert_near(bench_strength(bench, NOTHING), 1 - exp(-0.5), 1e-12);
    assert_true(bench_strength(bench, UNSURE) == 0);
    bench->candidates[0].score = 0.49F;
    assert_true(bench_strength(bench, NOTHING) > 0.6);
    assert_true(all_rules[NOTHING]->speaks_from <= 0.05);
    free(bench);
}

static void missed_share_follows_the_training_images(void **state)
{
    assert_near(rule_missed_share(0, 0), 0.5, 1e-12);    /* the model always finds something */
    assert_near(rule_missed_share(98, 98), 0.01, 1e-12); /* all of them empty indeed */
    assert_near(rule_missed_share(98, 0), 0.99, 1e-12);  /* none of them */
    assert_near(rule_missed_share(98, 49), 0.5, 1e-12);
    assert_true(rule_missed_share(1, 40) == 0); /* near misses suspect more than there is */
}

static void evidence_of_a_doubt_names_the_boxes(void **state)
{
    struct bench *bench = bench_new_detector();
    for (int i = 0; i < 6; i++)
        (void)bench_see(bench, 0.95F, 0);
    (void)bench_see(bench, 0.625F, 1); /* 9/16 */
    (void)bench_see(bench, 0.375F, 2); /* 3/4 */
    (void)bench_see(bench, 0.125F, 2); /* 1/4 */
    AUTO_JSON doc = bench_evidence(bench, UNSURE);
    yyjson_val *evidence = yyjson_doc_get_root(doc), *boxes = yyjson_obj_get(evidence, "boxes");
    assert_int_equal(json_integer(evidence, "boxes_kept", 0), 7);
    assert_int_equal(json_integer(evidence, "near_misses", 0), 2);
    assert_int_equal(yyjson_arr_size(boxes), 5);
    static const int order[] = {7, 6, 8, 0, 1};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(json_integer(yyjson_arr_get(boxes, i), "index", -1), order[i]);
    yyjson_val *first = yyjson_arr_get(boxes, 0);
    assert_string_equal(json_text(first, "label", ""), "other");
    assert_near(json_number(first, "score", 0), 0.375, 1e-9);
    assert_near(json_number(first, "value", 0), 0.75, 1e-9);
    assert_near(yyjson_get_num(yyjson_arr_get(yyjson_obj_get(first, "box"), 2)), 80, 1e-9);
    assert_string_equal(json_text(evidence, "sentence", ""),
                        "The least sure of 7 boxes is 'dog' with 0.625; 2 candidates stay below 0.50, the "
                        "best of them 'other' with 0.375.");
    bench->record.candidate_count = 7;
    AUTO_JSON without = bench_evidence(bench, UNSURE);
    assert_string_equal(json_text(yyjson_doc_get_root(without), "sentence", ""),
                        "The least sure of 7 boxes is 'dog' with 0.625.");
    free(bench);
}

static void evidence_of_nothing_tells_the_best_candidate(void **state)
{
    struct bench *bench = bench_new_detector();
    AUTO_JSON doc = bench_evidence(bench, NOTHING);
    yyjson_val *evidence = yyjson_doc_get_root(doc);
    assert_int_equal(yyjson_arr_size(yyjson_obj_get(evidence, "boxes")), 0);
    assert_string_equal(
        json_text(evidence, "sentence", ""),
        "The model finds nothing: no candidate has a score of 0.05, let alone 0.50, from which "
        "on a box counts.");
    (void)bench_see(bench, 0.375F, 1);
    AUTO_JSON near = bench_evidence(bench, NOTHING);
    evidence = yyjson_doc_get_root(near);
    assert_int_equal(yyjson_arr_size(yyjson_obj_get(evidence, "boxes")), 1);
    assert_near(json_number(evidence, "near_mass", 0), 0.75, 1e-9);
    assert_near(json_number(evidence, "missed_share", 0), 0.1, 1e-9);
    assert_string_equal(
        json_text(evidence, "sentence", ""),
        "The model finds nothing: its best candidate is 'dog' with 0.375, and a box counts from 0.50 on.");
    free(bench);
}

static void odd_thresholds_give_strengths_in_range(void **state)
{
    static const double thresholds[] = {0, 1e-9, 0.5, 1};
    for (size_t t = 0; t < 4; t++)
        for (int boxes = 0; boxes < 3; boxes++) {
            struct bench *bench = bench_new_detector();
            bench->header.score_threshold = thresholds[t];
            for (int i = 0; i < boxes; i++)
                (void)bench_see(bench, i == 0 ? 1 : 0, 0);
            for (int i = 0; i < REASON_COUNT; i++)
                if (all_rules[i]->strength)
                    assert_true(bench_strength(bench, i) >= 0 && bench_strength(bench, i) <= 1);
            free(bench);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sure_boxes_and_no_near_miss_are_silent),
        cmocka_unit_test(doubt_is_the_documented_formula),
        cmocka_unit_test(a_box_that_wavers_between_classes_doubts),
        cmocka_unit_test(a_box_over_a_better_one_doubts),
        cmocka_unit_test(each_near_miss_raises_it_and_each_surer_box_lowers_it),
        cmocka_unit_test(a_crowd_of_sure_boxes_is_no_reason),
        cmocka_unit_test(a_near_miss_speaks_louder_than_an_empty_floor),
        cmocka_unit_test(missed_share_follows_the_training_images),
        cmocka_unit_test(evidence_of_a_doubt_names_the_boxes),
        cmocka_unit_test(evidence_of_nothing_tells_the_best_candidate),
        cmocka_unit_test(odd_thresholds_give_strengths_in_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
