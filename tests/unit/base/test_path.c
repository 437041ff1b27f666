/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/path.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ARENA_BYTES = 100000 };

static void join_puts_one_slash_between(void **state)
{
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    assert_string_equal(path_join(arena, "a", "b/c"), "a/b/c");
    assert_string_equal(path_join(arena, "a/", "b"), "a/b");
    assert_string_equal(path_join(arena, "/", "b"), "/b");
    assert_string_equal(path_join(arena, "", "b"), "b");
    AUTO(arena) full = arena_new(4);
    assert_null(path_join(full, "abc", "def"));
}

static void parts_of_a_path(void **state)
{
    static const struct {
        const char *path, *base, *folder, *suffix;
    } cases[] = {
        {"/a/b.jpg", "b.jpg", "/a", ".jpg"},
        {"b.tar.gz", "b.tar.gz", ".", ".gz"},
        {"/b", "b", "/", ""},
        {"a.d/b", "b", "a.d", ""},
        {".hidden", ".hidden", ".", ""},
        {"a/.x.png", ".x.png", "a", ".png"},
        {"a/", "", "a", ""},
        {"", "", ".", ""},
    };
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(path_base(cases[i].path), cases[i].base);
        assert_string_equal(path_folder(arena, cases[i].path), cases[i].folder);
        assert_string_equal(path_suffix(cases[i].path), cases[i].suffix);
    }
}

static void absolute_paths_become_clean(void **state)
{
    static const char *const cases[][2] = {
        {"/", "/"},
        {"//", "/"},
        {"/.", "/"},
        {"/..", "/"},
        {"/../../a", "/a"},
        {"/a//b/./c/", "/a/b/c"},
        {"/a/b/../c", "/a/c"},
        {"/a/..", "/"},
        {"/a/../../b", "/b"},
        {"/...", "/..."},
        {"/a/..b/.c", "/a/..b/.c"},
        {"/a b/\n", "/a b/\n"},
    };
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    struct error err = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *clean = NULL;
        assert_true(path_absolute(arena, cases[i][0], &clean, &err));
        assert_string_equal(clean, cases[i][1]);
    }
}

static void relative_paths_start_at_the_current_folder(void **state)
{
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    struct error err = {0};
    char *clean = NULL;
    assert_int_equal(chdir("/usr/lib"), 0);
    assert_true(path_absolute(arena, "x/../y", &clean, &err));
    assert_string_equal(clean, "/usr/lib/y");
    assert_true(path_absolute(arena, "../..", &clean, &err));
    assert_string_equal(clean, "/");
}

static void absolute_paths_have_a_limit(void **state)
{
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    struct error err = {0};
    char path[PATH_MAX_BYTES + 1], *clean = NULL;
    memset(path, 'a', sizeof(path));
    path[0] = '/';
    path[PATH_MAX_BYTES - 1] = '\0';
    assert_true(path_absolute(arena, path, &clean, &err));
    assert_int_equal(strlen(clean), PATH_MAX_BYTES - 1);
    path[PATH_MAX_BYTES - 1] = 'a';
    path[PATH_MAX_BYTES] = '\0';
    assert_false(path_absolute(arena, path, &clean, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_false(path_absolute(arena, "", &clean, &err));
    assert_int_equal(err.code, ERR_INVALID);

    assert_int_equal(chdir("/usr/lib"), 0); /* "/usr/lib" and the slash are 9 bytes */
    assert_true(path_absolute(arena, path + 10, &clean, &err));
    assert_int_equal(strlen(clean), PATH_MAX_BYTES - 1);
    assert_false(path_absolute(arena, path + 9, &clean, &err));
    assert_int_equal(err.code, ERR_INVALID);
}

static void below_is_decided_by_whole_parts(void **state)
{
    assert_true(path_is_below("/a/b", "/a"));
    assert_true(path_is_below("/a", "/a"));
    assert_true(path_is_below("/a", "/"));
    assert_true(path_is_below("/", "/"));
    assert_false(path_is_below("/ab", "/a"));
    assert_false(path_is_below("/a", "/a/b"));
    assert_false(path_is_below("/", "/a"));
}

static void keys_stay_inside(void **state)
{
    static const char *const good[] = {"a",   "a/b", "...",     "..a",  "a..", ".a",
                                       "a b", "-",   "a/.../b", "\xFF", "a\n"};
    static const char *const bad[] = {"",   "/",    "/a",   "a/",    "a//b", ".",
                                      "..", "a/..", "../a", "a/./b", "./a",  "a/../b"};
    struct error err = {0};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(path_check_key(good[i], &err));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (path_check_key(bad[i], &err))
            fail_msg("accepted: %s", bad[i]);
        assert_int_equal(err.code, ERR_INVALID);
    }
    char key[PATH_MAX_BYTES + 1];
    memset(key, 'k', sizeof(key));
    key[PATH_MAX_BYTES - 1] = '\0';
    assert_true(path_check_key(key, &err));
    key[PATH_MAX_BYTES - 1] = 'k';
    key[PATH_MAX_BYTES] = '\0';
    assert_false(path_check_key(key, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(join_puts_one_slash_between),
        cmocka_unit_test(parts_of_a_path),
        cmocka_unit_test(absolute_paths_become_clean),
        cmocka_unit_test(relative_paths_start_at_the_current_folder),
        cmocka_unit_test(absolute_paths_have_a_limit),
        cmocka_unit_test(below_is_decided_by_whole_parts),
        cmocka_unit_test(keys_stay_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
