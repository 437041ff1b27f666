/* SPDX-License-Identifier: Apache-2.0 */
/* The adapter contract, for every row of the table; then the classifier; then what predictions become. */
#include "test.h"

#include "infer/adapter.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cmocka's own compares as float. */
#define ASSERT_CLOSE(a, b, slack) assert_true(fabs((double)(a) - (double)(b)) <= (slack))

/* Either nothing is usual, or all that a detector needs is. */
static void assert_convention(const struct adapter_convention *convention)
{
    static const char *const resizes[] = {"squash", "center_crop", "letterbox"};
    size_t known = 0;
    if (!convention->resize) {
        assert_true(convention->scale <= 0 && !convention->color && !convention->pad_place);
        return;
    }
    for (size_t i = 0; i < 3; i++)
        known += strcmp(convention->resize, resizes[i]) == 0;
    assert_int_equal(known, 1);
    assert_int_equal(strcmp(convention->resize, "letterbox") == 0, convention->pad_place != NULL);
    assert_true(strcmp(convention->color, "rgb") == 0 || strcmp(convention->color, "bgr") == 0);
    assert_true(convention->scale > 0);
    for (int c = 0; c < PREPROCESS_CHANNELS_MAX; c++)
        assert_true(convention->std[c] > 0);
}

static void the_table_is_sorted_and_every_row_complete(void **state)
{
    for (size_t i = 0; all_adapters[i]; i++) {
        const struct adapter *adapter = all_adapters[i];
        assert_non_null(adapter->describe);
        assert_non_null(adapter->decode);
        assert_non_null(adapter->recognise);
        assert_true(strlen(adapter->summary) > 0);
        assert_true(strlen(adapter->checked_with) > 0);
        assert_convention(&adapter->convention);
        assert_true(adapter->type < MODEL_TYPE_COUNT);
        assert_ptr_equal(adapter_find(adapter->name), adapter);
        assert_string_equal(adapter_names[i], adapter->name);
        assert_null(i > 0 && strcmp(all_adapters[i - 1]->name, adapter->name) >= 0 ? adapter : NULL);
        assert_null(all_adapters[i + 1] ? NULL : adapter_names[i + 1]);
    }
    assert_null(adapter_find("nothing"));
    for (int kind = 0; kind < OUTPUT_KIND_COUNT; kind++)
        assert_int_equal(output_kind_find(output_kind_names[kind]), kind);
    assert_int_equal(output_kind_find("nothing"), OUTPUT_KIND_COUNT);
}

static void the_page_in_docs_is_fresh_and_names_every_row(void **state)
{
    AUTO_BUFFER(text, 1 << 20);
    AUTO_BUFFER(small, 1000);
    struct error err;
    assert_true(adapters_markdown(&text, &err));
    for (size_t i = 0; all_adapters[i]; i++)
        assert_non_null(strstr(text.data, all_adapters[i]->summary));
    FILE *file = fopen(SOURCE_ROOT "/docs/adapters.md", "rb");
    assert_non_null(file);
    char *page = malloc(text.size + 2);
    assert_non_null(page);
    size_t bytes = fread(page, 1, text.size + 2, file);
    (void)fclose(file);
    assert_int_equal(bytes, text.size);
    assert_memory_equal(page, text.data, bytes);
    free(page);
    assert_false(adapters_markdown(&small, &err));
    assert_int_equal(err.code, ERR_LIMIT);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): a tensor holds it */
static bool decode(enum output_kind kind, float *values, int64_t count, struct arena *arena,
                   struct prediction *ret, struct error *err)
{
    const struct adapter_options options = {.output_kind = kind, .outputs = {"scores"}, .output_count = 1};
    const struct tensor tensor = {{ELEMENT_FLOAT32, 2, {1, count}}, values};
    const struct placement placement = {1, 1, 0, 0, 8, 8};
    *err = (struct error){0};
    return adapter_classifier.decode(&options, &tensor, &placement, arena, ret, err);
}

static void logits_are_passed_on_as_they_are(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    float values[] = {1, -2, 3};
    struct prediction prediction;
    struct error err;
    assert_true(decode(OUTPUT_LOGITS, values, 3, arena, &prediction, &err));
    assert_ptr_equal(prediction.logits, values);
    assert_int_equal(prediction.classes, 3);
    assert_int_equal(prediction.activation, ACTIVATION_SOFTMAX);
    assert_int_equal(prediction.type, MODEL_TYPE_CLASSIFICATION);
    assert_null(prediction.embedding);
    assert_true(decode(OUTPUT_SIGMOID_LOGITS, values, 3, arena, &prediction, &err));
    assert_int_equal(prediction.activation, ACTIVATION_SIGMOID);
}

static void probabilities_survive_the_way_through_logits(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    float softmax[] = {0.7f, 0.25f, 0.05f, 0}, sigmoid[] = {0.9f, 0.999f, 0, 1};
    double scores[4];
    struct prediction prediction;
    struct error err;
    assert_true(decode(OUTPUT_PROBABILITIES, softmax, 4, arena, &prediction, &err));
    prediction_scores(&prediction, scores);
    for (int i = 0; i < 4; i++) {
        assert_true(isfinite(prediction.logits[i]));
        ASSERT_CLOSE(scores[i], (double)softmax[i], 1e-6);
    }
    assert_true(decode(OUTPUT_SIGMOID_PROBABILITIES, sigmoid, 4, arena, &prediction, &err));
    prediction_scores(&prediction, scores);
    for (int i = 0; i < 4; i++) {
        assert_true(isfinite(prediction.logits[i]));
        ASSERT_CLOSE(scores[i], (double)sigmoid[i], 1e-6);
    }
}

static void what_is_not_finite_is_refused_by_name_and_place(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    struct prediction prediction;
    struct error err;
    for (int kind = 0; kind < OUTPUT_KIND_COUNT; kind++) {
        for (int i = 0; i < 3; i++) {
            float values[] = {0.5f, bad[i], 0.5f};
            assert_false(decode((enum output_kind)kind, values, 3, arena, &prediction, &err));
            assert_int_equal(err.code, ERR_INVALID);
            assert_non_null(strstr(err.message, "'scores'"));
            assert_non_null(strstr(err.message, i == 0 ? "NaN" : "infinity"));
            assert_non_null(strstr(err.message, "element 1 of 3"));
        }
    }
}

static void numbers_that_are_no_probabilities_are_refused(void **state)
{
    AUTO(arena) arena = arena_new(4096);
    float values[] = {1.0005f, -0.0005f}, high[] = {1.002f, 0}, low[] = {1, -0.002f}, logits[] = {5, -4};
    struct prediction prediction;
    struct error err;
    assert_true(decode(OUTPUT_PROBABILITIES, values, 2, arena, &prediction, &err));
    assert_false(decode(OUTPUT_PROBABILITIES, high, 2, arena, &prediction, &err));
    assert_false(decode(OUTPUT_PROBABILITIES, low, 2, arena, &prediction, &err));
    assert_false(decode(OUTPUT_PROBABILITIES, logits, 2, arena, &prediction, &err));
    assert_non_null(strstr(err.message, "set output_kind to logits"));
    assert_false(decode(OUTPUT_SIGMOID_PROBABILITIES, logits, 2, arena, &prediction, &err));
    assert_non_null(strstr(err.message, "set output_kind to sigmoid_logits"));
}

static bool describe(struct tensor_type type, struct prediction *ret, struct error *err)
{
    const struct adapter_options options = {.outputs = {"scores"}, .output_count = 1};
    const struct tensor tensor = {type, NULL};
    *err = (struct error){0};
    return adapter_classifier.describe(&options, &tensor, ret, err);
}

static void only_one_score_per_class_is_a_classifier(void **state)
{
    static const struct {
        struct tensor_type type;
        uint32_t classes; /* 0: refused */
    } rows[] = {
        {{ELEMENT_FLOAT32, 2, {1, 10}}, 10},
        {{ELEMENT_FLOAT32, 1, {10}}, 10},
        {{ELEMENT_FLOAT32, 4, {1, 7, 1, 1}}, 7},
        {{ELEMENT_FLOAT32, 4, {1, 1, 1, 7}}, 7},
        {{ELEMENT_FLOAT32, 3, {1, 3549, 85}}, 0},
        {{ELEMENT_FLOAT32, 2, {2, 10}}, 0},
        {{ELEMENT_FLOAT16, 2, {1, 10}}, 0},
        {{ELEMENT_INT64, 2, {1, 10}}, 0},
        {{ELEMENT_FLOAT32, 2, {1, 1}}, 0},
        {{ELEMENT_FLOAT32, 2, {1, 2}}, 2},
        {{ELEMENT_FLOAT32, 0, {0}}, 0},
        {{ELEMENT_FLOAT32, 2, {1, 0}}, 0},
        {{ELEMENT_FLOAT32, 2, {1, PREDICTION_CLASSES_MAX}}, PREDICTION_CLASSES_MAX},
        {{ELEMENT_FLOAT32, 2, {1, PREDICTION_CLASSES_MAX + 1}}, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct prediction prediction = {0};
        struct error err;
        assert_int_equal(describe(rows[i].type, &prediction, &err), rows[i].classes > 0);
        assert_int_equal(prediction.classes, rows[i].classes);
        if (rows[i].classes == 0)
            assert_non_null(strstr(err.message, "scores"));
    }
}

/* ---- predictions ---- */

static void softmax_neither_overflows_nor_loses_the_small(void **state)
{
    static const float logits[] = {-1000, 1000, 950, 1000};
    const struct prediction prediction = {.classes = 4, .logits = logits};
    double scores[4], sum = 0;
    prediction_scores(&prediction, scores);
    for (int i = 0; i < 4; i++)
        sum += scores[i];
    ASSERT_CLOSE(sum, 1, 1e-12);
    ASSERT_CLOSE(scores[1], 0.5, 1e-12);
    assert_true(fabs(scores[2] / (0.5 * exp(-50)) - 1) < 1e-9);
    assert_true(scores[0] >= 0);
}

static void sigmoid_is_exact_at_both_ends(void **state)
{
    static const float logits[] = {0, 40, -40, 3.4e38f, -3.4e38f};
    const struct prediction prediction = {.activation = ACTIVATION_SIGMOID, .classes = 5, .logits = logits};
    double scores[5];
    prediction_scores(&prediction, scores);
    ASSERT_CLOSE(scores[0], 0.5, 0);
    ASSERT_CLOSE(scores[1], 1, 1e-15);
    assert_true(fabs(scores[2] / exp(-40) - 1) < 1e-9);
    ASSERT_CLOSE(scores[3], 1, 0);
    ASSERT_CLOSE(scores[4], 0, 0);
}

static void types_and_activations_have_names(void **state)
{
    assert_string_equal(model_type_name(MODEL_TYPE_CLASSIFICATION), "image_classification");
    assert_int_equal(model_type_find("image_classification"), MODEL_TYPE_CLASSIFICATION);
    assert_int_equal(model_type_find("cls"), MODEL_TYPE_CLASSIFICATION);
    assert_int_equal(model_type_find("det"), MODEL_TYPE_DETECTION);
    assert_int_equal(model_type_find("object_detection"), MODEL_TYPE_DETECTION);
    assert_int_equal(model_type_find("segmentation"), MODEL_TYPE_COUNT);
    assert_int_equal(model_type_find(NULL), MODEL_TYPE_COUNT);
    assert_string_equal(activation_name(ACTIVATION_SIGMOID), "sigmoid");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_sorted_and_every_row_complete),
        cmocka_unit_test(the_page_in_docs_is_fresh_and_names_every_row),
        cmocka_unit_test(logits_are_passed_on_as_they_are),
        cmocka_unit_test(probabilities_survive_the_way_through_logits),
        cmocka_unit_test(what_is_not_finite_is_refused_by_name_and_place),
        cmocka_unit_test(numbers_that_are_no_probabilities_are_refused),
        cmocka_unit_test(only_one_score_per_class_is_a_classifier),
        cmocka_unit_test(softmax_neither_overflows_nor_loses_the_small),
        cmocka_unit_test(sigmoid_is_exact_at_both_ends),
        cmocka_unit_test(types_and_activations_have_names),
    };
    return cmocka_run_group_tests_name("adapters", tests, NULL, NULL);
}
