/* SPDX-License-Identifier: Apache-2.0 */
#include "account/caller.h"
#include "account/session.h"

static bool begin(struct db *db, const char *user_id, const char *address, int64_t now_ms, const char *hash,
                  struct error *err)
{
    return db_exec(db, "DELETE FROM account_session WHERE expires_ms <= $1 OR used_ms <= $2",
                   DB_ARGS(db_int(now_ms), db_int(now_ms - SESSION_IDLE_MS)), NULL, err) &&
           db_exec(db,
                   "INSERT INTO account_session (id, user_id, address, created_ms, used_ms, expires_ms) "
                   "VALUES ($1, $2, $3, $4, $4, $5)",
                   DB_ARGS(db_text(hash), db_text(user_id), db_text(address), db_int(now_ms),
                           db_int(now_ms + SESSION_MS)),
                   NULL, err) &&
           db_exec(db,
                   "DELETE FROM account_session WHERE user_id = $1 AND id NOT IN (SELECT id FROM "
                   "account_session WHERE user_id = $1 ORDER BY created_ms DESC, id LIMIT $2)",
                   DB_ARGS(db_text(user_id), db_int(SESSIONS_PER_USER_MAX)), NULL, err);
}

bool session_begin(struct db *db, const char *user_id, const char *address, int64_t now_ms,
                   char ret_secret[SECRET_BYTES], struct error *err)
{
    char hash[SECRET_HASH_BYTES];
    secret_make("", ret_secret);
    secret_hash("session", ret_secret, hash);
    if (!db_begin(db, err))
        return false;
    if (begin(db, user_id, address, now_ms, hash, err))
        return db_commit(db, err);
    db_rollback(db);
    return false;
}

bool session_caller(struct db *db, struct arena *arena, const char *secret, int64_t now_ms,
                    struct account_caller *ret, struct error *err)
{
    static const struct caller_source source = {
        .way = WAY_SESSION,
        .purpose = "session",
        .select = "SELECT s.id, u.project_id, u.role, u.name, u.id, u.role, s.used_ms FROM account_session s "
                  "JOIN account_user u ON u.id = s.user_id WHERE s.id = $1 AND s.expires_ms > $2 AND "
                  "s.used_ms > $3 AND u.is_disabled = 0",
        .touch = "UPDATE account_session SET used_ms = $2 WHERE id = $1",
        .idle_ms = SESSION_IDLE_MS};
    return caller_find(db, arena, &(struct caller_wish){&source, secret, now_ms}, ret, err);
}

bool session_end(struct db *db, const char *secret, struct error *err)
{
    char hash[SECRET_HASH_BYTES];
    secret_hash("session", secret, hash);
    return db_exec(db, "DELETE FROM account_session WHERE id = $1", DB_ARGS(db_text(hash)), NULL, err);
}

void session_csrf(const char *secret, char ret[SECRET_HASH_BYTES])
{
    secret_hash("csrf", secret, ret);
}
