/* SPDX-License-Identifier: Apache-2.0 */
/* User: a person who signs in with name and password. Each belongs to one project and has one role in it. */
#ifndef ACCOUNT_USER_H
#define ACCOUNT_USER_H

#include "account/account.h"
#include "db/db.h"

enum { USER_NAME_MAX_BYTES = 64, USERS_MAX = 10000 };

struct user {
    const char *id, *project_id, *name, *role, *password_hash;
    bool is_disabled;
    int64_t created_ms, updated_ms;
};

struct user_new {
    const char *project_id; /* NULL: the default one */
    const char *name;       /* lower-case letters, digits and ._@-, beginning with a letter or digit */
    enum account_role role;
    const char *password_hash;
    const char *first_secret; /* the one-time token; NULL: not asked for. */
};
/* ERR_CONFLICT with DETAIL_USER_EXISTS; ERR_NOT_FOUND: no such project; ERR_INVALID: the name, or the first
 * user of all is no administrator of the default project; ERR_LIMIT past USERS_MAX. With `first_secret`,
 * ERR_SIGN_IN unless it is the one-time token and there is no user yet. The first user ends the one-time
 * token for good. */
MUST_CHECK bool user_add(struct db *db, const struct user_new *wanted, char ret_id[33], struct error *err);
/* By name or id. ERR_NOT_FOUND with DETAIL_USER_NOT_FOUND. `project_id` NULL: of any project; a user of
 * another counts as not there. Texts live in the arena. */
MUST_CHECK bool user_get(struct db *db, struct arena *arena, const char *project_id, const char *name,
                         struct user *ret, struct error *err);
/* By name; `project_id` NULL: all. */
MUST_CHECK bool user_list(struct db *db, struct arena *arena, const char *project_id, struct user **ret,
                          size_t *ret_count, struct error *err);
MUST_CHECK bool user_count(struct db *db, int64_t *ret, struct error *err);

/* What is NULL or negative stays. All sessions and tokens of the user end. ERR_CONFLICT with
 * DETAIL_LAST_ADMIN: nobody would be left who rules all projects. */
struct user_change {
    const char *role, *project_id, *password_hash;
    int is_disabled;
};
MUST_CHECK bool user_change(struct db *db, const char *id, const struct user_change *change,
                            struct error *err);
MUST_CHECK bool user_delete(struct db *db, const char *id, struct error *err);

/* Makes a new one-time token when there is no user, and forgets the one before. *ret_is_made false: there are
 * users. `ret` holds SECRET_BYTES. */
MUST_CHECK bool user_make_first_secret(struct db *db, char *ret, bool *ret_is_made, struct error *err);

#endif
