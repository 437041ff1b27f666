/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "mining/select.h"

#include <math.h>
#include <stdlib.h>

static size_t selected(const double *coefficients, uint64_t count, struct mining_plan plan,
                       uint64_t **records)
{
    size_t found = 0;
    struct error err;
    assert_true(select_hard(coefficients, count, &plan, records, &found, &err));
    return found;
}

static void the_hardest_come_first_and_ties_by_index(void **state)
{
    const double coefficients[] = {0.2, 0.5, (double)NAN, 0.05, 0.5, 0.1, 0.9};
    static const uint64_t expected[] = {6, 1, 4, 0, 5};
    uint64_t *records = NULL;
    assert_int_equal(selected(coefficients, 7, (struct mining_plan){.threshold = 0.1}, &records), 5);
    assert_memory_equal(records, expected, sizeof(expected));
    free(records);
}

static void the_threshold_itself_is_hard(void **state)
{
    const double coefficients[] = {0.1, nextafter(0.1, 0)};
    uint64_t *records = NULL;
    assert_int_equal(selected(coefficients, 2, (struct mining_plan){.threshold = 0.1}, &records), 1);
    free(records);
}

static void an_image_without_any_strength_is_never_hard(void **state)
{
    const double coefficients[] = {0, 1e-9, (double)NAN};
    uint64_t *records = NULL;
    assert_int_equal(selected(coefficients, 3, (struct mining_plan){.threshold = 0}, &records), 1);
    assert_int_equal(records[0], 1);
    free(records);
}

static void the_cap_counts_analysed_images_only(void **state)
{
    double coefficients[40];
    for (int i = 0; i < 40; i++)
        coefficients[i] = i < 20 ? 0.5 : (double)NAN;
    uint64_t *records = NULL;
    assert_int_equal(selected(coefficients, 40, (struct mining_plan){.top_percent = 10}, &records), 2);
    free(records);
    assert_int_equal(selected(coefficients, 40, (struct mining_plan){.top_count = 7}, &records), 7);
    assert_int_equal(records[6], 6);
    free(records);
    assert_int_equal(selected(coefficients, 40, (struct mining_plan){.top_count = 100}, &records), 20);
    free(records);
}

static void an_empty_run_has_no_hard_example(void **state)
{
    uint64_t *records = NULL;
    assert_int_equal(selected(NULL, 0, (struct mining_plan){.threshold = 0}, &records), 0);
    free(records);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hardest_come_first_and_ties_by_index),
        cmocka_unit_test(the_threshold_itself_is_hard),
        cmocka_unit_test(an_image_without_any_strength_is_never_hard),
        cmocka_unit_test(the_cap_counts_analysed_images_only),
        cmocka_unit_test(an_empty_run_has_no_hard_example),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
