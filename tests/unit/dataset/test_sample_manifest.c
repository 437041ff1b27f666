/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "dataset/sample_manifest.h"
#include "dataset_fixture.h"

static const struct sample_reading of_classes = {DATASET_TYPE_CLASSIFICATION, true, NULL};

static bool read_as(struct fixture *f, const char *text, const char *dataset_type, bool final_annotation,
                    struct sample_new *ret)
{
    struct manifest_sample line;
    ASSERT_DONE(f, manifest_line_read((struct bytes){text, strlen(text)}, f->arena, &line, &f->err));
    const struct sample_reading reading = {dataset_type, final_annotation, NULL};
    return sample_of_manifest(&line, &reading, f->arena, ret, &f->err);
}

static struct sample_new read_line(struct fixture *f, const char *text)
{
    struct sample_new sample;
    ASSERT_DONE(f, read_as(f, text, DATASET_TYPE_CLASSIFICATION, true, &sample));
    return sample;
}

#define CAT "{\"name\":\"cat\",\"type\":\"modelarts/image_classification\"}"

static void labelled_line_becomes_a_labeled_sample(void **state)
{
    struct fixture *f = *state;
    struct sample_new sample = read_line(
        f, "{\"annotation\":[{\"name\":\"cat\",\"type\":\"modelarts/image_classification\",\"annotated-by\":"
           "\"human/u/u\",\"creation-time\":\"2024-05-01 10:00:00\",\"property\":{\"a\":1}},"
           "{\"name\":\"dog\",\"type\":\"modelarts/image_classification\",\"confidence\":0.5}],"
           "\"usage\":\"train\",\"source\":\"s3://b/in/1.jpg\",\"property\":{\"p\":2},"
           "\"id\":\"0a000000000000000000000000000000\"}");
    assert_string_equal(sample.source, "s3://b/in/1.jpg");
    assert_string_equal(sample.state, SAMPLE_LABELED);
    assert_string_equal(sample.usage, "TRAIN");
    assert_string_equal(sample.origin, "import");
    assert_string_equal(sample.metadata_json, "{\"p\":2}");
    assert_false(sample.is_hard);
    assert_true(isnan(sample.hard_coefficient));
    assert_int_equal(sample.annotation_count, 2);
    assert_string_equal(sample.annotations[0].name, "cat");
    assert_string_equal(sample.annotations[0].annotated_by, "human/u/u");
    assert_true(sample.annotations[0].created_ms == 1714557600000);
    assert_string_equal(sample.annotations[0].property_json, "{\"a\":1}");
    assert_true(isnan(sample.annotations[0].confidence));
    assert_string_equal(sample.annotations[1].annotated_by, "human");
    assert_float_equal(sample.annotations[1].confidence, 0.5, 0);
    assert_int_equal(sample.annotations[1].created_ms, 0);
}

static void annotations_that_are_not_final_are_suggestions(void **state)
{
    struct fixture *f = *state;
    struct sample_new sample;
    ASSERT_DONE(f, read_as(f, "{\"source\":\"/1\",\"annotation\":[" CAT "]}", DATASET_TYPE_CLASSIFICATION,
                           false, &sample));
    assert_string_equal(sample.state, SAMPLE_TO_BE_CONFIRMED);
    assert_true(sample.annotations[0].is_suggested);
    ASSERT_DONE(f, read_as(f, "{\"source\":\"/1\"}", DATASET_TYPE_CLASSIFICATION, false, &sample));
    assert_string_equal(sample.state, SAMPLE_UNLABELED);
    ASSERT_DONE(f,
                read_as(f, "{\"source\":\"/1\",\"annotation\":[]}", DATASET_TYPE_DETECTION, true, &sample));
    assert_string_equal(sample.state, SAMPLE_UNLABELED);
}

static void hard_attributes_are_read_from_sample_or_annotations(void **state)
{
    struct fixture *f = *state;
    struct sample_new sample = read_line(
        f, "{\"source\":\"/1\",\"hard\":\"true\",\"hard-coefficient\":0.62,\"hard-reasons\":\"3-20\"}");
    assert_true(sample.is_hard);
    assert_float_equal(sample.hard_coefficient, 0.62, 0);
    assert_string_equal(sample.hard_reasons, "3-20");
    sample = read_line(f, "{\"source\":\"/1\",\"annotation\":[{\"name\":\"cat\",\"type\":\"modelarts/"
                          "image_classification\",\"hard\":\"true\",\"hard-coefficient\":0.4}," CAT "]}");
    assert_true(sample.is_hard);
    assert_float_equal(sample.hard_coefficient, 0.4, 0);
    sample = read_line(f, "{\"source\":\"/1\",\"hard\":\"false\",\"annotation\":[{\"name\":\"cat\",\"type\":"
                          "\"modelarts/image_classification\",\"hard\":\"true\"}]}");
    assert_false(sample.is_hard);
}

static void label_named_twice_counts_once(void **state)
{
    struct fixture *f = *state;
    struct sample_new sample = read_line(f, "{\"source\":\"/1\",\"annotation\":[" CAT "," CAT "]}");
    assert_int_equal(sample.annotation_count, 1);
}

static void unreadable_time_loses_no_label(void **state)
{
    struct fixture *f = *state;
    struct sample_new sample =
        read_line(f, "{\"source\":\"/1\",\"annotation\":[{\"name\":\"cat\",\"type\":\"modelarts/"
                     "image_classification\",\"creation-time\":\"yesterday\"}]}");
    assert_string_equal(sample.annotations[0].name, "cat");
    assert_int_equal(sample.annotations[0].created_ms, 0);
}

static void line_of_another_type_is_a_mismatch(void **state)
{
    struct fixture *f = *state;
    struct sample_new sample;
    ASSERT_REFUSED(f,
                   read_as(f,
                           "{\"source\":\"/1\",\"annotation\":[{\"type\":\"modelarts/object_detection\","
                           "\"annotation-loc\":\"/1.xml\"}]}",
                           DATASET_TYPE_CLASSIFICATION, true, &sample),
                   ERR_INVALID);
    assert_int_equal(f->err.detail, DETAIL_DATASET_TYPE_MISMATCH);
    ASSERT_REFUSED(
        f, read_as(f, "{\"source\":\"/1\",\"annotation\":[" CAT "]}", DATASET_TYPE_DETECTION, true, &sample),
        ERR_INVALID);
    assert_int_equal(f->err.detail, DETAIL_DATASET_TYPE_MISMATCH);
}

/* So that one bad line can be told from the good ones around it before a batch is added. */
static void what_adding_would_refuse_is_refused(void **state)
{
    struct fixture *f = *state;
    struct sample_new sample;
    static const char *const bad[] = {
        "{\"source\":\"/1\",\"usage\":\"sometimes\"}",
        "{\"source\":\"/1\",\"hard-reasons\":\"99\"}",
        "{\"source\":\"/1\",\"sample-type\":6}",
        "{\"source\":\"/1\",\"annotation\":[{\"type\":\"modelarts/image_classification\"}]}",
        "{\"source\":\"/1\",\"annotation\":[{\"name\":\"\",\"type\":\"modelarts/image_classification\"}]}",
        "{\"source\":\"/1\",\"annotation\":[{\"name\":\"a\\nb\",\"type\":\"modelarts/"
        "image_classification\"}]}",
        "{\"source\":\"/1\",\"annotation\":[{\"name\":\"a\",\"type\":\"modelarts/image_classification\","
        "\"confidence\":7}]}",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct manifest_sample line;
        bool is_read = manifest_line_read((struct bytes){bad[i], strlen(bad[i])}, f->arena, &line, &f->err) &&
                       sample_of_manifest(&line, &of_classes, f->arena, &sample, &f->err);
        if (is_read)
            fail_msg("read: %s", bad[i]);
        assert_int_equal(f->err.code, ERR_INVALID);
    }
}

static void too_many_labels_meet_the_limit(void **state)
{
    struct fixture *f = *state;
    struct manifest_annotation *many = arena_array(f->arena, SAMPLE_CLASSES_MAX + 1, sizeof(*many));
    struct manifest_sample line = {.source = "/1",
                                   .hard_coefficient = (double)NAN,
                                   .sample_type = -1,
                                   .annotations = many,
                                   .annotation_count = SAMPLE_CLASSES_MAX};
    struct sample_new sample;
    for (int i = 0; i <= SAMPLE_CLASSES_MAX; i++)
        many[i] = (struct manifest_annotation){.type = MANIFEST_TYPE_CLASSIFICATION,
                                               .name = arena_printf(f->arena, "c%d", i),
                                               .confidence = (double)NAN,
                                               .hard_coefficient = (double)NAN};
    ASSERT_DONE(f, sample_of_manifest(&line, &of_classes, f->arena, &sample, &f->err));
    line.annotation_count++;
    ASSERT_REFUSED(f, sample_of_manifest(&line, &of_classes, f->arena, &sample, &f->err), ERR_LIMIT);
}

static const char *line_of(struct fixture *f, const struct sample *sample, bool hard_attributes)
{
    AUTO_BUFFER(text, MANIFEST_LINE_MAX_BYTES);
    struct manifest_sample line;
    const struct manifest_form form = {.hard_attributes = hard_attributes};
    ASSERT_DONE(f, manifest_of_sample(sample, &form, f->arena, &line, &f->err));
    ASSERT_DONE(f, manifest_line_write(&line, &text, &f->err));
    return arena_text_n(f->arena, text.data, text.size);
}

static void line_has_the_published_form(void **state)
{
    struct fixture *f = *state;
    struct annotation annotation = label("cat");
    struct sample sample = {.id = "0123456789abcdef0123456789abcdef",
                            .source = "/in/1.jpg",
                            .state = SAMPLE_LABELED,
                            .usage = "TRAIN",
                            .is_hard = true,
                            .hard_coefficient = 0.62,
                            .hard_reasons = "1-7",
                            .annotations = &annotation,
                            .annotation_count = 1};
    annotation.annotated_by = "human/u/u";
    annotation.created_ms = 1714557600999;
    assert_string_equal(
        line_of(f, &sample, true),
        "{\"annotation\":[{\"name\":\"cat\",\"type\":\"modelarts/image_classification\",\"hard\":\"true\","
        "\"hard-coefficient\":0.62,\"hard-reasons\":\"1-7\",\"annotated-by\":\"human/u/u\",\"creation-time\":"
        "\"2024-05-01 10:00:00\"}],\"usage\":\"train\",\"hard\":\"true\",\"hard-coefficient\":0.62,"
        "\"hard-reasons\":\"1-7\",\"source\":\"/in/1.jpg\",\"id\":\"0123456789abcdef0123456789abcdef\"}\n");
    assert_string_equal(
        line_of(f, &sample, false),
        "{\"annotation\":[{\"name\":\"cat\",\"type\":\"modelarts/image_classification\",\"annotated-by\":"
        "\"human/u/u\",\"creation-time\":\"2024-05-01 10:00:00\"}],\"usage\":\"train\",\"source\":"
        "\"/in/1.jpg\",\"id\":\"0123456789abcdef0123456789abcdef\"}\n");
    sample.is_hard = false;
    sample.usage = NULL;
    annotation.is_suggested = true;
    sample.state = SAMPLE_TO_BE_CONFIRMED;
    assert_string_equal(line_of(f, &sample, true), "{\"hard\":\"false\",\"source\":\"/in/1.jpg\",\"id\":"
                                                   "\"0123456789abcdef0123456789abcdef\"}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(labelled_line_becomes_a_labeled_sample),
        TEST(annotations_that_are_not_final_are_suggestions),
        TEST(hard_attributes_are_read_from_sample_or_annotations),
        TEST(label_named_twice_counts_once),
        TEST(unreadable_time_loses_no_label),
        TEST(line_of_another_type_is_a_mismatch),
        TEST(what_adding_would_refuse_is_refused),
        TEST(too_many_labels_meet_the_limit),
        TEST(line_has_the_published_form),
    };
    return RUN_TESTS(tests);
}
