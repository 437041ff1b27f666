/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes small ONNX files byte by byte, for tests that must not need Python. Lists are comma-separated texts;
 * in shapes a letter is an open dimension: onnx_builder_input(&builder, "input", 1, "N,3,8,8").
 */
#ifndef TESTS_ONNX_BUILDER_H
#define TESTS_ONNX_BUILDER_H

#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

#define ONNX_BUILDER __attribute__((unused)) static
enum { ONNX_BUILDER_MAX_BYTES = 16 * 1024 * 1024 };

struct onnx_builder {
    struct buffer graph, model;
};

ONNX_BUILDER void onnx_builder_start(struct onnx_builder *builder)
{
    buffer_init(&builder->graph, ONNX_BUILDER_MAX_BYTES);
    buffer_init(&builder->model, ONNX_BUILDER_MAX_BYTES);
}

ONNX_BUILDER void onnx_builder_release(struct onnx_builder *builder)
{
    buffer_release(&builder->graph);
    buffer_release(&builder->model);
}

ONNX_BUILDER void onnx_put_varint(struct buffer *to, uint64_t value)
{
    do {
        uint8_t byte = (uint8_t)((value & 0x7f) | (value >= 0x80 ? 0x80 : 0));
        (void)buffer_add(to, &byte, 1);
        value >>= 7;
    } while (value > 0);
}

ONNX_BUILDER void onnx_put_number(struct buffer *to, uint32_t field, uint64_t value)
{
    onnx_put_varint(to, (uint64_t)field << 3);
    onnx_put_varint(to, value);
}

ONNX_BUILDER void onnx_put_bytes(struct buffer *to, uint32_t field, const void *data, size_t bytes)
{
    onnx_put_varint(to, (uint64_t)field << 3 | 2);
    onnx_put_varint(to, bytes);
    (void)buffer_add(to, data, bytes);
}

ONNX_BUILDER void onnx_put_text(struct buffer *to, uint32_t field, const char *text)
{
    onnx_put_bytes(to, field, text, strlen(text));
}

/* Adds each part of a comma-separated list as a text field. */
ONNX_BUILDER void onnx_put_list(struct buffer *to, uint32_t field, const char *list)
{
    for (const char *at = list; *at;) {
        size_t bytes = strcspn(at, ",");
        onnx_put_bytes(to, field, at, bytes);
        at += bytes + (at[bytes] == ',');
    }
}

ONNX_BUILDER void onnx_builder_node(struct onnx_builder *builder, const char *op_type, const char *inputs,
                                    const char *outputs)
{
    AUTO_BUFFER(node, ONNX_BUILDER_MAX_BYTES);
    onnx_put_list(&node, 1, inputs);
    onnx_put_list(&node, 2, outputs);
    onnx_put_text(&node, 4, op_type);
    onnx_put_bytes(&builder->graph, 1, node.data, node.size);
}

ONNX_BUILDER void onnx_put_shape(struct buffer *to, const char *shape)
{
    for (const char *at = shape; *at;) {
        AUTO_BUFFER(dim, 256);
        size_t bytes = strcspn(at, ",");
        if (*at >= '0' && *at <= '9')
            onnx_put_number(&dim, 1, strtoull(at, NULL, 10));
        else
            onnx_put_bytes(&dim, 2, at, bytes);
        onnx_put_bytes(to, 1, dim.data, dim.size);
        at += bytes + (at[bytes] == ',');
    }
}

ONNX_BUILDER void onnx_put_value(struct buffer *graph, uint32_t field, const char *name, uint32_t element,
                                 const char *shape)
{
    AUTO_BUFFER(dims, 4096);
    AUTO_BUFFER(tensor, 4096);
    AUTO_BUFFER(type, 4096);
    AUTO_BUFFER(value, ONNX_BUILDER_MAX_BYTES);
    onnx_put_shape(&dims, shape);
    onnx_put_number(&tensor, 1, element);
    onnx_put_bytes(&tensor, 2, dims.data, dims.size);
    onnx_put_bytes(&type, 1, tensor.data, tensor.size);
    onnx_put_text(&value, 1, name);
    onnx_put_bytes(&value, 2, type.data, type.size);
    onnx_put_bytes(graph, field, value.data, value.size);
}

ONNX_BUILDER void onnx_builder_input(struct onnx_builder *builder, const char *name, uint32_t element,
                                     const char *shape)
{
    onnx_put_value(&builder->graph, 11, name, element, shape);
}

ONNX_BUILDER void onnx_builder_output(struct onnx_builder *builder, const char *name, uint32_t element,
                                      const char *shape)
{
    onnx_put_value(&builder->graph, 12, name, element, shape);
}

/* A TensorProto with raw little-endian elements; the shape has no letters. */
ONNX_BUILDER void onnx_put_tensor(struct buffer *to, const char *name, uint32_t element, const char *shape,
                                  struct bytes elements)
{
    for (const char *at = shape; *at;) {
        onnx_put_number(to, 1, strtoull(at, NULL, 10));
        at += strcspn(at, ",");
        at += *at == ',';
    }
    onnx_put_number(to, 2, element);
    onnx_put_text(to, 8, name);
    onnx_put_bytes(to, 9, elements.data, elements.size);
}

ONNX_BUILDER void onnx_builder_initializer(struct onnx_builder *builder, const char *name, uint32_t element,
                                           const char *shape, struct bytes elements)
{
    AUTO_BUFFER(tensor, ONNX_BUILDER_MAX_BYTES);
    onnx_put_tensor(&tensor, name, element, shape, elements);
    onnx_put_bytes(&builder->graph, 5, tensor.data, tensor.size);
}

/* One float for the whole tensor. */
ONNX_BUILDER void onnx_builder_float(struct onnx_builder *builder, const char *name, float value)
{
    onnx_builder_initializer(builder, name, 1, "", (struct bytes){&value, sizeof(value)});
}

ONNX_BUILDER void onnx_builder_property(struct onnx_builder *builder, const char *key, const char *value)
{
    AUTO_BUFFER(property, ONNX_BUILDER_MAX_BYTES);
    onnx_put_text(&property, 1, key);
    onnx_put_text(&property, 2, value);
    onnx_put_bytes(&builder->model, 14, property.data, property.size);
}

/* The file; borrowed from the builder. */
ONNX_BUILDER struct bytes onnx_builder_finish(struct onnx_builder *builder)
{
    AUTO_BUFFER(opset, 64);
    onnx_put_number(&opset, 2, 13);
    onnx_put_number(&builder->model, 1, 7);
    onnx_put_text(&builder->model, 2, "onnx_builder");
    onnx_put_bytes(&builder->model, 8, opset.data, opset.size);
    onnx_put_bytes(&builder->model, 7, builder->graph.data, builder->graph.size);
    return (struct bytes){builder->model.data, builder->model.size};
}

/* input [N,3,8,8] -> Conv -> GlobalAveragePool -> Flatten `pooled` -> Gemm -> logits [N,4]; the weights are
 * there by name only, too small to be run by an engine that computes. */
ONNX_BUILDER void onnx_builder_classifier(struct onnx_builder *builder)
{
    static const float weights[4] = {1, 2, 3, 4};
    const struct bytes elements = {weights, sizeof(weights)};
    onnx_builder_start(builder);
    onnx_builder_input(builder, "input", 1, "N,3,8,8");
    onnx_builder_output(builder, "logits", 1, "N,4");
    onnx_builder_initializer(builder, "conv.weight", 1, "4", elements);
    onnx_builder_initializer(builder, "gemm.weight", 1, "4", elements);
    onnx_builder_node(builder, "Conv", "input,conv.weight", "map");
    onnx_builder_node(builder, "GlobalAveragePool", "map", "averaged");
    onnx_builder_node(builder, "Flatten", "averaged", "pooled");
    onnx_builder_node(builder, "Gemm", "pooled,gemm.weight", "logits");
}

#endif
