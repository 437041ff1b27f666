/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/buffer.h"

#include <string.h>

static void what_is_added_is_there_and_ends_in_nul(void **state)
{
    AUTO_BUFFER(buffer, 1 << 20);
    size_t expected = 0;
    for (int i = 0; i < 2000; i++) {
        assert_true(buffer_add(&buffer, "ab\0", 3));
        assert_true(buffer_add_text(&buffer, "text"));
        assert_true(buffer_printf(&buffer, "%03d", i % 1000));
        expected += 10;
        assert_int_equal(buffer.size, expected);
        assert_int_equal(buffer.data[buffer.size], '\0');
    }
    assert_memory_equal(buffer.data, "ab\0text000ab\0text001", 20);
    assert_memory_equal(buffer.data + 19990, "ab\0text999", 10);
}

static void the_limit_can_be_filled_and_not_passed(void **state)
{
    struct error err = {0};
    static const size_t limits[] = {0, 1, 255, 256, 257, 5000};
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        AUTO_BUFFER(buffer, limits[i]);
        for (size_t n = 0; n < limits[i]; n++)
            assert_true(buffer_add(&buffer, "x", 1));
        assert_true(buffer_check(&buffer, "it", &err));
        assert_true(buffer_add(&buffer, "", 0));
        assert_false(buffer_add(&buffer, "x", 1));
        assert_false(buffer_printf(&buffer, "%d", 1));
        assert_false(buffer_reserve(&buffer, 1));
        assert_int_equal(buffer.size, limits[i]);
        assert_false(buffer_check(&buffer, "the manifest", &err));
        assert_int_equal(err.code, ERR_LIMIT);
        assert_non_null(strstr(err.message, "the manifest"));
        buffer_clear(&buffer);
        assert_true(buffer_check(&buffer, "it", &err));
    }
}

static void a_failed_append_changes_nothing(void **state)
{
    AUTO_BUFFER(buffer, 10);
    assert_true(buffer_add_text(&buffer, "12345678"));
    assert_false(buffer_add_text(&buffer, "abc"));
    assert_string_equal(buffer.data, "12345678");
    assert_true(buffer.is_full);
    assert_true(buffer_add_text(&buffer, "90"));
    assert_string_equal(buffer.data, "1234567890");
    assert_true(buffer.is_full);
}

static void reserved_memory_is_text_and_overflow_is_refused(void **state)
{
    AUTO_BUFFER(buffer, SIZE_MAX);
    assert_true(buffer_reserve(&buffer, 0));
    assert_string_equal(buffer.data, "");
    for (size_t below = 0; below < 3; below++)
        assert_false(buffer_reserve(&buffer, SIZE_MAX - below));
    assert_true(buffer_add_text(&buffer, "x"));
    assert_false(buffer_reserve(&buffer, SIZE_MAX));
    assert_string_equal(buffer.data, "x");
}

static void filling_up_to_the_limit_grows_the_memory_seldom(void **state)
{
    enum { LIMIT_BYTES = 100003 };
    AUTO_BUFFER(buffer, LIMIT_BYTES);
    size_t growths = 0;
    for (size_t capacity = 0; buffer_add(&buffer, "x", 1); capacity = buffer.capacity)
        growths += buffer.capacity != capacity;
    assert_int_equal(buffer.size, LIMIT_BYTES);
    assert_int_equal(buffer.capacity, LIMIT_BYTES);
    assert_true(growths < 20);
}

static void clear_keeps_memory_and_release_gives_it_back(void **state)
{
    AUTO_BUFFER(buffer, 100000);
    assert_true(buffer_reserve(&buffer, 50000));
    const char *memory = buffer.data;
    buffer_clear(&buffer);
    assert_true(buffer_reserve(&buffer, 50000));
    assert_ptr_equal(buffer.data, memory);
    buffer_release(&buffer);
    assert_null(buffer.data);
    assert_int_equal(buffer.limit, 100000);
    assert_true(buffer_add_text(&buffer, "again"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_added_is_there_and_ends_in_nul),
        cmocka_unit_test(the_limit_can_be_filled_and_not_passed),
        cmocka_unit_test(a_failed_append_changes_nothing),
        cmocka_unit_test(reserved_memory_is_text_and_overflow_is_refused),
        cmocka_unit_test(filling_up_to_the_limit_grows_the_memory_seldom),
        cmocka_unit_test(clear_keeps_memory_and_release_gives_it_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
