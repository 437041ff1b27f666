/* SPDX-License-Identifier: Apache-2.0 */
/* Sign-in: name and password, with everything that keeps guessing slow. */
#ifndef ACCOUNT_SIGN_IN_H
#define ACCOUNT_SIGN_IN_H

#include "account/lockout.h"
#include "account/password.h"
#include "account/user.h"

struct sign_in {
    const char *name, *password, *address;
    int64_t now_ms;
    struct password_gate *gate; /* NULL: none */
};
/* ERR_SIGN_IN: no such user, another password, or disabled, which one is not told, and all take the same
 * time. ERR_TOO_MANY: locked out; ERR_BUSY: too many passwords are being checked. *ret_wait_seconds says how
 * long to wait then. */
MUST_CHECK bool sign_in(struct db *db, struct arena *arena, const struct sign_in *attempt, struct user *ret,
                        int64_t *ret_wait_seconds, struct error *err);

#endif
