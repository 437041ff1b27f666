/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "manifest/manifest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct arena *arena;

static int start(void **state)
{
    arena = arena_new(MANIFEST_ARENA_BYTES);
    return arena ? 0 : -1;
}

static int stop(void **state)
{
    arena = arena_free(arena);
    return 0;
}

static struct manifest_sample read_line(const char *line)
{
    struct error err = {0};
    struct manifest_sample sample = {0};
    if (!manifest_line_read((struct bytes){line, strlen(line)}, arena, &sample, &err))
        fail_msg("%s", err.message);
    return sample;
}

static void expect_refused(const char *line, const char *names)
{
    struct error err = {0};
    struct manifest_sample sample = {.source = "untouched"};
    assert_false(manifest_line_read((struct bytes){line, strlen(line)}, arena, &sample, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_int_equal(err.detail, DETAIL_BAD_MANIFEST);
    if (!strstr(err.message, names))
        fail_msg("%s: '%s' does not name %s", line, err.message, names);
    assert_string_equal(sample.source, "untouched");
}

static void a_full_classification_line_is_read(void **state)
{
    struct manifest_sample sample = read_line(
        "{\"annotation\":[{\"name\":\"tabby \\\"cat\\\"\",\"type\":\"modelarts/image_classification\","
        "\"property\":{ \"@modelarts:x\" : [1, 2.5] },\"confidence\":0.75,\"hard\":\"true\","
        "\"hard-coefficient\":0.62,\"hard-reasons\":\"1-7-20\",\"annotated-by\":\"human/u/u\","
        "\"creation-time\":\"2026-05-01 10:00:00\"}],\"usage\":\"train\",\"hard\":\"false\","
        "\"hard-coefficient\":0.1,\"hard-reasons\":[3],\"inference-loc\":\"/out/1.jpg_result.txt\","
        "\"property\":{\"@modelarts:data_checked\":true},\"sample-type\":0,\"source\":\"/in/1.jpg\","
        "\"id\":\"0a1b\",\"unknown\":{}}");
    assert_string_equal(sample.source, "/in/1.jpg");
    assert_string_equal(sample.id, "0a1b");
    assert_string_equal(sample.usage, "train");
    assert_string_equal(sample.inference_loc, "/out/1.jpg_result.txt");
    assert_string_equal(sample.property_json, "{\"@modelarts:data_checked\":true}");
    assert_int_equal(sample.hard, MANIFEST_HARD_NO);
    assert_true(sample.hard_coefficient == 0.1);
    assert_string_equal(sample.hard_reasons, "3");
    assert_int_equal(sample.sample_type, 0);
    assert_int_equal(sample.annotation_count, 1);
    const struct manifest_annotation *annotation = sample.annotations;
    assert_string_equal(annotation->name, "tabby \"cat\"");
    assert_string_equal(annotation->type, MANIFEST_TYPE_CLASSIFICATION);
    assert_string_equal(annotation->property_json, "{\"@modelarts:x\":[1,2.5]}");
    assert_true(annotation->confidence == 0.75);
    assert_int_equal(annotation->hard, MANIFEST_HARD_YES);
    assert_true(annotation->hard_coefficient == 0.62);
    assert_string_equal(annotation->hard_reasons, "1-7-20");
    assert_string_equal(annotation->annotated_by, "human/u/u");
    assert_string_equal(annotation->creation_time, "2026-05-01 10:00:00");
    assert_null(annotation->annotation_loc);
}

static void what_is_absent_reads_as_none(void **state)
{
    static const char *const lines[] = {
        "{\"source\":\"/a\"}",
        "{\"source\":\"/"
        "a\",\"usage\":\"\",\"id\":null,\"hard\":null,\"hard-coefficient\":null,\"property\":null,"
        "\"hard-reasons\":[],\"annotation\":[],\"sample-type\":null,\"inference-loc\":\"\"}"};
    for (size_t i = 0; i < 2; i++) {
        struct manifest_sample sample = read_line(lines[i]);
        assert_null(sample.id);
        assert_null(sample.usage);
        assert_null(sample.inference_loc);
        assert_null(sample.property_json);
        assert_null(sample.hard_reasons);
        assert_int_equal(sample.hard, MANIFEST_HARD_UNKNOWN);
        assert_true(isnan(sample.hard_coefficient));
        assert_int_equal(sample.sample_type, -1);
        assert_int_equal(sample.annotation_count, 0);
    }
}

static void snake_case_twins_are_read(void **state)
{
    struct manifest_sample sample =
        read_line("{\"annotation\":[{\"type\":\"modelarts/object_detection\",\"annotation_loc\":\"/v/1.xml\","
                  "\"annotation_format\":\"PASCAL VOC\",\"creation_time\":\"t\",\"annotated_by\":\"human\"}],"
                  "\"inference_loc\":\"/r\",\"source\":\"/a\"}");
    assert_string_equal(sample.inference_loc, "/r");
    assert_string_equal(sample.annotations[0].annotation_loc, "/v/1.xml");
    assert_string_equal(sample.annotations[0].annotation_format, "PASCAL VOC");
    assert_string_equal(sample.annotations[0].creation_time, "t");
    assert_string_equal(sample.annotations[0].annotated_by, "human");
}

static void hard_is_read_in_every_form(void **state)
{
    static const struct {
        const char *form;
        enum manifest_hard hard;
    } forms[] = {
        {"\"true\"", MANIFEST_HARD_YES}, {"\"True\"", MANIFEST_HARD_YES}, {"true", MANIFEST_HARD_YES},
        {"1", MANIFEST_HARD_YES},        {"1.0", MANIFEST_HARD_YES},      {"\"1\"", MANIFEST_HARD_YES},
        {"\"false\"", MANIFEST_HARD_NO}, {"false", MANIFEST_HARD_NO},     {"0", MANIFEST_HARD_NO},
        {"0.0", MANIFEST_HARD_NO},       {"\"0\"", MANIFEST_HARD_NO},     {"\"\"", MANIFEST_HARD_UNKNOWN}};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        char line[80];
        (void)snprintf(line, sizeof(line), "{\"source\":\"/a\",\"hard\":%s}", forms[i].form);
        assert_int_equal(read_line(line).hard, forms[i].hard);
    }
}

static void numbers_are_read_as_text_too(void **state)
{
    struct manifest_sample sample =
        read_line("{\"source\":\"/a\",\"hard-coefficient\":\"0.25\",\"sample-type\":\"6\","
                  "\"annotation\":[{\"type\":\"x_classification\",\"name\":\"n\",\"confidence\":\"1\"}]}");
    assert_true(sample.hard_coefficient == 0.25);
    assert_int_equal(sample.sample_type, 6);
    assert_true(sample.annotations[0].confidence == 1);
}

static void reasons_are_read_as_text_and_list(void **state)
{
    assert_string_equal(read_line("{\"source\":\"/a\",\"hard-reasons\":\"3-20-021\"}").hard_reasons,
                        "3-20-21");
    assert_string_equal(read_line("{\"source\":\"/a\",\"hard-reasons\":[8,6,0]}").hard_reasons, "8-6-0");
    assert_null(read_line("{\"source\":\"/a\",\"hard-reasons\":\"\"}").hard_reasons);
}

static void usage_is_known_in_any_case(void **state)
{
    assert_string_equal(manifest_usage("train"), "TRAIN");
    assert_string_equal(manifest_usage("Eval"), "EVAL");
    assert_string_equal(manifest_usage("TEST"), "TEST");
    assert_string_equal(manifest_usage("inference"), "INFERENCE");
    assert_null(manifest_usage("training"));
    assert_null(manifest_usage(""));
    assert_null(manifest_usage(NULL));
}

static void table_data_keeps_its_property_text(void **state)
{
    struct manifest_sample sample = read_line(
        "{\"source-type\":\"CarbonData\",\"source\":\"/t.carbondata\",\"property\":\"{\\\"a\\\":\\n1}\"}");
    assert_string_equal(sample.property_json, "\"{\\\"a\\\":\\n1}\"");
}

static void a_faulty_member_is_named(void **state)
{
    static const struct {
        const char *line, *names;
    } faults[] = {
        {"", "not JSON"},
        {"{", "not JSON"},
        {"[]", "not an object"},
        {"{\"source\":\"a\xFF\"}", "not JSON"},
        {"{\"source\":\"/a\"} x", "not JSON"},
        {"{}", "'source' is missing"},
        {"{\"source\":\"\"}", "'source' is missing"},
        {"{\"source\":1}", "'source' must be a text"},
        {"{\"source\":\"a\\u0000b\"}", "'source' must be a text without"},
        {"{\"source\":\"/a\",\"usage\":[]}", "'usage'"},
        {"{\"source\":\"/a\",\"hard\":2}", "'hard'"},
        {"{\"source\":\"/a\",\"hard\":\"yes\"}", "'hard'"},
        {"{\"source\":\"/a\",\"hard\":\"true\\u0000\"}", "'hard'"},
        {"{\"source\":\"/a\",\"hard-coefficient\":1.0001}",
         "'hard-coefficient' must be a number from 0 to 1"},
        {"{\"source\":\"/a\",\"hard-coefficient\":-0.1}", "'hard-coefficient'"},
        {"{\"source\":\"/a\",\"hard-coefficient\":true}", "'hard-coefficient'"},
        {"{\"source\":\"/a\",\"hard-coefficient\":\"nan\"}", "'hard-coefficient'"},
        {"{\"source\":\"/a\",\"hard-coefficient\":\"0.5\\u00001\"}", "'hard-coefficient'"},
        {"{\"source\":\"/a\",\"hard-reasons\":\"1--2\"}", "'hard-reasons'"},
        {"{\"source\":\"/a\",\"hard-reasons\":\"1-\"}", "'hard-reasons'"},
        {"{\"source\":\"/a\",\"hard-reasons\":\"-1\"}", "'hard-reasons'"},
        {"{\"source\":\"/a\",\"hard-reasons\":\"1 2\"}", "'hard-reasons'"},
        {"{\"source\":\"/a\",\"hard-reasons\":\"1\\u0000\"}", "'hard-reasons'"},
        {"{\"source\":\"/a\",\"hard-reasons\":[1.5]}", "'hard-reasons'"},
        {"{\"source\":\"/a\",\"hard-reasons\":[-1]}", "'hard-reasons'"},
        {"{\"source\":\"/a\",\"hard-reasons\":7}", "'hard-reasons'"},
        {"{\"source\":\"/a\",\"sample-type\":0.5}", "'sample-type'"},
        {"{\"source\":\"/a\",\"sample-type\":-1}", "'sample-type'"},
        {"{\"source\":\"/a\",\"property\":[]}", "'property'"},
        {"{\"source\":\"/a\",\"annotation\":{}}", "'annotation'"},
        {"{\"source\":\"/a\",\"annotation\":[1]}", "annotation 1 "},
        {"{\"source\":\"/a\",\"annotation\":[{\"type\":\"t\"},{}]}", "'type' of annotation 2 is missing"},
        {"{\"source\":\"/a\",\"annotation\":[{\"type\":\"modelarts/image_classification\"}]}",
         "'name' of annotation 1 is missing"},
        {"{\"source\":\"/a\",\"annotation\":[{\"type\":\"modelarts/object_detection\"}]}",
         "'annotation-loc' of annotation 1 is missing"},
        {"{\"source\":\"/a\",\"annotation\":[{\"type\":\"t\",\"confidence\":7}]}",
         "'confidence' of annotation 1"},
    };
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        expect_refused(faults[i].line, faults[i].names);
}

/* `count` copies of `item` with commas between, framed. */
static void repeat(struct buffer *into, const char *before, const char *item, size_t count, const char *after)
{
    (void)buffer_add_text(into, before);
    for (size_t i = 0; i < count; i++)
        (void)buffer_printf(into, "%s%s", i > 0 ? "," : "", item);
    assert_true(buffer_add_text(into, after));
}

static void annotations_are_limited(void **state)
{
    for (size_t past = 0; past < 2; past++) {
        struct error err = {0};
        struct manifest_sample sample = {0};
        AUTO_BUFFER(line, MANIFEST_LINE_MAX_BYTES);
        repeat(&line, "{\"source\":\"/a\",\"annotation\":[", "{\"type\":\"t\"}",
               MANIFEST_ANNOTATIONS_MAX + past, "]}");
        bool done = manifest_line_read((struct bytes){line.data, line.size}, arena, &sample, &err);
        assert_int_equal(done, past == 0);
        assert_int_equal(past == 0 ? sample.annotation_count : MANIFEST_ANNOTATIONS_MAX,
                         MANIFEST_ANNOTATIONS_MAX);
        assert_int_equal(err.code, past == 0 ? ERR_NONE : ERR_LIMIT);
    }
}

static void reasons_are_limited(void **state)
{
    for (size_t past = 0; past < 2; past++) {
        AUTO_BUFFER(line, MANIFEST_LINE_MAX_BYTES);
        repeat(&line, "{\"source\":\"/a\",\"hard-reasons\":[", "999", MANIFEST_REASONS_MAX + past, "]}");
        if (past == 0)
            assert_int_equal(strlen(read_line(line.data).hard_reasons), MANIFEST_REASONS_MAX * 4 - 1);
        else
            expect_refused(line.data, "'hard-reasons'");
    }
    expect_refused("{\"source\":\"/a\",\"hard-reasons\":\"1000\"}", "'hard-reasons'");
}

static void bytes_are_limited(void **state)
{
    for (size_t past = 0; past < 2; past++) {
        struct error err = {0};
        struct manifest_sample sample = {0};
        size_t bytes = MANIFEST_LINE_MAX_BYTES + past;
        char *line = malloc(bytes);
        assert_non_null(line);
        memset(line, 'x', bytes);
        memcpy(line, "{\"source\":\"", 11);
        memcpy(line + bytes - 2, "\"}", 2);
        bool done = manifest_line_read((struct bytes){line, bytes}, arena, &sample, &err);
        assert_int_equal(done, past == 0);
        assert_int_equal(err.code, past == 0 ? ERR_NONE : ERR_LIMIT);
        if (done)
            assert_int_equal(strlen(sample.source), bytes - 13);
        free(line);
    }
}

static void a_full_arena_is_told(void **state)
{
    struct error err = {0};
    struct manifest_sample sample = {0};
    const char *line = "{\"source\":\"/a\",\"annotation\":[{\"type\":\"t\"}]}";
    AUTO(arena) small = arena_new(100);
    assert_false(manifest_line_read((struct bytes){line, strlen(line)}, small, &sample, &err));
    assert_int_equal(err.code, ERR_NO_MEMORY);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_full_classification_line_is_read),
        CASE(what_is_absent_reads_as_none),
        CASE(snake_case_twins_are_read),
        CASE(hard_is_read_in_every_form),
        CASE(numbers_are_read_as_text_too),
        CASE(reasons_are_read_as_text_and_list),
        CASE(usage_is_known_in_any_case),
        CASE(table_data_keeps_its_property_text),
        CASE(a_faulty_member_is_named),
        CASE(annotations_are_limited),
        CASE(reasons_are_limited),
        CASE(bytes_are_limited),
        CASE(a_full_arena_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
