/* SPDX-License-Identifier: Apache-2.0 */
/* Tensor: element type, shape and memory of what goes into a model and comes out of it. Row-major. */
#ifndef INFER_TENSOR_H
#define INFER_TENSOR_H

#include <stddef.h>
#include <stdint.h>

enum { TENSOR_DIMS_MAX = 8, TENSOR_TEXT_BYTES = 192 };
#define TENSOR_MAX_BYTES ((size_t)1 << 30)

/* Dimensions a model leaves open. */
enum {
    TENSOR_DIM_FREE = -1,
    TENSOR_DIM_BATCH = -2, /* open, and known to be the number of images */
};

/* The numbers are ONNX's (TensorProto.DataType). Others exist; they have a name only. */
enum element_type {
    ELEMENT_UNKNOWN = 0,
    ELEMENT_FLOAT32 = 1,
    ELEMENT_UINT8 = 2,
    ELEMENT_INT8 = 3,
    ELEMENT_INT32 = 6,
    ELEMENT_INT64 = 7,
    ELEMENT_FLOAT16 = 10,
    ELEMENT_FLOAT64 = 11,
};
const char *element_type_name(enum element_type element); /* "float32"; "unknown" for what has no row */
size_t element_type_bytes(enum element_type element);     /* 0 when unknown */

struct tensor_type {
    enum element_type element;
    uint32_t dim_count;
    int64_t dims[TENSOR_DIMS_MAX]; /* >= 0, or one of TENSOR_DIM_* */
};

struct tensor {
    struct tensor_type type; /* all dimensions known */
    void *data;
};

/* Product of the dimensions; 0 when one is open or zero, or when the bytes would pass TENSOR_MAX_BYTES. */
size_t tensor_elements(const struct tensor_type *type);
size_t tensor_bytes(const struct tensor_type *type);
/* "float32 [N, 3, ?, 224]": N is the batch. */
const char *tensor_type_text(const struct tensor_type *type, char text[TENSOR_TEXT_BYTES]);

#endif
