/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/file.h"
#include "base/roots.h"
#include "temp_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
    char folder[TEMP_PATH_BYTES], path[TEMP_PATH_BYTES + 64];
    struct arena *arena;
    struct roots roots;
    struct error err;
};

static const char *at(struct fixture *fixture, const char *name)
{
    (void)snprintf(fixture->path, sizeof(fixture->path), "%s/%s", fixture->folder, name);
    return fixture->path;
}

static void put(struct fixture *fixture, const char *name)
{
    FILE *file = fopen(at(fixture, name), "w");
    assert_non_null(file);
    assert_true(fputs(name, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void link_to(struct fixture *fixture, const char *target, const char *name)
{
    assert_int_equal(symlink(target, at(fixture, name)), 0);
}

/* in/ and more/ are roots; in/data/ is the data folder; out/ is neither. */
static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    static const char *const folders[] = {"in",   "in/deep", "in/data", "in/data/store", "in/data/store/own",
                                          "more", "out"};
    assert_non_null(fixture);
    assert_non_null(fixture->arena = arena_new(1024 * 1024));
    temp_folder_make(fixture->folder);
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        assert_int_equal(mkdir(at(fixture, folders[i]), 0755), 0);
    put(fixture, "in/deep/a");
    put(fixture, "in/data/secret");
    put(fixture, "in/data/store/own/mine");
    put(fixture, "more/b");
    put(fixture, "out/secret");
    char *text = arena_printf(fixture->arena, "%s/in:%s/more/", fixture->folder, fixture->folder);
    if (!roots_parse(text, at(fixture, "in/data"), fixture->arena, &fixture->roots, &fixture->err))
        fail_msg("%s", fixture->err.message);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    temp_folder_remove(fixture->folder);
    (void)arena_free(fixture->arena);
    free(fixture);
    return 0;
}

static bool opens(struct fixture *fixture, const char *name)
{
    int file = roots_open(&fixture->roots, at(fixture, name), O_RDONLY);
    bool is_open = file >= 0;
    if (is_open)
        (void)close(file);
    return is_open;
}

static void what_is_in_a_root_opens_and_nothing_else(void **state)
{
    struct fixture *fixture = *state;
    assert_true(opens(fixture, "in/deep/a"));
    assert_true(opens(fixture, "more/b"));
    assert_true(opens(fixture, "more"));
    assert_false(opens(fixture, "out/secret"));
    assert_int_equal(errno, EXDEV);
    assert_false(opens(fixture, "inside")); /* begins like a root */
    assert_int_equal(errno, EXDEV);
    assert_false(opens(fixture, "in/nothing"));
    assert_int_equal(errno, ENOENT);
}

static void links_lead_nowhere_outside_whether_something_is_there_or_not(void **state)
{
    struct fixture *fixture = *state;
    static const char *const targets[] = {"../out/secret", "../out/nothing", "../../../../../../etc/passwd",
                                          "/etc/passwd", "../more/b"};
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "in/link%zu", i);
        link_to(fixture, targets[i], name);
        assert_false(opens(fixture, name));
        assert_int_equal(errno, EXDEV);
    }
    link_to(fixture, "../out", "in/folder");
    assert_false(opens(fixture, "in/folder/secret"));
    assert_int_equal(errno, EXDEV);
    link_to(fixture, "deep/a", "in/inside");
    assert_true(opens(fixture, "in/inside"));
}

static void the_data_folder_is_a_hole_by_any_way(void **state)
{
    struct fixture *fixture = *state;
    assert_false(opens(fixture, "in/data/secret"));
    assert_false(opens(fixture, "in/data"));
    link_to(fixture, "data/secret", "in/way");
    assert_false(opens(fixture, "in/way"));
    link_to(fixture, "data", "in/other");
    assert_false(opens(fixture, "in/other/secret"));
    assert_false(roots_check(&fixture->roots, at(fixture, "in/data/secret"), &fixture->err));
    assert_int_equal(fixture->err.code, ERR_DENIED);
}

static void one_folder_of_the_hole_may_be_opened_again(void **state)
{
    struct fixture *fixture = *state;
    const struct roots *wider = NULL;
    assert_true(roots_with_own(&fixture->roots, at(fixture, "in/data/store/own"), fixture->arena, &wider,
                               &fixture->err));
    int file = roots_open(wider, at(fixture, "in/data/store/own/mine"), O_RDONLY);
    assert_true(file >= 0);
    (void)close(file);
    assert_true(roots_open(wider, at(fixture, "in/data/secret"), O_RDONLY) < 0);
    assert_true(roots_check(wider, at(fixture, "in/data/store/own/mine"), &fixture->err));
    assert_false(roots_check(wider, at(fixture, "in/data/store/other"), &fixture->err));
    assert_true(roots_open(&fixture->roots, at(fixture, "in/data/store/own/mine"), O_RDONLY) < 0);
}

static void refusals_tell_the_roots_and_not_what_is_there(void **state)
{
    struct fixture *fixture = *state;
    struct error of_nothing = {0};
    AUTO_BUFFER(text, 1024);
    assert_false(roots_check(&fixture->roots, "/etc/passwd", &fixture->err));
    assert_int_equal(fixture->err.code, ERR_DENIED);
    assert_non_null(strstr(fixture->err.message, "/in"));
    assert_false(roots_check(&fixture->roots, "/etc/passwx", &of_nothing));
    assert_int_equal(strlen(fixture->err.message), strlen(of_nothing.message));
    assert_false(file_read_within(&fixture->roots, "/etc/passwd", &text, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_DENIED);
    assert_false(file_exists(&fixture->roots, "/etc/passwd"));
    assert_true(file_exists(NULL, "/etc/passwd"));
    assert_true(file_read_within(&fixture->roots, at(fixture, "more/b"), &text, &fixture->err));
}

static void a_root_in_the_data_folder_is_open_and_the_rest_is_not(void **state)
{
    struct fixture *fixture = *state;
    char *text = arena_printf(fixture->arena, "%s/in/data/store", fixture->folder);
    assert_true(roots_parse(text, at(fixture, "in/data"), fixture->arena, &fixture->roots, &fixture->err));
    assert_true(opens(fixture, "in/data/store/own/mine"));
    assert_true(roots_check(&fixture->roots, at(fixture, "in/data/store/own/mine"), &fixture->err));
    assert_false(opens(fixture, "in/data/secret"));
    link_to(fixture, "../secret", "in/data/store/out");
    assert_false(opens(fixture, "in/data/store/out"));
    text = arena_printf(fixture->arena, "%s/in/data", fixture->folder);
    assert_true(roots_parse(text, at(fixture, "in/data"), fixture->arena, &fixture->roots, &fixture->err));
    assert_false(opens(fixture, "in/data/secret"));
    assert_false(opens(fixture, "in/data/store/own/mine"));
}

static void no_roots_hold_nothing_and_none_given_everything(void **state)
{
    struct fixture *fixture = *state;
    struct roots none;
    assert_true(roots_parse("", NULL, fixture->arena, &none, &fixture->err));
    assert_int_equal(none.count, 0);
    assert_false(roots_check(&none, "/", &fixture->err));
    assert_non_null(strstr(fixture->err.message, "--roots"));
    assert_true(roots_check(NULL, "/anything", &fixture->err));
}

static void roots_are_absolute_and_not_without_end(void **state)
{
    struct fixture *fixture = *state;
    struct roots roots;
    char text[4 * (ROOTS_MAX + 1) + 1] = "";
    assert_false(roots_parse("here", NULL, fixture->arena, &roots, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_INVALID);
    for (int i = 0; i < ROOTS_MAX; i++)
        memcpy(text + 3 * (size_t)i, "/a:", 4);
    assert_true(roots_parse(text, NULL, fixture->arena, &roots, &fixture->err));
    memcpy(text + 3 * (size_t)ROOTS_MAX, "/a", 3);
    assert_false(roots_parse(text, NULL, fixture->arena, &roots, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_in_a_root_opens_and_nothing_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(links_lead_nowhere_outside_whether_something_is_there_or_not, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_data_folder_is_a_hole_by_any_way, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_folder_of_the_hole_may_be_opened_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_root_in_the_data_folder_is_open_and_the_rest_is_not, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(refusals_tell_the_roots_and_not_what_is_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_roots_hold_nothing_and_none_given_everything, set_up, tear_down),
        cmocka_unit_test_setup_teardown(roots_are_absolute_and_not_without_end, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
