/* SPDX-License-Identifier: Apache-2.0 */
#include "account/caller.h"
#include "account/token.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/text.h"

#include <string.h>

enum { LOOK_ARENA_BYTES = 16 * 1024 };

#define TOKEN_SELECT                                                                                         \
    "SELECT t.id, t.user_id, u.name, t.project_id, t.name, t.role, t.created_ms, t.expires_ms, t.used_ms "   \
    "FROM account_token t JOIN account_user u ON u.id = t.user_id "
static const struct db_column token_columns[] = {
    DB_COLUMN_TEXT(struct token, id),        DB_COLUMN_TEXT(struct token, user_id),
    DB_COLUMN_TEXT(struct token, user),      DB_COLUMN_TEXT(struct token, project_id),
    DB_COLUMN_TEXT(struct token, name),      DB_COLUMN_TEXT(struct token, role),
    DB_COLUMN_INT(struct token, created_ms), DB_COLUMN_INT(struct token, expires_ms),
    DB_COLUMN_INT(struct token, used_ms),    DB_COLUMN_END,
};
struct owned {
    int64_t tokens, same_name, projects;
};
static const struct db_column owned_columns[] = {DB_COLUMN_INT(struct owned, tokens),
                                                 DB_COLUMN_INT(struct owned, same_name),
                                                 DB_COLUMN_INT(struct owned, projects), DB_COLUMN_END};

static bool check_rights(const struct token_new *wanted, const char *project_id, struct error *err)
{
    const struct user *user = wanted->user;
    enum account_role most = account_role_find(user->role);
    if (wanted->role <= ROLE_ANYONE || wanted->role > most || wanted->role >= ROLE_COUNT) {
        (void)error_set(err, ERR_DENIED, "a token of %s has at most the role %s", user->name, user->role);
        return error_point(err, "/role");
    }
    bool rules_all = most == ROLE_ADMIN && strcmp(user->project_id, ACCOUNT_DEFAULT_PROJECT) == 0;
    if (rules_all || strcmp(project_id, user->project_id) == 0)
        return true;
    (void)error_set(err, ERR_DENIED, "a token of %s is for the project %s", user->name, user->project_id);
    return error_point(err, "/project");
}

static bool check_room(struct db *db, const struct token_new *wanted, const char *project_id,
                       struct error *err)
{
    AUTO(arena) arena = arena_new(LOOK_ARENA_BYTES);
    struct owned owned = {0};
    bool is_found = false;
    if (!arena)
        return error_no_memory(err);
    if (!db_select_one(db, arena,
                       "SELECT (SELECT COUNT(*) FROM account_token WHERE user_id = $1), "
                       "(SELECT COUNT(*) FROM account_token WHERE user_id = $1 AND name = $2), "
                       "(SELECT COUNT(*) FROM project WHERE id = $3)",
                       DB_ARGS(db_text(wanted->user->id), db_text(wanted->name), db_text(project_id)),
                       owned_columns, &owned, &is_found, err))
        return false;
    if (owned.projects == 0)
        return error_set(err, ERR_NOT_FOUND, "there is no project '%.80s'", project_id);
    if (owned.same_name > 0)
        return error_set_detail(err, DETAIL_TOKEN_EXISTS, "%s has a token '%s' already", wanted->user->name,
                                wanted->name);
    return owned.tokens < TOKENS_PER_USER_MAX ||
           error_set(err, ERR_LIMIT, "%s has %d tokens already: delete some", wanted->user->name,
                     TOKENS_PER_USER_MAX);
}

static bool insert(struct db *db, const struct token_new *wanted, const char *id, const char *hash,
                   struct error *err)
{
    const char *project_id = wanted->project_id ? wanted->project_id : wanted->user->project_id;
    return check_rights(wanted, project_id, err) && check_room(db, wanted, project_id, err) &&
           db_exec(db,
                   "INSERT INTO account_token (id, user_id, project_id, name, role, secret_hash, created_ms, "
                   "expires_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                   DB_ARGS(db_text(id), db_text(wanted->user->id), db_text(project_id), db_text(wanted->name),
                           db_text(account_role_name(wanted->role)), db_text(hash), db_int(clock_now_ms()),
                           db_int(wanted->expires_ms)),
                   NULL, err);
}

bool token_add(struct db *db, const struct token_new *wanted, char ret_id[33], char ret_secret[SECRET_BYTES],
               struct error *err)
{
    char id[HASH_HEX_BYTES], secret[SECRET_BYTES], hash[SECRET_HASH_BYTES];
    if (!text_check_name(wanted->name, "a token's name", TOKEN_NAME_MAX_CHARACTERS, "/", err))
        return error_point(err, "/name");
    id_random_hex(id);
    secret_make(SECRET_TOKEN_PREFIX, secret);
    secret_hash("token", secret, hash);
    if (!db_begin(db, err))
        return false;
    if (!insert(db, wanted, id, hash, err)) {
        db_rollback(db);
        return false;
    }
    if (!db_commit(db, err))
        return false;
    memcpy(ret_id, id, sizeof(id));
    memcpy(ret_secret, secret, sizeof(secret));
    return true;
}

bool token_list(struct db *db, struct arena *arena, const struct token_filter *filter, struct token **ret,
                size_t *ret_count, struct error *err)
{
    static const struct db_list form = {token_columns, sizeof(struct token), TOKEN_LIST_MAX};
    return db_select_list(
        db, arena,
        TOKEN_SELECT "WHERE (CAST($1 AS TEXT) IS NULL OR t.user_id = $1) AND (CAST($2 AS TEXT) IS NULL OR "
                     "t.project_id = $2) ORDER BY t.created_ms DESC, t.id LIMIT $3",
        DB_ARGS(db_text(filter->user_id), db_text(filter->project_id), db_int(TOKEN_LIST_MAX)), &form, ret,
        ret_count, err);
}

bool token_get(struct db *db, struct arena *arena, const char *user_id, const char *name, struct token *ret,
               struct error *err)
{
    bool is_found = false;
    if (!db_select_one(db, arena,
                       TOKEN_SELECT "WHERE t.id = $1 OR (t.name = $1 AND t.user_id = $2) ORDER BY "
                                    "CASE WHEN t.id = $1 THEN 0 ELSE 1 END LIMIT 1",
                       DB_ARGS(db_text(name), db_text(user_id)), token_columns, ret, &is_found, err))
        return false;
    return is_found || error_set_detail(err, DETAIL_TOKEN_NOT_FOUND, "there is no token '%.80s'", name);
}

bool token_delete(struct db *db, const char *id, struct error *err)
{
    int64_t changed = 0;
    if (!db_exec(db, "DELETE FROM account_token WHERE id = $1", DB_ARGS(db_text(id)), &changed, err))
        return false;
    return changed > 0 || error_set_detail(err, DETAIL_TOKEN_NOT_FOUND, "there is no token '%.80s'", id);
}

bool token_caller(struct db *db, struct arena *arena, const char *secret, int64_t now_ms,
                  struct account_caller *ret, struct error *err)
{
    static const struct caller_source source = {
        .way = WAY_TOKEN,
        .purpose = "token",
        .select = "SELECT t.id, t.project_id, t.role, u.name, u.id, u.role, t.used_ms FROM account_token t "
                  "JOIN account_user u ON u.id = t.user_id WHERE t.secret_hash = $1 AND t.expires_ms > $2 "
                  "AND t.used_ms > $3 AND u.is_disabled = 0",
        .touch = "UPDATE account_token SET used_ms = $2 WHERE id = $1"};
    return caller_find(db, arena, &(struct caller_wish){&source, secret, now_ms}, ret, err);
}
