/* SPDX-License-Identifier: Apache-2.0 */
/* Which adapter the outputs that a model declares are recognised by, and what is nobody's. */
#include "test.h"

#include "detector_shapes.h"

enum { OUTPUTS_MAX = 5 };

struct model {
    const char *adapter; /* NULL: nobody's */
    bool is_certain;
    uint32_t width, height;
    size_t count;
    struct adapter_output outputs[OUTPUTS_MAX];
};

#define F32(...)                                                                                             \
    {                                                                                                        \
        ELEMENT_FLOAT32, sizeof((int[]){__VA_ARGS__}) / sizeof(int),                                         \
        {                                                                                                    \
            __VA_ARGS__                                                                                      \
        }                                                                                                    \
    }
#define I64(...)                                                                                             \
    {                                                                                                        \
        ELEMENT_INT64, sizeof((int[]){__VA_ARGS__}) / sizeof(int),                                           \
        {                                                                                                    \
            __VA_ARGS__                                                                                      \
        }                                                                                                    \
    }
enum { N = TENSOR_DIM_BATCH, OPEN = TENSOR_DIM_FREE };

/* clang-format off */
static const struct model models[] = {
    {"classifier", true, 224, 224, 1, {{"logits", F32(N, 1000)}}},
    {"classifier", true, 224, 224, 1, {{"output", F32(1, 1000, 1, 1)}}},
    {"classifier", false, 224, 224, 2, {{"features", F32(N, 1280)}, {"probs", F32(N, 1000)}}},
    {"detr", true, 800, 800, 2, {{"logits", F32(1, 100, 92)}, {"pred_boxes", F32(1, 100, 4)}}},
    {"detr", true, 800, 800, 4, {{"logits", F32(N, 100, 92)}, {"pred_boxes", F32(N, 100, 4)},
                                 {"last_hidden_state", F32(N, 100, 256)},
                                 {"encoder_last_hidden_state", F32(N, 625, 256)}}},
    {"detr", false, 800, 800, 2, {{"boxes", F32(1, 100, 4)}, {"classes", F32(1, 100, 21)}}},
    {"fastestdet", true, 352, 352, 1, {{"758", F32(1, 85, 22, 22)}}},
    {"fastestdet", false, 0, 0, 1, {{"758", F32(1, 85, 22, 22)}}},
    {"rt_detr", true, 640, 640, 2, {{"pred_boxes", F32(1, 300, 4)}, {"logits", F32(1, 300, 80)}}},
    {"rt_detr", false, 560, 560, 2, {{"dets", F32(1, 300, 4)}, {"labels", F32(1, 300, 91)}}},
    {"rt_detr", true, 640, 640, 2, {{"logits", F32(1, 300, 6)}, {"pred_boxes", F32(1, 300, 4)}}},
    {"ssd", true, 1200, 1200, 3, {{"bboxes", F32(1, OPEN, 4)}, {"labels", I64(1, OPEN)}, {"scores", F32(1, OPEN)}}},
    {"tf_detection", true, 320, 320, 4,
     {{"num_detections", F32(N)}, {"detection_boxes", F32(N, 100, 4)}, {"detection_scores", F32(N, 100)},
      {"detection_classes", F32(N, 100)}}},
    {"tf_detection", true, 0, 0, 3,
     {{"detection_boxes:0", F32(N, OPEN, 4)}, {"detection_classes:0", F32(N, OPEN)},
      {"detection_scores:0", F32(N, OPEN)}}},
    {"torchvision", true, 640, 640, 3, {{"3068", F32(OPEN, 4)}, {"3050", I64(OPEN)}, {"3045", F32(OPEN)}}},
    {"yolo_end2end", true, 640, 640, 1, {{"output0", F32(1, 300, 6)}}},
    {"yolo_end2end", false, 0, 0, 1, {{"output0", F32(N, OPEN, 6)}}},
    {"yolov5", true, 640, 640, 1, {{"output0", F32(1, 25200, 85)}}},
    {"yolov5", true, 640, 640, 4, {{"output", F32(1, 25200, 85)}, {"345", F32(1, 3, 80, 80, 85)},
                                   {"403", F32(1, 3, 40, 40, 85)}, {"461", F32(1, 3, 20, 20, 85)}}},
    {"yolov5", true, 1280, 1280, 1, {{"output0", F32(1, 102000, 85)}}},
    {"yolov5", false, 0, 0, 1, {{"output0", F32(N, 25200, 6)}}},
    {"yolov5", false, 0, 0, 1, {{"output0", F32(N, OPEN, 85)}}},
    {"yolov8", true, 640, 640, 1, {{"output0", F32(1, 84, 8400)}}},
    {"yolov8", true, 640, 480, 1, {{"output0", F32(1, 5, 6300)}}},
    {"yolov8", false, 0, 0, 1, {{"output0", F32(N, 84, OPEN)}}},
    {"yolov8", true, 64, 64, 1, {{"output0", F32(1, 84, 84)}}},
    {"yolov8_rows", true, 640, 640, 1, {{"output0", F32(1, 8400, 7)}}},
    {"yolov8_rows", true, 640, 640, 1, {{"output", F32(1, 8400, 84)}}},
    {"yolox", true, 416, 416, 1, {{"output", F32(1, 3549, 85)}}},
    {"yolox", true, 416, 416, 1, {{"output", F32(1, 3549, 8)}}},
    {"yolox", true, 416, 416, 1, {{"output", F32(1, 3549, 6)}}},
    {"yolox", false, 0, 0, 1, {{"output", F32(1, 3549, 85)}}},
    {NULL, false, 640, 640, 2, {{"output0", F32(1, 116, 8400)}, {"output1", F32(1, 32, 160, 160)}}},
    {NULL, false, 224, 224, 1, {{"last_hidden_state", F32(1, 197, 768)}}},
    {NULL, false, 240, 320, 2, {{"scores", F32(1, 4420, 2)}, {"boxes", F32(1, 4420, 4)}}},
    {NULL, false, 512, 512, 1, {{"mask", F32(1, 21, 512, 512)}}},
    {NULL, false, 416, 416, 1, {{"output", F32(2, 3549, 85)}}},
    {NULL, false, 416, 416, 1, {{"output", F32(1, 3549, 4)}}},
    {NULL, false, 640, 640, 1, {{"output", I64(1, 25200, 85)}}},
    {NULL, false, 640, 640, 1, {{"output", {ELEMENT_FLOAT32, 0, {0}}}}},
    {NULL, false, 640, 640, 2, {{"detection_boxes", F32(1, 9, 4)}, {"detection_classes", I64(1, 9)}}},
    {NULL, false, 640, 640, 0, {{NULL}}},
};
/* clang-format on */

/* As the importer chooses: what is certain goes before what may be, then the table's order. */
static const struct adapter *recognise(const struct adapter_outputs *outputs, struct adapter_match *ret)
{
    const struct adapter *best = NULL;
    for (size_t i = 0; all_adapters[i]; i++) {
        struct adapter_match match = {0};
        if (!all_adapters[i]->recognise(outputs, &match) || (best && ret->is_certain >= match.is_certain))
            continue;
        best = all_adapters[i];
        *ret = match;
    }
    return best;
}

static void published_models_are_recognised_and_others_are_not(void **state)
{
    for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
        const struct model *model = &models[i];
        const struct adapter_outputs outputs = {model->outputs, model->count, model->width, model->height};
        struct adapter_match match = {0};
        const struct adapter *found = recognise(&outputs, &match);
        const char *name = found ? found->name : "nobody",
                   *wanted = model->adapter ? model->adapter : "nobody";
        if (strcmp(name, wanted) != 0)
            fail_msg("model %zu: %s, not %s (%s)", i, name, wanted, found ? match.why : "");
        if (!found)
            continue;
        if (match.is_certain != model->is_certain)
            fail_msg("model %zu: certain is %d (%s)", i, match.is_certain, match.why);
        assert_true(match.output_count > 0 && match.output_count <= model->count);
        for (size_t k = 0; k < match.output_count; k++)
            assert_true(match.outputs[k] < model->count);
        assert_non_null(strstr(match.why, strcmp(found->name, "tf_detection") == 0
                                              ? "detection_boxes"
                                              : model->outputs[match.outputs[0]].name));
    }
}

static void only_one_adapter_is_certain_of_an_output(void **state)
{
    for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
        const struct model *model = &models[i];
        const struct adapter_outputs outputs = {model->outputs, model->count, model->width, model->height};
        size_t certain = 0;
        for (size_t k = 0; all_adapters[k]; k++) {
            struct adapter_match match = {0};
            certain += all_adapters[k]->recognise(&outputs, &match) && match.is_certain;
        }
        assert_int_equal(certain, model->is_certain);
    }
}

static void outputs_are_named_in_the_adapters_order(void **state)
{
    static const struct adapter_output list[] = {
        {"scores", F32(OPEN)}, {"labels", I64(OPEN)}, {"boxes", F32(OPEN, 4)}};
    const struct adapter_outputs outputs = {list, 3, 640, 640};
    struct adapter_match match = {0};
    assert_true(adapter_torchvision.recognise(&outputs, &match));
    assert_int_equal(match.output_count, 3);
    assert_int_equal(match.outputs[0], 2);
    assert_int_equal(match.outputs[1], 1);
    assert_int_equal(match.outputs[2], 0);
}

static void what_is_recognised_can_be_described(void **state)
{
    for (size_t i = 0; i < DETECTOR_SHAPES; i++) {
        struct detector_case made;
        struct adapter_output declared[SHAPE_OUTPUTS_MAX];
        case_start(&made, &detector_shapes[i]);
        for (uint32_t k = 0; k < made.shape->output_count; k++)
            declared[k] = (struct adapter_output){made.shape->names[k], made.shape->outputs[k]};
        const struct adapter_outputs outputs = {declared, made.shape->output_count, SHAPE_SIDE_PX,
                                                SHAPE_SIDE_PX};
        struct adapter_match match = {0};
        assert_ptr_equal(recognise(&outputs, &match), made.adapter);
        assert_int_equal(match.output_kind, made.shape->output_kind);
        assert_int_equal(match.output_count, made.shape->output_count);
        assert_true(case_describe(&made));
        case_release(&made);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_models_are_recognised_and_others_are_not),
        cmocka_unit_test(only_one_adapter_is_certain_of_an_output),
        cmocka_unit_test(outputs_are_named_in_the_adapters_order),
        cmocka_unit_test(what_is_recognised_can_be_described),
    };
    return cmocka_run_group_tests_name("recognise", tests, NULL, NULL);
}
