/* SPDX-License-Identifier: Apache-2.0 */
/* COCO's mean average precision: by hand, and on random boxes against coco_reference.py. */
#include "test.h"

#include "coco_fixture.h"

#include <stdlib.h>

enum { RANDOM_CLASSES = 6 };

static struct coco_fixture *fixture_new(size_t images, uint32_t classes)
{
    struct coco_fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    fixture->image_count = images;
    fixture->classes = classes;
    return fixture;
}

static struct coco_scores evaluate(const struct coco_fixture *fixture)
{
    struct coco_scores scores;
    struct error err = {0};
    if (!evaluate_coco(fixture->images, fixture->image_count, fixture->classes, &scores, NULL, &err))
        fail_msg("%s", err.message);
    return scores;
}

static void assert_near(double a, double b)
{
    if (!(fabs(a - b) <= 1e-9))
        fail_msg("%.12f is not %.12f", a, b);
}

static void what_agrees_wholly_has_one_everywhere(void **state)
{
    struct coco_fixture *fixture = fixture_new(2, 2);
    static const struct box small = {0, 0, 10, 10}, medium = {0, 0, 50, 50}, large = {0, 0, 200, 200};
    coco_fixture_add_truth(fixture, 0, (struct true_box){small, 0});
    coco_fixture_add_truth(fixture, 0, (struct true_box){large, 1});
    coco_fixture_add_truth(fixture, 1, (struct true_box){medium, 0});
    coco_fixture_add_box(fixture, 0, (struct candidate){small, 0.5f, 0});
    coco_fixture_add_box(fixture, 0, (struct candidate){large, 0.4f, 1});
    coco_fixture_add_box(fixture, 1, (struct candidate){medium, 0.9f, 0});
    double numbers[COCO_FIXTURE_NUMBERS];
    struct coco_scores scores = evaluate(fixture);
    coco_fixture_numbers(&scores, numbers);
    for (int i = 0; i < COCO_FIXTURE_NUMBERS; i++)
        assert_near(numbers[i], 1);
    free(fixture);
}

static void nothing_true_is_nothing_to_measure_by(void **state)
{
    struct coco_fixture *fixture = fixture_new(1, 3);
    double numbers[COCO_FIXTURE_NUMBERS], class_ap[3] = {0};
    struct error err = {0};
    coco_fixture_add_box(fixture, 0, (struct candidate){{0, 0, 5, 5}, 0.5f, 1});
    struct coco_scores scores;
    assert_true(evaluate_coco(fixture->images, 1, 3, &scores, class_ap, &err));
    coco_fixture_numbers(&scores, numbers);
    for (int i = 0; i < COCO_FIXTURE_NUMBERS; i++)
        assert_true(isnan(numbers[i]));
    assert_true(isnan(class_ap[1]));
    assert_true(evaluate_coco(NULL, 0, 0, &scores, NULL, &err));
    assert_true(isnan(scores.ap));
    free(fixture);
}

static void an_overlap_counts_up_to_its_threshold(void **state)
{
    struct coco_fixture *fixture = fixture_new(1, 1);
    coco_fixture_add_truth(fixture, 0, (struct true_box){{0, 0, 100, 100}, 0});
    coco_fixture_add_box(fixture, 0, (struct candidate){{0, 0, 100, 62}, 0.9f, 0});
    struct coco_scores scores = evaluate(fixture); /* 0.5, 0.55 and 0.6 of ten */
    assert_near(scores.ap, 0.3);
    assert_near(scores.ap50, 1);
    assert_near(scores.ap75, 0);
    assert_near(scores.ar_100, 0.3);
    free(fixture);
}

static void precision_is_the_best_at_this_recall_or_beyond(void **state)
{
    struct coco_fixture *fixture = fixture_new(1, 1);
    static const struct box first = {0, 0, 10, 10}, second = {50, 0, 60, 10}, nowhere = {90, 90, 95, 95};
    coco_fixture_add_truth(fixture, 0, (struct true_box){first, 0});
    coco_fixture_add_truth(fixture, 0, (struct true_box){second, 0});
    coco_fixture_add_box(fixture, 0, (struct candidate){second, 0.5f, 0});
    coco_fixture_add_box(fixture, 0, (struct candidate){nowhere, 0.7f, 0});
    coco_fixture_add_box(fixture, 0, (struct candidate){first, 0.9f, 0});
    struct coco_scores scores = evaluate(fixture); /* right, wrong, right: 1, 1/2, 2/3 */
    assert_near(scores.ap, (51 * 1.0 + 50 * 2.0 / 3) / 101);
    assert_near(scores.ar_1, 0.5);
    assert_near(scores.ar_10, 1);
    free(fixture);
}

static void a_box_on_a_crowd_is_neither_right_nor_wrong(void **state)
{
    struct coco_fixture *fixture = fixture_new(1, 1);
    coco_fixture_add_truth(fixture, 0, (struct true_box){{0, 0, 10, 10}, 0});
    coco_fixture_add_truth(fixture, 0, (struct true_box){{20, 0, 90, 90}, 0, true});
    for (int i = 0; i < 5; i++) /* a crowd is never used up */
        coco_fixture_add_box(fixture, 0, (struct candidate){{30, 10, 40, 20}, 0.9f, 0});
    coco_fixture_add_box(fixture, 0, (struct candidate){{0, 0, 10, 10}, 0.5f, 0});
    assert_near(evaluate(fixture).ap, 1);
    assert_near(evaluate(fixture).ar_1, 0); /* but it takes a place */
    free(fixture);
}

static void boxes_of_other_sizes_do_not_count_in_a_range(void **state)
{
    struct coco_fixture *fixture = fixture_new(1, 1);
    coco_fixture_add_truth(fixture, 0, (struct true_box){{0, 0, 10, 10}, 0});
    coco_fixture_add_box(fixture, 0, (struct candidate){{0, 0, 10, 10}, 0.5f, 0});
    coco_fixture_add_box(fixture, 0, (struct candidate){{100, 100, 300, 300}, 0.9f, 0});
    struct coco_scores scores = evaluate(fixture);
    assert_near(scores.ap, 0.5);
    assert_near(scores.ap_small, 1);
    assert_true(isnan(scores.ap_large));
    fixture->truths[0][0].area = 32 * 32 + 1; /* its outline is said to be larger than its box */
    scores = evaluate(fixture);
    assert_true(isnan(scores.ap_small));
    assert_near(scores.ap_medium, 1);
    free(fixture);
}

static void the_hundred_and_first_box_is_not_looked_at(void **state)
{
    struct coco_fixture *fixture = fixture_new(1, 1);
    coco_fixture_add_truth(fixture, 0, (struct true_box){{0, 0, 10, 10}, 0});
    for (int i = 0; i < COCO_BOXES_PER_IMAGE - 1; i++)
        coco_fixture_add_box(fixture, 0, (struct candidate){{50, 50, 60, 60}, 0.9f, 0});
    coco_fixture_add_box(fixture, 0, (struct candidate){{0, 0, 10, 10}, 0.5f, 0});
    assert_near(evaluate(fixture).ar_100, 1);
    assert_near(evaluate(fixture).ap, 0.01);
    coco_fixture_add_box(fixture, 0, (struct candidate){{50, 50, 60, 60}, 0.9f, 0});
    assert_near(evaluate(fixture).ar_100, 0);
    free(fixture);
}

static void what_cannot_be_compared_is_refused(void **state)
{
    struct coco_fixture *fixture = fixture_new(1, 2);
    struct coco_scores scores;
    struct error err = {0};
    coco_fixture_add_truth(fixture, 0, (struct true_box){{0, 0, 10, 10}, 2});
    assert_false(evaluate_coco(fixture->images, 1, 2, &scores, NULL, &err));
    assert_int_equal(err.code, ERR_INVALID);
    fixture->truths[0][0] = (struct true_box){{0, 0, NAN, 10}, 1};
    assert_false(evaluate_coco(fixture->images, 1, 2, &scores, NULL, &err));
    fixture->truths[0][0].box.x_max = 10;
    coco_fixture_add_box(fixture, 0, (struct candidate){{0, 0, 10, 10}, NAN, 1});
    assert_false(evaluate_coco(fixture->images, 1, 2, &scores, NULL, &err));
    fixture->boxes[0][0] = (struct candidate){{0, 0, 10, 10}, 0.5f, 2};
    assert_false(evaluate_coco(fixture->images, 1, 2, &scores, NULL, &err));
    fixture->boxes[0][0].label = 1;
    assert_true(evaluate_coco(fixture->images, 1, 2, &scores, NULL, &err));
    fixture->images[0].box_count = (size_t)COCO_BOXES_MAX + 1;
    assert_false(evaluate_coco(fixture->images, 1, 2, &scores, NULL, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    free(fixture);
}

/* ---- random boxes ---- */

static double next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) / 16777216.0;
}

static uint32_t pick(uint32_t *state, uint32_t count)
{
    return (uint32_t)(next_random(state) * count);
}

/* Sides from 4 to 300 px, small ones as often as large. */
static struct box random_box(uint32_t *state)
{
    double width = 4 * pow(75, next_random(state)), height = 4 * pow(75, next_random(state));
    double x = next_random(state) * 500, y = next_random(state) * 500;
    return (struct box){(float)x, (float)y, (float)(x + width), (float)(y + height)};
}

static struct box shaken(struct box box, double share, uint32_t *state)
{
    float width = box.x_max - box.x_min, height = box.y_max - box.y_min;
    box.x_min += (float)((next_random(state) - 0.5) * share) * width;
    box.x_max += (float)((next_random(state) - 0.5) * share) * width;
    box.y_min += (float)((next_random(state) - 0.5) * share) * height;
    box.y_max += (float)((next_random(state) - 0.5) * share) * height;
    return box;
}

/* Scores have few values, so that many are equal. */
static void fill_image(struct coco_fixture *fixture, size_t image, uint32_t *state)
{
    uint32_t truths = pick(state, 9), strays = pick(state, 6);
    for (uint32_t i = 0; i < truths; i++) {
        struct true_box truth = {.box = random_box(state), .label = pick(state, RANDOM_CLASSES - 1)};
        truth.is_crowd = pick(state, 10) == 0;
        double area =
            (double)(truth.box.x_max - truth.box.x_min) * (double)(truth.box.y_max - truth.box.y_min);
        truth.area = pick(state, 2) ? area * (0.5 + next_random(state) / 2) : 0;
        coco_fixture_add_truth(fixture, image, truth);
        for (uint32_t k = pick(state, 4); k > 0; k--) {
            bool is_right = pick(state, 5) > 0;
            coco_fixture_add_box(
                fixture, image,
                (struct candidate){.box = shaken(truth.box, next_random(state) * 0.8, state),
                                   .score = (float)(1 + pick(state, 40)) / 40,
                                   .label = is_right ? truth.label : pick(state, RANDOM_CLASSES)});
        }
    }
    for (uint32_t i = 0; i < strays; i++)
        coco_fixture_add_box(fixture, image,
                             (struct candidate){.box = random_box(state),
                                                .score = (float)(1 + pick(state, 30)) / 40,
                                                .label = pick(state, RANDOM_CLASSES)});
}

static void random_boxes_agree_with_the_reference(void **state)
{
    for (uint32_t seed = 1; seed <= 3; seed++) {
        struct coco_fixture *fixture = fixture_new(40, RANDOM_CLASSES);
        uint32_t random = seed * 7919;
        for (size_t i = 0; i < fixture->image_count; i++)
            fill_image(fixture, i, &random);
        for (uint32_t i = 0; i < 130; i++) /* one image beyond the limit of boxes */
            coco_fixture_add_box(fixture, 5,
                                 (struct candidate){.box = random_box(&random),
                                                    .score = (float)(1 + pick(&random, 40)) / 40,
                                                    .label = 2});
        double ap = coco_fixture_compare(fixture, 1e-6);
        assert_true(ap > 0.05 && ap < 0.95);
        free(fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_agrees_wholly_has_one_everywhere),
        cmocka_unit_test(nothing_true_is_nothing_to_measure_by),
        cmocka_unit_test(an_overlap_counts_up_to_its_threshold),
        cmocka_unit_test(precision_is_the_best_at_this_recall_or_beyond),
        cmocka_unit_test(a_box_on_a_crowd_is_neither_right_nor_wrong),
        cmocka_unit_test(boxes_of_other_sizes_do_not_count_in_a_range),
        cmocka_unit_test(the_hundred_and_first_box_is_not_looked_at),
        cmocka_unit_test(what_cannot_be_compared_is_refused),
        cmocka_unit_test(random_boxes_agree_with_the_reference),
    };
    return cmocka_run_group_tests_name("coco", tests, NULL, NULL);
}
