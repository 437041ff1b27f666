/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

static bool is_kebab_case(const char *name)
{
    return name[0] != '\0' && name[0] != '-' && name[strlen(name) - 1] != '-' && !strstr(name, "--") &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}

static void every_kind_is_filled_in(void **state)
{
    for (int code = 0; code < ERR_CODE_COUNT; code++) {
        const struct error_kind *kind = error_kind((enum error_code)code);
        assert_non_null(kind->name);
        assert_true(is_kebab_case(kind->name));
        assert_true(kind->http_status >= 200 && kind->http_status < 600);
        assert_true((kind->exit_code == 0) == (code == ERR_NONE));
        assert_true((kind->http_status < 400) == (code == ERR_NONE));
        assert_true(kind->exit_code < 256);
        for (int other = 0; other < code; other++)
            assert_string_not_equal(kind->name, error_kind((enum error_code)other)->name);
    }
}

static void every_detail_is_filled_in(void **state)
{
    for (int detail = DETAIL_NONE + 1; detail < DETAIL_COUNT; detail++) {
        const struct error_detail_row *row = error_detail_row((enum error_detail)detail);
        assert_non_null(row->name);
        assert_true(is_kebab_case(row->name));
        assert_true(row->code > ERR_NONE && row->code < ERR_CODE_COUNT);
        const char *code = row->modelarts;
        bool is_ours_alone = code[0] == '\0';
        assert_true(is_ours_alone || strncmp(code, "ModelArts.", 10) == 0);
        assert_true(is_ours_alone || (strlen(code) == 14 && strspn(code + 10, "0123456789") == 4));
        assert_non_null(row->advice);
        assert_true(row->advice[0] == '\0' || row->advice[strlen(row->advice) - 1] == '.');
        assert_int_equal(error_detail_find(row->name), detail);
        for (int other = DETAIL_NONE + 1; other < detail; other++)
            assert_string_not_equal(row->name, error_detail_row((enum error_detail)other)->name);
    }
    assert_int_equal(error_detail_find("no-such-detail"), DETAIL_NONE);
    assert_int_equal(error_detail_find(NULL), DETAIL_NONE);
}

static void set_fills_in_and_forgets_what_was_there(void **state)
{
    struct error err = {.code = ERR_IO, .detail = DETAIL_BAD_MANIFEST, .pointer = "/x", .message = "old"};
    assert_false(error_set(&err, ERR_LIMIT, "%d of %s", 3, "things"));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_int_equal(err.detail, DETAIL_NONE);
    assert_string_equal(err.pointer, "");
    assert_string_equal(err.message, "3 of things");
}

static void a_detail_gives_the_code(void **state)
{
    struct error err = {0};
    assert_false(error_set_detail(&err, DETAIL_DATASET_EXISTS, "dataset '%s'", "a"));
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_int_equal(err.detail, DETAIL_DATASET_EXISTS);
    assert_string_equal(err.message, "dataset 'a'");
}

static void errno_gives_code_and_reason(void **state)
{
    static const struct {
        int number;
        enum error_code code;
    } cases[] = {{ENOENT, ERR_NOT_FOUND}, {ENOTDIR, ERR_NOT_FOUND}, {EACCES, ERR_DENIED}, {EPERM, ERR_DENIED},
                 {ENOMEM, ERR_NO_MEMORY}, {ENOSPC, ERR_IO},         {EIO, ERR_IO}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct error err = {0};
        assert_false(error_set_errno(&err, cases[i].number, "file '%s'", "x"));
        assert_int_equal(err.code, cases[i].code);
        assert_int_equal(strncmp(err.message, "file 'x': ", 10), 0);
        assert_true(strlen(err.message) > 12);
    }
}

static void wrap_puts_context_before_the_cause_and_keeps_the_rest(void **state)
{
    struct error err = {0};
    (void)error_set_detail(&err, DETAIL_BAD_MANIFEST, "no source");
    (void)error_point(&err, "/source");
    assert_false(error_wrap(&err, "line %d", 7));
    assert_string_equal(err.message, "line 7: no source");
    assert_int_equal(err.detail, DETAIL_BAD_MANIFEST);
    assert_string_equal(err.pointer, "/source");
}

static void an_error_may_be_rewritten_with_its_own_message(void **state)
{
    struct error err = {0};
    (void)error_set(&err, ERR_IO, "disk full");
    assert_false(error_set_detail(&err, DETAIL_IMPORT_FAILED, "import: %s", err.message));
    assert_string_equal(err.message, "import: disk full");
    assert_false(error_wrap(&err, "[%s]", err.message));
    assert_string_equal(err.message, "[import: disk full]: import: disk full");
}

static void long_messages_are_cut_and_stay_text(void **state)
{
    char text[ERROR_MESSAGE_BYTES * 2];
    for (size_t i = 0; i + 2 < sizeof(text); i += 2)
        memcpy(text + i, "\xC5\xBC\0", 3); /* two bytes a letter: one cut falls inside a letter */
    for (int shift = 0; shift < 2; shift++) {
        struct error err = {0};
        (void)error_set(&err, ERR_IO, "%s%s", shift ? "x" : "", text);
        assert_int_equal(strlen(err.message), ERROR_MESSAGE_BYTES - 1);
        assert_true(text_is_utf8(err.message, strlen(err.message)));
        (void)error_wrap(&err, "%s", shift ? "abc" : "ab");
        assert_int_equal(strlen(err.message), ERROR_MESSAGE_BYTES - 1);
        assert_true(text_is_utf8(err.message, strlen(err.message)));
        (void)error_point(&err, text + shift);
        assert_true(text_is_utf8(err.pointer, strlen(err.pointer)));
    }
}

static void a_message_is_one_line_whatever_was_put_into_it(void **state)
{
    struct error err = {0};
    (void)error_set(&err, ERR_IO, "file '%s'", "a\nb\x1B[31m\t\x7F\xFF\xC2\x85z");
    assert_string_equal(err.message, "file 'a?b?[31m????"
                                     "?z'");
    (void)error_set_errno(&err, ENOENT, "file '%s'", "a\r\n");
    assert_null(strpbrk(err.message, "\r\n"));
    (void)error_wrap(&err, "%s", "x\ny");
    assert_int_equal(strncmp(err.message, "x?y: file", 9), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_filled_in),
        cmocka_unit_test(every_detail_is_filled_in),
        cmocka_unit_test(set_fills_in_and_forgets_what_was_there),
        cmocka_unit_test(a_detail_gives_the_code),
        cmocka_unit_test(errno_gives_code_and_reason),
        cmocka_unit_test(wrap_puts_context_before_the_cause_and_keeps_the_rest),
        cmocka_unit_test(an_error_may_be_rewritten_with_its_own_message),
        cmocka_unit_test(long_messages_are_cut_and_stay_text),
        cmocka_unit_test(a_message_is_one_line_whatever_was_put_into_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
