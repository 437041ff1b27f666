/* SPDX-License-Identifier: Apache-2.0 */
#include "account/secret.h"
#include "account/user.h"
#include "base/clock.h"
#include "base/hash.h"

#include <string.h>

enum { LOOK_ARENA_BYTES = 64 * 1024 };

#define USER_SELECT                                                                                          \
    "SELECT id, project_id, name, role, password_hash, is_disabled, created_ms, updated_ms FROM "            \
    "account_user "
static const struct db_column user_columns[] = {
    DB_COLUMN_TEXT(struct user, id),
    DB_COLUMN_TEXT(struct user, project_id),
    DB_COLUMN_TEXT(struct user, name),
    DB_COLUMN_TEXT(struct user, role),
    DB_COLUMN_TEXT(struct user, password_hash),
    DB_COLUMN_BOOL(struct user, is_disabled),
    DB_COLUMN_INT(struct user, created_ms),
    DB_COLUMN_INT(struct user, updated_ms),
    DB_COLUMN_END,
};
struct text_row {
    const char *value;
};
static const struct db_column text_columns[] = {DB_COLUMN_TEXT(struct text_row, value), DB_COLUMN_END};

bool user_count(struct db *db, int64_t *ret, struct error *err)
{
    return db_select_number(db, "SELECT COUNT(*) FROM account_user", DB_NO_ARGS, ret, err);
}

static bool check_name(const char *name, struct error *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    size_t bytes = strlen(name);
    bool is_fine = bytes > 0 && bytes <= USER_NAME_MAX_BYTES && strchr(letters, name[0]);
    for (size_t i = 0; is_fine && i < bytes; i++)
        is_fine = strchr(letters, name[i]) || strchr("._@-", name[i]);
    if (is_fine)
        return true;
    (void)error_set_detail(
        err, DETAIL_INVALID_ARGUMENT,
        "a user's name has 1 to %d of a-z, 0-9 and ._@-, and begins with a letter or digit; "
        "'%.80s' does not",
        USER_NAME_MAX_BYTES, name);
    return error_point(err, "/name");
}

static bool check_project(struct db *db, const char *project_id, struct error *err)
{
    int64_t count = 0;
    if (!db_select_number(db, "SELECT COUNT(*) FROM project WHERE id = $1", DB_ARGS(db_text(project_id)),
                          &count, err))
        return false;
    if (count > 0)
        return true;
    (void)error_set(err, ERR_NOT_FOUND, "there is no project '%.80s'", project_id);
    return error_point(err, "/project");
}

/* ---- adding ---- */

/* Whoever has the one-time token rules the server: only until there is a user. */
static bool check_first(struct db *db, const struct user_new *wanted, int64_t users, struct error *err)
{
    AUTO(arena) arena = arena_new(LOOK_ARENA_BYTES);
    struct text_row row = {NULL};
    char hash[SECRET_HASH_BYTES];
    bool is_found = false;
    if (!arena)
        return error_no_memory(err);
    if (wanted->first_secret) {
        if (!db_select_one(db, arena, "SELECT secret_hash FROM account_first WHERE id = 'first'", DB_NO_ARGS,
                           text_columns, &row, &is_found, err))
            return false;
        secret_hash("first", wanted->first_secret, hash);
        if (users > 0 || !is_found || !secret_equal(row.value, hash))
            return error_set(err, ERR_SIGN_IN,
                             "this is not the one-time token that the server printed, or it was used");
    }
    const char *project = wanted->project_id ? wanted->project_id : ACCOUNT_DEFAULT_PROJECT;
    if (users > 0 || (wanted->role == ROLE_ADMIN && strcmp(project, ACCOUNT_DEFAULT_PROJECT) == 0))
        return true;
    (void)error_set(err, ERR_INVALID, "the first user must be an administrator of the default project");
    return error_point(err, "/role");
}

static bool check_new(struct db *db, const struct user_new *wanted, const char *project_id, struct error *err)
{
    int64_t users = 0, taken = 0;
    if (!user_count(db, &users, err) || !check_first(db, wanted, users, err) ||
        !check_project(db, project_id, err) ||
        !db_select_number(db, "SELECT COUNT(*) FROM account_user WHERE name = $1",
                          DB_ARGS(db_text(wanted->name)), &taken, err))
        return false;
    if (taken > 0)
        return error_set_detail(err, DETAIL_USER_EXISTS, "there is a user '%s' already", wanted->name);
    return users < USERS_MAX || error_set(err, ERR_LIMIT, "there are %d users already", USERS_MAX);
}

static bool insert(struct db *db, const struct user_new *wanted, const char *project_id, const char *id,
                   struct error *err)
{
    const int64_t now_ms = clock_now_ms();
    return check_new(db, wanted, project_id, err) &&
           db_exec(db,
                   "INSERT INTO account_user (id, project_id, name, role, password_hash, created_ms, "
                   "updated_ms) VALUES ($1, $2, $3, $4, $5, $6, $6)",
                   DB_ARGS(db_text(id), db_text(project_id), db_text(wanted->name),
                           db_text(account_role_name(wanted->role)), db_text(wanted->password_hash),
                           db_int(now_ms)),
                   NULL, err) &&
           db_exec(db, "DELETE FROM account_first", DB_NO_ARGS, NULL, err);
}

bool user_add(struct db *db, const struct user_new *wanted, char ret_id[33], struct error *err)
{
    char id[HASH_HEX_BYTES];
    const char *project_id = wanted->project_id ? wanted->project_id : ACCOUNT_DEFAULT_PROJECT;
    if (!check_name(wanted->name, err))
        return false;
    if (wanted->role <= ROLE_ANYONE || wanted->role >= ROLE_COUNT)
        return error_set(err, ERR_INVALID, "a user's role is read, label or admin");
    id_random_hex(id);
    if (!db_begin(db, err))
        return false;
    if (!insert(db, wanted, project_id, id, err)) {
        db_rollback(db);
        return false;
    }
    if (!db_commit(db, err))
        return false;
    memcpy(ret_id, id, sizeof(id));
    return true;
}

/* ---- looking ---- */

bool user_get(struct db *db, struct arena *arena, const char *project_id, const char *name, struct user *ret,
              struct error *err)
{
    bool is_found = false;
    if (!db_select_one(
            db, arena,
            USER_SELECT
            "WHERE (name = $1 OR id = $1) AND (CAST($2 AS TEXT) IS NULL OR project_id = $2) ORDER BY "
            "CASE WHEN name = $1 THEN 0 ELSE 1 END LIMIT 1",
            DB_ARGS(db_text(name), db_text(project_id)), user_columns, ret, &is_found, err))
        return false;
    return is_found || error_set_detail(err, DETAIL_USER_NOT_FOUND, "there is no user '%.80s'", name);
}

bool user_list(struct db *db, struct arena *arena, const char *project_id, struct user **ret,
               size_t *ret_count, struct error *err)
{
    static const struct db_list form = {user_columns, sizeof(struct user), USERS_MAX};
    return db_select_list(db, arena,
                          USER_SELECT "WHERE (CAST($1 AS TEXT) IS NULL OR project_id = $1) ORDER BY name",
                          DB_ARGS(db_text(project_id)), &form, ret, ret_count, err);
}

/* ---- changing ---- */

/* Somebody must be left who rules all projects. */
static bool check_last_admin(struct db *db, struct error *err)
{
    int64_t admins = 0;
    if (!db_select_number(db,
                          "SELECT COUNT(*) FROM account_user WHERE role = 'admin' AND is_disabled = 0 AND "
                          "project_id = $1",
                          DB_ARGS(db_text(ACCOUNT_DEFAULT_PROJECT)), &admins, err))
        return false;
    return admins > 0 ||
           error_set_detail(err, DETAIL_LAST_ADMIN, "this is the last administrator of the default project");
}

static bool end_access(struct db *db, const char *id, struct error *err)
{
    return db_exec(db, "DELETE FROM account_session WHERE user_id = $1", DB_ARGS(db_text(id)), NULL, err) &&
           db_exec(db, "DELETE FROM account_token WHERE user_id = $1", DB_ARGS(db_text(id)), NULL, err);
}

static bool check_changed(int64_t changed, const char *id, struct error *err)
{
    return changed > 0 || error_set_detail(err, DETAIL_USER_NOT_FOUND, "there is no user '%.80s'", id);
}

static bool change(struct db *db, const char *id, const struct user_change *change, struct error *err)
{
    int64_t changed = 0;
    return (!change->project_id || check_project(db, change->project_id, err)) &&
           db_exec(
               db,
               "UPDATE account_user SET role = COALESCE($2, role), project_id = COALESCE($3, project_id), "
               "password_hash = COALESCE($4, password_hash), is_disabled = COALESCE($5, is_disabled), "
               "updated_ms = $6 WHERE id = $1",
               DB_ARGS(db_text(id), db_text(change->role), db_text(change->project_id),
                       db_text(change->password_hash),
                       change->is_disabled < 0 ? db_null() : db_int(change->is_disabled),
                       db_int(clock_now_ms())),
               &changed, err) &&
           check_changed(changed, id, err) && check_last_admin(db, err) && end_access(db, id, err);
}

bool user_change(struct db *db, const char *id, const struct user_change *wanted, struct error *err)
{
    if (!db_begin(db, err))
        return false;
    if (change(db, id, wanted, err))
        return db_commit(db, err);
    db_rollback(db);
    return false;
}

static bool delete (struct db *db, const char *id, struct error *err)
{
    int64_t changed = 0;
    return end_access(db, id, err) &&
           db_exec(db, "DELETE FROM account_user WHERE id = $1", DB_ARGS(db_text(id)), &changed, err) &&
           check_changed(changed, id, err) && check_last_admin(db, err);
}

bool user_delete(struct db *db, const char *id, struct error *err)
{
    if (!db_begin(db, err))
        return false;
    if (delete (db, id, err))
        return db_commit(db, err);
    db_rollback(db);
    return false;
}

/* ---- the one-time token ---- */

static bool replace_first(struct db *db, const char *hash, bool *ret_is_made, struct error *err)
{
    int64_t users = 0;
    if (!user_count(db, &users, err))
        return false;
    *ret_is_made = users == 0;
    return users > 0 ||
           db_exec(db,
                   "INSERT INTO account_first (id, secret_hash, created_ms) VALUES ('first', $1, $2) ON "
                   "CONFLICT (id) DO UPDATE SET secret_hash = $1, created_ms = $2",
                   DB_ARGS(db_text(hash), db_int(clock_now_ms())), NULL, err);
}

bool user_make_first_secret(struct db *db, char *ret, bool *ret_is_made, struct error *err)
{
    char secret[SECRET_BYTES], hash[SECRET_HASH_BYTES];
    bool is_made = false;
    secret_make(SECRET_FIRST_PREFIX, secret);
    secret_hash("first", secret, hash);
    if (!db_begin(db, err))
        return false;
    if (!replace_first(db, hash, &is_made, err)) {
        db_rollback(db);
        return false;
    }
    if (!db_commit(db, err))
        return false;
    memcpy(ret, secret, sizeof(secret));
    *ret_is_made = is_made;
    return true;
}
