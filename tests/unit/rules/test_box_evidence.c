/* SPDX-License-Identifier: Apache-2.0 */
/* Reasons 11 to 18: strengths are those of test_feature_distribution, the boxes they name are tested here. */
#include "test.h"
#include "unit/rules/subject.h"

#include "rules/box_evidence.h"

/* Every box feature of the training set runs from 0 to 100, median 50. */
static struct bench *with_boxes(uint32_t boxes)
{
    struct bench *bench = bench_new_detector();
    bench_train_detector(bench);
    for (int i = 0; i < BENCH_VALUES; i++)
        bench->values[i] = i * 100.0 / (BENCH_VALUES - 1);
    for (int f = 0; f < FEATURE_COUNT; f++) {
        bench->reference.features[f] = bench->values;
        bench->reference.feature_counts[f] = BENCH_VALUES;
        bench->record.features[f] = 50;
    }
    for (uint32_t i = 0; i < boxes; i++) {
        struct candidate *box = bench_see(bench, 0.9F, 0);
        box->brightness = (float)(i * i);
        box->clarity = NAN;
    }
    return bench;
}

static yyjson_val *evidence_boxes(yyjson_doc *doc)
{
    return yyjson_obj_get(yyjson_doc_get_root(doc), "boxes");
}

static void box_features_speak_like_those_of_images(void **state)
{
    for (int reason = 11; reason <= 18; reason++) {
        struct bench *bench = with_boxes(2);
        enum record_feature feature = (enum record_feature)(reason - 5);
        assert_null(rule_off_reason(all_rules[reason], &bench->reference));
        assert_true(bench_strength(bench, reason) == 0);
        bench->record.features[feature] = 150;
        assert_near(bench_strength(bench, reason), 0.75, 0.01);
        bench->record.features[feature] = (double)NAN; /* an image without boxes */
        assert_true(bench_strength(bench, reason) == 0);
        free(bench);
    }
}

static void the_boxes_farthest_out_are_named(void **state)
{
    static const int bright[] = {6, 5, 4, 3, 2}, dark[] = {0, 1, 2, 3, 4};
    struct bench *bench = with_boxes(7);
    bench->record.features[FEATURE_BOX_BRIGHTNESS] = 120;
    AUTO_JSON above = bench_evidence(bench, 16);
    bench->record.features[FEATURE_BOX_BRIGHTNESS] = -20;
    AUTO_JSON below = bench_evidence(bench, 16);
    assert_int_equal(yyjson_arr_size(evidence_boxes(above)), EVIDENCE_FAR_BOXES_MAX);
    for (size_t i = 0; i < EVIDENCE_FAR_BOXES_MAX; i++) {
        yyjson_val *box = yyjson_arr_get(evidence_boxes(above), i);
        assert_int_equal(json_integer(box, "index", -1), bright[i]);
        assert_near(json_number(box, "value", -1), bright[i] * bright[i], 1e-9);
        assert_int_equal(json_integer(yyjson_arr_get(evidence_boxes(below), i), "index", -1), dark[i]);
    }
    assert_string_equal(json_text(yyjson_doc_get_root(above), "sentence", ""),
                        "The box brightness is 120; 98 % of the training images lie between 1 and 99, median "
                        "50.");
    free(bench);
}

static void a_box_names_itself_with_label_score_and_edges(void **state)
{
    struct bench *bench = with_boxes(1);
    bench->candidates[0] = (struct candidate){.box = {10, 20, 30.125F, 60}, .score = 0.625F, .label = 1};
    bench->record.features[FEATURE_BOX_ASPECT_RATIO] = 120;
    AUTO_JSON doc = bench_evidence(bench, 13);
    yyjson_val *box = yyjson_arr_get(evidence_boxes(doc), 0), *edges = yyjson_obj_get(box, "box");
    assert_string_equal(json_text(box, "label", ""), "dog");
    assert_near(json_number(box, "score", 0), 0.625, 1e-9);
    assert_near(json_number(box, "value", 0), 40 / 20.125, 1e-6);
    assert_int_equal(yyjson_arr_size(edges), 4);
    assert_near(yyjson_get_num(yyjson_arr_get(edges, 2)), 30.13, 1e-9);
    free(bench);
}

static void boxes_without_a_value_are_not_named(void **state)
{
    struct bench *bench = with_boxes(3);
    bench->candidates[1].clarity = 8;
    bench->record.features[FEATURE_BOX_CLARITY] = 120;
    AUTO_JSON doc = bench_evidence(bench, 17);
    assert_int_equal(yyjson_arr_size(evidence_boxes(doc)), 1);
    assert_int_equal(json_integer(yyjson_arr_get(evidence_boxes(doc), 0), "index", -1), 1);
    free(bench);
}

static void overlap_names_the_boxes_that_are_covered_most(void **state)
{
    struct bench *bench = with_boxes(3);
    bench->candidates[2].box = (struct box){5, 0, 10, 10}; /* all of it inside the first */
    bench->record.features[FEATURE_BOX_OVERLAP] = 120;
    AUTO_JSON doc = bench_evidence(bench, 18);
    static const int order[] = {2, 0, 1};
    static const double values[] = {1, 0.5, 0};
    for (size_t i = 0; i < 3; i++) {
        yyjson_val *box = yyjson_arr_get(evidence_boxes(doc), i);
        assert_int_equal(json_integer(box, "index", -1), order[i]);
        assert_near(json_number(box, "value", -1), values[i], 1e-9);
    }
    free(bench);
}

static void number_and_spread_name_all_boxes_up_to_a_limit(void **state)
{
    for (uint32_t boxes = EVIDENCE_ALL_BOXES_MAX; boxes <= EVIDENCE_ALL_BOXES_MAX + 1; boxes++) {
        struct bench *bench = with_boxes(boxes);
        bench->record.features[FEATURE_BOX_COUNT] = 120;
        bench->record.features[FEATURE_BOX_AREA_DEVIATION] = 120;
        AUTO_JSON number = bench_evidence(bench, 11);
        AUTO_JSON spread = bench_evidence(bench, 12);
        assert_int_equal(yyjson_arr_size(evidence_boxes(number)), EVIDENCE_ALL_BOXES_MAX);
        assert_int_equal(json_integer(yyjson_doc_get_root(number), "boxes_kept", 0), boxes);
        assert_null(yyjson_obj_get(yyjson_arr_get(evidence_boxes(number), 0), "value"));
        assert_near(json_number(yyjson_arr_get(evidence_boxes(spread), 19), "value", 0), 100, 1e-9);
        free(bench);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(box_features_speak_like_those_of_images),
        cmocka_unit_test(the_boxes_farthest_out_are_named),
        cmocka_unit_test(a_box_names_itself_with_label_score_and_edges),
        cmocka_unit_test(boxes_without_a_value_are_not_named),
        cmocka_unit_test(overlap_names_the_boxes_that_are_covered_most),
        cmocka_unit_test(number_and_spread_name_all_boxes_up_to_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
