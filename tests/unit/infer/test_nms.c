/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "infer/nms.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct error err;

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static size_t run(struct nms_box *boxes, size_t count, double iou_max)
{
    size_t kept = 0;
    err = (struct error){0};
    if (!nms_run(boxes, count, iou_max, &kept, &err))
        fail_msg("%s", err.message);
    return kept;
}

static void the_better_of_two_that_overlap_stays(void **state)
{
    /* 10 x 10 each, shifted by 2: common 80, together 120 */
    const struct nms_box pair[] = {{0, 0, 10, 10, 0.5f, 1, 0}, {2, 0, 12, 10, 0.9f, 1, 1}};
    struct nms_box boxes[2];
    memcpy(boxes, pair, sizeof(pair));
    assert_int_equal(run(boxes, 2, 0.6), 1);
    assert_int_equal(boxes[0].position, 1);
    memcpy(boxes, pair, sizeof(pair));
    assert_int_equal(run(boxes, 2, 80.0 / 120), 2); /* greater, not equal */
    memcpy(boxes, pair, sizeof(pair));
    assert_int_equal(run(boxes, 2, 0.6666), 1);
}

static void classes_do_not_suppress_each_other(void **state)
{
    struct nms_box boxes[] = {
        {0, 0, 10, 10, 0.5f, 2, 0}, {0, 0, 10, 10, 0.9f, 1, 1}, {0, 0, 10, 10, 0.4f, 1, 2}};
    assert_int_equal(run(boxes, 3, 0.45), 2);
    assert_int_equal(boxes[0].position, 1);
    assert_int_equal(boxes[1].position, 0);
}

static void a_box_that_went_suppresses_nothing(void **state)
{
    /* a over b, b over c, a not over c */
    struct nms_box boxes[] = {
        {0, 0, 10, 10, 0.9f, 0, 0}, {4, 0, 14, 10, 0.8f, 0, 1}, {8, 0, 18, 10, 0.7f, 0, 2}};
    assert_int_equal(run(boxes, 3, 0.3), 2);
    assert_int_equal(boxes[1].position, 2);
}

static void equal_scores_are_ordered_by_class_then_position(void **state)
{
    struct nms_box boxes[] = {{0, 0, 1, 1, 0.5f, 2, 0},
                              {5, 0, 6, 1, 0.5f, 1, 9},
                              {9, 0, 10, 1, 0.5f, 1, 3},
                              {20, 0, 21, 1, 0.6f, 7, 7}};
    static const uint32_t wanted[] = {7, 3, 9, 0};
    assert_int_equal(run(boxes, 4, 0.5), 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(boxes[i].position, wanted[i]);
}

static void of_equal_boxes_the_first_position_stays(void **state)
{
    struct nms_box boxes[] = {{0, 0, 1, 1, 0.5f, 1, 4}, {0, 0, 1, 1, 0.5f, 1, 2}, {0, 0, 1, 1, 0.5f, 1, 3}};
    assert_int_equal(run(boxes, 3, 0.5), 1);
    assert_int_equal(boxes[0].position, 2);
}

static void nothing_is_suppressed_at_one_and_without_area(void **state)
{
    struct nms_box same[] = {{0, 0, 9, 9, 0.5f, 1, 0}, {0, 0, 9, 9, 0.6f, 1, 1}};
    struct nms_box flat[] = {{3, 0, 3, 9, 0.5f, 1, 0}, {3, 0, 3, 9, 0.6f, 1, 1}};
    struct nms_box none[1];
    assert_int_equal(run(same, 2, 1), 2);
    assert_int_equal(run(flat, 2, 0.01), 2);
    assert_int_equal(run(none, 0, 0.5), 0);
}

enum { MANY = 25000, CLASSES = 20 };

static struct nms_box *random_boxes(uint32_t seed)
{
    struct nms_box *boxes = calloc(MANY, sizeof(*boxes));
    assert_non_null(boxes);
    for (uint32_t i = 0; i < MANY; i++) {
        double x = next_random(&seed) % 400, y = next_random(&seed) % 400;
        boxes[i] = (struct nms_box){.x_min = x,
                                    .y_min = y,
                                    .x_max = x + 10 + next_random(&seed) % 90,
                                    .y_max = y + 10 + next_random(&seed) % 90,
                                    .score = (float)(next_random(&seed) % 500) / 500,
                                    .label = next_random(&seed) % CLASSES,
                                    .position = i};
    }
    return boxes;
}

/* Straight from the definition. */
static bool stays(const struct nms_box *sorted, const bool *is_kept, size_t index, double iou_max)
{
    const struct nms_box *box = &sorted[index];
    for (size_t i = 0; i < index; i++) {
        const struct nms_box *other = &sorted[i];
        double width = fmin(box->x_max, other->x_max) - fmax(box->x_min, other->x_min);
        double height = fmin(box->y_max, other->y_max) - fmax(box->y_min, other->y_min);
        double common = fmax(width, 0) * fmax(height, 0);
        double areas = (box->x_max - box->x_min) * (box->y_max - box->y_min) +
                       (other->x_max - other->x_min) * (other->y_max - other->y_min);
        if (is_kept[i] && box->label == other->label && common / (areas - common) > iou_max)
            return false;
    }
    return true;
}

static void many_boxes_in_any_order_give_what_the_definition_says(void **state)
{
    struct nms_box *boxes = random_boxes(7), *turned = random_boxes(7), *sorted = random_boxes(7);
    bool *is_kept = calloc(MANY, sizeof(*is_kept));
    assert_non_null(is_kept);
    for (size_t i = 0; i < MANY / 2; i++) {
        struct nms_box swap = turned[i];
        turned[i] = turned[MANY - 1 - i];
        turned[MANY - 1 - i] = swap;
    }
    size_t kept = run(boxes, MANY, 0.3);
    assert_int_equal(run(turned, MANY, 0.3), kept);
    assert_memory_equal(boxes, turned, kept * sizeof(*boxes));
    nms_sort(sorted, MANY);
    size_t at = 0;
    for (size_t i = 0; i < MANY; i += 1) {
        is_kept[i] = at < kept && sorted[i].position == boxes[at].position;
        at += is_kept[i];
        if (i % 37 == 0) /* each would take seconds */
            assert_int_equal(is_kept[i], stays(sorted, is_kept, i, 0.3));
    }
    assert_int_equal(at, kept);
    assert_true(kept > 1000 && kept < MANY);
    free(boxes);
    free(turned);
    free(sorted);
    free(is_kept);
}

/* A box of its own place each. */
static size_t run_apart(size_t count, bool *ret_done)
{
    struct nms_box *boxes = calloc(count, sizeof(*boxes));
    size_t kept = 0;
    assert_non_null(boxes);
    for (size_t i = 0; i < count; i++)
        boxes[i] = (struct nms_box){(double)i * 2, 0, (double)i * 2 + 1, 1, 0.5f, 0, (uint32_t)i};
    err = (struct error){0};
    *ret_done = nms_run(boxes, count, 0.5, &kept, &err);
    free(boxes);
    return kept;
}

static void the_limits_are_kept(void **state)
{
    bool is_done = false;
    assert_int_equal(run_apart(NMS_KEPT_MAX, &is_done), NMS_KEPT_MAX);
    assert_true(is_done);
    (void)run_apart(NMS_KEPT_MAX + 1, &is_done);
    assert_false(is_done);
    assert_int_equal(err.code, ERR_LIMIT);
    assert_non_null(strstr(err.message, "candidate_floor"));
    struct nms_box *same = calloc(NMS_BOXES_MAX + 1, sizeof(*same));
    assert_non_null(same);
    for (uint32_t i = 0; i <= NMS_BOXES_MAX; i++)
        same[i] = (struct nms_box){0, 0, 5, 5, 0.5f, 0, i};
    assert_int_equal(run(same, NMS_BOXES_MAX, 0.5), 1);
    size_t kept = 0;
    assert_false(nms_run(same, (size_t)NMS_BOXES_MAX + 1, 0.5, &kept, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    free(same);
}

static void overlap_is_exact(void **state)
{
    const struct box a = {0, 0, 10, 10}, b = {5, 5, 15, 15}, apart = {10, 0, 20, 10}, flat = {5, 5, 5, 9};
    assert_true(box_iou(&a, &a) == 1);
    assert_true(box_iou(&a, &b) == 25.0 / 175);
    assert_true(box_iou(&b, &a) == 25.0 / 175);
    assert_true(box_iou(&a, &apart) == 0);
    assert_true(box_iou(&a, &flat) == 0);
    assert_true(box_iou(&flat, &flat) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_better_of_two_that_overlap_stays),
        cmocka_unit_test(classes_do_not_suppress_each_other),
        cmocka_unit_test(a_box_that_went_suppresses_nothing),
        cmocka_unit_test(equal_scores_are_ordered_by_class_then_position),
        cmocka_unit_test(of_equal_boxes_the_first_position_stays),
        cmocka_unit_test(nothing_is_suppressed_at_one_and_without_area),
        cmocka_unit_test(many_boxes_in_any_order_give_what_the_definition_says),
        cmocka_unit_test(the_limits_are_kept),
        cmocka_unit_test(overlap_is_exact),
    };
    return cmocka_run_group_tests_name("nms", tests, NULL, NULL);
}
