/* SPDX-License-Identifier: Apache-2.0 */
/* What is guessed of a graph, and with which reason: one small graph for each piece of evidence. */
#include "test.h"

#include "engine_fake.h"
#include "infer/adapter.h"
#include "model_fixture.h"
#include "onnx_builder.h"

#define IMAGENET_MEAN "0.485, 0.456, 0.406"
#define IMAGENET_STD "0.229, 0.224, 0.225"
#define UNIT_SCALE "0.00392156862745098"

static void build(struct onnx_builder *builder, uint32_t element, const char *input_shape)
{
    onnx_builder_start(builder);
    onnx_builder_input(builder, "image", element, input_shape);
    onnx_builder_float(builder, "w", 1);
}

/* Ends the graph: a classifier of three classes over the tensor `from`. */
static void end(struct onnx_builder *builder, const char *from)
{
    char inputs[64];
    (void)snprintf(inputs, sizeof(inputs), "%s,w", from);
    onnx_builder_node(builder, "Conv", inputs, "map");
    onnx_builder_node(builder, "GlobalAveragePool", "map", "pooled");
    onnx_builder_node(builder, "Flatten", "pooled", "features");
    onnx_builder_node(builder, "Gemm", "features,w", "scores");
    onnx_builder_output(builder, "scores", 1, "N,3");
}

static bool import_built(struct fixture *fixture, struct onnx_builder *builder)
{
    const struct model_import request = {.project_id = "0",
                                         .onnx_path =
                                             write_file(fixture, "guess.onnx", onnx_builder_finish(builder)),
                                         .engine = &engine_fake};
    onnx_builder_release(builder);
    return import_model(fixture, &request);
}

static void assert_built(struct fixture *fixture, struct onnx_builder *builder)
{
    if (!import_built(fixture, builder))
        fail_msg("%s", fixture->err.message);
}

static void assert_refused(struct fixture *fixture, struct onnx_builder *builder, const char *words)
{
    assert_false(import_built(fixture, builder));
    assert_int_equal(fixture->err.detail, DETAIL_MODEL_UNUSABLE);
    assert_int_equal(fixture->err.code, ERR_INVALID);
    assert_says(&fixture->err, words);
}

/* ---- the input ---- */

static void layout_and_size_come_from_the_shape(void **state)
{
    static const struct {
        const char *shape, *layout, *width, *height, *color;
    } rows[] = {
        {"N,3,20,30", "nchw", "30", "20", "rgb"},  {"1,20,30,3", "nhwc", "30", "20", "rgb"},
        {"1,1,28,28", "nchw", "28", "28", "gray"}, {"N,28,28,1", "nhwc", "28", "28", "gray"},
        {"N,3,3,3", "nchw", "3", "3", "rgb"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct onnx_builder builder = {0};
        build(&builder, 1, rows[i].shape);
        end(&builder, "image");
        assert_built(fixture, &builder);
        assert_guessed(fixture, "layout", rows[i].layout, "the input is float32");
        assert_guessed(fixture, "width", rows[i].width, "shape");
        assert_guessed(fixture, "height", rows[i].height, "shape");
        assert_guessed(fixture, "color", rows[i].color, "");
    }
}

static void inputs_that_are_no_image_are_refused(void **state)
{
    static const struct {
        uint32_t element;
        const char *shape, *words;
    } rows[] = {
        {1, "N,10", "float32 [N, 10]: not an image"},
        {1, "N,3,8,8,8", "not an image"},
        {1, "N,4,8,8", "neither dimension 1 nor 3"},
        {1, "8,3,8,8", "a fixed batch"},
        {7, "N,3,8,8", "int64 [N, 3, 8, 8]; float32 and uint8 are supported"},
        {10, "N,3,8,8", "float16"},
        {1, "N,3,H,W", "its size is open; set width and height"},
        {1, "N,3,8,W", "its size is open"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct onnx_builder builder = {0};
        build(&builder, rows[i].element, rows[i].shape);
        end(&builder, "image");
        assert_refused(fixture, &builder, rows[i].words);
    }
}

static void a_second_input_is_refused(void **state)
{
    struct onnx_builder builder = {0};
    build(&builder, 1, "N,3,8,8");
    onnx_builder_input(&builder, "extra", 1, "N,2");
    end(&builder, "image");
    assert_refused(*state, &builder, "takes 2 inputs (image, extra)");
}

/* ---- the pixels ---- */

static void assert_values(struct fixture *fixture, const char *scale, const char *mean, const char *std,
                          const char *why)
{
    assert_guessed(fixture, "scale", scale, why);
    assert_guessed(fixture, "mean", mean, why);
    assert_guessed(fixture, "std", std, why);
}

static void a_quantised_input_tells_its_range(void **state)
{
    static const struct {
        float scale;
        uint32_t element;
        int zero;
        const char *value_scale, *mean, *std, *why;
    } rows[] = {
        {1 / 127.5f, 2, 127, "1", "127.5", "127.5", "quantises its input to -0.996 … 1.004"},
        {1 / 128.0f, 2, 128, "1", "127.5", "127.5", "-1.000 … 0.992"},
        {1 / 255.0f, 2, 0, UNIT_SCALE, "0", "1", "0.000 … 1.000"},
        {1 / 255.0f, 3, -128, UNIT_SCALE, "0", "1", "0.000 … 1.000"},
        {1, 2, 0, "1", "0", "1", "the pixels themselves"},
        {1, 3, 0, "1", "128", "1", "-128.000 … 127.000"},
        {0.018658f, 2, 114, UNIT_SCALE, IMAGENET_MEAN, IMAGENET_STD, "ImageNet's mean and std"},
        {0.7f, 2, 3, UNIT_SCALE, IMAGENET_MEAN, IMAGENET_STD, "only a convention"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct onnx_builder builder = {0};
        int8_t zero = (int8_t)rows[i].zero;
        build(&builder, 1, "N,3,40,40");
        onnx_builder_float(&builder, "scale", rows[i].scale);
        onnx_builder_initializer(&builder, "zero", rows[i].element, "", (struct bytes){&zero, 1});
        onnx_builder_node(&builder, "QuantizeLinear", "image,scale,zero", "q");
        onnx_builder_node(&builder, "DequantizeLinear", "q,scale,zero", "dq");
        end(&builder, "dq");
        assert_built(fixture, &builder);
        assert_values(fixture, rows[i].value_scale, rows[i].mean, rows[i].std, rows[i].why);
    }
}

static void a_graph_that_normalises_for_itself_gets_plain_pixels(void **state)
{
    static const struct {
        const char *op_type;
        float number;
        const char *scale, *why;
    } rows[] = {
        {"Div", 255, "1", "starts with Div by numbers up to 255: it takes pixels as 0..255"},
        {"Mul", 1 / 255.0f, "1", "0..255"},
        {"Sub", 123.675f, "1", "0..255"},
        {"Add", -127.5f, "1", "0..255"},
        {"Sub", 0.485f, UNIT_SCALE, "0..1"},
        {"Mul", 2, UNIT_SCALE, "0..1"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct onnx_builder builder = {0};
        build(&builder, 1, "N,40,40,3");
        onnx_builder_float(&builder, "number", rows[i].number);
        onnx_builder_node(&builder, "Shape", "image", "size");
        onnx_builder_node(&builder, "Transpose", "image", "turned");
        onnx_builder_node(&builder, rows[i].op_type, "turned,number", "normal");
        end(&builder, "normal");
        assert_built(fixture, &builder);
        assert_values(fixture, rows[i].scale, "0", "1", rows[i].why);
    }
}

static void a_first_batch_normalisation_tells_by_its_mean(void **state)
{
    static const float means[] = {123, 116, 103};
    struct onnx_builder builder = {0};
    build(&builder, 1, "N,3,40,40");
    onnx_builder_initializer(&builder, "mean", 1, "3", (struct bytes){means, sizeof(means)});
    onnx_builder_node(&builder, "BatchNormalization", "image,w,w,mean,w", "normal");
    end(&builder, "normal");
    assert_built(*state, &builder);
    assert_values(*state, "1", "0", "1", "BatchNormalization by numbers up to 123");
}

static void a_graph_that_says_nothing_gets_the_convention_and_a_warning(void **state)
{
    static const struct {
        const char *shape, *scale, *mean, *resize, *crop;
    } rows[] = {
        {"N,3,32,32", UNIT_SCALE, IMAGENET_MEAN, "squash", NULL},
        {"N,3,28,28", UNIT_SCALE, "0", "squash", NULL},
        {"N,1,64,64", UNIT_SCALE, "0", "squash", NULL},
        {"N,3,224,224", UNIT_SCALE, IMAGENET_MEAN, "center_crop", "0.875"},
        {"N,3,100,200", UNIT_SCALE, IMAGENET_MEAN, "squash", NULL},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct onnx_builder builder = {0};
        build(&builder, 1, rows[i].shape);
        end(&builder, "image");
        assert_built(fixture, &builder);
        assert_guessed(fixture, "scale", rows[i].scale, "check it with trommel model test");
        assert_guessed(fixture, "mean", rows[i].mean, "only a convention");
        assert_guessed(fixture, "resize", rows[i].resize, "only a convention");
        if (rows[i].crop)
            assert_guessed(fixture, "crop_fraction", rows[i].crop, "only a convention");
    }
}

static void pixels_of_8_bits_are_not_touched(void **state)
{
    struct onnx_builder builder = {0};
    build(&builder, 2, "N,40,40,3");
    end(&builder, "image");
    assert_built(*state, &builder);
    assert_values(*state, "1", "0", "1", "8-bit pixels");
}

static void the_files_own_note_wins_over_the_graph(void **state)
{
    struct fixture *fixture = *state;
    struct onnx_builder builder = {0};
    build(&builder, 1, "N,3,H,W");
    onnx_builder_float(&builder, "number", 255);
    onnx_builder_node(&builder, "Div", "image,number", "normal");
    end(&builder, "normal");
    onnx_builder_property(
        &builder, "preprocess",
        "BGR, NCHW, float32, x/255, mean=[0.1,0.2,0.3], std=0.5, 48x40, center_crop=0.9, nonsense");
    assert_built(fixture, &builder);
    assert_guessed(fixture, "color", "bgr", "metadata");
    assert_values(fixture, UNIT_SCALE, "0.1, 0.2, 0.3", "0.5", "metadata");
    assert_guessed(fixture, "width", "48", "metadata");
    assert_guessed(fixture, "height", "40", "metadata");
    assert_guessed(fixture, "resize", "center_crop", "metadata");
    assert_guessed(fixture, "crop_fraction", "0.9", "metadata");
}

static void imagenets_numbers_are_turned_round_for_bgr(void **state)
{
    struct onnx_builder builder = {0};
    build(&builder, 1, "N,3,40,40");
    end(&builder, "image");
    onnx_builder_property(&builder, "preprocess", "BGR");
    assert_built(*state, &builder);
    assert_guessed(*state, "mean", "0.406, 0.456, 0.485", "convention");
    assert_guessed(*state, "std", "0.225, 0.224, 0.229", "convention");
}

/* ---- the output ---- */

static void the_kind_of_scores_comes_from_the_last_operator(void **state)
{
    static const struct {
        const char *op_type, *kind;
    } rows[] = {{"Softmax", "probabilities"},
                {"Sigmoid", "sigmoid_probabilities"},
                {"LogSoftmax", "logits"},
                {"Add", "logits"}};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct onnx_builder builder = {0};
        build(&builder, 1, "N,3,8,8");
        onnx_builder_node(&builder, "Gemm", "image,w", "raw");
        onnx_builder_node(&builder, rows[i].op_type, "raw", "made");
        onnx_builder_node(&builder, "Identity", "made", "scores");
        onnx_builder_output(&builder, "scores", 1, "N,3");
        /* The fake engine gives no probabilities, so such a card is refused at the warm-up, with what to set.
         */
        if (strcmp(rows[i].kind, "logits") != 0) {
            assert_refused(fixture, &builder, "no probability; set output_kind");
            continue;
        }
        assert_built(fixture, &builder);
        assert_guessed(fixture, "output_kind", rows[i].kind, rows[i].op_type);
    }
}

static void the_output_with_the_scores_is_found_among_others(void **state)
{
    struct fixture *fixture = *state;
    struct onnx_builder builder = {0};
    build(&builder, 1, "N,3,8,8");
    onnx_builder_output(&builder, "map", 1, "N,16,8,8");
    end(&builder, "image");
    assert_built(fixture, &builder);
    assert_guessed(fixture, "outputs", "scores", "'scores' is float32 [N, 3]: one score per class");
    build(&builder, 1, "N,3,8,8");
    onnx_builder_output(&builder, "features", 1, "N,16");
    end(&builder, "image");
    assert_built(fixture, &builder);
    assert_guessed(fixture, "outputs", "scores", "one score per class");
    build(&builder, 1, "N,3,8,8");
    onnx_builder_output(&builder, "features", 1, "N,16");
    onnx_builder_node(&builder, "Gemm", "image,w", "other");
    onnx_builder_output(&builder, "other", 1, "N,3");
    assert_refused(fixture, &builder, "those it reads: 'features' float32 [N, 16], 'other'");
}

/* A graph with the given output: "boxes". */
static void build_detector(struct onnx_builder *builder, const char *input_shape, const char *output_shape)
{
    build(builder, 1, input_shape);
    onnx_builder_node(builder, "Conv", "image,w", "boxes");
    onnx_builder_output(builder, "boxes", 1, output_shape);
}

static void outputs_that_no_adapter_knows_are_listed_with_what_can_be_set(void **state)
{
    struct onnx_builder builder = {0};
    struct fixture *fixture = *state;
    build_detector(&builder, "N,3,8,8", "1,3549,85");
    assert_refused(fixture, &builder, "those it reads: 'boxes' float32 [1, 3549, 85]");
    for (const char *const *name = adapter_names; *name; name++)
        assert_says(&fixture->err, *name);
}

static void the_embedding_comes_from_metadata_or_the_last_layer(void **state)
{
    struct fixture *fixture = *state;
    struct onnx_builder builder = {0};
    build(&builder, 1, "N,3,8,8");
    end(&builder, "image");
    assert_built(fixture, &builder);
    assert_guessed(fixture, "embedding", "features", "what the last Gemm makes the scores of");
    build(&builder, 1, "N,3,8,8");
    end(&builder, "image");
    onnx_builder_property(&builder, "embedding", "pooled");
    assert_built(fixture, &builder);
    assert_guessed(fixture, "embedding", "pooled", "metadata");
    build(&builder, 1, "N,3,8,8");
    end(&builder, "image");
    onnx_builder_property(&builder, "embedding", "not there");
    assert_built(fixture, &builder);
    assert_guessed(fixture, "embedding", "features", "last Gemm");
}

/* An output named as embedding by the file, of the given length. */
static void build_with_embedding(struct onnx_builder *builder, int length)
{
    char shape[32];
    (void)snprintf(shape, sizeof(shape), "N,%d", length);
    build(builder, 1, "N,3,8,8");
    end(builder, "image");
    onnx_builder_node(builder, "Gemm", "image,w", "vector");
    onnx_builder_output(builder, "vector", 1, shape);
    onnx_builder_property(builder, "embedding", "vector");
}

static void an_embedding_of_unusable_length_is_given_up_with_the_reason(void **state)
{
    static const struct {
        int length;
        bool is_usable;
    } rows[] = {
        {1, false}, {2, true}, {PREDICTION_EMBEDDING_MAX, true}, {PREDICTION_EMBEDDING_MAX + 1, false}};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct onnx_builder builder = {0};
        build_with_embedding(&builder, rows[i].length);
        assert_built(fixture, &builder);
        if (rows[i].is_usable)
            assert_guessed(fixture, "embedding", "vector", "metadata");
        else
            assert_guessed(fixture, "embedding", "none", "'vector' cannot be used");
    }
}

static void class_names_come_from_metadata_in_all_their_forms(void **state)
{
    static const struct {
        const char *key, *text;
    } rows[] = {
        {"labels", "cat,it's,dog"},
        {"classes", "cat, it's , dog"},
        {"class_names", "cat\nit's\r\ndog\n"},
        {"names", "{0: 'cat', 1: \"it's\", 2: 'dog'}"},
        {"id2label", "{\"2\": \"dog\", \"0\": \"cat\", \"1\": \"it's\"}"},
        {"NAMES", "['cat', 'it\\'s', 'dog']"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct onnx_builder builder = {0};
        build(&builder, 1, "N,3,8,8");
        end(&builder, "image");
        onnx_builder_property(&builder, rows[i].key, rows[i].text);
        assert_built(fixture, &builder);
        assert_guessed(fixture, "labels", "cat, it's, dog", "metadata name them");
    }
}

static void what_is_no_list_of_that_many_names_is_no_list(void **state)
{
    static const char *const texts[] = {
        "ImageNet-1k, 1000 classes in the usual order",
        "a,b,c,d",
        "a,,c",
        "{0: 'a', 1: 'b'}",
        "{0: 'a', 1: 'b', 3: 'c'}",
        "{0: 'a', 0: 'b', 1: 'c'}",
        "['a', 'b', 'c'",
        "['a' 'b', 'c']",
        "[]",
        "['\\u0041', 'b', 'c']",
        "",
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct onnx_builder builder = {0};
        build(&builder, 1, "N,3,8,8");
        end(&builder, "image");
        onnx_builder_property(&builder, "labels", texts[i]);
        assert_built(fixture, &builder);
        assert_guessed(fixture, "labels", "class_0, class_1, class_2", "give --labels FILE");
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(layout_and_size_come_from_the_shape),
        CASE(inputs_that_are_no_image_are_refused),
        CASE(a_second_input_is_refused),
        CASE(a_quantised_input_tells_its_range),
        CASE(a_graph_that_normalises_for_itself_gets_plain_pixels),
        CASE(a_first_batch_normalisation_tells_by_its_mean),
        CASE(a_graph_that_says_nothing_gets_the_convention_and_a_warning),
        CASE(pixels_of_8_bits_are_not_touched),
        CASE(the_files_own_note_wins_over_the_graph),
        CASE(imagenets_numbers_are_turned_round_for_bgr),
        CASE(the_kind_of_scores_comes_from_the_last_operator),
        CASE(the_output_with_the_scores_is_found_among_others),
        CASE(outputs_that_no_adapter_knows_are_listed_with_what_can_be_set),
        CASE(the_embedding_comes_from_metadata_or_the_last_layer),
        CASE(an_embedding_of_unusable_length_is_given_up_with_the_reason),
        CASE(class_names_come_from_metadata_in_all_their_forms),
        CASE(what_is_no_list_of_that_many_names_is_no_list),
    };
    return cmocka_run_group_tests_name("guess", tests, NULL, NULL);
}
