/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/workers.h"
#include "db/db_handle.h"
#include "temp_folder.h"
#include "test_database.h"

#include <string.h>

struct number {
    int64_t value;
};
static const struct db_column number_columns[] = {DB_COLUMN_INT(struct number, value), DB_COLUMN_END};

static int64_t ask(struct db *db, const char *sql)
{
    AUTO(arena) arena = arena_new(4096);
    struct number number = {-1};
    struct error err = {0};
    bool is_found = false;
    if (!db_select_one(db, arena, sql, DB_NO_ARGS, number_columns, &number, &is_found, &err))
        fail_msg("%s", err.message);
    return number.value;
}

static void a_new_database_gets_every_table_once(void **state)
{
    AUTO(db) db = NULL;
    struct error err = {0};
    assert_true(test_database_open(&db, &err));
    for (int round = 0; round < 2; round++) {
        if (!db_migrate(db, &err))
            fail_msg("%s", err.message);
        assert_int_equal(ask(db, "SELECT COUNT(*) FROM task"), 0);
        assert_int_equal(ask(db, "SELECT COUNT(*) FROM annotation"), 0);
        assert_int_equal(ask(db, "SELECT COUNT(*) FROM project"), 1);
    }
}

static void a_newer_database_is_left_alone(void **state)
{
    AUTO(db) db = NULL;
    struct error err = {0};
    assert_true(test_database_open(&db, &err));
    assert_true(db_migrate(db, &err));
    assert_true(db_exec(db, "INSERT INTO schema_version VALUES (9999, 'from_the_future', 0)", DB_NO_ARGS,
                        NULL, &err));
    assert_false(db_migrate(db, &err));
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_non_null(strstr(err.message, "9999"));
}

static void migrations_of_every_driver_are_numbered_without_gaps(void **state)
{
    for (const struct db_driver *const *driver = db_drivers; *driver; driver++) {
        uint32_t expected = 1;
        for (const struct db_migration *step = (*driver)->migrations; step->version; step++, expected++) {
            assert_int_equal(step->version, expected);
            assert_true(step->name[0] != '\0' && step->sql[0] != '\0');
        }
        assert_true(expected > 1);
    }
}

static void run(struct db *db, const char *sql)
{
    struct error err = {0};
    if (!db->driver->run_script(db->connection, sql, &err))
        fail_msg("%s", err.message);
}

/* Version 6 makes the table of what operations did anew. */
static void what_operations_did_survives(void **state)
{
    AUTO(db) db = NULL;
    struct error err = {0};
    assert_true(test_database_open(&db, &err));
    for (const struct db_migration *step = db->driver->migrations; step->version <= 5; step++)
        run(db, step->sql);
    run(db,
        "CREATE TABLE schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_ms BIGINT "
        "NOT NULL); INSERT INTO schema_version VALUES (5, 'split', 0);"
        "INSERT INTO dataset (id, project_id, name, dataset_type, description, created_ms, updated_ms) "
        "VALUES ('d', '0', 'd', 'image_classification', '', 0, 0);"
        "INSERT INTO sample (id, dataset_id, source, state, origin, change, created_ms, updated_ms) VALUES "
        "('s', 'd', '/s', 'unlabeled', 'import', 1, 0, 0);"
        "INSERT INTO operation (number, id, project_id, dataset_id, decided_by, action, samples, "
        "samples_until, state, created_ms, changed_ms) VALUES (1, 'o', '0', 'd', 'human', 'confirm', 1, 1, "
        "'done', 0, 0);"
        "INSERT INTO operation_sample VALUES (1, 's', 'before', 'after', 3, 4);");
    if (!db_migrate(db, &err))
        fail_msg("%s", err.message);
    assert_int_equal(ask(db, "SELECT revision_before * 10 + revision_after FROM operation_sample WHERE "
                             "sample_id = 's' AND before_json = 'before' AND after_json = 'after'"),
                     34);
    run(db, "DELETE FROM sample");
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM operation_sample"), 1);
    run(db, "DELETE FROM operation");
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM operation_sample"), 0);
}

static bool open_and_migrate(void *state, uint32_t index, struct error *err)
{
    AUTO(db) db = NULL;
    (void)index;
    return db_open(state, &db, err) && db_migrate(db, err);
}

static void several_may_migrate_a_new_database_at_once(void **state)
{
    char folder[TEMP_PATH_BYTES], file[TEMP_PATH_BYTES + 32], url[TEST_DATABASE_URL_BYTES];
    AUTO(db) db = NULL;
    struct error err = {0};
    temp_folder_make(folder);
    for (int round = 0; round < 5; round++) {
        (void)snprintf(file, sizeof(file), "%s/%d.db", folder, round);
        test_database_url(file, url);
        if (!workers_run(6, open_and_migrate, url, &err))
            fail_msg("%s", err.message);
    }
    assert_true(db_open(url, &db, &err));
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM project"), 1);
    temp_folder_remove(folder);
}

/* ---- both databases, side by side ---- */

enum { SCHEMA_ARENA_BYTES = 1024 * 1024, COLUMNS_MAX = 1000 };

/* One column of a table, or an index, in words that both databases can be asked for. */
struct part {
    const char *table, *name, *type, *initial;
    bool is_required;
};
static const struct db_column part_columns[] = {
    DB_COLUMN_TEXT(struct part, table),       DB_COLUMN_TEXT(struct part, name),
    DB_COLUMN_TEXT(struct part, type),        DB_COLUMN_TEXT(struct part, initial),
    DB_COLUMN_BOOL(struct part, is_required), DB_COLUMN_END,
};

struct parts {
    struct part *parts;
    size_t count;
};

static struct parts read_parts(const char *url, const char *sql, struct arena *arena)
{
    static const struct db_list form = {part_columns, sizeof(struct part), COLUMNS_MAX};
    struct parts read = {NULL, 0};
    AUTO(db) db = NULL;
    struct error err = {0};
    if (!db_open(url, &db, &err) || !db_migrate(db, &err) ||
        !db_select_list(db, arena, sql, DB_NO_ARGS, &form, &read.parts, &read.count, &err))
        fail_msg("%s", err.message);
    return read;
}

static void assert_same_text(const struct part *part, const char *left, const char *right)
{
    if ((left == NULL) != (right == NULL) || (left && strcmp(left, right) != 0))
        fail_msg("%s.%s: %s and %s", part->table, part->name, left ? left : "nothing",
                 right ? right : "nothing");
}

static void assert_same_parts(const char *of_sqlite, const char *of_postgresql)
{
    char url[TEST_DATABASE_URL_BYTES];
    AUTO(arena) arena = arena_new(SCHEMA_ARENA_BYTES);
    test_database_url(NULL, url);
    struct parts sqlite = read_parts("sqlite::memory:", of_sqlite, arena);
    struct parts postgresql = read_parts(url, of_postgresql, arena);
    for (size_t i = 0; i < sqlite.count && i < postgresql.count; i++) {
        const struct part *left = &sqlite.parts[i], *right = &postgresql.parts[i];
        assert_same_text(left, left->table, right->table);
        assert_same_text(left, left->name, right->name);
        assert_same_text(left, left->type, right->type);
        assert_same_text(left, left->initial, right->initial);
        if (left->is_required != right->is_required)
            fail_msg("%s.%s: NOT NULL is in one of the two only", left->table, left->name);
    }
    assert_int_equal(sqlite.count, postgresql.count);
    assert_true(sqlite.count > 5);
}

static void both_databases_have_the_same_tables_and_columns(void **state)
{
    assert_same_parts(
        "SELECT t.name, c.name, c.type, CASE WHEN c.hidden = 3 THEN 'computed' ELSE c.dflt_value END, "
        "c.\"notnull\" OR c.pk > 0 FROM sqlite_schema t, pragma_table_xinfo(t.name) c "
        "WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' ORDER BY t.name, c.cid",
        "SELECT table_name, column_name, CASE data_type WHEN 'text' THEN 'TEXT' WHEN 'double precision' THEN "
        "'REAL' "
        "WHEN 'bigint' THEN CASE WHEN table_name = 'schema_version' THEN 'BIGINT' ELSE 'INTEGER' END "
        "WHEN 'smallint' THEN 'INTEGER' WHEN 'integer' THEN 'INTEGER' ELSE data_type END, "
        "CASE WHEN is_generated = 'ALWAYS' THEN 'computed' ELSE column_default END, is_nullable = 'NO' "
        "FROM information_schema.columns WHERE table_schema = current_schema() "
        "ORDER BY table_name COLLATE \"C\", ordinal_position");
}

static void both_databases_have_the_same_named_indexes(void **state)
{
    assert_same_parts("SELECT tbl_name, name, 'index', NULL, 0 FROM sqlite_schema "
                      "WHERE type = 'index' AND sql IS NOT NULL ORDER BY tbl_name, name",
                      "SELECT tablename, indexname, 'index', NULL, 0 FROM pg_indexes "
                      "WHERE schemaname = current_schema() AND indexname NOT IN (SELECT conname FROM "
                      "pg_constraint) "
                      "ORDER BY tablename COLLATE \"C\", indexname COLLATE \"C\"");
}

static void every_text_is_compared_by_byte(void **state)
{
    AUTO(db) db = NULL;
    struct error err = {0};
    assert_true(test_database_open(&db, &err));
    assert_true(db_migrate(db, &err));
    assert_int_equal(
        ask(db, "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = current_schema() "
                "AND table_name <> 'schema_version' AND data_type = 'text' "
                "AND collation_name IS DISTINCT FROM 'C'"),
        0);
}

int main(void)
{
    const struct CMUnitTest on_any[] = {
        cmocka_unit_test(a_new_database_gets_every_table_once),
        cmocka_unit_test(a_newer_database_is_left_alone),
        cmocka_unit_test(migrations_of_every_driver_are_numbered_without_gaps),
        cmocka_unit_test(what_operations_did_survives),
        cmocka_unit_test(several_may_migrate_a_new_database_at_once),
    };
    const struct CMUnitTest on_both[] = {
        cmocka_unit_test(both_databases_have_the_same_tables_and_columns),
        cmocka_unit_test(both_databases_have_the_same_named_indexes),
        cmocka_unit_test(every_text_is_compared_by_byte),
    };
    int failed = cmocka_run_group_tests(on_any, NULL, NULL);
    return test_database_is_postgresql() ? failed + cmocka_run_group_tests(on_both, NULL, NULL) : failed;
}
