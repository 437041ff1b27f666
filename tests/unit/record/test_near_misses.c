/* SPDX-License-Identifier: Apache-2.0 */
/* Expected figures are worked out by hand. */
#include "test.h"

#include "record/near_misses.h"

#include <math.h>
#include <stdlib.h>

static const struct record_header header = {.type = MODEL_TYPE_DETECTION, .score_threshold = 0.5};

static struct candidate candidate_of(float score, float x_min, float x_max)
{
    return (struct candidate){.box = {x_min, 0, x_max, 10}, .score = score};
}

static double mass_of(const struct candidate *candidates, uint32_t count)
{
    const struct record record = {.candidates = candidates, .candidate_count = count};
    return record_near_mass(&header, &record, record_answers(&header, candidates, count));
}

static void what_comes_near_the_threshold_weighs_more(void **state)
{
    const struct candidate candidates[] = {candidate_of(0.49F, 0, 10), candidate_of(0.25F, 0, 10),
                                           candidate_of(0.05F, 0, 10)};
    assert_true(fabs(mass_of(candidates, 3) - (0.98 + 0.5 + 0.1)) < 1e-6);
    assert_true(mass_of(candidates, 0) == 0);
}

static void what_an_answer_covers_was_not_missed(void **state)
{
    /* Shared 5 of 15, of 10, and nothing. */
    const struct candidate candidates[] = {candidate_of(0.9F, 0, 10), candidate_of(0.25F, 5, 15),
                                           candidate_of(0.25F, 0, 10), candidate_of(0.25F, 10, 20)};
    const struct record record = {.candidates = candidates, .candidate_count = 4};
    assert_int_equal(record_near_misses(&record, 1), 3);
    assert_true(fabs(record_near_miss(&header, &record, 1, 1) - 0.5 * 2 / 3) < 1e-9);
    assert_true(record_near_miss(&header, &record, 1, 2) == 0);
    assert_true(record_near_miss(&header, &record, 1, 3) == 0.5);
    assert_true(fabs(mass_of(candidates, 4) - (0.5 + 1.0 / 3)) < 1e-9);
}

static void the_best_of_many_are_looked_at(void **state)
{
    uint32_t count = NEAR_MISSES_MAX + 1;
    struct candidate *candidates = calloc(count, sizeof(*candidates));
    assert_non_null(candidates);
    for (uint32_t i = 0; i < count; i++)
        candidates[i] = candidate_of(0.25F, (float)i, (float)i + 1);
    assert_true(mass_of(candidates, count - 1) == NEAR_MISSES_MAX * 0.5);
    assert_true(mass_of(candidates, count) == NEAR_MISSES_MAX * 0.5);
    free(candidates);
}

static void odd_boxes_and_thresholds_give_numbers(void **state)
{
    const struct record_header all_are_answers = {.type = MODEL_TYPE_DETECTION};
    const struct candidate candidates[] = {candidate_of(0.9F, 3, 3), candidate_of(0.25F, 3, 3),
                                           candidate_of(0.25F, -3e38F, 3e38F)};
    const struct record record = {.candidates = candidates, .candidate_count = 3};
    assert_true(fabs(mass_of(candidates, 3) - 1) < 1e-9);
    assert_true(record_near_mass(&all_are_answers, &record, 3) == 0);
    assert_true(record_near_mass(&all_are_answers, &record, 0) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_near_the_threshold_weighs_more),
        cmocka_unit_test(what_an_answer_covers_was_not_missed),
        cmocka_unit_test(the_best_of_many_are_looked_at),
        cmocka_unit_test(odd_boxes_and_thresholds_give_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
