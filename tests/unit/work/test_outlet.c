/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "temp_folder.h"
#include "work/outlet.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    char folder[TEMP_PATH_BYTES], path[TEMP_PATH_BYTES + 32], read[64];
    struct error err;
};

static int setup(void **state)
{
    struct place *place = calloc(1, sizeof(*place));
    assert_non_null(place);
    temp_folder_make(place->folder);
    (void)snprintf(place->path, sizeof(place->path), "%s/out", place->folder);
    *state = place;
    return 0;
}

static int teardown(void **state)
{
    struct place *place = *state;
    temp_folder_remove(place->folder);
    free(place);
    return 0;
}

static const char *content(struct place *place)
{
    int file = open(place->path, O_RDONLY | O_CLOEXEC);
    ssize_t bytes = read(file, place->read, sizeof(place->read) - 1);
    place->read[bytes < 0 ? 0 : bytes] = '\0';
    (void)close(file);
    return place->read;
}

static void write_words(struct place *place, struct outlet *outlet)
{
    assert_true(outlet_write(outlet, (struct bytes){"one ", 4}, &place->err));
    assert_true(outlet_write(outlet, (struct bytes){"two", 3}, &place->err));
}

static void a_file_appears_when_it_is_finished(void **state)
{
    struct place *place = *state;
    struct outlet outlet;
    struct stat stat_of;
    assert_true(outlet_open(place->path, true, &outlet, &place->err));
    write_words(place, &outlet);
    assert_int_not_equal(stat(place->path, &stat_of), 0);
    assert_true(outlet_finish(&outlet, &place->err));
    outlet_release(&outlet);
    assert_string_equal(content(place), "one two");
}

static void a_file_that_is_not_finished_stays_as_it_was(void **state)
{
    struct place *place = *state;
    struct outlet outlet;
    a_file_appears_when_it_is_finished(state);
    assert_true(outlet_open(place->path, true, &outlet, &place->err));
    assert_true(outlet_write(&outlet, (struct bytes){"other", 5}, &place->err));
    outlet_release(&outlet);
    assert_string_equal(content(place), "one two");
}

static void a_pipe_is_written_to_and_stays_a_pipe(void **state)
{
    struct place *place = *state;
    struct outlet outlet;
    struct stat stat_of;
    char read_back[16] = "";
    assert_int_equal(mkfifo(place->path, 0600), 0);
    int reader = open(place->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(reader >= 0);
    assert_true(outlet_open(place->path, true, &outlet, &place->err));
    assert_null(outlet.store);
    write_words(place, &outlet);
    assert_true(outlet_finish(&outlet, &place->err));
    outlet_release(&outlet);
    assert_int_equal(read(reader, read_back, sizeof(read_back) - 1), 7);
    assert_string_equal(read_back, "one two");
    (void)close(reader);
    assert_int_equal(stat(place->path, &stat_of), 0);
    assert_true(S_ISFIFO(stat_of.st_mode));
}

static void a_link_to_a_pipe_is_a_pipe(void **state)
{
    struct place *place = *state;
    struct outlet outlet;
    struct stat stat_of;
    char pipe_path[TEMP_PATH_BYTES + 32];
    (void)snprintf(pipe_path, sizeof(pipe_path), "%s/pipe", place->folder);
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    assert_int_equal(symlink(pipe_path, place->path), 0);
    int reader = open(pipe_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(outlet_open(place->path, true, &outlet, &place->err));
    assert_null(outlet.writer);
    outlet_release(&outlet);
    (void)close(reader);
    assert_int_equal(lstat(place->path, &stat_of), 0);
    assert_true(S_ISLNK(stat_of.st_mode));
}

static void folders_are_made_where_that_is_wanted(void **state)
{
    struct place *place = *state;
    struct outlet outlet;
    (void)snprintf(place->path, sizeof(place->path), "%s/new/out", place->folder);
    assert_false(outlet_open(place->path, false, &outlet, &place->err));
    outlet_release(&outlet);
    assert_int_equal(place->err.code, ERR_NOT_FOUND);
    assert_true(outlet_open(place->path, true, &outlet, &place->err));
    write_words(place, &outlet);
    assert_true(outlet_finish(&outlet, &place->err));
    outlet_release(&outlet);
    assert_string_equal(content(place), "one two");
}

static void a_folder_is_refused(void **state)
{
    struct place *place = *state;
    struct outlet outlet;
    assert_false(outlet_open(place->folder, true, &outlet, &place->err));
    assert_non_null(strstr(place->err.message, "is a folder"));
    outlet_release(&outlet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(a_file_appears_when_it_is_finished),    T(a_file_that_is_not_finished_stays_as_it_was),
        T(a_pipe_is_written_to_and_stays_a_pipe), T(a_link_to_a_pipe_is_a_pipe),
        T(folders_are_made_where_that_is_wanted), T(a_folder_is_refused),
    };
    return cmocka_run_group_tests_name("outlet", tests, NULL, NULL);
}
