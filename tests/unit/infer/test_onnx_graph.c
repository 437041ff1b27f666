/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "infer/onnx_graph.h"
#include "onnx_builder.h"

struct fixture {
    struct onnx_builder builder;
    struct arena *arena;
    struct onnx_file file;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    assert_non_null(fixture->arena = arena_new(ONNX_ARENA_BYTES));
    onnx_builder_start(&fixture->builder);
    onnx_builder_input(&fixture->builder, "image", 1, "N,3,8,8");
    onnx_builder_output(&fixture->builder, "scores", 1, "N,4");
    onnx_builder_float(&fixture->builder, "w", 1);
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

static void add(struct fixture *fixture, const char *op_type, const char *inputs, const char *outputs)
{
    onnx_builder_node(&fixture->builder, op_type, inputs, outputs);
}

static const char *find(struct fixture *fixture, const char **ret_why)
{
    struct error err = {0};
    if (!onnx_file_read(onnx_builder_finish(&fixture->builder), fixture->arena, &fixture->file, &err))
        fail_msg("%s", err.message);
    return onnx_graph_find_embedding(&fixture->file, "scores", fixture->arena, ret_why);
}

static void the_input_of_the_last_dense_layer_is_the_embedding(void **state)
{
    const char *why = NULL;
    add(*state, "Conv", "image,w", "map");
    add(*state, "GlobalAveragePool", "map", "pooled");
    add(*state, "Gemm", "pooled,w", "hidden");
    add(*state, "Relu", "hidden", "features");
    add(*state, "Gemm", "features,w", "logits");
    add(*state, "Softmax", "logits", "scores");
    add(*state, "Gemm", "hidden,w", "another_head");
    assert_string_equal(find(*state, &why), "features");
    assert_non_null(strstr(why, "Gemm"));
}

static void quantisation_around_the_last_layer_is_looked_through(void **state)
{
    const char *why = NULL;
    add(*state, "GlobalAveragePool", "image", "pooled");
    add(*state, "Conv", "pooled,w", "map");
    add(*state, "Flatten", "map", "features");
    add(*state, "QuantizeLinear", "features,w,w", "q");
    add(*state, "DequantizeLinear", "q,w,w", "dq");
    add(*state, "DequantizeLinear", "w,w,w", "weights");
    add(*state, "Transpose", "weights", "turned");
    add(*state, "MatMul", "dq,turned", "scores");
    assert_string_equal(find(*state, &why), "features");
}

static void a_product_of_two_computed_tensors_is_no_layer(void **state)
{
    const char *why = NULL;
    add(*state, "MatMul", "image,w", "tokens");
    add(*state, "Relu", "tokens", "active");
    add(*state, "MatMul", "active,w", "key");
    add(*state, "MatMul", "key,active", "scores"); /* attention */
    assert_string_equal(find(*state, &why), "active");
}

static void a_head_that_is_a_convolution_takes_the_pooled_vector(void **state)
{
    const char *why = NULL;
    add(*state, "Conv", "image,w", "map");
    add(*state, "GlobalAveragePool", "map", "pooled");
    add(*state, "Conv", "pooled,w", "wide");
    add(*state, "HardSwish", "wide", "features");
    add(*state, "Conv", "features,w", "logits");
    add(*state, "Flatten", "logits", "scores");
    assert_string_equal(find(*state, &why), "features");
}

static void a_convolution_over_a_map_gives_no_embedding(void **state)
{
    const char *why = NULL;
    add(*state, "Relu", "image", "before");
    add(*state, "Conv", "before,w", "map");
    add(*state, "Relu", "map", "active");
    add(*state, "GlobalAveragePool", "active", "pooled");
    add(*state, "Flatten", "pooled", "scores");
    assert_null(find(*state, &why));
    assert_non_null(strstr(why, "map"));
}

static void the_image_itself_is_no_embedding(void **state)
{
    const char *why = NULL;
    add(*state, "Flatten", "image", "flat");
    add(*state, "Gemm", "flat,w", "scores");
    assert_null(find(*state, &why));
    assert_non_null(strstr(why, "the image itself"));
}

static void a_graph_without_weights_gives_no_embedding(void **state)
{
    const char *why = NULL;
    add(*state, "GlobalAveragePool", "image", "scores");
    assert_null(find(*state, &why));
    assert_non_null(strstr(why, "no layer"));
}

static void a_circle_of_operators_comes_to_an_end(void **state)
{
    const char *why = NULL;
    add(*state, "Identity", "b", "a");
    add(*state, "Identity", "a", "b");
    add(*state, "Gemm", "a,w", "c");
    add(*state, "Conv", "c,a", "d");
    add(*state, "Add", "d,scores", "scores");
    (void)find(*state, &why);
    assert_non_null(why);
}

static void makers_and_users_are_found_through_what_keeps_values(void **state)
{
    struct fixture *fixture = *state;
    const char *why = NULL;
    size_t index = 0;
    add(fixture, "Shape", "image", "size");
    add(fixture, "Sub", "image,w", "less");
    add(fixture, "Softmax", "less", "p");
    add(fixture, "Identity", "p", "same");
    add(fixture, "Reshape", "same,size", "scores");
    (void)find(fixture, &why);
    assert_string_equal(onnx_graph_maker(&fixture->file, "scores")->op_type, "Softmax");
    assert_string_equal(onnx_graph_next_user(&fixture->file, "image", &index)->op_type, "Shape");
    assert_string_equal(onnx_graph_next_user(&fixture->file, "image", &index)->op_type, "Sub");
    assert_null(onnx_graph_next_user(&fixture->file, "image", &index));
    assert_null(onnx_graph_constant(&fixture->file, "less"));
    assert_non_null(onnx_graph_constant(&fixture->file, "w"));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(the_input_of_the_last_dense_layer_is_the_embedding),
        CASE(quantisation_around_the_last_layer_is_looked_through),
        CASE(a_product_of_two_computed_tensors_is_no_layer),
        CASE(a_head_that_is_a_convolution_takes_the_pooled_vector),
        CASE(a_convolution_over_a_map_gives_no_embedding),
        CASE(the_image_itself_is_no_embedding),
        CASE(a_graph_without_weights_gives_no_embedding),
        CASE(a_circle_of_operators_comes_to_an_end),
        CASE(makers_and_users_are_found_through_what_keeps_values),
    };
    return cmocka_run_group_tests_name("onnx graph", tests, NULL, NULL);
}
