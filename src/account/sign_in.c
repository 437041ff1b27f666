/* SPDX-License-Identifier: Apache-2.0 */
#include "account/sign_in.h"

#include <string.h>

enum { BUSY_SECONDS = 1 };

static bool check(struct db *db, struct arena *arena, const struct sign_in *attempt, struct user *ret,
                  struct error *err)
{
    struct error why = {0};
    struct user user = {0};
    bool is_found = user_get(db, arena, NULL, attempt->name, &user, &why);
    if (!is_found && why.code != ERR_NOT_FOUND) {
        *err = why;
        return false;
    }
    /* Failures are counted by name: an id would be a second one. */
    is_found = is_found && strcmp(user.name, attempt->name) == 0;
    /* The password is looked at in every case, so that the time tells nothing. */
    bool is_right = password_is_right(is_found ? user.password_hash : NULL, attempt->password);
    if (!is_right || user.is_disabled)
        return error_set(err, ERR_SIGN_IN, "name or password is wrong");
    *ret = user;
    return true;
}

static bool try(struct db *db, struct arena *arena, const struct sign_in *attempt, struct user *ret,
                int64_t *ret_wait_seconds, struct error *err)
{
    const struct lockout_attempt counted = {attempt->name, attempt->address, attempt->now_ms};
    if (!lockout_begin(db, arena, &counted, ret_wait_seconds, err))
        return false;
    if (*ret_wait_seconds > 0)
        return error_set(err, ERR_TOO_MANY, "too many sign-ins failed: wait %lld s",
                         (long long)*ret_wait_seconds);
    return check(db, arena, attempt, ret, err) && lockout_forgive(db, &counted, err);
}

bool sign_in(struct db *db, struct arena *arena, const struct sign_in *attempt, struct user *ret,
             int64_t *ret_wait_seconds, struct error *err)
{
    *ret_wait_seconds = BUSY_SECONDS;
    if (!password_gate_enter(attempt->gate))
        return error_set(err, ERR_BUSY, "too many passwords are being checked: try again");
    *ret_wait_seconds = 0;
    bool is_done = try(db, arena, attempt, ret, ret_wait_seconds, err);
    password_gate_leave(attempt->gate);
    return is_done;
}
