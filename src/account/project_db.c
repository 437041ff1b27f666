/* SPDX-License-Identifier: Apache-2.0 */
#include "account/project.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/text.h"

#include <string.h>

#define PROJECT_SELECT "SELECT id, name, created_ms FROM project "
static const struct db_column project_columns[] = {
    DB_COLUMN_TEXT(struct project, id),
    DB_COLUMN_TEXT(struct project, name),
    DB_COLUMN_INT(struct project, created_ms),
    DB_COLUMN_END,
};

bool project_create(struct db *db, struct arena *arena, const char *name, struct project *ret,
                    struct error *err)
{
    char id[HASH_HEX_BYTES];
    int64_t changed = 0, count = 0;
    if (!text_check_name(name, "the project name", PROJECT_NAME_MAX_CHARACTERS, "/<>=&\"'", err))
        return error_point(err, "/name");
    if (!db_select_number(db, "SELECT COUNT(*) FROM project", DB_NO_ARGS, &count, err))
        return false;
    if (count >= PROJECTS_MAX)
        return error_set(err, ERR_LIMIT, "there are %d projects already", PROJECTS_MAX);
    id_random_hex(id);
    struct project made = {arena_text(arena, id), arena_text(arena, name), clock_now_ms()};
    if (!made.id || !made.name)
        return error_no_memory(err);
    if (!db_exec(
            db,
            "INSERT INTO project (id, name, created_ms) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
            DB_ARGS(db_text(id), db_text(name), db_int(made.created_ms)), &changed, err))
        return false;
    if (changed == 0) {
        (void)error_set(err, ERR_CONFLICT, "there is a project '%s' already", name);
        return error_point(err, "/name");
    }
    *ret = made;
    return true;
}

bool project_find(struct db *db, struct arena *arena, const char *reference, struct project *ret,
                  struct error *err)
{
    bool is_found = false;
    if (!db_select_one(db, arena,
                       PROJECT_SELECT "WHERE id = $1 OR name = $1 ORDER BY CASE WHEN id = $1 THEN 0 ELSE 1 "
                                      "END LIMIT 1",
                       DB_ARGS(db_text(reference)), project_columns, ret, &is_found, err))
        return false;
    return is_found || error_set(err, ERR_NOT_FOUND, "there is no project '%.80s'", reference);
}

bool project_list(struct db *db, struct arena *arena, struct project **ret, size_t *ret_count,
                  struct error *err)
{
    static const struct db_list form = {project_columns, sizeof(struct project), PROJECTS_MAX + 1};
    return db_select_list(db, arena, PROJECT_SELECT "ORDER BY name", DB_NO_ARGS, &form, ret, ret_count, err);
}

static bool check_empty(struct db *db, const struct project *project, struct error *err)
{
    static const struct {
        const char *sql, *what;
    } things[] = {
        {"SELECT COUNT(*) FROM service WHERE project_id = $1", "services"},
        {"SELECT COUNT(*) FROM dataset WHERE project_id = $1", "datasets"},
        {"SELECT COUNT(*) FROM model WHERE project_id = $1", "models"},
        {"SELECT COUNT(*) FROM account_user WHERE project_id = $1", "users"},
        {"SELECT COUNT(*) FROM account_token WHERE project_id = $1", "tokens"},
        {"SELECT COUNT(*) FROM task WHERE project_id = $1 AND state IN ('queued', 'running', 'stopping')",
         "tasks that go on"},
    };
    for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++) {
        int64_t count = 0;
        if (!db_select_number(db, things[i].sql, DB_ARGS(db_text(project->id)), &count, err))
            return false;
        if (count > 0)
            return error_set(err, ERR_CONFLICT, "project '%s' still has %s (%lld): delete them first",
                             project->name, things[i].what, (long long)count);
    }
    return true;
}

static bool delete_within(struct db *db, const struct project *project, struct error *err)
{
    int64_t changed = 0;
    const struct db_args id = DB_ARGS(db_text(project->id));
    if (!check_empty(db, project, err) ||
        !db_exec(db, "DELETE FROM task WHERE project_id = $1", id, NULL, err) ||
        !db_exec(db, "DELETE FROM project WHERE id = $1", id, &changed, err))
        return false;
    return changed > 0 || error_set(err, ERR_NOT_FOUND, "there is no project '%.80s'", project->id);
}

bool project_delete(struct db *db, const struct project *project, struct error *err)
{
    if (strcmp(project->id, ACCOUNT_DEFAULT_PROJECT) == 0)
        return error_set(err, ERR_CONFLICT, "the default project always stays");
    if (!db_begin(db, err))
        return false;
    if (delete_within(db, project, err) && db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}
