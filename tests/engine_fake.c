/* SPDX-License-Identifier: Apache-2.0 */
#include "engine_fake.h"

#include "infer/onnx_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAKE_ARENA_BYTES = 16 * 1024 * 1024 };

struct fake_call {
    void **outputs; /* of those without a fixed place */
    size_t count;
};

static bool copy_ports(struct engine_model *model, const struct onnx_value *values, size_t count,
                       struct engine_port **ret, struct error *err)
{
    struct engine_port *ports = arena_array(model->arena, count + 1, sizeof(*ports));
    for (size_t i = 0; ports && i < count; i++) {
        ports[i] = (struct engine_port){arena_text(model->arena, values[i].name), values[i].type};
        if (ports[i].type.dim_count == 0) /* tapped */
            ports[i].type =
                (struct tensor_type){ELEMENT_FLOAT32, 2, {TENSOR_DIM_FREE, ENGINE_FAKE_TAPPED_LENGTH}};
        if (ports[i].type.dims[0] == TENSOR_DIM_FREE)
            ports[i].type.dims[0] = TENSOR_DIM_BATCH;
        if (!ports[i].name)
            return error_no_memory(err);
    }
    *ret = ports;
    return ports || error_no_memory(err);
}

static bool fake_open(struct bytes file, struct engine_model *model, struct error *err)
{
    AUTO(arena) arena = arena_new(FAKE_ARENA_BYTES);
    struct onnx_file onnx;
    if (!arena || !(model->state = calloc(1, 1)))
        return error_no_memory(err);
    if (!onnx_file_read(file, arena, &onnx, err) ||
        !copy_ports(model, onnx.inputs, onnx.input_count, &model->inputs, err) ||
        !copy_ports(model, onnx.outputs, onnx.output_count, &model->outputs, err))
        return false;
    model->input_count = onnx.input_count;
    model->output_count = onnx.output_count;
    return true;
}

static bool fake_start(struct engine_call *call, struct error *err)
{
    struct fake_call *state = calloc(1, sizeof(*state));
    if (!(call->state = state))
        return error_no_memory(err);
    state->outputs = calloc(call->output_count, sizeof(void *));
    state->count = call->output_count;
    return state->outputs || error_no_memory(err);
}

static uint32_t seed_of(const char *name, size_t element)
{
    uint32_t seed = 2166136261u; /* FNV-1a */
    for (; *name; name++)
        seed = (seed ^ (uint8_t)*name) * 16777619u;
    return (seed ^ (uint32_t)element) * 16777619u;
}

static double input_value(const struct tensor *input, size_t i)
{
    return input->type.element == ELEMENT_UINT8 ? ((const uint8_t *)input->data)[i]
                                                : (double)((const float *)input->data)[i];
}

static float mixture(const struct tensor *input, uint32_t seed)
{
    size_t count = tensor_elements(&input->type);
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        sum += input_value(input, i) * ((seed >> 16) / 65536.0 - 0.5);
    }
    return (float)(sum / (double)count);
}

static bool fake_run(struct engine_call *call, struct error *err)
{
    struct fake_call *state = call->state;
    for (size_t i = 0; i < call->output_count; i++) {
        const struct engine_port *port = &call->model->outputs[call->outputs[i]];
        struct tensor *output = &call->output_tensors[i];
        if (!call->is_fixed[i]) {
            output->type = port->type;
            for (uint32_t d = 0; d < output->type.dim_count; d++)
                if (output->type.dims[d] < 0)
                    output->type.dims[d] = 1;
            free(state->outputs[i]);
            output->data = state->outputs[i] = calloc(1, tensor_bytes(&output->type) + 1);
        }
        if (!output->data || output->type.element != ELEMENT_FLOAT32)
            return error_set(err, ERR_FAILED, "the fake engine only makes float32");
        bool is_share = strncmp(port->name, "shares", 6) == 0;
        for (size_t e = 0; e < tensor_elements(&output->type); e++) {
            float value = mixture(&call->input_tensor, seed_of(port->name, e));
            ((float *)output->data)[e] = is_share ? 1 / (1 + expf(-value)) : value;
        }
    }
    return true;
}

static void fake_end(void *state)
{
    struct fake_call *call = state;
    for (size_t i = 0; call->outputs && i < call->count; i++)
        free(call->outputs[i]);
    free(call->outputs);
    free(call);
}

static bool fake_version(char *text, size_t text_bytes, struct error *err)
{
    (void)err;
    (void)snprintf(text, text_bytes, "fake engine");
    return true;
}

const struct engine_backend engine_fake = {
    .name = "fake",
    .version = fake_version,
    .open = fake_open,
    .close = free,
    .start = fake_start,
    .run = fake_run,
    .end = fake_end,
};
