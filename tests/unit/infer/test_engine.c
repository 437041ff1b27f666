/* SPDX-License-Identifier: Apache-2.0 */
/* The engine contract: every test runs on the fake engine and, when it is installed, on ONNX Runtime. */
#include "test.h"

#include "base/workers.h"
#include "engine_fake.h"
#include "infer/onnx_file.h"
#include "onnx_builder.h"
#include "temp_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { CHANNELS = 3, SIDE = 2, ELEMENTS = CHANNELS * SIDE * SIDE, THREADS = 4, ROUNDS = 50 };

struct fixture {
    const struct engine_backend *backend;
    struct onnx_builder builder;
    struct bytes file;
};

/* input [N,3,2,2] -> pooled [N,3,1,1] -> scores [N,3]: no weights, so that every engine can run it. */
static void build(struct onnx_builder *builder)
{
    onnx_builder_start(builder);
    onnx_builder_input(builder, "input", 1, "N,3,2,2");
    onnx_builder_output(builder, "scores", 1, "N,3");
    onnx_builder_node(builder, "GlobalAveragePool", "input", "pooled");
    onnx_builder_node(builder, "Flatten", "pooled", "scores");
}

static int set_up(void **state, const struct engine_backend *backend)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    fixture->backend = backend;
    build(&fixture->builder);
    fixture->file = onnx_builder_finish(&fixture->builder);
    *state = fixture;
    return 0;
}

static int set_up_fake(void **state)
{
    return set_up(state, &engine_fake);
}

static int set_up_onnxruntime(void **state)
{
    return set_up(state, &engine_onnxruntime);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    onnx_builder_release(&fixture->builder);
    free(fixture);
    return 0;
}

/* Skips the test where the engine is not installed. */
static struct engine_model *open_or_skip(struct fixture *fixture, struct bytes file)
{
    struct engine_model *model = NULL;
    struct error err = {0};
    if (engine_open(fixture->backend, file, &model, &err))
        return model;
    if (err.code == ERR_FAILED && strstr(err.message, "not installed")) {
        print_message("# skipped: %s\n", err.message);
        skip();
    }
    fail_msg("%s", err.message);
    return NULL;
}

static struct engine_call *start(const struct engine_model *model, const char *const *outputs, size_t count)
{
    const struct engine_request request = {.input = "input",
                                           .input_type = {ELEMENT_FLOAT32, 4, {1, CHANNELS, SIDE, SIDE}},
                                           .outputs = outputs,
                                           .output_count = count};
    struct engine_call *call = NULL;
    struct error err = {0};
    if (!engine_call_new(model, &request, &call, &err))
        fail_msg("%s", err.message);
    return call;
}

static void fill(struct engine_call *call, float first)
{
    float *to = call->input_tensor.data;
    for (int i = 0; i < ELEMENTS; i++)
        to[i] = first + (float)i * 0.37f;
}

static void the_ports_are_those_of_the_file(void **state)
{
    AUTO(engine_model) model = open_or_skip(*state, ((struct fixture *)*state)->file);
    char text[TENSOR_TEXT_BYTES];
    assert_int_equal(model->input_count, 1);
    assert_int_equal(model->output_count, 1);
    assert_string_equal(model->inputs[0].name, "input");
    assert_string_equal(tensor_type_text(&model->inputs[0].type, text), "float32 [N, 3, 2, 2]");
    assert_string_equal(tensor_type_text(&model->outputs[0].type, text), "float32 [N, 3]");
    assert_ptr_equal(engine_find_output(model, "scores"), &model->outputs[0]);
    assert_null(engine_find_output(model, "input"));
    assert_null(engine_find_input(model, "scores"));
}

static void the_same_input_gives_the_same_bytes(void **state)
{
    static const char *const outputs[] = {"scores"};
    AUTO(engine_model) model = open_or_skip(*state, ((struct fixture *)*state)->file);
    AUTO(engine_call) call = start(model, outputs, 1);
    AUTO(engine_call) other = start(model, outputs, 1);
    struct error err = {0};
    float first[CHANNELS];
    assert_true(call->is_fixed[0]); /* its shape follows from the batch */
    fill(call, 1);
    assert_true(engine_run(call, &err));
    assert_int_equal(tensor_elements(&call->output_tensors[0].type), CHANNELS);
    memcpy(first, call->output_tensors[0].data, sizeof(first));
    fill(call, 2);
    assert_true(engine_run(call, &err));
    assert_memory_not_equal(call->output_tensors[0].data, first, sizeof(first));
    fill(other, 1);
    assert_true(engine_run(other, &err));
    assert_memory_equal(other->output_tensors[0].data, first, sizeof(first));
}

static void a_tapped_tensor_is_given_too(void **state)
{
    struct fixture *fixture = *state;
    static const char *const outputs[] = {"scores", "pooled"};
    AUTO(arena) arena = arena_new(ONNX_ARENA_BYTES);
    AUTO_BUFFER(bytes, ONNX_BUILDER_MAX_BYTES);
    struct onnx_file file;
    struct error err = {0};
    assert_true(onnx_file_read(fixture->file, arena, &file, &err));
    (void)buffer_add(&bytes, fixture->file.data, fixture->file.size);
    assert_true(onnx_file_tap(&file, "pooled", &bytes, &err));
    AUTO(engine_model) model = open_or_skip(fixture, (struct bytes){bytes.data, bytes.size});
    AUTO(engine_call) call = start(model, outputs, 2);
    for (int round = 0; round < 3; round++) {
        fill(call, (float)round);
        assert_true(engine_run(call, &err));
        assert_int_equal(call->output_tensors[1].type.element, ELEMENT_FLOAT32);
        assert_true(tensor_elements(&call->output_tensors[1].type) >= CHANNELS);
    }
    if (fixture->backend == &engine_onnxruntime)
        assert_memory_equal(call->output_tensors[0].data, call->output_tensors[1].data,
                            sizeof(float) * CHANNELS);
}

static void what_is_not_there_cannot_be_asked_for(void **state)
{
    AUTO(engine_model) model = open_or_skip(*state, ((struct fixture *)*state)->file);
    static const char *const outputs[] = {"nothing"};
    struct engine_request request = {.input = "input",
                                     .input_type = {ELEMENT_FLOAT32, 4, {1, CHANNELS, SIDE, SIDE}},
                                     .outputs = outputs,
                                     .output_count = 1};
    struct engine_call *call = NULL;
    struct error err = {0};
    assert_false(engine_call_new(model, &request, &call, &err));
    assert_non_null(strstr(err.message, "no output 'nothing'"));
    request.input = "nothing";
    assert_false(engine_call_new(model, &request, &call, &err));
    assert_non_null(strstr(err.message, "no input 'nothing'"));
    request = (struct engine_request){.input = "input", .input_type = {ELEMENT_FLOAT32, 1, {0}}};
    assert_false(engine_call_new(model, &request, &call, &err));
    assert_int_equal(err.code, ERR_LIMIT);
}

static void what_is_no_model_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct engine_model *model = open_or_skip(fixture, fixture->file);
    (void)engine_model_free(model);
    static const char text[] = "This is not a model.";
    const struct bytes parts[] = {
        {text, sizeof(text)}, {fixture->file.data, fixture->file.size / 2}, {text, 0}};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        struct error err = {0};
        assert_false(engine_open(fixture->backend, parts[i], &model, &err));
        assert_int_equal(err.code, ERR_INVALID);
        assert_true(strlen(err.message) > 0);
        assert_null(strchr(err.message, '\n'));
    }
}

/* Bit for bit, which floats compared as numbers would not be. */
static bool is_same(const void *a, const void *b, size_t bytes)
{
    return memcmp(a, b, bytes) == 0;
}

struct shared {
    const struct engine_model *model;
    float wanted[ROUNDS][CHANNELS];
};

static bool run_rounds(void *state, uint32_t index, struct error *err)
{
    struct shared *shared = state;
    static const char *const outputs[] = {"scores"};
    const struct engine_request request = {.input = "input",
                                           .input_type = {ELEMENT_FLOAT32, 4, {1, CHANNELS, SIDE, SIDE}},
                                           .outputs = outputs,
                                           .output_count = 1};
    AUTO(engine_call) call = NULL;
    if (!engine_call_new(shared->model, &request, &call, err))
        return false;
    for (int round = 0; round < ROUNDS; round++) {
        fill(call, (float)round);
        if (!engine_run(call, err))
            return false;
        if (!is_same(call->output_tensors[0].data, shared->wanted[round], sizeof(shared->wanted[0])))
            return error_set(err, ERR_FAILED, "thread %u, round %d: another result", index, round);
    }
    return true;
}

static void threads_that_share_a_model_get_the_bytes_of_one_thread(void **state)
{
    static const char *const outputs[] = {"scores"};
    struct shared shared = {0};
    AUTO(engine_model) model = open_or_skip(*state, ((struct fixture *)*state)->file);
    shared.model = model;
    AUTO(engine_call) call = start(model, outputs, 1);
    struct error err = {0};
    for (int round = 0; round < ROUNDS; round++) {
        fill(call, (float)round);
        assert_true(engine_run(call, &err));
        memcpy(shared.wanted[round], call->output_tensors[0].data, sizeof(shared.wanted[0]));
    }
    if (!workers_run(THREADS, run_rounds, &shared, &err))
        fail_msg("%s", err.message);
}

/* ---- ONNX Runtime only ---- */

static void a_library_that_is_not_there_is_named_with_what_to_do(void **state)
{
    struct fixture *fixture = *state;
    struct engine_model *model = NULL;
    struct error err = {0};
    assert_int_equal(setenv("TROMMEL_ONNXRUNTIME", "/nonexistent/libonnxruntime.so", 1), 0);
    assert_false(engine_open(fixture->backend, fixture->file, &model, &err));
    assert_int_equal(err.code, ERR_FAILED);
    assert_non_null(strstr(err.message, "/nonexistent/libonnxruntime.so"));
    assert_non_null(strstr(err.message, "unset it"));
    assert_int_equal(setenv("TROMMEL_ONNXRUNTIME", "/dev/null", 1), 0);
    assert_false(engine_open(fixture->backend, fixture->file, &model, &err));
    assert_int_equal(err.code, ERR_FAILED);
    assert_int_equal(unsetenv("TROMMEL_ONNXRUNTIME"), 0);
}

static void another_library_is_not_taken_for_it(void **state)
{
    struct fixture *fixture = *state;
    struct engine_model *model = NULL;
    struct error err = {0};
    assert_int_equal(setenv("TROMMEL_ONNXRUNTIME", "libm.so.6", 1), 0);
    assert_false(engine_open(fixture->backend, fixture->file, &model, &err));
    assert_non_null(strstr(err.message, "OrtGetApiBase"));
    assert_int_equal(unsetenv("TROMMEL_ONNXRUNTIME"), 0);
}

/* Nothing may be said on the side: what fails is told to the caller. */
static void nothing_is_written_to_stderr(void **state)
{
    struct fixture *fixture = *state;
    char path[] = "/tmp/trommel-stderr-XXXXXX";
    int capture = mkstemp(path), saved = dup(STDERR_FILENO);
    assert_true(capture >= 0 && saved >= 0);
    (void)unlink(path);
    (void)dup2(capture, STDERR_FILENO);
    struct engine_model *model = NULL;
    struct error err = {0};
    bool is_open = engine_open(fixture->backend, fixture->file, &model, &err);
    (void)engine_model_free(model);
    model = NULL;
    bool is_half_open = engine_open(fixture->backend,
                                    (struct bytes){fixture->file.data, fixture->file.size / 2}, &model, &err);
    (void)dup2(saved, STDERR_FILENO);
    (void)close(saved);
    off_t written = lseek(capture, 0, SEEK_END);
    (void)close(capture);
    if (!is_open)
        skip();
    assert_false(is_half_open);
    assert_int_equal(written, 0);
}

static int count_entries(const char *folder)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, NULL, NULL);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return count - 2; /* . and .. */
}

/* Microsoft's builds start a thread and a database of usage data unless they are told not to. Runs first: it
 * looks at what the first load of the library leaves behind. */
static void nothing_is_collected_or_sent_home(void **state)
{
    struct fixture *fixture = *state;
    char folder[TEMP_PATH_BYTES], log[TEMP_PATH_BYTES];
    temp_folder_make(folder);
    assert_int_equal(setenv("HOME", folder, 1) || setenv("XDG_CACHE_HOME", folder, 1), 0);
    (void)snprintf(log, sizeof(log), "/tmp/mat-debug-%d.log", (int)getpid());
    (void)unlink(log); /* of an older process with the same number */
    int threads = count_entries("/proc/self/task");
    struct engine_model *model = open_or_skip(fixture, fixture->file);
    (void)engine_model_free(model);
    assert_int_equal(count_entries("/proc/self/task"), threads);
    assert_int_equal(count_entries(folder), 0);
    assert_int_not_equal(access(log, F_OK), 0);
    temp_folder_remove(folder);
}

int main(void)
{
#define FAKE(name) cmocka_unit_test_setup_teardown(name, set_up_fake, tear_down)
#define REAL(name)                                                                                           \
    {                                                                                                        \
        "onnxruntime: " #name, name, set_up_onnxruntime, tear_down, NULL                                     \
    }
    const struct CMUnitTest fake_tests[] = {
        FAKE(the_ports_are_those_of_the_file), FAKE(the_same_input_gives_the_same_bytes),
        FAKE(a_tapped_tensor_is_given_too),    FAKE(what_is_not_there_cannot_be_asked_for),
        FAKE(what_is_no_model_is_refused),     FAKE(threads_that_share_a_model_get_the_bytes_of_one_thread),
    };
    const struct CMUnitTest real_tests[] = {
        REAL(nothing_is_collected_or_sent_home),
        REAL(nothing_is_written_to_stderr),
        REAL(the_ports_are_those_of_the_file),
        REAL(the_same_input_gives_the_same_bytes),
        REAL(a_tapped_tensor_is_given_too),
        REAL(what_is_not_there_cannot_be_asked_for),
        REAL(what_is_no_model_is_refused),
        REAL(threads_that_share_a_model_get_the_bytes_of_one_thread),
        REAL(a_library_that_is_not_there_is_named_with_what_to_do),
        REAL(another_library_is_not_taken_for_it),
    };
#ifdef WITH_ONNXRUNTIME
    (void)fake_tests;
    return cmocka_run_group_tests_name("engine onnxruntime", real_tests, NULL, NULL);
#else
    (void)real_tests;
    return cmocka_run_group_tests_name("engine fake", fake_tests, NULL, NULL);
#endif
}
