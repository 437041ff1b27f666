/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guess.h"

#include <stdio.h>
#include <string.h>

/* True when the shape may be one score per class for each image: [N, K] with ones around. */
static bool may_be_scores(const struct tensor_type *type)
{
    uint32_t large = 0;
    for (uint32_t i = 1; i < type->dim_count; i++)
        large += type->dims[i] != 1;
    bool is_vector = type->dim_count == 1 && type->dims[0] != 1;
    return type->element == ELEMENT_FLOAT32 && (is_vector || large == 1);
}

static void list_outputs(const struct engine_model *engine, char *text, size_t bytes)
{
    text[0] = '\0';
    for (size_t i = 0; i < engine->output_count; i++) {
        char type[TENSOR_TEXT_BYTES];
        size_t used = strlen(text);
        (void)snprintf(text + used, bytes - used, "%s'%.60s' %s", i > 0 ? ", " : "", engine->outputs[i].name,
                       tensor_type_text(&engine->outputs[i].type, type));
    }
}

/* Among several outputs that could be scores, the usual names, best first. */
static const struct engine_port *find_by_name(const struct engine_model *engine)
{
    static const char *const names[] = {"logits", "probabilities", "probs", "scores", "output", NULL};
    for (const char *const *name = names; *name; name++) {
        const struct engine_port *port = engine_find_output(engine, *name);
        if (port && may_be_scores(&port->type))
            return port;
    }
    return NULL;
}

/* The outputs that could be scores; the last of them in *ret. */
static size_t count_candidates(const struct engine_model *engine, const struct engine_port **ret)
{
    size_t found = 0;
    for (size_t i = 0; i < engine->output_count; i++) {
        if (!may_be_scores(&engine->outputs[i].type))
            continue;
        *ret = &engine->outputs[i];
        found++;
    }
    return found;
}

/* NULL with *err filled when it cannot be told. */
static const struct engine_port *find_output(struct guess *guess, const char **ret_why, struct error *err)
{
    const struct engine_model *engine = guess->engine;
    const struct engine_port *port = NULL;
    char text[240];
    list_outputs(engine, text, sizeof(text));
    if (guess_given_by(guess, "outputs")) {
        port = engine_find_output(engine, guess->card->outputs.items[0]);
        if (!port)
            (void)error_set_detail(err, DETAIL_MODEL_UNUSABLE, "the model has no output '%.80s', only %s",
                                   guess->card->outputs.items[0], text);
        return port;
    }
    size_t found = count_candidates(engine, &port);
    *ret_why = engine->output_count == 1 ? "the only output" : "the only output with one score per class";
    if (found > 1) {
        *ret_why = "of several outputs that could be scores, the one with the usual name";
        port = find_by_name(engine);
    }
    if (found == 0)
        (void)error_set_detail(err, DETAIL_MODEL_UNUSABLE,
                               "no output is one score per class: %s; classifiers are what can be run", text);
    else if (!port)
        (void)error_set_detail(err, DETAIL_MODEL_UNUSABLE,
                               "several outputs could be the scores; set outputs to one of %s", text);
    return port;
}

static void guess_kind(struct guess *guess)
{
    static const struct {
        const char *op_type, *kind;
    } endings[] = {
        {"Softmax", "probabilities"}, {"Sigmoid", "sigmoid_probabilities"}, {"LogSoftmax", "logits"}};
    const struct onnx_node *last = onnx_graph_maker(guess->file, guess->card->outputs.items[0]);
    const char **member = &guess->card->output_kind, *kind = "logits";
    const char *op_type = last ? last->op_type : "an unknown operator";
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        if (strcmp(op_type, endings[i].op_type) == 0)
            kind = endings[i].kind;
    const char *why =
        arena_printf(guess->arena, "the graph ends in %.60s%s", op_type,
                     strcmp(kind, "logits") == 0 ? ", so softmax makes them probabilities" : "");
    guess_text(guess, "output_kind", member, kind, why);
}

static void guess_embedding(struct guess *guess)
{
    const char **member = &guess->card->embedding;
    const char *noted = onnx_file_property(guess->file, "embedding"), *why = NULL;
    const struct onnx_source *source = noted ? onnx_file_source(guess->file, noted) : NULL;
    if (source && source->node) {
        guess_text(guess, "embedding", member, source->name, "the file's metadata name it (embedding)");
        return;
    }
    const char *name =
        onnx_graph_find_embedding(guess->file, guess->card->outputs.items[0], guess->arena, &why);
    guess_text(guess, "embedding", member, name, why);
}

bool guess_output(struct guess *guess, struct error *err)
{
    const char *why = "";
    const struct engine_port *output = find_output(guess, &why, err);
    if (!output)
        return false;
    char text[TENSOR_TEXT_BYTES];
    const char *type_why = arena_printf(guess->arena, "output '%.100s' is %s: one score per class",
                                        output->name, tensor_type_text(&output->type, text));
    const char **names = arena_array(guess->arena, 1, sizeof(*names));
    if (!names || !(names[0] = arena_text(guess->arena, output->name)))
        return error_no_memory(err);
    guess_list(guess, "outputs", &guess->card->outputs, (struct param_list){names, 1}, why);
    guess_text(guess, "model_type", &guess->card->model_type, "image_classification", type_why);
    guess_text(guess, "adapter", &guess->card->adapter, "classifier", type_why);
    guess_kind(guess);
    guess_embedding(guess);
    return true;
}
