/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "dataset/sample_cursor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BYTES = 1024 * 1024 };

#define ID "0123456789abcdef0123456789abcdef"

static struct arena *arena;

static int make_arena(void **state)
{
    arena = arena_new(ARENA_BYTES);
    return arena ? 0 : -1;
}

static int drop_arena(void **state)
{
    arena = arena_free(arena);
    return 0;
}

static struct sample_cursor through_text(struct sample_cursor cursor)
{
    struct sample_cursor read;
    struct error err;
    const char *text = sample_cursor_write(&cursor, arena);
    assert_non_null(text);
    assert_true(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
                strlen(text));
    if (!sample_cursor_read(text, cursor.sort, cursor.key, arena, &read, &err))
        fail_msg("%s", err.message);
    assert_string_equal(read.id, cursor.id);
    return read;
}

static void cursor_comes_back_from_its_text_exactly(void **state)
{
    static const double numbers[] = {-1.0, 0.0, 0.1, 1.0 / 3, 1.0, 5e-324};
    static const char *const texts[] = {"/a.png", "/new\nline\n", "/鸟", "/\x01\x7f\"'%_"};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct sample_cursor read = through_text(
            (struct sample_cursor){.sort = "x", .id = ID, .key = SAMPLE_KEY_NUMBER, .number = numbers[i]});
        assert_memory_equal(&read.number, &numbers[i], sizeof(double));
    }
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct sample_cursor read = through_text(
            (struct sample_cursor){.sort = "x", .id = ID, .key = SAMPLE_KEY_TEXT, .text = texts[i]});
        assert_string_equal(read.text, texts[i]);
    }
    struct sample_cursor read = through_text(
        (struct sample_cursor){.sort = "x", .id = ID, .key = SAMPLE_KEY_TIME, .time_ms = INT64_MAX});
    assert_true(read.time_ms == INT64_MAX);
    (void)through_text((struct sample_cursor){.sort = "id", .id = ID, .key = SAMPLE_KEY_ID});
}

static const char *encode(const char *plain, size_t bytes)
{
    size_t room = sodium_base64_encoded_len(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return sodium_bin2base64(arena_alloc(arena, room), room, (const unsigned char *)plain, bytes,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static bool is_read(const char *text, enum sample_key key)
{
    struct sample_cursor cursor;
    struct error err = {0};
    bool is_ok = sample_cursor_read(text, "x", key, arena, &cursor, &err);
    assert_true(is_ok || err.code == ERR_INVALID);
    return is_ok;
}

static bool is_plain_read(const char *plain, enum sample_key key)
{
    return is_read(encode(plain, strlen(plain)), key);
}

static void text_that_is_no_cursor_is_refused(void **state)
{
    assert_true(is_plain_read("x\n" ID "\n0x1p-1", SAMPLE_KEY_NUMBER));
    assert_false(is_plain_read("x\n" ID "\nnan", SAMPLE_KEY_NUMBER));
    assert_false(is_plain_read("x\n" ID "\ninf", SAMPLE_KEY_NUMBER));
    assert_false(is_plain_read("x\n" ID "\n", SAMPLE_KEY_NUMBER));
    assert_false(is_plain_read("x\n" ID "\n1 ", SAMPLE_KEY_NUMBER));
    assert_false(is_plain_read("x\n" ID "\n-1", SAMPLE_KEY_TIME));
    assert_false(is_plain_read("x\n" ID "\n9223372036854775808", SAMPLE_KEY_TIME));
    assert_false(is_plain_read("x\n" ID "\n\xff", SAMPLE_KEY_TEXT));
    assert_false(is_plain_read("x\n" ID "\nmore", SAMPLE_KEY_ID));
    assert_false(is_plain_read("x\n" ID, SAMPLE_KEY_ID));
    assert_false(is_plain_read("x\n0123\n1", SAMPLE_KEY_TIME));
    assert_false(is_plain_read("x\n0123456789ABCDEF0123456789abcdef\n1", SAMPLE_KEY_TIME));
    assert_false(is_plain_read("x", SAMPLE_KEY_ID));
    assert_false(is_plain_read("", SAMPLE_KEY_ID));
    assert_false(is_read("not base64!", SAMPLE_KEY_ID));
    assert_false(is_read("", SAMPLE_KEY_ID));
    assert_false(is_read(encode("x\n" ID "\na\0b", 38), SAMPLE_KEY_TEXT));
}

static void cursor_of_another_order_is_refused(void **state)
{
    struct sample_cursor read;
    struct error err;
    const char *text = sample_cursor_write(
        &(struct sample_cursor){.sort = "source", .id = ID, .key = SAMPLE_KEY_TEXT, .text = "/1"}, arena);
    assert_false(sample_cursor_read(text, "-source", SAMPLE_KEY_TEXT, arena, &read, &err));
    assert_true(sample_cursor_read(text, "source", SAMPLE_KEY_TEXT, arena, &read, &err));
}

static void longest_source_fits_and_endless_text_does_not(void **state)
{
    char *source = arena_alloc(arena, SAMPLE_SOURCE_MAX_BYTES + 1), *endless = arena_alloc(arena, 200001);
    memset(source, 'x', SAMPLE_SOURCE_MAX_BYTES);
    memset(endless, 'A', 200000);
    (void)through_text((struct sample_cursor){
        .sort = "-hard_coefficient", .id = ID, .key = SAMPLE_KEY_TEXT, .text = source});
    assert_false(is_read(endless, SAMPLE_KEY_TEXT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cursor_comes_back_from_its_text_exactly),
        cmocka_unit_test(text_that_is_no_cursor_is_refused),
        cmocka_unit_test(cursor_of_another_order_is_refused),
        cmocka_unit_test(longest_source_fits_and_endless_text_does_not),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
