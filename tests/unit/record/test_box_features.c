/* SPDX-License-Identifier: Apache-2.0 */
/* Expected figures are worked out by hand. */
#include "test.h"

#include "record/box_features.h"

#include <math.h>
#include <stdlib.h>

enum { WIDTH = 100, HEIGHT = 50 };

static struct candidate box_of(float x_min, float y_min, float x_max, float y_max)
{
    return (struct candidate){.box = {x_min, y_min, x_max, y_max}, .brightness = NAN, .clarity = NAN};
}

static void features_of(const struct candidate *boxes, uint32_t count, double ret[FEATURE_COUNT])
{
    struct error err = {0};
    const struct image_boxes all = {boxes, count, WIDTH, HEIGHT};
    if (!record_box_features(&all, ret, &err))
        fail_msg("%s", err.message);
}

static void expect_near(double got, double want)
{
    if (!(fabs(got - want) < 1e-9))
        fail_msg("%.12g instead of %.12g", got, want);
}

static void an_image_without_boxes_has_their_number_only(void **state)
{
    double features[FEATURE_COUNT] = {1, 2, 3, 4, 5, 6};
    features_of(NULL, 0, features);
    for (int f = 0; f < FEATURE_BOX_COUNT; f++)
        assert_true(features[f] == f + 1); /* the image's own are left alone */
    assert_true(features[FEATURE_BOX_COUNT] == 0);
    for (int f = FEATURE_BOX_AREA_DEVIATION; f < FEATURE_COUNT; f++)
        assert_true(isnan(features[f]));
}

static void one_box_has_no_deviation_and_no_overlap(void **state)
{
    /* 20 × 10 at the right border's middle: centre 90, 25. */
    const struct candidate box = {.box = {80, 20, 100, 30}, .brightness = 128, .clarity = 7.5F};
    double features[FEATURE_COUNT];
    features_of(&box, 1, features);
    assert_true(features[FEATURE_BOX_COUNT] == 1);
    assert_true(features[FEATURE_BOX_AREA_DEVIATION] == 0);
    expect_near(features[FEATURE_BOX_ASPECT_RATIO], 0.5);
    expect_near(features[FEATURE_BOX_AREA_RATIO], 200.0 / 5000);
    expect_near(features[FEATURE_BOX_MARGINALIZATION], 40.0 / 50);
    assert_true(features[FEATURE_BOX_BRIGHTNESS] == 128);
    assert_true(features[FEATURE_BOX_CLARITY] == 7.5);
    assert_true(features[FEATURE_BOX_OVERLAP] == 0);
}

static void features_are_means_over_the_boxes(void **state)
{
    /* Areas 200, 400, 600: mean 400, squares 40000 + 0 + 40000, deviation sqrt(80000 / 3). */
    struct candidate boxes[] = {box_of(0, 0, 20, 10), box_of(40, 15, 60, 35), box_of(80, 0, 100, 30)};
    double features[FEATURE_COUNT];
    boxes[0].brightness = 10;
    boxes[2].brightness = 30;
    features_of(boxes, 3, features);
    assert_true(features[FEATURE_BOX_COUNT] == 3);
    expect_near(features[FEATURE_BOX_AREA_DEVIATION], sqrt(80000.0 / 3));
    expect_near(features[FEATURE_BOX_ASPECT_RATIO], (0.5 + 1 + 1.5) / 3);
    expect_near(features[FEATURE_BOX_AREA_RATIO], 1200.0 / 3 / 5000);
    /* Centres 10, 5: 40/50 and 20/25; 50, 25: the middle; 90, 15: 40/50 and 10/25. */
    expect_near(features[FEATURE_BOX_MARGINALIZATION], (0.8 + 0 + 0.8) / 3);
    expect_near(features[FEATURE_BOX_BRIGHTNESS], 20); /* of the two that were measured */
    assert_true(isnan(features[FEATURE_BOX_CLARITY]));
}

static void the_border_is_met_along_the_ray_from_the_middle(void **state)
{
    const struct candidate boxes[] = {
        box_of(50, 25, 50, 25),   /* the middle */
        box_of(100, 25, 100, 25), /* on the right border */
        box_of(0, 0, 0, 0),       /* a corner: the border too */
        box_of(75, 50, 75, 50),   /* below: 25/25 on the way down */
        box_of(60, 45, 60, 45),   /* 20/25 down, 10/50 across: the lower border is nearer on its ray */
        box_of(-50, 25, -50, 25), /* outside */
    };
    static const double expected[] = {0, 1, 1, 1, 0.8, 2};
    const struct image_boxes all = {boxes, 6, WIDTH, HEIGHT};
    for (uint32_t i = 0; i < 6; i++)
        expect_near(record_box_feature(&all, i, FEATURE_BOX_MARGINALIZATION), expected[i]);
}

static void overlaps_of(const struct candidate *boxes, uint32_t count, double *ret)
{
    struct error err = {0};
    const struct image_boxes all = {boxes, count, WIDTH, HEIGHT};
    assert_true(record_box_overlaps(&all, ret, &err));
}

static void overlap_is_the_part_that_the_union_of_the_others_covers(void **state)
{
    /* The second and third cover the same quarter of the first; the fourth its whole left half. */
    const struct candidate boxes[] = {box_of(0, 0, 20, 20), box_of(10, 10, 30, 30), box_of(10, 10, 40, 40),
                                      box_of(-10, 0, 10, 20), box_of(60, 0, 70, 10)};
    double overlaps[5];
    overlaps_of(boxes, 2, overlaps);
    expect_near(overlaps[0], 0.25);
    expect_near(overlaps[1], 0.25);
    overlaps_of(boxes, 3, overlaps);
    expect_near(overlaps[0], 0.25); /* not the sum, 0.5 */
    expect_near(overlaps[1], 1);    /* all of it lies in the third */
    expect_near(overlaps[2], 400.0 / 900);
    overlaps_of(boxes, 5, overlaps);
    expect_near(overlaps[0], 0.75);
    expect_near(overlaps[3], 0.5);
    expect_near(overlaps[4], 0);
    double features[FEATURE_COUNT];
    features_of(boxes, 5, features);
    expect_near(features[FEATURE_BOX_OVERLAP], (0.75 + 1 + 400.0 / 900 + 0.5 + 0) / 5);
}

static void touching_boxes_do_not_overlap_and_equal_ones_do(void **state)
{
    const struct candidate touching[] = {box_of(0, 0, 10, 10), box_of(10, 0, 20, 10), box_of(0, 10, 20, 20)};
    const struct candidate equal[] = {box_of(3, 4, 10, 10), box_of(3, 4, 10, 10)};
    double overlaps[3];
    overlaps_of(touching, 3, overlaps);
    for (int i = 0; i < 3; i++)
        assert_true(overlaps[i] == 0);
    overlaps_of(equal, 2, overlaps);
    expect_near(overlaps[0], 1);
    expect_near(overlaps[1], 1);
}

static void flat_boxes_have_an_overlap_but_no_aspect_ratio(void **state)
{
    const struct candidate boxes[] = {box_of(5, 0, 5, 10), box_of(0, 0, 10, 20), box_of(0, 5, 10, 5)};
    double features[FEATURE_COUNT], overlaps[3];
    overlaps_of(boxes, 3, overlaps);
    for (int i = 0; i < 3; i++)
        assert_true(overlaps[i] == 0);
    features_of(boxes, 3, features);
    expect_near(features[FEATURE_BOX_ASPECT_RATIO], (2 + 0) / 2.0);
    features_of(boxes, 1, features);
    assert_true(isnan(features[FEATURE_BOX_ASPECT_RATIO]));
    assert_true(features[FEATURE_BOX_AREA_RATIO] == 0);
}

/* Pixel by pixel. */
static double covered_part(const struct candidate *boxes, uint32_t count, uint32_t box)
{
    const struct box *own = &boxes[box].box;
    uint32_t covered = 0, pixels = 0;
    for (int y = (int)own->y_min; y < (int)own->y_max; y++)
        for (int x = (int)own->x_min; x < (int)own->x_max; x++) {
            bool is_covered = false;
            for (uint32_t i = 0; i < count; i++) {
                const struct box *other = &boxes[i].box;
                is_covered |= i != box && (float)x >= other->x_min && (float)x < other->x_max &&
                              (float)y >= other->y_min && (float)y < other->y_max;
            }
            covered += is_covered;
            pixels++;
        }
    return (double)covered / pixels;
}

static void overlaps_agree_with_counting_pixels(void **state)
{
    struct candidate boxes[40];
    double overlaps[40];
    uint32_t seed = 1;
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 40; i++) {
            float at[4];
            for (int k = 0; k < 4; k++) {
                seed = seed * 1664525 + 1013904223;
                at[k] = (float)(seed >> 16 & 31);
            }
            boxes[i] = box_of(at[0], at[1], at[0] + 1 + at[2] / 2, at[1] + 1 + at[3] / 2);
            boxes[i].box.x_max = floorf(boxes[i].box.x_max);
            boxes[i].box.y_max = floorf(boxes[i].box.y_max);
        }
        overlaps_of(boxes, (uint32_t)(2 + round * 2), overlaps);
        for (uint32_t i = 0; i < (uint32_t)(2 + round * 2); i++)
            expect_near(overlaps[i], covered_part(boxes, (uint32_t)(2 + round * 2), i));
    }
}

static void overlap_is_looked_for_among_a_limited_number(void **state)
{
    uint32_t count = BOX_OVERLAP_MAX + 1;
    struct candidate *boxes = calloc(count, sizeof(*boxes));
    double *overlaps = calloc(count, sizeof(*overlaps)), features[FEATURE_COUNT];
    assert_true(boxes && overlaps);
    for (uint32_t i = 0; i < count; i++)
        boxes[i] = box_of((float)i, 0, (float)i + 1, 10);
    boxes[count - 1] = boxes[0];
    overlaps_of(boxes, count, overlaps);
    assert_true(overlaps[0] == 0); /* its double is one past the limit */
    assert_true(overlaps[count - 2] == 0);
    assert_true(isnan(overlaps[count - 1]));
    boxes[count - 2] = boxes[0];
    overlaps_of(boxes, count, overlaps);
    expect_near(overlaps[0], 1);
    features_of(boxes, count, features);
    expect_near(features[FEATURE_BOX_OVERLAP], 2.0 / BOX_OVERLAP_MAX);
    assert_true(features[FEATURE_BOX_COUNT] == count);
    free(boxes);
    free(overlaps);
}

static void no_feature_is_infinite_whatever_the_boxes(void **state)
{
    struct candidate boxes[] = {box_of(-3e38F, -3e38F, 3e38F, 3e38F), box_of(0, 0, 1e-45F, 3e38F)};
    double features[FEATURE_COUNT] = {0};
    boxes[0].brightness = INFINITY;
    features_of(boxes, 2, features);
    for (int f = FEATURE_BOX_COUNT; f < FEATURE_COUNT; f++)
        assert_true(!isinf(features[f]));
    struct error err = {0};
    const struct image_boxes no_image = {boxes, 2, 0, 0};
    assert_true(record_box_features(&no_image, features, &err));
    assert_true(isnan(features[FEATURE_BOX_AREA_RATIO]) && isnan(features[FEATURE_BOX_MARGINALIZATION]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_without_boxes_has_their_number_only),
        cmocka_unit_test(one_box_has_no_deviation_and_no_overlap),
        cmocka_unit_test(features_are_means_over_the_boxes),
        cmocka_unit_test(the_border_is_met_along_the_ray_from_the_middle),
        cmocka_unit_test(overlap_is_the_part_that_the_union_of_the_others_covers),
        cmocka_unit_test(touching_boxes_do_not_overlap_and_equal_ones_do),
        cmocka_unit_test(flat_boxes_have_an_overlap_but_no_aspect_ratio),
        cmocka_unit_test(overlaps_agree_with_counting_pixels),
        cmocka_unit_test(overlap_is_looked_for_among_a_limited_number),
        cmocka_unit_test(no_feature_is_infinite_whatever_the_boxes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
