/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Password: Argon2id by libsodium's crypto_pwhash (RFC 9106). One check takes about a tenth of a second and
 * PASSWORD_MEMORY_BYTES, on purpose; a gate lets only a few run at once. Threads: all functions may be called
 * by any.
 */
#ifndef ACCOUNT_PASSWORD_H
#define ACCOUNT_PASSWORD_H

#include "base/error.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdint.h>

enum {
    PASSWORD_MIN_BYTES = 10,
    PASSWORD_MAX_BYTES = 256,
    PASSWORD_PASSES = 2,
    PASSWORD_MEMORY_BYTES = 64 * 1024 * 1024,
    PASSWORD_HASH_BYTES = crypto_pwhash_STRBYTES,
};

/* How many checks may run at once. */
struct password_gate {
    atomic_uint running;
    uint32_t max;
};
/* False: too many run already. A NULL gate lets everybody in. */
bool password_gate_enter(struct password_gate *gate);
void password_gate_leave(struct password_gate *gate);

/* ERR_INVALID with the pointer /password: too short or too long, or not UTF-8. */
MUST_CHECK bool password_check_form(const char *password, struct error *err);
MUST_CHECK bool password_hash(const char *password, char ret[PASSWORD_HASH_BYTES], struct error *err);
/* `hash` NULL, of a user that is not there: false, after the same time. */
bool password_is_right(const char *hash, const char *password);
/* The hash that unknown users are checked against; nobody knows its password. */
extern const char password_of_nobody[];

#endif
