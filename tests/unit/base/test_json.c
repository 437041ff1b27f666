/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/json.h"

#include <math.h>
#include <string.h>

static bool parse(const char *text, yyjson_doc **ret, struct error *err)
{
    return json_parse((struct bytes){text, strlen(text)}, "the request", ret, err);
}

static void reading_is_strict(void **state)
{
    static const char *const wrong[] = {
        "",      " ",           "{",   "{}x",      "{} {}", "[1,]",   "{a:1}",    "'a'",
        "NaN",   "Infinity",    "01",  "1.",       "+1",    "\"\n\"", "\"\xFF\"", "\"\xED\xA0\x80\"",
        "/**/1", "\"\\ud800\"", "nul", "{\"a\" 1}"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        AUTO_JSON doc = NULL;
        struct error err = {0};
        if (parse(wrong[i], &doc, &err))
            fail_msg("accepted: %s", wrong[i]);
        assert_int_equal(err.code, ERR_INVALID);
        assert_int_equal(strncmp(err.message, "the request is not JSON", 23), 0);
        assert_null(doc);
    }
}

static void nesting_does_not_exhaust_the_stack(void **state)
{
    enum { DEPTH = 200000 };
    AUTO_BUFFER(text, (size_t)2 * DEPTH);
    AUTO_JSON doc = NULL;
    struct error err = {0};
    for (int i = 0; i < DEPTH; i++)
        assert_true(buffer_add(&text, "[", 1));
    for (int i = 0; i < DEPTH; i++)
        assert_true(buffer_add(&text, "]", 1));
    assert_true(json_parse((struct bytes){text.data, text.size}, "it", &doc, &err));
}

static void members_of_the_right_type_are_given_and_others_not(void **state)
{
    AUTO_JSON doc = NULL;
    struct error err = {0};
    assert_true(parse("{\"t\":\"text\",\"n\":1.5,\"i\":-7,\"b\":true,\"z\":null,\"big\":9223372036854775808,"
                      "\"max\":9223372036854775807,\"min\":-9223372036854775808,\"nul\":\"a\\u0000b\"}",
                      &doc, &err));
    yyjson_val *root = yyjson_doc_get_root(doc);
    assert_string_equal(json_text(root, "t", "-"), "text");
    assert_string_equal(json_text(root, "n", "-"), "-");
    assert_string_equal(json_text(root, "z", "-"), "-");
    assert_string_equal(json_text(root, "missing", "-"), "-");
    assert_string_equal(json_text(root, "nul", "-"), "-"); /* it would be cut */
    assert_true(json_number(root, "n", 0) == 1.5);
    assert_true(json_number(root, "i", 0) == -7);
    assert_true(json_number(root, "t", 3) == 3);
    assert_int_equal(json_integer(root, "i", 0), -7);
    assert_int_equal(json_integer(root, "n", 5), 5);
    assert_true(json_integer(root, "max", 0) == INT64_MAX);
    assert_true(json_integer(root, "min", 0) == INT64_MIN);
    assert_int_equal(json_integer(root, "big", 5), 5);
    assert_true(json_bool(root, "b", false));
    assert_true(json_bool(root, "i", true));
    assert_false(json_bool(NULL, "b", false));
    assert_string_equal(json_text(NULL, "t", "-"), "-");
}

static void writing_appends_and_meets_the_limit(void **state)
{
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    AUTO_BUFFER(text, 64);
    struct error err = {0};
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    assert_true(yyjson_mut_obj_add_int(doc, root, "a", 1));
    assert_true(buffer_add_text(&text, "> "));
    assert_true(json_write(doc, false, &text, &err));
    assert_string_equal(text.data, "> {\"a\":1}");
    buffer_clear(&text);
    assert_true(json_write(doc, true, &text, &err));
    assert_string_equal(text.data, "{\n  \"a\": 1\n}");
    AUTO_BUFFER(small, 6);
    assert_false(json_write(doc, false, &small, &err));
    assert_int_equal(err.code, ERR_LIMIT);
}

static void what_is_not_json_is_not_written(void **state)
{
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    AUTO_BUFFER(text, 64);
    struct error err = {0};
    assert_false(json_write(doc, false, &text, &err));
    yyjson_mut_doc_set_root(doc, yyjson_mut_real(doc, (double)NAN));
    assert_false(json_write(doc, false, &text, &err));
    assert_int_equal(err.code, ERR_INVALID);
    yyjson_mut_doc_set_root(doc, yyjson_mut_str(doc, "\xFF"));
    assert_false(json_write(doc, false, &text, &err));
    assert_int_equal(text.size, 0);
}

static void a_request_of_one_member_keeps_its_own_text(void **state)
{
    char id[] = "7\"8";
    AUTO_JSON doc = json_of_text("task", id);
    id[0] = 'x';
    assert_int_equal(yyjson_obj_size(yyjson_doc_get_root(doc)), 1);
    assert_string_equal(json_text(yyjson_doc_get_root(doc), "task", ""), "7\"8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_is_strict),
        cmocka_unit_test(nesting_does_not_exhaust_the_stack),
        cmocka_unit_test(members_of_the_right_type_are_given_and_others_not),
        cmocka_unit_test(writing_appends_and_meets_the_limit),
        cmocka_unit_test(what_is_not_json_is_not_written),
        cmocka_unit_test(a_request_of_one_member_keeps_its_own_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
