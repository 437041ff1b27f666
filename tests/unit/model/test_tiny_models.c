/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Models made by tests/models/make_models.py on ONNX Runtime: each odd one is refused with its reason, the
 * others give what they must. Skipped where python3-onnx or ONNX Runtime is missing.
 */
#include "test.h"

#include "base/workers.h"
#include "model_fixture.h"

#include <math.h>

enum { CLASSES = 4, POOLED = 6, SIDE = 8, THREADS = 4, PICTURES = 16 };

/* A request for a model of the folder; skips the test when there is none. */
static struct model_import request_of(struct fixture *fixture, const char *name)
{
    const char *folder = getenv("TROMMEL_TINY_MODELS");
    if (!folder) {
        print_message("# skipped: no python3-onnx to make the models with\n");
        skip();
    }
    return (struct model_import){.project_id = "0",
                                 .onnx_path = arena_printf(fixture->arena, "%s/%s.onnx", folder, name)};
}

static void import_tiny(struct fixture *fixture, const char *name)
{
    struct model_import request = request_of(fixture, name);
    assert_imported_or_skip(fixture, &request);
}

static struct model_runner *open_runner(struct fixture *fixture)
{
    struct model_runner *runner = NULL;
    if (!model_runner_open(fixture->store, &fixture->model, &runner, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return runner;
}

struct answer {
    float logits[CLASSES], embedding[POOLED];
    double scores[CLASSES];
};

static void ask(struct fixture *fixture, const struct model_runner *runner, const struct image *image,
                struct answer *ret)
{
    AUTO(model_scratch) scratch = NULL;
    struct prediction prediction = {0};
    if (!model_scratch_new(runner, &scratch, &fixture->err) ||
        !model_predict(runner, scratch, image, &prediction, &fixture->err))
        fail_msg("%s", fixture->err.message);
    assert_int_equal(prediction.classes, CLASSES);
    if (prediction.logits)
        memcpy(ret->logits, prediction.logits, sizeof(ret->logits));
    prediction_scores(&prediction, ret->scores);
    if (prediction.embedding)
        memcpy(ret->embedding, prediction.embedding, sizeof(ret->embedding));
}

/* The answer of one of the models to a picture of its own size. */
static struct answer answer_of(struct fixture *fixture, const char *name, uint32_t picture)
{
    struct image image = {0};
    struct answer answer = {0};
    import_tiny(fixture, name);
    AUTO(model_runner) runner = open_runner(fixture);
    make_picture(&image, SIDE, SIDE, picture);
    ask(fixture, runner, &image, &answer);
    image_release(&image);
    return answer;
}

static void the_plain_case_needs_no_flag(void **state)
{
    struct fixture *fixture = *state;
    import_tiny(fixture, "tiny_logits");
    assert_guessed(fixture, "embedding", "pooled", "last Gemm");
    assert_guessed(fixture, "output_kind", "logits", "Gemm");
    assert_guessed(fixture, "layout", "nchw", "float32 [N, 3, 8, 8]");
    AUTO(model_runner) runner = open_runner(fixture);
    assert_int_equal(model_runner_shape(runner).embedding_length, POOLED);
    assert_int_equal(model_runner_shape(runner).classes, CLASSES);
    struct answer one = answer_of(fixture, "tiny_logits", 1), two = answer_of(fixture, "tiny_logits", 2);
    assert_memory_not_equal(one.logits, two.logits, sizeof(one.logits));
    assert_memory_not_equal(one.embedding, two.embedding, sizeof(one.embedding));
}

static void other_layouts_and_batches_give_the_same_numbers(void **state)
{
    static const char *const names[] = {"tiny_nhwc", "tiny_fixed_batch"};
    struct fixture *fixture = *state;
    for (uint32_t picture = 0; picture < 3; picture++) {
        struct answer wanted = answer_of(fixture, "tiny_logits", picture);
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            struct answer got = answer_of(fixture, names[i], picture);
            for (int c = 0; c < CLASSES; c++)
                assert_true(fabsf(got.logits[c] - wanted.logits[c]) <= 1e-5f);
            for (int e = 0; e < POOLED; e++)
                assert_true(fabsf(got.embedding[e] - wanted.embedding[e]) <= 1e-5f);
        }
    }
}

static void pixels_of_8_bits_go_in_as_they_are(void **state)
{
    struct fixture *fixture = *state;
    struct answer wanted = answer_of(fixture, "tiny_logits", 5), got = answer_of(fixture, "tiny_uint8", 5);
    assert_guessed(fixture, "scale", "1", "8-bit");
    for (int c = 0; c < CLASSES; c++)
        assert_true(fabsf(got.logits[c] - wanted.logits[c]) <= 1e-5f);
}

static void probabilities_and_sigmoids_are_known_by_their_last_operator(void **state)
{
    struct fixture *fixture = *state;
    struct answer logits = answer_of(fixture, "tiny_logits", 3);
    struct answer softmax = answer_of(fixture, "tiny_probabilities", 3);
    assert_guessed(fixture, "output_kind", "probabilities", "Softmax");
    struct answer sigmoid = answer_of(fixture, "tiny_sigmoid", 3);
    assert_guessed(fixture, "output_kind", "sigmoid_probabilities", "Sigmoid");
    for (int c = 0; c < CLASSES; c++) {
        assert_true(fabs(softmax.scores[c] - logits.scores[c]) < 1e-6);
        double wanted = 1 / (1 + exp(-(double)logits.logits[c]));
        assert_true(fabs(sigmoid.scores[c] - wanted) < 1e-6);
    }
}

static void many_classes_are_kept(void **state)
{
    struct fixture *fixture = *state;
    import_tiny(fixture, "huge_class_count");
    AUTO(model_runner) runner = open_runner(fixture);
    assert_int_equal(model_runner_shape(runner).classes, 1500);
    assert_string_equal(model_runner_card(runner)->labels.items[1499], "class_1499");
}

static void what_cannot_be_run_is_refused_with_its_reason(void **state)
{
    static const struct {
        const char *name, *words;
    } rows[] = {
        {"two_inputs", "takes 2 inputs (input, extra)"},
        {"no_image_input", "input 'input' is float32 [N, 10]: not an image"},
        {"wrong_opset_op", "OperatorThatNoOpsetHas"},
        {"nan_logits", "the warm-up inference failed: output 'logits' holds NaN"},
        {"dynamic_size", "its size is open; set width and height"},
        {"truncated", "it is not an ONNX file, or a damaged one: it ends early"},
        {"text", "it is not an ONNX file"},
    };
    struct fixture *fixture = *state;
    import_tiny(fixture, "tiny_logits"); /* else all would be refused for want of an engine */
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct model_import request = request_of(fixture, rows[i].name);
        assert_false(import_model(fixture, &request));
        assert_says(&fixture->err, rows[i].words);
        assert_says(&fixture->err, rows[i].name);
        assert_int_equal(fixture->err.detail, DETAIL_MODEL_UNUSABLE);
        assert_int_equal(fixture->err.code, ERR_INVALID);
    }
}

static void an_open_size_can_be_set(void **state)
{
    struct fixture *fixture = *state;
    struct model_import request = request_of(fixture, "dynamic_size");
    static const char flags[] = "{\"width\": 8, \"height\": 8}";
    AUTO_JSON doc = yyjson_read(flags, sizeof(flags) - 1, 0);
    request.card_overrides = yyjson_doc_get_root(doc);
    assert_imported_or_skip(fixture, &request);
    assert_guessed(fixture, "width", "8", "given");
}

static void a_model_that_fails_on_one_image_says_so_for_that_image(void **state)
{
    struct fixture *fixture = *state;
    struct image image = {0};
    struct prediction prediction;
    import_tiny(fixture, "nan_on_bright");
    AUTO(model_runner) runner = open_runner(fixture);
    AUTO(model_scratch) scratch = NULL;
    assert_true(model_scratch_new(runner, &scratch, &fixture->err));
    assert_true(image_resize_buffer(&image, SIDE, SIDE, &fixture->err));
    for (int round = 0; round < 2; round++) {
        memset(image.pixels, 250, (size_t)SIDE * SIDE * 3);
        assert_false(model_predict(runner, scratch, &image, &prediction, &fixture->err));
        assert_int_equal(fixture->err.code, ERR_INVALID);
        assert_says(&fixture->err, "output 'logits' holds NaN");
        memset(image.pixels, 50, (size_t)SIDE * SIDE * 3);
        assert_true(model_predict(runner, scratch, &image, &prediction, &fixture->err));
    }
    image_release(&image);
}

/* Bit for bit, which floats compared as numbers would not be. */
static bool is_same(const void *a, const void *b, size_t bytes)
{
    return memcmp(a, b, bytes) == 0;
}

struct shared {
    const struct model_runner *runner;
    struct image pictures[PICTURES];
    struct answer wanted[PICTURES];
};

static bool predict_all(void *state, uint32_t index, struct error *err)
{
    const struct shared *shared = state;
    AUTO(model_scratch) scratch = NULL;
    if (!model_scratch_new(shared->runner, &scratch, err))
        return false;
    for (uint32_t i = 0; i < PICTURES * 4; i++) {
        uint32_t picture = (i * (2 * index + 1) + index) % PICTURES;
        struct prediction prediction;
        if (!model_predict(shared->runner, scratch, &shared->pictures[picture], &prediction, err))
            return false;
        const struct answer *wanted = &shared->wanted[picture];
        if (!is_same(prediction.logits, wanted->logits, sizeof(wanted->logits)) ||
            !is_same(prediction.embedding, wanted->embedding, sizeof(wanted->embedding)))
            return error_set(err, ERR_FAILED, "thread %u, picture %u: another result", index, picture);
    }
    return true;
}

static void threads_get_the_bytes_that_one_thread_gets(void **state)
{
    static struct shared shared;
    struct fixture *fixture = *state;
    shared = (struct shared){0};
    import_tiny(fixture, "tiny_logits");
    AUTO(model_runner) runner = open_runner(fixture);
    shared.runner = runner;
    for (uint32_t i = 0; i < PICTURES; i++) {
        make_picture(&shared.pictures[i], 20 + i, 30 - i, i);
        ask(fixture, runner, &shared.pictures[i], &shared.wanted[i]);
    }
    bool is_equal = workers_run(THREADS, predict_all, &shared, &fixture->err);
    for (uint32_t i = 0; i < PICTURES; i++)
        image_release(&shared.pictures[i]);
    if (!is_equal)
        fail_msg("%s", fixture->err.message);
}

static void without_the_engine_the_import_says_what_to_install(void **state)
{
    struct fixture *fixture = *state;
    struct model_import request = request_of(fixture, "tiny_logits");
    assert_int_equal(setenv("TROMMEL_ONNXRUNTIME", "/nonexistent/libonnxruntime.so", 1), 0);
    bool is_imported = import_model(fixture, &request);
    assert_int_equal(unsetenv("TROMMEL_ONNXRUNTIME"), 0);
    assert_false(is_imported);
    assert_int_equal(fixture->err.code, ERR_FAILED);
    assert_int_equal(fixture->err.detail, DETAIL_NONE);
    assert_says(&fixture->err, "cannot load ONNX Runtime");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(the_plain_case_needs_no_flag),
        CASE(other_layouts_and_batches_give_the_same_numbers),
        CASE(pixels_of_8_bits_go_in_as_they_are),
        CASE(probabilities_and_sigmoids_are_known_by_their_last_operator),
        CASE(many_classes_are_kept),
        CASE(what_cannot_be_run_is_refused_with_its_reason),
        CASE(an_open_size_can_be_set),
        CASE(a_model_that_fails_on_one_image_says_so_for_that_image),
        CASE(threads_get_the_bytes_that_one_thread_gets),
        CASE(without_the_engine_the_import_says_what_to_install),
    };
    return cmocka_run_group_tests_name("tiny models", tests, NULL, NULL);
}
