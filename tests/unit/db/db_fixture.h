/* SPDX-License-Identifier: Apache-2.0 */
/* A database with a table of things in it, of each kind there is. Include after test.h. */
#ifndef TESTS_DB_FIXTURE_H
#define TESTS_DB_FIXTURE_H

#include "db/db.h"
#include "temp_folder.h"
#include "test_database.h"

#define DB_FIXTURE __attribute__((unused)) static

struct fixture {
    char folder[TEMP_PATH_BYTES], url[TEST_DATABASE_URL_BYTES];
    struct db *db;
    struct arena *arena;
    struct error err;
};

enum { ARENA_BYTES = 1024 * 1024 };

DB_FIXTURE int set_up(void **state, bool is_file)
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

DB_FIXTURE int set_up_memory(void **state)
{
    return set_up(state, false);
}

DB_FIXTURE int set_up_file(void **state)
{
    return set_up(state, true);
}

DB_FIXTURE int tear_down(void **state)
{
    struct fixture *fixture = *state;
    fixture->db = db_free(fixture->db);
    fixture->arena = arena_free(fixture->arena);
    temp_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

DB_FIXTURE void run(struct fixture *fixture, const char *sql)
{
    if (!db_exec(fixture->db, sql, DB_NO_ARGS, NULL, &fixture->err))
        fail_msg("%s: %s", sql, fixture->err.message);
}

DB_FIXTURE void make_table(struct fixture *fixture)
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
DB_FIXTURE const struct db_column thing_columns[] = {
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
DB_FIXTURE const struct db_column number_columns[] = {DB_COLUMN_INT(struct number, value), DB_COLUMN_END};

struct word {
    const char *text;
};
DB_FIXTURE const struct db_column word_columns[] = {DB_COLUMN_TEXT(struct word, text), DB_COLUMN_END};

DB_FIXTURE int64_t count_things(struct fixture *fixture, struct db *db)
{
    struct number number = {-1};
    bool is_found = false;
    if (!db_select_one(db, fixture->arena, "SELECT COUNT(*) FROM thing", DB_NO_ARGS, number_columns, &number,
                       &is_found, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return number.value;
}

DB_FIXTURE bool add_thing(struct db *db, int64_t id, const char *name, struct error *err)
{
    return db_exec(db, "INSERT INTO thing (id, name, size, is_on) VALUES ($1, $2, $3, $4)",
                   DB_ARGS(db_int(id), db_text(name), db_real((double)id / 4), db_int(id % 2)), NULL, err);
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

#endif
