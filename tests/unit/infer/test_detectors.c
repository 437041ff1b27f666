/* SPDX-License-Identifier: Apache-2.0 */
/* Graphs of every published output layout, made by tests/models/detector_models.py with known boxes in them,
 * on ONNX Runtime. Skipped where python3-onnx or ONNX Runtime is missing. */
#include "test.h"

#include "infer/adapter.h"
#include "infer/engine.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES = 3, SCENE = 5, SIDE_PX = 64, FILE_MAX_BYTES = 1 << 20 };

struct detector {
    const char *file, *adapter;
    bool is_suppressing; /* the graph itself, so that the second box on the same object is not there */
    bool is_counting;    /* class numbers only */
};

static const struct detector detectors[] = {
    {"det_detr", "detr", true, false},
    {"det_fastestdet", "fastestdet", false, false},
    {"det_rt_detr", "rt_detr", true, false},
    {"det_ssd", "ssd", true, true},
    {"det_tf_detection", "tf_detection", true, true},
    {"det_torchvision", "torchvision", true, true},
    {"det_yolo_end2end", "yolo_end2end", true, true},
    {"det_yolov5", "yolov5", false, false},
    {"det_yolov8", "yolov8", false, false},
    {"det_yolov8_rows", "yolov8_rows", false, false},
    {"det_yolox", "yolox", false, false},
};
enum { DETECTORS = sizeof(detectors) / sizeof(detectors[0]) };

/* By descending score, in px of the tensor, before clipping. */
struct thing {
    struct box box;
    uint32_t label;
    float scores[CLASSES];
    bool is_on_white_only;
    bool is_again; /* of the box before it */
};
static const struct thing scene[SCENE] = {
    {{8, 8, 24, 40}, 1, {0.05f, 0.9f, 0.03f}},  {{2, 44, 22, 62}, 1, {0, 0.8f, 0}, .is_on_white_only = true},
    {{32, 16, 60, 28}, 2, {0.1f, 0.02f, 0.6f}}, {{33, 16, 61, 28}, 2, {0.1f, 0.02f, 0.5f}, .is_again = true},
    {{40, 40, 72, 60}, 0, {0.3f, 0.1f, 0.05f}},
};

/* ---- running a graph ---- */

struct fixture {
    struct buffer bytes;
    struct engine_model *model;
    struct engine_call *call;
    struct adapter_output outputs[ADAPTER_OUTPUTS_MAX];
    struct adapter_outputs declared;
    struct adapter_match match;
    const struct adapter *adapter;
    struct adapter_options options;
    struct arena *arena;
};

static void read_model(struct fixture *fixture, const char *name)
{
    const char *folder = getenv("TROMMEL_TINY_MODELS");
    struct error err = {0};
    char path[512];
    if (!folder) {
        print_message("# skipped: no python3-onnx to make the models with\n");
        skip();
    }
    (void)snprintf(path, sizeof(path), "%s/%s.onnx", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("no %s", path);
    buffer_init(&fixture->bytes, FILE_MAX_BYTES);
    assert_true(buffer_reserve(&fixture->bytes, FILE_MAX_BYTES / 2));
    fixture->bytes.size = fread(fixture->bytes.data, 1, FILE_MAX_BYTES / 2, file);
    (void)fclose(file);
    if (!engine_open(&engine_onnxruntime, (struct bytes){fixture->bytes.data, fixture->bytes.size},
                     &fixture->model, &err)) {
        if (strstr(err.message, "not installed"))
            skip();
        fail_msg("%s: %s", name, err.message);
    }
}

/* As the importer does: the row that is certain, else the first that may be. */
static void recognise(struct fixture *fixture)
{
    const struct engine_model *model = fixture->model;
    const struct tensor_type *input = &model->inputs[0].type;
    bool is_nhwc = input->dims[3] == 3;
    assert_true(model->output_count <= ADAPTER_OUTPUTS_MAX);
    for (size_t i = 0; i < model->output_count; i++)
        fixture->outputs[i] = (struct adapter_output){model->outputs[i].name, model->outputs[i].type};
    fixture->declared = (struct adapter_outputs){fixture->outputs, model->output_count,
                                                 (uint32_t)input->dims[is_nhwc ? 2 : 3],
                                                 (uint32_t)input->dims[is_nhwc ? 1 : 2]};
    fixture->adapter = NULL;
    for (size_t i = 0; all_adapters[i]; i++) {
        struct adapter_match match = {0};
        if (!all_adapters[i]->recognise(&fixture->declared, &match) ||
            (fixture->adapter && fixture->match.is_certain >= match.is_certain))
            continue;
        fixture->adapter = all_adapters[i];
        fixture->match = match;
    }
    assert_non_null(fixture->adapter);
}

static void start(struct fixture *fixture)
{
    const char *names[ADAPTER_OUTPUTS_MAX];
    struct error err = {0};
    fixture->options = (struct adapter_options){.output_kind = fixture->match.output_kind,
                                                .output_count = fixture->match.output_count,
                                                .candidate_floor = 0.05,
                                                .nms_iou = 0.45};
    for (size_t i = 0; i < fixture->match.output_count; i++)
        fixture->options.outputs[i] = names[i] = fixture->outputs[fixture->match.outputs[i]].name;
    const struct engine_request request = {.input = fixture->model->inputs[0].name,
                                           .input_type = fixture->model->inputs[0].type,
                                           .outputs = names,
                                           .output_count = fixture->match.output_count};
    if (!engine_call_new(fixture->model, &request, &fixture->call, &err))
        fail_msg("%s", err.message);
    fixture->arena = arena_new(ADAPTER_ARENA_BYTES);
    assert_non_null(fixture->arena);
}

static void open_model(struct fixture *fixture, const char *name)
{
    *fixture = (struct fixture){0};
    read_model(fixture, name);
    recognise(fixture);
    start(fixture);
}

static void release(struct fixture *fixture)
{
    (void)engine_call_free(fixture->call);
    (void)engine_model_free(fixture->model);
    (void)arena_free(fixture->arena);
    buffer_release(&fixture->bytes);
}

/* An image twice as wide and three times as high as the tensor, 2 px to the right in it. */
static const struct placement placement = {0.5, 1.0 / 3, 2, 0, 2 * SIDE_PX, 3 * SIDE_PX, SIDE_PX, SIDE_PX};

static struct prediction run(struct fixture *fixture, bool is_white, uint32_t labels)
{
    struct tensor *input = &fixture->call->input_tensor;
    size_t count = tensor_elements(&input->type);
    if (input->type.element == ELEMENT_UINT8)
        memset(input->data, is_white ? 255 : 0, count);
    else
        for (size_t i = 0; i < count; i++)
            ((float *)input->data)[i] = is_white ? 1 : 0;
    struct error err = {0};
    struct prediction prediction = {.classes = labels}, described;
    if (!engine_run(fixture->call, &err) ||
        !fixture->adapter->describe(&fixture->options, fixture->call->output_tensors, &described, &err) ||
        !fixture->adapter->decode(&fixture->options, fixture->call->output_tensors, &placement,
                                  fixture->arena, &prediction, &err))
        fail_msg("%s: %s", fixture->adapter->name, err.message);
    assert_true(described.classes == 0 || described.classes == labels);
    return prediction;
}

/* ---- what must come out ---- */

static float place(float edge, double scale, double offset, float limit)
{
    return (float)fmin(fmax(((double)edge - offset) / scale, 0), (double)limit);
}

static void assert_close(float a, double b, double slack)
{
    if (!(fabs((double)a - b) <= slack))
        fail_msg("%.9g is not %.9g", (double)a, b);
}

static void assert_thing(const struct prediction *prediction, uint32_t at, const struct thing *thing,
                         bool is_counting)
{
    const struct candidate *found = &prediction->candidates[at];
    const float *scores = prediction->candidate_scores + (size_t)at * CLASSES;
    assert_int_equal(found->label, thing->label);
    assert_close(found->score, (double)thing->scores[thing->label], 1e-5);
    assert_close(found->box.x_min, (double)place(thing->box.x_min, 0.5, 2, 128), 1e-3);
    assert_close(found->box.x_max, (double)place(thing->box.x_max, 0.5, 2, 128), 1e-3);
    assert_close(found->box.y_min, (double)place(thing->box.y_min, 1.0 / 3, 0, 192), 1e-3);
    assert_close(found->box.y_max, (double)place(thing->box.y_max, 1.0 / 3, 0, 192), 1e-3);
    assert_true(isnan(found->brightness) && isnan(found->clarity));
    assert_true(scores[found->label] <= found->score && scores[found->label] >= found->score);
    for (uint32_t c = 0; c < CLASSES; c++)
        if (c != thing->label)
            assert_close(scores[c], is_counting ? 0 : (double)thing->scores[c], 2e-5);
}

static void assert_scene(const struct prediction *prediction, const struct detector *detector, bool is_white,
                         bool is_all)
{
    uint32_t at = 0;
    for (int i = 0; i < SCENE; i++) {
        if ((scene[i].is_on_white_only && !is_white) ||
            (scene[i].is_again && (detector->is_suppressing || !is_all)))
            continue;
        assert_true(at < prediction->candidate_count);
        assert_thing(prediction, at++, &scene[i], detector->is_counting);
    }
    assert_int_equal(prediction->candidate_count, at);
    assert_int_equal(prediction->classes, CLASSES);
    assert_int_equal(prediction->type, MODEL_TYPE_DETECTION);
    assert_null(prediction->logits);
}

static void every_layout_gives_the_boxes_that_are_in_it(void **state)
{
    for (size_t i = 0; i < DETECTORS; i++) {
        struct fixture fixture;
        open_model(&fixture, detectors[i].file);
        struct prediction prediction = run(&fixture, false, CLASSES);
        assert_scene(&prediction, &detectors[i], false, false);
        prediction = run(&fixture, true, CLASSES);
        assert_scene(&prediction, &detectors[i], true, false);
        release(&fixture);
    }
}

static void every_layout_is_recognised_and_certain(void **state)
{
    for (size_t i = 0; i < DETECTORS; i++) {
        struct fixture fixture;
        open_model(&fixture, detectors[i].file);
        assert_string_equal(fixture.adapter->name, detectors[i].adapter);
        assert_true(fixture.match.is_certain);
        assert_true(strlen(fixture.match.why) > 10);
        release(&fixture);
    }
}

static void without_suppression_all_are_there(void **state)
{
    for (size_t i = 0; i < DETECTORS; i++) {
        struct fixture fixture;
        open_model(&fixture, detectors[i].file);
        fixture.options.nms_iou = 1;
        struct prediction prediction = run(&fixture, true, CLASSES);
        assert_scene(&prediction, &detectors[i], true, true);
        release(&fixture);
    }
}

static void below_the_floor_nothing_is_kept(void **state)
{
    for (size_t i = 0; i < DETECTORS; i++) {
        struct fixture fixture;
        open_model(&fixture, detectors[i].file);
        fixture.options.candidate_floor = 0.7;
        assert_int_equal(run(&fixture, true, CLASSES).candidate_count, 2);
        fixture.options.candidate_floor = 0.95;
        assert_int_equal(run(&fixture, true, CLASSES).candidate_count, 0);
        if (strcmp(detectors[i].file, "det_torchvision") != 0) { /* which leaves it out itself */
            fixture.options.candidate_floor = 0.015;
            assert_int_equal(run(&fixture, true, CLASSES).candidate_count, SCENE);
        }
        release(&fixture);
    }
}

static void class_numbers_beyond_the_labels_are_refused(void **state)
{
    for (size_t i = 0; i < DETECTORS; i++) {
        struct fixture fixture;
        struct prediction prediction = {.classes = CLASSES - 1};
        struct error err = {0};
        if (!detectors[i].is_counting)
            continue;
        open_model(&fixture, detectors[i].file);
        (void)run(&fixture, true, CLASSES);
        const struct tensor *outputs = fixture.call->output_tensors;
        assert_false(
            fixture.adapter->decode(&fixture.options, outputs, &placement, fixture.arena, &prediction, &err));
        assert_int_equal(err.code, ERR_INVALID);
        assert_non_null(strstr(err.message, fixture.options.outputs[fixture.options.output_count > 1]));
        prediction.classes = 0;
        assert_false(
            fixture.adapter->decode(&fixture.options, outputs, &placement, fixture.arena, &prediction, &err));
        assert_non_null(strstr(err.message, "labels"));
        release(&fixture);
    }
}

static void a_list_of_no_rows_is_an_image_without_boxes(void **state)
{
    struct fixture fixture;
    open_model(&fixture, "det_torchvision_empty");
    assert_string_equal(fixture.adapter->name, "torchvision");
    assert_int_equal(run(&fixture, true, CLASSES).candidate_count, 0);
    assert_int_equal(run(&fixture, false, CLASSES).candidate_count, 0);
    release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layout_gives_the_boxes_that_are_in_it),
        cmocka_unit_test(every_layout_is_recognised_and_certain),
        cmocka_unit_test(without_suppression_all_are_there),
        cmocka_unit_test(below_the_floor_nothing_is_kept),
        cmocka_unit_test(class_numbers_beyond_the_labels_are_refused),
        cmocka_unit_test(a_list_of_no_rows_is_an_image_without_boxes),
    };
    return cmocka_run_group_tests_name("detectors", tests, NULL, NULL);
}
