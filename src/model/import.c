/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"
#include "model/card.h"
#include "model/guess.h"
#include "model/model_rows.h"
#include "model/runner.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Names and versions become parts of references (name/version, name@…) and of paths. */
#define REFUSED_IN_NAMES "/\\@<>=&\"'"

/* What an import holds until it is done. */
struct import {
    struct db *db;
    struct store *data;
    struct arena *arena; /* the caller's: what is returned */
    const struct model_import *request;
    const char *name;
    struct buffer *bytes; /* the file; then, behind its own bytes, the tap */
    size_t file_bytes;
    struct arena *graph_arena;
    struct onnx_file file;
    yyjson_doc *card_file, *given; /* given: file and flags together */
    struct model_card card;
    struct guess guess;
    struct model_runner *runner;
};

/* ---- what is asked for ---- */

static bool choose_name(struct import *import, struct error *err)
{
    const struct model_import *request = import->request;
    const char *base = path_base(request->onnx_path);
    size_t bytes = strlen(base) - (text_ends_with(base, ".onnx") ? strlen(".onnx") : 0);
    import->name = request->name ? request->name : arena_text_n(import->arena, base, bytes);
    if (!import->name)
        return error_no_memory(err);
    if (!text_check_name(import->name, "the model name", MODEL_NAME_MAX_CHARACTERS, REFUSED_IN_NAMES, err))
        return error_point(err, "/name");
    if (!request->version)
        return true;
    if (!text_check_name(request->version, "the version", MODEL_NAME_MAX_CHARACTERS, REFUSED_IN_NAMES, err))
        return error_point(err, "/version");
    return model_rows_check_free(import->db, request->project_id, import->arena, import->name,
                                 request->version, err);
}

static bool read_card_file(struct import *import, struct error *err)
{
    const struct model_import *request = import->request;
    AUTO_BUFFER(text, MODEL_CARD_MAX_BYTES);
    const char *path = request->card_path;
    if (!path) {
        const char *folder = path_folder(import->arena, request->onnx_path);
        path = folder ? path_join(import->arena, folder, "model.json") : NULL;
        if (!path)
            return error_no_memory(err);
        if (!file_exists(request->roots, path))
            return true;
    }
    return file_read_within(request->roots, path, &text, err) &&
           json_parse((struct bytes){text.data, text.size}, path, &import->card_file, err);
}

static bool read_labels(struct import *import, struct param_list *ret, struct error *err)
{
    AUTO_BUFFER(text, MODEL_CARD_MAX_BYTES);
    const char *path = import->request->labels_path;
    if (!file_read_within(import->request->roots, path, &text, err))
        return false;
    if (!card_read_labels((struct bytes){text.data, text.size}, import->arena, ret, err))
        return error_wrap(err, "%s", path);
    return ret->count > 0 || error_set_detail(err, DETAIL_MODEL_UNUSABLE, "%s holds no labels", path);
}

static bool read_card(struct import *import, struct error *err)
{
    yyjson_val *overrides = import->request->card_overrides;
    if (!read_card_file(import, err) ||
        !card_merge(yyjson_doc_get_root(import->card_file), overrides, &import->given, err))
        return false;
    if (!params_read_json(model_card_params, &import->card, yyjson_doc_get_root(import->given), import->arena,
                          err))
        return error_wrap(err, "model card");
    import->guess = (struct guess){.arena = import->arena,
                                   .file = &import->file,
                                   .card_file = yyjson_doc_get_root(import->card_file),
                                   .overrides = overrides,
                                   .card = &import->card};
    return true;
}

/* What is known of the labels before an inference told how many classes there are. */
static bool prepare_labels(struct import *import, struct error *err)
{
    if (import->request->labels_path) {
        if (!read_labels(import, &import->card.labels, err))
            return false;
        import->guess.has_labels = true;
    }
    return guess_labels_before(&import->guess, err);
}

/* ---- the model ---- */

static bool read_file(struct import *import, struct error *err)
{
    const char *path = import->request->onnx_path;
    if (!file_read_within(import->request->roots, path, import->bytes, err))
        return false;
    import->file_bytes = import->bytes->size;
    return import->file_bytes <= MODEL_FILE_MAX_BYTES ||
           error_set(err, ERR_LIMIT, "%s has %zu bytes; at most %d are accepted", path, import->file_bytes,
                     MODEL_FILE_MAX_BYTES);
}

static bool read_graph(struct import *import, struct error *err)
{
    return onnx_file_read((struct bytes){import->bytes->data, import->file_bytes}, import->graph_arena,
                          &import->file, err);
}

static bool guess_from_ports(struct import *import, struct error *err)
{
    const struct engine_backend *backend = import->request->engine;
    AUTO(engine_model) engine = NULL;
    if (!engine_open(backend ? backend : &engine_onnxruntime,
                     (struct bytes){import->bytes->data, import->bytes->size}, &engine, err))
        return false;
    import->guess.engine = engine;
    bool is_done = guess_card(&import->guess, err);
    import->guess.engine = NULL;
    return is_done;
}

static struct model_guess *find_row(struct import *import, const char *field)
{
    for (size_t i = 0; i < import->guess.row_count; i++)
        if (strcmp(import->guess.rows[i].field, field) == 0)
            return &import->guess.rows[i];
    return NULL;
}

static bool open_runner(struct import *import, struct error *err)
{
    import->bytes->size = import->file_bytes; /* without an earlier tap */
    return runner_new(import->request->engine, &import->card, &import->file, import->bytes, &import->runner,
                      err);
}

/* A guessed embedding that turns out to be no vector is given up; one that was asked for is an error. */
static bool warm_up(struct import *import, struct error *err)
{
    struct error without = {0};
    struct model_guess *row = find_row(import, "embedding");
    if (open_runner(import, err))
        return true;
    if (!row || row->is_given || !import->card.embedding)
        return false;
    import->card.embedding = NULL;
    if (!open_runner(import, &without))
        return false; /* the embedding was not the reason: the first error tells more */
    row->why = arena_printf(import->arena, "'%.100s' cannot be used: %s", row->value, err->message);
    row->value = "none";
    *err = (struct error){0};
    return row->why || error_no_memory(err);
}

/* True when the scores are probabilities although the graph's last operator does not say so. */
static bool sums_to_one(const struct tensor *scores)
{
    const float *values = scores->data;
    size_t count = tensor_elements(&scores->type);
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (!(values[i] >= 0 && values[i] <= 1))
            return false;
        sum += (double)values[i];
    }
    return fabs(sum - 1) < 1e-3;
}

static bool look_at_scores(struct import *import, struct error *err)
{
    struct model_guess *row = find_row(import, "output_kind");
    if (!row || row->is_given || card_is_detector(&import->card) ||
        strcmp(import->card.output_kind, "logits") != 0)
        return true;
    AUTO(model_scratch) scratch = NULL;
    struct image image = {0};
    struct prediction prediction;
    bool is_run = model_scratch_new(import->runner, &scratch, err) &&
                  runner_synthetic_image(&import->card, 2, &image, err) &&
                  model_predict(import->runner, scratch, &image, &prediction, err);
    image_release(&image);
    if (!is_run || !sums_to_one(runner_raw_scores(scratch)))
        return is_run;
    row->value = import->card.output_kind = "probabilities";
    row->why = "the scores of a warm-up image lie in 0..1 and sum to 1";
    return true;
}

/* ---- storing ---- */

static bool store_model(struct import *import, struct model *ret, struct error *err)
{
    AUTO_BUFFER(card_json, MODEL_CARD_MAX_BYTES);
    char id[HASH_HEX_BYTES], hash[HASH_HEX_BYTES];
    struct bytes file = {import->bytes->data, import->file_bytes};
    struct arena *arena = import->arena;
    id_random_hex(id);
    hash_of(file, hash);
    if (!card_write(&import->card, &card_json, err))
        return false;
    const struct model row = {
        .id = arena_text(arena, id),
        .project_id = import->request->project_id,
        .name = import->name,
        .version = import->request->version,
        .model_type = import->card.model_type,
        .object_key = arena_printf(arena, "models/%s/model.onnx", id),
        .content_hash = arena_text(arena, hash),
        .card_json = arena_text(arena, card_json.data),
        .created_ms = clock_now_ms(),
    };
    if (!row.id || !row.object_key || !row.content_hash || !row.card_json)
        return error_no_memory(err);
    if (!store_put(import->data, row.object_key, file, err))
        return false;
    if (model_rows_insert(import->db, arena, &row, ret, err))
        return true;
    struct error ignored = {0};
    if (err->code != ERR_UNCERTAIN) /* else the row may be there and need its file */
        (void)!store_delete(import->data, row.object_key, &ignored);
    return false;
}

/* What the file is to blame for is one kind of error to the caller, whatever part of us found it. */
static bool blame_model(const struct model_import *request, struct error *err)
{
    if (err->detail == DETAIL_NONE && (err->code == ERR_INVALID || err->code == ERR_LIMIT)) {
        err->detail = DETAIL_MODEL_UNUSABLE;
        err->code = ERR_INVALID;
    }
    return error_wrap(err, "%.150s", request->onnx_path);
}

static bool run_import(struct import *import, struct model *ret, struct error *err)
{
    if (!choose_name(import, err) || !read_card(import, err) || !read_file(import, err))
        return false;
    if (!read_graph(import, err) || !prepare_labels(import, err) || !guess_from_ports(import, err) ||
        !warm_up(import, err) || !look_at_scores(import, err) ||
        !guess_labels(&import->guess, model_runner_shape(import->runner).classes, err))
        return blame_model(import->request, err);
    return store_model(import, ret, err);
}

bool model_import(struct db *db, struct store *data, struct arena *arena, const struct model_import *request,
                  struct model_imported *ret, struct error *err)
{
    AUTO_BUFFER(bytes, (size_t)MODEL_FILE_MAX_BYTES + ONNX_TAP_MAX_BYTES);
    AUTO(arena) graph_arena = arena_new(ONNX_ARENA_BYTES);
    struct import import = {.db = db,
                            .data = data,
                            .arena = arena,
                            .request = request,
                            .bytes = &bytes,
                            .graph_arena = graph_arena};
    struct model_imported imported = {.guesses =
                                          arena_array(arena, GUESS_ROWS_MAX, sizeof(*imported.guesses))};
    if (!graph_arena || !imported.guesses)
        return error_no_memory(err);
    bool is_done = run_import(&import, &imported.model, err);
    (void)model_runner_free(import.runner);
    yyjson_doc_free(import.given);
    yyjson_doc_free(import.card_file);
    if (!is_done)
        return false;
    imported.guess_count = import.guess.row_count;
    memcpy(imported.guesses, import.guess.rows, imported.guess_count * sizeof(*imported.guesses));
    *ret = imported;
    return true;
}
