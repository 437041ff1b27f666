/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Engine: what computes a model's graph. A backend is one row of functions (struct engine_backend); callers
 * use the functions below, which check arguments once and own the memory.
 *
 * Threads: a loaded model is shared by any number of threads; each thread runs it through an engine_call of
 * its own. Results do not depend on how many threads run.
 */
#ifndef INFER_ENGINE_H
#define INFER_ENGINE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "infer/tensor.h"

enum {
    ENGINE_PORTS_MAX = 256,
    ENGINE_PORT_NAME_MAX_BYTES = 4096,
    ENGINE_MODEL_ARENA_BYTES = 4 * 1024 * 1024
};

/* An input or output that the model declares. */
struct engine_port {
    const char *name;
    struct tensor_type type;
};

struct engine_model {
    const struct engine_backend *backend;
    struct arena *arena; /* holds the ports */
    struct engine_port *inputs, *outputs;
    size_t input_count, output_count;
    void *state; /* the backend's own */
};

/* One thread's use of a model: the input and the outputs it asks for, with memory that stays from run to run.
 */
struct engine_call {
    const struct engine_model *model;
    size_t input;                  /* index into model->inputs */
    struct tensor input_tensor;    /* the caller fills its data before each run */
    size_t *outputs;               /* indexes into model->outputs */
    struct tensor *output_tensors; /* valid after a run, until the next */
    bool *is_fixed;                /* whose memory is ours, their shape being known beforehand */
    size_t output_count;
    void *state; /* the backend's own */
};

/* The contract of a backend. */
struct engine_backend {
    const char *name;
    /* "ONNX Runtime 1.30.0". ERR_FAILED: not installed. */
    bool (*version)(char *text, size_t text_bytes, struct error *err);
    /* Loads a model from the bytes of its file, which may go away afterwards, and fills ports (in the arena,
     * at most ENGINE_PORTS_MAX each) and state. On failure engine_open still calls `close` when state is set.
     * ERR_FAILED: the engine itself is not installed; ERR_INVALID: the model cannot be used. */
    bool (*open)(struct bytes file, struct engine_model *model, struct error *err);
    void (*close)(void *state);
    /* Prepares call->state; the input tensor and the fixed output tensors have memory already. On failure
     * engine_call_new still calls `end` when state is set. */
    bool (*start)(struct engine_call *call, struct error *err);
    /* Computes. Fixed outputs are written in place; the type and data of the others are set to memory of the
     * backend that lasts until the next run or `end`. */
    bool (*run)(struct engine_call *call, struct error *err);
    void (*end)(void *state);
};

/* ONNX Runtime, found at run time: see engine_onnxruntime.c for where it is looked for. */
extern const struct engine_backend engine_onnxruntime;

MUST_CHECK bool engine_open(const struct engine_backend *backend, struct bytes file,
                            struct engine_model **ret, struct error *err);
struct engine_model *engine_model_free(struct engine_model *model); /* after its calls */
/* NULL when there is none of this name. */
const struct engine_port *engine_find_input(const struct engine_model *model, const char *name);
const struct engine_port *engine_find_output(const struct engine_model *model, const char *name);

struct engine_request {
    const char *input;
    struct tensor_type input_type; /* all dimensions known */
    const char *const *outputs;
    size_t output_count;
};
MUST_CHECK bool engine_call_new(const struct engine_model *model, const struct engine_request *request,
                                struct engine_call **ret, struct error *err);
/* ERR_FAILED: the engine says why. ERR_LIMIT: an output beyond TENSOR_MAX_BYTES. An output may be empty, a
 * dimension being 0: its data is then not to be looked at. */
MUST_CHECK bool engine_run(struct engine_call *call, struct error *err);
struct engine_call *engine_call_free(struct engine_call *call);

DEFINE_AUTO(engine_model)
DEFINE_AUTO(engine_call)

#endif
