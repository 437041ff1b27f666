/* SPDX-License-Identifier: Apache-2.0 */
/* The driver contract: every test runs on each kind of database. */
#include "test.h"

#include "db_fixture.h"

#include <math.h>

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
    char sql[2048] = "SELECT 0";
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

static void a_number_is_that_of_one_row(void **state)
{
    struct fixture *fixture = *state;
    int64_t number = 77;
    make_table(fixture);
    assert_false(db_select_number(fixture->db, "SELECT id FROM thing", DB_NO_ARGS, &number, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_INVALID);
    assert_int_equal(number, 77);
    assert_true(add_thing(fixture->db, 1, "a", &fixture->err));
    assert_true(add_thing(fixture->db, INT64_MAX, "b", &fixture->err));
    assert_true(db_select_number(fixture->db, "SELECT COUNT(*) FROM thing WHERE name <> $1",
                                 DB_ARGS(db_text("c")), &number, &fixture->err));
    assert_int_equal(number, 2);
    assert_true(db_select_number(fixture->db, "SELECT id FROM thing WHERE name = $1", DB_ARGS(db_text("b")),
                                 &number, &fixture->err));
    assert_int_equal(number, INT64_MAX);
    assert_false(db_select_number(fixture->db, "SELECT id FROM thing", DB_NO_ARGS, &number, &fixture->err));
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

#define OF_ANY(ON)                                                                                           \
    ON(values_come_back_as_they_were_given), ON(parameters_are_found_by_name_whatever_their_order),          \
        ON(a_wrong_number_of_values_is_refused), ON(as_many_parameters_as_the_limit_work),                   \
        ON(wrong_sql_and_two_statements_at_once_are_refused), ON(rows_come_in_order_and_end),                \
        ON(select_one_tells_none_from_one_from_many), ON(a_number_is_that_of_one_row),                       \
        ON(a_list_holds_all_rows_up_to_its_limit), ON(texts_beyond_the_arena_are_a_limit),                   \
        ON(changed_counts_the_rows_of_this_statement),                                                       \
        ON(duplicates_are_conflicts_and_other_broken_rules_invalid),                                         \
        ON(returning_gives_rows_and_keeps_the_change), ON(rollback_undoes_and_commit_keeps),                 \
        ON(transactions_do_not_nest), ON(a_failed_statement_dooms_its_transaction),                          \
        ON(one_statement_can_be_read_twice_at_once), ON(more_statements_than_the_cache_holds_work),          \
        ON(nothing_is_written_while_rows_are_read_outside_a_transaction),                                    \
        ON(texts_that_are_not_utf8_are_refused), ON(wrong_sql_dooms_its_transaction_too),                    \
        ON(a_full_cache_survives_a_failed_transaction)

int main(void)
{
    const struct CMUnitTest on_server[] = {OF_ANY(ON_SERVER)};
    const struct CMUnitTest on_sqlite[] = {OF_ANY(ON_MEMORY), OF_ANY(ON_FILE)};
    if (test_database_is_postgresql())
        return cmocka_run_group_tests(on_server, NULL, NULL);
    return cmocka_run_group_tests(on_sqlite, NULL, NULL);
}
