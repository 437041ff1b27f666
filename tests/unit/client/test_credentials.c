/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "client/credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { ARENA_BYTES = 1024 * 1024 };

static void what_is_kept_is_found_until_it_is_forgotten(void **state)
{
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    struct error err = {0};
    struct credential found = {0};
    bool was_there = false;
    char template[] = "/tmp/trommel-credentials-XXXXXX";
    assert_non_null(mkdtemp(template));
    assert_int_equal(setenv("XDG_CONFIG_HOME", template, 1), 0);
    assert_true(credentials_find(arena, "https://a", &found, &err));
    assert_null(found.token);
    const struct credential first = {"https://a", "secret-a", "anna", "1"},
                            second = {"https://b", "secret-b", NULL, NULL};
    assert_true(credentials_keep(arena, &first, &err) && credentials_keep(arena, &second, &err));
    assert_true(credentials_find(arena, "https://a", &found, &err));
    assert_string_equal(found.token, "secret-a");
    assert_string_equal(found.user, "anna");
    assert_true(credentials_find(arena, NULL, &found, &err));
    assert_string_equal(found.url, "https://b");
    struct stat status;
    assert_int_equal(stat(credentials_path(arena), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_true(credentials_forget(arena, "https://b", &was_there, &err) && was_there);
    assert_true(credentials_forget(arena, "https://b", &was_there, &err) && !was_there);
    assert_true(credentials_find(arena, NULL, &found, &err));
    assert_null(found.url);
    assert_int_equal(chmod(credentials_path(arena), 0640), 0);
    assert_false(credentials_find(arena, "https://a", &found, &err));
    assert_int_equal(err.code, ERR_DENIED);
    (void)remove(credentials_path(arena));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_kept_is_found_until_it_is_forgotten)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
