/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "dataset/sample_feature.h"
#include "dataset/sample_query.h"

#include <math.h>
#include <string.h>

struct fixture {
    struct arena *arena;
    struct error err;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.arena = arena_new(16 * 1024 * 1024)};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    f->arena = arena_free(f->arena);
    return 0;
}

static bool read(struct fixture *f, const char *text, struct sample_term *ret)
{
    AUTO_JSON doc = yyjson_read(text, strlen(text), 0);
    assert_non_null(doc);
    f->err = (struct error){0};
    return sample_term_read(yyjson_doc_get_root(doc), "/filter", f->arena, ret, &f->err);
}

static void tree_is_read(void **state)
{
    struct fixture *f = *state;
    struct sample_term term;
    assert_true(
        read(f,
             "{\"and\":[{\"state\":\"labeled\"},{\"not\":{\"reason\":30}},{\"or\":[]},"
             "{\"score\":{\"min\":0.25}},{\"usage\":\"train\"},{\"usage\":\"none\"},{\"hard\":true}]}",
             &term));
    assert_int_equal(term.kind, TERM_AND);
    assert_int_equal(term.count, 7);
    assert_string_equal(term.items[0].text, SAMPLE_LABELED);
    assert_int_equal(term.items[1].items[0].number, 30);
    assert_int_equal(term.items[2].kind, TERM_OR);
    assert_int_equal(term.items[2].count, 0);
    assert_true(term.items[3].min == 0.25 && isnan(term.items[3].max));
    assert_string_equal(term.items[4].text, "TRAIN");
    assert_null(term.items[5].text);
    assert_int_equal(term.items[6].number, 1);
}

static void every_kind_of_term_is_read(void **state)
{
    static const char *const texts[TERM_KIND_COUNT] = {
        [TERM_AND] = "{\"and\":[]}",
        [TERM_OR] = "{\"or\":[]}",
        [TERM_NOT] = "{\"not\":{\"hard\":false}}",
        [TERM_STATE] = "{\"state\":\"unlabeled\"}",
        [TERM_HARD] = "{\"hard\":false}",
        [TERM_EXCLUDED] = "{\"excluded\":true}",
        [TERM_REASON] = "{\"reason\":0}",
        [TERM_ORIGIN_TASK] = "{\"origin_task\":\"4f\"}",
        [TERM_USAGE] = "{\"usage\":\"EVAL\"}",
        [TERM_ORIGIN] = "{\"origin\":\"import\"}",
        [TERM_LABEL] = "{\"label\":\"cat\"}",
        [TERM_CONFIRMED_LABEL] = "{\"confirmed_label\":\"cat\"}",
        [TERM_SUGGESTED_LABEL] = "{\"suggested_label\":\"cat\"}",
        [TERM_COEFFICIENT] = "{\"coefficient\":{\"min\":0,\"max\":1}}",
        [TERM_SCORE] = "{\"score\":{}}",
        [TERM_FEATURE] = "{\"feature\":{\"name\":\"box_overlap\",\"min\":0}}",
        [TERM_NAME] = "{\"name\":\"a\"}",
    };
    for (int kind = 0; kind < TERM_KIND_COUNT; kind++) {
        struct sample_term term;
        assert_true(read(*state, texts[kind], &term));
        assert_int_equal(term.kind, kind);
    }
}

static void range_of_a_feature_is_read(void **state)
{
    struct fixture *f = *state;
    struct sample_term term;
    assert_true(read(f, "{\"feature\":{\"name\":\"brightness\",\"min\":0.1,\"max\":0.3}}", &term));
    assert_string_equal(sample_feature_names[term.number], "brightness");
    assert_true(term.min == 0.1 && term.max == 0.3);
    for (int i = 0; i < SAMPLE_FEATURES; i++)
        assert_int_equal(sample_feature_of(sample_feature_names[i]), i);
}

static void wrong_term_is_refused(void **state)
{
    static const char *const wrong[] = {
        "[]",
        "{}",
        "7",
        "{\"state\":\"tired\"}",
        "{\"state\":7}",
        "{\"hard\":1}",
        "{\"reason\":31}",
        "{\"reason\":-1}",
        "{\"reason\":1.5}",
        "{\"usage\":\"FUN\"}",
        "{\"score\":0.5}",
        "{\"score\":{\"least\":0.5}}",
        "{\"score\":{\"min\":\"0\"}}",
        "{\"feature\":\"brightness\"}",
        "{\"feature\":{}}",
        "{\"feature\":{\"min\":0.1}}",
        "{\"feature\":{\"name\":7}}",
        "{\"feature\":{\"name\":\"beauty\"}}",
        "{\"feature\":{\"name\":\"\"}}",
        "{\"feature\":{\"name\":\"clarity\",\"max\":\"1\"}}",
        "{\"feature\":{\"name\":\"clarity\",\"most\":1}}",
        "{\"label\":\"a\\u0000b\"}",
        "{\"and\":{\"hard\":true}}",
        "{\"not\":[]}",
        "{\"hard\":true,\"state\":\"labeled\"}",
        "{\"colour\":\"red\"}",
        "{\"and\":[{\"and\":[{\"reason\":99}]}]}",
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct sample_term term;
        if (read(f, wrong[i], &term))
            fail_msg("%s was taken", wrong[i]);
        assert_int_equal(f->err.code, ERR_INVALID);
        assert_string_equal(f->err.pointer, "/filter");
    }
}

static const char *nested(struct fixture *f, int depth)
{
    const char *text = "{\"hard\":true}";
    for (int i = 1; i < depth; i++)
        text = arena_printf(f->arena, "{\"not\":%s}", text);
    return text;
}

static const char *wide(struct fixture *f, int terms)
{
    const char *text = "";
    for (int i = 1; i < terms; i++)
        text = arena_printf(f->arena, "%s%s{\"score\":{\"min\":0,\"max\":1}}", text, i > 1 ? "," : "");
    return arena_printf(f->arena, "{\"or\":[%s]}", text);
}

static void depth_and_number_end_at_their_limits(void **state)
{
    struct fixture *f = *state;
    struct sample_term term;
    assert_true(read(f, nested(f, SAMPLE_TERMS_DEPTH_MAX), &term));
    assert_false(read(f, nested(f, SAMPLE_TERMS_DEPTH_MAX + 1), &term));
    assert_int_equal(f->err.code, ERR_LIMIT);
    assert_true(read(f, wide(f, SAMPLE_TERMS_MAX), &term));
    assert_false(read(f, wide(f, SAMPLE_TERMS_MAX + 1), &term));
    assert_int_equal(f->err.code, ERR_LIMIT);
}

static void part_of_a_name_ends_at_its_limit(void **state)
{
    struct fixture *f = *state;
    struct sample_term term;
    char part[SAMPLE_NAME_MAX_BYTES + 2] = "";
    memset(part, 'x', SAMPLE_NAME_MAX_BYTES);
    assert_true(read(f, arena_printf(f->arena, "{\"name\":\"%s\"}", part), &term));
    part[SAMPLE_NAME_MAX_BYTES] = 'x';
    assert_false(read(f, arena_printf(f->arena, "{\"name\":\"%s\"}", part), &term));
    assert_int_equal(f->err.code, ERR_LIMIT);
}

static void filter_becomes_a_term_per_condition(void **state)
{
    struct fixture *f = *state;
    struct sample_filter filter;
    struct sample_term all;
    sample_filter_init(&filter);
    assert_true(sample_filter_term(&filter, f->arena, &all, &f->err));
    assert_int_equal(all.count, 1); /* without the excluded ones */
    filter.include_excluded = true;
    filter.state = SAMPLE_LABELED;
    filter.usage = "eval";
    filter.score_max = 0.5;
    assert_true(sample_filter_term(&filter, f->arena, &all, &f->err));
    assert_int_equal(all.count, 3);
    filter.state = "tired";
    assert_false(sample_filter_term(&filter, f->arena, &all, &f->err));
    assert_int_equal(f->err.code, ERR_INVALID);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tree_is_read),
        TEST(every_kind_of_term_is_read),
        TEST(range_of_a_feature_is_read),
        TEST(wrong_term_is_refused),
        TEST(depth_and_number_end_at_their_limits),
        TEST(part_of_a_name_ends_at_its_limit),
        TEST(filter_becomes_a_term_per_condition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
