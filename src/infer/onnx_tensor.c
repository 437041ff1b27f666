/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "infer/onnx_file.h"
#include "infer/protobuf.h"

#include <string.h>

bool onnx_file_has_output(const struct onnx_file *file, const char *name)
{
    for (size_t i = 0; i < file->output_count; i++)
        if (strcmp(file->outputs[i].name, name) == 0)
            return true;
    return false;
}

const char *onnx_file_property(const struct onnx_file *file, const char *key)
{
    for (size_t i = 0; i < file->property_count; i++)
        if (text_equal_ignoring_case(file->properties[i].key, key))
            return file->properties[i].value;
    return NULL;
}

/* ---- elements of small constants ---- */

/* Fields of TensorProto that hold the elements. */
enum { FLOAT_DATA = 4, INT32_DATA = 5, INT64_DATA = 7, RAW_DATA = 9, DOUBLE_DATA = 10 };

static double bits_to_float(uint64_t bits)
{
    uint32_t low = (uint32_t)bits;
    float value = 0;
    memcpy(&value, &low, sizeof(value));
    return (double)value;
}

static double bits_to_double(uint64_t bits)
{
    double value = 0;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

/* One element as it lies in raw_data, little-endian, or as the number of a varint. */
static double element_value(enum element_type element, uint64_t bits)
{
    switch (element) {
    case ELEMENT_FLOAT32:
        return bits_to_float(bits);
    case ELEMENT_FLOAT64:
        return bits_to_double(bits);
    case ELEMENT_UINT8:
        return (double)(uint8_t)bits;
    case ELEMENT_INT8:
        return (double)(int8_t)(uint8_t)bits;
    case ELEMENT_INT32:
        return (double)(int32_t)(uint32_t)bits;
    default:
        return (double)(int64_t)bits;
    }
}

static bool is_readable(enum element_type element)
{
    return element == ELEMENT_FLOAT32 || element == ELEMENT_FLOAT64 || element == ELEMENT_UINT8 ||
           element == ELEMENT_INT8 || element == ELEMENT_INT32 || element == ELEMENT_INT64;
}

/* The list of numbers being filled. */
struct numbers {
    enum element_type element;
    double *values;
    size_t count, max;
};

static void add_number(struct numbers *numbers, uint64_t bits)
{
    if (numbers->count < numbers->max)
        numbers->values[numbers->count] = element_value(numbers->element, bits);
    numbers->count++;
}

static void add_fixed_width(struct numbers *numbers, struct bytes bytes, size_t width)
{
    const uint8_t *at = bytes.data;
    for (size_t i = 0; i + width <= bytes.size && numbers->count <= numbers->max; i += width) {
        uint64_t bits = 0;
        for (size_t j = 0; j < width; j++)
            bits |= (uint64_t)at[i + j] << (8 * j);
        add_number(numbers, bits);
    }
}

static void add_field(struct numbers *numbers, const struct protobuf_field *field)
{
    uint64_t value = 0;
    bool is_varints = field->number == INT32_DATA || field->number == INT64_DATA;
    bool is_fixed = field->number == FLOAT_DATA || field->number == DOUBLE_DATA;
    if (!is_varints && !is_fixed && field->number != RAW_DATA)
        return;
    if (field->kind != PROTOBUF_BYTES) {
        add_number(numbers, field->value);
        return;
    }
    if (!is_varints) {
        add_fixed_width(numbers, field->bytes, element_type_bytes(numbers->element));
        return;
    }
    for (struct protobuf packed = protobuf_open(field->bytes);
         numbers->count <= numbers->max && protobuf_next_packed(&packed, &value);)
        add_number(numbers, value);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): written through `numbers` */
size_t onnx_constant_numbers(const struct onnx_constant *constant, double *ret, size_t max)
{
    struct numbers numbers = {.element = constant->type.element, .values = ret, .max = max};
    if (!is_readable(numbers.element))
        return 0;
    struct protobuf reader = protobuf_open(constant->tensor);
    struct protobuf_field field;
    while (numbers.count <= max && protobuf_next(&reader, &field))
        add_field(&numbers, &field);
    return numbers.count <= max && !reader.problem ? numbers.count : 0;
}

/* ---- tapping ---- */

enum { TAP_MODEL_GRAPH = 7, TAP_GRAPH_OUTPUT = 12, TAP_VALUE_NAME = 1, VARINT_MAX_BYTES = 10 };

static size_t varint_bytes(size_t value)
{
    size_t bytes = 1;
    for (; value >= 0x80; value >>= 7)
        bytes++;
    return bytes;
}

static void add_header(struct buffer *bytes, unsigned field_number, size_t length)
{
    uint8_t text[1 + VARINT_MAX_BYTES] = {(uint8_t)(field_number << 3 | PROTOBUF_BYTES)};
    size_t used = 1;
    for (; length >= 0x80; length >>= 7)
        text[used++] = (uint8_t)(length | 0x80);
    text[used++] = (uint8_t)length;
    (void)buffer_add(bytes, text, used);
}

bool onnx_file_tap(const struct onnx_file *file, const char *name, struct buffer *bytes, struct error *err)
{
    const struct onnx_source *source = onnx_file_source(file, name);
    if (!source || !source->node || name[0] == '\0')
        return error_set(err, ERR_INVALID, "no node of the graph gives a tensor '%.120s'", name);
    if (onnx_file_has_output(file, name))
        return true;
    size_t name_field = 1 + varint_bytes(strlen(name)) + strlen(name);
    size_t output_field = 1 + varint_bytes(name_field) + name_field;
    if (!buffer_reserve(bytes, 1 + varint_bytes(output_field) + output_field))
        return error_set(err, ERR_LIMIT, "the model is too large to add an output to it");
    add_header(bytes, TAP_MODEL_GRAPH, output_field);
    add_header(bytes, TAP_GRAPH_OUTPUT, name_field);
    add_header(bytes, TAP_VALUE_NAME, strlen(name));
    (void)buffer_add(bytes, name, strlen(name));
    return true;
}
