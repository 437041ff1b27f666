/* SPDX-License-Identifier: Apache-2.0 */
/* What only a server can do to us: it goes away, comes back, waits, wants a password. Runs on
 * tests/with_postgresql.py. */
#include "test.h"

#include "base/clock.h"
#include "db/db.h"
#include "test_database.h"

#include <signal.h>
#include <string.h>

enum { ARENA_BYTES = 1024 * 1024, PATIENCE_MS = 60000 };

struct fixture {
    char url[TEST_DATABASE_URL_BYTES];
    struct db *db;
    struct arena *arena;
    struct error err;
};

static void run(struct fixture *fixture, struct db *db, const char *sql)
{
    if (!db_exec(db, sql, DB_NO_ARGS, NULL, &fixture->err))
        fail_msg("%s: %s", sql, fixture->err.message);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    *state = fixture;
    assert_non_null(fixture->arena = arena_new(ARENA_BYTES));
    if (!test_database_is_postgresql())
        return 0;
    test_database_url(NULL, fixture->url);
    if (!db_open(fixture->url, &fixture->db, &fixture->err))
        fail_msg("%s", fixture->err.message);
    run(fixture, fixture->db, "CREATE TABLE thing (id BIGINT PRIMARY KEY)");
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    fixture->db = db_free(fixture->db);
    fixture->arena = arena_free(fixture->arena);
    free(fixture);
    return 0;
}

struct number {
    int64_t value;
};
static const struct db_column number_columns[] = {DB_COLUMN_INT(struct number, value), DB_COLUMN_END};

struct word {
    const char *text;
};
static const struct db_column word_columns[] = {DB_COLUMN_TEXT(struct word, text), DB_COLUMN_END};

static bool ask(struct db *db, struct arena *arena, const char *sql, int64_t *ret, struct error *err)
{
    struct number number = {-1};
    bool is_found = false;
    if (!db_select_one(db, arena, sql, DB_NO_ARGS, number_columns, &number, &is_found, err))
        return false;
    *ret = number.value;
    return true;
}

static int64_t number_of(struct fixture *fixture, struct db *db, const char *sql)
{
    int64_t number = 0;
    if (!ask(db, fixture->arena, sql, &number, &fixture->err))
        fail_msg("%s: %s", sql, fixture->err.message);
    return number;
}

static bool add(struct db *db, int64_t id, struct error *err)
{
    return db_exec(db, "INSERT INTO thing (id) VALUES ($1)", DB_ARGS(db_int(id)), NULL, err);
}

static int64_t count(struct fixture *fixture)
{
    return number_of(fixture, fixture->db, "SELECT COUNT(*) FROM thing");
}

/* Ends the session of `victim` and waits until it is gone. */
static void end_session(struct fixture *fixture, struct db *victim)
{
    AUTO(db) other = NULL;
    char sql[120];
    int64_t session = number_of(fixture, victim, "SELECT pg_backend_pid()");
    if (!db_open(fixture->url, &other, &fixture->err))
        fail_msg("%s", fixture->err.message);
    (void)snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%lld, %d)", (long long)session,
                   PATIENCE_MS);
    assert_int_equal(number_of(fixture, other, sql), 1);
}

static void an_idle_connection_that_ended_is_made_anew(void **state)
{
    struct fixture *fixture = *state;
    assert_true(add(fixture->db, 1, &fixture->err));
    end_session(fixture, fixture->db);
    assert_int_equal(count(fixture), 1);
    end_session(fixture, fixture->db);
    assert_true(add(fixture->db, 2, &fixture->err)); /* prepared on a connection that is gone */
    end_session(fixture, fixture->db);
    assert_true(db_begin(fixture->db, &fixture->err));
    assert_true(add(fixture->db, 3, &fixture->err));
    assert_true(db_commit(fixture->db, &fixture->err));
    assert_int_equal(count(fixture), 3);
}

static void a_transaction_whose_connection_ended_is_undone(void **state)
{
    struct fixture *fixture = *state;
    assert_true(db_begin(fixture->db, &fixture->err));
    assert_true(add(fixture->db, 1, &fixture->err));
    end_session(fixture, fixture->db);
    assert_false(add(fixture->db, 2, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_IO);
    assert_non_null(strstr(fixture->err.message, "lost"));
    assert_false(add(fixture->db, 3, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CONFLICT);
    db_rollback(fixture->db);
    assert_int_equal(count(fixture), 0);

    assert_true(db_begin(fixture->db, &fixture->err));
    assert_true(add(fixture->db, 4, &fixture->err));
    end_session(fixture, fixture->db);
    assert_false(db_commit(fixture->db, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_IO); /* surely not committed: nobody was asked to */
    assert_int_equal(count(fixture), 0);
}

static void a_commit_without_an_answer_is_uncertain(void **state)
{
    struct fixture *fixture = *state;
    run(fixture, fixture->db,
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $die$ BEGIN "
        "PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(60); RETURN NULL; END $die$");
    run(fixture, fixture->db,
        "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON thing DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION die()");
    assert_true(db_begin(fixture->db, &fixture->err));
    assert_true(add(fixture->db, 1, &fixture->err));
    assert_false(db_commit(fixture->db, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_UNCERTAIN);
    assert_false(add(fixture->db, 2, &fixture->err)); /* a transaction of its own */
    assert_int_equal(fixture->err.code, ERR_UNCERTAIN);
    assert_int_equal(count(fixture), 0);
}

static bool wait_for_answer(struct fixture *fixture)
{
    int64_t number = 0;
    for (int ms = 0; ms < PATIENCE_MS; ms += 50) {
        arena_reset(fixture->arena);
        if (ask(fixture->db, fixture->arena, "SELECT COUNT(*) FROM thing", &number, &fixture->err))
            return true;
        assert_int_equal(fixture->err.code, ERR_IO);
        clock_sleep_ms(50);
    }
    return false;
}

static void a_server_that_crashed_is_an_error_until_it_is_back(void **state)
{
    struct fixture *fixture = *state;
    const char *keeper = getenv("TROMMEL_TEST_KEEPER");
    int64_t number = 0;
    assert_true(add(fixture->db, 1, &fixture->err));
    assert_true(db_begin(fixture->db, &fixture->err));
    assert_true(add(fixture->db, 2, &fixture->err));
    assert_int_equal(kill((pid_t)strtol(keeper, NULL, 10), SIGUSR1), 0);
    for (int ms = 0; ms < PATIENCE_MS; ms += 50) {
        if (!ask(fixture->db, fixture->arena, "SELECT 1", &number, &fixture->err))
            break;
        clock_sleep_ms(50);
    }
    assert_int_equal(fixture->err.code, ERR_IO);
    db_rollback(fixture->db);
    clock_sleep_ms(500); /* the keeper waits for the end of the server */
    assert_false(db_begin(fixture->db, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_IO);
    assert_non_null(strstr(fixture->err.message, "postgres"));
    assert_false(add(fixture->db, 3, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_IO);

    assert_int_equal(kill((pid_t)strtol(keeper, NULL, 10), SIGUSR2), 0);
    assert_true(wait_for_answer(fixture));
    assert_int_equal(count(fixture), 1);
    assert_true(add(fixture->db, 2, &fixture->err));
}

static void who_writes_waits_and_gives_up_in_the_end(void **state)
{
    struct fixture *fixture = *state;
    char url[TEST_DATABASE_URL_BYTES + 40];
    AUTO(db) impatient = NULL;
    (void)snprintf(url, sizeof(url), "%s%%20-clock_timeout%%3D200", fixture->url);
    if (!db_open(url, &impatient, &fixture->err))
        fail_msg("%s", fixture->err.message);
    assert_true(db_begin(fixture->db, &fixture->err));
    assert_false(db_begin(impatient, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_IO);
    assert_non_null(strstr(fixture->err.message, "busy"));
    assert_false(add(impatient, 1, &fixture->err)); /* outside a transaction too */
    assert_int_equal(fixture->err.code, ERR_IO);
    assert_int_equal(number_of(fixture, impatient, "SELECT COUNT(*) FROM thing"), 0); /* readers do not */
    assert_true(db_commit(fixture->db, &fixture->err));
    assert_true(add(impatient, 1, &fixture->err));
}

static void schemas_of_one_database_do_not_wait_for_each_other(void **state)
{
    struct fixture *fixture = *state;
    char url[TEST_DATABASE_URL_BYTES];
    AUTO(db) other = NULL;
    test_database_url(NULL, url);
    assert_true(db_open(url, &other, &fixture->err));
    assert_true(db_begin(fixture->db, &fixture->err));
    assert_true(db_begin(other, &fixture->err));
    db_rollback(other);
    db_rollback(fixture->db);
}

static void a_session_has_the_limits_it_needs(void **state)
{
    static const struct {
        const char *name, *value;
    } settings[] = {
        {"lock_timeout", "20s"},
        {"statement_timeout", "10min"},
        {"idle_in_transaction_session_timeout", "1min"},
        {"client_encoding", "UTF8"},
        {"application_name", "trommel"},
        {"synchronous_commit", "on"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        struct word word = {NULL};
        bool is_found = false;
        assert_true(db_select_one(fixture->db, fixture->arena, "SELECT current_setting($1)",
                                  DB_ARGS(db_text(settings[i].name)), word_columns, &word, &is_found,
                                  &fixture->err));
        assert_string_equal(word.text, settings[i].value);
    }
}

static void a_statement_beyond_its_time_is_ended(void **state)
{
    struct fixture *fixture = *state;
    char url[TEST_DATABASE_URL_BYTES + 40];
    AUTO(db) hasty = NULL;
    int64_t number = 0;
    (void)snprintf(url, sizeof(url), "%s%%20-cstatement_timeout%%3D100", fixture->url);
    assert_true(db_open(url, &hasty, &fixture->err));
    assert_false(ask(hasty, fixture->arena, "SELECT 1 FROM pg_sleep(60)", &number, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_IO);
    assert_true(ask(hasty, fixture->arena, "SELECT 1", &number, &fixture->err));
}

static void a_search_path_without_a_schema_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char url[TEST_DATABASE_URL_BYTES];
    struct db *db = NULL;
    (void)snprintf(url, sizeof(url), "%s&options=-csearch_path%%3Dnowhere", getenv("TROMMEL_TEST_DATABASE"));
    assert_false(db_open(url, &db, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_INVALID);
    assert_non_null(strstr(fixture->err.message, "schema"));
}

static void wrong_places_are_errors_and_no_message_tells_a_password(void **state)
{
    static const struct {
        const char *url;
        enum error_code code;
    } cases[] = {
        {"postgresql://anna:sesame@localhost:1/trommel", ERR_IO},
        {"postgresql://anna:sesame@/trommel?host=/no/such/folder", ERR_IO},
        {"postgresql:///trommel?host=/no/such/folder&password=sesame", ERR_IO},
        {"postgresql://anna:sesame@nowhere.invalid/trommel", ERR_IO},
        {"postgresql://anna:ses@sesame@localhost:1/trommel", ERR_INVALID},
        {"postgresql://anna:1/sesame@localhost:1/trommel", ERR_INVALID},
        {"postgresql://anna:1?sesame@localhost:1/trommel", ERR_IO},
        {"postgresql://anna:%zzsesame@localhost:1/trommel", ERR_INVALID},
        {"postgresql://anna:sesame@[localhost:1/trommel", ERR_INVALID},
        {"postgresql://anna:sesame@localhost:1/trommel?sesame", ERR_INVALID},
        {"postgresql://anna:sesame@localhost:1/trommel?sslmodes=sesame", ERR_INVALID},
        {"postgresql:anna:sesame@localhost:1/trommel", ERR_INVALID},
        {"postgresql:host=localhost password=sesame", ERR_INVALID},
        {"postgres//anna:sesame@localhost:1/trommel", ERR_INVALID},
        {"//anna:sesame@localhost:1/trommel", ERR_INVALID},
        {"sesame", ERR_INVALID},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct error err = {0};
        struct db *db = NULL;
        assert_false(db_open(cases[i].url, &db, &err));
        if (err.code != cases[i].code || strstr(err.message, "sesame"))
            fail_msg("%s: %d: %s", cases[i].url, err.code, err.message);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest on_server[] = {
        TEST(an_idle_connection_that_ended_is_made_anew),
        TEST(a_transaction_whose_connection_ended_is_undone),
        TEST(a_commit_without_an_answer_is_uncertain),
        TEST(a_server_that_crashed_is_an_error_until_it_is_back),
        TEST(who_writes_waits_and_gives_up_in_the_end),
        TEST(schemas_of_one_database_do_not_wait_for_each_other),
        TEST(a_session_has_the_limits_it_needs),
        TEST(a_statement_beyond_its_time_is_ended),
        TEST(a_search_path_without_a_schema_is_refused),
        TEST(wrong_places_are_errors_and_no_message_tells_a_password),
    };
    return cmocka_run_group_tests(on_server, NULL, NULL);
}
