/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/arena.h"

#include <stdalign.h>
#include <string.h>

static void memory_is_zeroed_aligned_and_apart(void **state)
{
    AUTO(arena) arena = arena_new(1 << 20);
    unsigned char *previous = NULL;
    for (size_t bytes = 1; bytes < 300; bytes++) {
        unsigned char *memory = arena_alloc(arena, bytes);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % alignof(max_align_t), 0);
        for (size_t i = 0; i < bytes; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 0xAA, bytes);
        if (previous)
            assert_int_equal(previous[0], 0xAA);
        previous = memory;
    }
}

static void the_limit_can_be_used_up_and_not_passed(void **state)
{
    static const size_t limits[] = {1, 15, 16, 17, 1000, 16384, 16385, 100000};
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        AUTO(arena) arena = arena_new(limits[i]);
        assert_null(arena_alloc(arena, limits[i] + 1));
        assert_non_null(arena_alloc(arena, limits[i]));
        assert_null(arena_alloc(arena, 1));
        arena_reset(arena);
        assert_non_null(arena_alloc(arena, limits[i]));
    }
}

static void sizes_that_overflow_are_refused(void **state)
{
    AUTO(arena) arena = arena_new(SIZE_MAX);
    assert_null(arena_array(arena, SIZE_MAX / 2, 3));
    assert_null(arena_array(arena, 3, SIZE_MAX / 2));
    for (size_t below = 0; below < 64; below++)
        assert_null(arena_alloc(arena, SIZE_MAX - below));
    assert_null(arena_text_n(arena, "x", SIZE_MAX));
    assert_non_null(arena_array(arena, 0, 8));
    assert_non_null(arena_array(arena, 8, 0));
}

static void texts_are_copied(void **state)
{
    AUTO(arena) arena = arena_new(1000);
    char text[] = "changing";
    char *copy = arena_text(arena, text), *part = arena_text_n(arena, text, 3);
    text[0] = 'X';
    assert_string_equal(copy, "changing");
    assert_string_equal(part, "cha");
    assert_null(arena_text(arena, NULL));
    assert_string_equal(arena_text_n(arena, "", 0), "");
    assert_string_equal(arena_printf(arena, "%d-%s", 7, "x"), "7-x");
    assert_null(arena_printf(arena, "%0999d", 1));
}

static void reset_forgets_and_zeroes_again(void **state)
{
    AUTO(arena) arena = arena_new(1 << 20);
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 20; i++) {
            unsigned char *memory = arena_alloc(arena, 5000);
            assert_non_null(memory);
            assert_int_equal(memory[0] | memory[4999], 0);
            memset(memory, 0xFF, 5000);
        }
        arena_reset(arena);
    }
}

static void free_accepts_nothing(void **state)
{
    assert_null(arena_free(NULL));
    struct arena *arena = arena_new(10);
    struct arena *taken = TAKE(arena);
    assert_null(arena);
    assert_null(arena_free(taken));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(the_limit_can_be_used_up_and_not_passed),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(texts_are_copied),
        cmocka_unit_test(reset_forgets_and_zeroes_again),
        cmocka_unit_test(free_accepts_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
