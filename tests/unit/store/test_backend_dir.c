/* SPDX-License-Identifier: Apache-2.0 */
/* What only a folder on disk has: links, pipes, foreign writers, files left behind. */
#include "test.h"

#include "base/process.h"
#include "store_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void make_link(struct fixture *fixture, const char *target, const char *name)
{
    char path[TEMP_PATH_BYTES * 2];
    (void)snprintf(path, sizeof(path), "%s/%s", fixture->root, name);
    assert_int_equal(symlink(target, path), 0);
}

/* A file outside the root that must stay as it is. */
static void make_secret(struct fixture *fixture)
{
    char path[TEMP_PATH_BYTES * 2];
    (void)snprintf(path, sizeof(path), "%s/outside", fixture->folder);
    assert_int_equal(mkdir(path, 0777), 0);
    (void)snprintf(path, sizeof(path), "%s/outside/secret", fixture->folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs("secret", file);
    (void)fclose(file);
}

static void assert_secret_is_untouched(struct fixture *fixture)
{
    char path[TEMP_PATH_BYTES * 2], text[16] = "";
    (void)snprintf(path, sizeof(path), "%s/outside/secret", fixture->folder);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof(text), file));
    (void)fclose(file);
    assert_string_equal(text, "secret");
}

static void links_out_of_the_root_lead_nowhere(void **state)
{
    static const char *const keys[] = {"out",   "folder/out", "absolute", "up/secret", "a/way/up/secret",
                                       "chain", "dots"};
    struct fixture *fixture = *state;
    char absolute[TEMP_PATH_BYTES * 2];
    make_secret(fixture);
    put(fixture, "folder/x", "x");
    put(fixture, "a/way/x", "x");
    (void)snprintf(absolute, sizeof(absolute), "%s/outside/secret", fixture->folder);
    make_link(fixture, "../outside/secret", "out");
    make_link(fixture, "../../outside/secret", "folder/out");
    make_link(fixture, absolute, "absolute");
    make_link(fixture, "../outside", "up");
    make_link(fixture, "../../../outside", "a/way/up");
    make_link(fixture, "folder/./../out", "chain");
    make_link(fixture, "./../outside/secret", "dots");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct store_stat stat;
        struct store_map map;
        assert_false(store_get(fixture->store, keys[i], &fixture->buffer, &fixture->err));
        assert_int_equal(fixture->err.code, ERR_DENIED);
        assert_false(store_stat(fixture->store, keys[i], &stat, &fixture->err));
        assert_int_equal(fixture->err.code, ERR_DENIED);
        assert_false(store_map(fixture->store, keys[i], &map, &fixture->err));
        assert_int_equal(fixture->err.code, ERR_DENIED);
    }
    assert_false(store_put(fixture->store, "up/secret", (struct bytes){"x", 1}, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_DENIED);
    assert_false(store_put(fixture->store, "up/new/secret", (struct bytes){"x", 1}, &fixture->err));
    assert_false(store_delete(fixture->store, "up/secret", &fixture->err));
    assert_int_equal(fixture->err.code, ERR_DENIED);
    assert_false(store_delete_below(fixture->store, "up/secret", &fixture->err));
    assert_secret_is_untouched(fixture);
    uint64_t skipped = 0;
    assert_string_equal(list(fixture, "", &skipped), "a/way/x\nfolder/x\n");
    assert_int_equal(skipped, 7);
}

static void links_inside_the_root_are_followed(void **state)
{
    struct fixture *fixture = *state;
    uint64_t skipped = 0;
    put(fixture, "data/real/file", "bytes");
    put(fixture, "deep/er/x", "x");
    make_link(fixture, "data/real/file", "direct");
    make_link(fixture, "../../data/./real//file", "deep/er/far");
    make_link(fixture, "deep/er/far", "chain");
    make_link(fixture, "data/real", "folder");
    make_link(fixture, "folder/../real/file", "through");
    make_link(fixture, "./..//deep/./er/x", "data/dots");
    make_link(fixture, "loop", "loop");
    make_link(fixture, "nothing", "dangling");
    static const char *const keys[] = {"direct", "deep/er/far", "chain", "folder/file", "through"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        assert_string_equal(get(fixture, keys[i]), "bytes");
    assert_string_equal(get(fixture, "data/dots"), "x");
    assert_string_equal(get(fixture, "dangling"), "(none)");
    assert_false(store_get(fixture->store, "loop", &fixture->buffer, &fixture->err));
    assert_string_equal(list(fixture, "", &skipped),
                        "chain\ndata/dots\ndata/real/file\ndeep/er/far\ndeep/er/x\ndirect\nthrough\n");
    assert_int_equal(skipped, 3);
}

static void writing_to_a_link_replaces_the_link(void **state)
{
    struct fixture *fixture = *state;
    make_secret(fixture);
    put(fixture, "file", "kept");
    make_link(fixture, "file", "in");
    make_link(fixture, "../outside/secret", "out");
    put(fixture, "in", "new");
    put(fixture, "out", "new");
    assert_string_equal(get(fixture, "in"), "new");
    assert_string_equal(get(fixture, "out"), "new");
    assert_string_equal(get(fixture, "file"), "kept");
    assert_secret_is_untouched(fixture);
}

static void deleting_takes_links_and_not_what_they_point_at(void **state)
{
    struct fixture *fixture = *state;
    make_secret(fixture);
    put(fixture, "keep/file", "kept");
    put(fixture, "gone/x", "x");
    make_link(fixture, "../keep", "gone/in");
    make_link(fixture, "../../outside", "gone/out");
    make_link(fixture, "../outside", "top");
    assert_true(store_delete_below(fixture->store, "gone", &fixture->err));
    assert_true(store_delete_below(fixture->store, "top", &fixture->err));
    assert_string_equal(list(fixture, "", NULL), "keep/file\n");
    assert_string_equal(get(fixture, "keep/file"), "kept");
    assert_secret_is_untouched(fixture);
}

static void pipes_are_no_objects_and_nobody_waits_for_them(void **state)
{
    struct fixture *fixture = *state;
    char path[TEMP_PATH_BYTES * 2];
    uint64_t skipped = 0;
    (void)snprintf(path, sizeof(path), "%s/pipe", fixture->root);
    assert_int_equal(mkfifo(path, 0666), 0);
    assert_string_equal(get(fixture, "pipe"), "(none)");
    assert_string_equal(list(fixture, "", &skipped), "");
    assert_int_equal(skipped, 1);
}

static size_t count_files(struct fixture *fixture, const char *folder)
{
    char command[TEMP_PATH_BYTES * 2], text[32] = "";
    (void)snprintf(command, sizeof(command), "ls -A '%s/%s' | wc -l", fixture->root, folder);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_non_null(fgets(text, sizeof(text), pipe));
    (void)pclose(pipe);
    return (size_t)strtoul(text, NULL, 10);
}

static void what_a_killed_writer_left_is_invisible_and_removed_by_the_next(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "folder/object", "old");
    pid_t child = fork();
    if (child == 0) {
        struct store *store = NULL;
        struct store_writer *writer = NULL;
        bool is_ok = store_open_backend(&fixture->backend, fixture->root, false, &store, &fixture->err) &&
                     store_write_start(store, "folder/object", &writer, &fixture->err) &&
                     store_write_add(writer, (struct bytes){"half", 4}, &fixture->err);
        (void)kill(getpid(), is_ok ? SIGKILL : SIGTERM);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(count_files(fixture, "folder"), 2);
    assert_string_equal(get(fixture, "folder/object"), "old");
    assert_string_equal(list(fixture, "", NULL), "folder/object\n");

    AUTO(store) next = NULL;
    assert_true(store_open_backend(&fixture->backend, fixture->root, false, &next, &fixture->err));
    assert_true(store_put(next, "folder/other", (struct bytes){"x", 1}, &fixture->err));
    assert_int_equal(count_files(fixture, "folder"), 2);
    assert_string_equal(list(fixture, "", NULL), "folder/object\nfolder/other\n");
}

static void temporary_files_of_living_writers_and_other_machines_stay(void **state)
{
    struct fixture *fixture = *state;
    AUTO(store) next = NULL;
    AUTO(store_writer) writer = NULL;
    char path[TEMP_PATH_BYTES * 2];
    assert_true(store_write_start(fixture->store, "f/object", &writer, &fixture->err));
    for (int is_old = 0; is_old < 2; is_old++) {
        (void)snprintf(path, sizeof(path), "%s/f/" STORE_RESERVED_PREFIX "elsewhere:1:1~%d", fixture->root,
                       is_old);
        int file = open(path, O_CREAT | O_WRONLY, 0666);
        struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
        if (is_old)
            assert_int_equal(futimens(file, times), 0);
        (void)close(file);
    }
    assert_int_equal(count_files(fixture, "f"), 3);
    assert_true(store_open_backend(&fixture->backend, fixture->root, false, &next, &fixture->err));
    assert_true(store_put(next, "f/x", (struct bytes){"x", 1}, &fixture->err));
    assert_int_equal(count_files(fixture, "f"), 3); /* the writer's, the young one and x */
    assert_true(store_write_finish(writer, &fixture->err));
    assert_string_equal(list(fixture, "", NULL), "f/object\nf/x\n");
}

static void a_root_that_is_a_file_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char path[TEMP_PATH_BYTES * 2];
    struct store *store = NULL;
    put(fixture, "file", "x");
    (void)snprintf(path, sizeof(path), "%s/file", fixture->root);
    assert_false(store_open_backend(&fixture->backend, path, false, &store, &fixture->err));
    assert_false(store_open_backend(&fixture->backend, path, true, &store, &fixture->err));
    (void)strcat(path, "/below");
    assert_false(store_open_backend(&fixture->backend, path, true, &store, &fixture->err));
    assert_null(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_EACH(links_out_of_the_root_lead_nowhere),
        ON_EACH(links_inside_the_root_are_followed),
        ON_EACH(writing_to_a_link_replaces_the_link),
        ON_EACH(deleting_takes_links_and_not_what_they_point_at),
        ON_EACH(pipes_are_no_objects_and_nobody_waits_for_them),
        ON_EACH(what_a_killed_writer_left_is_invisible_and_removed_by_the_next),
        ON_EACH(temporary_files_of_living_writers_and_other_machines_stay),
        ON_EACH(a_root_that_is_a_file_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
