/* SPDX-License-Identifier: Apache-2.0 */
/* Statements about many rows. */
#include "test.h"

#include "db_fixture.h"

enum { ROWS = 3 * DB_MANY_MAX + 8 + 3 };

static const struct db_many insert = {"INSERT INTO thing (id, name, size, is_on) VALUES ", "($1, $2, $3, $4)",
                                      " ON CONFLICT (id) DO NOTHING", 4};
static const struct db_many rename_all = {
    "UPDATE thing SET name = v.column2, size = v.column3 FROM (VALUES ",
    "(CAST($1 AS BIGINT), CAST($2 AS TEXT), CAST($3 AS DOUBLE PRECISION))",
    ") AS v WHERE thing.id = v.column1", 3};
static const struct db_many select_some = {SELECT_THING "WHERE id IN (", "$1", ") ORDER BY id", 1};

static struct db_value *things(struct fixture *fixture, size_t count)
{
    struct db_value *values = arena_array(fixture->arena, count * 4 + 1, sizeof(*values));
    for (size_t i = 0; i < count; i++) {
        values[4 * i] = db_int((int64_t)i);
        values[4 * i + 1] = i % 3 == 0 ? db_null() : db_text(arena_printf(fixture->arena, "n%zu", i));
        values[4 * i + 2] = db_real((double)i / 4);
        values[4 * i + 3] = db_int((int64_t)i % 2);
    }
    return values;
}

static void fill(struct fixture *fixture, size_t count)
{
    int64_t changed = -1;
    make_table(fixture);
    assert_true(db_exec_many(fixture->db, &insert, things(fixture, count), count, &changed, &fixture->err));
    assert_int_equal(changed, count);
}

static void any_number_of_rows_goes_in_as_given(void **state)
{
    static const size_t counts[] = {0, 1, 7, 8, 9, DB_MANY_MAX - 1, DB_MANY_MAX, DB_MANY_MAX + 1, ROWS};
    struct fixture *fixture = *state;
    for (size_t k = 0; k < sizeof(counts) / sizeof(counts[0]); k++) {
        struct db_list form = {thing_columns, sizeof(struct thing), ROWS};
        struct thing *got = NULL;
        size_t count = 0;
        fill(fixture, counts[k]);
        assert_true(db_select_list(fixture->db, fixture->arena, SELECT_THING "ORDER BY id", DB_NO_ARGS, &form,
                                   &got, &count, &fixture->err));
        assert_int_equal(count, counts[k]);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(got[i].id, i);
            assert_true((got[i].name == NULL) == (i % 3 == 0));
            if (got[i].name)
                assert_string_equal(got[i].name, arena_printf(fixture->arena, "n%zu", i));
            assert_true(got[i].size >= (double)i / 4 && got[i].size <= (double)i / 4);
            assert_true(got[i].is_on == (i % 2 == 1));
        }
        run(fixture, "DROP TABLE thing");
    }
}

static void what_conflicts_is_not_counted(void **state)
{
    struct fixture *fixture = *state;
    int64_t changed = -1;
    fill(fixture, 10);
    assert_true(db_exec_many(fixture->db, &insert, things(fixture, ROWS), ROWS, &changed, &fixture->err));
    assert_int_equal(changed, ROWS - 10);
}

static void rows_are_updated_each_to_its_own_values(void **state)
{
    struct fixture *fixture = *state;
    struct db_value values[3 * 20];
    int64_t changed = -1;
    fill(fixture, 15);
    for (size_t i = 0; i < 20; i++) {
        values[3 * i] = db_int((int64_t)i);
        values[3 * i + 1] = i == 4 ? db_null() : db_text(arena_printf(fixture->arena, "new %zu", i));
        values[3 * i + 2] = i == 5 ? db_null() : db_real(0.1 * (double)i);
    }
    assert_true(db_exec_many(fixture->db, &rename_all, values, 20, &changed, &fixture->err));
    assert_int_equal(changed, 15);
    struct thing thing;
    bool is_found = false;
    assert_true(db_select_one(fixture->db, fixture->arena, SELECT_THING "WHERE id = $1", DB_ARGS(db_int(13)),
                              thing_columns, &thing, &is_found, &fixture->err));
    assert_string_equal(thing.name, "new 13");
    assert_true(thing.size >= 0.1 * 13 && thing.size <= 0.1 * 13);
    assert_true(db_select_one(fixture->db, fixture->arena, SELECT_THING "WHERE id = $1", DB_ARGS(db_int(4)),
                              thing_columns, &thing, &is_found, &fixture->err));
    assert_null(thing.name);
}

static void some_rows_are_read_by_key(void **state)
{
    static const size_t counts[] = {1, 2, 8, 9, DB_MANY_MAX};
    struct fixture *fixture = *state;
    fill(fixture, ROWS);
    for (size_t k = 0; k < sizeof(counts) / sizeof(counts[0]); k++) {
        AUTO(db_rows) rows = NULL;
        struct db_value values[DB_MANY_MAX];
        struct thing thing;
        size_t count = 0;
        for (size_t i = 0; i < counts[k]; i++)
            values[i] = db_int((int64_t)(2 * i));
        assert_true(db_select_many(fixture->db, fixture->arena, &select_some, values, counts[k], &rows,
                                   &fixture->err));
        while (db_next(rows, thing_columns, &thing))
            assert_int_equal(thing.id, 2 * count++);
        assert_true(db_rows_ok(rows, &fixture->err));
        assert_int_equal(count, counts[k]);
    }
}

static void a_row_that_fails_dooms_the_transaction(void **state)
{
    static const struct db_many strict = {"INSERT INTO thing (id, name) VALUES ", "($1, $2)", "", 2};
    struct fixture *fixture = *state;
    struct db_value values[2 * 12];
    fill(fixture, 0);
    for (size_t i = 0; i < 12; i++) {
        values[2 * i] = db_int(i == 11 ? 3 : (int64_t)i);
        values[2 * i + 1] = db_null();
    }
    assert_true(db_begin(fixture->db, &fixture->err));
    assert_false(db_exec_many(fixture->db, &strict, values, 12, NULL, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CONFLICT);
    assert_false(db_commit(fixture->db, &fixture->err));
    assert_int_equal(count_things(fixture, fixture->db), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_FILE(any_number_of_rows_goes_in_as_given),     ON_FILE(what_conflicts_is_not_counted),
        ON_FILE(rows_are_updated_each_to_its_own_values), ON_FILE(some_rows_are_read_by_key),
        ON_FILE(a_row_that_fails_dooms_the_transaction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
