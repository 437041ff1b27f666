/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/file.h"
#include "temp_folder.h"

#include <sys/stat.h>

struct fixture {
    char folder[TEMP_PATH_BYTES], path[TEMP_PATH_BYTES + 16];
    struct error err;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    temp_folder_make(fixture->folder);
    (void)snprintf(fixture->path, sizeof(fixture->path), "%s/file", fixture->folder);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    temp_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

static void write_file(struct fixture *fixture, size_t bytes)
{
    FILE *file = fopen(fixture->path, "w");
    assert_non_null(file);
    for (size_t i = 0; i < bytes; i++)
        (void)fputc('a' + (int)(i % 26), file);
    (void)fclose(file);
}

static void a_file_is_read_whole_up_to_the_limit(void **state)
{
    static const size_t sizes[] = {0, 1, 255, 256, 257, 4000};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        AUTO_BUFFER(exact, sizes[i]);
        AUTO_BUFFER(short_by_one, sizes[i] - 1);
        write_file(fixture, sizes[i]);
        assert_true(file_read(fixture->path, &exact, &fixture->err));
        assert_int_equal(exact.size, sizes[i]);
        assert_int_equal(strlen(exact.data), sizes[i]);
        assert_true(file_read(fixture->path, &exact, &fixture->err));
        assert_int_equal(exact.size, sizes[i]);
        if (sizes[i] == 0)
            continue;
        assert_false(file_read(fixture->path, &short_by_one, &fixture->err));
        assert_int_equal(fixture->err.code, ERR_LIMIT);
        assert_non_null(strstr(fixture->err.message, fixture->path));
    }
}

static void what_is_no_file_is_refused(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUFFER(into, 1000);
    assert_false(file_exists(NULL, fixture->path));
    assert_false(file_read(fixture->path, &into, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_NOT_FOUND);
    assert_false(file_exists(NULL, fixture->folder));
    assert_false(file_read(fixture->folder, &into, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_INVALID);
    assert_int_equal(mkfifo(fixture->path, 0600), 0);
    assert_false(file_exists(NULL, fixture->path));
    assert_false(file_read(fixture->path, &into, &fixture->err)); /* and nobody waits for a writer */
    assert_int_equal(fixture->err.code, ERR_INVALID);
}

/* Files of /proc say that they are empty, and are not. */
static void a_file_longer_than_it_says_is_read_to_its_end(void **state)
{
    struct fixture *fixture = *state;
    AUTO_BUFFER(into, 100000);
    AUTO_BUFFER(small, 10);
    assert_true(file_read("/proc/self/status", &into, &fixture->err));
    assert_true(into.size > 300);
    assert_non_null(strstr(into.data, "VmPeak"));
    assert_true(file_read("/proc/self/status", &into, &fixture->err));
    assert_true(into.size > 300 && into.size < 90000);
    assert_false(file_read("/proc/self/status", &small, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_read_whole_up_to_the_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_file_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_longer_than_it_says_is_read_to_its_end, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
