/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "dataset/label_check.h"

enum { ARENA_BYTES = 64 * 1024 * 1024, TEXT_BYTES = 128 * 1024 };

struct fixture {
    struct arena *arena;
    struct error err;
    char text[TEXT_BYTES];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    f->arena = arena_new(ARENA_BYTES);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    f->arena = arena_free(f->arena);
    free(f);
    return 0;
}

static bool read_list(struct fixture *f, const char *json, const char **ret)
{
    struct error problem = {0};
    AUTO_JSON doc = NULL;
    f->err = (struct error){0};
    if (!json_parse((struct bytes){json, strlen(json)}, "the list", &doc, &problem))
        fail_msg("%s", problem.message);
    return label_attributes_read(yyjson_doc_get_root(doc), "/attributes", f->arena, ret, &f->err);
}

static void a_color_is_six_hex_digits_in_lower_case(void **state)
{
    struct fixture *f = *state;
    const char *color = NULL;
    static const char *const bad[] = {"3399ff", "#3399f", "#3399fff", "#3399fg", "red", "# 399ff"};
    assert_true(label_check_color("#3399FF", f->arena, &color, &f->err));
    assert_string_equal(color, "#3399ff");
    assert_true(label_check_color("", f->arena, &color, &f->err));
    assert_null(color);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(label_check_color(bad[i], f->arena, &color, &f->err));
        assert_int_equal(f->err.code, ERR_INVALID);
        assert_string_equal(f->err.pointer, "/color");
    }
}

static void a_shortcut_is_one_line_of_at_most_32_characters(void **state)
{
    struct fixture *f = *state;
    const char *shortcut = NULL;
    assert_true(label_check_shortcut("Shift+F", &shortcut, &f->err));
    assert_string_equal(shortcut, "Shift+F");
    assert_true(label_check_shortcut("12345678901234567890123456789012", &shortcut, &f->err));
    assert_false(label_check_shortcut("123456789012345678901234567890123", &shortcut, &f->err));
    assert_string_equal(f->err.pointer, "/shortcut");
    assert_false(label_check_shortcut("a\nb", &shortcut, &f->err));
    assert_true(label_check_shortcut("", &shortcut, &f->err));
    assert_null(shortcut);
}

static void attributes_are_written_with_every_member(void **state)
{
    struct fixture *f = *state;
    const char *text = NULL;
    assert_true(
        read_list(f,
                  "[{\"values\":[\"2\",\"3\"],\"name\":\"axles\",\"type\":\"select\",\"default\":\"3\"},"
                  "{\"name\":\"\\u5907\\u6ce8\",\"default\":\"\",\"values\":null}]",
                  &text));
    assert_string_equal(
        text, "[{\"name\":\"axles\",\"type\":\"select\",\"default\":\"3\",\"values\":[\"2\",\"3\"]},"
              "{\"name\":\"\xe5\xa4\x87\xe6\xb3\xa8\",\"type\":\"text\",\"default\":null,"
              "\"values\":[]}]");
    assert_true(read_list(f, "[]", &text));
    assert_null(text);
}

static void what_an_attribute_cannot_be_is_said_of_the_one(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *json, *pointer, *words;
    } bad[] = {
        {"[3]", "/attributes/0", "an attribute is"},
        {"[{\"name\":\"a\"},{\"type\":\"text\"}]", "/attributes/1", "name"},
        {"[{\"name\":\"a\",\"kind\":1}]", "/attributes/0", "an attribute is"},
        {"[{\"name\":\"a\",\"type\":\"number\"}]", "/attributes/0", "text or select"},
        {"[{\"name\":\"a\",\"type\":\"select\"}]", "/attributes/0", "give its values"},
        {"[{\"name\":\"a\",\"values\":[\"x\"]}]", "/attributes/0", "has no values"},
        {"[{\"name\":\"a\",\"type\":\"select\",\"values\":[\"x\"],\"default\":\"y\"}]", "/attributes/0",
         "none of"},
        {"[{\"name\":\"a\",\"type\":\"select\",\"values\":[\"x\",\"x\"]}]", "/attributes/0", "twice"},
        {"[{\"name\":\"a\",\"type\":\"select\",\"values\":[1]}]", "/attributes/0", "must be text"},
        {"[{\"name\":\"a\"},{\"name\":\"a\"}]", "/attributes/1", "twice"},
        {"[{\"name\":\"a\\u0000b\"}]", "/attributes/0", "must be text"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char *text = NULL;
        assert_false(read_list(f, bad[i].json, &text));
        assert_int_equal(f->err.code, ERR_INVALID);
        assert_string_equal(f->err.pointer, bad[i].pointer);
        if (!strstr(f->err.message, bad[i].words))
            fail_msg("%s: %s", bad[i].json, f->err.message);
    }
}

/* A list of `count` attributes, or one with as many values. */
static const char *many(struct fixture *f, bool is_of_values, int count)
{
    size_t used = (size_t)snprintf(f->text, TEXT_BYTES, "%s",
                                   is_of_values ? "[{\"name\":\"a\",\"type\":\"select\",\"values\":[" : "[");
    for (int i = 0; i < count; i++)
        used += (size_t)snprintf(f->text + used, TEXT_BYTES - used,
                                 is_of_values ? "%s\"v%d\"" : "%s{\"name\":\"a%d\"}", i == 0 ? "" : ",", i);
    (void)snprintf(f->text + used, TEXT_BYTES - used, "%s", is_of_values ? "]}]" : "]");
    return f->text;
}

static void past_a_limit_is_refused(void **state)
{
    struct fixture *f = *state;
    const char *text = NULL;
    assert_true(read_list(f, many(f, false, LABEL_ATTRIBUTES_MAX), &text));
    assert_false(read_list(f, many(f, false, LABEL_ATTRIBUTES_MAX + 1), &text));
    assert_int_equal(f->err.code, ERR_LIMIT);
    assert_true(read_list(f, many(f, true, LABEL_ATTRIBUTE_VALUES_MAX), &text));
    assert_false(read_list(f, many(f, true, LABEL_ATTRIBUTE_VALUES_MAX + 1), &text));
    assert_int_equal(f->err.code, ERR_LIMIT);
    for (int more = 0; more < 2; more++) {
        size_t used = (size_t)snprintf(f->text, TEXT_BYTES, "[{\"name\":\"");
        memset(f->text + used, 'n', LABEL_ATTRIBUTE_NAME_MAX_CHARACTERS + (size_t)more);
        used += LABEL_ATTRIBUTE_NAME_MAX_CHARACTERS + (size_t)more;
        (void)snprintf(f->text + used, TEXT_BYTES - used, "\"}]");
        assert_true(read_list(f, f->text, &text) == (more == 0));
    }
}

/* Two values as long as may be make up what the third one's attribute leaves. */
static void all_of_a_label_have_a_limit_in_bytes(void **state)
{
    struct fixture *f = *state;
    const char *text = NULL;
    size_t used = (size_t)snprintf(f->text, TEXT_BYTES, "[");
    for (int i = 0; i < LABEL_ATTRIBUTES_MAX; i++) {
        used +=
            (size_t)snprintf(f->text + used, TEXT_BYTES - used,
                             "%s{\"name\":\"a%d\",\"type\":\"select\",\"values\":[", i == 0 ? "" : ",", i);
        for (int k = 0; k < 10; k++) {
            used += (size_t)snprintf(f->text + used, TEXT_BYTES - used, "%s\"%d", k == 0 ? "" : ",", k);
            memset(f->text + used, 'v', LABEL_ATTRIBUTE_VALUE_MAX_CHARACTERS - 1);
            used += LABEL_ATTRIBUTE_VALUE_MAX_CHARACTERS - 1;
            used += (size_t)snprintf(f->text + used, TEXT_BYTES - used, "\"");
        }
        used += (size_t)snprintf(f->text + used, TEXT_BYTES - used, "]}");
    }
    (void)snprintf(f->text + used, TEXT_BYTES - used, "]");
    assert_false(read_list(f, f->text, &text));
    assert_int_equal(f->err.code, ERR_LIMIT);
    assert_string_equal(f->err.pointer, "/attributes");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_color_is_six_hex_digits_in_lower_case),
        TEST(a_shortcut_is_one_line_of_at_most_32_characters),
        TEST(attributes_are_written_with_every_member),
        TEST(what_an_attribute_cannot_be_is_said_of_the_one),
        TEST(past_a_limit_is_refused),
        TEST(all_of_a_label_have_a_limit_in_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
