/* SPDX-License-Identifier: Apache-2.0 */
/* Register and runner, on the fake engine: what stands on an engine must hold whichever it is. */
#include "test.h"

#include "base/text.h"
#include "base/workers.h"
#include "engine_fake.h"
#include "model_fixture.h"
#include "onnx_builder.h"

enum { THREADS = 4, PICTURES = 24, CLASSES = 4 };

/* A classifier's file and a request for it. */
static struct model_import plain(struct fixture *fixture)
{
    struct onnx_builder builder = {0};
    onnx_builder_classifier(&builder);
    const char *path = write_file(fixture, "tiny.onnx", onnx_builder_finish(&builder));
    onnx_builder_release(&builder);
    return (struct model_import){.project_id = "0", .onnx_path = path, .engine = &engine_fake};
}

static struct model_runner *open_runner(struct fixture *fixture)
{
    struct model_runner *runner = NULL;
    if (!model_runner_open_with(&engine_fake, fixture->store, &fixture->model, &runner, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return runner;
}

/* ---- importing ---- */

static void an_import_keeps_the_file_as_it_was_and_a_complete_card(void **state)
{
    struct fixture *fixture = *state;
    struct model_import request = plain(fixture);
    struct model_card card;
    AUTO_BUFFER(stored, 1U << 20);
    assert_imported(fixture, &request);
    const struct model *model = &fixture->model;
    assert_string_equal(model->name, "tiny");
    assert_string_equal(model->version, "0.0.1");
    assert_string_equal(model->model_type, "image_classification");
    assert_true(model->created_ms > 0);
    assert_true(store_get(fixture->store, model->object_key, &stored, &fixture->err));
    struct onnx_builder builder = {0};
    onnx_builder_classifier(&builder);
    struct bytes wanted = onnx_builder_finish(&builder);
    assert_int_equal(stored.size, wanted.size);
    assert_memory_equal(stored.data, wanted.data, wanted.size);
    onnx_builder_release(&builder);
    assert_true(model_card_read(model, fixture->arena, &card, &fixture->err));
    assert_string_equal(card.input, "input");
    assert_string_equal(card.outputs.items[0], "logits");
    assert_string_equal(card.embedding, "pooled");
    assert_string_equal(card.layout, "nchw");
    assert_string_equal(card.adapter, "classifier");
    assert_string_equal(card.decode, "exact");
    assert_int_equal(card.width, 8);
    assert_int_equal(card.labels.count, CLASSES);
    assert_string_equal(card.labels.items[3], "class_3");
}

static void every_member_that_matters_is_answered_with_a_reason(void **state)
{
    static const char *const fields[] = {"input",       "layout",     "width",   "height", "color",
                                         "scale",       "mean",       "std",     "resize", "outputs",
                                         "output_kind", "model_type", "adapter", "labels", "embedding"};
    struct fixture *fixture = *state;
    struct model_import request = plain(fixture);
    assert_imported(fixture, &request);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const struct model_guess *guess = guess_of(fixture, fields[i]);
        assert_true(strlen(guess->value) > 0);
        assert_true(strlen(guess->why) > 10);
        assert_false(guess->is_given);
    }
}

static void versions_are_numbered_on(void **state)
{
    struct fixture *fixture = *state;
    struct model_import request = plain(fixture);
    assert_imported(fixture, &request);
    request.version = "0.0.9";
    assert_imported(fixture, &request);
    request.version = "summer";
    assert_imported(fixture, &request);
    request.version = NULL;
    assert_imported(fixture, &request);
    assert_string_equal(fixture->model.version, "0.0.10");
    request.name = "another";
    assert_imported(fixture, &request);
    assert_string_equal(fixture->model.version, "0.0.1");
}

static void a_version_exists_only_once(void **state)
{
    struct fixture *fixture = *state;
    struct model_import request = plain(fixture);
    request.version = "1";
    assert_imported(fixture, &request);
    assert_false(import_model(fixture, &request));
    assert_int_equal(fixture->err.detail, DETAIL_MODEL_EXISTS);
    assert_says(&fixture->err, "'tiny' has a version 1 already");
}

static void names_that_cannot_be_parts_of_a_path_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct model_import request = plain(fixture);
    static const char *const bad[] = {"", "a/b", "a@1", "a\nb", "\xff"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        request.name = bad[i];
        assert_false(import_model(fixture, &request));
        assert_string_equal(fixture->err.pointer, "/name");
    }
    request.name = NULL;
    request.version = "1/2";
    assert_false(import_model(fixture, &request));
    assert_string_equal(fixture->err.pointer, "/version");
}

static void labels_come_from_a_file_and_must_fit(void **state)
{
    struct fixture *fixture = *state;
    struct model_import request = plain(fixture);
    struct model_card card;
    request.labels_path = write_text(fixture, "labels.txt", "cat\r\ncrane\ncrane\ndog\n\n");
    assert_imported(fixture, &request);
    assert_true(model_card_read(&fixture->model, fixture->arena, &card, &fixture->err));
    assert_string_equal(card.labels.items[0], "cat");
    assert_string_equal(card.labels.items[1], "crane");
    assert_string_equal(card.labels.items[2], "crane (2)");
    assert_true(guess_of(fixture, "labels")->is_given);
    request.labels_path = write_text(fixture, "labels.txt", "cat\ncrane\ndog\n");
    assert_false(import_model(fixture, &request));
    assert_int_equal(fixture->err.detail, DETAIL_MODEL_UNUSABLE);
    assert_says(&fixture->err, "there are 3 labels, but output 'logits' has 4 classes");
    request.labels_path = write_text(fixture, "labels.txt", "cat\n\nmouse\ndog\n");
    assert_false(import_model(fixture, &request));
    assert_says(&fixture->err, "label 1");
    request.labels_path = "/nonexistent/labels.txt";
    assert_false(import_model(fixture, &request));
    assert_int_equal(fixture->err.code, ERR_NOT_FOUND);
}

static void what_is_shown_of_labels_is_text_even_where_it_is_cut(void **state)
{
    struct fixture *fixture = *state;
    struct model_import request = plain(fixture);
    AUTO_BUFFER(labels, 1U << 16);
    for (int i = 0; i < CLASSES; i++) {
        (void)buffer_printf(&labels, "%d", i);
        for (int n = 0; n < 60; n++)
            (void)buffer_add_text(&labels, "ż");
        (void)buffer_add_text(&labels, "\n");
    }
    request.labels_path = write_text(fixture, "labels.txt", labels.data);
    assert_imported(fixture, &request);
    const struct model_guess *guess = guess_of(fixture, "labels");
    assert_true(text_is_utf8(guess->value, strlen(guess->value)));
    assert_non_null(strstr(guess->value, "ż…, 1ż"));
    assert_non_null(strstr(guess->value, "… 4 in all"));
}

static bool import_with_flags(struct fixture *fixture, struct model_import *request, const char *json)
{
    AUTO_JSON doc = NULL;
    struct error err = {0};
    if (!json_parse((struct bytes){json, strlen(json)}, "flags", &doc, &err))
        fail_msg("%s", err.message);
    request->card_overrides = yyjson_doc_get_root(doc);
    bool is_done = import_model(fixture, request);
    request->card_overrides = NULL;
    return is_done;
}

static void flags_win_over_the_card_and_the_card_over_guesses(void **state)
{
    struct fixture *fixture = *state;
    struct model_import request = plain(fixture);
    struct model_card card;
    (void)write_text(fixture, "model.json",
                     "{\"color\": \"bgr\", \"resize\": \"letterbox\", \"mean\": [1, 2.5, 3], \"std\": [4]}");
    assert_true(import_with_flags(fixture, &request, "{\"resize\": \"squash\", \"embedding\": \"none\"}"));
    assert_true(model_card_read(&fixture->model, fixture->arena, &card, &fixture->err));
    assert_string_equal(card.resize, "squash");
    assert_string_equal(card.color, "bgr");
    assert_string_equal(card.mean.items[1], "2.5");
    assert_guessed(fixture, "resize", "squash", "given");
    assert_guessed(fixture, "color", "bgr", "model.json");
    assert_guessed(fixture, "scale", "0.00392156862745098", "goes with the numbers given");
    AUTO(model_runner) runner = open_runner(fixture);
    assert_int_equal(model_runner_shape(runner).embedding_length, 0);
}

static void what_does_not_fit_the_graph_is_refused_by_name(void **state)
{
    static const struct {
        const char *flags, *words;
    } rows[] = {
        {"{\"input\": \"picture\"}", "no input 'picture', only 'input'"},
        {"{\"outputs\": [\"scores\"]}", "no output 'scores', only 'logits'"},
        {"{\"embedding\": \"features\"}", "no node of the graph gives a tensor 'features'"},
        {"{\"width\": 9}",
         "takes float32 [N, 3, 8, 8], but layout, width, height and color give float32 [1, 3, 8, 9]"},
        {"{\"color\": \"gray\"}", "but layout, width, height and color give float32 [1, 1, 8, 8]"},
        {"{\"mean\": [1, 2]}", "mean has 2 numbers"},
        {"{\"std\": [0]}", "std not 0"},
        {"{\"model_type\": \"object_detection\"}", "no adapter for object_detection knows these outputs"},
        {"{\"labels\": [\"a\"]}", "1 labels, but output 'logits' has 4 classes"},
        {"{\"output_kind\": \"probabilities\"}", "no probability; set output_kind to logits"},
    };
    struct fixture *fixture = *state;
    struct model_import request = plain(fixture);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_false(import_with_flags(fixture, &request, rows[i].flags));
        assert_int_equal(fixture->err.detail, DETAIL_MODEL_UNUSABLE);
        assert_says(&fixture->err, rows[i].words);
    }
    assert_false(import_with_flags(fixture, &request, "{\"colour\": \"rgb\"}"));
    assert_says(&fixture->err, "no field 'colour'");
    assert_string_equal(fixture->err.pointer, "/colour");
    assert_false(import_with_flags(fixture, &request, "{\"resize\": \"stretch\"}"));
    assert_string_equal(fixture->err.pointer, "/resize");
}

static void a_failed_import_leaves_nothing_behind(void **state)
{
    struct fixture *fixture = *state;
    struct model_import request = plain(fixture);
    struct model *models = NULL;
    size_t count = 1;
    assert_false(import_with_flags(fixture, &request, "{\"width\": 9}"));
    request.onnx_path = write_text(fixture, "text.onnx", "This is not a model.");
    assert_false(import_model(fixture, &request));
    assert_says(&fixture->err, "text.onnx: it is not an ONNX file");
    request.onnx_path = "/nonexistent/model.onnx";
    assert_false(import_model(fixture, &request));
    assert_int_equal(fixture->err.code, ERR_NOT_FOUND);
    assert_true(model_list(fixture->db, "0", fixture->arena, &models, &count, &fixture->err));
    assert_int_equal(count, 0);
    bool exists = true;
    assert_true(store_exists(fixture->store, "models", &exists, &fixture->err));
    assert_false(exists);
}

/* ---- finding and deleting ---- */

static void models_are_found_by_id_name_version_and_the_start_of_an_id(void **state)
{
    struct fixture *fixture = *state;
    struct model_import request = plain(fixture);
    struct model found, first;
    char start[9] = "";
    assert_imported(fixture, &request);
    first = fixture->model;
    assert_imported(fixture, &request);
    memcpy(start, first.id, 8);
    const struct {
        const char *reference, *version;
    } rows[] = {{first.id, "0.0.1"}, {start, "0.0.1"}, {"tiny", "0.0.2"}, {"tiny/0.0.1", "0.0.1"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!model_find(fixture->db, "0", fixture->arena, rows[i].reference, &found, &fixture->err))
            fail_msg("%s", fixture->err.message);
        assert_string_equal(found.version, rows[i].version);
    }
    static const char *const missing[] = {"tin", "tiny/0.0.3", "tiny/", "", "%"};
    for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++) {
        assert_false(model_find(fixture->db, "0", fixture->arena, missing[i], &found, &fixture->err));
        assert_int_equal(fixture->err.detail, DETAIL_MODEL_NOT_FOUND);
    }
}

static void the_list_has_the_newest_first(void **state)
{
    struct fixture *fixture = *state;
    struct model_import request = plain(fixture);
    struct model *models = NULL;
    size_t count = 0;
    assert_imported(fixture, &request);
    assert_imported(fixture, &request);
    assert_true(model_list(fixture->db, "0", fixture->arena, &models, &count, &fixture->err));
    assert_int_equal(count, 2);
    assert_true(models[0].created_ms >= models[1].created_ms);
}

static void a_deleted_model_is_gone_with_its_file(void **state)
{
    struct fixture *fixture = *state;
    struct model_import request = plain(fixture);
    struct model gone;
    bool exists = true;
    assert_imported(fixture, &request);
    gone = fixture->model;
    assert_true(model_delete(fixture->db, fixture->store, gone.id, &fixture->err));
    assert_true(store_exists(fixture->store, gone.object_key, &exists, &fixture->err));
    assert_false(exists);
    assert_false(model_delete(fixture->db, fixture->store, gone.id, &fixture->err));
    assert_int_equal(fixture->err.detail, DETAIL_MODEL_NOT_FOUND);
}

static void a_model_in_use_stays(void **state)
{
    struct fixture *fixture = *state;
    struct model_import request = plain(fixture);
    bool exists = false;
    assert_imported(fixture, &request);
    assert_true(
        db_exec(fixture->db,
                "INSERT INTO service (id, project_id, name, description, model_id, input_url, output_url, "
                "settings_json, status, created_ms, updated_ms) "
                "VALUES ('s', '0', 'plates', '', $1, '', '', '{}', '', 0, 0)",
                DB_ARGS(db_text(fixture->model.id)), NULL, &fixture->err));
    assert_false(model_delete(fixture->db, fixture->store, fixture->model.id, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CONFLICT);
    assert_says(&fixture->err, "service 'plates'");
    assert_true(store_exists(fixture->store, fixture->model.object_key, &exists, &fixture->err));
    assert_true(exists);
}

/* ---- running ---- */

static void a_file_that_changed_since_the_import_is_not_run(void **state)
{
    struct fixture *fixture = *state;
    struct model_import request = plain(fixture);
    struct model_runner *runner = NULL;
    assert_imported(fixture, &request);
    assert_true(
        store_put(fixture->store, fixture->model.object_key, (struct bytes){"other", 5}, &fixture->err));
    assert_false(
        model_runner_open_with(&engine_fake, fixture->store, &fixture->model, &runner, &fixture->err));
    assert_says(&fixture->err, "has changed since the import");
}

static void a_runner_knows_its_shape_and_card(void **state)
{
    struct fixture *fixture = *state;
    struct model_import request = plain(fixture);
    assert_imported(fixture, &request);
    AUTO(model_runner) runner = open_runner(fixture);
    struct model_shape shape = model_runner_shape(runner);
    assert_int_equal(shape.type, MODEL_TYPE_CLASSIFICATION);
    assert_int_equal(shape.activation, ACTIVATION_SOFTMAX);
    assert_int_equal(shape.classes, CLASSES);
    assert_int_equal(shape.embedding_length, ENGINE_FAKE_TAPPED_LENGTH);
    assert_string_equal(model_runner_card(runner)->embedding, "pooled");
}

struct wanted {
    float logits[CLASSES], embedding[ENGINE_FAKE_TAPPED_LENGTH];
};

static void take_prediction(const struct prediction *prediction, struct wanted *ret)
{
    memcpy(ret->logits, prediction->logits, sizeof(ret->logits));
    memcpy(ret->embedding, prediction->embedding, sizeof(ret->embedding));
}

/* Bit for bit, which floats compared as numbers would not be. */
static bool is_same(const void *a, const void *b, size_t bytes)
{
    return memcmp(a, b, bytes) == 0;
}

struct shared {
    const struct model_runner *runner;
    struct image pictures[PICTURES];
    struct wanted wanted[PICTURES];
};

/* Each thread takes the pictures in another order. */
static bool predict_all(void *state, uint32_t index, struct error *err)
{
    const struct shared *shared = state;
    AUTO(model_scratch) scratch = NULL;
    if (!model_scratch_new(shared->runner, &scratch, err))
        return false;
    for (uint32_t i = 0; i < PICTURES * 2; i++) {
        uint32_t picture = (i * (2 * index + 1) + index) % PICTURES;
        struct prediction prediction;
        struct wanted got;
        if (!model_predict(shared->runner, scratch, &shared->pictures[picture], &prediction, err))
            return false;
        take_prediction(&prediction, &got);
        if (!is_same(&got, &shared->wanted[picture], sizeof(got)))
            return error_set(err, ERR_FAILED, "thread %u, picture %u: another result", index, picture);
    }
    return true;
}

static void threads_get_the_bytes_that_one_thread_gets(void **state)
{
    struct fixture *fixture = *state;
    struct model_import request = plain(fixture);
    static struct shared shared;
    shared = (struct shared){0};
    assert_imported(fixture, &request);
    AUTO(model_runner) runner = open_runner(fixture);
    AUTO(model_scratch) scratch = NULL;
    assert_true(model_scratch_new(runner, &scratch, &fixture->err));
    shared.runner = runner;
    for (uint32_t i = 0; i < PICTURES; i++) {
        struct prediction prediction;
        make_picture(&shared.pictures[i], 5 + i * 3, 40 - i, i);
        assert_true(model_predict(runner, scratch, &shared.pictures[i], &prediction, &fixture->err));
        assert_int_equal(prediction.embedding_length, ENGINE_FAKE_TAPPED_LENGTH);
        take_prediction(&prediction, &shared.wanted[i]);
    }
    assert_memory_not_equal(&shared.wanted[0], &shared.wanted[1], sizeof(struct wanted));
    bool is_equal = workers_run(THREADS, predict_all, &shared, &fixture->err);
    for (uint32_t i = 0; i < PICTURES; i++)
        image_release(&shared.pictures[i]);
    if (!is_equal)
        fail_msg("%s", fixture->err.message);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(an_import_keeps_the_file_as_it_was_and_a_complete_card),
        CASE(every_member_that_matters_is_answered_with_a_reason),
        CASE(versions_are_numbered_on),
        CASE(a_version_exists_only_once),
        CASE(names_that_cannot_be_parts_of_a_path_are_refused),
        CASE(labels_come_from_a_file_and_must_fit),
        CASE(what_is_shown_of_labels_is_text_even_where_it_is_cut),
        CASE(flags_win_over_the_card_and_the_card_over_guesses),
        CASE(what_does_not_fit_the_graph_is_refused_by_name),
        CASE(a_failed_import_leaves_nothing_behind),
        CASE(models_are_found_by_id_name_version_and_the_start_of_an_id),
        CASE(the_list_has_the_newest_first),
        CASE(a_deleted_model_is_gone_with_its_file),
        CASE(a_model_in_use_stays),
        CASE(a_file_that_changed_since_the_import_is_not_run),
        CASE(a_runner_knows_its_shape_and_card),
        CASE(threads_get_the_bytes_that_one_thread_gets),
    };
    return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
