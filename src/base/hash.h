/* SPDX-License-Identifier: Apache-2.0 */
/* Hash: content identity (BLAKE2b by libsodium, 128 bits as 32 hex digits) and random ids. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/buffer.h"

#include <sodium.h>

enum { HASH_HEX_BYTES = 33 }; /* 32 digits and the NUL */

struct hash {
    crypto_generichash_state state;
};

void hash_start(struct hash *hash);
void hash_add(struct hash *hash, const void *data, size_t bytes);
void hash_add_text(struct hash *hash, const char *text); /* with its NUL, so that parts cannot run together */
void hash_finish(struct hash *hash, char ret_hex[HASH_HEX_BYTES]);
void hash_of(struct bytes bytes, char ret_hex[HASH_HEX_BYTES]);

/* `length` random characters of 0-9a-z and a NUL. */
void id_random(char *ret, size_t length);
/* 32 random hex digits, the form of a task id. */
void id_random_hex(char ret_hex[HASH_HEX_BYTES]);

#endif
