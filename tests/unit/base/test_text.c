/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void copy_fits_or_leaves_nothing(void **state)
{
    char to[4] = "old";
    assert_true(text_copy(to, sizeof(to), "abc"));
    assert_string_equal(to, "abc");
    assert_false(text_copy(to, sizeof(to), "abcd"));
    assert_string_equal(to, "");
    assert_true(text_copy(to, 1, ""));
}

static void numbers_are_read_whole_and_in_range(void **state)
{
    static const struct {
        const char *text;
        bool is_ok;
        double value;
    } cases[] = {
        {"0", true, 0},       {"-1", true, -1},     {"10", true, 10},    {"1e1", true, 10}, {".5", true, .5},
        {"5.", true, 5},      {"+2", true, 2},      {"1e-400", true, 0}, {"", false, 0},    {" 1", false, 0},
        {"1 ", false, 0},     {"1x", false, 0},     {"0x1", false, 0},   {"nan", false, 0}, {"inf", false, 0},
        {"-1.001", false, 0}, {"10.001", false, 0}, {"1e999", false, 0}, {"1,5", false, 0}, {"--1", false, 0},
        {"1-", false, 0},     {"e", false, 0},      {"-", false, 0},     {"1e", false, 0},  {"1\n", false, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct error err = {0};
        double value = 77;
        bool is_ok = text_to_double(cases[i].text, "score", -1, 10, &value, &err);
        if (is_ok != cases[i].is_ok || value != (is_ok ? cases[i].value : 77))
            fail_msg("'%s': %d %g", cases[i].text, is_ok, value);
        if (!is_ok)
            assert_true(err.code == ERR_INVALID && strstr(err.message, "score"));
    }
}

static void counts_are_read_whole_and_in_range(void **state)
{
    static const struct {
        const char *text;
        uint64_t min, max;
        bool is_ok;
        uint64_t value;
    } cases[] = {
        {"5", 5, 9, true, 5},
        {"9", 5, 9, true, 9},
        {"4", 5, 9, false, 0},
        {"10", 5, 9, false, 0},
        {"007", 5, 9, true, 7},
        {"", 0, 9, false, 0},
        {"-1", 0, 9, false, 0},
        {"+1", 0, 9, false, 0},
        {"1.0", 0, 9, false, 0},
        {" 1", 0, 9, false, 0},
        {"1e1", 0, 99, false, 0},
        {"18446744073709551615", 0, UINT64_MAX, true, UINT64_MAX},
        {"18446744073709551616", 0, UINT64_MAX, false, 0},
        {"99999999999999999999999", 0, UINT64_MAX, false, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct error err = {0};
        uint64_t value = 77;
        bool is_ok = text_to_count(cases[i].text, "top", cases[i].min, cases[i].max, &value, &err);
        if (is_ok != cases[i].is_ok || value != (is_ok ? cases[i].value : 77))
            fail_msg("'%s': %d", cases[i].text, is_ok);
    }
}

static void beginnings_ends_and_case(void **state)
{
    assert_true(text_starts_with("abc", "ab") && text_starts_with("abc", "") &&
                text_starts_with("abc", "abc"));
    assert_false(text_starts_with("abc", "abcd") || text_starts_with("abc", "b"));
    assert_true(text_ends_with("abc", "bc") && text_ends_with("abc", "") && text_ends_with("abc", "abc"));
    assert_false(text_ends_with("abc", "xabc") || text_ends_with("abc", "b"));
    assert_true(text_equal_ignoring_case("JpEg", "jPeG") && text_equal_ignoring_case("", ""));
    assert_false(text_equal_ignoring_case("jpeg", "jpg") || text_equal_ignoring_case("a", "ab"));
    assert_false(text_equal_ignoring_case("@", "`") || text_equal_ignoring_case("[", "{"));
}

static void utf8_is_strict(void **state)
{
    static const struct {
        const char *text;
        size_t bytes;
        bool is_ok;
    } cases[] = {
        {"", 0, true},
        {"plain", 5, true},
        {"\0", 1, false},
        {"\x7F", 1, true},
        {"\x80", 1, false},
        {"\xC1\xBF", 2, false},
        {"\xC2\x80", 2, true},
        {"\xDF\xBF", 2, true},
        {"\xC2", 1, false},
        {"\xC2z", 2, false},
        {"\xE0\x9F\xBF", 3, false},
        {"\xE0\xA0\x80", 3, true},
        {"\xED\x9F\xBF", 3, true},
        {"\xED\xA0\x80", 3, false},
        {"\xED\xBF\xBF", 3, false},
        {"\xEE\x80\x80", 3, true},
        {"\xEF\xBF\xBF", 3, true},
        {"\xF0\x8F\xBF\xBF", 4, false},
        {"\xF0\x90\x80\x80", 4, true},
        {"\xF4\x8F\xBF\xBF", 4, true},
        {"\xF4\x90\x80\x80", 4, false},
        {"\xF8\x88\x80\x80\x80", 5, false},
        {"\xFE", 1, false},
        {"a\xF0\x90\x80", 4, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (text_is_utf8(cases[i].text, cases[i].bytes) != cases[i].is_ok)
            fail_msg("case %zu", i);
}

static void names_are_checked(void **state)
{
    static const struct {
        const char *text;
        bool is_ok;
    } cases[] = {
        {"a", true},         {"12345", true},    {"123456", false}, {"żółćę", true}, {"żółćęx", false},
        {"", false},         {"a/b", false},     {"a:b", false},    {"a\nb", false}, {"a\x7F", false},
        {"\xC2\x85", false}, {"\xC2\xA0", true}, {"\xFF", false},   {"a b", true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct error err = {0};
        if (text_check_name(cases[i].text, "the label", 5, "/:", &err) != cases[i].is_ok)
            fail_msg("case %zu: %s", i, err.message);
        if (!cases[i].is_ok)
            assert_true(err.code == ERR_INVALID && strstr(err.message, "the label"));
    }
}

static void outside_text_is_made_printable(void **state)
{
    static const char *const cases[][2] = {
        {"", ""},
        {"plain żółć 漢", "plain żółć 漢"},
        {"a\nb\tc\r", "a?b?c?"},
        {"\x1B[31m\x7F", "?[31m?"},
        {"\xC2\x85\xC2\xA0", "??\xC2\xA0"},
        {"x\xFF\xFEy", "x??y"},
        {"cut \xE6\xBC", "cut ??"},
        {"\xE6z", "?z"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[64];
        assert_true(text_copy(text, sizeof(text), cases[i][0]));
        text_make_printable(text);
        assert_string_equal(text, cases[i][1]);
    }
}

static void distances_count_single_changes(void **state)
{
    char long_text[66];
    assert_int_equal(text_distance("", ""), 0);
    assert_int_equal(text_distance("model", "model"), 0);
    assert_int_equal(text_distance("model", "modle"), 2);
    assert_int_equal(text_distance("kitten", "sitting"), 3);
    assert_int_equal(text_distance("", "abc"), 3);
    memset(long_text, 'x', 65);
    long_text[64] = '\0';
    assert_int_equal(text_distance(long_text, ""), 64);
    assert_int_equal(text_distance(long_text, long_text), 0);
    long_text[64] = 'x';
    long_text[65] = '\0';
    assert_true(text_distance(long_text, long_text) == SIZE_MAX);
}

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

static void natural_order_is_total(void **state)
{
    static const char *const sorted[] = {"",
                                         "0",
                                         "00",
                                         "01",
                                         "1",
                                         "1a",
                                         "2",
                                         "9",
                                         "10",
                                         "10b",
                                         "99999999999999999999",
                                         "100000000000000000000",
                                         "a",
                                         "a-1",
                                         "a01",
                                         "a1",
                                         "a1b",
                                         "a2",
                                         "a10",
                                         "a10b2",
                                         "a10b10",
                                         "b",
                                         "\xFF"};
    enum { COUNT = sizeof(sorted) / sizeof(sorted[0]) };
    for (int i = 0; i < COUNT; i++)
        for (int j = 0; j < COUNT; j++)
            if (sign(text_natural_compare(sorted[i], sorted[j])) != sign(i - j))
                fail_msg("'%s' and '%s'", sorted[i], sorted[j]);
}

static void doubles_are_short_and_read_back_the_same(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"},     {0.1, "0.1"},    {1.0 / 3, "0.3333333333333333"},
                 {100, "100"}, {1e21, "1e+21"}, {-2.5, "-2.5"}};
    char text[TEXT_NUMBER_BYTES];
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(text_of_double(cases[i].value, text), cases[i].text);
    static const double hard[] = {5e-324,
                                  1.7976931348623157e308,
                                  -1.7976931348623157e308,
                                  2.2250738585072014e-308,
                                  123456789.123456789,
                                  0.1 + 0.2,
                                  9007199254740993.0};
    for (size_t i = 0; i < sizeof(hard) / sizeof(hard[0]); i++)
        assert_true(strtod(text_of_double(hard[i], text), NULL) == hard[i]);
    assert_string_equal(text_of_double((double)NAN, text), "null");
    assert_string_equal(text_of_double(-HUGE_VAL, text), "null");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copy_fits_or_leaves_nothing),
        cmocka_unit_test(numbers_are_read_whole_and_in_range),
        cmocka_unit_test(counts_are_read_whole_and_in_range),
        cmocka_unit_test(beginnings_ends_and_case),
        cmocka_unit_test(utf8_is_strict),
        cmocka_unit_test(names_are_checked),
        cmocka_unit_test(outside_text_is_made_printable),
        cmocka_unit_test(distances_count_single_changes),
        cmocka_unit_test(natural_order_is_total),
        cmocka_unit_test(doubles_are_short_and_read_back_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
