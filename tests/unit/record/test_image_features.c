/* SPDX-License-Identifier: Apache-2.0 */
#include "record/image_features.h"

#include "test.h"

#include <math.h>

static void what_was_measured_of_the_image_is_kept_and_what_is_of_boxes_is_none(void **state)
{
    (void)state;
    const struct image_statistics measured = {.resolution = 12.0,
                                              .aspect_ratio = 2.0,
                                              .brightness = 0.25,
                                              .saturation = 0.5,
                                              .colorfulness = 0.75,
                                              .clarity = 3.0};
    double features[FEATURE_COUNT] = {0};
    int none = 0;
    record_image_features(&measured, features);
    assert_true(features[FEATURE_RESOLUTION] == 12.0);
    assert_true(features[FEATURE_ASPECT_RATIO] == 2.0);
    assert_true(features[FEATURE_BRIGHTNESS] == 0.25);
    assert_true(features[FEATURE_SATURATION] == 0.5);
    assert_true(features[FEATURE_COLORFULNESS] == 0.75);
    assert_true(features[FEATURE_CLARITY] == 3.0);
    for (int i = 0; i < FEATURE_COUNT; i++)
        none += isnan(features[i]) != 0;
    assert_int_equal(none, FEATURE_COUNT - 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_measured_of_the_image_is_kept_and_what_is_of_boxes_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
