/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "dataset/dataset_check.h"
#include "dataset_fixture.h"

static char *repeat(char *into, const char *text, size_t times)
{
    into[0] = '\0';
    for (size_t i = 0, bytes = strlen(text); i < times; i++)
        memcpy(into + i * bytes, text, bytes + 1);
    return into;
}

static void names_are_limited_in_length_and_characters(void **state)
{
    struct error err;
    char name[256];
    static const char *const bad[] = {"", "a b", "a/b", "..", "a.b", "é", "a\n"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(dataset_check_name(bad[i], "name", 100, &err));
    assert_true(dataset_check_name("Az09_-", "name", 100, &err));
    assert_true(dataset_check_name(repeat(name, "x", 100), "name", 100, &err));
    assert_false(dataset_check_name(repeat(name, "x", 101), "name", 100, &err));
}

static void labels_are_counted_in_characters(void **state)
{
    struct error err;
    char label[2048];
    assert_true(dataset_check_label(repeat(label, "鸟", DATASET_LABEL_MAX_CHARACTERS), &err));
    assert_false(dataset_check_label(repeat(label, "鸟", DATASET_LABEL_MAX_CHARACTERS + 1), &err));
    assert_false(dataset_check_label("\xff", &err));
    assert_false(dataset_check_label("tab\there", &err));
    assert_false(dataset_check_label("\xc2\x9b"
                                     "[31m",
                                     &err)); /* a terminal's escape sequence */
    assert_true(dataset_check_label("\xc2\xa0", &err));
}

static void reasons_are_different_numbers_of_the_table(void **state)
{
    struct error err;
    static const char all[] = "0-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16-17-18-19-20-21-22-23-24-25-26-27-28-"
                              "29-30";
    static const char *const good[] = {"0", "30", "1-7-20", "3-20-21-19", all};
    static const char *const bad[] = {"",      "-",  "31", "1-",  "-1", "1--2", "1-1",
                                      "01",    "00", "a",  "1,2", "1 ", "100",  "18446744073709551617",
                                      "1-2-3-"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(sample_check_reasons(good[i], &err));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(sample_check_reasons(bad[i], &err));
}

static void usage_is_read_in_any_case(void **state)
{
    struct error err;
    const char *usage = NULL;
    assert_true(sample_check_usage("train", &usage, &err));
    assert_string_equal(usage, "TRAIN");
    assert_true(sample_check_usage("Inference", &usage, &err));
    assert_string_equal(usage, "INFERENCE");
    assert_true(sample_check_usage("", &usage, &err));
    assert_null(usage);
    assert_false(sample_check_usage("validate", &usage, &err));
}

static bool is_good(struct sample_new sample)
{
    struct error err;
    return sample_check(&sample, DATASET_TYPE_CLASSIFICATION, &err);
}

static void annotations_must_fit_the_state(void **state)
{
    struct annotation said = label("a"), guessed = suggestion("a", 0.5);
    struct sample_new sample = labeled("/1", &said);
    assert_true(is_good(sample));
    sample.annotations = &guessed;
    assert_false(is_good(sample));
    sample.annotation_count = 0;
    assert_false(is_good(sample));
    sample.state = SAMPLE_TO_BE_CONFIRMED;
    assert_true(is_good(sample));
    sample.annotation_count = 1;
    assert_true(is_good(sample));
    sample.annotations = &said;
    assert_false(is_good(sample));
    sample.state = SAMPLE_UNLABELED;
    assert_false(is_good(sample));
    sample.state = "hard";
    assert_false(is_good(sample));
}

static void boxes_belong_to_detection_and_classes_to_classification(void **state)
{
    struct error err;
    struct annotation box = label("car"), class = label("car");
    box.shape_json = "{\"@modelarts:shape\":\"bndbox\",\"@modelarts:feature\":[[1,2],[3,4]]}";
    struct sample_new with_box = labeled("/1", &box), with_class = labeled("/1", &class);
    assert_true(sample_check(&with_box, DATASET_TYPE_DETECTION, &err));
    assert_false(sample_check(&with_box, DATASET_TYPE_CLASSIFICATION, &err));
    assert_false(sample_check(&with_class, DATASET_TYPE_DETECTION, &err));
    with_box.annotation_count = 0;
    assert_true(sample_check(&with_box, DATASET_TYPE_DETECTION, &err));
    box.shape_json = "[1,2]";
    with_box.annotation_count = 1;
    assert_false(sample_check(&with_box, DATASET_TYPE_DETECTION, &err));
}

static void numbers_and_json_are_checked(void **state)
{
    struct annotation guessed = suggestion("a", 1.0);
    struct sample_new sample = hard("/1", &guessed, 1.0, "1");
    assert_true(is_good(sample));
    guessed.confidence = 1.0001;
    assert_false(is_good(sample));
    guessed.confidence = (double)INFINITY;
    assert_false(is_good(sample));
    guessed.confidence = 0;
    sample.hard_coefficient = -0.0001;
    assert_false(is_good(sample));
    sample.hard_coefficient = 0;
    sample.evidence_json = "{\"1\":";
    assert_false(is_good(sample));
    sample.evidence_json = "[]";
    assert_false(is_good(sample));
    sample.evidence_json = NULL;
    guessed.property_json = "7";
    assert_false(is_good(sample));
    guessed.property_json = "{}";
    assert_true(is_good(sample));
    sample.width = -1;
    assert_false(is_good(sample));
    sample.width = 0;
    guessed.annotated_by = "";
    assert_false(is_good(sample));
}

static void sizes_are_limited(void **state)
{
    struct error err;
    struct annotation *many = calloc(SAMPLE_CLASSES_MAX + 1, sizeof(*many));
    char *source = calloc(1, SAMPLE_SOURCE_MAX_BYTES + 2), *json = calloc(1, SAMPLE_MAX_BYTES + 16);
    assert_non_null(many);
    assert_non_null(source);
    assert_non_null(json);
    for (size_t i = 0; i <= SAMPLE_CLASSES_MAX; i++)
        many[i] = label("a");
    struct sample_new sample = labeled("/1", many);
    sample.annotation_count = SAMPLE_CLASSES_MAX;
    assert_true(is_good(sample));
    sample.annotation_count++;
    assert_false(sample_check(&sample, DATASET_TYPE_CLASSIFICATION, &err));
    assert_int_equal(err.code, ERR_LIMIT);

    sample = unlabeled(repeat(source, "x", SAMPLE_SOURCE_MAX_BYTES));
    assert_true(is_good(sample));
    sample = unlabeled(repeat(source, "x", SAMPLE_SOURCE_MAX_BYTES + 1));
    assert_false(sample_check(&sample, DATASET_TYPE_CLASSIFICATION, &err));
    assert_int_equal(err.code, ERR_LIMIT);

    sample = unlabeled("/");
    memset(json, ' ', SAMPLE_MAX_BYTES);
    json[0] = '{';
    json[SAMPLE_MAX_BYTES - 2] = '}';
    json[SAMPLE_MAX_BYTES - 1] = '\0';
    sample.metadata_json = json;
    assert_true(is_good(sample));
    sample.source = "/x";
    assert_false(sample_check(&sample, DATASET_TYPE_CLASSIFICATION, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    free(many);
    free(source);
    free(json);
}

static void bad_sample_is_named_by_its_source(void **state)
{
    struct error err;
    struct sample_new sample = unlabeled("/pictures/17.png");
    sample.usage = "sometimes";
    assert_false(sample_check(&sample, DATASET_TYPE_CLASSIFICATION, &err));
    assert_non_null(strstr(err.message, "/pictures/17.png"));
    sample = unlabeled("");
    assert_false(is_good(sample));
    sample.source = NULL;
    assert_false(is_good(sample));
    sample.source = "/\xc3(";
    assert_false(is_good(sample));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_limited_in_length_and_characters),
        cmocka_unit_test(labels_are_counted_in_characters),
        cmocka_unit_test(reasons_are_different_numbers_of_the_table),
        cmocka_unit_test(usage_is_read_in_any_case),
        cmocka_unit_test(annotations_must_fit_the_state),
        cmocka_unit_test(boxes_belong_to_detection_and_classes_to_classification),
        cmocka_unit_test(numbers_and_json_are_checked),
        cmocka_unit_test(sizes_are_limited),
        cmocka_unit_test(bad_sample_is_named_by_its_source),
    };
    return RUN_TESTS(tests);
}
