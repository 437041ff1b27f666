/* SPDX-License-Identifier: Apache-2.0 */
#include "model/runner.h"

#include "base/hash.h"
#include "infer/onnx_file.h"
#include "model/card.h"

#include <stdlib.h>
#include <string.h>

enum {
    OUTPUTS_MAX = ADAPTER_OUTPUTS_MAX + 1 /* the embedding comes last */,
    CARD_ARENA_BYTES = 64 * 1024 * 1024
};

struct model_runner {
    struct arena *arena; /* of the card; NULL when somebody else owns it */
    const struct model_card *card;
    const char *embedding; /* NULL: none */
    struct preprocess preprocess;
    const struct adapter *adapter;
    struct adapter_options adapter_options;
    uint32_t labelled_classes; /* for graphs that do not tell how many classes there are */
    struct engine_model *engine;
    struct model_shape shape;
};

struct model_scratch {
    const struct model_runner *runner;
    struct arena *arena; /* what the adapter makes of one image */
    struct preprocess_scratch *preprocess;
    struct engine_call *call;
};

struct model_runner *model_runner_free(struct model_runner *runner)
{
    if (!runner)
        return NULL;
    (void)engine_model_free(runner->engine);
    (void)arena_free(runner->arena);
    free(runner);
    return NULL;
}

void runner_keep_arena(struct model_runner *runner, struct arena *arena)
{
    runner->arena = arena;
}

const struct model_card *model_runner_card(const struct model_runner *runner)
{
    return runner->card;
}

struct model_shape model_runner_shape(const struct model_runner *runner)
{
    return runner->shape;
}

const struct tensor *runner_raw_scores(const struct model_scratch *scratch)
{
    return &scratch->call->output_tensors[0];
}

/* ---- scratch ---- */

struct model_scratch *model_scratch_free(struct model_scratch *scratch)
{
    if (!scratch)
        return NULL;
    (void)engine_call_free(scratch->call);
    (void)preprocess_scratch_free(scratch->preprocess);
    (void)arena_free(scratch->arena);
    free(scratch);
    return NULL;
}

bool model_scratch_new(const struct model_runner *runner, struct model_scratch **ret, struct error *err)
{
    AUTO(model_scratch) scratch = calloc(1, sizeof(*scratch));
    if (!scratch || !(scratch->arena = arena_new(ADAPTER_ARENA_BYTES)) ||
        !(scratch->preprocess = preprocess_scratch_new()))
        return error_no_memory(err);
    scratch->runner = runner;
    const struct adapter_options *options = &runner->adapter_options;
    const char *outputs[OUTPUTS_MAX];
    memcpy(outputs, options->outputs, sizeof(options->outputs));
    outputs[options->output_count] = runner->embedding;
    const struct engine_request request = {
        .input = runner->card->input,
        .input_type = preprocess_tensor_type(&runner->preprocess),
        .outputs = outputs,
        .output_count = options->output_count + (runner->embedding ? 1 : 0),
    };
    if (!engine_call_new(runner->engine, &request, &scratch->call, err))
        return false;
    *ret = TAKE(scratch);
    return true;
}

/* ---- one image ---- */

static bool read_embedding(const struct model_runner *runner, const struct model_scratch *scratch,
                           struct prediction *ret, struct error *err)
{
    const struct tensor *tensor = &scratch->call->output_tensors[runner->adapter_options.output_count];
    char text[TENSOR_TEXT_BYTES];
    size_t length = tensor_elements(&tensor->type);
    if (tensor->type.element != ELEMENT_FLOAT32)
        return error_set_detail(err, DETAIL_MODEL_UNUSABLE,
                                "embedding '%.100s' is %s, not float32; set embedding to another, or to none",
                                runner->embedding, tensor_type_text(&tensor->type, text));
    if (length < 2 || length > PREDICTION_EMBEDDING_MAX)
        return error_set_detail(
            err, DETAIL_MODEL_UNUSABLE,
            "embedding '%.100s' is %s: %zu numbers; 2 to %d are supported; set embedding to "
            "another, or to none",
            runner->embedding, tensor_type_text(&tensor->type, text), length, PREDICTION_EMBEDDING_MAX);
    if (!tensor_check_finite(tensor, runner->embedding, err))
        return false;
    ret->embedding = tensor->data;
    ret->embedding_length = (uint32_t)length;
    return true;
}

static bool infer(const struct model_runner *runner, struct model_scratch *scratch, const struct image *image,
                  struct placement *ret, struct error *err)
{
    return preprocess_run(&runner->preprocess, scratch->preprocess, image, scratch->call->input_tensor.data,
                          ret, err) &&
           engine_run(scratch->call, err);
}

static bool run_image(const struct model_runner *runner, struct model_scratch *scratch,
                      const struct image *image, struct prediction *ret, struct error *err)
{
    struct placement placement;
    arena_reset(scratch->arena);
    *ret = (struct prediction){.classes = runner->labelled_classes};
    const struct adapter_input input = {&runner->adapter_options, scratch->call->output_tensors, &placement,
                                        scratch->arena};
    if (!infer(runner, scratch, image, &placement, err) ||
        !runner->adapter->decode(runner->adapter, &input, ret, err))
        return false;
    return !runner->embedding || read_embedding(runner, scratch, ret, err);
}

bool model_predict(const struct model_runner *runner, struct model_scratch *scratch,
                   const struct image *image, struct prediction *ret, struct error *err)
{
    struct prediction prediction = {0};
    if (!run_image(runner, scratch, image, &prediction, err))
        return false;
    const struct model_shape *shape = &runner->shape;
    if (prediction.classes != shape->classes || prediction.embedding_length != shape->embedding_length)
        return error_set(
            err, ERR_INVALID,
            "the model gave %u classes and an embedding of %u for this image, but %u and %u for others",
            prediction.classes, prediction.embedding_length, shape->classes, shape->embedding_length);
    *ret = prediction;
    return true;
}

/* ---- opening ---- */

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u; /* Numerical Recipes' generator: only variety is wanted */
    return *state >> 24;
}

bool runner_synthetic_image(const struct model_card *card, uint32_t seed, struct image *into,
                            struct error *err)
{
    uint32_t width = (uint32_t)card->width + 7, height = (uint32_t)card->height + 3, state = seed;
    if (!image_resize_buffer(into, width, height, err))
        return false;
    uint8_t *at = into->pixels;
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++) {
            bool is_inside = x > width / 4 && x < width / 2 && y > height / 3;
            *at++ = (uint8_t)(is_inside ? 200 - seed % 100 : x * 127 / width);
            *at++ = (uint8_t)(y * 127 / height + seed % 50);
            *at++ = (uint8_t)next_random(&state);
        }
    }
    return true;
}

static bool check_input(const struct preprocess *preprocess, const struct engine_port *port,
                        struct error *err)
{
    struct tensor_type made = preprocess_tensor_type(preprocess);
    char made_text[TENSOR_TEXT_BYTES], wanted_text[TENSOR_TEXT_BYTES];
    bool fits = port->type.dim_count == made.dim_count;
    for (uint32_t i = 0; fits && i < made.dim_count; i++)
        fits = port->type.dims[i] < 0 || port->type.dims[i] == made.dims[i];
    return fits || error_set_detail(err, DETAIL_MODEL_UNUSABLE,
                                    "input '%.100s' takes %s, but layout, width, height and color give %s",
                                    port->name, tensor_type_text(&port->type, wanted_text),
                                    tensor_type_text(&made, made_text));
}

bool runner_prepare_input(const struct engine_model *engine, const struct model_card *card,
                          struct preprocess *ret, struct error *err)
{
    const struct engine_port *port = engine_find_input(engine, card->input);
    struct preprocess_options options;
    if (!port)
        return error_set_detail(err, DETAIL_MODEL_UNUSABLE, "the model has no input '%.100s'", card->input);
    return card_preprocess(card, port->type.element, &options, err) && preprocess_init(&options, ret, err) &&
           check_input(ret, port, err);
}

static bool prepare_adapter(struct model_runner *runner, struct error *err)
{
    const struct model_card *card = runner->card;
    runner->adapter = adapter_find(card->adapter);
    if (!runner->adapter || runner->adapter->type != model_type_find(card->model_type))
        return error_set_detail(err, DETAIL_MODEL_UNUSABLE, "adapter '%s' does not read models of type %s",
                                card->adapter, card->model_type);
    runner->labelled_classes = (uint32_t)card->labels.count;
    return card_adapter_options(card, &runner->adapter_options, err);
}

/* Some graphs that find their boxes themselves keep the best class of each only. */
static bool check_classes(const struct model_runner *runner, struct model_scratch *scratch,
                          const struct image *image, struct error *err)
{
    struct placement placement;
    struct prediction described = {0};
    if (!infer(runner, scratch, image, &placement, err) ||
        !runner->adapter->describe(runner->adapter, &runner->adapter_options, scratch->call->output_tensors,
                                   &described, err))
        return false;
    return described.classes > 0 || runner->labelled_classes > 0 ||
           error_set_detail(err, DETAIL_MODEL_UNUSABLE,
                            "the outputs do not tell how many classes there are; give --labels FILE");
}

/* Two different images: the shapes must not depend on what is seen. */
static bool warm_up(struct model_runner *runner, struct error *err)
{
    AUTO(model_scratch) scratch = NULL;
    struct image image = {0};
    struct prediction first = {0}, second = {0};
    bool is_done =
        model_scratch_new(runner, &scratch, err) && runner_synthetic_image(runner->card, 1, &image, err) &&
        check_classes(runner, scratch, &image, err) && run_image(runner, scratch, &image, &first, err) &&
        runner_synthetic_image(runner->card, 70, &image, err) &&
        run_image(runner, scratch, &image, &second, err);
    image_release(&image);
    if (!is_done)
        return error_wrap(err, "the warm-up inference failed");
    if (first.classes != second.classes || first.embedding_length != second.embedding_length)
        return error_set_detail(
            err, DETAIL_MODEL_UNUSABLE,
            "the shapes of the outputs depend on the image: %u and %u classes, embeddings of %u "
            "and %u",
            first.classes, second.classes, first.embedding_length, second.embedding_length);
    runner->shape = (struct model_shape){.type = first.type,
                                         .activation = first.activation,
                                         .classes = first.classes,
                                         .embedding_length = first.embedding_length};
    if (first.type == MODEL_TYPE_DETECTION) {
        runner->shape.score_threshold = runner->card->score_threshold;
        runner->shape.candidate_floor = runner->card->candidate_floor;
    }
    return true;
}

static bool has_embedding(const struct model_card *card)
{
    return card->embedding && card->embedding[0] && strcmp(card->embedding, "none") != 0;
}

bool runner_new(const struct engine_backend *engine, const struct model_card *card,
                const struct onnx_file *file, struct buffer *bytes, struct model_runner **ret,
                struct error *err)
{
    AUTO(model_runner) runner = calloc(1, sizeof(*runner));
    if (!runner)
        return error_no_memory(err);
    runner->card = card;
    runner->embedding = has_embedding(card) ? card->embedding : NULL;
    if (runner->embedding && !onnx_file_tap(file, runner->embedding, bytes, err))
        return error_wrap(err, "embedding");
    if (!engine_open(engine ? engine : &engine_onnxruntime, (struct bytes){bytes->data, bytes->size},
                     &runner->engine, err) ||
        !runner_prepare_input(runner->engine, card, &runner->preprocess, err) ||
        !prepare_adapter(runner, err) || !warm_up(runner, err))
        return false;
    *ret = TAKE(runner);
    return true;
}

static bool check_hash(const struct model *model, const struct buffer *bytes, struct error *err)
{
    char hash[HASH_HEX_BYTES];
    hash_of((struct bytes){bytes->data, bytes->size}, hash);
    if (strcmp(hash, model->content_hash) == 0)
        return true;
    return error_set(err, ERR_INVALID, "the stored file %s has changed since the import; import it again",
                     model->object_key);
}

bool runner_read_file(struct store *data, const struct model *model, struct buffer *bytes, struct error *err)
{
    return store_get(data, model->object_key, bytes, err) && check_hash(model, bytes, err);
}

static bool open_in(const struct engine_backend *engine, struct store *data, const struct model *model,
                    struct arena *arena, struct model_runner **ret, struct error *err)
{
    AUTO_BUFFER(bytes, (size_t)MODEL_FILE_MAX_BYTES + ONNX_TAP_MAX_BYTES);
    AUTO(arena) scratch = arena_new(ONNX_ARENA_BYTES);
    struct model_card *card = arena_alloc(arena, sizeof(*card));
    struct onnx_file file;
    if (!scratch || !card)
        return error_no_memory(err);
    return runner_read_file(data, model, &bytes, err) && model_card_read(model, arena, card, err) &&
           onnx_file_read((struct bytes){bytes.data, bytes.size}, scratch, &file, err) &&
           runner_new(engine, card, &file, &bytes, ret, err);
}

bool model_runner_open_with(const struct engine_backend *engine, struct store *data,
                            const struct model *model, struct model_runner **ret, struct error *err)
{
    AUTO(arena) arena = arena_new(CARD_ARENA_BYTES);
    struct model_runner *runner = NULL;
    if (!arena)
        return error_no_memory(err);
    if (!open_in(engine, data, model, arena, &runner, err))
        return error_wrap(err, "model %s/%s", model->name, model->version);
    runner_keep_arena(runner, TAKE(arena));
    *ret = runner;
    return true;
}

bool model_runner_open(struct store *data, const struct model *model, struct model_runner **ret,
                       struct error *err)
{
    return model_runner_open_with(&engine_onnxruntime, data, model, ret, err);
}
