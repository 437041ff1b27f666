/* SPDX-License-Identifier: Apache-2.0 */
/* The driver contract: every test runs on each kind of database. */
#include "test.h"

#include "base/workers.h"
#include "db/db.h"
#include "temp_folder.h"
#include "test_database.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
    char folder[TEMP_PATH_BYTES], url[TEST_DATABASE_URL_BYTES];
    struct db *db;
    struct arena *arena;
    struct error err;
};

enum { ARENA_BYTES = 1024 * 1024 };

static int set_up(void **state, bool is_file)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    temp_folder_make(fixture->folder);
    char file[TEMP_PATH_BYTES + 32];
    (void)snprintf(file, sizeof(file), "%s/test.db", fixture->folder);
    test_database_url(is_file ? file : NULL, fixture->url);
    assert_non_null(fixture->arena = arena_new(ARENA_BYTES));
    if (!db_open(fixture->url, &fixture->db, &fixture->err))
        fail_msg("%s", fixture->err.message);
    *state = fixture;
    return 0;
}

static int set_up_memory(void **state)
{
    return set_up(state, false);
}

static int set_up_file(void **state)
{
    return set_up(state, true);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    fixture->db = db_free(fixture->db);
    fixture->arena = arena_free(fixture->arena);
    temp_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

static void run(struct fixture *fixture, const char *sql)
{
    if (!db_exec(fixture->db, sql, DB_NO_ARGS, NULL, &fixture->err))
        fail_msg("%s: %s", sql, fixture->err.message);
}

static void make_table(struct fixture *fixture)
{
    run(fixture,
        "CREATE TABLE thing (id BIGINT PRIMARY KEY, name TEXT UNIQUE, size DOUBLE PRECISION, is_on INTEGER)");
}

struct thing {
    int64_t id;
    const char *name;
    double size;
    bool is_on;
};
static const struct db_column thing_columns[] = {
    DB_COLUMN_INT(struct thing, id),
    DB_COLUMN_TEXT(struct thing, name),
    DB_COLUMN_REAL(struct thing, size),
    DB_COLUMN_BOOL(struct thing, is_on),
    DB_COLUMN_END,
};
#define SELECT_THING "SELECT id, name, size, is_on FROM thing "

struct number {
    int64_t value;
};
static const struct db_column number_columns[] = {DB_COLUMN_INT(struct number, value), DB_COLUMN_END};

struct word {
    const char *text;
};
static const struct db_column word_columns[] = {DB_COLUMN_TEXT(struct word, text), DB_COLUMN_END};

static int64_t count_things(struct fixture *fixture, struct db *db)
{
    struct number number = {-1};
    bool is_found = false;
    if (!db_select_one(db, fixture->arena, "SELECT COUNT(*) FROM thing", DB_NO_ARGS, number_columns, &number,
                       &is_found, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return number.value;
}

static bool add_thing(struct db *db, int64_t id, const char *name, struct error *err)
{
    return db_exec(db, "INSERT INTO thing (id, name, size, is_on) VALUES ($1, $2, $3, $4)",
                   DB_ARGS(db_int(id), db_text(name), db_real((double)id / 4), db_int(id % 2)), NULL, err);
}

static void values_come_back_as_they_were_given(void **state)
{
    static const int64_t ids[] = {INT64_MIN, -1, 0, 7, INT64_MAX};
    static const char *const names[] = {"", "plain", "it's \"quoted\"; DROP TABLE thing", "żółć 漢字", NULL};
    static const double sizes[] = {0.1, -1e300, 5e-324, HUGE_VAL, (double)NAN};
    struct fixture *fixture = *state;
    make_table(fixture);
    for (size_t i = 0; i < 5; i++) {
        assert_true(db_exec(fixture->db, "INSERT INTO thing VALUES ($1, $2, $3, $4)",
                            DB_ARGS(db_int(ids[i]), db_text(names[i]), db_real(sizes[i]), db_null()), NULL,
                            &fixture->err));
        struct thing thing = {.is_on = true};
        bool is_found = false;
        assert_true(db_select_one(fixture->db, fixture->arena, SELECT_THING "WHERE id = $1",
                                  DB_ARGS(db_int(ids[i])), thing_columns, &thing, &is_found, &fixture->err));
        assert_true(is_found);
        assert_true(thing.id == ids[i]);
        if (names[i])
            assert_string_equal(thing.name, names[i]);
        else
            assert_null(thing.name);
        assert_true(isnan(sizes[i]) ? isnan(thing.size) : thing.size == sizes[i]);
        assert_false(thing.is_on);
    }
}

static void parameters_are_found_by_name_whatever_their_order(void **state)
{
    struct fixture *fixture = *state;
    struct word word = {NULL};
    bool is_found = false;
    assert_true(db_select_one(fixture->db, fixture->arena, "SELECT $2 || '-' || $1 || '-' || $2",
                              DB_ARGS(db_text("one"), db_text("two")), word_columns, &word, &is_found,
                              &fixture->err));
    assert_string_equal(word.text, "two-one-two");
}

static void a_wrong_number_of_values_is_refused(void **state)
{
    struct fixture *fixture = *state;
    make_table(fixture);
    assert_false(db_exec(fixture->db, "DELETE FROM thing WHERE id = $1", DB_NO_ARGS, NULL, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_INVALID);
    assert_false(db_exec(fixture->db, "DELETE FROM thing WHERE id = $1", DB_ARGS(db_int(1), db_int(2)), NULL,
                         &fixture->err));
    assert_int_equal(fixture->err.code, ERR_INVALID);
    assert_false(
        db_exec(fixture->db, "DELETE FROM thing WHERE id = $2", DB_ARGS(db_int(1)), NULL, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_INVALID);
}

static void as_many_parameters_as_the_limit_work(void **state)
{
    struct fixture *fixture = *state;
    char sql[512] = "SELECT 0";
    struct db_value values[DB_ARGS_MAX];
    for (int i = 0; i < DB_ARGS_MAX; i++) {
        values[i] = db_int(i + 1);
        (void)snprintf(sql + strlen(sql), sizeof(sql) - strlen(sql), " + $%d", i + 1);
    }
    struct number number = {0};
    bool is_found = false;
    assert_true(db_select_one(fixture->db, fixture->arena, sql, (struct db_args){values, DB_ARGS_MAX},
                              number_columns, &number, &is_found, &fixture->err));
    assert_int_equal(number.value, DB_ARGS_MAX * (DB_ARGS_MAX + 1) / 2);
}

static void wrong_sql_and_two_statements_at_once_are_refused(void **state)
{
    struct fixture *fixture = *state;
    static const char *const wrong[] = {"SELEC 1", "SELECT * FROM nowhere", "SELECT 1; SELECT 2", "",
                                        "-- nothing"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        fixture->err = (struct error){0};
        assert_false(db_exec(fixture->db, wrong[i], DB_NO_ARGS, NULL, &fixture->err));
        assert_int_equal(fixture->err.code, ERR_INVALID);
    }
    run(fixture, "SELECT 1;\n");
}

static void rows_come_in_order_and_end(void **state)
{
    struct fixture *fixture = *state;
    AUTO(db_rows) rows = NULL;
    struct thing thing;
    make_table(fixture);
    for (int i = 1; i <= 100; i++)
        assert_true(add_thing(fixture->db, i, NULL, &fixture->err));
    assert_true(db_select(fixture->db, fixture->arena, SELECT_THING "ORDER BY id DESC", DB_NO_ARGS, &rows,
                          &fixture->err));
    for (int i = 100; i >= 1; i--) {
        assert_true(db_next(rows, thing_columns, &thing));
        assert_int_equal(thing.id, i);
        assert_int_equal(thing.is_on, i % 2);
    }
    assert_false(db_next(rows, thing_columns, &thing));
    assert_false(db_next(rows, thing_columns, &thing));
    assert_true(db_rows_ok(rows, &fixture->err));
}

static void select_one_tells_none_from_one_from_many(void **state)
{
    struct fixture *fixture = *state;
    struct thing thing = {.id = 77};
    bool is_found = true;
    make_table(fixture);
    assert_true(db_select_one(fixture->db, fixture->arena, SELECT_THING, DB_NO_ARGS, thing_columns, &thing,
                              &is_found, &fixture->err));
    assert_false(is_found);
    assert_int_equal(thing.id, 77);
    assert_true(add_thing(fixture->db, 1, "a", &fixture->err));
    assert_true(db_select_one(fixture->db, fixture->arena, SELECT_THING, DB_NO_ARGS, thing_columns, &thing,
                              &is_found, &fixture->err));
    assert_true(is_found);
    assert_true(add_thing(fixture->db, 2, "b", &fixture->err));
    assert_false(db_select_one(fixture->db, fixture->arena, SELECT_THING, DB_NO_ARGS, thing_columns, &thing,
                               &is_found, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_INVALID);
}

static void a_list_holds_all_rows_up_to_its_limit(void **state)
{
    struct fixture *fixture = *state;
    struct db_list form = {thing_columns, sizeof(struct thing), 40};
    struct thing *things = NULL;
    size_t count = 77;
    make_table(fixture);
    assert_true(db_select_list(fixture->db, fixture->arena, SELECT_THING, DB_NO_ARGS, &form, &things, &count,
                               &fixture->err));
    assert_int_equal(count, 0);
    for (int i = 1; i <= 40; i++)
        assert_true(add_thing(fixture->db, i, NULL, &fixture->err));
    assert_true(db_select_list(fixture->db, fixture->arena, SELECT_THING "ORDER BY id", DB_NO_ARGS, &form,
                               &things, &count, &fixture->err));
    assert_int_equal(count, 40);
    for (int i = 0; i < 40; i++)
        assert_int_equal(things[i].id, i + 1);
    form.max = 39;
    assert_false(db_select_list(fixture->db, fixture->arena, SELECT_THING, DB_NO_ARGS, &form, &things, &count,
                                &fixture->err));
    assert_int_equal(fixture->err.code, ERR_LIMIT);
    assert_true(add_thing(fixture->db, 41, NULL, &fixture->err)); /* nothing is being read any more */
}

static void texts_beyond_the_arena_are_a_limit(void **state)
{
    struct fixture *fixture = *state;
    AUTO(arena) small = arena_new(1000);
    AUTO(db_rows) rows = NULL;
    struct word word;
    char text[1001] = "";
    memset(text, 'x', sizeof(text) - 1);
    assert_true(db_select(fixture->db, small, "SELECT substr(CAST($1 AS TEXT), 1, 999)",
                          DB_ARGS(db_text(text)), &rows, &fixture->err));
    assert_true(db_next(rows, word_columns, &word));
    rows = db_rows_free(rows);
    arena_reset(small);
    assert_true(db_select(fixture->db, small, "SELECT CAST($1 AS TEXT)", DB_ARGS(db_text(text)), &rows,
                          &fixture->err));
    assert_false(db_next(rows, word_columns, &word));
    assert_false(db_rows_ok(rows, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_LIMIT);
}

static void changed_counts_the_rows_of_this_statement(void **state)
{
    struct fixture *fixture = *state;
    int64_t changed = -1;
    make_table(fixture);
    for (int i = 1; i <= 3; i++)
        assert_true(add_thing(fixture->db, i, NULL, &fixture->err));
    assert_true(db_exec(fixture->db, "UPDATE thing SET is_on = 1 WHERE id >= $1", DB_ARGS(db_int(2)),
                        &changed, &fixture->err));
    assert_int_equal(changed, 2);
    assert_true(db_exec(fixture->db, "SELECT 1", DB_NO_ARGS, &changed, &fixture->err));
    assert_int_equal(changed, 0);
    assert_true(db_exec(fixture->db, "UPDATE thing SET is_on = 1 WHERE id = 99", DB_NO_ARGS, &changed,
                        &fixture->err));
    assert_int_equal(changed, 0);
}

static void duplicates_are_conflicts_and_other_broken_rules_invalid(void **state)
{
    struct fixture *fixture = *state;
    make_table(fixture);
    run(fixture, "CREATE TABLE part (thing_id BIGINT NOT NULL REFERENCES thing (id))");
    assert_true(add_thing(fixture->db, 1, "a", &fixture->err));
    assert_false(add_thing(fixture->db, 1, "b", &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CONFLICT);
    assert_false(add_thing(fixture->db, 2, "a", &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CONFLICT);
    assert_false(db_exec(fixture->db, "INSERT INTO part VALUES (99)", DB_NO_ARGS, NULL, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_INVALID);
    assert_false(db_exec(fixture->db, "INSERT INTO part VALUES (NULL)", DB_NO_ARGS, NULL, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_INVALID);
    assert_int_equal(count_things(fixture, fixture->db), 1);
}

static void returning_gives_rows_and_keeps_the_change(void **state)
{
    struct fixture *fixture = *state;
    AUTO(db_rows) rows = NULL;
    struct number number;
    make_table(fixture);
    assert_true(db_select(fixture->db, fixture->arena,
                          "INSERT INTO thing (id, name) VALUES (1, 'a'), (2, 'b') RETURNING id", DB_NO_ARGS,
                          &rows, &fixture->err));
    assert_true(db_next(rows, number_columns, &number));
    assert_int_equal(number.value, 1);
    rows = db_rows_free(rows);
    assert_int_equal(count_things(fixture, fixture->db), 2);
    assert_false(db_select(fixture->db, fixture->arena,
                           "INSERT INTO thing (id, name) VALUES (3, 'a') RETURNING id", DB_NO_ARGS, &rows,
                           &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CONFLICT);
    assert_null(rows);
}

static void rollback_undoes_and_commit_keeps(void **state)
{
    struct fixture *fixture = *state;
    make_table(fixture);
    assert_true(db_begin(fixture->db, &fixture->err));
    assert_true(add_thing(fixture->db, 1, "a", &fixture->err));
    db_rollback(fixture->db);
    db_rollback(fixture->db);
    assert_int_equal(count_things(fixture, fixture->db), 0);
    assert_true(db_begin(fixture->db, &fixture->err));
    assert_true(add_thing(fixture->db, 1, "a", &fixture->err));
    assert_true(db_commit(fixture->db, &fixture->err));
    assert_int_equal(count_things(fixture, fixture->db), 1);
}

static void transactions_do_not_nest(void **state)
{
    struct fixture *fixture = *state;
    assert_false(db_commit(fixture->db, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CONFLICT);
    assert_true(db_begin(fixture->db, &fixture->err));
    assert_false(db_begin(fixture->db, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CONFLICT);
    assert_true(db_commit(fixture->db, &fixture->err));
}

static void a_failed_statement_dooms_its_transaction(void **state)
{
    struct fixture *fixture = *state;
    make_table(fixture);
    assert_true(db_begin(fixture->db, &fixture->err));
    assert_true(add_thing(fixture->db, 1, "a", &fixture->err));
    assert_false(add_thing(fixture->db, 1, "b", &fixture->err));
    assert_false(add_thing(fixture->db, 2, "c", &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CONFLICT);
    assert_false(db_commit(fixture->db, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CONFLICT);
    assert_int_equal(count_things(fixture, fixture->db), 0);
    assert_true(db_begin(fixture->db, &fixture->err));
    assert_true(add_thing(fixture->db, 2, "c", &fixture->err));
    assert_true(db_commit(fixture->db, &fixture->err));
}

static void one_statement_can_be_read_twice_at_once(void **state)
{
    struct fixture *fixture = *state;
    AUTO(db_rows) outer = NULL;
    struct thing a, b;
    int pairs = 0;
    make_table(fixture);
    for (int i = 1; i <= 3; i++)
        assert_true(add_thing(fixture->db, i, NULL, &fixture->err));
    assert_true(db_select(fixture->db, fixture->arena, SELECT_THING, DB_NO_ARGS, &outer, &fixture->err));
    while (db_next(outer, thing_columns, &a)) {
        AUTO(db_rows) inner = NULL;
        assert_true(db_select(fixture->db, fixture->arena, SELECT_THING, DB_NO_ARGS, &inner, &fixture->err));
        while (db_next(inner, thing_columns, &b))
            pairs++;
    }
    assert_int_equal(pairs, 9);
}

static void more_statements_than_the_cache_holds_work(void **state)
{
    struct fixture *fixture = *state;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 200; i++) {
            char sql[64];
            struct number number = {-1};
            bool is_found = false;
            (void)snprintf(sql, sizeof(sql), "SELECT %d + $1", i);
            assert_true(db_select_one(fixture->db, fixture->arena, sql, DB_ARGS(db_int(round)),
                                      number_columns, &number, &is_found, &fixture->err));
            assert_int_equal(number.value, i + round);
        }
    }
}

static void nothing_is_written_while_rows_are_read_outside_a_transaction(void **state)
{
    struct fixture *fixture = *state;
    AUTO(db_rows) rows = NULL;
    struct thing thing;
    make_table(fixture);
    assert_true(add_thing(fixture->db, 1, "a", &fixture->err));
    assert_true(db_select(fixture->db, fixture->arena, SELECT_THING, DB_NO_ARGS, &rows, &fixture->err));
    assert_false(add_thing(fixture->db, 2, "b", &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CONFLICT);
    assert_false(db_begin(fixture->db, &fixture->err));
    assert_true(db_next(rows, thing_columns, &thing));
    assert_false(db_next(rows, thing_columns, &thing));
    assert_true(add_thing(fixture->db, 2, "b", &fixture->err));
    rows = db_rows_free(rows);

    assert_true(db_begin(fixture->db, &fixture->err));
    assert_true(db_select(fixture->db, fixture->arena, SELECT_THING, DB_NO_ARGS, &rows, &fixture->err));
    assert_true(add_thing(fixture->db, 3, "c", &fixture->err));
    rows = db_rows_free(rows);
    assert_true(db_commit(fixture->db, &fixture->err));
}

/* ---- only for databases in a file ---- */

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

/* ---- and on every kind ---- */

static void texts_that_are_not_utf8_are_refused(void **state)
{
    static const char *const texts[] = {"\xff", "cut \xc3", "surrogate \xed\xa0\x80"};
    struct fixture *fixture = *state;
    make_table(fixture);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_false(add_thing(fixture->db, 1, texts[i], &fixture->err));
        assert_int_equal(fixture->err.code, ERR_INVALID);
    }
    assert_int_equal(count_things(fixture, fixture->db), 0);
}

static void wrong_sql_dooms_its_transaction_too(void **state)
{
    struct fixture *fixture = *state;
    make_table(fixture);
    assert_true(db_begin(fixture->db, &fixture->err));
    assert_true(add_thing(fixture->db, 1, "a", &fixture->err));
    assert_false(db_exec(fixture->db, "SELECT nothing FROM nowhere", DB_NO_ARGS, NULL, &fixture->err));
    assert_false(add_thing(fixture->db, 2, "b", &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CONFLICT);
    assert_false(db_commit(fixture->db, &fixture->err));
    assert_int_equal(count_things(fixture, fixture->db), 0);
}

/* Rows are held open meanwhile, so that statements go back to a full cache in a failed transaction. */
static void a_full_cache_survives_a_failed_transaction(void **state)
{
    enum { STATEMENTS = 100 };
    struct fixture *fixture = *state;
    struct db_rows *rows[STATEMENTS] = {NULL};
    char sql[64];
    for (int round = 0; round < 2; round++) {
        assert_true(db_begin(fixture->db, &fixture->err));
        for (int i = 0; i < STATEMENTS; i++) {
            (void)snprintf(sql, sizeof(sql), "SELECT %d", i);
            assert_true(db_select(fixture->db, fixture->arena, sql, DB_NO_ARGS, &rows[i], &fixture->err));
        }
        assert_false(db_exec(fixture->db, "SELEC", DB_NO_ARGS, NULL, &fixture->err));
        for (int i = 0; i < STATEMENTS; i++)
            rows[i] = db_rows_free(rows[i]);
        db_rollback(fixture->db);
    }
}

#define ON_MEMORY(test)                                                                                      \
    {                                                                                                        \
#test " (memory)", test, set_up_memory, tear_down, NULL                                              \
    }
#define ON_FILE(test)                                                                                        \
    {                                                                                                        \
#test " (file)", test, set_up_file, tear_down, NULL                                                  \
    }
#define ON_SERVER(test)                                                                                      \
    {                                                                                                        \
#test " (postgresql)", test, set_up_file, tear_down, NULL                                            \
    }
#define OF_ANY(ON)                                                                                           \
    ON(values_come_back_as_they_were_given), ON(parameters_are_found_by_name_whatever_their_order),          \
        ON(a_wrong_number_of_values_is_refused), ON(as_many_parameters_as_the_limit_work),                   \
        ON(wrong_sql_and_two_statements_at_once_are_refused), ON(rows_come_in_order_and_end),                \
        ON(select_one_tells_none_from_one_from_many), ON(a_list_holds_all_rows_up_to_its_limit),             \
        ON(texts_beyond_the_arena_are_a_limit), ON(changed_counts_the_rows_of_this_statement),               \
        ON(duplicates_are_conflicts_and_other_broken_rules_invalid),                                         \
        ON(returning_gives_rows_and_keeps_the_change), ON(rollback_undoes_and_commit_keeps),                 \
        ON(transactions_do_not_nest), ON(a_failed_statement_dooms_its_transaction),                          \
        ON(one_statement_can_be_read_twice_at_once), ON(more_statements_than_the_cache_holds_work),          \
        ON(nothing_is_written_while_rows_are_read_outside_a_transaction),                                    \
        ON(texts_that_are_not_utf8_are_refused), ON(wrong_sql_dooms_its_transaction_too),                    \
        ON(a_full_cache_survives_a_failed_transaction)
#define OF_SHARED(ON)                                                                                        \
    ON(a_second_handle_sees_what_was_committed), ON(closing_rolls_back_what_was_not_committed),              \
        ON(acknowledged_commits_survive_a_kill), ON(writers_wait_for_each_other)

int main(void)
{
    const struct CMUnitTest on_server[] = {OF_ANY(ON_SERVER), OF_SHARED(ON_SERVER)};
    const struct CMUnitTest on_sqlite[] = {
        OF_ANY(ON_MEMORY),
        OF_ANY(ON_FILE),
        OF_SHARED(ON_FILE),
        ON_MEMORY(a_private_database_has_one_handle),
        ON_FILE(a_commit_that_cannot_be_written_is_uncertain),
        ON_FILE(a_file_that_is_no_database_is_an_error),
    };
    if (test_database_is_postgresql())
        return cmocka_run_group_tests(on_server, NULL, NULL);
    return cmocka_run_group_tests(on_sqlite, NULL, NULL);
}
