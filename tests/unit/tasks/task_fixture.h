/* SPDX-License-Identifier: Apache-2.0 */
/* A migrated database that several handles can share. Include after test.h. */
#ifndef TESTS_TASK_FIXTURE_H
#define TESTS_TASK_FIXTURE_H

#include "base/clock.h"
#include "base/process.h"
#include "tasks/task.h"
#include "temp_folder.h"
#include "test_database.h"

struct fixture {
    char folder[TEMP_PATH_BYTES], url[TEST_DATABASE_URL_BYTES];
    struct db *db;
    struct arena *arena;
    struct error err;
};

enum { FIXTURE_ARENA_BYTES = 16 * 1024 * 1024 };

__attribute__((unused)) static void open_db(struct fixture *fixture)
{
    if (!db_open(fixture->url, &fixture->db, &fixture->err) || !db_migrate(fixture->db, &fixture->err))
        fail_msg("%s", fixture->err.message);
}

__attribute__((unused)) static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    temp_folder_make(fixture->folder);
    char file[TEMP_PATH_BYTES + 32];
    (void)snprintf(file, sizeof(file), "%s/test.db", fixture->folder);
    test_database_url(file, fixture->url);
    assert_non_null(fixture->arena = arena_new(FIXTURE_ARENA_BYTES));
    open_db(fixture);
    *state = fixture;
    return 0;
}

__attribute__((unused)) static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    fixture->db = db_free(fixture->db);
    fixture->arena = arena_free(fixture->arena);
    temp_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

__attribute__((unused)) static void create(struct fixture *fixture, const char *kind, const char *request,
                                           char ret_id[33])
{
    const struct task_new task = {.project_id = "0", .kind = kind, .request_json = request};
    if (!task_create(fixture->db, &task, ret_id, &fixture->err))
        fail_msg("%s", fixture->err.message);
}

__attribute__((unused)) static struct task read_back(struct fixture *fixture, const char *id)
{
    struct task task = {0};
    if (!task_get(fixture->db, "0", fixture->arena, id, &task, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return task;
}

/* Makes a row what another process left it as. */
__attribute__((unused)) static void set_row(struct fixture *fixture, const char *id, const char *state,
                                            const char *owner, int64_t lease_until_ms)
{
    if (!db_exec(fixture->db,
                 "UPDATE task SET state = $2, lease_owner = $3, lease_until_ms = $4 WHERE id = $1",
                 DB_ARGS(db_text(id), db_text(state), db_text(owner), db_int(lease_until_ms)), NULL,
                 &fixture->err))
        fail_msg("%s", fixture->err.message);
}

#define WITH_DB(test)                                                                                        \
    {                                                                                                        \
#test, test, set_up, tear_down, NULL                                                                 \
    }

#endif
