/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "evaluate/evaluate.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct image_errors errors_of(const struct true_box *truths, size_t truth_count,
                                     const struct candidate *boxes, size_t box_count)
{
    const struct evaluate_image image = {truths, truth_count, boxes, box_count};
    struct image_errors errors;
    struct error err = {0};
    assert_true(evaluate_image_errors(&image, 0.5, &errors, &err));
    return errors;
}

static void assert_errors(struct image_errors errors, uint32_t hits, uint32_t misses, uint32_t false_boxes,
                          uint32_t wrong_classes)
{
    assert_int_equal(errors.hits, hits);
    assert_int_equal(errors.misses, misses);
    assert_int_equal(errors.false_boxes, false_boxes);
    assert_int_equal(errors.wrong_classes, wrong_classes);
    assert_int_equal(evaluate_has_error(&errors), misses + false_boxes + wrong_classes > 0);
}

static void an_image_without_boxes_has_no_error(void **state)
{
    assert_errors(errors_of(NULL, 0, NULL, 0), 0, 0, 0, 0);
}

static void what_is_not_found_is_missed_and_what_is_not_there_is_false(void **state)
{
    static const struct true_box truths[] = {{{0, 0, 10, 10}, 1}, {{50, 50, 60, 60}, 1}};
    static const struct candidate boxes[] = {{{0, 0, 10, 9}, 0.9f, 1}, {{80, 0, 90, 10}, 0.8f, 1}};
    assert_errors(errors_of(truths, 2, boxes, 2), 1, 1, 1, 0);
    assert_errors(errors_of(truths, 2, NULL, 0), 0, 2, 0, 0);
    assert_errors(errors_of(NULL, 0, boxes, 2), 0, 0, 2, 0);
    assert_errors(errors_of(truths, 1, boxes, 1), 1, 0, 0, 0);
}

static void half_an_overlap_is_enough_and_less_is_not(void **state)
{
    static const struct true_box truth = {{0, 0, 10, 10}, 0};
    static const struct candidate half = {{0, 0, 10, 5}, 0.9f, 0}, less = {{0, 0, 10, 4.99f}, 0.9f, 0};
    assert_errors(errors_of(&truth, 1, &half, 1), 1, 0, 0, 0);
    assert_errors(errors_of(&truth, 1, &less, 1), 0, 1, 1, 0);
}

static void a_second_box_on_the_same_object_is_false(void **state)
{
    static const struct true_box truth = {{0, 0, 10, 10}, 0};
    static const struct candidate boxes[] = {{{0, 0, 10, 8}, 0.3f, 0}, {{0, 0, 10, 9}, 0.9f, 0}};
    assert_errors(errors_of(&truth, 1, boxes, 2), 1, 0, 1, 0);
}

static void the_right_place_with_another_class_is_one_error(void **state)
{
    static const struct true_box truths[] = {{{0, 0, 10, 10}, 1}};
    static const struct candidate boxes[] = {{{0, 0, 10, 9}, 0.9f, 2}};
    assert_errors(errors_of(truths, 1, boxes, 1), 0, 0, 0, 1);
}

static void the_right_class_goes_before_a_better_scored_wrong_one(void **state)
{
    static const struct true_box truths[] = {{{0, 0, 10, 10}, 1}};
    static const struct candidate boxes[] = {{{0, 0, 10, 10}, 0.9f, 2}, {{0, 0, 10, 9}, 0.4f, 1}};
    assert_errors(errors_of(truths, 1, boxes, 2), 1, 0, 1, 0);
}

static void the_better_scored_box_chooses_first(void **state)
{
    /* The strong box overlaps both, the left one more; the weak one overlaps the left one only. */
    static const struct true_box truths[] = {{{0, 0, 10, 10}, 1}, {{3, 0, 13, 10}, 1}};
    static const struct candidate boxes[] = {{{0, 0, 10, 10}, 0.4f, 1}, {{1, 0, 11, 10}, 0.9f, 1}};
    /* 0.9 takes the left (9/11), so 0.4 has the right one: 7/13 */
    assert_errors(errors_of(truths, 2, boxes, 2), 2, 0, 0, 0);
    static const struct candidate far[] = {{{-2, 0, 8, 10}, 0.4f, 1}, {{1, 0, 11, 10}, 0.9f, 1}};
    assert_errors(errors_of(truths, 2, far, 2), 1, 1, 1, 0);
}

static void a_crowd_is_neither_missed_nor_does_it_make_boxes_false(void **state)
{
    static const struct true_box truths[] = {{{0, 0, 100, 100}, 1, true}};
    static const struct candidate boxes[] = {{{5, 5, 15, 15}, 0.9f, 1},
                                             {{20, 5, 35, 15}, 0.8f, 1},
                                             {{95, 0, 105, 10}, 0.7f, 1},  /* half of it lies there */
                                             {{96, 0, 106, 10}, 0.7f, 1},  /* less */
                                             {{50, 50, 60, 60}, 0.6f, 2}}; /* a crowd of others */
    assert_errors(errors_of(truths, 1, NULL, 0), 0, 0, 0, 0);
    assert_errors(errors_of(truths, 1, boxes, 3), 0, 0, 0, 0);
    assert_errors(errors_of(truths, 1, boxes, COUNT(boxes)), 0, 0, 2, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_without_boxes_has_no_error),
        cmocka_unit_test(what_is_not_found_is_missed_and_what_is_not_there_is_false),
        cmocka_unit_test(half_an_overlap_is_enough_and_less_is_not),
        cmocka_unit_test(a_second_box_on_the_same_object_is_false),
        cmocka_unit_test(the_right_place_with_another_class_is_one_error),
        cmocka_unit_test(the_right_class_goes_before_a_better_scored_wrong_one),
        cmocka_unit_test(the_better_scored_box_chooses_first),
        cmocka_unit_test(a_crowd_is_neither_missed_nor_does_it_make_boxes_false),
    };
    return cmocka_run_group_tests_name("image errors", tests, NULL, NULL);
}
