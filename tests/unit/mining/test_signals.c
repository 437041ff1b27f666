/* SPDX-License-Identifier: Apache-2.0 */
/* Expected figures are worked out by hand. */
#include "test.h"
#include "unit/rules/subject.h"

#include "mining/signals.h"

static void a_detector_that_finds_nothing_is_as_unsure_as_reason_0_is_strong(void **state)
{
    struct bench *bench = bench_new_detector();
    double strengths[REASON_COUNT] = {[0] = 0.75};
    struct signals nothing = signals_of(&bench->subject, strengths);
    assert_near((double)nothing.values[SIGNAL_UNSURE], log(3), 1e-6);
    assert_true(nothing.values[SIGNAL_BOXES] == 0);
    (void)bench_see(bench, 0.9F, 0);
    strengths[0] = 0;
    strengths[1] = 0.25;
    struct signals one = signals_of(&bench->subject, strengths);
    assert_near((double)one.values[SIGNAL_UNSURE], -log(3), 1e-6);
    assert_near((double)one.values[SIGNAL_BOXES], log(2), 1e-6);
    free(bench);
}

static void boxes_that_come_or_go_in_copies_count_by_their_scores(void **state)
{
    struct bench *bench = bench_new_detector();
    struct mining_reference reference = {.rules = bench->reference};
    struct mining_view_work work = {0};
    struct view views[AUGMENT_OPS];
    struct error err;
    assert_true(augment_settings_read("fliplr:1+crop:1+add:1", &work.active, &err));
    for (int i = 0; i < AUGMENT_OPS; i++)
        views[i] = view_missing();
    struct signals signals = {0};
    signals_add_views(&work, &reference, views, &signals);
    assert_true(signals.values[SIGNAL_VIEWS] == 0); /* nothing was asked */
    views[work.active.ops[0].op->reason - AUGMENT_REASON_FIRST] =
        (struct view){.changed = 0.01F, .lost = 0.5F, .gained = 0.25F};
    views[work.active.ops[1].op->reason - AUGMENT_REASON_FIRST] = (struct view){.changed = 1};
    signals_add_views(&work, &reference, views, &signals);
    assert_near((double)signals.values[SIGNAL_VIEWS], (1 - exp(-0.75)) / 2, 1e-6);
    free(bench);
}

static void a_classifiers_doubt_is_the_mean_over_the_image_and_its_copies(void **state)
{
    struct bench *bench = bench_new(3);
    struct mining_reference reference = {.rules = bench->reference};
    struct mining_view_work work = {0};
    struct view views[AUGMENT_OPS];
    struct error err;
    const double strengths[REASON_COUNT] = {0};
    assert_true(augment_settings_read("fliplr:1+crop:1", &work.active, &err));
    for (int i = 0; i < AUGMENT_OPS; i++)
        views[i] = view_missing();
    bench->scores[0] = 0.75;
    bench->scores[1] = 0.25;
    struct signals signals = signals_of(&bench->subject, strengths);
    assert_near((double)signals.values[SIGNAL_UNSURE], -log(3), 1e-6);
    views[work.active.ops[0].op->reason - AUGMENT_REASON_FIRST] = (struct view){.changed = 1, .kept = 0.25F};
    signals_add_views(&work, &reference, views, &signals);
    assert_near((double)signals.values[SIGNAL_UNSURE], 0, 1e-6);
    free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_detector_that_finds_nothing_is_as_unsure_as_reason_0_is_strong),
        cmocka_unit_test(boxes_that_come_or_go_in_copies_count_by_their_scores),
        cmocka_unit_test(a_classifiers_doubt_is_the_mean_over_the_image_and_its_copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
