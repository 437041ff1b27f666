/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Detectors of every layout, made by tests/models/detector_models.py, imported with nothing but their labels:
 * the adapter is recognised, and the boxes baked into the graphs come out. Skipped where python3-onnx or ONNX
 * Runtime is missing.
 */
#include "test.h"

#include "base/file.h"
#include "infer/adapter.h"
#include "model_fixture.h"
#include "onnx_builder.h"

#include <math.h>

enum { SIDE = 64, CLASSES = 3 };

struct layout {
    const char *file, *adapter;
    bool needs_labels; /* the graph does not tell how many classes there are */
};
static const struct layout layouts[] = {
    {"det_detr", "detr", false},
    {"det_fastestdet", "fastestdet", false},
    {"det_rt_detr", "rt_detr", false},
    {"det_ssd", "ssd", true},
    {"det_tf_detection", "tf_detection", true},
    {"det_torchvision", "torchvision", true},
    {"det_yolo_end2end", "yolo_end2end", true},
    {"det_yolov5", "yolov5", false},
    {"det_yolov8", "yolov8", false},
    {"det_yolov8_rows", "yolov8_rows", false},
    {"det_yolox", "yolox", false},
};
enum { LAYOUTS = sizeof(layouts) / sizeof(layouts[0]) };

/* The graphs take pixels as 0..1, whatever their family usually does; the one of 8-bit pixels as they are. */
static yyjson_doc *pixel_flags;

static int make_flags(void **state)
{
    static const char flags[] = "{\"scale\": 0.00392156862745098, \"mean\": [0], \"std\": [1]}";
    (void)state;
    pixel_flags = yyjson_read(flags, strlen(flags), 0);
    return pixel_flags ? 0 : -1;
}

static int free_flags(void **state)
{
    (void)state;
    yyjson_doc_free(pixel_flags);
    return 0;
}

static struct model_import request_of(struct fixture *fixture, const char *file, bool has_labels)
{
    const char *folder = getenv("TROMMEL_TINY_MODELS");
    if (!folder) {
        print_message("# skipped: no python3-onnx to make the models with\n");
        skip();
    }
    bool is_8_bit = strcmp(file, "det_tf_detection") == 0;
    return (struct model_import){.project_id = "0",
                                 .onnx_path = arena_printf(fixture->arena, "%s/%s.onnx", folder, file),
                                 .card_overrides = is_8_bit ? NULL : yyjson_doc_get_root(pixel_flags),
                                 .labels_path =
                                     has_labels ? write_text(fixture, "labels.txt", "a\nb\nc\n") : NULL};
}

static struct model_runner *open_runner(struct fixture *fixture)
{
    struct model_runner *runner = NULL;
    if (!model_runner_open(fixture->store, &fixture->model, &runner, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return runner;
}

static void make_white(struct image *image)
{
    struct error err = {0};
    assert_true(image_resize_buffer(image, SIDE, SIDE, &err));
    memset(image->pixels, 255, (size_t)SIDE * SIDE * 3);
}

static bool is_box(const struct box *box, float x_min, float y_min, float x_max, float y_max)
{
    return fabsf(box->x_min - x_min) < 0.1F && fabsf(box->y_min - y_min) < 0.1F &&
           fabsf(box->x_max - x_max) < 0.1F && fabsf(box->y_max - y_max) < 0.1F;
}

/* The scene of detector_models.py on a white image. The amount of the box that grows with light depends on
 * what the family does to pixels, so it is not looked at. */
static void assert_scene(const char *file, const struct prediction *prediction)
{
    static const struct {
        float edges[4], score;
        uint32_t label;
    } wanted[] = {{{8, 8, 24, 40}, 0.9F, 1}, {{32, 16, 60, 28}, 0.6F, 2}, {{40, 40, 64, 60}, 0.3F, 0}};
    for (size_t w = 0; w < sizeof(wanted) / sizeof(wanted[0]); w++) {
        const float *edges = wanted[w].edges;
        size_t found = 0;
        for (size_t i = 0; i < prediction->candidate_count; i++) {
            const struct candidate *candidate = &prediction->candidates[i];
            found += is_box(&candidate->box, edges[0], edges[1], edges[2], edges[3]) &&
                     candidate->label == wanted[w].label && fabsf(candidate->score - wanted[w].score) < 0.01F;
        }
        if (found != 1)
            fail_msg("%s: box %zu was found %zu times", file, w, found);
    }
}

static void every_layout_is_recognised_and_read(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < LAYOUTS; i++) {
        const struct model_import request = request_of(fixture, layouts[i].file, true);
        struct image image = {0};
        struct prediction prediction;
        assert_imported_or_skip(fixture, &request);
        assert_guessed(fixture, "adapter", layouts[i].adapter, "");
        assert_guessed(fixture, "model_type", "object_detection", layouts[i].adapter);
        AUTO(model_runner) runner = open_runner(fixture);
        AUTO(model_scratch) scratch = NULL;
        assert_int_equal(model_runner_shape(runner).classes, CLASSES);
        assert_true(model_runner_shape(runner).candidate_floor == 0.05);
        make_white(&image);
        if (!model_scratch_new(runner, &scratch, &fixture->err) ||
            !model_predict(runner, scratch, &image, &prediction, &fixture->err))
            fail_msg("%s: %s", layouts[i].file, fixture->err.message);
        assert_scene(layouts[i].file, &prediction);
        image_release(&image);
    }
}

static void every_adapter_has_its_layout_here(void **state)
{
    (void)state;
    for (const struct adapter *const *adapter = all_adapters; *adapter; adapter++) {
        bool is_here = (*adapter)->type == MODEL_TYPE_CLASSIFICATION;
        for (size_t i = 0; i < LAYOUTS; i++)
            is_here |= strcmp(layouts[i].adapter, (*adapter)->name) == 0;
        if (!is_here)
            fail_msg("%s is not tried", (*adapter)->name);
    }
}

static void graphs_that_do_not_tell_their_classes_need_labels(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < LAYOUTS; i++) {
        const struct model_import request = request_of(fixture, layouts[i].file, false);
        if (!layouts[i].needs_labels) {
            assert_imported_or_skip(fixture, &request);
            assert_guessed(fixture, "labels", "class_0, class_1, class_2", "give --labels FILE");
            continue;
        }
        bool is_done = import_model(fixture, &request);
        if (!is_done && strstr(fixture->err.message, "not installed"))
            skip();
        assert_false(is_done);
        assert_int_equal(fixture->err.detail, DETAIL_MODEL_UNUSABLE);
        assert_says(&fixture->err, "do not tell how many classes there are; give --labels FILE");
    }
}

/* A model file with one more property behind its end: protobuf appends it to the others. */
static const char *write_with_property(struct fixture *fixture, const char *path, const char *key,
                                       const char *value)
{
    AUTO_BUFFER(file, 1U << 20);
    AUTO_BUFFER(property, 1U << 10);
    if (!file_read(path, &file, &fixture->err))
        fail_msg("%s", fixture->err.message);
    onnx_put_text(&property, 1, key); /* StringStringEntryProto */
    onnx_put_text(&property, 2, value);
    onnx_put_bytes(&file, 14, property.data, property.size); /* ModelProto.metadata_props */
    return write_file(fixture, "named.onnx", (struct bytes){file.data, file.size});
}

static void names_in_the_metadata_tell_how_many_classes_there_are(void **state)
{
    struct fixture *fixture = *state;
    struct model_import request = request_of(fixture, "det_yolo_end2end", false);
    request.onnx_path =
        write_with_property(fixture, request.onnx_path, "names", "{0: 'cat', 1: 'dog', 2: 'cow'}");
    assert_imported_or_skip(fixture, &request);
    assert_guessed(fixture, "labels", "cat, dog, cow", "metadata name them");
    AUTO(model_runner) runner = open_runner(fixture);
    assert_int_equal(model_runner_shape(runner).classes, CLASSES);
    /* Class 2 has no name then: the graph's own answer tells. */
    request.onnx_path = write_with_property(fixture, request_of(fixture, "det_yolo_end2end", false).onnx_path,
                                            "names", "['cat', 'dog']");
    assert_false(import_model(fixture, &request));
    assert_int_equal(fixture->err.detail, DETAIL_MODEL_UNUSABLE);
}

static void the_floor_of_the_card_reaches_the_adapter(void **state)
{
    struct fixture *fixture = *state;
    static const char flags[] =
        "{\"scale\": 0.00392156862745098, \"candidate_floor\": 0.5, \"score_threshold\": 0.7}";
    struct model_import request = request_of(fixture, "det_yolov8", true);
    yyjson_doc *overrides = yyjson_read(flags, strlen(flags), 0);
    struct image image = {0};
    struct prediction prediction;
    request.card_overrides = yyjson_doc_get_root(overrides);
    assert_imported_or_skip(fixture, &request);
    AUTO(model_runner) runner = open_runner(fixture);
    AUTO(model_scratch) scratch = NULL;
    assert_true(model_runner_shape(runner).score_threshold == 0.7);
    make_white(&image);
    assert_true(model_scratch_new(runner, &scratch, &fixture->err));
    assert_true(model_predict(runner, scratch, &image, &prediction, &fixture->err));
    assert_int_equal(prediction.candidate_count, 3);
    for (size_t i = 0; i < prediction.candidate_count; i++)
        assert_true(prediction.candidates[i].score >= 0.5F);
    image_release(&image);
    yyjson_doc_free(overrides);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(every_layout_is_recognised_and_read),
        CASE(graphs_that_do_not_tell_their_classes_need_labels),
        CASE(names_in_the_metadata_tell_how_many_classes_there_are),
        CASE(the_floor_of_the_card_reaches_the_adapter),
        cmocka_unit_test(every_adapter_has_its_layout_here),
    };
    return cmocka_run_group_tests_name("tiny detectors", tests, make_flags, free_flags);
}
