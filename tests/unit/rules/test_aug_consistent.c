/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"
#include "unit/rules/subject.h"

enum { BLUR = 19, MIRROR = 20, CHANGES = 100 };

struct views_bench {
    struct bench *bench;
    struct view_reference references[AUGMENT_OPS];
    struct view views[AUGMENT_OPS];
    double changes[CHANGES];
};

/* Mirroring and blurring were tried on images whose answers changed by 0, 0.01 ... 0.99. */
static void start(struct views_bench *views, struct bench *bench)
{
    *views = (struct views_bench){.bench = bench};
    for (int i = 0; i < CHANGES; i++)
        views->changes[i] = i / 100.0;
    for (int i = 0; i < AUGMENT_OPS; i++)
        views->views[i] = view_missing();
    for (int i = 0; i < 2; i++)
        views->references[i] =
            (struct view_reference){.setting = {all_augment_ops[i], 1, all_augment_ops[i]->parameter.usual},
                                    .changes = views->changes,
                                    .count = CHANGES,
                                    .worth = 1};
    bench->reference.views = views->references;
    bench->subject.views = views->views;
}

static void worth_is_what_the_training_set_says(void **state)
{
    assert_near(rule_view_worth(0.5, 0), 0, 1e-12);
    assert_near(rule_view_worth(0.3, 0), 0, 1e-12);
    assert_near(rule_view_worth(0.9, 0.9), 0.64, 1e-12);
    assert_near(rule_view_worth(1, 0), 1, 1e-12);
    assert_near(rule_view_worth((double)NAN, 0.1), 0.75, 1e-12); /* not known: by what it upsets */
    assert_near(rule_view_worth((double)NAN, 0.4), 0, 1e-12);
    assert_near(rule_view_worth((double)NAN, 0.9), 0, 1e-12);
}

/* So that an operation that tells less may still be named, where a change is as rare. */
static void copies_are_listed_from_a_share_of_their_worth(void **state)
{
    struct views_bench views;
    struct bench *bench = bench_new(3);
    double speaks_from[REASON_COUNT];
    rule_speaks_from(&bench->reference, speaks_from);
    for (int i = 0; i < REASON_COUNT; i++)
        assert_true(speaks_from[i] == all_rules[i]->speaks_from);
    start(&views, bench);
    views.references[1].worth = 0.5;
    rule_speaks_from(&bench->reference, speaks_from);
    assert_near(speaks_from[BLUR], all_rules[BLUR]->speaks_from, 1e-12);
    assert_near(speaks_from[MIRROR], all_rules[MIRROR]->speaks_from / 2, 1e-12);
    assert_true(speaks_from[7] == all_rules[7]->speaks_from);
    views.views[1] = (struct view){.changed = 0.1F, .kept = 0, .score = 1};
    assert_true(bench_strength(bench, MIRROR) >= speaks_from[MIRROR]);
    views.views[1].kept = 0.1F; /* one in ten changes as much: that is nothing rare */
    assert_true(bench_strength(bench, MIRROR) < speaks_from[MIRROR]);
    free(bench);
}

static void a_change_is_as_strong_as_it_is_rare(void **state)
{
    struct views_bench views;
    struct bench *bench = bench_new(3);
    start(&views, bench);
    assert_true(bench_strength(bench, MIRROR) == 0); /* not measured */
    views.views[1] = (struct view){.changed = 0.1F, .kept = 1, .score = 1};
    assert_true(bench_strength(bench, MIRROR) < 1e-6);
    views.views[1].kept = 0.5F;
    assert_near(bench_strength(bench, MIRROR), pow(0.505, 4), 1e-6);
    views.references[1].worth = 0.5;
    assert_near(bench_strength(bench, MIRROR), pow(0.505, 4) / 2, 1e-6);
    views.references[1].worth = 1;
    views.views[1].kept = 0;
    assert_near(bench_strength(bench, MIRROR), 1, 1e-6);
    assert_true(bench_strength(bench, BLUR) == 0);
    double before = 0;
    for (int i = 0; i <= 100; i++) {
        views.views[1].kept = (float)(1 - i / 100.0);
        assert_true(bench_strength(bench, MIRROR) >= before);
        before = bench_strength(bench, MIRROR);
    }
    free(bench);
}

static void of_a_detector_the_changed_answer_counts(void **state)
{
    struct views_bench views;
    struct bench *bench = bench_new_detector();
    start(&views, bench);
    views.views[0] = (struct view){.changed = 0.5F, .boxes = 2, .lost = 0.5F};
    assert_near(bench_strength(bench, BLUR), pow(0.505, 4), 1e-6);
    free(bench);
}

static void what_is_off_says_why(void **state)
{
    struct views_bench views;
    struct bench *bench = bench_new(3);
    assert_non_null(strstr(rule_off_reason(all_rules[MIRROR], &bench->reference), "no copies are inferred"));
    start(&views, bench);
    assert_null(rule_off_reason(all_rules[MIRROR], &bench->reference));
    assert_string_equal(rule_off_reason(all_rules[29], &bench->reference), "not in aug_op_config");
    (void)snprintf(views.references[1].off, VIEW_OFF_BYTES, "it changes 67 %% of them");
    assert_string_equal(rule_off_reason(all_rules[MIRROR], &bench->reference), "it changes 67 % of them");
    free(bench);
}

static void the_evidence_has_both_answers_and_the_operation(void **state)
{
    struct views_bench views;
    struct bench *bench = bench_new(3);
    start(&views, bench);
    bench->logits[0] = 4;
    bench_score(bench);
    views.views[0] = (struct view){.changed = 0.7F, .kept = 0.2F, .label = 1, .score = 0.75F};
    AUTO_JSON read = bench_evidence(bench, BLUR);
    yyjson_val *evidence = yyjson_doc_get_root(read);
    assert_string_equal(json_text(evidence, "operation", ""), "gaussianblur");
    assert_string_equal(json_text(evidence, "parameter", ""), "sigma");
    assert_near(json_number(evidence, "amount", 0), 0.5, 1e-9);
    assert_string_equal(json_text(evidence, "predicted_label", ""), "cat");
    assert_string_equal(json_text(evidence, "copy_label", ""), "dog");
    assert_near(json_number(evidence, "copy_score", 0), 0.75, 1e-6);
    assert_near(json_number(evidence, "score_kept", 0), 0.2, 1e-6);
    assert_near(json_number(evidence, "usual_share", 0), 0.8, 1e-6);
    assert_string_equal(json_text(evidence, "sentence", ""),
                        "The model says 'cat' with 0.965; when the image is blurred, 'dog' with 0.750.");
    free(bench);
}

static void a_detector_s_evidence_counts_boxes(void **state)
{
    struct views_bench views;
    struct bench *bench = bench_new_detector();
    start(&views, bench);
    (void)bench_see(bench, 0.9F, 0);
    views.views[1] = (struct view){.changed = 1, .boxes = 0, .lost = 0.9F};
    AUTO_JSON read = bench_evidence(bench, MIRROR);
    assert_string_equal(
        json_text(yyjson_doc_get_root(read), "sentence", ""),
        "The model finds 1 boxes; when the image is mirrored left to right, 0: scores of 0.900 are "
        "lost and 0.000 are new, and the answer changes by 1.000.");
    free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worth_is_what_the_training_set_says),
        cmocka_unit_test(copies_are_listed_from_a_share_of_their_worth),
        cmocka_unit_test(a_change_is_as_strong_as_it_is_rare),
        cmocka_unit_test(of_a_detector_the_changed_answer_counts),
        cmocka_unit_test(what_is_off_says_why),
        cmocka_unit_test(the_evidence_has_both_answers_and_the_operation),
        cmocka_unit_test(a_detector_s_evidence_counts_boxes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
