/* SPDX-License-Identifier: Apache-2.0 */
/* Session: what a browser has after signing in: a random text in a cookie, of which only a hash is kept. It
 * ends when it is idle too long, after its whole time, on signing out, and when the user changes. */
#ifndef ACCOUNT_SESSION_H
#define ACCOUNT_SESSION_H

#include "account/secret.h"
#include "account/user.h"

#define SESSION_IDLE_MS ((int64_t)12 * 3600 * 1000)
#define SESSION_MS ((int64_t)7 * 24 * 3600 * 1000)
enum { SESSIONS_PER_USER_MAX = 32 }; /* the oldest end */

MUST_CHECK bool session_begin(struct db *db, const char *user_id, const char *address, int64_t now_ms,
                              char ret_secret[SECRET_BYTES], struct error *err);
/* Who has the session. *ret_is_known false: none that lasts, or its user is disabled. */
MUST_CHECK bool session_caller(struct db *db, struct arena *arena, const char *secret, int64_t now_ms,
                               struct account_caller *ret, bool *ret_is_known, struct error *err);
MUST_CHECK bool session_end(struct db *db, const char *secret, struct error *err);

/* What a page sends beside the cookie, to show that it is ours: made from the session's secret, and says
 * nothing about it. */
void session_csrf(const char *secret, char ret[SECRET_HASH_BYTES]);

#endif
