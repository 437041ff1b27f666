/* SPDX-License-Identifier: Apache-2.0 */
#include "infer/tensor.h"

#include <stdio.h>

struct element_row {
    const char *name;
    size_t bytes;
};

static const struct element_row elements[] = {
    {"unknown", 0}, {"float32", 4}, {"uint8", 1},     {"int8", 1},        {"uint16", 2},   {"int16", 2},
    {"int32", 4},   {"int64", 8},   {"string", 0},    {"bool", 1},        {"float16", 2},  {"float64", 8},
    {"uint32", 4},  {"uint64", 8},  {"complex64", 8}, {"complex128", 16}, {"bfloat16", 2},
};

static const struct element_row *element_row(enum element_type element)
{
    size_t index = (size_t)element;
    return &elements[index < sizeof(elements) / sizeof(elements[0]) ? index : 0];
}

const char *element_type_name(enum element_type element)
{
    return element_row(element)->name;
}

size_t element_type_bytes(enum element_type element)
{
    return element_row(element)->bytes;
}

size_t tensor_elements(const struct tensor_type *type)
{
    size_t size = element_type_bytes(type->element), count = 1;
    if (size == 0)
        return 0;
    for (uint32_t i = 0; i < type->dim_count; i++) {
        if (type->dims[i] <= 0 || (uint64_t)type->dims[i] > TENSOR_MAX_BYTES / size / count)
            return 0;
        count *= (size_t)type->dims[i];
    }
    return count;
}

size_t tensor_bytes(const struct tensor_type *type)
{
    return tensor_elements(type) * element_type_bytes(type->element);
}

const char *tensor_type_text(const struct tensor_type *type, char text[TENSOR_TEXT_BYTES])
{
    int used = snprintf(text, TENSOR_TEXT_BYTES, "%s [", element_type_name(type->element));
    for (uint32_t i = 0; i < type->dim_count && used >= 0 && used < TENSOR_TEXT_BYTES; i++) {
        const char *comma = i > 0 ? ", " : "";
        size_t room = TENSOR_TEXT_BYTES - (size_t)used;
        if (type->dims[i] >= 0)
            used += snprintf(text + used, room, "%s%lld", comma, (long long)type->dims[i]);
        else
            used += snprintf(text + used, room, "%s%s", comma, type->dims[i] == TENSOR_DIM_BATCH ? "N" : "?");
    }
    if (used >= 0 && used < TENSOR_TEXT_BYTES)
        (void)snprintf(text + used, TENSOR_TEXT_BYTES - (size_t)used, "]");
    return text;
}
