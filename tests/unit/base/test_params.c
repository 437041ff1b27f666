/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/params.h"

#include <math.h>
#include <string.h>

static const char green[] = "green"; /* not the address of the fallback's text */
static const char *const colours[] = {"red", green, "blue", NULL};

struct inner {
    double weight;
    const char *note;
};
static const struct param_spec inner_params[] = {
    PARAM(struct inner, weight, .type = PARAM_NUMBER, .fallback = 0.5, .min = 0, .max = 1,
          .help = "how much"),
    PARAM(struct inner, note, .type = PARAM_TEXT, .max = 5, .help = "a few words"),
    PARAM_END,
};

struct options {
    const char *name, *colour;
    double score;
    uint64_t top_n, any_count;
    bool is_fast;
    struct param_list items, whole;
    struct inner inner;
};
static const struct param_spec specs[] = {
    PARAM(struct options, name, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "its name"),
    PARAM(struct options, colour, .type = PARAM_CHOICE, .choices = colours, .fallback_text = "green",
          .help = "its colour"),
    PARAM(struct options, score, .type = PARAM_NUMBER, .fallback = 1.5, .min = -1, .max = 2, .unit = "px",
          .help = "a score"),
    PARAM_TABLE(struct options, inner, inner_params),
    PARAM(struct options, top_n, .type = PARAM_COUNT, .fallback = 3, .min = 1, .max = 9, .help = "how many"),
    PARAM(struct options, any_count, .type = PARAM_COUNT, .min = 0, .max = 18446744073709551615.0,
          .help = "any number"),
    PARAM(struct options, is_fast, .type = PARAM_BOOL, .fallback = 1, .help = "be quick"),
    PARAM(struct options, items, .type = PARAM_LIST, .help = "things"),
    PARAM(struct options, whole, .type = PARAM_LIST, .is_whole_item = true, .help = "sentences"),
    PARAM_END,
};

struct fixture {
    struct arena *arena;
    struct options options;
    struct error err;
};

enum { ARENA_BYTES = 16 * 1024 * 1024, LIST_TEXT_BYTES = 2 * PARAM_LIST_MAX };

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    fixture->arena = arena_new(ARENA_BYTES);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    fixture->arena = arena_free(fixture->arena);
    free(fixture);
    return 0;
}

static bool read_bytes(struct fixture *fixture, const char *json, size_t bytes)
{
    AUTO_JSON doc = NULL;
    fixture->err = (struct error){0};
    if (!json_parse((struct bytes){json, bytes}, "the case", &doc, &fixture->err))
        fail_msg("%s: %s", json, fixture->err.message);
    return params_read_json(specs, &fixture->options, yyjson_doc_get_root(doc), fixture->arena,
                            &fixture->err);
}

static bool read_json(struct fixture *fixture, const char *json)
{
    return read_bytes(fixture, json, strlen(json));
}

static void assert_defaults(const struct options *options)
{
    assert_ptr_equal(options->colour, colours[1]);
    assert_true(options->score == 1.5 && options->top_n == 3 && options->any_count == 0 && options->is_fast);
    assert_true(options->items.count == 0 && options->whole.count == 0);
    assert_true(options->inner.weight == 0.5 && !options->inner.note);
}

static void what_is_not_given_has_its_fallback(void **state)
{
    struct fixture *fixture = *state;
    memset(&fixture->options, 0xAA, sizeof(fixture->options));
    params_defaults(specs, &fixture->options);
    assert_null(fixture->options.name);
    assert_defaults(&fixture->options);
    assert_true(read_json(fixture,
                          "{\"name\":\"x\",\"score\":null,\"colour\":null,\"items\":null,\"is_fast\":null}"));
    assert_defaults(&fixture->options);
}

static void every_kind_is_read_from_json(void **state)
{
    struct fixture *fixture = *state;
    assert_true(read_json(fixture,
                          "{\"name\":\"żółć\",\"colour\":\"blue\",\"score\":-1,\"top_n\":9,\"is_fast\":false,"
                          "\"items\":[\"a,b\",\"\",\"c\",7,0.5],\"weight\":1,\"note\":\"12345\"}"));
    const struct options *options = &fixture->options;
    assert_string_equal(options->name, "żółć");
    assert_ptr_equal(options->colour, colours[2]);
    assert_true(options->score == -1 && options->top_n == 9 && !options->is_fast);
    assert_int_equal(options->items.count, 5);
    assert_string_equal(options->items.items[0], "a,b");
    assert_string_equal(options->items.items[1], "");
    assert_string_equal(options->items.items[3], "7");
    assert_string_equal(options->items.items[4], "0.5");
    assert_true(options->inner.weight == 1);
    assert_string_equal(options->inner.note, "12345");
}

static void what_does_not_fit_is_refused_and_named(void **state)
{
    static const char *const cases[][2] = {
        {"{}", "/name"},
        {"{\"name\":null}", "/name"},
        {"{\"name\":1}", "/name"},
        {"{\"name\":\"a\\u0000b\"}", "/name"},
        {"{\"name\":\"x\",\"nonsense\":1}", "/nonsense"},
        {"{\"name\":\"x\",\"a/b~c\":1}", "/a~1b~0c"},
        {"{\"name\":\"x\",\"top-n\":3}", "/top-n"},
        {"{\"name\":\"x\",\"top_n\\u0000\":3}", "/top_n?"},
        {"{\"name\":\"x\",\"top_n\\u0000y\":3}", "/top_n?y"},
        {"{\"name\":\"x\",\"inner\":{}}", "/inner"},
        {"{\"name\":\"x\",\"colour\":\"pink\"}", "/colour"},
        {"{\"name\":\"x\",\"colour\":\"\"}", "/colour"},
        {"{\"name\":\"x\",\"score\":2.0001}", "/score"},
        {"{\"name\":\"x\",\"score\":-1.0001}", "/score"},
        {"{\"name\":\"x\",\"score\":\"1\"}", "/score"},
        {"{\"name\":\"x\",\"score\":true}", "/score"},
        {"{\"name\":\"x\",\"top_n\":0}", "/top_n"},
        {"{\"name\":\"x\",\"top_n\":10}", "/top_n"},
        {"{\"name\":\"x\",\"top_n\":1.5}", "/top_n"},
        {"{\"name\":\"x\",\"top_n\":-1}", "/top_n"},
        {"{\"name\":\"x\",\"any_count\":18446744073709551615}", "/any_count"},
        {"{\"name\":\"x\",\"any_count\":18446744073709551616}", "/any_count"},
        {"{\"name\":\"x\",\"any_count\":9007199254740993}", "/any_count"},
        {"{\"name\":\"x\",\"any_count\":9007199254740992}", "/any_count"},
        {"{\"name\":\"x\",\"is_fast\":1}", "/is_fast"},
        {"{\"name\":\"x\",\"is_fast\":\"true\"}", "/is_fast"},
        {"{\"name\":\"x\",\"items\":\"a\"}", "/items"},
        {"{\"name\":\"x\",\"items\":[\"a\",null]}", "/items"},
        {"{\"name\":\"x\",\"items\":[\"a\\u0000b\"]}", "/items"},
        {"{\"name\":\"x\",\"items\":{}}", "/items"},
        {"{\"name\":\"x\",\"note\":\"123456\"}", "/note"},
        {"{\"name\":\"x\",\"weight\":1.1}", "/weight"},
        {"[]", ""},
        {"1", ""},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (read_json(fixture, cases[i][0]))
            fail_msg("accepted: %s", cases[i][0]);
        assert_int_equal(fixture->err.code, ERR_INVALID);
        assert_int_equal(fixture->err.detail, DETAIL_INVALID_ARGUMENT);
        assert_string_equal(fixture->err.pointer, cases[i][1]);
    }
}

static void the_largest_exact_count_is_accepted(void **state)
{
    struct fixture *fixture = *state;
    assert_true(read_json(fixture, "{\"name\":\"x\",\"any_count\":9007199254740991}"));
    assert_true(fixture->options.any_count == 9007199254740991);
}

static void no_object_counts_as_an_empty_one(void **state)
{
    struct fixture *fixture = *state;
    struct inner inner;
    assert_true(params_read_json(inner_params, &inner, NULL, fixture->arena, &fixture->err));
    assert_true(inner.weight == 0.5);
    assert_false(params_read_json(specs, &fixture->options, NULL, fixture->arena, &fixture->err));
    assert_string_equal(fixture->err.pointer, "/name");
}

static bool set(struct fixture *fixture, const char *name, const char *text)
{
    const struct param_spec *spec = params_find(specs, name);
    assert_non_null(spec);
    fixture->err = (struct error){0};
    return params_set_text(spec, &fixture->options, text, fixture->arena, &fixture->err);
}

static void every_kind_is_set_from_text(void **state)
{
    struct fixture *fixture = *state;
    struct options *options = &fixture->options;
    params_defaults(specs, options);
    assert_true(set(fixture, "name", "a b") && strcmp(options->name, "a b") == 0);
    assert_true(set(fixture, "colour", "red") && options->colour == colours[0]);
    assert_true(set(fixture, "score", "-0.25") && options->score == -0.25);
    assert_true(set(fixture, "top-n", "7") && options->top_n == 7);
    static const char *const yes[] = {"true", "1", "yes", "on"}, *const no[] = {"false", "0", "no", "off"};
    for (size_t i = 0; i < 4; i++) {
        assert_true(set(fixture, "is-fast", yes[i]) && options->is_fast);
        assert_true(set(fixture, "is_fast", no[i]) && !options->is_fast);
    }
    assert_true(set(fixture, "items", "a,,b c,d"));
    assert_int_equal(options->items.count, 3);
    assert_string_equal(options->items.items[1], "b c");
    assert_true(set(fixture, "items", "") && options->items.count == 0);
}

static void text_that_does_not_fit_is_refused(void **state)
{
    static const char *const cases[][2] = {
        {"colour", "Red"}, {"score", "2.1"},     {"score", "x"},         {"score", ""},
        {"score", "nan"},  {"top_n", "0"},       {"top_n", "10"},        {"top_n", "1.5"},
        {"top_n", "-1"},   {"is_fast", "maybe"}, {"is_fast", ""},        {"name", "\xFF"},
        {"items", "\xFF"}, {"items", "a,\xC3"},  {"any_count", "1e300"}, {"any_count", "9007199254740993"},
    };
    struct fixture *fixture = *state;
    params_defaults(specs, &fixture->options);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (set(fixture, cases[i][0], cases[i][1]))
            fail_msg("accepted: %s %s", cases[i][0], cases[i][1]);
        assert_int_equal(fixture->err.detail, DETAIL_INVALID_ARGUMENT);
        assert_non_null(strstr(fixture->err.message, cases[i][0]));
    }
    assert_defaults(&fixture->options);
}

static void texts_and_lists_have_limits(void **state)
{
    struct fixture *fixture = *state;
    char *text = arena_alloc(fixture->arena, LIST_TEXT_BYTES + 16);
    memset(text, 'x', PARAM_TEXT_MAX_BYTES);
    assert_true(set(fixture, "name", text) && set(fixture, "items", text));
    text[PARAM_TEXT_MAX_BYTES] = 'x';
    assert_false(set(fixture, "name", text));
    assert_false(set(fixture, "items", text));
    for (size_t i = 0; i < PARAM_LIST_MAX; i++)
        memcpy(text + 2 * i, "x,", 2);
    text[LIST_TEXT_BYTES - 1] = '\0';
    assert_true(set(fixture, "items", text));
    assert_int_equal(fixture->options.items.count, PARAM_LIST_MAX);
    memcpy(text + LIST_TEXT_BYTES - 1, ",x", 3);
    assert_false(set(fixture, "items", text));
    assert_int_equal(fixture->err.code, ERR_INVALID);
}

static void a_full_arena_is_an_error(void **state)
{
    struct fixture *fixture = *state;
    AUTO(arena) tiny = arena_new(4);
    params_defaults(specs, &fixture->options);
    assert_false(
        params_set_text(params_find(specs, "name"), &fixture->options, "longer", tiny, &fixture->err));
    assert_false(params_set_text(params_find(specs, "items"), &fixture->options, "a,b", tiny, &fixture->err));
    assert_int_equal(fixture->options.items.count, 0);
}

static void rows_are_visited_in_order_with_the_included_ones(void **state)
{
    static const char *const expected[] = {"name",      "colour",  "score", "weight", "note", "top_n",
                                           "any_count", "is_fast", "items", "whole",  NULL};
    struct param_position at = {0};
    const struct param_spec *spec = NULL;
    size_t count = 0;
    while ((spec = params_next(specs, &at)))
        assert_string_equal(spec->name, expected[count++]);
    assert_null(expected[count]);
    assert_non_null(params_find(specs, "top-n"));
    assert_non_null(params_find(specs, "weight"));
    assert_null(params_find(specs, "top"));
    assert_null(params_find(specs, "top_nn"));
    assert_null(params_find(specs, ""));
}

static const char *written(struct fixture *fixture, struct buffer *into)
{
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    params_write_json(specs, &fixture->options, doc, root);
    buffer_clear(into);
    if (!json_write(doc, false, into, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return into->data;
}

static void what_was_written_reads_back_the_same(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUFFER(first, 10000);
    AUTO_BUFFER(second, 10000);
    assert_true(read_json(fixture,
                          "{\"name\":\"a\\\"b\\n\",\"colour\":\"blue\",\"score\":0.1,\"top_n\":2,"
                          "\"any_count\":9007199254740991,\"items\":[\"a,b\",\"\"],\"note\":\"n\"}"));
    assert_string_equal(
        written(fixture, &first),
        "{\"name\":\"a\\\"b\\n\",\"colour\":\"blue\",\"score\":0.1,\"weight\":0.5,\"note\":\"n\",\"top_n\":2,"
        "\"any_count\":9007199254740991,\"is_fast\":true,\"items\":[\"a,b\",\"\"]}");
    assert_true(read_bytes(fixture, first.data, first.size));
    assert_string_equal(written(fixture, &second), first.data);
}

static void a_number_that_json_has_no_word_for_is_not_written(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUFFER(text, 10000);
    params_defaults(specs, &fixture->options);
    fixture->options.score = (double)NAN;
    assert_null(strstr(written(fixture, &text), "score"));
}

static void text_becomes_json_by_the_type_of_its_row(void **state)
{
    static const char *const cases[][3] = {
        {"name", "7", "\"7\""},
        {"score", "1.5", "1.5"},
        {"score", "x", "\"x\""},
        {"top_n", "3", "3.0"},
        {"is_fast", "yes", "true"},
        {"is_fast", "maybe", "\"maybe\""},
        {"items", "a,,b", "[\"a\",\"b\"]"},
        {"items", "", "[]"},
        {"whole", "a, b", "[\"a, b\"]"},
        {"colour", "red", "\"red\""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
        AUTO_BUFFER(text, 1000);
        struct error err = {0};
        yyjson_mut_doc_set_root(doc, params_text_to_json(params_find(specs, cases[i][0]), cases[i][1], doc));
        assert_true(json_write(doc, false, &text, &err));
        assert_string_equal(text.data, cases[i][2]);
    }
}

#define WITH_ARENA(test)                                                                                     \
    {                                                                                                        \
#test, test, set_up, tear_down, NULL                                                                 \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(what_is_not_given_has_its_fallback),
        WITH_ARENA(every_kind_is_read_from_json),
        WITH_ARENA(what_does_not_fit_is_refused_and_named),
        WITH_ARENA(the_largest_exact_count_is_accepted),
        WITH_ARENA(no_object_counts_as_an_empty_one),
        WITH_ARENA(every_kind_is_set_from_text),
        WITH_ARENA(text_that_does_not_fit_is_refused),
        WITH_ARENA(texts_and_lists_have_limits),
        WITH_ARENA(a_full_arena_is_an_error),
        WITH_ARENA(rows_are_visited_in_order_with_the_included_ones),
        WITH_ARENA(what_was_written_reads_back_the_same),
        WITH_ARENA(a_number_that_json_has_no_word_for_is_not_written),
        WITH_ARENA(text_becomes_json_by_the_type_of_its_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
