/* SPDX-License-Identifier: Apache-2.0 */
/* The published filters, on numbers computed by hand from their published words. */
#include "test.h"

#include "demo/filters.h"

#include <math.h>

static void assert_near(double found, double wanted)
{
    if (fabs(found - wanted) > 1e-6)
        fail_msg("%.7f instead of %.7f", found, wanted);
}

static void without_boxes_no_filter_calls_an_image_hard(void **state)
{
    assert_near(filter_threshold(NULL, 0), 0);
    assert_near(filter_ibt(NULL, 0), 0);
    assert_near(filter_csf(NULL, 0), 0);
}

static void threshold_is_one_minus_the_mean_score(void **state)
{
    const struct candidate boxes[] = {{.score = 0.9F}, {.score = 0.5F}, {.score = 0.4F}};
    assert_near(filter_threshold(boxes, 3), 0.4);
    assert_near(filter_threshold(boxes, 1), 0.1);
}

static void ibt_is_the_share_of_boxes_up_to_the_threshold(void **state)
{
    const struct candidate boxes[] = {{.score = 0.9F}, {.score = 0.51F}, {.score = 0.5F}, {.score = 0.3F}};
    assert_near(filter_ibt(boxes, 4), 0.5);
    assert_near(filter_ibt(boxes, 2), 0);
    assert_near(filter_ibt(boxes + 2, 2), 1);
}

static void csf_is_how_doubtful_the_most_doubtful_box_is(void **state)
{
    const struct candidate boxes[] = {{.score = 0.95F}, {.score = 0.8F}, {.score = 0.3F}};
    assert_near(filter_csf(boxes, 3), 0.3);
    assert_near(filter_csf(boxes, 2), 0.2);
    assert_near(filter_csf(boxes, 1), 0.05);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_boxes_no_filter_calls_an_image_hard),
        cmocka_unit_test(threshold_is_one_minus_the_mean_score),
        cmocka_unit_test(ibt_is_the_share_of_boxes_up_to_the_threshold),
        cmocka_unit_test(csf_is_how_doubtful_the_most_doubtful_box_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
