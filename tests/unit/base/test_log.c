/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/log.h"
#include "base/workers.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CAPTURE_BYTES = 4000 };

/* What `write` sends to stderr. */
static void capture(void (*write_log)(void), char ret[CAPTURE_BYTES])
{
    FILE *file = tmpfile();
    assert_non_null(file);
    int saved = dup(STDERR_FILENO);
    (void)fflush(stderr);
    (void)dup2(fileno(file), STDERR_FILENO);
    write_log();
    (void)fflush(stderr);
    (void)dup2(saved, STDERR_FILENO);
    (void)close(saved);
    rewind(file);
    ret[fread(ret, 1, CAPTURE_BYTES - 1, file)] = '\0';
    (void)fclose(file);
}

static void log_each_level(void)
{
    log_write(LOG_ERROR, "e%d", 1);
    log_write(LOG_WARNING, "w");
    log_write(LOG_INFO, "i");
    log_write(LOG_DEBUG, "d");
}

static void lines_above_the_level_are_dropped(void **state)
{
    char text[CAPTURE_BYTES];
    capture(log_each_level, text);
    assert_string_equal(text, "error: e1\nwarning: w\n");
    log_set_level(LOG_DEBUG);
    capture(log_each_level, text);
    assert_string_equal(text, "error: e1\nwarning: w\ninfo: i\ndebug: d\n");
    log_set_level(LOG_ERROR);
    capture(log_each_level, text);
    assert_string_equal(text, "error: e1\n");
    log_set_level(LOG_WARNING);
}

static void log_what_came_from_outside(void)
{
    log_write(LOG_ERROR, "file '%s'", "a\nerror: forged\x1B[2J\xFF");
}

static void an_event_is_one_line_whatever_was_put_into_it(void **state)
{
    char text[CAPTURE_BYTES];
    capture(log_what_came_from_outside, text);
    assert_string_equal(text, "error: file 'a?error: forged?[2J?'\n");
}

static void log_too_much(void)
{
    log_write(LOG_ERROR, "%01500d", 1);
}

static void long_lines_are_cut(void **state)
{
    char text[CAPTURE_BYTES];
    capture(log_too_much, text);
    assert_int_equal(strlen(text), 1023);
    assert_int_equal(text[1022], '\n');
}

static bool log_some(void *state, uint32_t index, struct error *err)
{
    (void)state, (void)err;
    for (int i = 0; i < 10; i++)
        log_write(LOG_ERROR, "%c%c%c%c", 'a' + (char)index, 'a' + (char)index, 'a' + (char)index,
                  'a' + (char)index);
    return true;
}

static void log_in_threads(void)
{
    struct error err = {0};
    assert_true(workers_run(4, log_some, NULL, &err));
}

static void lines_of_threads_do_not_mix(void **state)
{
    char text[CAPTURE_BYTES];
    int lines = 0;
    capture(log_in_threads, text);
    for (const char *line = text; *line; line = strchr(line, '\n') + 1, lines++) {
        assert_int_equal(strncmp(line, "error: ", 7), 0);
        assert_true(line[7] == line[8] && line[8] == line[9] && line[9] == line[10] && line[11] == '\n');
    }
    assert_int_equal(lines, 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_above_the_level_are_dropped),
        cmocka_unit_test(an_event_is_one_line_whatever_was_put_into_it),
        cmocka_unit_test(long_lines_are_cut),
        cmocka_unit_test(lines_of_threads_do_not_mix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
