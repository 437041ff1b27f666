/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "picture/cache_disk.h"
#include "temp_folder.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BODY_BYTES = 1000, LIMIT_BYTES = 20 * BODY_BYTES, KEYS = 60 };

struct fixture {
    char folder[TEMP_PATH_BYTES];
    struct cache_disk *disk;
    char body[BODY_BYTES];
};

static int set_up(void **state)
{
    struct error err = {0};
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    temp_folder_make(fixture->folder);
    memset(fixture->body, 'b', sizeof(fixture->body));
    assert_true(cache_disk_open(fixture->folder, LIMIT_BYTES, &fixture->disk, &err));
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    fixture->disk = cache_disk_free(fixture->disk);
    temp_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

static void key_of(int number, char ret[40])
{
    (void)snprintf(ret, 40, "%02x%030x", number, number);
}

static void put(struct fixture *fixture, int number)
{
    struct error err = {0};
    char key[40];
    key_of(number, key);
    if (!cache_disk_put(fixture->disk, key, (struct bytes){fixture->body, BODY_BYTES}, &err))
        fail_msg("%s", err.message);
}

static bool has(struct fixture *fixture, int number)
{
    char key[40];
    key_of(number, key);
    return cache_disk_has(fixture->disk, key);
}

/* As if it was used so many seconds ago. */
static void age(struct fixture *fixture, int number, int seconds)
{
    char key[40], path[TEMP_PATH_BYTES + 64];
    key_of(number, key);
    (void)snprintf(path, sizeof(path), "%s/%.2s/%s.jpg", fixture->folder, key, key);
    const struct timespec times[2] = {{time(NULL) - seconds, 0}, {time(NULL) - seconds, 0}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void what_is_put_is_got_back(void **state)
{
    struct fixture *fixture = *state;
    char key[40], body[BODY_BYTES];
    int fd = -1;
    uint64_t bytes = 0;
    key_of(1, key);
    assert_false(cache_disk_get(fixture->disk, key, &fd, &bytes));
    put(fixture, 1);
    assert_true(cache_disk_get(fixture->disk, key, &fd, &bytes));
    assert_int_equal(bytes, BODY_BYTES);
    assert_int_equal(read(fd, body, sizeof(body)), BODY_BYTES);
    assert_memory_equal(body, fixture->body, BODY_BYTES);
    (void)close(fd);
}

static void the_limit_holds_and_the_oldest_go_first(void **state)
{
    struct fixture *fixture = *state;
    int kept = 0;
    for (int i = 0; i < KEYS; i++) {
        put(fixture, i);
        age(fixture, i, 10000 - i * 10);
    }
    put(fixture, KEYS);
    put(fixture, KEYS + 1);
    for (int i = 0; i < KEYS; i++) {
        kept += has(fixture, i);
        if (i > 0 && has(fixture, i - 1))
            assert_true(has(fixture, i)); /* no newer one went before an older one */
    }
    assert_true(has(fixture, KEYS + 1));
    /* The limit, and what may be written before the next look. */
    assert_in_range(kept, LIMIT_BYTES / BODY_BYTES / 2,
                    LIMIT_BYTES / BODY_BYTES + LIMIT_BYTES / BODY_BYTES / CACHE_DISK_SHARE + 1);
}

static void what_is_used_stays(void **state)
{
    struct fixture *fixture = *state;
    char key[40];
    int fd = -1;
    uint64_t bytes = 0;
    for (int i = 0; i < 15; i++) {
        put(fixture, i);
        age(fixture, i, 5000 - i);
    }
    key_of(0, key); /* the oldest, used now */
    assert_true(cache_disk_get(fixture->disk, key, &fd, &bytes));
    (void)close(fd);
    for (int i = 15; i < 40; i++) {
        put(fixture, i);
        age(fixture, i, 1000 - i);
    }
    assert_true(has(fixture, 0));
    assert_false(has(fixture, 1));
}

static void a_file_that_lost_its_content_is_not_there(void **state)
{
    struct fixture *fixture = *state;
    char key[40], path[TEMP_PATH_BYTES + 64];
    key_of(3, key);
    put(fixture, 3);
    (void)snprintf(path, sizeof(path), "%s/%.2s/%s.jpg", fixture->folder, key, key);
    assert_int_equal(truncate(path, 0), 0);
    assert_false(has(fixture, 3));
    put(fixture, 3);
    assert_true(has(fixture, 3));
}

/* Two processes write and remove at once; one of them is killed. */
static void processes_that_share_and_die_leave_whole_files_within_the_limit(void **state)
{
    struct fixture *fixture = *state;
    for (int round = 0; round < 10; round++) {
        pid_t child = fork();
        if (child == 0) {
            struct error err = {0};
            struct cache_disk *own = NULL;
            struct fixture other = *fixture;
            if (!cache_disk_open(fixture->folder, LIMIT_BYTES, &own, &err))
                _exit(1);
            other.disk = own;
            for (int i = 0;; i++)
                put(&other, i % 256);
        }
        for (int i = 0; i < 100; i++)
            put(fixture, 255 - i);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
    }
    int kept = 0;
    for (int i = 0; i < 3; i++)
        put(fixture, i);
    for (int i = 0; i < 256; i++) {
        char key[40];
        int fd = -1;
        uint64_t bytes = 0;
        key_of(i, key);
        if (!cache_disk_get(fixture->disk, key, &fd, &bytes))
            continue;
        kept++;
        assert_int_equal(bytes, BODY_BYTES);
        (void)close(fd);
    }
    assert_in_range(kept, 1, 2 * LIMIT_BYTES / BODY_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_put_is_got_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_limit_holds_and_the_oldest_go_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_used_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_lost_its_content_is_not_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(processes_that_share_and_die_leave_whole_files_within_the_limit,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
