/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/buffer.h"
#include "target_fixture.h"

static void a_path_is_its_segments(void **state)
{
    assert_true(parse("/api/v1/models/a%2Fb%20c+d"));
    assert_int_equal(target.segment_count, 4);
    assert_string_equal(target.segments[0], "api");
    assert_string_equal(target.segments[3], "a/b c+d");
    assert_true(parse("/"));
    assert_int_equal(target.segment_count, 0);
}

static void a_query_is_its_pairs_in_their_order(void **state)
{
    assert_true(parse("/x?a=1&b=two+words&c=%26%3D&d&=e&&a=2&f=a=b"));
    assert_int_equal(target.query_count, 7);
    assert_string_equal(target.query[1].value, "two words");
    assert_string_equal(target.query[2].value, "&=");
    assert_string_equal(target.query[3].name, "d");
    assert_string_equal(target.query[3].value, "");
    assert_string_equal(target.query[4].name, "");
    assert_string_equal(target.query[5].value, "2");
    assert_string_equal(target.query[6].value, "a=b");
    assert_string_equal(http_target_query(&target, "a"), "1");
    assert_null(http_target_query(&target, "z"));
}

static void what_is_no_path_is_refused(void **state)
{
    static const char *const bad[] = {
        "",        "*",          "x",    "http://h/x", "//",       "/a//b",    "/a/",    "/.",    "/a/..",
        "/%2e%2e", "/a/%2E/b",   "/%",   "/%4",        "/%zz",     "/%00",     "/a%0Ab", "/\x7f", "/%ff",
        "/%c0%af", "/%ed%a0%80", "/x#y", "/x?a=%zz",   "/x?%00=1", "/x?a=%f0", "/x?a=%4"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (parse(bad[i]))
            fail_msg("'%s' was taken", bad[i]);
        assert_int_equal(err.code, ERR_INVALID);
    }
}

static const char *repeated(const char *start, const char *piece, size_t count)
{
    AUTO_BUFFER(text, ARENA_BYTES);
    (void)buffer_add_text(&text, start);
    for (size_t i = 0; i < count; i++)
        (void)buffer_add_text(&text, piece);
    return arena_text(arena, text.data);
}

static void segments_end_at_their_limit(void **state)
{
    assert_true(parse(repeated("", "/a", HTTP_PATH_SEGMENTS_MAX)));
    assert_int_equal(target.segment_count, HTTP_PATH_SEGMENTS_MAX);
    assert_false(parse(repeated("", "/a", HTTP_PATH_SEGMENTS_MAX + 1)));
    assert_int_equal(err.code, ERR_LIMIT);
}

static void parameters_end_at_their_limit(void **state)
{
    assert_true(parse(repeated("/x?", "a=b&", HTTP_QUERY_MAX)));
    assert_int_equal(target.query_count, HTTP_QUERY_MAX);
    assert_false(parse(repeated("/x?", "a=b&", HTTP_QUERY_MAX + 1)));
    assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_CASE(a_path_is_its_segments),        TEST_CASE(a_query_is_its_pairs_in_their_order),
        TEST_CASE(what_is_no_path_is_refused),    TEST_CASE(segments_end_at_their_limit),
        TEST_CASE(parameters_end_at_their_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
