/* SPDX-License-Identifier: Apache-2.0 */
#include "infer/onnx_graph.h"

#include <string.h>

enum { STEPS_MAX = 64 /* back along one path; a damaged graph may be a circle */ };

static bool is_one_of(const char *op_type, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(op_type, *list) == 0)
            return true;
    return false;
}

static const struct onnx_node *maker_of(const struct onnx_file *file, const char *name)
{
    const struct onnx_source *source = onnx_file_source(file, name);
    return source ? source->node : NULL;
}

const char *onnx_graph_behind(const struct onnx_file *file, const char *name)
{
    static const char *const keeping[] = {
        "Identity",       "Reshape",          "Flatten", "Squeeze",   "Unsqueeze", "Cast",
        "QuantizeLinear", "DequantizeLinear", "Dropout", "Transpose", NULL};
    for (int step = 0; step < STEPS_MAX; step++) {
        const struct onnx_node *node = maker_of(file, name);
        if (!node || node->input_count == 0 || !is_one_of(node->op_type, keeping))
            return name;
        name = node->inputs[0];
    }
    return name;
}

const struct onnx_node *onnx_graph_maker(const struct onnx_file *file, const char *name)
{
    return maker_of(file, onnx_graph_behind(file, name));
}

const struct onnx_constant *onnx_graph_constant(const struct onnx_file *file, const char *name)
{
    const struct onnx_source *source = onnx_file_source(file, onnx_graph_behind(file, name));
    return source ? source->constant : NULL;
}

const struct onnx_node *onnx_graph_next_user(const struct onnx_file *file, const char *name, size_t *index)
{
    for (; *index < file->node_count; (*index)++) {
        const struct onnx_node *node = &file->nodes[*index];
        for (uint32_t i = 0; i < node->input_count; i++) {
            if (strcmp(node->inputs[i], name) != 0)
                continue;
            (*index)++;
            return node;
        }
    }
    return NULL;
}

/* ---- the embedding ---- */

/* Marks the nodes that a tensor is computed from. NULL when memory is out. */
static bool *mark_ancestors(const struct onnx_file *file, const char *name, struct arena *arena)
{
    bool *is_marked = arena_array(arena, file->node_count + 1, sizeof(bool));
    size_t *stack = arena_array(arena, file->node_count + 1, sizeof(*stack)); /* indexes of nodes */
    if (!is_marked || !stack)
        return NULL;
    size_t depth = 0;
    const struct onnx_node *node = maker_of(file, name);
    if (node) {
        is_marked[node - file->nodes] = true;
        stack[depth++] = (size_t)(node - file->nodes);
    }
    while (depth > 0) {
        node = &file->nodes[stack[--depth]];
        for (uint32_t i = 0; i < node->input_count; i++) {
            const struct onnx_node *maker = maker_of(file, node->inputs[i]);
            if (!maker || is_marked[maker - file->nodes])
                continue;
            is_marked[maker - file->nodes] = true;
            stack[depth++] = (size_t)(maker - file->nodes);
        }
    }
    return is_marked;
}

/* The last layer with weights that leads to `output`. */
static const struct onnx_node *last_layer(const struct onnx_file *file, const bool *is_marked)
{
    static const char *const layers[] = {"Gemm", "MatMul", "Conv", NULL};
    for (size_t i = file->node_count; i-- > 0;) {
        const struct onnx_node *node = &file->nodes[i];
        if (is_marked[i] && node->input_count >= 2 && is_one_of(node->op_type, layers) &&
            onnx_graph_constant(file, node->inputs[1]))
            return node;
    }
    return NULL;
}

/* Skips what a quantised graph puts around a tensor (quantise, then dequantise) and what does nothing. */
static const char *behind_pairs(const struct onnx_file *file, const char *name)
{
    static const char *const nothing[] = {"Identity", "Dropout", NULL};
    for (int step = 0; step < STEPS_MAX; step++) {
        const struct onnx_node *node = maker_of(file, name);
        if (!node || node->input_count == 0)
            return name;
        const struct onnx_node *before = maker_of(file, node->inputs[0]);
        bool is_pair = strcmp(node->op_type, "DequantizeLinear") == 0 && before && before->input_count > 0 &&
                       strcmp(before->op_type, "QuantizeLinear") == 0;
        if (!is_pair && !is_one_of(node->op_type, nothing))
            return name;
        name = is_pair ? before->inputs[0] : node->inputs[0];
    }
    return name;
}

/* True when a tensor is a pooled vector: there is a global pooling behind it and only layers that keep its
 * 1×1 size in between. */
static bool is_pooled(const struct onnx_file *file, const char *name)
{
    static const char *const pools[] = {"GlobalAveragePool", "GlobalMaxPool", "ReduceMean", NULL};
    static const char *const keeping[] = {
        "Conv",    "BatchNormalization", "Relu",    "LeakyRelu",      "PRelu",   "Clip",
        "Sigmoid", "HardSwish",          "Reshape", "Flatten",        "Squeeze", "Unsqueeze",
        "Dropout", "Identity",           "Cast",    "QuantizeLinear", "Elu",     "DequantizeLinear",
        NULL};
    for (int step = 0; step < STEPS_MAX; step++) {
        const struct onnx_node *node = maker_of(file, name);
        if (!node || node->input_count == 0)
            return false;
        if (is_one_of(node->op_type, pools))
            return true;
        if (!is_one_of(node->op_type, keeping))
            return false;
        name = node->inputs[0];
    }
    return false;
}

const char *onnx_graph_find_embedding(const struct onnx_file *file, const char *output, struct arena *arena,
                                      const char **ret_why)
{
    const bool *is_marked = mark_ancestors(file, output, arena);
    const struct onnx_node *layer = is_marked ? last_layer(file, is_marked) : NULL;
    if (!layer) {
        *ret_why = "no layer with weights leads to the scores";
        return NULL;
    }
    if (!maker_of(file, onnx_graph_behind(file, layer->inputs[0]))) {
        *ret_why = "the only layer with weights takes the image itself";
        return NULL;
    }
    const char *name = behind_pairs(file, layer->inputs[0]);
    if (strcmp(layer->op_type, "Conv") == 0 && !is_pooled(file, name)) {
        *ret_why = "the last layer with weights is a convolution over a map, not over a vector";
        return NULL;
    }
    *ret_why = arena_printf(arena, "what the last %s makes the scores of", layer->op_type);
    return name;
}
