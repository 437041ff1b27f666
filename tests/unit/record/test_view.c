/* SPDX-License-Identifier: Apache-2.0 */
/* Views and verdicts; expected figures are worked out by hand. */
#include "test.h"

#include "record/mistake.h"
#include "record/npy.h"
#include "record/view.h"
#include "temp_folder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define assert_near(value, expected) assert_true(fabs((double)(value) - (double)(expected)) < 1e-6)

static const char *const labels[] = {"cat", "dog"};
static const struct record_header detector = {.type = MODEL_TYPE_DETECTION,
                                              .classes = 2,
                                              .labels = labels,
                                              .score_threshold = 0.5,
                                              .candidate_floor = 0.05};
enum { SIDE = 100 };

/* ---- classification ---- */

static void the_same_answer_has_not_changed_and_the_opposite_has_wholly(void **state)
{
    const double one[] = {1, 0, 0}, other[] = {0, 0, 1}, half[] = {0.5, 0.5, 0};
    struct view same = view_of_scores(ACTIVATION_SOFTMAX, 3, one, one);
    assert_near(same.changed, 0);
    assert_near(same.kept, 1);
    struct view opposite = view_of_scores(ACTIVATION_SOFTMAX, 3, one, other);
    assert_near(opposite.changed, 1);
    assert_near(opposite.kept, 0);
    assert_near(opposite.label, 2);
    assert_near(opposite.score, 1);
    /* m = (.75, .25): (log2(4/3) + .5 log2(2/3) + .5 log2(2)) / 2 */
    struct view wavering = view_of_scores(ACTIVATION_SOFTMAX, 3, one, half);
    assert_near(wavering.changed, (log2(4.0 / 3) + 0.5 * log2(2.0 / 3) + 0.5) / 2);
    assert_near(wavering.kept, 0.5);
}

static void of_a_sigmoid_model_the_class_that_changes_most_counts(void **state)
{
    const double one[] = {1, 0.5, 0.2}, other[] = {1, 0.5, 0.2}, off[] = {0, 0.5, 0.2};
    assert_near(view_of_scores(ACTIVATION_SIGMOID, 3, one, other).changed, 0);
    assert_near(view_of_scores(ACTIVATION_SIGMOID, 3, one, off).changed, 1);
}

/* ---- detection ---- */

static struct candidate box_of(float x, float y, float side, float score, uint32_t label)
{
    return (struct candidate){.box = {x, y, x + side, y + side}, .score = score, .label = label};
}

static struct view compare(const char *op_name, const struct candidate *image, uint32_t image_count,
                           const struct candidate *copy, uint32_t copy_count)
{
    struct image picture = {.width = SIDE, .height = SIDE};
    struct augment_draw draw;
    const struct augment_op *op = augment_find(op_name);
    const struct augment_setting setting = {op, 1, op->parameter.usual};
    augment_plan(&setting, "0", 0, &picture, &draw);
    const struct record record = {
        .width = SIDE, .height = SIDE, .candidates = image, .candidate_count = image_count};
    const struct prediction prediction = {.candidates = copy, .candidate_count = copy_count, .classes = 2};
    const struct view_boxes boxes = {&detector, &record, &draw, &prediction};
    struct view view;
    struct error err = {0};
    assert_true(view_of_boxes(&boxes, &view, &err));
    return view;
}

static void boxes_are_matched_where_they_come_from(void **state)
{
    const struct candidate image[] = {box_of(10, 20, 30, 0.9F, 0)}, copy[] = {box_of(60, 20, 30, 0.9F, 0)};
    struct view view = compare("fliplr", image, 1, copy, 1);
    assert_near(view.changed, 0);
    assert_near(view.lost + view.gained, 0);
    assert_near(view.boxes, 1);
    /* Not mirrored: it is elsewhere. One is lost and one is gained. */
    view = compare("fliplr", image, 1, image, 1);
    assert_near(view.changed, 1);
    assert_near(view.lost, 0.9F);
    assert_near(view.gained, 0.9F);
}

static void a_box_of_another_class_is_another_box(void **state)
{
    const struct candidate image[] = {box_of(10, 20, 30, 0.9F, 0)}, copy[] = {box_of(10, 20, 30, 0.8F, 1)};
    struct view view = compare("invert", image, 1, copy, 1);
    assert_near(view.changed, 1);
    assert_near(view.lost, 0.9F);
    assert_near(view.gained, 0.8F);
}

static void weaker_and_shifted_boxes_have_changed_in_part(void **state)
{
    /* Intersection over union 20 x 30 / (2 x 900 - 600) = 0.5; the smaller score 0.3, below the threshold. */
    const struct candidate image[] = {box_of(10, 20, 30, 0.6F, 0)}, near[] = {box_of(20, 20, 30, 0.3F, 0)};
    struct view view = compare("invert", image, 1, near, 1);
    assert_near(view.changed, 0.75);
    assert_near(view.lost, 0.6F - 0.3F);
    assert_near(view.gained, 0);
    assert_near(view.boxes, 0);
}

/* The last box of the copy is elsewhere: seen when it is one of the best VIEW_BOXES_MAX. */
static void so_many_of_the_best_boxes_are_looked_at(void **state)
{
    struct candidate *image = calloc(VIEW_BOXES_MAX + 1, sizeof(*image));
    struct candidate *copy = calloc(VIEW_BOXES_MAX + 1, sizeof(*copy));
    assert_true(image && copy);
    for (uint32_t i = 0; i <= VIEW_BOXES_MAX; i++) {
        uint32_t left = i % 20 * 4, top = i / 20 * 4;
        image[i] = copy[i] = box_of((float)left, (float)top, 3, 0.9F, 0);
    }
    for (uint32_t count = VIEW_BOXES_MAX; count <= VIEW_BOXES_MAX + 1; count++) {
        copy[count - 1].box = (struct box){90, 90, 95, 95};
        struct view view = compare("invert", image, count, copy, count);
        assert_near(view.boxes, count);
        assert_int_equal(view.changed > 0, count == VIEW_BOXES_MAX);
        copy[count - 1].box = image[count - 1].box;
    }
    free(image);
    free(copy);
}

static void nothing_found_twice_is_no_change(void **state)
{
    struct view view = compare("fliplr", NULL, 0, NULL, 0);
    assert_near(view.changed, 0);
    assert_true(view_is_measured(&view));
}

static void what_the_operation_moved_out_of_sight_does_not_count(void **state)
{
    struct image picture = {.width = SIDE, .height = SIDE};
    const struct augment_setting shift = {augment_find("translate"), 1, 0.4};
    struct augment_draw draw;
    struct error err = {0};
    struct view view;
    augment_plan(&shift, "0", 0, &picture, &draw);
    float edge = draw.px[0] > 0 ? 90 : 0; /* on the side that moves out, by at least 20 px */
    const struct candidate image[] = {box_of(edge, 45, 10, 0.9F, 0)};
    const struct record record = {.width = SIDE, .height = SIDE, .candidates = image, .candidate_count = 1};
    const struct prediction prediction = {.classes = 2};
    const struct view_boxes boxes = {&detector, &record, &draw, &prediction};
    assert_true(view_of_boxes(&boxes, &view, &err));
    assert_near(view.changed, 0);
    assert_near(view.lost, 0);
}

/* ---- files ---- */

static void views_are_read_back_and_damage_is_as_if_they_were_not_there(void **state)
{
    char folder[TEMP_PATH_BYTES], key[VIEW_KEY_BYTES];
    struct store *store = NULL;
    struct error err = {0};
    struct view rows[3] = {{.changed = 0.25F, .kept = 0.5F, .label = 1}, view_missing(), {.changed = 7}},
                found[3];
    const struct augment_setting setting = {augment_find("crop"), 1, 0.1};
    temp_folder_make(folder);
    assert_true(store_open(folder, false, &store, &err));
    view_key("runs/a", &setting, 12, key);
    assert_string_equal(key, "runs/a/views/crop-1-0.1/000012.npy");
    assert_true(view_read(store, key, 3, found, &err));
    assert_false(view_is_measured(&found[0]));
    assert_true(view_write(store, key, 3, rows, &err));
    assert_true(view_read(store, key, 3, found, &err));
    assert_memory_equal(&found[0], &rows[0], sizeof(rows[0]));
    assert_false(view_is_measured(&found[1]));
    assert_false(view_is_measured(&found[2]));          /* 7 is no change */
    assert_true(view_read(store, key, 2, found, &err)); /* of another number of images */
    assert_false(view_is_measured(&found[0]));
    struct view sound = {
        1, 1, PREDICTION_CLASSES_MAX, 1, PREDICTION_CANDIDATES_MAX, VIEW_BOXES_MAX, VIEW_BOXES_MAX};
    for (size_t column = 0; column < VIEW_COLUMNS; column++) {
        const float bad[3] = {-1, (float)INFINITY, (float)NAN};
        for (size_t i = 0; i < 3; i++) {
            rows[i] = sound;
            memcpy((float *)&rows[i] + column, &bad[i], sizeof(float));
        }
        assert_true(view_write(store, key, 3, rows, &err));
        assert_true(view_read(store, key, 3, found, &err));
        for (size_t i = 0; i < 3; i++)
            assert_false(view_is_measured(&found[i]));
    }
    assert_true(view_write(store, key, 1, &sound, &err));
    assert_true(view_read(store, key, 1, found, &err));
    assert_memory_equal(&found[0], &sound, sizeof(sound));
    assert_true(store_put(store, key, (struct bytes){"half a fi", 9}, &err));
    assert_true(view_read(store, key, 3, found, &err));
    assert_false(view_is_measured(&found[0]));
    store = store_free(store);
    temp_folder_remove(folder);
}

/* ---- verdicts ---- */

static void a_class_is_right_when_a_person_said_so(void **state)
{
    const struct record_header header = {.type = MODEL_TYPE_CLASSIFICATION, .classes = 2, .labels = labels};
    const float logits[] = {1, 3};
    const char *dog = "dog", *bird = "bird";
    double scores[2];
    struct record record = {.logits = logits, .log_sum_exp = log(exp(1) + exp(3))};
    assert_int_equal(record_verdict(&header, &record, scores), VERDICT_UNKNOWN);
    record.truth_labels = &dog;
    record.truth_count = 1;
    assert_int_equal(record_verdict(&header, &record, scores), VERDICT_RIGHT);
    record.truth_labels = &bird;
    assert_int_equal(record_verdict(&header, &record, scores), VERDICT_WRONG);
    record.error = "damaged";
    assert_int_equal(record_verdict(&header, &record, scores), VERDICT_UNKNOWN);
}

static void boxes_are_right_when_each_finds_its_own(void **state)
{
    const struct candidate found[] = {box_of(0, 0, 10, 0.9F, 0), box_of(50, 50, 10, 0.8F, 1),
                                      box_of(0, 0, 9, 0.2F, 0)};
    const char *names[] = {"dog", "cat", "cat"};
    const struct box drawn[] = {{50, 50, 60, 60}, {1, 0, 11, 10}, {0, 0, 10, 10}};
    struct record record = {.candidates = found,
                            .candidate_count = 3,
                            .truth_labels = names,
                            .truth_boxes = drawn,
                            .truth_count = 2};
    assert_int_equal(record_verdict(&detector, &record, NULL), VERDICT_RIGHT);
    record.truth_count = 3; /* one is missed */
    assert_int_equal(record_verdict(&detector, &record, NULL), VERDICT_WRONG);
    record.truth_count = 2;
    names[0] = "cat"; /* the second box finds no dog */
    assert_int_equal(record_verdict(&detector, &record, NULL), VERDICT_WRONG);
    record.truth_labels = NULL;
    record.truth_count = 0;
    assert_int_equal(record_verdict(&detector, &record, NULL), VERDICT_UNKNOWN);
    record.truth_labels = names; /* labelled as showing nothing */
    assert_int_equal(record_verdict(&detector, &record, NULL), VERDICT_WRONG);
    record.candidate_count = 0;
    assert_int_equal(record_verdict(&detector, &record, NULL), VERDICT_RIGHT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_answer_has_not_changed_and_the_opposite_has_wholly),
        cmocka_unit_test(of_a_sigmoid_model_the_class_that_changes_most_counts),
        cmocka_unit_test(boxes_are_matched_where_they_come_from),
        cmocka_unit_test(a_box_of_another_class_is_another_box),
        cmocka_unit_test(weaker_and_shifted_boxes_have_changed_in_part),
        cmocka_unit_test(so_many_of_the_best_boxes_are_looked_at),
        cmocka_unit_test(nothing_found_twice_is_no_change),
        cmocka_unit_test(what_the_operation_moved_out_of_sight_does_not_count),
        cmocka_unit_test(views_are_read_back_and_damage_is_as_if_they_were_not_there),
        cmocka_unit_test(a_class_is_right_when_a_person_said_so),
        cmocka_unit_test(boxes_are_right_when_each_finds_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
