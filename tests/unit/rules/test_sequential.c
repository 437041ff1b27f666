/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "unit/rules/subject.h"

/* Up to four images around the subject, which are exactly like it. */
static struct sequence_frames around(uint32_t count, uint32_t predicted, float score)
{
    static const int32_t places[] = {-2, -1, 1, 2};
    struct sequence_frames frames = {.count = count};
    for (uint32_t i = 0; i < count; i++)
        frames.frames[i] = (struct sequence_frame){
            .place = places[i], .predicted = predicted, .score = score, .source = "s3://bucket/frame.png"};
    return frames;
}

static struct bench *classified(uint32_t as)
{
    struct bench *bench = bench_new(3);
    bench->logits[as] = 5;
    bench_score(bench);
    return bench;
}

static void one_frame_that_flips_among_four_speaks_as_sure_as_they_are(void **state)
{
    struct bench *bench = classified(1);
    struct sequence_frames frames = around(4, 0, 0.9F);
    bench->subject.sequence = &frames;
    assert_near(bench_strength(bench, 4), 0.81, 1e-6);
    AUTO_JSON evidence = bench_evidence(bench, 4);
    yyjson_val *root = yyjson_doc_get_root(evidence);
    assert_int_equal(yyjson_arr_size(yyjson_obj_get(root, "frames")), 4);
    assert_string_equal(
        json_text(root, "sentence", ""),
        "4 of the 4 like images beside it are predicted 'cat', the surest with 0.90; this one "
        "'dog'.");
    free(bench);
}

static void the_frame_beside_a_flip_hardly_speaks(void **state)
{
    struct bench *bench = classified(0);
    struct sequence_frames frames = around(4, 0, 0.9F);
    frames.frames[2].predicted = 1;
    bench->subject.sequence = &frames;
    assert_true(bench_strength(bench, 4) > 0);
    assert_true(bench_strength(bench, 4) < all_rules[4]->speaks_from);
    free(bench);
}

static void a_change_of_scene_speaks_less_than_a_flicker(void **state)
{
    struct bench *bench = classified(0);
    struct sequence_frames frames = around(4, 0, 1);
    frames.frames[2].predicted = frames.frames[3].predicted = 1;
    bench->subject.sequence = &frames;
    assert_near(bench_strength(bench, 4), 0.25, 1e-6);
    free(bench);
}

static void neighbours_that_agree_or_are_not_there_say_nothing(void **state)
{
    struct bench *bench = classified(0);
    struct sequence_frames frames = around(4, 0, 0.9F);
    assert_true(bench_strength(bench, 4) == 0);
    bench->subject.sequence = &frames;
    assert_true(bench_strength(bench, 4) == 0);
    frames.count = 0;
    assert_true(bench_strength(bench, 4) == 0);
    free(bench);
}

static void less_like_and_fewer_neighbours_say_less(void **state)
{
    struct bench *bench = classified(1);
    struct sequence_frames frames = around(4, 0, 1), two = around(2, 0, 1);
    for (uint32_t i = 0; i < 4; i++)
        frames.frames[i].bits = SEQUENCE_BITS_MAX;
    bench->subject.sequence = &frames;
    double unlike = bench_strength(bench, 4);
    bench->subject.sequence = &two;
    two.frames[1].place = -1;
    two.count = 1;
    double lonely = bench_strength(bench, 4);
    assert_true(unlike > 0 && unlike < 0.5);
    assert_true(lonely > 0 && lonely < 0.5);
    free(bench);
}

/* ---- boxes ---- */

static const struct sequence_box cup = {{0, 0, 10, 10}, 0.8F, 1}, moved = {{2, 0, 12, 10}, 0.7F, 1};

static struct sequence_frames with_boxes(const struct sequence_box *before, const struct sequence_box *after)
{
    struct sequence_frames frames = {.count = 2};
    frames.frames[0] = (struct sequence_frame){.place = -1, .boxes = before, .box_count = before ? 1 : 0};
    frames.frames[1] = (struct sequence_frame){.place = 1, .boxes = after, .box_count = after ? 1 : 0};
    frames.frames[0].predicted = frames.frames[1].predicted = CLASS_NONE;
    return frames;
}

static void a_box_that_only_this_image_lacks_is_lost(void **state)
{
    struct bench *bench = bench_new_detector();
    struct sequence_frames frames = with_boxes(&cup, &moved);
    bench->subject.sequence = &frames;
    assert_near(bench_strength(bench, 4), 0.7, 1e-6);
    AUTO_JSON evidence = bench_evidence(bench, 4);
    yyjson_val *lost = yyjson_obj_get(yyjson_doc_get_root(evidence), "lost");
    assert_int_equal(yyjson_arr_size(lost), 1);
    yyjson_val *box = yyjson_obj_get(yyjson_arr_get_first(lost), "box");
    assert_near(yyjson_get_num(yyjson_arr_get(box, 0)), 1, 1e-6); /* in the middle between the two */
    assert_int_equal(yyjson_arr_size(yyjson_obj_get(yyjson_doc_get_root(evidence), "boxes")), 0);

    bench_see(bench, 0.9F, 1); /* it is there after all */
    assert_true(bench_strength(bench, 4) == 0);
    free(bench);
}

static void a_box_that_only_this_image_has_is_a_ghost(void **state)
{
    struct bench *bench = bench_new_detector();
    struct sequence_frames frames = with_boxes(NULL, NULL);
    bench->subject.sequence = &frames;
    bench_see(bench, 0.9F, 1);
    assert_near(bench_strength(bench, 4), 0.9, 1e-6);
    AUTO_JSON evidence = bench_evidence(bench, 4);
    assert_int_equal(yyjson_arr_size(yyjson_obj_get(yyjson_doc_get_root(evidence), "boxes")), 1);
    frames.frames[1].boxes = &moved;
    frames.frames[1].box_count = 1;
    assert_true(bench_strength(bench, 4) == 0);
    free(bench);
}

static void a_box_of_another_class_is_both(void **state)
{
    struct bench *bench = bench_new_detector();
    struct sequence_frames frames = with_boxes(&cup, &cup);
    bench->subject.sequence = &frames;
    bench_see(bench, 0.5F, 2);
    assert_near(bench_strength(bench, 4), 1 - (1 - 0.8) * (1 - 0.5), 1e-6);
    free(bench);
}

static void what_comes_goes_or_passes_quickly_is_no_fault(void **state)
{
    static const struct sequence_box left = {{-20, 0, -10, 10}, 0.8F, 1}, right = {{20, 0, 30, 10}, 0.8F, 1};
    struct bench *bench = bench_new_detector();
    struct sequence_frames frames = with_boxes(&cup, NULL);
    bench->subject.sequence = &frames;
    assert_true(bench_strength(bench, 4) == 0);
    bench_see(bench, 0.9F, 1);
    assert_true(bench_strength(bench, 4) == 0);
    frames = with_boxes(&left, &right); /* its box is half way between them */
    assert_true(bench_strength(bench, 4) == 0);
    frames.count = 1; /* the end of a sequence: nobody knows what comes next */
    assert_true(bench_strength(bench, 4) == 0);
    free(bench);
}

/* The boxes of one class that both neighbours have and the subject lacks, in a row. */
static void boxes_are_listed_up_to_the_limit(void **state)
{
    enum { LISTED_MAX = 20, BOXES = LISTED_MAX + 1 };
    struct sequence_box boxes[BOXES];
    char why[80];
    for (uint32_t i = 0; i < BOXES; i++)
        boxes[i] = (struct sequence_box){{20 * (float)i, 0, 20 * (float)i + 10, 10}, 0.1F, 1};
    for (uint32_t lost = LISTED_MAX - 1; lost <= LISTED_MAX + 1; lost++) {
        struct bench *bench = bench_new_detector();
        struct sequence_frames frames = with_boxes(boxes, boxes);
        uint32_t listed = lost < LISTED_MAX ? lost : LISTED_MAX;
        frames.frames[0].box_count = frames.frames[1].box_count = lost;
        bench->subject.sequence = &frames;
        assert_near(bench_strength(bench, 4), 1 - pow(0.9, listed), 1e-6);
        AUTO_JSON evidence = bench_evidence(bench, 4);
        assert_int_equal(yyjson_arr_size(yyjson_obj_get(yyjson_doc_get_root(evidence), "lost")), listed);
        (void)snprintf(why, sizeof(why), "that are missing here: %u;", listed);
        assert_non_null(strstr(json_text(yyjson_doc_get_root(evidence), "sentence", ""), why));
        free(bench);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_frame_that_flips_among_four_speaks_as_sure_as_they_are),
        cmocka_unit_test(the_frame_beside_a_flip_hardly_speaks),
        cmocka_unit_test(a_change_of_scene_speaks_less_than_a_flicker),
        cmocka_unit_test(neighbours_that_agree_or_are_not_there_say_nothing),
        cmocka_unit_test(less_like_and_fewer_neighbours_say_less),
        cmocka_unit_test(a_box_that_only_this_image_lacks_is_lost),
        cmocka_unit_test(a_box_that_only_this_image_has_is_a_ghost),
        cmocka_unit_test(a_box_of_another_class_is_both),
        cmocka_unit_test(what_comes_goes_or_passes_quickly_is_no_fault),
        cmocka_unit_test(boxes_are_listed_up_to_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
