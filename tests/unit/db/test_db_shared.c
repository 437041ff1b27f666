/* SPDX-License-Identifier: Apache-2.0 */
/* The driver contract where several handles, threads and processes meet; and what only a file can do. */
#include "test.h"

#include "base/workers.h"
#include "db_fixture.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void a_private_database_has_one_handle(void **state)
{
    struct fixture *fixture = *state;
    struct db *other = NULL;
    assert_false(db_open_again(fixture->db, &other, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_INVALID);
}

static void a_second_handle_sees_what_was_committed(void **state)
{
    struct fixture *fixture = *state;
    AUTO(db) other = NULL;
    make_table(fixture);
    assert_true(db_open_again(fixture->db, &other, &fixture->err));
    assert_true(db_begin(fixture->db, &fixture->err));
    assert_true(add_thing(fixture->db, 1, "a", &fixture->err));
    assert_int_equal(count_things(fixture, other), 0);
    assert_true(db_commit(fixture->db, &fixture->err));
    assert_int_equal(count_things(fixture, other), 1);
}

static void closing_rolls_back_what_was_not_committed(void **state)
{
    struct fixture *fixture = *state;
    make_table(fixture);
    assert_true(db_begin(fixture->db, &fixture->err));
    assert_true(add_thing(fixture->db, 1, "a", &fixture->err));
    fixture->db = db_free(fixture->db);
    assert_true(db_open(fixture->url, &fixture->db, &fixture->err));
    assert_int_equal(count_things(fixture, fixture->db), 0);
}

/* A rule may break in the last row: the pages of all others are kept until then, in a file once they are
 * many. */
static void a_statement_may_change_more_than_is_kept_in_memory(void **state)
{
    struct fixture *fixture = *state;
    int64_t changed = 0;
    run(fixture, "CREATE TABLE page (id INTEGER PRIMARY KEY, words TEXT NOT NULL)");
    run(fixture, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
                 "INSERT INTO page (id, words) SELECT i, 'words that fill pages, so that there are many of "
                 "them: a hundred bytes or so in each row' FROM n");
    assert_true(db_begin(fixture->db, &fixture->err));
    if (!db_exec(fixture->db, "UPDATE page SET words = words || '.'", DB_NO_ARGS, &changed, &fixture->err))
        fail_msg("%s", fixture->err.message);
    assert_true(db_commit(fixture->db, &fixture->err));
    assert_int_equal(changed, 20000);
}

static void acknowledged_commits_survive_a_kill(void **state)
{
    struct fixture *fixture = *state;
    enum { THINGS = 20 };
    make_table(fixture);
    fixture->db = db_free(fixture->db); /* a handle must not cross a fork */
    pid_t child = fork();
    if (child == 0) {
        struct db *db = NULL;
        bool is_ok = db_open(fixture->url, &db, &fixture->err);
        for (int i = 1; is_ok && i <= THINGS; i++)
            is_ok = add_thing(db, i, NULL, &fixture->err);
        is_ok = is_ok && db_begin(db, &fixture->err) && add_thing(db, 999, "not committed", &fixture->err);
        (void)kill(getpid(), is_ok ? SIGKILL : SIGTERM);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_true(db_open(fixture->url, &fixture->db, &fixture->err));
    assert_int_equal(count_things(fixture, fixture->db), THINGS);
}

enum { WRITERS = 4, WRITES_EACH = 25 };

static bool write_some(void *state, uint32_t index, struct error *err)
{
    const struct fixture *fixture = state;
    AUTO(db) db = NULL;
    if (!db_open(fixture->url, &db, err))
        return false;
    for (uint32_t i = 0; i < WRITES_EACH; i++) {
        if (!db_begin(db, err) || !add_thing(db, (int64_t)index * 1000 + i, NULL, err) || !db_commit(db, err))
            return false;
    }
    return true;
}

static void writers_wait_for_each_other(void **state)
{
    struct fixture *fixture = *state;
    make_table(fixture);
    if (!workers_run(WRITERS, write_some, fixture, &fixture->err))
        fail_msg("%s", fixture->err.message);
    assert_int_equal(count_things(fixture, fixture->db), WRITERS * WRITES_EACH);
}

/* The size limit of files makes the write of a commit fail, as a broken disk would. */
static void a_commit_that_cannot_be_written_is_uncertain(void **state)
{
    struct fixture *fixture = *state;
    struct rlimit limit, none;
    make_table(fixture);
    assert_true(db_begin(fixture->db, &fixture->err));
    assert_true(add_thing(fixture->db, 1, "a", &fixture->err));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = limit.rlim_max};
    void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    bool is_committed = db_commit(fixture->db, &fixture->err);
    struct error own = {0};
    bool is_own_committed = add_thing(fixture->db, 2, "b", &own);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    (void)signal(SIGXFSZ, before);
    assert_false(is_committed);
    assert_int_equal(fixture->err.code, ERR_UNCERTAIN);
    assert_false(is_own_committed);
    assert_int_equal(own.code, ERR_UNCERTAIN);
    assert_true(add_thing(fixture->db, 3, "c", &fixture->err));
    assert_int_equal(count_things(fixture, fixture->db), 1);
}

static void a_file_that_is_no_database_is_an_error(void **state)
{
    struct fixture *fixture = *state;
    char path[TEMP_PATH_BYTES + 16], url[TEMP_PATH_BYTES + 32];
    struct db *db = NULL;
    (void)snprintf(path, sizeof(path), "%s/other", fixture->folder);
    (void)snprintf(url, sizeof(url), "sqlite:%s", path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < 1000; i++)
        (void)fprintf(file, "this is not a database\n");
    (void)fclose(file);
    assert_false(db_open(url, &db, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_IO);
    assert_non_null(strstr(fixture->err.message, path));
}

#define OF_SHARED(ON)                                                                                        \
    ON(a_second_handle_sees_what_was_committed), ON(closing_rolls_back_what_was_not_committed),              \
        ON(a_statement_may_change_more_than_is_kept_in_memory), ON(acknowledged_commits_survive_a_kill),     \
        ON(writers_wait_for_each_other)

int main(void)
{
    const struct CMUnitTest on_server[] = {OF_SHARED(ON_SERVER)};
    const struct CMUnitTest on_sqlite[] = {
        OF_SHARED(ON_FILE),
        ON_MEMORY(a_private_database_has_one_handle),
        ON_FILE(a_commit_that_cannot_be_written_is_uncertain),
        ON_FILE(a_file_that_is_no_database_is_an_error),
    };
    if (test_database_is_postgresql())
        return cmocka_run_group_tests(on_server, NULL, NULL);
    return cmocka_run_group_tests(on_sqlite, NULL, NULL);
}
