/* SPDX-License-Identifier: Apache-2.0 */
/* ONNX graph: what its shape tells about a model: how the image enters, how the scores leave, and which inner
 * tensor describes an image. Nothing is computed; all answers carry the tensor's or operator's name. */
#ifndef INFER_ONNX_GRAPH_H
#define INFER_ONNX_GRAPH_H

#include "infer/onnx_file.h"

/* Skips back over operators that keep the values of a tensor (Identity, Reshape, Squeeze, Cast,
 * Quantize/DequantizeLinear…). Returns the name of the tensor found, `name` itself when there is nothing to
 * skip. */
const char *onnx_graph_behind(const struct onnx_file *file, const char *name);
/* The operator whose result a tensor is, value-keeping ones skipped; NULL: an input or a constant. */
const struct onnx_node *onnx_graph_maker(const struct onnx_file *file, const char *name);
/* The constant behind a tensor, value-keeping operators skipped; NULL when it is computed. */
const struct onnx_constant *onnx_graph_constant(const struct onnx_file *file, const char *name);
/* The operators that take this tensor, in the file's order, from *index on; NULL at the end. */
const struct onnx_node *onnx_graph_next_user(const struct onnx_file *file, const char *name, size_t *index);

/*
 * The tensor that describes an image best: what the last layer with weights makes the scores of. For a Gemm
 * or MatMul its input; for a convolution (a 1×1 head) the pooled vector it is applied to.
 * Returns NULL when there is none: *ret_why says so in words; else it says where it was found (in the arena).
 */
const char *onnx_graph_find_embedding(const struct onnx_file *file, const char *output, struct arena *arena,
                                      const char **ret_why);

#endif
