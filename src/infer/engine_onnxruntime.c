/* SPDX-License-Identifier: Apache-2.0 */
#include "infer/engine.h"

#include "infer/onnxruntime_library.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ort_model {
    struct onnxruntime runtime;
    OrtSession *session;
    OrtMemoryInfo *memory;
};

struct ort_call {
    const struct ort_model *model;
    OrtValue *input;
    size_t output_count;
    OrtValue **outputs; /* NULL where the runtime is to allocate */
    const char *input_name;
    const char **output_names;
    bool *is_fixed;
};

/* True when there is no status; else fills *err with one line and releases it. */
static bool ort_ok(const OrtApi *api, OrtStatus *status, enum error_code code, const char *doing,
                   struct error *err)
{
    if (!status)
        return true;
    char message[260];
    (void)snprintf(message, sizeof(message), "%s", api->GetErrorMessage(status));
    api->ReleaseStatus(status);
    for (char *at = message; *at; at++)
        if ((unsigned char)*at < ' ')
            *at = ' ';
    return error_set(err, code, "%s: %s", doing, message);
}

/* One thread per image: several images at once use the cores better than several threads in one image. */
static bool set_options(const OrtApi *api, OrtSessionOptions *options, struct error *err)
{
    static const char doing[] = "cannot set up ONNX Runtime";
    return ort_ok(api, api->SetIntraOpNumThreads(options, 1), ERR_FAILED, doing, err) &&
           ort_ok(api, api->SetInterOpNumThreads(options, 1), ERR_FAILED, doing, err) &&
           ort_ok(api, api->SetSessionExecutionMode(options, ORT_SEQUENTIAL), ERR_FAILED, doing, err) &&
           ort_ok(api, api->SetSessionGraphOptimizationLevel(options, ORT_ENABLE_ALL), ERR_FAILED, doing,
                  err) &&
           ort_ok(api, api->SetSessionLogSeverityLevel(options, ORT_LOGGING_LEVEL_FATAL), ERR_FAILED, doing,
                  err) &&
           ort_ok(api, api->AddSessionConfigEntry(options, "session.intra_op.allow_spinning", "0"),
                  ERR_FAILED, doing, err);
}

static bool create_session(struct ort_model *state, struct bytes file, struct error *err)
{
    const OrtApi *api = state->runtime.api;
    OrtSessionOptions *options = NULL;
    bool is_open =
        ort_ok(api, api->CreateSessionOptions(&options), ERR_FAILED, "cannot set up ONNX Runtime", err) &&
        set_options(api, options, err) &&
        ort_ok(
            api,
            api->CreateSessionFromArray(state->runtime.env, file.data, file.size, options, &state->session),
            ERR_INVALID, "ONNX Runtime refuses the model", err);
    if (options)
        api->ReleaseSessionOptions(options);
    return is_open;
}

/* ---- ports ---- */

struct port_side {
    OrtStatus *(ORT_API_CALL *count)(const OrtSession *, size_t *);
    OrtStatus *(ORT_API_CALL *name)(const OrtSession *, size_t, OrtAllocator *, char **);
    OrtStatus *(ORT_API_CALL *type)(const OrtSession *, size_t, OrtTypeInfo **);
};

struct port_reader {
    const OrtApi *api;
    const OrtSession *session;
    struct arena *arena;
    bool is_input;
    char batch[64]; /* name the model gives to the open first dimension of its input; "" without */
};

static bool read_shape(struct port_reader *reader, const OrtTensorTypeAndShapeInfo *info,
                       struct tensor_type *ret, struct error *err)
{
    static const char doing[] = "cannot read a shape";
    const OrtApi *api = reader->api;
    enum ONNXTensorElementDataType element = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
    size_t count = 0;
    const char *names[TENSOR_DIMS_MAX] = {0};
    if (!ort_ok(api, api->GetTensorElementType(info, &element), ERR_FAILED, doing, err) ||
        !ort_ok(api, api->GetDimensionsCount(info, &count), ERR_FAILED, doing, err))
        return false;
    if (count > TENSOR_DIMS_MAX)
        return error_set(err, ERR_LIMIT, "a tensor has %zu dimensions; at most %d are supported", count,
                         TENSOR_DIMS_MAX);
    ret->element = (enum element_type)element;
    ret->dim_count = (uint32_t)count;
    if (!ort_ok(api, api->GetDimensions(info, ret->dims, count), ERR_FAILED, doing, err) ||
        !ort_ok(api, api->GetSymbolicDimensions(info, names, count), ERR_FAILED, doing, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (ret->dims[i] >= 0)
            continue;
        const char *name = names[i] ? names[i] : "";
        if (i == 0 && reader->is_input && reader->batch[0] == '\0')
            (void)snprintf(reader->batch, sizeof(reader->batch), "%s", name);
        bool is_batch = i == 0 && name[0] && strcmp(name, reader->batch) == 0;
        ret->dims[i] = is_batch ? TENSOR_DIM_BATCH : TENSOR_DIM_FREE;
    }
    return true;
}

static bool read_type(struct port_reader *reader, const OrtTypeInfo *type, struct tensor_type *ret,
                      struct error *err)
{
    const OrtTensorTypeAndShapeInfo *info = NULL;
    if (!ort_ok(reader->api, reader->api->CastTypeInfoToTensorInfo(type, &info), ERR_FAILED,
                "cannot read a type", err))
        return false;
    *ret = (struct tensor_type){0};
    /* A sequence or a map has no tensor type: it is listed as of unknown element. */
    return !info || read_shape(reader, info, ret, err);
}

static bool read_name(struct port_reader *reader, const struct port_side *side, size_t index,
                      const char **ret, struct error *err)
{
    const OrtApi *api = reader->api;
    OrtAllocator *allocator = NULL;
    char *name = NULL;
    if (!ort_ok(api, api->GetAllocatorWithDefaultOptions(&allocator), ERR_FAILED, "cannot allocate", err) ||
        !ort_ok(api, side->name(reader->session, index, allocator, &name), ERR_FAILED, "cannot read a name",
                err))
        return false;
    bool fits = strlen(name) <= ENGINE_PORT_NAME_MAX_BYTES;
    *ret = fits ? arena_text(reader->arena, name) : NULL;
    allocator->Free(allocator, name);
    if (!fits)
        return error_set(err, ERR_LIMIT, "an input or output has a name longer than %d bytes",
                         ENGINE_PORT_NAME_MAX_BYTES);
    return *ret || error_no_memory(err);
}

static bool read_ports(struct port_reader *reader, const struct port_side *side, struct engine_port **ret,
                       size_t *ret_count, struct error *err)
{
    const OrtApi *api = reader->api;
    size_t count = 0;
    if (!ort_ok(api, side->count(reader->session, &count), ERR_FAILED, "cannot list inputs and outputs", err))
        return false;
    if (count > ENGINE_PORTS_MAX)
        return error_set(err, ERR_LIMIT, "the model has %zu inputs or outputs; at most %d are supported",
                         count, ENGINE_PORTS_MAX);
    struct engine_port *ports = arena_array(reader->arena, count + 1, sizeof(*ports));
    if (!ports)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        OrtTypeInfo *type = NULL;
        if (!read_name(reader, side, i, &ports[i].name, err) ||
            !ort_ok(api, side->type(reader->session, i, &type), ERR_FAILED, "cannot read a type", err))
            return false;
        bool is_read = read_type(reader, type, &ports[i].type, err);
        api->ReleaseTypeInfo(type);
        if (!is_read)
            return false;
    }
    *ret = ports;
    *ret_count = count;
    return true;
}

static bool read_all_ports(struct ort_model *state, struct engine_model *model, struct error *err)
{
    const OrtApi *api = state->runtime.api;
    const struct port_side inputs = {api->SessionGetInputCount, api->SessionGetInputName,
                                     api->SessionGetInputTypeInfo};
    const struct port_side outputs = {api->SessionGetOutputCount, api->SessionGetOutputName,
                                      api->SessionGetOutputTypeInfo};
    struct port_reader reader = {
        .api = api, .session = state->session, .arena = model->arena, .is_input = true};
    if (!read_ports(&reader, &inputs, &model->inputs, &model->input_count, err))
        return false;
    reader.is_input = false;
    return read_ports(&reader, &outputs, &model->outputs, &model->output_count, err);
}

static bool ort_open(struct bytes file, struct engine_model *model, struct error *err)
{
    struct ort_model *state = calloc(1, sizeof(*state));
    if (!(model->state = state))
        return error_no_memory(err);
    if (!onnxruntime_load(&state->runtime, err) || !create_session(state, file, err))
        return false;
    const OrtApi *api = state->runtime.api;
    return ort_ok(api, api->CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &state->memory),
                  ERR_FAILED, "cannot describe memory", err) &&
           read_all_ports(state, model, err);
}

static void ort_close(void *state)
{
    struct ort_model *model = state;
    const OrtApi *api = model->runtime.api;
    if (model->memory)
        api->ReleaseMemoryInfo(model->memory);
    if (model->session)
        api->ReleaseSession(model->session);
    if (model->runtime.env)
        api->ReleaseEnv(model->runtime.env);
    free(model);
}

/* ---- running ---- */

static bool wrap_memory(const struct ort_model *model, const struct tensor *tensor, OrtValue **ret,
                        struct error *err)
{
    const OrtApi *api = model->runtime.api;
    return ort_ok(api,
                  api->CreateTensorWithDataAsOrtValue(
                      model->memory, tensor->data, tensor_bytes(&tensor->type), tensor->type.dims,
                      tensor->type.dim_count, (enum ONNXTensorElementDataType)tensor->type.element, ret),
                  ERR_FAILED, "cannot describe a tensor", err);
}

static bool ort_start(struct engine_call *call, struct error *err)
{
    struct ort_call *state = calloc(1, sizeof(*state));
    if (!(call->state = state))
        return error_no_memory(err);
    const struct engine_model *model = call->model;
    state->model = model->state;
    state->input_name = model->inputs[call->input].name;
    state->outputs = calloc(call->output_count, sizeof(OrtValue *));
    state->output_names = calloc(call->output_count, sizeof(const char *));
    state->is_fixed = calloc(call->output_count, sizeof(bool));
    if (!state->outputs || !state->output_names || !state->is_fixed)
        return error_no_memory(err);
    state->output_count = call->output_count;
    for (size_t i = 0; i < call->output_count; i++) {
        state->output_names[i] = model->outputs[call->outputs[i]].name;
        state->is_fixed[i] = call->is_fixed[i];
        if (call->is_fixed[i] &&
            !wrap_memory(state->model, &call->output_tensors[i], &state->outputs[i], err))
            return false;
    }
    return wrap_memory(state->model, &call->input_tensor, &state->input, err);
}

/* Shape and memory of an output that the runtime allocated. */
static bool read_output(const struct ort_call *state, size_t index, struct tensor *ret, struct error *err)
{
    const OrtApi *api = state->model->runtime.api;
    const char *name = state->output_names[index];
    OrtValue *value = state->outputs[index];
    OrtTensorTypeAndShapeInfo *info = NULL;
    int is_tensor = 0;
    struct port_reader reader = {.api = api};
    if (!ort_ok(api, api->IsTensor(value, &is_tensor), ERR_FAILED, name, err))
        return false;
    if (!is_tensor)
        return error_set(err, ERR_INVALID, "output '%.100s' is not a tensor", name);
    if (!ort_ok(api, api->GetTensorTypeAndShape(value, &info), ERR_FAILED, name, err))
        return false;
    bool is_read = read_shape(&reader, info, &ret->type, err);
    api->ReleaseTensorTypeAndShapeInfo(info);
    return is_read && ort_ok(api, api->GetTensorMutableData(value, &ret->data), ERR_FAILED, name, err);
}

static bool ort_run(struct engine_call *call, struct error *err)
{
    struct ort_call *state = call->state;
    const OrtApi *api = state->model->runtime.api;
    for (size_t i = 0; i < state->output_count; i++) {
        if (state->is_fixed[i] || !state->outputs[i])
            continue;
        api->ReleaseValue(state->outputs[i]);
        state->outputs[i] = NULL;
    }
    const OrtValue *input = state->input;
    if (!ort_ok(api,
                api->Run(state->model->session, NULL, &state->input_name, &input, 1, state->output_names,
                         state->output_count, state->outputs),
                ERR_FAILED, "ONNX Runtime cannot run the model", err))
        return false;
    for (size_t i = 0; i < state->output_count; i++)
        if (!state->is_fixed[i] && !read_output(state, i, &call->output_tensors[i], err))
            return false;
    return true;
}

static void ort_end(void *state)
{
    struct ort_call *call = state;
    const OrtApi *api = call->model->runtime.api;
    for (size_t i = 0; i < call->output_count; i++)
        if (call->outputs[i])
            api->ReleaseValue(call->outputs[i]);
    if (call->input)
        api->ReleaseValue(call->input);
    free(call->outputs);
    free(call->output_names);
    free(call->is_fixed);
    free(call);
}

static bool ort_version(char *text, size_t text_bytes, struct error *err)
{
    struct onnxruntime runtime;
    if (!onnxruntime_load(&runtime, err))
        return false;
    (void)snprintf(text, text_bytes, "ONNX Runtime %s", runtime.version);
    runtime.api->ReleaseEnv(runtime.env);
    return true;
}

const struct engine_backend engine_onnxruntime = {
    .name = "onnxruntime",
    .version = ort_version,
    .open = ort_open,
    .close = ort_close,
    .start = ort_start,
    .run = ort_run,
    .end = ort_end,
};
