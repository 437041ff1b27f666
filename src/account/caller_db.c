/* SPDX-License-Identifier: Apache-2.0 */
#include "account/caller.h"

#include "account/secret.h"

enum { USED_STEP_MS = 60 * 1000 };

struct shown {
    const char *id, *project_id, *role, *user, *user_id, *user_role;
    int64_t used_ms;
};
static const struct db_column shown_columns[] = {
    DB_COLUMN_TEXT(struct shown, id),      DB_COLUMN_TEXT(struct shown, project_id),
    DB_COLUMN_TEXT(struct shown, role),    DB_COLUMN_TEXT(struct shown, user),
    DB_COLUMN_TEXT(struct shown, user_id), DB_COLUMN_TEXT(struct shown, user_role),
    DB_COLUMN_INT(struct shown, used_ms),  DB_COLUMN_END,
};

bool caller_find(struct db *db, struct arena *arena, const struct caller_wish *wish,
                 struct account_caller *ret, struct error *err)
{
    const struct caller_source *source = wish->source;
    const int64_t now_ms = wish->now_ms,
                  used_after_ms = source->idle_ms ? now_ms - source->idle_ms : INT64_MIN;
    char hash[SECRET_HASH_BYTES];
    struct shown shown;
    bool is_found = false;
    secret_hash(source->purpose, wish->secret, hash);
    /* Found by its hash: how long that takes says nothing about the secret. */
    if (!db_select_one(db, arena, source->select,
                       DB_ARGS(db_text(hash), db_int(now_ms), db_int(used_after_ms)), shown_columns, &shown,
                       &is_found, err))
        return false;
    *ret = account_nobody;
    if (!is_found)
        return true;
    enum account_role role = account_role_find(shown.role), most = account_role_find(shown.user_role);
    *ret = (struct account_caller){shown.user, shown.project_id, role < most ? role : most, shown.user_id,
                                   source->way};
    return now_ms - shown.used_ms < USED_STEP_MS ||
           db_exec(db, source->touch, DB_ARGS(db_text(shown.id), db_int(now_ms)), NULL, err);
}
