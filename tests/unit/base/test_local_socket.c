/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/local_socket.h"
#include "temp_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, LONG_NAME_BYTES = 200 };

struct fixture {
    char folder[TEMP_PATH_BYTES];
    struct local_socket socket;
    struct error err;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    temp_folder_make(fixture->folder);
    fixture->socket = (struct local_socket){-1, -1, -1};
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    local_socket_end(&fixture->socket);
    temp_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

static void listen_there(struct fixture *fixture)
{
    if (!local_socket_listen(fixture->folder, &fixture->socket, &fixture->err))
        fail_msg("%s", fixture->err.message);
}

static const char *path_of(const struct fixture *fixture, const char *name, char path[PATH_BYTES])
{
    (void)snprintf(path, PATH_BYTES, "%s/%s", fixture->folder, name);
    return path;
}

static void it_is_live_from_listening_to_its_end(void **state)
{
    struct fixture *fixture = *state;
    char path[PATH_BYTES];
    assert_false(local_socket_is_live(fixture->folder));
    listen_there(fixture);
    assert_true(local_socket_is_live(fixture->folder));
    local_socket_end(&fixture->socket);
    assert_int_equal(fixture->socket.listening, -1);
    assert_false(local_socket_is_live(fixture->folder));
    assert_int_not_equal(access(path_of(fixture, LOCAL_SOCKET_NAME, path), F_OK), 0);
}

static void only_its_owner_may_open_it(void **state)
{
    struct fixture *fixture = *state;
    struct stat status;
    char path[PATH_BYTES];
    const mode_t before = umask(0);
    listen_there(fixture);
    (void)umask(before);
    assert_int_equal(lstat(path_of(fixture, LOCAL_SOCKET_NAME, path), &status), 0);
    assert_true(S_ISSOCK(status.st_mode));
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(lstat(path_of(fixture, LOCAL_SOCKET_LOCK_NAME, path), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void one_holds_the_folder_and_the_next_hears_who(void **state)
{
    struct fixture *fixture = *state;
    struct local_socket second = {-1, -1, -1};
    char process[32];
    listen_there(fixture);
    assert_false(local_socket_listen(fixture->folder, &second, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CONFLICT);
    (void)snprintf(process, sizeof(process), "process %ld,", (long)getpid());
    assert_non_null(strstr(fixture->err.message, process));
    assert_int_equal(second.listening, -1);
    assert_true(local_socket_is_live(fixture->folder));
    local_socket_end(&fixture->socket);
    listen_there(fixture);
}

static void what_a_dead_server_left_is_nobody_and_is_replaced(void **state)
{
    struct fixture *fixture = *state;
    listen_there(fixture);
    /* As the kernel does when the process dies. */
    (void)close(fixture->socket.listening);
    (void)close(fixture->socket.lock);
    (void)close(fixture->socket.folder);
    assert_false(local_socket_is_live(fixture->folder));
    listen_there(fixture);
    assert_true(local_socket_is_live(fixture->folder));
}

static void the_folder_may_have_a_long_name(void **state)
{
    struct fixture *fixture = *state;
    struct local_socket socket;
    char name[LONG_NAME_BYTES + 1], path[PATH_BYTES];
    memset(name, 'n', LONG_NAME_BYTES);
    name[LONG_NAME_BYTES] = '\0';
    assert_true(LONG_NAME_BYTES > sizeof(((struct sockaddr_un *)NULL)->sun_path));
    assert_int_equal(mkdir(path_of(fixture, name, path), 0700), 0);
    assert_true(local_socket_listen(path, &socket, &fixture->err));
    assert_true(local_socket_is_live(path));
    local_socket_end(&socket);
}

static void a_folder_that_is_not_there_is_told(void **state)
{
    struct fixture *fixture = *state;
    char path[PATH_BYTES];
    assert_false(local_socket_listen(path_of(fixture, "none", path), &fixture->socket, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_NOT_FOUND);
    assert_false(local_socket_is_live(path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_CASE(it_is_live_from_listening_to_its_end),
        TEST_CASE(only_its_owner_may_open_it),
        TEST_CASE(one_holds_the_folder_and_the_next_hears_who),
        TEST_CASE(what_a_dead_server_left_is_nobody_and_is_replaced),
        TEST_CASE(the_folder_may_have_a_long_name),
        TEST_CASE(a_folder_that_is_not_there_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
