/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/hash.h"
#include "tasks/lifecycle.h"

#include <string.h>

enum { TASK_ID_DIGITS = 32, TASK_LIST_DEFAULT = 1000 };

#define TASK_COLUMNS                                                                                         \
    "id, project_id, kind, subject, state, stage, request_json, result_json, error_code, error_detail, "     \
    "error_message, items_done, items_failed, items_total, is_stop_asked, attempts, lease_owner, "           \
    "lease_until_ms, created_ms, started_ms, finished_ms, roots"

static const struct db_column task_columns[] = {
    DB_COLUMN_TEXT(struct task, id),
    DB_COLUMN_TEXT(struct task, project_id),
    DB_COLUMN_TEXT(struct task, kind),
    DB_COLUMN_TEXT(struct task, subject),
    DB_COLUMN_TEXT(struct task, state),
    DB_COLUMN_TEXT(struct task, stage),
    DB_COLUMN_TEXT(struct task, request_json),
    DB_COLUMN_TEXT(struct task, result_json),
    DB_COLUMN_TEXT(struct task, error_code),
    DB_COLUMN_TEXT(struct task, error_detail),
    DB_COLUMN_TEXT(struct task, error_message),
    DB_COLUMN_INT(struct task, items_done),
    DB_COLUMN_INT(struct task, items_failed),
    DB_COLUMN_INT(struct task, items_total),
    DB_COLUMN_BOOL(struct task, is_stop_asked),
    DB_COLUMN_INT(struct task, attempts),
    DB_COLUMN_TEXT(struct task, lease_owner),
    DB_COLUMN_INT(struct task, lease_until_ms),
    DB_COLUMN_INT(struct task, created_ms),
    DB_COLUMN_INT(struct task, started_ms),
    DB_COLUMN_INT(struct task, finished_ms),
    DB_COLUMN_TEXT(struct task, roots),
    DB_COLUMN_END,
};

static bool is_hex(const char *text)
{
    return text[strspn(text, "0123456789abcdef")] == '\0';
}

bool task_create(struct db *db, const struct task_new *task, char ret_id[33], struct error *err)
{
    char id[HASH_HEX_BYTES];
    if (task->id && (strlen(task->id) != TASK_ID_DIGITS || !is_hex(task->id)))
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT, "a task id is %d hex digits, not '%.60s'",
                                TASK_ID_DIGITS, task->id);
    const char *request = task->request_json ? task->request_json : "{}";
    if (strlen(request) > TASK_REQUEST_MAX_BYTES)
        return error_set(err, ERR_LIMIT, "the request of a task is longer than %d bytes",
                         TASK_REQUEST_MAX_BYTES);
    id_random_hex(id);
    if (task->id)
        memcpy(id, task->id, sizeof(id));
    bool is_ok = db_exec(
        db,
        "INSERT INTO task (id, project_id, kind, subject, state, stage, request_json, created_ms, roots) "
        "VALUES ($1, $2, $3, $4, 'queued', '', $5, $6, $7)",
        DB_ARGS(db_text(id), db_text(task->project_id), db_text(task->kind),
                db_text(task->subject ? task->subject : ""), db_text(request), db_int(clock_now_ms()),
                db_text(task->roots)),
        NULL, err);
    if (!is_ok && err->code == ERR_CONFLICT)
        return error_set(err, ERR_CONFLICT, "there is a task '%s' already", id);
    if (is_ok)
        memcpy(ret_id, id, sizeof(id));
    return is_ok;
}

bool task_get(struct db *db, const char *project_id, struct arena *arena, const char *id, struct task *ret,
              struct error *err)
{
    AUTO(db_rows) rows = NULL;
    struct task task, second;
    if (id[0] == '\0' || strlen(id) > TASK_ID_DIGITS || !is_hex(id))
        return error_set_detail(err, DETAIL_TASK_NOT_FOUND, "there is no task '%.60s'", id);
    /* 'g' comes after every hex digit */
    if (!db_select(db, arena,
                   "SELECT " TASK_COLUMNS " FROM task WHERE id >= $1 AND id < $1 || 'g' AND project_id = $2 "
                   "ORDER BY id LIMIT 2",
                   DB_ARGS(db_text(id), db_text(project_id)), &rows, err))
        return false;
    bool is_found = db_next(rows, task_columns, &task);
    bool is_ambiguous = is_found && db_next(rows, task_columns, &second);
    if (!db_rows_ok(rows, err))
        return false;
    if (is_ambiguous)
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                "several tasks begin with '%s': give more digits", id);
    if (!is_found)
        return error_set_detail(err, DETAIL_TASK_NOT_FOUND, "there is no task '%s'", id);
    *ret = task;
    return true;
}

bool task_db_load(struct db *db, struct arena *arena, const char *id, struct task *ret, struct error *err)
{
    bool is_found = false;
    if (!db_select_one(db, arena, "SELECT " TASK_COLUMNS " FROM task WHERE id = $1", DB_ARGS(db_text(id)),
                       task_columns, ret, &is_found, err))
        return false;
    return is_found || error_set_detail(err, DETAIL_TASK_NOT_FOUND, "there is no task '%.60s'", id);
}

bool task_list(struct db *db, struct arena *arena, const struct task_filter *filter, struct task **ret,
               size_t *ret_count, struct error *err)
{
    const int64_t limit = filter->limit > 0 ? filter->limit : TASK_LIST_DEFAULT;
    const struct db_list form = {task_columns, sizeof(struct task), (size_t)limit};
    return db_select_list(
        db, arena,
        "SELECT " TASK_COLUMNS " FROM task WHERE project_id = $5 AND (kind = $1 OR CAST($1 AS TEXT) IS NULL) "
        "AND (subject = $2 OR CAST($2 AS TEXT) IS NULL) AND (state = $3 OR CAST($3 AS TEXT) IS NULL) "
        "ORDER BY created_ms DESC, id DESC LIMIT $4",
        DB_ARGS(db_text(filter->kind), db_text(filter->subject), db_text(filter->state), db_int(limit),
                db_text(filter->project_id)),
        &form, ret, ret_count, err);
}

#define RECENT_COLUMNS                                                                                       \
    "id, project_id, kind, subject, state, stage, '' AS request_json, NULL AS result_json, error_code, "     \
    "error_detail, error_message, items_done, items_failed, items_total, is_stop_asked, attempts, "          \
    "lease_owner, lease_until_ms, created_ms, started_ms, finished_ms, roots"

bool task_list_recent(struct db *db, struct arena *arena, int64_t since_ms, struct task **ret,
                      size_t *ret_count, struct error *err)
{
    const struct db_list form = {task_columns, sizeof(struct task), (size_t)2 * TASK_RECENT_MAX};
    return db_select_list(
        db, arena,
        "SELECT * FROM (SELECT " RECENT_COLUMNS " FROM task WHERE state IN ('queued', 'running', 'stopping') "
        "ORDER BY created_ms DESC, id DESC LIMIT $2) AS alive "
        "UNION ALL SELECT * FROM (SELECT " RECENT_COLUMNS " FROM task WHERE finished_ms >= $1 AND state IN "
        "('succeeded', 'failed', 'stopped') ORDER BY finished_ms DESC, id DESC LIMIT $2) AS ended",
        DB_ARGS(db_int(since_ms), db_int(TASK_RECENT_MAX)), &form, ret, ret_count, err);
}

bool task_tallies(struct db *db, const char *project_id, struct arena *arena, struct task_tally **ret,
                  size_t *ret_count, struct error *err)
{
    static const struct db_column columns[] = {DB_COLUMN_TEXT(struct task_tally, kind),
                                               DB_COLUMN_TEXT(struct task_tally, state),
                                               DB_COLUMN_INT(struct task_tally, count), DB_COLUMN_END};
    const struct db_list form = {columns, sizeof(struct task_tally), TASK_RECENT_MAX};
    return db_select_list(
        db, arena,
        "SELECT kind, state, COUNT(*) FROM task WHERE project_id = $1 OR CAST($1 AS TEXT) IS NULL "
        "GROUP BY kind, state ORDER BY kind, state",
        DB_ARGS(db_text(project_id)), &form, ret, ret_count, err);
}

/* ---- compare and set ---- */

#define WHERE_AS_SEEN " WHERE id = $1 AND state = $2 AND attempts = $3 AND (lease_until_ms = $4 OR $5 = 0)"

bool task_db_move(struct db *db, const struct task *seen, enum task_state to, bool if_lease_free,
                  bool *ret_is_changed, struct error *err)
{
    static const struct {
        const char *sql;
        bool has_time; /* as $6 */
    } moves[TASK_STATE_COUNT] = {
        [TASK_QUEUED] =
            {"UPDATE task SET state = 'queued', stage = '', result_json = NULL, error_code = NULL, "
             "error_detail = NULL, error_message = NULL, is_stop_asked = 0, lease_owner = NULL, "
             "lease_until_ms = 0, finished_ms = 0" WHERE_AS_SEEN,
             false},
        [TASK_STOPPING] = {"UPDATE task SET state = 'stopping', is_stop_asked = 1" WHERE_AS_SEEN, false},
        [TASK_STOPPED] =
            {"UPDATE task SET state = 'stopped', stage = '', is_stop_asked = 1, lease_owner = NULL, "
             "lease_until_ms = 0, finished_ms = $6" WHERE_AS_SEEN,
             true},
    };
    int64_t changed = 0;
    struct db_args args =
        DB_ARGS(db_text(seen->id), db_text(seen->state), db_int(seen->attempts), db_int(seen->lease_until_ms),
                db_int(if_lease_free), db_int(clock_now_ms()));
    args.count -= !moves[to].has_time;
    if (!db_exec(db, moves[to].sql, args, &changed, err))
        return false;
    *ret_is_changed = changed == 1;
    return true;
}

bool task_db_give_up(struct db *db, const struct task *seen, enum task_state to, const char *why,
                     bool *ret_is_changed, struct error *err)
{
    int64_t changed = 0;
    if (!db_exec(db,
                 "UPDATE task SET state = $6, stage = '', error_code = $7, error_message = $8, lease_owner = "
                 "NULL, lease_until_ms = 0, finished_ms = $9" WHERE_AS_SEEN,
                 DB_ARGS(db_text(seen->id), db_text(seen->state), db_int(seen->attempts),
                         db_int(seen->lease_until_ms), db_int(1), db_text(task_state_name(to)),
                         db_text(error_kind(ERR_FAILED)->name), db_text(why), db_int(clock_now_ms())),
                 &changed, err))
        return false;
    *ret_is_changed = changed == 1;
    return true;
}

bool task_db_claim(struct db *db, const struct task *seen, const struct task_claimant *claimant,
                   bool *ret_is_changed, struct error *err)
{
    const int64_t now_ms = clock_now_ms();
    return db_select_one(
        db, claimant->arena,
        "UPDATE task SET state = 'running', stage = '', result_json = NULL, error_code = NULL, error_detail "
        "= NULL, "
        "error_message = NULL, items_done = 0, items_failed = 0, items_total = 0, is_stop_asked = 0, "
        "attempts = attempts + 1, lease_owner = $6, lease_until_ms = $7, started_ms = $8, "
        "finished_ms = 0" WHERE_AS_SEEN " RETURNING " TASK_COLUMNS,
        DB_ARGS(db_text(seen->id), db_text(seen->state), db_int(seen->attempts), db_int(seen->lease_until_ms),
                db_int(1), db_text(claimant->owner), db_int(now_ms + TASK_LEASE_MS), db_int(now_ms)),
        task_columns, claimant->ret, ret_is_changed, err);
}

#define WHERE_HELD " WHERE id = $1 AND lease_owner = $2 AND attempts = $3"

struct stop_row {
    bool is_stop_asked;
};
static const struct db_column stop_columns[] = {DB_COLUMN_BOOL(struct stop_row, is_stop_asked),
                                                DB_COLUMN_END};

bool task_renew(struct db *db, const struct task *claimed, const struct task_report *report,
                bool *ret_is_held, bool *ret_is_stop_asked, struct error *err)
{
    AUTO(arena) arena = arena_new(0);
    struct stop_row row = {false};
    bool is_held = false;
    if (!arena)
        return error_no_memory(err);
    if (!db_select_one(db, arena,
                       "UPDATE task SET lease_until_ms = $4, stage = $5, items_done = $6, items_failed = $7, "
                       "items_total = $8" WHERE_HELD " RETURNING is_stop_asked",
                       DB_ARGS(db_text(claimed->id), db_text(claimed->lease_owner), db_int(claimed->attempts),
                               db_int(clock_now_ms() + TASK_LEASE_MS), db_text(report->stage),
                               db_int(report->done), db_int(report->failed), db_int(report->total)),
                       stop_columns, &row, &is_held, err))
        return false;
    *ret_is_held = is_held;
    *ret_is_stop_asked = row.is_stop_asked;
    return true;
}

bool task_db_finish(struct db *db, const struct task *claimed, const struct task_transition *transition,
                    const struct task_end *end, bool *ret_is_changed, struct error *err)
{
    const struct error *why = end->why;
    bool has_detail = why && why->detail != DETAIL_NONE;
    int64_t changed = 0;
    if (!db_exec(
            db,
            "UPDATE task SET state = $5, stage = '', result_json = $6, error_code = $7, error_detail = $8, "
            "error_message = $9, items_done = $10, items_failed = $11, items_total = $12, lease_owner = "
            "NULL, "
            "lease_until_ms = 0, finished_ms = $13" WHERE_HELD " AND state = $4",
            DB_ARGS(db_text(claimed->id), db_text(claimed->lease_owner), db_int(claimed->attempts),
                    db_text(task_state_name(transition->from)), db_text(task_state_name(transition->to)),
                    db_text(end->result_json), db_text(why ? error_kind(why->code)->name : NULL),
                    db_text(has_detail ? error_detail_row(why->detail)->name : NULL),
                    db_text(why ? why->message : NULL), db_int(end->report.done), db_int(end->report.failed),
                    db_int(end->report.total), db_int(clock_now_ms())),
            &changed, err))
        return false;
    *ret_is_changed = changed == 1;
    return true;
}
