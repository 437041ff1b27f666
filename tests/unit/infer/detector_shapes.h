/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest outputs that each adapter reads, for tests that loop over the table: an input of 32 x 32 px,
 * three classes. Include after test.h. */
#ifndef TESTS_DETECTOR_SHAPES_H
#define TESTS_DETECTOR_SHAPES_H

#include "infer/adapter.h"

#include <stdlib.h>
#include <string.h>

enum { SHAPE_SIDE_PX = 32, SHAPE_CLASSES = 3, SHAPE_OUTPUTS_MAX = 4 };

struct detector_shape {
    const char *adapter;
    enum output_kind output_kind;
    uint32_t output_count;
    bool is_counting; /* class numbers only: describe gives no classes */
    const char *names[SHAPE_OUTPUTS_MAX];
    struct tensor_type outputs[SHAPE_OUTPUTS_MAX];
};

/* clang-format off */
static const struct detector_shape detector_shapes[] = {
    {"detr", OUTPUT_LOGITS, 2, false, {"logits", "pred_boxes"},
     {{ELEMENT_FLOAT32, 3, {1, 5, 4}}, {ELEMENT_FLOAT32, 3, {1, 5, 4}}}},
    {"fastestdet", OUTPUT_SIGMOID_PROBABILITIES, 1, false, {"map"}, {{ELEMENT_FLOAT32, 4, {1, 8, 2, 2}}}},
    {"rt_detr", OUTPUT_SIGMOID_LOGITS, 2, false, {"logits", "pred_boxes"},
     {{ELEMENT_FLOAT32, 3, {1, 300, 3}}, {ELEMENT_FLOAT32, 3, {1, 300, 4}}}},
    {"ssd", OUTPUT_SIGMOID_PROBABILITIES, 3, true, {"bboxes", "labels", "scores"},
     {{ELEMENT_FLOAT32, 3, {1, 5, 4}}, {ELEMENT_INT64, 2, {1, 5}}, {ELEMENT_FLOAT32, 2, {1, 5}}}},
    {"tf_detection", OUTPUT_SIGMOID_PROBABILITIES, 4, true,
     {"detection_boxes", "detection_classes", "detection_scores", "num_detections"},
     {{ELEMENT_FLOAT32, 3, {1, 5, 4}}, {ELEMENT_FLOAT32, 2, {1, 5}}, {ELEMENT_FLOAT32, 2, {1, 5}},
      {ELEMENT_FLOAT32, 1, {1}}}},
    {"torchvision", OUTPUT_SIGMOID_PROBABILITIES, 3, true, {"boxes", "labels", "scores"},
     {{ELEMENT_FLOAT32, 2, {5, 4}}, {ELEMENT_INT64, 1, {5}}, {ELEMENT_FLOAT32, 1, {5}}}},
    {"yolo_end2end", OUTPUT_SIGMOID_PROBABILITIES, 1, true, {"output0"}, {{ELEMENT_FLOAT32, 3, {1, 5, 6}}}},
    {"yolov5", OUTPUT_SIGMOID_PROBABILITIES, 1, false, {"output0"}, {{ELEMENT_FLOAT32, 3, {1, 63, 8}}}},
    {"yolov8", OUTPUT_SIGMOID_PROBABILITIES, 1, false, {"output0"}, {{ELEMENT_FLOAT32, 3, {1, 7, 21}}}},
    {"yolov8_rows", OUTPUT_SIGMOID_PROBABILITIES, 1, false, {"output0"}, {{ELEMENT_FLOAT32, 3, {1, 21, 7}}}},
    {"yolox", OUTPUT_SIGMOID_PROBABILITIES, 1, false, {"output"}, {{ELEMENT_FLOAT32, 3, {1, 21, 8}}}},
};
/* clang-format on */
enum { DETECTOR_SHAPES = sizeof(detector_shapes) / sizeof(detector_shapes[0]) };

/* Outputs of zeros, and what goes with them. */
struct detector_case {
    const struct detector_shape *shape;
    const struct adapter *adapter;
    struct adapter_options options;
    struct tensor outputs[SHAPE_OUTPUTS_MAX];
    struct placement placement;
    struct arena *arena;
    struct prediction prediction;
    struct error err;
};

__attribute__((unused)) static void case_start(struct detector_case *ret, const struct detector_shape *shape)
{
    *ret = (struct detector_case){
        .shape = shape,
        .adapter = adapter_find(shape->adapter),
        .options = {.output_kind = shape->output_kind,
                    .output_count = shape->output_count,
                    .candidate_floor = 0.05,
                    .nms_iou = 0.45},
        .placement = {0.25, 0.5, 0, 0, 128, 64, SHAPE_SIDE_PX, SHAPE_SIDE_PX},
        .arena = arena_new(ADAPTER_ARENA_BYTES),
    };
    assert_non_null(ret->adapter);
    assert_non_null(ret->arena);
    for (uint32_t i = 0; i < shape->output_count; i++) {
        ret->options.outputs[i] = shape->names[i];
        ret->outputs[i] = (struct tensor){shape->outputs[i], calloc(1, tensor_bytes(&shape->outputs[i]) + 1)};
        assert_non_null(ret->outputs[i].data);
    }
}

__attribute__((unused)) static void case_release(struct detector_case *made)
{
    for (uint32_t i = 0; i < SHAPE_OUTPUTS_MAX; i++)
        free(made->outputs[i].data);
    made->arena = arena_free(made->arena);
}

__attribute__((unused)) static bool case_describe(struct detector_case *made)
{
    made->err = (struct error){0};
    return made->adapter->describe(&made->options, made->outputs, &made->prediction, &made->err);
}

__attribute__((unused)) static bool case_decode(struct detector_case *made)
{
    made->err = (struct error){0};
    made->prediction = (struct prediction){.classes = SHAPE_CLASSES};
    arena_reset(made->arena);
    return made->adapter->decode(&made->options, made->outputs, &made->placement, made->arena,
                                 &made->prediction, &made->err);
}

/* True when what was decoded is as a record wants it. */
__attribute__((unused)) static bool case_is_sound(const struct detector_case *made)
{
    const struct prediction *prediction = &made->prediction;
    if (prediction->type != MODEL_TYPE_DETECTION || prediction->logits || prediction->classes == 0 ||
        prediction->candidate_count > PREDICTION_CANDIDATES_MAX)
        return false;
    for (uint32_t i = 0; i < prediction->candidate_count; i++) {
        const struct candidate *candidate = &prediction->candidates[i];
        const struct box *box = &candidate->box;
        const float *scores = prediction->candidate_scores + (size_t)i * prediction->classes;
        if (!(box->x_min >= 0 && box->x_min < box->x_max &&
              box->x_max <= (float)made->placement.image_width && box->y_min >= 0 &&
              box->y_min < box->y_max && box->y_max <= (float)made->placement.image_height))
            return false;
        if (!((double)candidate->score >= made->options.candidate_floor && candidate->score <= 1) ||
            candidate->label >= prediction->classes || (i > 0 && candidate->score > candidate[-1].score))
            return false;
        for (uint32_t c = 0; c < prediction->classes; c++)
            if (!(scores[c] >= 0 && scores[c] <= candidate->score))
                return false;
        if (scores[candidate->label] < candidate->score)
            return false;
    }
    return true;
}

#endif
