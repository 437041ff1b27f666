/* SPDX-License-Identifier: Apache-2.0 */
#include "infer/engine.h"

#include <stdlib.h>
#include <string.h>

/* A cache line, and the widest vector register. */
enum { ENGINE_ALIGNMENT_BYTES = 64 };

static void *aligned_memory(size_t bytes)
{
    size_t whole = (bytes + ENGINE_ALIGNMENT_BYTES - 1) / ENGINE_ALIGNMENT_BYTES * ENGINE_ALIGNMENT_BYTES;
    void *memory = aligned_alloc(ENGINE_ALIGNMENT_BYTES, whole);
    if (memory)
        memset(memory, 0, whole);
    return memory;
}

bool engine_open(const struct engine_backend *backend, struct bytes file, struct engine_model **ret,
                 struct error *err)
{
    AUTO(engine_model) model = calloc(1, sizeof(*model));
    if (!model || !(model->arena = arena_new(ENGINE_MODEL_ARENA_BYTES)))
        return error_no_memory(err);
    model->backend = backend;
    if (!backend->open(file, model, err))
        return false;
    *ret = TAKE(model);
    return true;
}

struct engine_model *engine_model_free(struct engine_model *model)
{
    if (!model)
        return NULL;
    if (model->state)
        model->backend->close(model->state);
    (void)arena_free(model->arena);
    free(model);
    return NULL;
}

static const struct engine_port *find_port(const struct engine_port *ports, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(ports[i].name, name) == 0)
            return &ports[i];
    return NULL;
}

const struct engine_port *engine_find_input(const struct engine_model *model, const char *name)
{
    return find_port(model->inputs, model->input_count, name);
}

const struct engine_port *engine_find_output(const struct engine_model *model, const char *name)
{
    return find_port(model->outputs, model->output_count, name);
}

/* The shape an output has for this input, when it is certain before the run. */
static bool output_is_certain(const struct tensor_type *declared, const struct tensor_type *input,
                              struct tensor_type *ret)
{
    *ret = *declared;
    for (uint32_t i = 0; i < ret->dim_count; i++)
        if (ret->dims[i] == TENSOR_DIM_BATCH)
            ret->dims[i] = input->dims[0];
    return tensor_elements(ret) > 0;
}

static bool prepare_outputs(struct engine_call *call, const struct engine_request *request, struct error *err)
{
    const struct engine_model *model = call->model;
    size_t count = request->output_count;
    call->outputs = calloc(count, sizeof(*call->outputs));
    call->output_tensors = calloc(count, sizeof(*call->output_tensors));
    call->is_fixed = calloc(count, sizeof(*call->is_fixed));
    if (!call->outputs || !call->output_tensors || !call->is_fixed)
        return error_no_memory(err);
    call->output_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct engine_port *port = engine_find_output(model, request->outputs[i]);
        if (!port)
            return error_set(err, ERR_INVALID, "the model has no output '%.100s'", request->outputs[i]);
        call->outputs[i] = (size_t)(port - model->outputs);
        struct tensor *tensor = &call->output_tensors[i];
        call->is_fixed[i] = output_is_certain(&port->type, &request->input_type, &tensor->type);
        if (call->is_fixed[i] && !(tensor->data = aligned_memory(tensor_bytes(&tensor->type))))
            return error_no_memory(err);
    }
    return true;
}

bool engine_call_new(const struct engine_model *model, const struct engine_request *request,
                     struct engine_call **ret, struct error *err)
{
    AUTO(engine_call) call = calloc(1, sizeof(*call));
    if (!call)
        return error_no_memory(err);
    call->model = model;
    const struct engine_port *port = engine_find_input(model, request->input);
    if (!port)
        return error_set(err, ERR_INVALID, "the model has no input '%.100s'", request->input);
    call->input = (size_t)(port - model->inputs);
    call->input_tensor.type = request->input_type;
    size_t bytes = tensor_bytes(&request->input_type);
    if (bytes == 0)
        return error_set(err, ERR_LIMIT, "input '%.100s' would take no memory, or more than %zu bytes",
                         request->input, TENSOR_MAX_BYTES);
    if (!(call->input_tensor.data = aligned_memory(bytes)))
        return error_no_memory(err);
    if (!prepare_outputs(call, request, err) || !model->backend->start(call, err))
        return false;
    *ret = TAKE(call);
    return true;
}

/* A detector that finds nothing answers with lists of no rows. */
static bool is_empty(const struct tensor_type *type)
{
    for (uint32_t i = 0; i < type->dim_count; i++)
        if (type->dims[i] == 0)
            return true;
    return false;
}

bool engine_run(struct engine_call *call, struct error *err)
{
    if (!call->model->backend->run(call, err))
        return false;
    for (size_t i = 0; i < call->output_count; i++) {
        const struct tensor *tensor = &call->output_tensors[i];
        const char *name = call->model->outputs[call->outputs[i]].name;
        char text[TENSOR_TEXT_BYTES];
        if (!is_empty(&tensor->type) && (!tensor->data || tensor_elements(&tensor->type) == 0))
            return error_set(err, ERR_LIMIT, "output '%.100s' came as %s: nothing, or more than %zu bytes",
                             name, tensor_type_text(&tensor->type, text), TENSOR_MAX_BYTES);
    }
    return true;
}

struct engine_call *engine_call_free(struct engine_call *call)
{
    if (!call)
        return NULL;
    if (call->state)
        call->model->backend->end(call->state);
    for (size_t i = 0; i < call->output_count; i++)
        if (call->is_fixed[i])
            free(call->output_tensors[i].data);
    free(call->outputs);
    free(call->output_tensors);
    free(call->is_fixed);
    free(call->input_tensor.data);
    free(call);
    return NULL;
}
