/* SPDX-License-Identifier: Apache-2.0 */
/* Outputs of detectors turned into boxes: numbers worked out by hand, then what no model should answer. */
#include "test.h"

#include "detector_shapes.h"
#include "infer/detections.h"

#include <math.h>
#include <stdio.h>

static const struct detector_shape *shape_of(const char *adapter)
{
    for (size_t i = 0; i < DETECTOR_SHAPES; i++)
        if (strcmp(detector_shapes[i].adapter, adapter) == 0)
            return &detector_shapes[i];
    fail_msg("no shape for %s", adapter);
    return NULL;
}

static void start(struct detector_case *made, const char *adapter)
{
    case_start(made, shape_of(adapter));
}

static void set(struct detector_case *made, size_t output, size_t first, const float *values, size_t count)
{
    memcpy((float *)made->outputs[output].data + first, values, count * sizeof(*values));
}

static void decode(struct detector_case *made)
{
    if (!case_decode(made))
        fail_msg("%s: %s", made->shape->adapter, made->err.message);
    assert_true(case_is_sound(made));
}

static void assert_near(float a, double b)
{
    if (!(fabs((double)a - b) <= 1e-4))
        fail_msg("%.9g is not %.9g", (double)a, b);
}

static void assert_candidate(const struct detector_case *made, uint32_t at, struct box box, uint32_t label,
                             double score)
{
    assert_true(at < made->prediction.candidate_count);
    const struct candidate *found = &made->prediction.candidates[at];
    assert_near(found->box.x_min, (double)box.x_min);
    assert_near(found->box.y_min, (double)box.y_min);
    assert_near(found->box.x_max, (double)box.x_max);
    assert_near(found->box.y_max, (double)box.y_max);
    assert_int_equal(found->label, label);
    assert_near(found->score, score);
}

/* ---- by hand: 32 x 32 px, the image four times as wide and twice as high ---- */

static void yolox_counts_cells_grid_after_grid(void **state)
{
    struct detector_case made;
    start(&made, "yolox");
    /* Stride 8 has cells 0 to 15, 16 has 16 to 19, 32 has 20. Cell 6: column 2, row 1. */
    set(&made, 0, 6 * 8, (const float[]){0.5f, 0.25f, 0, 0.6931472f, 0.8f, 0.1f, 0.5f, 0.2f}, 8);
    /* Cell 17: column 1, row 0 of stride 16 */
    set(&made, 0, 17 * 8, (const float[]){0.5f, 0.5f, -0.6931472f, 0, 1, 0.3f, 0, 0}, 8);
    decode(&made);
    assert_int_equal(made.prediction.candidate_count, 2);
    /* centre (20, 10), 8 x 16: x 16..24, y 2..18 */
    assert_candidate(&made, 0, (struct box){64, 4, 96, 36}, 1, 0.4);
    /* centre (24, 8), 8 x 16: x 20..28, y 0..16 */
    assert_candidate(&made, 1, (struct box){80, 0, 112, 32}, 0, 0.3);
    assert_near(made.prediction.candidate_scores[0], 0.08);
    assert_near(made.prediction.candidate_scores[2], 0.16);
    case_release(&made);
}

static void yolox_of_another_input_is_refused(void **state)
{
    struct detector_case made;
    start(&made, "yolox");
    made.placement.tensor_width = 64;
    assert_false(case_decode(&made));
    assert_int_equal(made.err.code, ERR_INVALID);
    assert_non_null(strstr(made.err.message, "42"));
    case_release(&made);
}

static void an_exponential_that_overflows_covers_the_image(void **state)
{
    struct detector_case made;
    start(&made, "yolox");
    set(&made, 0, 0, (const float[]){0, 0, 1000, 3e38f, 1, 1, 0, 0}, 8);
    set(&made, 0, 8, (const float[]){0, 0, 1000, -3e38f, 1, 1, 0, 0}, 8); /* no height: no box */
    decode(&made);
    assert_int_equal(made.prediction.candidate_count, 1);
    assert_candidate(&made, 0, (struct box){0, 0, 128, 64}, 0, 1);
    case_release(&made);
}

static void fastestdet_joins_its_scores_by_powers(void **state)
{
    struct detector_case made;
    start(&made, "fastestdet");
    /* channels of four cells; cell 2: column 0, row 1 */
    static const float numbers[] = {0.5f, 0, 0.5493061f, 0, -1.0986123f, 0.25f, 0.1f, 0};
    for (size_t channel = 0; channel < 8; channel++)
        set(&made, 0, channel * 4 + 2, &numbers[channel], 1);
    decode(&made);
    assert_int_equal(made.prediction.candidate_count, 1);
    /* tanh 0.549 = 0.5: centre (0, 1.5 / 2 x 32 = 24); half the width, a quarter of the height */
    assert_candidate(&made, 0, (struct box){0, 40, 32, 56}, 0, pow(0.5, 0.6) * pow(0.25, 0.4));
    assert_near(made.prediction.candidate_scores[1], pow(0.5, 0.6) * pow(0.1, 0.4));
    assert_near(made.prediction.candidate_scores[2], 0);
    case_release(&made);
}

static void logits_become_scores_when_the_card_says_so(void **state)
{
    struct detector_case made;
    start(&made, "yolov5");
    made.options.output_kind = OUTPUT_SIGMOID_LOGITS;
    for (size_t i = 0; i < 63; i++)
        set(&made, 0, i * 8 + 4, (const float[]){-50}, 1);
    set(&made, 0, 3 * 8, (const float[]){16, 16, 8, 8, 0, -1.0986123f, 1.0986123f, 0}, 8);
    decode(&made);
    assert_int_equal(made.prediction.candidate_count, 1);
    assert_candidate(&made, 0, (struct box){48, 24, 80, 40}, 1, 0.5 * 0.75);
    assert_near(made.prediction.candidate_scores[0], 0.5 * 0.25);
    case_release(&made);
}

static void detr_leaves_no_object_out(void **state)
{
    struct detector_case made;
    start(&made, "detr");
    float *logits = made.outputs[0].data;
    for (size_t i = 0; i < 5; i++)
        logits[i * 4 + 3] = 20;
    /* shares 1/8, 2/8, 1/8, 4/8: "no object" is the likeliest, class 1 the answer */
    set(&made, 0, 4, (const float[]){0, 0.6931472f, 0, 1.3862944f}, 4);
    set(&made, 1, 4, (const float[]){0.5f, 0.25f, 0.5f, 0.5f}, 4);
    decode(&made);
    assert_int_equal(made.prediction.candidate_count, 1);
    assert_int_equal(made.prediction.classes, 3);
    assert_int_equal(made.prediction.activation, ACTIVATION_SOFTMAX);
    assert_candidate(&made, 0, (struct box){32, 0, 96, 32}, 1, 0.25);
    assert_near(made.prediction.candidate_scores[0], 0.125);
    case_release(&made);
}

static void tf_counts_classes_from_one_and_puts_y_first(void **state)
{
    struct detector_case made;
    start(&made, "tf_detection");
    set(&made, 0, 0, (const float[]){0.25f, 0.5f, 0.75f, 1, 0, 0, 1, 1}, 8);
    set(&made, 1, 0, (const float[]){3, 1}, 2);
    set(&made, 2, 0, (const float[]){0.6f, 0.7f}, 2);
    set(&made, 3, 0, (const float[]){1}, 1); /* the second is padding */
    decode(&made);
    assert_int_equal(made.prediction.candidate_count, 1);
    assert_candidate(&made, 0, (struct box){64, 16, 128, 48}, 2, 0.6);
    set(&made, 3, 0, (const float[]){6}, 1);
    assert_false(case_decode(&made));
    assert_non_null(strstr(made.err.message, "num_detections"));
    case_release(&made);
}

static void boxes_outside_of_the_image_are_dropped_after_suppression(void **state)
{
    struct detector_case made;
    start(&made, "yolov5");
    made.placement = (struct placement){1, 1, 10, 0, 20, 20, SHAPE_SIDE_PX, SHAPE_SIDE_PX};
    /* The best box lies in the border left of the image for the most part; it suppresses the next. */
    set(&made, 0, 0, (const float[]){6, 10, 10, 10, 1, 0.9f, 0, 0}, 8);
    set(&made, 0, 8, (const float[]){7, 10, 10, 10, 1, 0.8f, 0, 0}, 8);
    set(&made, 0, 16, (const float[]){3, 10, 4, 10, 1, 0.7f, 0, 0}, 8); /* wholly in the border */
    decode(&made);
    assert_int_equal(made.prediction.candidate_count, 1);
    assert_candidate(&made, 0, (struct box){0, 5, 1, 15}, 0, 0.9);
    case_release(&made);
}

/* ---- what no model should answer, for every detector ---- */

static void an_output_of_zeros_has_no_boxes(void **state)
{
    for (size_t i = 0; i < DETECTOR_SHAPES; i++) {
        struct detector_case made;
        case_start(&made, &detector_shapes[i]);
        /* Zero as a logit is a score; the boxes have no area then. */
        decode(&made);
        assert_int_equal(made.prediction.candidate_count, 0);
        assert_int_equal(made.prediction.classes, SHAPE_CLASSES);
        assert_true(case_describe(&made));
        assert_int_equal(made.prediction.classes, made.shape->is_counting ? 0 : SHAPE_CLASSES);
        case_release(&made);
    }
}

static void what_is_not_finite_is_refused_by_name(void **state)
{
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < DETECTOR_SHAPES * 3; i++) {
        struct detector_case made;
        case_start(&made, &detector_shapes[i / 3]);
        for (uint32_t output = 0; output < made.shape->output_count; output++) {
            if (made.outputs[output].type.element != ELEMENT_FLOAT32)
                continue;
            size_t count = tensor_elements(&made.outputs[output].type);
            for (size_t at = 0; at<count; at += count> 4 ? count / 4 : 1) {
                set(&made, output, at, &bad[i % 3], 1);
                assert_false(case_decode(&made));
                assert_int_equal(made.err.code, ERR_INVALID);
                assert_non_null(strstr(made.err.message, made.shape->names[output]));
                set(&made, output, at, (const float[]){0}, 1);
            }
        }
        case_release(&made);
    }
}

static void scores_that_are_none_are_refused(void **state)
{
    static const char *const adapters[] = {"fastestdet", "ssd", "yolo_end2end", "yolov5", "yolov8", "yolox"};
    static const size_t outputs[] = {0, 2, 0, 0, 0, 0}, places[] = {0, 1, 4, 4, 100, 13};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct detector_case made;
        start(&made, adapters[i]);
        set(&made, outputs[i], places[i], (const float[]){1.0005f}, 1); /* rounding */
        decode(&made);
        for (int k = 0; k < 2; k++) {
            set(&made, outputs[i], places[i], (const float[]){k ? 1.002f : -0.002f}, 1);
            assert_false(case_decode(&made));
            assert_int_equal(made.err.code, ERR_INVALID);
            assert_non_null(strstr(made.err.message, made.shape->names[outputs[i]]));
        }
        case_release(&made);
    }
}

static void the_largest_numbers_give_sound_boxes_or_none(void **state)
{
    static const float huge[] = {3.4e38f, -3.4e38f, 1e-45f, 1e20f};
    for (size_t i = 0; i < DETECTOR_SHAPES * 4; i++) {
        struct detector_case made;
        case_start(&made, &detector_shapes[i / 4]);
        for (uint32_t output = 0; output < made.shape->output_count; output++) {
            size_t count = tensor_elements(&made.outputs[output].type);
            for (size_t at = 0; at < count && made.outputs[output].type.element == ELEMENT_FLOAT32; at++)
                set(&made, output, at, at % 3 ? &huge[i % 4] : &huge[(i + at) % 4], 1);
        }
        if (case_decode(&made))
            assert_true(case_is_sound(&made));
        else
            assert_int_equal(made.err.code, ERR_INVALID);
        case_release(&made);
    }
}

static void shapes_of_something_else_are_refused(void **state)
{
    for (size_t i = 0; i < DETECTOR_SHAPES; i++) {
        struct detector_case made;
        case_start(&made, &detector_shapes[i]);
        for (uint32_t output = 0; output < made.shape->output_count; output++) {
            struct tensor_type *type = &made.outputs[output].type;
            const struct tensor_type right = *type;
            type->element = ELEMENT_FLOAT16;
            assert_false(case_describe(&made));
            assert_int_equal(made.err.code, ERR_INVALID);
            *type = right;
            type->dims[type->dim_count++] = 2;
            assert_false(case_describe(&made));
            assert_false(case_decode(&made));
            assert_int_equal(made.err.code, ERR_INVALID);
            *type = right;
            type->dims[0] = right.dims[0] + 1; /* a batch of two, or a row too many */
            assert_false(case_describe(&made));
            *type = right;
        }
        assert_true(case_describe(&made));
        case_release(&made);
    }
}

static void an_output_without_classes_is_refused(void **state)
{
    static const char *const adapters[] = {"detr", "fastestdet", "yolov5", "yolov8", "yolov8_rows", "yolox"};
    for (size_t i = 0; i < sizeof(adapters) / sizeof(adapters[0]); i++) {
        struct detector_case made;
        start(&made, adapters[i]);
        struct tensor_type *type = &made.outputs[0].type;
        uint32_t channels =
            strcmp(adapters[i], "fastestdet") == 0 || strcmp(adapters[i], "yolov8") == 0 ? 1 : 2;
        type->dims[channels] -= SHAPE_CLASSES;
        assert_false(case_describe(&made));
        assert_int_equal(made.err.code, ERR_INVALID);
        type->dims[channels] += PREDICTION_CLASSES_MAX;
        assert_true(case_describe(&made));
        assert_int_equal(made.prediction.classes, PREDICTION_CLASSES_MAX);
        type->dims[channels] += 1;
        assert_false(case_describe(&made));
        assert_int_equal(made.err.code, ERR_LIMIT);
        case_release(&made);
    }
}

/* ---- limits ---- */

/* `count` boxes apart from each other, in an image of 4 x 1 px for each. */
static void fill_rows(struct detector_case *made, int64_t count, int64_t classes)
{
    int64_t row = 5 + classes;
    free(made->outputs[0].data);
    made->outputs[0].type = (struct tensor_type){ELEMENT_FLOAT32, 3, {1, count, row}};
    float *values = made->outputs[0].data = calloc((size_t)(count * row), sizeof(float));
    assert_non_null(values);
    for (int64_t i = 0; i < count; i++)
        memcpy(values + i * row, (const float[]){(float)i * 4 + 1, 0.5f, 2, 1, 1, 0.5f}, 6 * sizeof(float));
    made->placement = (struct placement){1, 1, 0, 0, (uint32_t)count * 4, 1, SHAPE_SIDE_PX, SHAPE_SIDE_PX};
}

static void candidates_stop_at_their_limit(void **state)
{
    struct detector_case made;
    start(&made, "yolov5");
    fill_rows(&made, PREDICTION_CANDIDATES_MAX, 1);
    decode(&made);
    assert_int_equal(made.prediction.candidate_count, PREDICTION_CANDIDATES_MAX);
    fill_rows(&made, PREDICTION_CANDIDATES_MAX + 1, 1);
    assert_false(case_decode(&made));
    assert_int_equal(made.err.code, ERR_LIMIT);
    assert_non_null(strstr(made.err.message, "candidate_floor"));
    case_release(&made);
}

static void places_stop_at_their_limit(void **state)
{
    struct detector_case made;
    start(&made, "yolov5");
    fill_rows(&made, DETECTIONS_ANCHORS_MAX, 1);
    made.options.candidate_floor = 0.6;
    decode(&made);
    assert_int_equal(made.prediction.candidate_count, 0);
    fill_rows(&made, DETECTIONS_ANCHORS_MAX + 1, 1);
    assert_false(case_decode(&made));
    assert_int_equal(made.err.code, ERR_LIMIT);
    case_release(&made);
}

static void more_boxes_than_suppression_takes_are_refused(void **state)
{
    struct detector_case made;
    start(&made, "yolov5");
    fill_rows(&made, NMS_BOXES_MAX + 1, 1);
    float *values = made.outputs[0].data;
    for (size_t i = 0; i <= NMS_BOXES_MAX; i++)
        values[i * 6] = 1; /* all at the same place */
    assert_false(case_decode(&made));
    assert_int_equal(made.err.code, ERR_LIMIT);
    made.outputs[0].type.dims[1] = NMS_BOXES_MAX;
    decode(&made);
    assert_int_equal(made.prediction.candidate_count, 1);
    case_release(&made);
}

static void class_vectors_stop_at_their_limit(void **state)
{
    enum { CLASSES = PREDICTION_CLASSES_MAX, ROWS = DETECTIONS_SCORES_MAX / CLASSES };
    struct detector_case made;
    start(&made, "yolov5");
    fill_rows(&made, ROWS, CLASSES);
    decode(&made);
    assert_int_equal(made.prediction.candidate_count, ROWS);
    fill_rows(&made, ROWS + 1, CLASSES);
    assert_false(case_decode(&made));
    assert_int_equal(made.err.code, ERR_LIMIT);
    case_release(&made);
}

static void list_candidates_stop_at_their_limit(void **state)
{
    struct detector_case made;
    start(&made, "yolo_end2end");
    enum { ROWS = PREDICTION_CANDIDATES_MAX + 1 };
    free(made.outputs[0].data);
    float *values = made.outputs[0].data = calloc((size_t)ROWS * 6, sizeof(float));
    assert_non_null(values);
    for (size_t i = 0; i < ROWS; i++)
        memcpy(values + i * 6, (const float[]){0, 0, 9, 9, 0.5f, 2}, 6 * sizeof(float));
    made.outputs[0].type.dims[1] = ROWS;
    assert_false(case_decode(&made));
    assert_int_equal(made.err.code, ERR_LIMIT);
    made.outputs[0].type.dims[1] = ROWS - 1;
    decode(&made); /* the same box again and again: what the graph keeps is kept */
    assert_int_equal(made.prediction.candidate_count, PREDICTION_CANDIDATES_MAX);
    values[5] = 1.5f;
    assert_false(case_decode(&made));
    assert_non_null(strstr(made.err.message, "class 1.5"));
    values[5] = 3;
    assert_false(case_decode(&made));
    assert_non_null(strstr(made.err.message, "class 3"));
    values[4] = 0.01f; /* below the floor nobody looks at the class */
    decode(&made);
    case_release(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yolox_counts_cells_grid_after_grid),
        cmocka_unit_test(yolox_of_another_input_is_refused),
        cmocka_unit_test(an_exponential_that_overflows_covers_the_image),
        cmocka_unit_test(fastestdet_joins_its_scores_by_powers),
        cmocka_unit_test(logits_become_scores_when_the_card_says_so),
        cmocka_unit_test(detr_leaves_no_object_out),
        cmocka_unit_test(tf_counts_classes_from_one_and_puts_y_first),
        cmocka_unit_test(boxes_outside_of_the_image_are_dropped_after_suppression),
        cmocka_unit_test(an_output_of_zeros_has_no_boxes),
        cmocka_unit_test(what_is_not_finite_is_refused_by_name),
        cmocka_unit_test(scores_that_are_none_are_refused),
        cmocka_unit_test(the_largest_numbers_give_sound_boxes_or_none),
        cmocka_unit_test(shapes_of_something_else_are_refused),
        cmocka_unit_test(an_output_without_classes_is_refused),
        cmocka_unit_test(candidates_stop_at_their_limit),
        cmocka_unit_test(places_stop_at_their_limit),
        cmocka_unit_test(more_boxes_than_suppression_takes_are_refused),
        cmocka_unit_test(class_vectors_stop_at_their_limit),
        cmocka_unit_test(list_candidates_stop_at_their_limit),
    };
    return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
