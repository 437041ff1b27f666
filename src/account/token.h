/* SPDX-License-Identifier: Apache-2.0 */
/* Token: what a program shows instead of name and password. It belongs to a user, has a role of at most the
 * user's, a project and an end. Only a hash of it is kept; the secret is shown once. */
#ifndef ACCOUNT_TOKEN_H
#define ACCOUNT_TOKEN_H

#include "account/secret.h"
#include "account/user.h"

enum {
    TOKEN_NAME_MAX_CHARACTERS = 64,
    TOKENS_PER_USER_MAX = 100,
    TOKEN_DAYS = 90, /* when nothing else is said */
    TOKEN_DAYS_MAX = 3650,
    TOKEN_LIST_MAX = USERS_MAX,
};

struct token {
    const char *id, *user_id, *user, *project_id, *name, *role;
    int64_t created_ms, expires_ms, used_ms; /* used_ms 0: never */
};

struct token_new {
    const struct user *user;
    const char *project_id; /* NULL: the user's; another only for administrators of the default project */
    const char *name;       /* unique among the user's */
    enum account_role role;
    int64_t expires_ms;
};
/* ERR_INVALID: the name; ERR_DENIED: a role above the user's, or another project; ERR_CONFLICT with
 * DETAIL_TOKEN_EXISTS; ERR_LIMIT past TOKENS_PER_USER_MAX. */
MUST_CHECK bool token_add(struct db *db, const struct token_new *wanted, char ret_id[33],
                          char ret_secret[SECRET_BYTES], struct error *err);
/* Newest first. NULL: of any user, of any project. */
MUST_CHECK bool token_list(struct db *db, struct arena *arena, const char *user_id, const char *project_id,
                           struct token **ret, size_t *ret_count, struct error *err);
/* By id, or, with `user_id`, by name. ERR_NOT_FOUND with DETAIL_TOKEN_NOT_FOUND. */
MUST_CHECK bool token_get(struct db *db, struct arena *arena, const char *user_id, const char *name,
                          struct token *ret, struct error *err);
MUST_CHECK bool token_delete(struct db *db, const char *id, struct error *err);

/* Who shows the secret. *ret_is_known false: nobody we know, or its time is over, or its user is disabled. */
MUST_CHECK bool token_caller(struct db *db, struct arena *arena, const char *secret, int64_t now_ms,
                             struct account_caller *ret, bool *ret_is_known, struct error *err);

#endif
