/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guess.h"

#include <stdio.h>
#include <string.h>

enum { LISTED_BYTES = 240, NAMES_BYTES = 256 };
#define NAME_SEPARATOR ", "

/* What to ask the adapters: all outputs of the model, or those the card names, in its order. */
struct question {
    struct adapter_outputs outputs;
    char listed[LISTED_BYTES]; /* for people */
};

static void add_listed(struct question *question, const struct adapter_output *output)
{
    char type[TENSOR_TEXT_BYTES];
    size_t used = strlen(question->listed);
    (void)snprintf(question->listed + used, sizeof(question->listed) - used, "%s'%.60s' %s",
                   used > 0 ? ", " : "", output->name, tensor_type_text(&output->type, type));
}

static bool add_named(struct guess *guess, struct question *question, struct adapter_output *list,
                      struct error *err)
{
    const struct param_list *names = &guess->card->outputs;
    for (size_t i = 0; i < names->count; i++) {
        const struct engine_port *port = engine_find_output(guess->engine, names->items[i]);
        if (!port)
            return error_set_detail(err, DETAIL_MODEL_UNUSABLE, "the model has no output '%.80s', only %s",
                                    names->items[i], question->listed);
        list[i] = (struct adapter_output){names->items[i], port->type};
    }
    question->outputs.outputs = list;
    question->outputs.count = names->count;
    return true;
}

static bool make_question(struct guess *guess, struct question *ret, struct error *err)
{
    const struct engine_model *engine = guess->engine;
    size_t named = guess_given_by(guess, "outputs") ? guess->card->outputs.count : 0;
    struct adapter_output *list = arena_array(guess->arena, engine->output_count + named + 1, sizeof(*list));
    if (!list)
        return error_no_memory(err);
    *ret = (struct question){.outputs = {.outputs = list,
                                         .count = engine->output_count,
                                         .input_width = (uint32_t)guess->card->width,
                                         .input_height = (uint32_t)guess->card->height}};
    for (size_t i = 0; i < engine->output_count; i++) {
        list[i] = (struct adapter_output){engine->outputs[i].name, engine->outputs[i].type};
        add_listed(ret, &list[i]);
    }
    return named == 0 || add_named(guess, ret, list + engine->output_count, err);
}

/* ---- which adapter ---- */

static void add_name(char names[NAMES_BYTES], const struct adapter *adapter)
{
    size_t used = strlen(names);
    (void)snprintf(names + used, NAMES_BYTES - used, NAME_SEPARATOR "%s", adapter->name);
}

/* The file's own word on what it predicts; NULL when it says nothing. */
static const char *task_of(const struct guess *guess)
{
    return onnx_file_property(guess->file, "task");
}

static bool is_possible(const struct guess *guess, const struct adapter *adapter)
{
    if (guess_given_by(guess, "adapter"))
        return strcmp(guess->card->adapter, adapter->name) == 0;
    if (guess_given_by(guess, "model_type"))
        return adapter->type == model_type_find(guess->card->model_type);
    const char *task = task_of(guess);
    if (task && strcmp(task, "classify") == 0)
        return adapter->type == MODEL_TYPE_CLASSIFICATION;
    return !task || strcmp(task, "detect") != 0 || adapter->type == MODEL_TYPE_DETECTION;
}

struct choice {
    const struct adapter *adapter; /* NULL: none knows the outputs */
    struct adapter_match match;
    char others[NAMES_BYTES]; /* that are no surer and no less sure, each with a comma before it */
};

/* The first of the table among those that are surest. */
static void choose(const struct guess *guess, const struct question *question, struct choice *ret)
{
    for (const struct adapter *const *adapter = all_adapters; *adapter; adapter++) {
        struct adapter_match match = {0};
        if (!is_possible(guess, *adapter) || !(*adapter)->recognise(&question->outputs, &match))
            continue;
        bool is_surer = !ret->adapter || (match.is_certain && !ret->match.is_certain);
        if (is_surer)
            *ret = (struct choice){*adapter, match, ""};
        else if (match.is_certain == ret->match.is_certain)
            add_name(ret->others, *adapter);
    }
}

/* Who names both adapter and outputs knows more than their shapes tell. */
static void take_given(const struct guess *guess, const struct question *question, struct choice *ret)
{
    struct adapter_match *match = &ret->match;
    if (!guess_given_by(guess, "adapter") || !guess_given_by(guess, "outputs") ||
        question->outputs.count > ADAPTER_OUTPUTS_MAX)
        return;
    *match =
        (struct adapter_match){.output_count = question->outputs.count, .why = "as adapter and outputs say"};
    for (size_t i = 0; i < match->output_count; i++)
        match->outputs[i] = i;
    ret->adapter = adapter_find(guess->card->adapter);
}

/* The list of outputs comes last in these messages: it may be too long for one. */

static bool refuse_unknown(const struct guess *guess, const struct question *question, struct error *err)
{
    char names[NAMES_BYTES] = "";
    for (const struct adapter *const *adapter = all_adapters; *adapter; adapter++)
        add_name(names, *adapter);
    if (guess_given_by(guess, "adapter"))
        return error_set_detail(err, DETAIL_MODEL_UNUSABLE,
                                "adapter %s does not know these outputs; set outputs to those it reads, or "
                                "adapter to another of %s: %s",
                                guess->card->adapter, names + strlen(NAME_SEPARATOR), question->listed);
    const char *type = guess_given_by(guess, "model_type") ? guess->card->model_type : NULL;
    return error_set_detail(err, DETAIL_MODEL_UNUSABLE,
                            "no adapter%s%s knows these outputs; set adapter to one of %s, and outputs to "
                            "those it reads: %s",
                            type ? " for " : "", type ? type : "", names + strlen(NAME_SEPARATOR),
                            question->listed);
}

static bool check_choice(const struct guess *guess, const struct question *question,
                         const struct choice *choice, struct error *err)
{
    if (!choice->adapter)
        return refuse_unknown(guess, question, err);
    return choice->match.is_certain || choice->others[0] == '\0' ||
           error_set_detail(err, DETAIL_MODEL_UNUSABLE,
                            "several adapters could read these outputs; set adapter to one of %s%s: %s",
                            choice->adapter->name, choice->others, question->listed);
}

/* Ultralytics' exports say what they are for. */
static bool check_task(const struct guess *guess, struct error *err)
{
    static const char *const others[] = {"segment", "pose", "obb", NULL};
    const char *task = task_of(guess);
    for (const char *const *other = others; task && *other; other++)
        if (strcmp(task, *other) == 0 && !guess_given_by(guess, "adapter"))
            return error_set_detail(err, DETAIL_MODEL_UNUSABLE,
                                    "the file's metadata say that its task is '%s'; models that classify or "
                                    "detect can be run",
                                    *other);
    return true;
}

/* ---- the other members ---- */

static void guess_kind(struct guess *guess, const struct adapter_match *match)
{
    static const struct {
        const char *op_type, *kind;
    } endings[] = {
        {"Softmax", "probabilities"}, {"Sigmoid", "sigmoid_probabilities"}, {"LogSoftmax", "logits"}};
    const char **member = &guess->card->output_kind, *kind = "logits";
    if (guess->adapter->type == MODEL_TYPE_DETECTION) {
        guess_text(guess, "output_kind", member, output_kind_names[match->output_kind], match->why);
        return;
    }
    const struct onnx_node *last = onnx_graph_maker(guess->file, guess->card->outputs.items[0]);
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
    const char *noted = onnx_file_property(guess->file, "embedding"), *why = NULL, *name = NULL;
    const struct onnx_source *source = noted ? onnx_file_source(guess->file, noted) : NULL;
    if (source && source->node) {
        name = source->name;
        why = "the file's metadata name it (embedding)";
    } else if (guess->adapter->type == MODEL_TYPE_DETECTION) {
        why = "a detector's layers describe places in the image, not the whole";
    } else {
        name = onnx_graph_find_embedding(guess->file, guess->card->outputs.items[0], guess->arena, &why);
    }
    guess_text(guess, "embedding", member, name, why);
}

/* What of a detector's boxes is kept and shown: the user's choice, no property of the file. */
static void guess_thresholds(struct guess *guess)
{
    static const struct {
        const char *field, *why;
        size_t offset;
    } rows[] = {
        {"candidate_floor", "usual: boxes of lower scores are not kept, not even as near misses",
         offsetof(struct model_card, candidate_floor)},
        {"score_threshold", "usual: boxes from this score on are the answer",
         offsetof(struct model_card, score_threshold)},
        {"nms_iou", "usual: boxes of one class that overlap more are one object",
         offsetof(struct model_card, nms_iou)},
    };
    if (guess->adapter->type != MODEL_TYPE_DETECTION)
        return;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double *member = (double *)(void *)((char *)guess->card + rows[i].offset);
        guess_number(guess, rows[i].field, member, *member, rows[i].why); /* the table's fallback */
    }
}

static bool keep_names(struct guess *guess, const struct question *question,
                       const struct adapter_match *match, struct param_list *ret)
{
    *ret = (struct param_list){arena_array(guess->arena, match->output_count + 1, sizeof(char *)),
                               match->output_count};
    for (size_t i = 0; ret->items && i < match->output_count; i++)
        if (!(ret->items[i] = arena_text(guess->arena, question->outputs.outputs[match->outputs[i]].name)))
            return false;
    return ret->items != NULL;
}

bool guess_output(struct guess *guess, struct error *err)
{
    struct question question;
    struct choice choice = {0};
    struct param_list names;
    if (!check_task(guess, err) || !make_question(guess, &question, err))
        return false;
    choose(guess, &question, &choice);
    if (!choice.adapter)
        take_given(guess, &question, &choice);
    if (!check_choice(guess, &question, &choice, err))
        return false;
    const struct adapter_match *match = &choice.match;
    guess->adapter = choice.adapter;
    if (!keep_names(guess, &question, match, &names))
        return error_no_memory(err);
    const char *type_why = arena_printf(guess->arena, "what adapter %s reads", guess->adapter->name);
    guess_list(guess, "outputs", &guess->card->outputs, names, match->why);
    guess_text(guess, "model_type", &guess->card->model_type, model_type_name(guess->adapter->type),
               type_why);
    guess_text(guess, "adapter", &guess->card->adapter, guess->adapter->name, match->why);
    guess_kind(guess, match);
    guess_embedding(guess);
    guess_thresholds(guess);
    return true;
}
