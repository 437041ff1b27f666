/* SPDX-License-Identifier: Apache-2.0 */
#include "infer/onnx_file.h"

#include "base/text.h"
#include "infer/protobuf.h"

#include <stdlib.h>
#include <string.h>

/* Field numbers of onnx.proto3. */
enum {
    MODEL_IR_VERSION = 1,
    MODEL_PRODUCER = 2,
    MODEL_GRAPH = 7,
    MODEL_OPSET = 8,
    MODEL_PROPERTIES = 14,
    GRAPH_NODE = 1,
    GRAPH_INITIALIZER = 5,
    GRAPH_INPUT = 11,
    GRAPH_OUTPUT = 12,
    NODE_INPUT = 1,
    NODE_OUTPUT = 2,
    NODE_OP_TYPE = 4,
    NODE_ATTRIBUTE = 5,
    ATTRIBUTE_TENSOR = 5,
    VALUE_NAME = 1,
    VALUE_TYPE = 2,
    TYPE_TENSOR = 1,
    TENSOR_TYPE_ELEMENT = 1,
    TENSOR_TYPE_SHAPE = 2,
    SHAPE_DIM = 1,
    DIM_VALUE = 1,
    OPSET_DOMAIN = 1,
    OPSET_VERSION = 2,
    PROPERTY_KEY = 1,
    PROPERTY_VALUE = 2,
    TENSOR_DIMS = 1,
    TENSOR_DATA_TYPE = 2,
    TENSOR_NAME = 8,
    TENSOR_LOCATION = 14,
    LOCATION_EXTERNAL = 1,
    ELEMENT_NUMBERS = 64, /* more than ONNX has */
};

struct reading {
    struct arena *arena;
    struct onnx_file *file;
    struct error *err;
    /* what is being filled */
    struct onnx_node *node;
    struct onnx_constant *constant;
    struct onnx_value *value;
    struct onnx_property *property;
    bool is_default_domain;
    int64_t opset;
};
typedef bool field_reader(struct reading *reading, const struct protobuf_field *field);

static bool is_bytes(const struct protobuf_field *field, uint32_t number)
{
    return field->number == number && field->kind == PROTOBUF_BYTES;
}

static bool is_number(const struct protobuf_field *field, uint32_t number)
{
    return field->number == number && field->kind == PROTOBUF_VARINT;
}

/* Calls `read` for every field of a message. */
static bool each_field(struct reading *reading, struct bytes message, field_reader *read)
{
    struct protobuf reader = protobuf_open(message);
    struct protobuf_field field;
    while (protobuf_next(&reader, &field))
        if (!read(reading, &field))
            return false;
    if (reader.problem)
        return error_set(reading->err, ERR_INVALID, "it is not an ONNX file, or a damaged one: %s",
                         reader.problem);
    return true;
}

static bool copy_text(struct reading *reading, struct bytes text, size_t max_bytes, const char **ret)
{
    if (text.size > max_bytes)
        return error_set(reading->err, ERR_LIMIT, "a text in the file is longer than %zu bytes", max_bytes);
    if (!text_is_utf8(text.data, text.size))
        return error_set(reading->err, ERR_INVALID, "it is damaged: a text in it is not UTF-8");
    *ret = arena_text_n(reading->arena, text.data, text.size);
    return *ret || error_set(reading->err, ERR_LIMIT, "the graph is too large");
}

static bool copy_name(struct reading *reading, struct bytes text, const char **ret)
{
    return copy_text(reading, text, ONNX_NAME_MAX_BYTES, ret);
}

/* ---- first walk: how many of each ---- */

static bool count_graph_field(struct reading *reading, const struct protobuf_field *field)
{
    struct onnx_file *file = reading->file;
    const struct {
        uint32_t number;
        size_t *count, max;
        const char *what;
    } rows[] = {{GRAPH_NODE, &file->node_count, ONNX_NODES_MAX, "nodes"},
                {GRAPH_INITIALIZER, &file->constant_count, ONNX_CONSTANTS_MAX, "initializers"},
                {GRAPH_INPUT, &file->input_count, ONNX_PORTS_MAX, "inputs"},
                {GRAPH_OUTPUT, &file->output_count, ONNX_PORTS_MAX, "outputs"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (is_bytes(field, rows[i].number) && ++*rows[i].count > rows[i].max)
            return error_set(reading->err, ERR_LIMIT, "the graph has more than %zu %s", rows[i].max,
                             rows[i].what);
    return true;
}

static bool count_model_field(struct reading *reading, const struct protobuf_field *field)
{
    if (is_bytes(field, MODEL_GRAPH))
        return each_field(reading, field->bytes, count_graph_field);
    if (is_bytes(field, MODEL_PROPERTIES) && ++reading->file->property_count > ONNX_PROPERTIES_MAX)
        return error_set(reading->err, ERR_LIMIT, "the file has more than %d metadata entries",
                         ONNX_PROPERTIES_MAX);
    return true;
}

static bool make_room(struct reading *reading)
{
    struct onnx_file *file = reading->file;
    struct arena *arena = reading->arena;
    size_t constants = file->constant_count + file->node_count; /* each node may be a Constant */
    file->nodes = arena_array(arena, file->node_count + 1, sizeof(*file->nodes));
    file->constants = arena_array(arena, constants + 1, sizeof(*file->constants));
    file->inputs = arena_array(arena, file->input_count + 1, sizeof(*file->inputs));
    file->outputs = arena_array(arena, file->output_count + 1, sizeof(*file->outputs));
    file->properties = arena_array(arena, file->property_count + 1, sizeof(*file->properties));
    file->node_count = file->constant_count = file->input_count = 0;
    file->output_count = file->property_count = 0;
    if (!file->nodes || !file->constants || !file->inputs || !file->outputs || !file->properties)
        return error_set(reading->err, ERR_LIMIT, "the graph is too large");
    return true;
}

/* ---- second walk: the content ---- */

static void add_dim(struct tensor_type *type, uint64_t value)
{
    /* Past TENSOR_DIMS_MAX only the count goes on: such a tensor is nothing the importer looks at. */
    if (type->dim_count < TENSOR_DIMS_MAX)
        type->dims[type->dim_count] = value <= INT64_MAX ? (int64_t)value : TENSOR_DIM_FREE;
    type->dim_count++;
}

static bool read_tensor_field(struct reading *reading, const struct protobuf_field *field)
{
    struct onnx_constant *constant = reading->constant;
    uint64_t dim = 0;
    if (is_bytes(field, TENSOR_NAME))
        return copy_name(reading, field->bytes, &constant->name);
    if (is_number(field, TENSOR_DIMS))
        add_dim(&constant->type, field->value);
    if (is_bytes(field, TENSOR_DIMS))
        for (struct protobuf packed = protobuf_open(field->bytes); protobuf_next_packed(&packed, &dim);)
            add_dim(&constant->type, dim);
    if (is_number(field, TENSOR_DATA_TYPE) && field->value < ELEMENT_NUMBERS)
        constant->type.element = (enum element_type)field->value;
    if (is_number(field, TENSOR_LOCATION) && field->value == LOCATION_EXTERNAL)
        return error_set(reading->err, ERR_INVALID,
                         "its weights lie in other files; write it as one file, for example with "
                         "onnx.save(model, path, save_as_external_data=False)");
    return true;
}

static bool read_tensor(struct reading *reading, struct bytes tensor, struct onnx_constant *into)
{
    *into = (struct onnx_constant){.name = "", .tensor = tensor};
    reading->constant = into;
    if (!each_field(reading, tensor, read_tensor_field))
        return false;
    if (into->type.dim_count > TENSOR_DIMS_MAX)
        into->type = (struct tensor_type){0};
    return true;
}

static bool read_initializer(struct reading *reading, struct bytes tensor)
{
    struct onnx_file *file = reading->file;
    return read_tensor(reading, tensor, &file->constants[file->constant_count++]);
}

static bool count_node_field(struct reading *reading, const struct protobuf_field *field)
{
    reading->node->input_count += is_bytes(field, NODE_INPUT);
    reading->node->output_count += is_bytes(field, NODE_OUTPUT);
    return true;
}

static bool read_node_field(struct reading *reading, const struct protobuf_field *field)
{
    struct onnx_node *node = reading->node;
    if (is_bytes(field, NODE_INPUT))
        return copy_name(reading, field->bytes, &node->inputs[node->input_count++]);
    if (is_bytes(field, NODE_OUTPUT))
        return copy_name(reading, field->bytes, &node->outputs[node->output_count++]);
    if (is_bytes(field, NODE_OP_TYPE))
        return copy_name(reading, field->bytes, &node->op_type);
    return true;
}

static bool read_attribute_field(struct reading *reading, const struct protobuf_field *field)
{
    struct onnx_file *file = reading->file;
    return !is_bytes(field, ATTRIBUTE_TENSOR) ||
           read_tensor(reading, field->bytes, &file->constants[file->constant_count]);
}

static bool read_constant_node_field(struct reading *reading, const struct protobuf_field *field)
{
    return !is_bytes(field, NODE_ATTRIBUTE) || each_field(reading, field->bytes, read_attribute_field);
}

/* The tensor of a Constant node becomes a constant under the name of the node's output. */
static bool read_constant_node(struct reading *reading, struct bytes message)
{
    struct onnx_file *file = reading->file;
    struct onnx_constant *constant = &file->constants[file->constant_count];
    *constant = (struct onnx_constant){0};
    if (!each_field(reading, message, read_constant_node_field))
        return false;
    constant->name = reading->node->outputs[0];
    file->constant_count += constant->tensor.data != NULL;
    return true;
}

static bool read_node(struct reading *reading, struct bytes message)
{
    struct onnx_file *file = reading->file;
    struct onnx_node *node = reading->node = &file->nodes[file->node_count++];
    if (!each_field(reading, message, count_node_field))
        return false;
    node->inputs = arena_array(reading->arena, node->input_count + (size_t)1, sizeof(char *));
    node->outputs = arena_array(reading->arena, node->output_count + (size_t)1, sizeof(char *));
    if (!node->inputs || !node->outputs)
        return error_set(reading->err, ERR_LIMIT, "the graph is too large");
    node->op_type = "";
    node->input_count = node->output_count = 0;
    if (!each_field(reading, message, read_node_field))
        return false;
    bool is_constant = strcmp(node->op_type, "Constant") == 0 && node->output_count == 1;
    return !is_constant || read_constant_node(reading, message);
}

static bool read_dim(struct reading *reading, const struct protobuf_field *field)
{
    struct tensor_type *type = &reading->value->type;
    if (is_number(field, DIM_VALUE) && type->dim_count <= TENSOR_DIMS_MAX && field->value <= INT64_MAX)
        type->dims[type->dim_count - 1] = (int64_t)field->value;
    return true;
}

static bool read_shape(struct reading *reading, const struct protobuf_field *field)
{
    if (!is_bytes(field, SHAPE_DIM))
        return true;
    add_dim(&reading->value->type, UINT64_MAX); /* open, until a value is found */
    return each_field(reading, field->bytes, read_dim);
}

static bool read_tensor_type(struct reading *reading, const struct protobuf_field *field)
{
    if (is_number(field, TENSOR_TYPE_ELEMENT) && field->value < ELEMENT_NUMBERS)
        reading->value->type.element = (enum element_type)field->value;
    return !is_bytes(field, TENSOR_TYPE_SHAPE) || each_field(reading, field->bytes, read_shape);
}

static bool read_type(struct reading *reading, const struct protobuf_field *field)
{
    return !is_bytes(field, TYPE_TENSOR) || each_field(reading, field->bytes, read_tensor_type);
}

static bool read_value_field(struct reading *reading, const struct protobuf_field *field)
{
    if (is_bytes(field, VALUE_NAME))
        return copy_name(reading, field->bytes, &reading->value->name);
    return !is_bytes(field, VALUE_TYPE) || each_field(reading, field->bytes, read_type);
}

static bool read_value(struct reading *reading, struct bytes message, struct onnx_value *into)
{
    *into = (struct onnx_value){.name = ""};
    reading->value = into;
    if (!each_field(reading, message, read_value_field))
        return false;
    if (into->type.dim_count > TENSOR_DIMS_MAX)
        into->type = (struct tensor_type){0};
    return true;
}

static bool read_graph_field(struct reading *reading, const struct protobuf_field *field)
{
    struct onnx_file *file = reading->file;
    if (is_bytes(field, GRAPH_NODE))
        return read_node(reading, field->bytes);
    if (is_bytes(field, GRAPH_INITIALIZER))
        return read_initializer(reading, field->bytes);
    if (is_bytes(field, GRAPH_INPUT))
        return read_value(reading, field->bytes, &file->inputs[file->input_count++]);
    if (is_bytes(field, GRAPH_OUTPUT))
        return read_value(reading, field->bytes, &file->outputs[file->output_count++]);
    return true;
}

static bool read_opset_field(struct reading *reading, const struct protobuf_field *field)
{
    if (is_bytes(field, OPSET_DOMAIN))
        reading->is_default_domain = field->bytes.size == 0;
    if (is_number(field, OPSET_VERSION) && field->value <= INT64_MAX)
        reading->opset = (int64_t)field->value;
    return true;
}

static bool read_opset(struct reading *reading, struct bytes message)
{
    reading->is_default_domain = true;
    reading->opset = 0;
    if (!each_field(reading, message, read_opset_field))
        return false;
    if (reading->is_default_domain)
        reading->file->opset = reading->opset;
    return true;
}

static bool read_property_field(struct reading *reading, const struct protobuf_field *field)
{
    if (is_bytes(field, PROPERTY_KEY))
        return copy_name(reading, field->bytes, &reading->property->key);
    /* Metadata is only for reading; what is not text is as good as missing. */
    if (is_bytes(field, PROPERTY_VALUE) && text_is_utf8(field->bytes.data, field->bytes.size))
        return copy_text(reading, field->bytes, ONNX_PROPERTY_MAX_BYTES, &reading->property->value);
    return true;
}

static bool read_property(struct reading *reading, struct bytes message)
{
    reading->property = &reading->file->properties[reading->file->property_count++];
    *reading->property = (struct onnx_property){"", ""};
    return each_field(reading, message, read_property_field);
}

static bool read_model_field(struct reading *reading, const struct protobuf_field *field)
{
    if (is_bytes(field, MODEL_GRAPH))
        return each_field(reading, field->bytes, read_graph_field);
    if (is_bytes(field, MODEL_OPSET))
        return read_opset(reading, field->bytes);
    if (is_bytes(field, MODEL_PROPERTIES))
        return read_property(reading, field->bytes);
    if (is_bytes(field, MODEL_PRODUCER))
        return copy_name(reading, field->bytes, &reading->file->producer);
    if (is_number(field, MODEL_IR_VERSION) && field->value <= INT64_MAX)
        reading->file->ir_version = (int64_t)field->value;
    return true;
}

/* ---- names ---- */

static int compare_sources(const void *a, const void *b)
{
    return strcmp(((const struct onnx_source *)a)->name, ((const struct onnx_source *)b)->name);
}

const struct onnx_source *onnx_file_source(const struct onnx_file *file, const char *name)
{
    struct onnx_source wanted = {.name = name};
    if (file->source_count == 0)
        return NULL;
    return bsearch(&wanted, file->sources, file->source_count, sizeof(wanted), compare_sources);
}

static bool index_names(struct reading *reading)
{
    struct onnx_file *file = reading->file;
    size_t count = file->constant_count, at = 0;
    for (size_t i = 0; i < file->node_count; i++)
        count += file->nodes[i].output_count;
    file->sources = arena_array(reading->arena, count + 1, sizeof(*file->sources));
    if (!file->sources)
        return error_set(reading->err, ERR_LIMIT, "the graph is too large");
    for (size_t i = 0; i < file->constant_count; i++)
        file->sources[at++] =
            (struct onnx_source){.name = file->constants[i].name, .constant = &file->constants[i]};
    for (size_t i = 0; i < file->node_count; i++) {
        const struct onnx_node *node = &file->nodes[i];
        bool is_listed = strcmp(node->op_type, "Constant") == 0; /* among the constants */
        for (uint32_t j = 0; j < node->output_count && !is_listed; j++)
            file->sources[at++] = (struct onnx_source){.name = node->outputs[j], .node = node};
    }
    file->source_count = at;
    qsort(file->sources, at, sizeof(*file->sources), compare_sources);
    return true;
}

/* Old files list every initializer among the inputs too. */
static void drop_initialized_inputs(struct onnx_file *file)
{
    size_t kept = 0;
    for (size_t i = 0; i < file->input_count; i++)
        if (!onnx_file_source(file, file->inputs[i].name))
            file->inputs[kept++] = file->inputs[i];
    file->input_count = kept;
}

bool onnx_file_read(struct bytes bytes, struct arena *arena, struct onnx_file *ret, struct error *err)
{
    struct onnx_file file = {.producer = ""};
    struct reading reading = {.arena = arena, .file = &file, .err = err};
    if (!each_field(&reading, bytes, count_model_field) || !make_room(&reading) ||
        !each_field(&reading, bytes, read_model_field))
        return false;
    if (file.node_count == 0 || file.output_count == 0)
        return error_set(err, ERR_INVALID, "it is not an ONNX file: there is no graph in it");
    if (!index_names(&reading))
        return false;
    drop_initialized_inputs(&file);
    *ret = file;
    return true;
}
