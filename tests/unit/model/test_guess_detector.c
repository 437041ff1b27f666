/* SPDX-License-Identifier: Apache-2.0 */
/* What is guessed of a detector's graph: metadata first, then the graph, then what its family is usually fed.
 * Only the guess is made: no inference. */
#include "test.h"

#include "engine_fake.h"
#include "infer/adapter.h"
#include "infer/onnx_file.h"
#include "model/card.h"
#include "model/guess.h"
#include "onnx_builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BYTES = 64 * 1024 * 1024 };

struct work {
    struct arena *arena;
    struct onnx_builder builder;
    struct onnx_file file;
    struct engine_model *engine;
    yyjson_doc *given;
    struct model_card card;
    struct guess guess;
    struct error err;
};

static int set_up(void **state)
{
    struct work *work = calloc(1, sizeof(*work));
    assert_non_null(work);
    assert_non_null(work->arena = arena_new(ARENA_BYTES));
    *state = work;
    return 0;
}

static void release_graph(struct work *work)
{
    work->engine = engine_model_free(work->engine);
    onnx_builder_release(&work->builder);
    yyjson_doc_free(work->given);
    work->given = NULL;
}

static int tear_down(void **state)
{
    struct work *work = *state;
    release_graph(work);
    (void)arena_free(work->arena);
    free(work);
    return 0;
}

/* Starts a graph with the output "boxes". */
static struct onnx_builder *build(struct work *work, const char *input_shape, const char *output_shape)
{
    release_graph(work);
    onnx_builder_start(&work->builder);
    onnx_builder_input(&work->builder, "image", 1, input_shape);
    onnx_builder_float(&work->builder, "w", 1);
    onnx_builder_node(&work->builder, "Conv", "image,w", "boxes");
    onnx_builder_output(&work->builder, "boxes", 1, output_shape);
    return &work->builder;
}

static bool guess(struct work *work, const char *given)
{
    struct bytes bytes = onnx_builder_finish(&work->builder);
    work->err = (struct error){0};
    work->given = yyjson_read(given, strlen(given), 0);
    yyjson_val *object = yyjson_doc_get_root(work->given);
    if (!onnx_file_read(bytes, work->arena, &work->file, &work->err) ||
        !engine_open(&engine_fake, bytes, &work->engine, &work->err) ||
        !params_read_json(model_card_params, &work->card, object, work->arena, &work->err))
        fail_msg("%s", work->err.message);
    work->guess = (struct guess){.arena = work->arena,
                                 .file = &work->file,
                                 .engine = work->engine,
                                 .overrides = object,
                                 .card = &work->card};
    return guess_card(&work->guess, &work->err);
}

static void assert_works(struct work *work, const char *given)
{
    if (!guess(work, given))
        fail_msg("%s", work->err.message);
}

static void assert_refused(struct work *work, const char *given, const char *words)
{
    assert_false(guess(work, given));
    assert_int_equal(work->err.detail, DETAIL_MODEL_UNUSABLE);
    if (!strstr(work->err.message, words))
        fail_msg("'%s' does not say '%s'", work->err.message, words);
}

static const struct model_guess *find_row(const struct work *work, const char *field)
{
    for (size_t i = 0; i < work->guess.row_count; i++)
        if (strcmp(work->guess.rows[i].field, field) == 0)
            return &work->guess.rows[i];
    return NULL;
}

static void assert_row(const struct work *work, const char *field, const char *value, const char *why)
{
    const struct model_guess *row = find_row(work, field);
    if (!row)
        fail_msg("nothing was said of %s", field);
    else if (strcmp(row->value, value) != 0 || !strstr(row->why, why))
        fail_msg("%s: '%s' because '%s', expected '%s' because '%s'", field, row->value, row->why, value,
                 why);
}

/* ---- the family ---- */

static void a_family_brings_what_it_is_usually_fed(void **state)
{
    struct work *work = *state;
    (void)build(work, "1,3,416,416", "1,3549,8");
    assert_works(work, "{}");
    assert_row(work, "adapter", "yolox", "'boxes' is float32 [1, 3549, 8]");
    assert_row(work, "outputs", "boxes", "float32 [1, 3549, 8]");
    assert_row(work, "model_type", "object_detection", "what adapter yolox reads");
    assert_row(work, "color", "bgr", "usual for yolox; only a convention");
    assert_row(work, "scale", "1", "usual for yolox; only a convention");
    assert_row(work, "mean", "0", "usual for yolox");
    assert_row(work, "std", "1", "usual for yolox");
    assert_row(work, "resize", "letterbox", "usual for yolox; only a convention");
    assert_row(work, "pad_place", "top_left", "usual for yolox");
    assert_row(work, "pad_value", "114", "convention");
    assert_row(work, "embedding", "none", "places in the image");
    assert_row(work, "candidate_floor", "0.05", "near misses");
    assert_row(work, "score_threshold", "0.3", "the answer");
    assert_row(work, "nms_iou", "0.45", "one object");
    (void)build(work, "1,3,64,96", "1,7,4,6");
    assert_works(work, "{}");
    assert_row(work, "adapter", "fastestdet", "a map of stride 16");
    assert_row(work, "resize", "squash", "usual for fastestdet");
    assert_null(find_row(work, "pad_place"));
}

static void what_detectors_have_is_not_said_of_classifiers(void **state)
{
    struct work *work = *state;
    (void)build(work, "1,3,32,32", "1,10");
    assert_works(work, "{}");
    assert_row(work, "adapter", "classifier", "one score per class");
    assert_null(find_row(work, "candidate_floor"));
    assert_null(find_row(work, "score_threshold"));
    assert_null(find_row(work, "nms_iou"));
}

static void the_graph_and_the_files_note_come_before_the_convention(void **state)
{
    struct work *work = *state;
    onnx_builder_property(build(work, "1,3,416,416", "1,3549,8"), "preprocess", "RGB,x/255,letterbox");
    assert_works(work, "{}");
    assert_row(work, "color", "rgb", "metadata (preprocess)");
    assert_row(work, "scale", "0.00392156862745098", "metadata (preprocess)");
    assert_row(work, "resize", "letterbox", "metadata (preprocess)");
    release_graph(work);
    onnx_builder_start(&work->builder);
    onnx_builder_input(&work->builder, "image", 1, "1,3,416,416");
    onnx_builder_float(&work->builder, "mean", 0.485f);
    onnx_builder_node(&work->builder, "Sub", "image,mean", "boxes");
    onnx_builder_output(&work->builder, "boxes", 1, "1,3549,8");
    assert_works(work, "{}");
    assert_row(work, "scale", "0.00392156862745098", "the graph starts with Sub");
    assert_row(work, "color", "bgr", "usual for yolox");
}

static void what_is_given_is_not_overruled(void **state)
{
    struct work *work = *state;
    (void)build(work, "1,3,416,416", "1,3549,8");
    assert_works(work,
                 "{\"color\":\"rgb\",\"resize\":\"squash\",\"score_threshold\":0.5,\"embedding\":\"none\"}");
    assert_row(work, "color", "rgb", "given");
    assert_row(work, "resize", "squash", "given");
    assert_row(work, "score_threshold", "0.5", "given");
    assert_null(find_row(work, "pad_place"));
    assert_true(work->card.score_threshold == 0.5);
}

/* ---- which outputs ---- */

static void an_adapter_and_outputs_that_are_given_need_no_recognition(void **state)
{
    struct work *work = *state;
    (void)build(work, "1,3,416,416", "1,N,M");
    assert_refused(work, "{\"adapter\":\"yolox\"}", "adapter yolox does not know these outputs");
    (void)build(work, "1,3,416,416", "1,N,M");
    assert_works(work, "{\"adapter\":\"yolox\",\"outputs\":[\"boxes\"]}");
    assert_row(work, "adapter", "yolox", "given");
    assert_row(work, "model_type", "object_detection", "yolox");
}

static void only_the_outputs_that_are_given_are_looked_at(void **state)
{
    struct work *work = *state;
    onnx_builder_output(build(work, "1,3,416,416", "1,3549,8"), "other", 1, "1,7,7,7,7");
    assert_works(work, "{\"outputs\":[\"boxes\"]}");
    assert_row(work, "adapter", "yolox", "3549");
    onnx_builder_output(build(work, "1,3,416,416", "1,3549,8"), "other", 1, "1,7,7,7,7");
    assert_refused(work, "{\"outputs\":[\"other\"]}", "no adapter knows these outputs");
    (void)build(work, "1,3,416,416", "1,3549,8");
    assert_refused(work, "{\"outputs\":[\"nothing\"]}", "no output 'nothing', only 'boxes'");
}

static void outputs_that_several_families_could_have_are_asked_about(void **state)
{
    struct work *work = *state;
    for (int is_given = 0; is_given <= 1; is_given++) {
        struct onnx_builder *builder = build(work, "1,3,416,416", "1,Q,4");
        onnx_builder_output(builder, "logits", 1, "1,Q,7");
        onnx_builder_output(builder, "scores", 1, "1,10");
        if (!is_given) {
            assert_refused(work, "{}",
                           "set adapter to one of classifier, rt_detr: 'boxes' float32 [1, ?, 4]");
            continue;
        }
        assert_works(work, "{\"adapter\":\"rt_detr\"}");
        assert_row(work, "outputs", "logits, boxes", "queries");
    }
}

static void a_model_type_that_is_given_leaves_only_its_adapters(void **state)
{
    struct work *work = *state;
    (void)build(work, "1,3,416,416", "1,3549,8");
    assert_refused(work, "{\"model_type\":\"image_classification\"}",
                   "no adapter for image_classification knows these outputs");
}

/* ---- Ultralytics' metadata ---- */

static struct onnx_builder *build_ultralytics(struct work *work, const char *input, const char *output,
                                              const char *task)
{
    struct onnx_builder *builder = build(work, input, output);
    onnx_builder_property(builder, "author", "Ultralytics");
    onnx_builder_property(builder, "task", task);
    onnx_builder_property(builder, "stride", "32");
    return builder;
}

static void ultralytics_classifiers_tell_size_and_pixels(void **state)
{
    struct work *work = *state;
    onnx_builder_property(build_ultralytics(work, "N,3,H,W", "N,10", "classify"), "imgsz", "[192, 224]");
    assert_works(work, "{}");
    assert_row(work, "width", "224", "metadata (Ultralytics)");
    assert_row(work, "height", "192", "metadata (Ultralytics)");
    assert_row(work, "color", "rgb", "metadata (Ultralytics)");
    assert_row(work, "scale", "0.00392156862745098", "metadata (Ultralytics)");
    assert_row(work, "mean", "0", "metadata (Ultralytics)");
    assert_row(work, "resize", "center_crop", "metadata (Ultralytics)");
    assert_row(work, "crop_fraction", "1", "metadata (Ultralytics)");
}

static void an_open_size_must_fit_the_stride_in_the_metadata(void **state)
{
    struct work *work = *state;
    (void)build_ultralytics(work, "N,3,H,W", "N,10", "classify");
    assert_refused(work, "{}", "its size is open; set width and height");
    (void)build_ultralytics(work, "N,3,H,W", "N,10", "classify");
    assert_refused(work, "{\"width\":100,\"height\":64}", "width 100 and height 64 must be multiples of 32");
    (void)build_ultralytics(work, "N,3,H,W", "N,10", "classify");
    assert_works(work, "{\"width\":96,\"height\":64}");
}

static void the_task_in_the_metadata_is_believed(void **state)
{
    static const char *const others[] = {"segment", "pose", "obb"};
    struct work *work = *state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        char words[64];
        (void)snprintf(words, sizeof(words), "its task is '%s'", others[i]);
        (void)build_ultralytics(work, "1,3,416,416", "1,3549,8", others[i]);
        assert_refused(work, "{}", words);
    }
    (void)build_ultralytics(work, "1,3,416,416", "1,10", "detect");
    assert_refused(work, "{}", "no adapter knows these outputs");
    (void)build_ultralytics(work, "1,3,416,416", "1,10", "something else");
    assert_works(work, "{}");
}

static void imgsz_is_a_number_or_a_pair_within_reason(void **state)
{
    static const struct {
        const char *text, *width, *height; /* NULL: not believed */
    } rows[] = {
        {"640", "640", "640"},  {"[32, 64]", "64", "32"},   {"[32,64]", "64", "32"},
        {"[]", NULL, NULL},     {"[32, x]", NULL, NULL},    {"[0, 64]", NULL, NULL},
        {"[4128]", NULL, NULL}, {"[4096]", "4096", "4096"},
    };
    struct work *work = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        onnx_builder_property(build_ultralytics(work, "N,3,H,W", "N,10", "classify"), "imgsz", rows[i].text);
        if (!rows[i].width) {
            assert_refused(work, "{}", "its size is open");
            continue;
        }
        assert_works(work, "{}");
        assert_row(work, "width", rows[i].width, "Ultralytics");
        assert_row(work, "height", rows[i].height, "Ultralytics");
    }
}

/* ---- labels of models that do not tell how many classes they have ---- */

static void names_of_any_number_come_from_a_list_in_the_metadata(void **state)
{
    static const struct {
        const char *text;
        size_t count;
    } rows[] = {
        {"{0: 'cat', 1: 'dog'}", 2}, {"['cat', 'dog', 'cow']", 3},   {"{0: 'cat', 2: 'dog'}", 0},
        {"cat, dog, cow", 0},        {"{0: 'cat', 100000: 'x'}", 0}, {"[]", 0},
    };
    struct work *work = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        onnx_builder_property(build(work, "1,3,416,416", "1,3549,8"), "names", rows[i].text);
        assert_works(work, "{}");
        assert_true(guess_labels_before(&work->guess, &work->err));
        assert_int_equal(work->card.labels.count, rows[i].count);
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_family_brings_what_it_is_usually_fed),
        CASE(what_detectors_have_is_not_said_of_classifiers),
        CASE(the_graph_and_the_files_note_come_before_the_convention),
        CASE(what_is_given_is_not_overruled),
        CASE(an_adapter_and_outputs_that_are_given_need_no_recognition),
        CASE(only_the_outputs_that_are_given_are_looked_at),
        CASE(outputs_that_several_families_could_have_are_asked_about),
        CASE(a_model_type_that_is_given_leaves_only_its_adapters),
        CASE(ultralytics_classifiers_tell_size_and_pixels),
        CASE(an_open_size_must_fit_the_stride_in_the_metadata),
        CASE(the_task_in_the_metadata_is_believed),
        CASE(imgsz_is_a_number_or_a_pair_within_reason),
        CASE(names_of_any_number_come_from_a_list_in_the_metadata),
    };
    return cmocka_run_group_tests_name("guess detector", tests, NULL, NULL);
}
