/* SPDX-License-Identifier: Apache-2.0 */
/* CSV: RFC 4180's quoting, limits at and past them. */
#include "test.h"

#include "format_fixture.h"
#include "formats/csv_rows.h"

/* All rows of the text, fields as <a><b>, a newline after each row; the error's message in the end. */
static void read_all(const char *text, struct buffer *into)
{
    struct text_feed feed = feed_of(text);
    struct csv_rows rows;
    struct csv_row row;
    struct error err = {0};
    assert_true(csv_rows_start(&rows, feed_text, &feed, &err));
    for (;;) {
        bool is_read = csv_rows_next(&rows, &row, &err);
        if (!is_read)
            (void)buffer_printf(into, "! %s", err.message);
        if (!is_read || row.count == 0)
            break;
        for (size_t i = 0; i < row.count; i++)
            (void)buffer_printf(into, "<%s>", row.fields[i]);
        (void)buffer_printf(into, "%llu\n", (unsigned long long)row.line);
    }
    csv_rows_release(&rows);
}

static void expect(const char *text, const char *wanted)
{
    AUTO_BUFFER(found, 4096);
    (void)buffer_add_text(&found, "");
    read_all(text, &found);
    assert_string_equal(found.data, wanted);
}

static void fields_are_cut_at_commas_and_lines_at_both_ends(void **state)
{
    (void)state;
    expect("a,b\r\nc,\n,\n", "<a><b>1\n<c><>2\n<><>3\n");
    expect("\xEF\xBB\xBF\n\r\na b, c", "<a b>< c>3\n");
    expect("", "");
}

static void quotes_hold_commas_quotes_and_lines(void **state)
{
    (void)state;
    expect("\"a,\"\"b\"\"\",\"x\r\ny\"\nz\n", "<a,\"b\"><x\r\ny>1\n<z>3\n");
    expect("\"\"\n", "<>1\n");
}

static void what_is_no_csv_is_refused_with_its_line(void **state)
{
    (void)state;
    expect("a\nb\"c\n", "<a>1\n! line 2: a quote stands within a field that does not begin with one");
    expect("a\n\"b", "<a>1\n! line 2: a quote is not closed");
    expect("\"a\"b\n", "! line 1: something follows a closing quote");
    expect("a\rb\n", "! line 1: a carriage return is not the end of the line");
}

static void a_row_ends_at_its_limits(void **state)
{
    struct error err = {0};
    struct csv_row row;
    (void)state;
    for (int past = 0; past < 2; past++) {
        AUTO_BUFFER(text, 4 * CSV_ROW_MAX_BYTES);
        for (int i = 1; i < CSV_FIELDS_MAX + past; i++)
            (void)buffer_add_text(&text, ",");
        struct text_feed feed = feed_of(text.data);
        struct csv_rows rows;
        assert_true(csv_rows_start(&rows, feed_text, &feed, &err));
        assert_int_equal(csv_rows_next(&rows, &row, &err), !past);
        csv_rows_release(&rows);
    }
    assert_int_equal(err.code, ERR_LIMIT);
    for (int past = 0; past < 2; past++) {
        char *text = malloc(CSV_ROW_MAX_BYTES + 1);
        assert_non_null(text);
        memset(text, 'x', CSV_ROW_MAX_BYTES);
        text[CSV_ROW_MAX_BYTES - 1 + past] = '\0'; /* and the NUL of the field */
        struct text_feed feed = feed_of(text);
        struct csv_rows rows;
        assert_true(csv_rows_start(&rows, feed_text, &feed, &err));
        assert_int_equal(csv_rows_next(&rows, &row, &err), !past);
        csv_rows_release(&rows);
        free(text);
    }
    assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_cut_at_commas_and_lines_at_both_ends),
        cmocka_unit_test(quotes_hold_commas_quotes_and_lines),
        cmocka_unit_test(what_is_no_csv_is_refused_with_its_line),
        cmocka_unit_test(a_row_ends_at_its_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
