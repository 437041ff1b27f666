/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/text.h"
#include "manifest/manifest.h"

#include <string.h>

enum { ARENA_BYTES = 1 << 20 };

static const struct {
    const char *path, *source;
} pairs[] = {
    {"/data/in/a.jpg", "/data/in/a.jpg"},
    {"/data/100% \"x\" \\ \x01\x7F.png", "/data/100% \"x\" \\ \x01\x7F.png"},
    {"/data/\xC3\xA9t\xC3\xA9/\xE7\x8C\xAB.jpg", "/data/\xC3\xA9t\xC3\xA9/\xE7\x8C\xAB.jpg"},
    {"/data/caf\xE9.jpg", "file:///data/caf%E9.jpg"},
    {"/d\xFF/100% a+b~_-.\xC3\xA9", "file:///d%FF/100%25%20a%2Bb~_-.%C3%A9"},
    {"/surrogate\xED\xA0\x80", "file:///surrogate%ED%A0%80"},
    {"file:///already", "file://file%3A///already"},
    {"", ""},
};

static void paths_and_sources_belong_together(void **state)
{
    struct error err = {0};
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        char *path = NULL;
        assert_string_equal(manifest_source_encode(arena, pairs[i].path), pairs[i].source);
        assert_true(manifest_source_decode(arena, pairs[i].source, &path, &err));
        assert_string_equal(path, pairs[i].path);
    }
}

static void every_byte_survives(void **state)
{
    struct error err = {0};
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    for (int first = 1; first < 256; first++) {
        for (int second = 1; second < 256; second++) {
            char path[] = {'/', (char)(unsigned char)first, (char)(unsigned char)second, '\0'};
            char *back = NULL;
            const char *source = manifest_source_encode(arena, path);
            assert_true(text_is_utf8(source, strlen(source)));
            assert_true(manifest_source_decode(arena, source, &back, &err));
            assert_string_equal(back, path);
            arena_reset(arena);
        }
    }
}

static void broken_escapes_are_refused(void **state)
{
    static const char *const sources[] = {"file:///a%", "file:///a%4", "file:///a%4g", "file:///a%g4",
                                          "file:///a%00b"};
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        struct error err = {0};
        char *path = NULL;
        assert_false(manifest_source_decode(arena, sources[i], &path, &err));
        assert_int_equal(err.code, ERR_INVALID);
        assert_non_null(strstr(err.message, sources[i]));
        assert_null(path);
    }
}

static void lower_case_digits_are_read(void **state)
{
    struct error err = {0};
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    char *path = NULL;
    assert_true(manifest_source_decode(arena, "file:///caf%e9%2F", &path, &err));
    assert_string_equal(path, "/caf\xE9/");
}

static void a_full_arena_is_told(void **state)
{
    struct error err = {0};
    AUTO(arena) arena = arena_new(32);
    char *path = NULL;
    assert_null(manifest_source_encode(arena, "/a path longer than \xFF the arena can hold"));
    assert_false(manifest_source_decode(arena, "/a path longer than the arena can hold", &path, &err));
    assert_int_equal(err.code, ERR_NO_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_and_sources_belong_together),
        cmocka_unit_test(every_byte_survives),
        cmocka_unit_test(broken_escapes_are_refused),
        cmocka_unit_test(lower_case_digits_are_read),
        cmocka_unit_test(a_full_arena_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
