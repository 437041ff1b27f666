/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/workers.h"
#include "db/driver.h"
#include "temp_folder.h"

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
    assert_true(db_open("sqlite::memory:", &db, &err));
    for (int round = 0; round < 2; round++) {
        if (!db_migrate(db, &err))
            fail_msg("%s", err.message);
        assert_int_equal(
            ask(db, "SELECT COUNT(*) FROM sqlite_schema WHERE name IN ('project', 'task', 'sample')"), 3);
        assert_int_equal(ask(db, "SELECT COUNT(*) FROM project"), 1);
    }
}

static void a_newer_database_is_left_alone(void **state)
{
    AUTO(db) db = NULL;
    struct error err = {0};
    assert_true(db_open("sqlite::memory:", &db, &err));
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

static bool open_and_migrate(void *state, uint32_t index, struct error *err)
{
    AUTO(db) db = NULL;
    (void)index;
    return db_open(state, &db, err) && db_migrate(db, err);
}

static void several_processes_may_migrate_a_new_file_at_once(void **state)
{
    char folder[TEMP_PATH_BYTES], url[TEMP_PATH_BYTES + 32];
    AUTO(db) db = NULL;
    struct error err = {0};
    temp_folder_make(folder);
    for (int round = 0; round < 5; round++) {
        (void)snprintf(url, sizeof(url), "sqlite:%s/%d.db", folder, round);
        if (!workers_run(6, open_and_migrate, url, &err))
            fail_msg("%s", err.message);
    }
    assert_true(db_open(url, &db, &err));
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM project"), 1);
    temp_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_database_gets_every_table_once),
        cmocka_unit_test(a_newer_database_is_left_alone),
        cmocka_unit_test(migrations_of_every_driver_are_numbered_without_gaps),
        cmocka_unit_test(several_processes_may_migrate_a_new_file_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
