/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lock-out: whoever guesses passwords waits longer and longer. Counted for the name that is tried, whether
 * there is such a user or not, and for the address it comes from, in the database, so that a restart forgets
 * nothing. An attempt is counted before the password is looked at, so that many at once are counted too.
 */
#ifndef ACCOUNT_LOCKOUT_H
#define ACCOUNT_LOCKOUT_H

#include "db/db.h"

enum {
    LOCKOUT_USER_FREE = 5,     /* failures of one name before it is locked */
    LOCKOUT_ADDRESS_FREE = 20, /* of one address */
    LOCKOUT_FIRST_SECONDS = 1, /* then doubled at each failure */
    LOCKOUT_MAX_SECONDS = 15 * 60,
    LOCKOUT_FORGET_HOURS = 24, /* after the last failure */
    LOCKOUT_ROWS_MAX = 100000, /* of more the oldest tenth goes */
    LOCKOUT_KEY_BYTES = 128,
};

/* Seconds of lock after so many failures. */
int64_t lockout_seconds(int64_t failures, int64_t free_failures);
/* What of an address counts as one client: of IPv6 the first 64 bits. */
void lockout_address(const char *address, char ret[LOCKOUT_KEY_BYTES]);

struct lockout_attempt {
    const char *user; /* as typed; NULL: none is named */
    const char *address;
    int64_t now_ms;
};
/* Counts the attempt. *ret_wait_seconds above 0: it must not be made, and was not counted. */
MUST_CHECK bool lockout_begin(struct db *db, struct arena *arena, const struct lockout_attempt *attempt,
                              int64_t *ret_wait_seconds, struct error *err);
/* The attempt was good: the name's failures are forgotten, the address gets this one back. */
MUST_CHECK bool lockout_forgive(struct db *db, const struct lockout_attempt *attempt, struct error *err);

#endif
