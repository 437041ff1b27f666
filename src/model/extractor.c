/* SPDX-License-Identifier: Apache-2.0 */
#include "model/extractor.h"

#include "base/file.h"
#include "base/path.h"
#include "infer/adapter.h"
#include "model/card.h"
#include "model/guess.h"
#include "model/runner.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXTRACTOR_ARENA_BYTES = 64 * 1024 * 1024, PLANES_DIMS = 4 };

struct model_extractor {
    struct arena *arena; /* of the card */
    struct model_card card;
    const char *output; /* the tensor that is read */
    struct preprocess preprocess;
    struct engine_model *engine;
    uint32_t length;
};

struct model_extractor_scratch {
    const struct model_extractor *extractor;
    struct preprocess_scratch *preprocess;
    struct engine_call *call;
    double *sums; /* one for each number of the vector, once it is known how many there are */
    uint32_t length;
};

/* ---- what is read ---- */

/* A file and its card. */
struct reading {
    const struct model_extractor_source *source;
    struct buffer *bytes, *card_text;
    yyjson_doc *card;
};

static bool read_card_file(struct reading *reading, struct arena *arena, struct error *err)
{
    const char *folder = path_folder(arena, reading->source->path);
    const char *path = folder ? path_join(arena, folder, "model.json") : NULL;
    if (!path)
        return error_no_memory(err);
    if (!file_exists(reading->source->roots, path))
        return true;
    return file_read_within(reading->source->roots, path, reading->card_text, err) &&
           json_parse((struct bytes){reading->card_text->data, reading->card_text->size}, path,
                      &reading->card, err);
}

static bool read_file(struct reading *reading, struct arena *arena, struct error *err)
{
    const struct model_extractor_source *source = reading->source;
    if (!file_read_within(source->roots, source->path, reading->bytes, err))
        return false;
    if (reading->bytes->size > MODEL_FILE_MAX_BYTES)
        return error_set(err, ERR_LIMIT, "%s has %zu bytes; at most %d are accepted", source->path,
                         reading->bytes->size, MODEL_FILE_MAX_BYTES);
    return read_card_file(reading, arena, err);
}

static void make_key(const char *content, struct bytes card, char ret_key[HASH_HEX_BYTES])
{
    char version[32];
    struct hash hash;
    (void)snprintf(version, sizeof(version), "extractor-%d", EXTRACTOR_VERSION);
    hash_start(&hash);
    hash_add_text(&hash, version);
    hash_add_text(&hash, content);
    hash_add(&hash, card.data, card.size);
    hash_finish(&hash, ret_key);
}

bool model_extractor_key(const struct model_extractor_source *source, char ret_key[HASH_HEX_BYTES],
                         struct error *err)
{
    if (source->model) {
        const char *card = source->model->card_json;
        make_key(source->model->content_hash, (struct bytes){card, strlen(card)}, ret_key);
        return true;
    }
    AUTO_BUFFER(bytes, (size_t)MODEL_FILE_MAX_BYTES + ONNX_TAP_MAX_BYTES);
    AUTO_BUFFER(card_text, MODEL_CARD_MAX_BYTES);
    AUTO(arena) arena = arena_new(EXTRACTOR_ARENA_BYTES);
    struct reading reading = {source, &bytes, &card_text, NULL};
    char content[HASH_HEX_BYTES];
    if (!arena)
        return error_no_memory(err);
    bool is_read = read_file(&reading, arena, err);
    yyjson_doc_free(reading.card);
    if (!is_read)
        return error_wrap(err, "the feature extractor");
    hash_of((struct bytes){bytes.data, bytes.size}, content);
    make_key(content, (struct bytes){card_text.data, card_text.size}, ret_key);
    return true;
}

/* ---- scratch ---- */

struct model_extractor_scratch *model_extractor_scratch_free(struct model_extractor_scratch *scratch)
{
    if (!scratch)
        return NULL;
    (void)engine_call_free(scratch->call);
    (void)preprocess_scratch_free(scratch->preprocess);
    free(scratch->sums);
    free(scratch);
    return NULL;
}

bool model_extractor_scratch_new(const struct model_extractor *extractor,
                                 struct model_extractor_scratch **ret, struct error *err)
{
    AUTO(model_extractor_scratch) scratch = calloc(1, sizeof(*scratch));
    if (!scratch || !(scratch->preprocess = preprocess_scratch_new()))
        return error_no_memory(err);
    scratch->extractor = extractor;
    const struct engine_request request = {.input = extractor->card.input,
                                           .input_type = preprocess_tensor_type(&extractor->preprocess),
                                           .outputs = &extractor->output,
                                           .output_count = 1};
    if (!engine_call_new(extractor->engine, &request, &scratch->call, err))
        return false;
    *ret = TAKE(scratch);
    return true;
}

/* ---- one image ---- */

/* How the numbers of a tensor belong to those of the vector: element e to e / inner % length. */
struct grouping {
    size_t length, inner;
};

static bool grouping_of(const struct model_extractor *extractor, const struct tensor *tensor,
                        struct grouping *ret, struct error *err)
{
    const struct tensor_type *type = &tensor->type;
    char text[TENSOR_TEXT_BYTES];
    bool is_planes = type->dim_count == PLANES_DIMS, is_fit = type->dim_count == 2 || is_planes;
    size_t elements = tensor_elements(type);
    struct grouping grouping = {.length = elements, .inner = 1};
    if (is_planes && strcmp(extractor->card.layout, "nhwc") == 0)
        grouping.length = (size_t)type->dims[3];
    else if (is_planes)
        grouping = (struct grouping){(size_t)type->dims[1], (size_t)(type->dims[2] * type->dims[3])};
    if (type->element != ELEMENT_FLOAT32 || !is_fit || type->dims[0] != 1 || grouping.length < 2 ||
        grouping.length > PREDICTION_EMBEDDING_MAX || elements == 0)
        return error_set_detail(
            err, DETAIL_MODEL_UNUSABLE,
            "output '%.100s' is %s: a feature is float32 [1, 2 to %d], or that many maps; "
            "name another tensor by embedding in the model's card",
            extractor->output, tensor_type_text(type, text), PREDICTION_EMBEDDING_MAX);
    *ret = grouping;
    return true;
}

static bool pool(struct model_extractor_scratch *scratch, uint32_t *ret_length, struct error *err)
{
    const struct tensor *tensor = &scratch->call->output_tensors[0];
    struct grouping grouping = {0};
    if (!grouping_of(scratch->extractor, tensor, &grouping, err) ||
        !tensor_check_finite(tensor, scratch->extractor->output, err))
        return false;
    if (scratch->length < grouping.length) {
        double *sums = realloc(scratch->sums, grouping.length * sizeof(*sums));
        if (!sums)
            return error_no_memory(err);
        scratch->sums = sums;
        scratch->length = (uint32_t)grouping.length;
    }
    memset(scratch->sums, 0, grouping.length * sizeof(*scratch->sums));
    const float *values = tensor->data;
    for (size_t i = 0; i < tensor_elements(&tensor->type); i++)
        scratch->sums[i / grouping.inner % grouping.length] += (double)values[i];
    *ret_length = (uint32_t)grouping.length;
    return true;
}

static bool run(struct model_extractor_scratch *scratch, const struct image *image, uint32_t *ret_length,
                struct error *err)
{
    struct placement placement;
    return preprocess_run(&scratch->extractor->preprocess, scratch->preprocess, image,
                          scratch->call->input_tensor.data, &placement, err) &&
           engine_run(scratch->call, err) && pool(scratch, ret_length, err);
}

bool model_extract(struct model_extractor_scratch *scratch, const struct image *image, float *ret,
                   struct error *err)
{
    uint32_t length = 0;
    double squares = 0;
    if (!run(scratch, image, &length, err))
        return false;
    if (length != scratch->extractor->length)
        return error_set(err, ERR_INVALID,
                         "the feature extractor gave %u numbers for this image, %u for others", length,
                         scratch->extractor->length);
    for (uint32_t i = 0; i < length; i++)
        squares += scratch->sums[i] * scratch->sums[i];
    for (uint32_t i = 0; i < length; i++)
        ret[i] = squares > 0 ? (float)(scratch->sums[i] / sqrt(squares)) : 0;
    return true;
}

/* ---- opening ---- */

struct model_extractor *model_extractor_free(struct model_extractor *extractor)
{
    if (!extractor)
        return NULL;
    (void)engine_model_free(extractor->engine);
    (void)arena_free(extractor->arena);
    free(extractor);
    return NULL;
}

uint32_t model_extractor_length(const struct model_extractor *extractor)
{
    return extractor->length;
}

static const struct engine_backend *engine_of(const struct model_extractor_source *source)
{
    return source->engine ? source->engine : &engine_onnxruntime;
}

/* What the card of a file leaves open. */
static bool guess_file(struct model_extractor *extractor, const struct reading *reading,
                       const struct onnx_file *file, struct error *err)
{
    AUTO(engine_model) engine = NULL;
    yyjson_val *given = yyjson_doc_get_root(reading->card);
    struct guess guess = {
        .arena = extractor->arena, .file = file, .card_file = given, .card = &extractor->card};
    if (!params_read_json(model_card_params, &extractor->card, given, extractor->arena, err))
        return error_wrap(err, "model card");
    if (!engine_open(engine_of(reading->source), (struct bytes){reading->bytes->data, reading->bytes->size},
                     &engine, err))
        return false;
    guess.engine = engine;
    return guess_extractor(&guess, err);
}

static bool is_named(const char *embedding)
{
    return embedding && embedding[0] && strcmp(embedding, "none") != 0;
}

static bool choose_output(struct model_extractor *extractor, struct error *err)
{
    const struct model_card *card = &extractor->card;
    if (is_named(card->embedding))
        extractor->output = card->embedding;
    else if (card->outputs.count > 0)
        extractor->output = card->outputs.items[0];
    return extractor->output || error_set_detail(err, DETAIL_MODEL_UNUSABLE, "its card names no output");
}

static bool warm_up(struct model_extractor *extractor, struct error *err)
{
    AUTO(model_extractor_scratch) scratch = NULL;
    struct image image = {0};
    uint32_t first = 0, second = 0;
    bool is_done =
        model_extractor_scratch_new(extractor, &scratch, err) &&
        runner_synthetic_image(&extractor->card, 1, &image, err) && run(scratch, &image, &first, err) &&
        runner_synthetic_image(&extractor->card, 70, &image, err) && run(scratch, &image, &second, err);
    image_release(&image);
    if (!is_done)
        return error_wrap(err, "the warm-up inference failed");
    extractor->length = first;
    return first == second || error_set_detail(err, DETAIL_MODEL_UNUSABLE,
                                               "the length of '%.100s' depends on the image: %u and %u",
                                               extractor->output, first, second);
}

static bool open_session(struct model_extractor *extractor, const struct reading *reading,
                         const struct onnx_file *file, struct error *err)
{
    struct buffer *bytes = reading->bytes;
    return choose_output(extractor, err) && onnx_file_tap(file, extractor->output, bytes, err) &&
           engine_open(engine_of(reading->source), (struct bytes){bytes->data, bytes->size},
                       &extractor->engine, err) &&
           runner_prepare_input(extractor->engine, &extractor->card, &extractor->preprocess, err) &&
           warm_up(extractor, err);
}

static bool read_source(struct model_extractor *extractor, struct reading *reading, struct error *err)
{
    const struct model *model = reading->source->model;
    return model ? runner_read_file(reading->source->data, model, reading->bytes, err) &&
                       model_card_read(model, extractor->arena, &extractor->card, err)
                 : read_file(reading, extractor->arena, err);
}

static bool open_in(struct model_extractor *extractor, struct reading *reading, struct error *err)
{
    AUTO(arena) scratch = arena_new(ONNX_ARENA_BYTES);
    struct onnx_file file;
    if (!scratch)
        return error_no_memory(err);
    if (!read_source(extractor, reading, err) ||
        !onnx_file_read((struct bytes){reading->bytes->data, reading->bytes->size}, scratch, &file, err))
        return false;
    return (reading->source->model || guess_file(extractor, reading, &file, err)) &&
           open_session(extractor, reading, &file, err);
}

static bool name_it(const struct model_extractor_source *source, struct error *err)
{
    return source->model
               ? error_wrap(err, "the feature extractor %s/%s", source->model->name, source->model->version)
               : error_wrap(err, "the feature extractor %.150s", source->path);
}

bool model_extractor_open(const struct model_extractor_source *source, struct model_extractor **ret,
                          struct error *err)
{
    AUTO_BUFFER(bytes, (size_t)MODEL_FILE_MAX_BYTES + ONNX_TAP_MAX_BYTES);
    AUTO_BUFFER(card_text, MODEL_CARD_MAX_BYTES);
    AUTO(model_extractor) extractor = calloc(1, sizeof(*extractor));
    struct reading reading = {source, &bytes, &card_text, NULL};
    if (!extractor || !(extractor->arena = arena_new(EXTRACTOR_ARENA_BYTES)))
        return error_no_memory(err);
    bool is_open = open_in(extractor, &reading, err);
    yyjson_doc_free(reading.card);
    if (!is_open)
        return name_it(source, err);
    *ret = TAKE(extractor);
    return true;
}
