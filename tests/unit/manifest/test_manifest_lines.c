/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "manifest/manifest.h"

#include <stdlib.h>
#include <string.h>

/* A stream that gives its bytes in steps of at most `step`. */
struct stream {
    const char *bytes;
    size_t left, step;
    bool fails_at_end;
};

static bool feed(void *state, void *into, size_t capacity, size_t *ret_bytes, struct error *err)
{
    struct stream *stream = state;
    size_t bytes = stream->left < stream->step ? stream->left : stream->step;
    bytes = bytes < capacity ? bytes : capacity;
    if (bytes == 0 && stream->fails_at_end)
        return error_set(err, ERR_IO, "the disk is gone");
    memcpy(into, stream->bytes, bytes);
    stream->bytes += bytes;
    stream->left -= bytes;
    *ret_bytes = bytes;
    return true;
}

static struct manifest_lines *lines_of(struct stream *stream)
{
    struct error err = {0};
    struct manifest_lines *lines = NULL;
    assert_true(manifest_lines_new(feed, stream, &lines, &err));
    return lines;
}

static void expect_line(struct manifest_lines *lines, const char *text, uint64_t number)
{
    struct error err = {0};
    struct bytes line = {0};
    uint64_t at = 0;
    assert_true(manifest_lines_next(lines, &line, &at, &err));
    assert_non_null(line.data);
    assert_int_equal(line.size, strlen(text));
    assert_memory_equal(line.data, text, line.size);
    assert_int_equal(at, number);
}

static void expect_end(struct manifest_lines *lines, uint64_t number)
{
    struct error err = {0};
    struct bytes line = {"x", 1};
    uint64_t at = 0;
    for (int i = 0; i < 2; i++) {
        assert_true(manifest_lines_next(lines, &line, &at, &err));
        assert_null(line.data);
        assert_int_equal(at, number);
    }
}

static void lines_are_the_same_for_every_size_of_piece(void **state)
{
    static const char text[] = "\xEF\xBB\xBFone\r\n\n  \t\ntwo\nthree\r\n\xEF\xBB\xBF\nend";
    for (size_t step = 1; step <= sizeof(text); step++) {
        struct stream stream = {.bytes = text, .left = sizeof(text) - 1, .step = step};
        AUTO(manifest_lines) lines = lines_of(&stream);
        expect_line(lines, "one", 1);
        expect_line(lines, "two", 4);
        expect_line(lines, "three", 5);
        expect_line(lines, "\xEF\xBB\xBF", 6); /* only the first line may have a mark */
        expect_line(lines, "end", 7);
        expect_end(lines, 7);
    }
}

static void an_empty_stream_has_no_lines(void **state)
{
    static const char *const texts[] = {"", "\n", "\r\n\n", "\xEF\xBB\xBF", "\xEF\xBB\xBF\n", " "};
    static const uint64_t numbers[] = {0, 1, 2, 1, 1, 1};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct stream stream = {.bytes = texts[i], .left = strlen(texts[i]), .step = 7};
        AUTO(manifest_lines) lines = lines_of(&stream);
        expect_end(lines, numbers[i]);
    }
}

/* A text of a short line, then `length` letters framed by `before` and `after`. */
static char *long_text(size_t length, const char *before, const char *after, size_t *ret_bytes)
{
    size_t bytes = strlen(before) + length + strlen(after);
    char *text = malloc(bytes + 1);
    assert_non_null(text);
    memcpy(text, before, strlen(before));
    memset(text + strlen(before), 'x', length);
    memcpy(text + strlen(before) + length, after, strlen(after) + 1);
    *ret_bytes = bytes;
    return text;
}

static void a_line_at_the_limit_passes_and_one_past_is_named(void **state)
{
    static const struct {
        const char *before, *after;
        const char *names;
    } frames[] = {{"", "", "line 1 "},
                  {"\xEF\xBB\xBF", "\r\n", "line 1 "},
                  {"a\n\n", "\n", "line 3 "},
                  {"a\n", "\r\nb\n", "line 2 "}};
    for (size_t i = 0; i < 2 * sizeof(frames) / sizeof(frames[0]); i++) {
        size_t past = i % 2, bytes = 0;
        const char *before = frames[i / 2].before;
        char *text = long_text(MANIFEST_LINE_MAX_BYTES + past, before, frames[i / 2].after, &bytes);
        struct stream stream = {.bytes = text, .left = bytes, .step = 100000};
        AUTO(manifest_lines) lines = lines_of(&stream);
        struct error err = {0};
        struct bytes line = {0};
        uint64_t number = 0;
        if (before[0] == 'a')
            expect_line(lines, "a", 1);
        assert_int_equal(manifest_lines_next(lines, &line, &number, &err), past == 0);
        if (past == 0)
            assert_int_equal(line.size, MANIFEST_LINE_MAX_BYTES);
        else
            assert_int_equal(err.code, ERR_LIMIT);
        if (past == 1)
            assert_non_null(strstr(err.message, frames[i / 2].names));
        free(text);
    }
}

static void a_failing_read_is_reported_after_the_whole_lines(void **state)
{
    struct stream stream = {.bytes = "a\nb", .left = 3, .step = 3, .fails_at_end = true};
    AUTO(manifest_lines) lines = lines_of(&stream);
    struct error err = {0};
    struct bytes line = {0};
    uint64_t number = 0;
    expect_line(lines, "a", 1);
    assert_false(manifest_lines_next(lines, &line, &number, &err));
    assert_int_equal(err.code, ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_the_same_for_every_size_of_piece),
        cmocka_unit_test(an_empty_stream_has_no_lines),
        cmocka_unit_test(a_line_at_the_limit_passes_and_one_past_is_named),
        cmocka_unit_test(a_failing_read_is_reported_after_the_whole_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
