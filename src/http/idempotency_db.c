/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/hash.h"
#include "base/process.h"
#include "http/http_limits.h"
#include "http/idempotency.h"

#include <string.h>

struct key_row {
    const char *route, *fingerprint, *task_id, *owner, *reply_json;
    int64_t status, created_ms;
};
static const struct db_column columns[] = {
    DB_COLUMN_TEXT(struct key_row, route),      DB_COLUMN_TEXT(struct key_row, fingerprint),
    DB_COLUMN_TEXT(struct key_row, task_id),    DB_COLUMN_TEXT(struct key_row, owner),
    DB_COLUMN_TEXT(struct key_row, reply_json), DB_COLUMN_INT(struct key_row, status),
    DB_COLUMN_INT(struct key_row, created_ms),  DB_COLUMN_END,
};

/* Old keys go; of too many of the project the oldest tenth. */
static bool purge(struct db *db, const char *project_id, int64_t now_ms, struct error *err)
{
    int64_t count = 0;
    const int64_t oldest_ms = now_ms - (int64_t)HTTP_KEY_HOURS * 3600 * 1000;
    if (!db_exec(db, "DELETE FROM idempotency_key WHERE created_ms < $1", DB_ARGS(db_int(oldest_ms)), NULL,
                 err) ||
        !db_select_number(db, "SELECT COUNT(*) FROM idempotency_key WHERE project_id = $1",
                          DB_ARGS(db_text(project_id)), &count, err))
        return false;
    return count < HTTP_KEYS_KEPT ||
           db_exec(db,
                   "DELETE FROM idempotency_key WHERE project_id = $2 AND id IN "
                   "(SELECT id FROM idempotency_key WHERE project_id = $2 ORDER BY created_ms LIMIT $1)",
                   DB_ARGS(db_int(HTTP_KEYS_KEPT / 10), db_text(project_id)), NULL, err);
}

static bool insert(struct db *db, const struct idempotency_wish *wish, const char *task_id, struct error *err)
{
    char owner[PROCESS_NAME_BYTES];
    return db_exec(db,
                   "INSERT INTO idempotency_key (id, route, fingerprint, task_id, owner, status, created_ms, "
                   "project_id) VALUES ($1, $2, $3, $4, $5, 0, $6, $7)",
                   DB_ARGS(db_text(wish->key), db_text(wish->route), db_text(wish->fingerprint),
                           db_text(task_id), db_text(process_name(owner)), db_int(clock_now_ms()),
                           db_text(wish->project_id)),
                   NULL, err);
}

static bool is_being_answered(const struct key_row *row)
{
    enum process_state state = row->owner[0] ? process_look(row->owner) : PROCESS_DEAD;
    bool is_recent = clock_now_ms() - row->created_ms < IDEMPOTENCY_ELSEWHERE_MS;
    return state == PROCESS_ALIVE || (state == PROCESS_ELSEWHERE && is_recent);
}

static bool judge(struct db *db, const struct idempotency_wish *wish, const struct key_row *row,
                  struct idempotency_found *ret, struct error *err)
{
    char owner[PROCESS_NAME_BYTES];
    *ret = (struct idempotency_found){.verdict = IDEMPOTENCY_REPLAY,
                                      .task_id = row->task_id,
                                      .reply_json = row->reply_json,
                                      .status = (int)row->status};
    if (strcmp(row->route, wish->route) != 0 || strcmp(row->fingerprint, wish->fingerprint) != 0)
        ret->verdict = IDEMPOTENCY_OTHER;
    else if (row->status == 0)
        ret->verdict = is_being_answered(row) ? IDEMPOTENCY_BUSY : IDEMPOTENCY_RESUMED;
    return ret->verdict != IDEMPOTENCY_RESUMED ||
           db_exec(db, "UPDATE idempotency_key SET owner = $2 WHERE id = $1 AND project_id = $3",
                   DB_ARGS(db_text(wish->key), db_text(process_name(owner)), db_text(wish->project_id)), NULL,
                   err);
}

static bool begin_within(struct db *db, struct arena *arena, const struct idempotency_wish *wish,
                         struct idempotency_found *ret, struct error *err)
{
    struct key_row row;
    bool is_found = false;
    char *task_id = arena_alloc(arena, HASH_HEX_BYTES);
    if (!task_id)
        return error_no_memory(err);
    if (!purge(db, wish->project_id, clock_now_ms(), err) ||
        !db_select_one(db, arena,
                       "SELECT route, fingerprint, task_id, owner, reply_json, status, created_ms "
                       "FROM idempotency_key WHERE id = $1 AND project_id = $2",
                       DB_ARGS(db_text(wish->key), db_text(wish->project_id)), columns, &row, &is_found, err))
        return false;
    if (is_found)
        return judge(db, wish, &row, ret, err);
    id_random_hex(task_id);
    *ret = (struct idempotency_found){.verdict = IDEMPOTENCY_NEW, .task_id = task_id};
    return insert(db, wish, task_id, err);
}

bool idempotency_begin(struct db *db, struct arena *arena, const struct idempotency_wish *wish,
                       struct idempotency_found *ret, struct error *err)
{
    if (!db_begin(db, err))
        return false;
    if (begin_within(db, arena, wish, ret, err) && db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}

bool idempotency_finish(struct db *db, const struct idempotency_wish *wish, int status,
                        const char *reply_json, struct error *err)
{
    return db_exec(
        db, "UPDATE idempotency_key SET status = $2, reply_json = $3 WHERE id = $1 AND project_id = $4",
        DB_ARGS(db_text(wish->key), db_int(status), db_text(reply_json), db_text(wish->project_id)), NULL,
        err);
}

bool idempotency_abandon(struct db *db, const struct idempotency_wish *wish, bool is_uncertain,
                         struct error *err)
{
    return db_exec(db,
                   is_uncertain ? "UPDATE idempotency_key SET owner = '' WHERE id = $1 AND project_id = $2"
                                : "DELETE FROM idempotency_key WHERE id = $1 AND project_id = $2",
                   DB_ARGS(db_text(wish->key), db_text(wish->project_id)), NULL, err);
}
