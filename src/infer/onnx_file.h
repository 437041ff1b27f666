/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ONNX file: what the importer wants to know of a graph, read from the protobuf bytes without the engine, and
 * the one change made to it: an inner tensor is declared as an output ("tapped").
 *
 * Only the main graph is read; graphs inside operators (If, Loop) are left to the engine. Names point into
 * the arena, tensor contents into the file's bytes.
 */
#ifndef INFER_ONNX_FILE_H
#define INFER_ONNX_FILE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "infer/tensor.h"

enum {
    ONNX_NODES_MAX = 200000,
    ONNX_CONSTANTS_MAX = 200000,
    ONNX_PORTS_MAX = 4096, /* inputs, outputs of the graph, each */
    ONNX_PROPERTIES_MAX = 1000,
    ONNX_NAME_MAX_BYTES = 4096,
    ONNX_PROPERTY_MAX_BYTES = 8 * 1024 * 1024,
    ONNX_ARENA_BYTES = 256 * 1024 * 1024, /* what the arena given to onnx_file_read should allow */
    ONNX_TAP_MAX_BYTES = ONNX_NAME_MAX_BYTES + 16,
};

struct onnx_node {
    const char *op_type;
    const char **inputs, **outputs; /* "" where an optional one is left out */
    uint32_t input_count, output_count;
};

struct onnx_value {
    const char *name;
    struct tensor_type type; /* dim_count 0 when the file does not say */
};

/* An initializer, or the value of a Constant node. */
struct onnx_constant {
    const char *name;
    struct tensor_type type;
    struct bytes tensor; /* TensorProto */
};

struct onnx_property {
    const char *key, *value;
};

/* Where a tensor comes from; neither: an input of the graph. */
struct onnx_source {
    const char *name;
    const struct onnx_node *node;
    const struct onnx_constant *constant;
};

struct onnx_file {
    int64_t ir_version, opset;           /* opset of the default domain; 0 when not given */
    const char *producer;                /* "" when not given */
    struct onnx_node *nodes;             /* in the file's order, which ONNX wants to be topological */
    struct onnx_value *inputs, *outputs; /* inputs without those that are initializers */
    struct onnx_constant *constants;
    struct onnx_property *properties;
    struct onnx_source *sources; /* by name */
    size_t node_count, input_count, output_count, constant_count, property_count, source_count;
};

/* ERR_INVALID: not an ONNX file, damaged, or its weights lie in other files. ERR_LIMIT names the limit. */
MUST_CHECK bool onnx_file_read(struct bytes file, struct arena *arena, struct onnx_file *ret,
                               struct error *err);
/* NULL when no node and no constant of the graph gives this tensor. */
const struct onnx_source *onnx_file_source(const struct onnx_file *file, const char *name);
bool onnx_file_has_output(const struct onnx_file *file, const char *name);
/* NULL when there is none; compares without case. */
const char *onnx_file_property(const struct onnx_file *file, const char *key);
/* Elements of a small constant as numbers. Returns how many; 0 when it holds more than `max`, or a type other
 * than float32, float64 and the integers. */
size_t onnx_constant_numbers(const struct onnx_constant *constant, double *ret, size_t max);

/*
 * Declares an inner tensor as an output by appending a second ModelProto that holds graph { output { name }
 * }: protobuf merges repeated occurrences of a message, and the engine infers the type. No effect when it is
 * an output already. Errors: ERR_INVALID no node gives this tensor; ERR_LIMIT the buffer is full
 * (ONNX_TAP_MAX_BYTES are enough) Source: ONNX onnx.proto3 (ModelProto.graph = 7, GraphProto.output = 12,
 * ValueInfoProto.name = 1)
 */
MUST_CHECK bool onnx_file_tap(const struct onnx_file *file, const char *name, struct buffer *bytes,
                              struct error *err);

#endif
