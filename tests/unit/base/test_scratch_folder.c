/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/scratch_folder.h"
#include "temp_folder.h"

#include <sys/stat.h>
#include <unistd.h>

static void it_is_new_private_and_removed_with_all_that_is_in_it(void **state)
{
    char folder[SCRATCH_FOLDER_BYTES], outside[TEMP_PATH_BYTES], path[SCRATCH_FOLDER_BYTES + 32],
        kept[TEMP_PATH_BYTES + 16];
    struct error err = {0};
    struct stat stat_of;
    temp_folder_make(outside);
    (void)snprintf(kept, sizeof(kept), "%s/kept", outside);
    assert_int_equal(mkdir(kept, 0700), 0);
    assert_true(scratch_folder_make(folder, &err));
    assert_int_equal(stat(folder, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 0777, 0700);
    (void)snprintf(path, sizeof(path), "%s/in", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof(path), "%s/in/link", folder);
    assert_int_equal(symlink(outside, path), 0);
    assert_true(scratch_folder_remove(folder, &err));
    assert_int_not_equal(stat(folder, &stat_of), 0);
    assert_int_equal(stat(kept, &stat_of), 0);
    assert_false(scratch_folder_remove(folder, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    temp_folder_remove(outside);
}

static void a_place_that_is_not_there_is_named(void **state)
{
    char folder[SCRATCH_FOLDER_BYTES] = "";
    struct error err = {0};
    assert_int_equal(setenv("TMPDIR", "/no/such/place", 1), 0);
    assert_false(scratch_folder_make(folder, &err));
    assert_non_null(strstr(err.message, "/no/such/place"));
    assert_string_equal(folder, "");
    assert_int_equal(unsetenv("TMPDIR"), 0);
}

/* "/tmp" after so many slashes that the whole path has SCRATCH_FOLDER_BYTES - 1 bytes, and one more. */
static void a_path_may_be_as_long_as_its_limit_and_no_longer(void **state)
{
    enum { ADDED = sizeof("/trommel-") - 1 + 6, PARENT_MAX = SCRATCH_FOLDER_BYTES - 1 - ADDED };
    char folder[SCRATCH_FOLDER_BYTES] = "", parent[PARENT_MAX + 2];
    struct error err = {0};
    memset(parent, '/', PARENT_MAX + 1);
    memcpy(parent + PARENT_MAX - 3, "tmp", sizeof("tmp"));
    assert_int_equal(setenv("TMPDIR", parent, 1), 0);
    assert_true(scratch_folder_make(folder, &err));
    assert_int_equal(strlen(folder), SCRATCH_FOLDER_BYTES - 1);
    assert_true(scratch_folder_remove(folder, &err));
    memset(folder, '\0', sizeof(folder));
    memset(parent, '/', PARENT_MAX + 1);
    memcpy(parent + PARENT_MAX - 2, "tmp", sizeof("tmp"));
    assert_int_equal(setenv("TMPDIR", parent, 1), 0);
    assert_false(scratch_folder_make(folder, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_string_equal(folder, "");
    assert_int_equal(unsetenv("TMPDIR"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_new_private_and_removed_with_all_that_is_in_it),
        cmocka_unit_test(a_place_that_is_not_there_is_named),
        cmocka_unit_test(a_path_may_be_as_long_as_its_limit_and_no_longer),
    };
    return cmocka_run_group_tests_name("scratch folder", tests, NULL, NULL);
}
