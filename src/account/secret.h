/* SPDX-License-Identifier: Apache-2.0 */
/* Secret: what a client keeps and we do not: random texts of tokens and sessions, of which only a hash is
 * stored. They have 222 bits of chance, so that a fast hash does. */
#ifndef ACCOUNT_SECRET_H
#define ACCOUNT_SECRET_H

#include <stdbool.h>

#define SECRET_TOKEN_PREFIX "trommel_"       /* so that people and scanners know a token that lies about */
#define SECRET_FIRST_PREFIX "trommel_first_" /* the one-time token of a server without users */

enum {
    SECRET_RANDOM_CHARACTERS = 43, /* of 0-9a-z */
    SECRET_BYTES = 64,             /* prefix, characters and NUL */
    SECRET_HASH_BYTES = 65,        /* 64 hex digits and NUL */
};

void secret_make(const char *prefix, char ret[SECRET_BYTES]);
/* BLAKE2b of 256 bits; `purpose` keeps hashes for different uses apart. */
void secret_hash(const char *purpose, const char *secret, char ret_hex[SECRET_HASH_BYTES]);
/* Takes the same time wherever the texts differ. */
bool secret_equal(const char *a, const char *b);

#endif
