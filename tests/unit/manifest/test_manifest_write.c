/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "manifest/manifest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void a_line_has_its_members_in_order(void **state)
{
    struct error err = {0};
    AUTO_BUFFER(text, 10000);
    struct manifest_annotation annotations[2] = {manifest_annotation_none(), manifest_annotation_none()};
    annotations[0].type = MANIFEST_TYPE_CLASSIFICATION;
    annotations[0].name = "boot";
    annotations[0].annotated_by = "human";
    annotations[0].creation_time = "2026-11-22 09:00:00";
    annotations[0].hard = MANIFEST_HARD_YES;
    annotations[0].hard_coefficient = 0.62;
    annotations[0].hard_reasons = "1-7";
    annotations[0].confidence = 1;
    annotations[0].property_json = "{ \"a\" :\n 1 }";
    annotations[1].type = MANIFEST_TYPE_DETECTION;
    annotations[1].annotation_loc = "/v/1.xml";
    annotations[1].annotation_format = "PASCAL VOC";
    struct manifest_sample sample = manifest_sample_none();
    sample.source = "/in/1.jpg";
    sample.id = "0a";
    sample.usage = "train";
    sample.hard = MANIFEST_HARD_NO;
    sample.hard_coefficient = 0;
    sample.inference_loc = "/out/r.txt";
    sample.property_json = "{}";
    sample.sample_type = 0;
    sample.annotations = annotations;
    sample.annotation_count = 2;
    assert_true(manifest_line_write(&sample, &text, &err));
    assert_string_equal(
        text.data,
        "{\"annotation\":[{\"name\":\"boot\",\"type\":\"modelarts/"
        "image_classification\",\"property\":{\"a\":1},"
        "\"confidence\":1,\"hard\":\"true\",\"hard-coefficient\":0.62,\"hard-reasons\":\"1-7\","
        "\"annotated-by\":\"human\",\"creation-time\":\"2026-11-22 09:00:00\"},"
        "{\"type\":\"modelarts/object_detection\",\"annotation-loc\":\"/v/1.xml\","
        "\"annotation-format\":\"PASCAL "
        "VOC\"}],\"usage\":\"train\",\"hard\":\"false\",\"hard-coefficient\":0,"
        "\"inference-loc\":\"/out/r.txt\",\"property\":{},\"sample-type\":0,\"source\":\"/in/1.jpg\","
        "\"id\":\"0a\"}\n");
}

static void absent_members_are_not_written(void **state)
{
    struct error err = {0};
    AUTO_BUFFER(text, 1000);
    struct manifest_sample sample = manifest_sample_none();
    sample.source = "/a";
    sample.usage = "";
    assert_true(manifest_line_write(&sample, &text, &err));
    assert_true(manifest_line_write(&sample, &text, &err));
    assert_string_equal(text.data, "{\"source\":\"/a\"}\n{\"source\":\"/a\"}\n");
}

static void expect_not_written(const struct manifest_sample *sample, enum error_code code, const char *names)
{
    struct error err = {0};
    AUTO_BUFFER(text, 4 * MANIFEST_LINE_MAX_BYTES);
    assert_true(buffer_add_text(&text, "before"));
    assert_false(manifest_line_write(sample, &text, &err));
    assert_int_equal(err.code, code);
    if (!strstr(err.message, names))
        fail_msg("'%s' does not name %s", err.message, names);
    assert_string_equal(text.data, "before");
    assert_false(text.is_full);
}

static void what_would_not_read_back_is_not_written(void **state)
{
    struct manifest_annotation annotation = manifest_annotation_none();
    struct manifest_sample sample = manifest_sample_none();
    expect_not_written(&sample, ERR_INVALID, "'source'");
    sample.source = "caf\xE9";
    expect_not_written(&sample, ERR_INVALID, "'source'");
    sample.source = "/a";
    sample.hard_coefficient = 1.5;
    expect_not_written(&sample, ERR_INVALID, "'hard-coefficient'");
    sample.hard_coefficient = (double)NAN;
    sample.property_json = "{\"a\":";
    expect_not_written(&sample, ERR_INVALID, "'property'");
    sample.property_json = "{},\"id\":\"smuggled\"";
    expect_not_written(&sample, ERR_INVALID, "'property'");
    sample.property_json = NULL;
    sample.annotations = &annotation;
    sample.annotation_count = 1;
    expect_not_written(&sample, ERR_INVALID, "'type' of annotation 1");
    annotation.type = MANIFEST_TYPE_CLASSIFICATION;
    expect_not_written(&sample, ERR_INVALID, "'name' of annotation 1");
}

static void a_line_at_the_limit_is_written_and_one_past_is_not(void **state)
{
    size_t longest = MANIFEST_LINE_MAX_BYTES - strlen("{\"source\":\"\"}");
    char *source = malloc(longest + 2);
    assert_non_null(source);
    memset(source, 'x', longest + 1);
    source[longest] = '\0';
    struct manifest_sample sample = manifest_sample_none();
    sample.source = source;
    struct error err = {0};
    AUTO_BUFFER(text, 2 * MANIFEST_LINE_MAX_BYTES);
    assert_true(manifest_line_write(&sample, &text, &err));
    assert_int_equal(text.size, MANIFEST_LINE_MAX_BYTES + 1);
    source[longest] = 'x';
    source[longest + 1] = '\0';
    expect_not_written(&sample, ERR_LIMIT, "limit");
    free(source);
}

static void a_full_buffer_is_told(void **state)
{
    struct manifest_sample sample = manifest_sample_none();
    sample.source = "/a";
    for (size_t limit = 0; limit < 16; limit++) {
        struct error err = {0};
        AUTO_BUFFER(text, limit);
        assert_false(manifest_line_write(&sample, &text, &err));
        assert_int_equal(err.code, ERR_LIMIT);
        assert_int_equal(text.size, 0);
        assert_false(manifest_result_write("/a", "/b", NULL, &text, &err));
        assert_int_equal(err.code, ERR_LIMIT);
        assert_int_equal(text.size, 0);
    }
}

static void results_have_the_two_forms(void **state)
{
    struct error err = {0};
    AUTO_BUFFER(text, 1000);
    assert_true(manifest_result_write("/in/a \"b\".jpg", "/out/r.txt", NULL, &text, &err));
    assert_true(manifest_result_write("/in/b.jpg", NULL, "not an image: caf\xE9", &text, &err));
    assert_string_equal(text.data,
                        "{\"source\":\"/in/a \\\"b\\\".jpg\",\"result\":\"SUCCESSFUL\",\"inference-loc\":"
                        "\"/out/r.txt\"}\n{\"source\":\"/in/b.jpg\",\"result\":\"FAILED\",\"error_message\":"
                        "\"not an image: caf\xEF\xBF\xBD\"}\n");
    assert_false(manifest_result_write("caf\xE9", NULL, "x", &text, &err));
    assert_int_equal(err.code, ERR_INVALID);
}

/* Random samples: small numbers of everything, texts of every kind of character. */
static uint32_t draw(uint64_t *seed, uint32_t below)
{
    *seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(*seed >> 33) % below;
}

static const char *draw_text(uint64_t *seed, struct arena *arena, bool may_be_absent)
{
    static const char *const pieces[] = {"a",    "\"", "\\",       "\n",           "\x01",
                                         "\x7F", "/",  "\xC3\xA9", "\xE2\x80\xA8", "\xF0\x9F\x98\x80",
                                         "%",    " ",  "label"};
    AUTO_BUFFER(text, 64);
    uint32_t length = draw(seed, 8);
    if (may_be_absent && draw(seed, 2) == 0)
        return NULL;
    for (uint32_t i = 0; i <= length; i++)
        (void)buffer_add_text(&text, pieces[draw(seed, sizeof(pieces) / sizeof(pieces[0]))]);
    return arena_text(arena, text.data);
}

static double draw_number(uint64_t *seed)
{
    double number = draw(seed, 1U << 30) / (double)(1U << 30);
    return draw(seed, 3) == 0 ? (double)NAN : number;
}

static const char *draw_of(uint64_t *seed, const char *const *choices, uint32_t count)
{
    return choices[draw(seed, count)];
}

static const char *const reasons[] = {NULL, "0", "30", "1-7-20", "20-3-1"};
static const char *const properties[] = {NULL, "{}", "{\"@modelarts:x\":[1,2.5,null,\"\\u0007\"]}",
                                         "\"a text\"", "{\"big\":123456789012345678}"};

static struct manifest_sample draw_sample(uint64_t *seed, struct arena *arena)
{
    static const char *const types[] = {MANIFEST_TYPE_CLASSIFICATION, MANIFEST_TYPE_DETECTION, "own/type"};
    struct manifest_sample sample = manifest_sample_none();
    sample.source = draw_text(seed, arena, false);
    sample.id = draw_text(seed, arena, true);
    sample.usage = draw_text(seed, arena, true);
    sample.inference_loc = draw_text(seed, arena, true);
    sample.property_json = draw_of(seed, properties, 5);
    sample.hard = (enum manifest_hard)draw(seed, 3);
    sample.hard_coefficient = draw_number(seed);
    sample.hard_reasons = draw_of(seed, reasons, 5);
    sample.sample_type = (int64_t)draw(seed, 8) - 1;
    sample.annotation_count = draw(seed, 4);
    sample.annotations = arena_array(arena, 4, sizeof(*sample.annotations));
    for (size_t i = 0; i < sample.annotation_count; i++)
        sample.annotations[i] =
            (struct manifest_annotation){.type = draw_of(seed, types, 3),
                                         .name = draw_text(seed, arena, false),
                                         .annotation_loc = draw_text(seed, arena, false),
                                         .annotation_format = draw_text(seed, arena, true),
                                         .annotated_by = draw_text(seed, arena, true),
                                         .creation_time = draw_text(seed, arena, true),
                                         .property_json = draw_of(seed, properties, 5),
                                         .confidence = draw_number(seed),
                                         .hard = (enum manifest_hard)draw(seed, 3),
                                         .hard_coefficient = draw_number(seed),
                                         .hard_reasons = draw_of(seed, reasons, 5)};
    return sample;
}

static void expect_text(const char *got, const char *want)
{
    assert_int_equal(got == NULL, want == NULL);
    if (want)
        assert_string_equal(got, want);
}

static void expect_number(double got, double want)
{
    assert_true(isnan(want) ? isnan(got) : got == want);
}

static void expect_annotation(const struct manifest_annotation *got, const struct manifest_annotation *want)
{
    expect_text(got->type, want->type);
    expect_text(got->name, want->name);
    expect_text(got->annotation_loc, want->annotation_loc);
    expect_text(got->annotation_format, want->annotation_format);
    expect_text(got->annotated_by, want->annotated_by);
    expect_text(got->creation_time, want->creation_time);
    expect_text(got->property_json, want->property_json);
    expect_number(got->confidence, want->confidence);
    assert_int_equal(got->hard, want->hard);
    expect_number(got->hard_coefficient, want->hard_coefficient);
    expect_text(got->hard_reasons, want->hard_reasons);
}

static void expect_sample(const struct manifest_sample *got, const struct manifest_sample *want)
{
    expect_text(got->source, want->source);
    expect_text(got->id, want->id);
    expect_text(got->usage, want->usage);
    expect_text(got->inference_loc, want->inference_loc);
    expect_text(got->property_json, want->property_json);
    assert_int_equal(got->hard, want->hard);
    expect_number(got->hard_coefficient, want->hard_coefficient);
    expect_text(got->hard_reasons, want->hard_reasons);
    assert_int_equal(got->sample_type, want->sample_type);
    assert_int_equal(got->annotation_count, want->annotation_count);
    for (size_t i = 0; i < want->annotation_count; i++)
        expect_annotation(&got->annotations[i], &want->annotations[i]);
}

static void random_samples_come_back_equal_and_write_the_same_bytes(void **state)
{
    uint64_t seed = 20261122;
    AUTO(arena) arena = arena_new(MANIFEST_ARENA_BYTES);
    AUTO_BUFFER(text, MANIFEST_LINE_MAX_BYTES);
    AUTO_BUFFER(again, MANIFEST_LINE_MAX_BYTES);
    for (int i = 0; i < 3000; i++) {
        struct error err = {0};
        struct manifest_sample back = {0};
        struct manifest_sample sample = draw_sample(&seed, arena);
        buffer_clear(&text);
        buffer_clear(&again);
        if (!manifest_line_write(&sample, &text, &err))
            fail_msg("%s", err.message);
        assert_ptr_equal(memchr(text.data, '\n', text.size), text.data + text.size - 1);
        if (!manifest_line_read((struct bytes){text.data, text.size}, arena, &back, &err))
            fail_msg("%s", err.message);
        expect_sample(&back, &sample);
        assert_true(manifest_line_write(&back, &again, &err));
        assert_string_equal(text.data, again.data);
        arena_reset(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_its_members_in_order),
        cmocka_unit_test(absent_members_are_not_written),
        cmocka_unit_test(what_would_not_read_back_is_not_written),
        cmocka_unit_test(a_line_at_the_limit_is_written_and_one_past_is_not),
        cmocka_unit_test(a_full_buffer_is_told),
        cmocka_unit_test(results_have_the_two_forms),
        cmocka_unit_test(random_samples_come_back_equal_and_write_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
