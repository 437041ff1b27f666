/* SPDX-License-Identifier: Apache-2.0 */
/* What people on a terminal and programs behind a pipe read. */
#include "test.h"

#include "base/clock.h"
#include "cli/cli.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OUTPUT_MAX_BYTES = 256 * 1024, ARENA_BYTES = 1024 * 1024 };

/* Standard output into a buffer. */
struct capture {
    int saved;
    FILE *file;
};

static struct capture capture_start(void)
{
    struct capture capture = {-1, tmpfile()};
    assert_non_null(capture.file);
    (void)fflush(stdout);
    capture.saved = dup(STDOUT_FILENO);
    assert_true(capture.saved >= 0 && dup2(fileno(capture.file), STDOUT_FILENO) >= 0);
    return capture;
}

static void capture_end(struct capture *capture, struct buffer *into)
{
    char piece[4096];
    (void)fflush(stdout);
    (void)dup2(capture->saved, STDOUT_FILENO);
    (void)close(capture->saved);
    rewind(capture->file);
    for (size_t bytes = 1; bytes > 0;) {
        bytes = fread(piece, 1, sizeof(piece), capture->file);
        assert_true(buffer_add(into, piece, bytes));
    }
    (void)fclose(capture->file);
}

static const struct column columns[] = {
    {"ID", "id", COLUMN_ID},
    {"NAME", "name", COLUMN_TEXT},
    {"COUNT", "count", COLUMN_COUNT},
    {"SCORE", "score", COLUMN_NUMBER},
    {"LABELS", "labels", COLUMN_LABELS},
    {"WHY", "reasons", COLUMN_REASONS},
    {"DEEP", "a.b", COLUMN_TEXT},
    {NULL},
};
static const char rows_json[] = "[{\"id\":\"0123456789abcdef\",\"name\":\"caf\xc3\xa9\",\"count\":1234567,"
                                "\"score\":0.123456,\"labels\":[{\"name\":"
                                "\"cat\",\"score\":0.5},{\"name\":\"dog\",\"score\":null}],\"reasons\":[{"
                                "\"code\":\"C1\"},{\"code\":\"S7\"}],"
                                "\"a\":{\"b\":false}},"
                                "{\"id\":\"x\",\"name\":\"\xe5\x9b\xbe\\t\\n\",\"count\":0,\"score\":null,"
                                "\"labels\":[],\"reasons\":[],\"a\":7}]";

static void print_rows(struct cli *cli, struct buffer *into)
{
    AUTO_JSON read = yyjson_read(rows_json, strlen(rows_json), 0);
    AUTO_MUT_JSON doc = yyjson_doc_mut_copy(read, NULL);
    assert_non_null(doc);
    struct capture capture = capture_start();
    output_rows(cli, yyjson_mut_doc_get_root(doc), columns);
    capture_end(&capture, into);
}

static void assert_rows(struct cli cli, const char *expected)
{
    AUTO_BUFFER(text, OUTPUT_MAX_BYTES);
    cli.arena = arena_new(ARENA_BYTES);
    print_rows(&cli, &text);
    (void)arena_free(cli.arena);
    assert_string_equal(text.data ? text.data : "", expected);
    assert_false(cli.is_output_lost);
}

static void a_terminal_gets_aligned_columns_and_short_values(void **state)
{
    assert_rows((struct cli){.has_header = true, .is_terminal = true},
                "ID        NAME      COUNT  SCORE  LABELS         WHY    DEEP\n"
                "01234567  caf\xc3\xa9  1,234,567  0.123  cat 0.50, dog  C1 S7  no\n"
                "x         \xe5\x9b\xbe??          0                               \n");
}

static void a_pipe_gets_whole_values_between_tabs(void **state)
{
    assert_rows((struct cli){.has_header = true},
                "id\tname\tcount\tscore\tlabels\treasons\ta.b\n"
                "0123456789abcdef\tcaf\xc3\xa9\t1234567\t0.123456\tcat 0.50, dog\tC1 S7\tno\n"
                "x\t\xe5\x9b\xbe??\t0\t\t\t\t\n");
    assert_rows((struct cli){.has_header = false, .columns = "count,id,nothing"},
                "1234567\t0123456789abcdef\t\n0\tx\t\n");
    assert_rows((struct cli){.is_quiet = true}, "0123456789abcdef\nx\n");
}

static void json_is_whole_picked_or_by_lines(void **state)
{
    assert_rows((struct cli){.is_json = true, .json_fields = "id,a.b,none"},
                "[{\"id\":\"0123456789abcdef\",\"a.b\":false,\"none\":null},{\"id\":\"x\",\"a.b\":null,"
                "\"none\":null}]\n");
    assert_rows((struct cli){.is_json = true, .is_json_lines = true, .json_fields = "count"},
                "{\"count\":1234567}\n{\"count\":0}\n");
}

static void thousands_are_marked(void **state)
{
    static const struct {
        int64_t value;
        const char *text;
    } rows[] = {{0, "0"},
                {7, "7"},
                {999, "999"},
                {1000, "1,000"},
                {-999, "-999"},
                {-1000, "-1,000"},
                {123456, "123,456"},
                {1234567, "1,234,567"},
                {-123456, "-123,456"},
                {INT64_MAX, "9,223,372,036,854,775,807"},
                {INT64_MIN, "-9,223,372,036,854,775,808"}};
    char text[OUTPUT_NUMBER_BYTES];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(output_thousands(rows[i].value, text), rows[i].text);
}

/* ---- things instead of rows ---- */

static void print_object(struct cli *cli, const char *json, const struct column *shown, struct buffer *into)
{
    AUTO_JSON read = yyjson_read(json, strlen(json), 0);
    AUTO_MUT_JSON doc = yyjson_doc_mut_copy(read, NULL);
    struct capture capture = capture_start();
    output_object(cli, yyjson_mut_doc_get_root(doc), shown);
    capture_end(&capture, into);
}

static void assert_object(struct cli cli, const char *json, const char *expected)
{
    AUTO_BUFFER(text, OUTPUT_MAX_BYTES);
    print_object(&cli, json, NULL, &text);
    assert_string_equal(text.data ? text.data : "", expected);
}

static void a_thing_is_shown_member_by_member(void **state)
{
    const char *json = "{\"name\":\"n\",\"is\":false,\"nothing\":null,\"list\":[1,2],\"deep\":{\"x\":1}}";
    assert_object((struct cli){0}, json, "name\tn\nis\tno\nnothing\t\nlist\t[1,2]\ndeep\t{\"x\":1}\n");
    assert_object((struct cli){.is_json = true}, json,
                  "{\"name\":\"n\",\"is\":false,\"nothing\":null,\"list\":[1,2],\"deep\":{\"x\":1}}\n");
}

static void quietly_a_thing_is_its_id_or_its_first_text(void **state)
{
    const struct cli quiet = {.is_quiet = true};
    assert_object(quiet, "{\"name\":\"n\",\"id\":\"i\"}", "i\n");
    assert_object(quiet, "{\"count\":1,\"name\":\"n\",\"other\":\"o\"}", "n\n");
    assert_object(quiet, "{\"count\":1}", "");
}

static void times_are_told_from_now_on_a_terminal(void **state)
{
    static const struct {
        int64_t seconds_ago;
        const char *told;
    } rows[] = {{0, "now"},           {-5, "now"},       {1, "1 s ago"},      {59, "59 s ago"},
                {3599, "59 min ago"}, {3600, "1 h ago"}, {86399, "23 h ago"}, {3 * 86400, "3 d ago"}};
    static const struct column time[] = {{"TIME", "time", COLUMN_TIME}, {NULL}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char when[CLOCK_TEXT_BYTES], json[128];
        struct cli cli = {.is_terminal = true};
        AUTO_BUFFER(text, OUTPUT_MAX_BYTES);
        int64_t ms = clock_now_ms() / 1000 * 1000 - rows[i].seconds_ago * 1000;
        (void)snprintf(json, sizeof(json), "{\"time\":\"%s\"}", clock_rfc3339(ms, when));
        print_object(&cli, json, time, &text);
        if (!strstr(text.data, rows[i].told) && rows[i].seconds_ago > 1)
            fail_msg("%lld s ago is told as '%s'", (long long)rows[i].seconds_ago, text.data);
    }
}

static void text_that_is_not_utf8_is_no_silent_json(void **state)
{
    struct cli cli = {.is_json = true};
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *object = yyjson_mut_obj(doc);
    AUTO_BUFFER(text, OUTPUT_MAX_BYTES);
    (void)yyjson_mut_obj_add_str(doc, object, "name", "\xff\xfe");
    struct capture capture = capture_start();
    output_object(&cli, object, NULL);
    capture_end(&capture, &text);
    assert_int_equal(text.size, 0);
    assert_true(cli.is_output_lost);
}

int main(void)
{
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_terminal_gets_aligned_columns_and_short_values),
        cmocka_unit_test(a_pipe_gets_whole_values_between_tabs),
        cmocka_unit_test(json_is_whole_picked_or_by_lines),
        cmocka_unit_test(thousands_are_marked),
        cmocka_unit_test(a_thing_is_shown_member_by_member),
        cmocka_unit_test(quietly_a_thing_is_its_id_or_its_first_text),
        cmocka_unit_test(times_are_told_from_now_on_a_terminal),
        cmocka_unit_test(text_that_is_not_utf8_is_no_silent_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
