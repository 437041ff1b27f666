/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "infer/onnx_file.h"
#include "infer/protobuf.h"
#include "onnx_builder.h"

#include <math.h>
#include <stdio.h>

/* cmocka's own compares as float. */
#define ASSERT_CLOSE(a, b, slack) assert_true(fabs((double)(a) - (double)(b)) <= (slack))

struct fixture {
    struct onnx_builder builder;
    struct arena *arena;
    struct onnx_file file;
    struct error err;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    assert_non_null(fixture->arena = arena_new(ONNX_ARENA_BYTES));
    onnx_builder_start(&fixture->builder);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    onnx_builder_release(&fixture->builder);
    (void)arena_free(fixture->arena);
    free(fixture);
    return 0;
}

static bool read_bytes(struct fixture *fixture, struct bytes bytes)
{
    fixture->err = (struct error){0};
    return onnx_file_read(bytes, fixture->arena, &fixture->file, &fixture->err);
}

static bool read_built(struct fixture *fixture)
{
    return read_bytes(fixture, onnx_builder_finish(&fixture->builder));
}

static void assert_read(struct fixture *fixture)
{
    if (!read_built(fixture))
        fail_msg("%s", fixture->err.message);
}

static void assert_refused(struct fixture *fixture, enum error_code code, const char *words)
{
    assert_false(read_built(fixture));
    assert_int_equal(fixture->err.code, code);
    if (!strstr(fixture->err.message, words))
        fail_msg("'%s' does not say '%s'", fixture->err.message, words);
}

static void a_graph_is_read_with_its_ports_nodes_and_metadata(void **state)
{
    struct fixture *fixture = *state;
    onnx_builder_release(&fixture->builder);
    onnx_builder_classifier(&fixture->builder);
    onnx_builder_property(&fixture->builder, "Labels", "a,b,c,d");
    assert_read(fixture);
    const struct onnx_file *file = &fixture->file;
    assert_int_equal(file->ir_version, 7);
    assert_int_equal(file->opset, 13);
    assert_string_equal(file->producer, "onnx_builder");
    assert_int_equal(file->node_count, 4);
    assert_string_equal(file->nodes[3].op_type, "Gemm");
    assert_string_equal(file->nodes[3].inputs[1], "gemm.weight");
    assert_int_equal(file->input_count, 1);
    assert_int_equal(file->inputs[0].type.element, ELEMENT_FLOAT32);
    assert_int_equal(file->inputs[0].type.dim_count, 4);
    assert_int_equal(file->inputs[0].type.dims[0], TENSOR_DIM_FREE);
    assert_int_equal(file->inputs[0].type.dims[3], 8);
    assert_string_equal(onnx_file_property(file, "labels"), "a,b,c,d");
    assert_null(onnx_file_property(file, "names"));
    assert_ptr_equal(onnx_file_source(file, "pooled")->node, &file->nodes[2]);
    assert_string_equal(onnx_file_source(file, "conv.weight")->constant->name, "conv.weight");
    assert_null(onnx_file_source(file, "input"));
}

static void an_initializer_listed_as_input_is_no_input(void **state)
{
    struct fixture *fixture = *state;
    onnx_builder_float(&fixture->builder, "weight", 1);
    onnx_builder_input(&fixture->builder, "weight", 1, "");
    onnx_builder_input(&fixture->builder, "image", 1, "1,3,4,4");
    onnx_builder_node(&fixture->builder, "Mul", "image,weight", "out");
    onnx_builder_output(&fixture->builder, "out", 1, "1,3,4,4");
    assert_read(fixture);
    assert_int_equal(fixture->file.input_count, 1);
    assert_string_equal(fixture->file.inputs[0].name, "image");
}

static void no_part_of_a_file_passes_for_a_whole_one(void **state)
{
    struct fixture *fixture = *state;
    onnx_builder_release(&fixture->builder);
    onnx_builder_classifier(&fixture->builder);
    struct bytes whole = onnx_builder_finish(&fixture->builder);
    for (size_t bytes = 0; bytes < whole.size; bytes++) {
        char *part = malloc(bytes + 1); /* exactly as long, so that a sanitizer sees a step beyond */
        assert_non_null(part);
        part = realloc(memcpy(part, whole.data, bytes), bytes ? bytes : 1);
        assert_non_null(part);
        assert_false(read_bytes(fixture, (struct bytes){part, bytes}));
        assert_int_equal(fixture->err.code, ERR_INVALID);
        free(part);
        arena_reset(fixture->arena);
    }
}

static void text_is_no_model(void **state)
{
    struct fixture *fixture = *state;
    static const char text[] = "This is not a model.\n";
    assert_false(read_bytes(fixture, (struct bytes){text, sizeof(text) - 1}));
    assert_non_null(strstr(fixture->err.message, "not an ONNX file"));
}

static void weights_in_other_files_are_refused_with_what_to_do(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUFFER(tensor, 1024);
    onnx_put_number(&tensor, 1, 4);
    onnx_put_number(&tensor, 2, 1);
    onnx_put_text(&tensor, 8, "weight");
    onnx_put_number(&tensor, 14, 1);
    onnx_put_bytes(&fixture->builder.graph, 5, tensor.data, tensor.size);
    onnx_builder_node(&fixture->builder, "Mul", "image,weight", "out");
    onnx_builder_output(&fixture->builder, "out", 1, "1");
    assert_refused(fixture, ERR_INVALID, "save_as_external_data=False");
}

static void a_name_that_is_not_utf_8_is_refused(void **state)
{
    struct fixture *fixture = *state;
    onnx_builder_node(&fixture->builder, "Relu", "image", "out\xff");
    onnx_builder_output(&fixture->builder, "out", 1, "1");
    assert_refused(fixture, ERR_INVALID, "UTF-8");
}

static void add_nodes(struct onnx_builder *builder, size_t count)
{
    onnx_builder_output(builder, "a", 1, "1");
    for (size_t i = 0; i < count; i++)
        onnx_put_bytes(&builder->graph, 1, NULL, 0);
}

static void nodes_meet_their_limit(void **state)
{
    struct fixture *fixture = *state;
    add_nodes(&fixture->builder, ONNX_NODES_MAX);
    assert_read(fixture);
    onnx_builder_release(&fixture->builder);
    arena_reset(fixture->arena);
    add_nodes(&fixture->builder, ONNX_NODES_MAX + 1);
    assert_refused(fixture, ERR_LIMIT, "200000 nodes");
}

static void many_fields(struct onnx_builder *builder, uint32_t field, size_t count)
{
    onnx_builder_release(builder);
    add_nodes(builder, 1);
    for (size_t i = 0; i < count; i++)
        onnx_put_bytes(&builder->graph, field, NULL, 0);
}

static void initializers_inputs_and_outputs_meet_their_limits(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        uint32_t field;
        size_t max;
    } rows[] = {{5, ONNX_CONSTANTS_MAX}, {11, ONNX_PORTS_MAX}, {12, ONNX_PORTS_MAX - 1}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        many_fields(&fixture->builder, rows[i].field, rows[i].max);
        assert_read(fixture);
        many_fields(&fixture->builder, rows[i].field, rows[i].max + 1);
        assert_refused(fixture, ERR_LIMIT, "more than");
        arena_reset(fixture->arena);
    }
}

static void names_and_metadata_meet_their_limits(void **state)
{
    struct fixture *fixture = *state;
    for (size_t over = 0; over <= 1; over++) {
        AUTO_BUFFER(name, ONNX_NAME_MAX_BYTES + 2);
        while (name.size < ONNX_NAME_MAX_BYTES + over)
            (void)buffer_add(&name, "n", 1);
        onnx_builder_release(&fixture->builder);
        onnx_builder_node(&fixture->builder, "Relu", "image", name.data);
        onnx_builder_output(&fixture->builder, "out", 1, "1");
        assert_int_equal(read_built(fixture), over == 0);
        onnx_builder_release(&fixture->builder);
        add_nodes(&fixture->builder, 1);
        for (size_t i = 0; i < ONNX_PROPERTIES_MAX + over; i++)
            onnx_builder_property(&fixture->builder, "k", "v");
        assert_int_equal(read_built(fixture), over == 0);
        if (over)
            assert_int_equal(fixture->err.code, ERR_LIMIT);
    }
}

static void tensors_of_more_dimensions_than_we_hold_have_no_type(void **state)
{
    struct fixture *fixture = *state;
    onnx_builder_node(&fixture->builder, "Relu", "image", "out");
    onnx_builder_output(&fixture->builder, "out", 1, "1,2,3,4,5,6,7,8");
    onnx_builder_output(&fixture->builder, "large", 1, "1,2,3,4,5,6,7,8,9");
    assert_read(fixture);
    assert_int_equal(fixture->file.outputs[0].type.dims[7], 8);
    assert_int_equal(fixture->file.outputs[1].type.dim_count, 0);
}

/* ---- small constants ---- */

static size_t numbers(struct fixture *fixture, const char *name, double *ret, size_t max)
{
    return onnx_constant_numbers(onnx_file_source(&fixture->file, name)->constant, ret, max);
}

static void numbers_of_small_constants_are_read_in_all_their_forms(void **state)
{
    struct fixture *fixture = *state;
    struct onnx_builder *builder = &fixture->builder;
    static const float floats[] = {0.485f, -2};
    static const int8_t bytes[] = {-128, 127};
    static const int64_t wide[] = {-1, 1};
    AUTO_BUFFER(packed, 1024);
    AUTO_BUFFER(list, 64);
    onnx_builder_initializer(builder, "floats", 1, "2", (struct bytes){floats, sizeof(floats)});
    onnx_builder_initializer(builder, "int8", 3, "2", (struct bytes){bytes, sizeof(bytes)});
    onnx_builder_initializer(builder, "int64", 7, "2", (struct bytes){wide, sizeof(wide)});
    onnx_put_varint(&list, 7);
    onnx_put_varint(&list, (uint64_t)(int64_t)-3);
    onnx_put_number(&packed, 2, ELEMENT_INT32);
    onnx_put_bytes(&packed, 5, list.data, list.size);
    onnx_put_text(&packed, 8, "packed");
    onnx_put_bytes(&builder->graph, 5, packed.data, packed.size);
    onnx_builder_node(builder, "Relu", "image", "out");
    onnx_builder_output(builder, "out", 1, "1");
    assert_read(fixture);
    double got[4];
    assert_int_equal(numbers(fixture, "floats", got, 4), 2);
    ASSERT_CLOSE(got[0], 0.485, 1e-7);
    assert_int_equal(numbers(fixture, "int8", got, 4), 2);
    assert_int_equal((int)got[0], -128);
    assert_int_equal(numbers(fixture, "int64", got, 2), 2);
    assert_int_equal((int)got[0], -1);
    assert_int_equal(numbers(fixture, "packed", got, 4), 2);
    assert_int_equal((int)got[1], -3);
    assert_int_equal(numbers(fixture, "floats", got, 1), 0); /* more than asked for */
}

static void the_value_of_a_constant_node_is_a_constant(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUFFER(tensor, 256);
    AUTO_BUFFER(attribute, 256);
    AUTO_BUFFER(node, 512);
    static const float value = 255;
    double got = 0;
    onnx_put_tensor(&tensor, "", 1, "", (struct bytes){&value, sizeof(value)});
    onnx_put_text(&attribute, 1, "value");
    onnx_put_bytes(&attribute, 5, tensor.data, tensor.size);
    onnx_put_text(&node, 2, "white");
    onnx_put_text(&node, 4, "Constant");
    onnx_put_bytes(&node, 5, attribute.data, attribute.size);
    onnx_put_bytes(&fixture->builder.graph, 1, node.data, node.size);
    onnx_builder_output(&fixture->builder, "white", 1, "");
    assert_read(fixture);
    assert_int_equal(numbers(fixture, "white", &got, 1), 1);
    assert_int_equal((int)got, 255);
}

/* ---- tapping ---- */

static void a_tapped_tensor_becomes_an_output(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUFFER(bytes, ONNX_BUILDER_MAX_BYTES);
    onnx_builder_release(&fixture->builder);
    onnx_builder_classifier(&fixture->builder);
    assert_read(fixture);
    (void)buffer_add(&bytes, fixture->builder.model.data, fixture->builder.model.size);
    size_t before = bytes.size;
    assert_true(onnx_file_tap(&fixture->file, "pooled", &bytes, &fixture->err));
    assert_int_equal(bytes.size, before + 12); /* 3A 0A 62 08 0A 06 pooled */
    assert_memory_equal(bytes.data + before, "\x3a\x0a\x62\x08\x0a\x06pooled", 12);
    assert_true(read_bytes(fixture, (struct bytes){bytes.data, bytes.size}));
    assert_int_equal(fixture->file.output_count, 2);
    assert_true(onnx_file_has_output(&fixture->file, "pooled"));
    assert_int_equal(fixture->file.node_count, 4);
}

static void a_name_of_any_length_can_be_tapped(void **state)
{
    struct fixture *fixture = *state;
    static const size_t lengths[] = {1, 117, 118, 122, 126, 127, 128, 129, 4096};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        AUTO_BUFFER(bytes, ONNX_BUILDER_MAX_BYTES);
        AUTO_BUFFER(name, ONNX_NAME_MAX_BYTES);
        while (name.size < lengths[i])
            (void)buffer_add(&name, "n", 1);
        onnx_builder_release(&fixture->builder);
        onnx_builder_node(&fixture->builder, "Relu", "image", name.data);
        onnx_builder_node(&fixture->builder, "Relu", name.data, "out");
        onnx_builder_output(&fixture->builder, "out", 1, "1");
        assert_read(fixture);
        (void)buffer_add(&bytes, fixture->builder.model.data, fixture->builder.model.size);
        size_t before = bytes.size;
        assert_true(onnx_file_tap(&fixture->file, name.data, &bytes, &fixture->err));
        assert_true(bytes.size - before <= ONNX_TAP_MAX_BYTES);
        assert_true(read_bytes(fixture, (struct bytes){bytes.data, bytes.size}));
        assert_true(onnx_file_has_output(&fixture->file, name.data));
        arena_reset(fixture->arena);
    }
}

static void what_is_an_output_already_is_left_alone_and_what_is_none_of_ours_refused(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUFFER(bytes, ONNX_BUILDER_MAX_BYTES);
    onnx_builder_release(&fixture->builder);
    onnx_builder_classifier(&fixture->builder);
    assert_read(fixture);
    assert_true(onnx_file_tap(&fixture->file, "logits", &bytes, &fixture->err));
    assert_int_equal(bytes.size, 0);
    static const char *const others[] = {"input", "conv.weight", "nothing", ""};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_false(onnx_file_tap(&fixture->file, others[i], &bytes, &fixture->err));
        assert_int_equal(fixture->err.code, ERR_INVALID);
        assert_int_equal(bytes.size, 0);
    }
    struct buffer small = {.limit = 5};
    assert_false(onnx_file_tap(&fixture->file, "pooled", &small, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_LIMIT);
    buffer_release(&small);
}

/* ---- the wire format ---- */

static void numbers_of_the_wire_format_are_read_up_to_64_bits(void **state)
{
    static const uint64_t values[] = {0, 1, 127, 128, 16384, UINT32_MAX, UINT64_MAX};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        AUTO_BUFFER(bytes, 64);
        struct protobuf_field field;
        onnx_put_number(&bytes, 3, values[i]);
        struct protobuf reader = protobuf_open((struct bytes){bytes.data, bytes.size});
        assert_true(protobuf_next(&reader, &field));
        assert_int_equal(field.number, 3);
        assert_true(field.value == values[i]);
        assert_false(protobuf_next(&reader, &field));
        assert_null(reader.problem);
    }
}

static void broken_wire_data_is_named(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *problem;
    } rows[] = {
        {"\x08", 1, "middle of a number"},
        {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11, "64 bits"},
        {"\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 12, "64 bits"},
        {"\x0a\x05"
         "abc",
         5, "ends early"},
        {"\x0b", 1, "unknown kind"},
        {"\x00\x00", 2, "valid number"},
        {"\x0d\x01\x02", 3, "middle of a number"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct protobuf_field field;
        struct protobuf reader = protobuf_open((struct bytes){rows[i].bytes, rows[i].size});
        while (protobuf_next(&reader, &field))
            continue;
        if (!reader.problem || !strstr(reader.problem, rows[i].problem))
            fail_msg("row %zu: %s", i, reader.problem ? reader.problem : "no problem");
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_graph_is_read_with_its_ports_nodes_and_metadata),
        CASE(an_initializer_listed_as_input_is_no_input),
        CASE(no_part_of_a_file_passes_for_a_whole_one),
        CASE(text_is_no_model),
        CASE(weights_in_other_files_are_refused_with_what_to_do),
        CASE(a_name_that_is_not_utf_8_is_refused),
        CASE(nodes_meet_their_limit),
        CASE(initializers_inputs_and_outputs_meet_their_limits),
        CASE(names_and_metadata_meet_their_limits),
        CASE(tensors_of_more_dimensions_than_we_hold_have_no_type),
        CASE(numbers_of_small_constants_are_read_in_all_their_forms),
        CASE(the_value_of_a_constant_node_is_a_constant),
        CASE(a_tapped_tensor_becomes_an_output),
        CASE(a_name_of_any_length_can_be_tapped),
        CASE(what_is_an_output_already_is_left_alone_and_what_is_none_of_ours_refused),
        CASE(numbers_of_the_wire_format_are_read_up_to_64_bits),
        CASE(broken_wire_data_is_named),
    };
    return cmocka_run_group_tests_name("onnx file", tests, NULL, NULL);
}
