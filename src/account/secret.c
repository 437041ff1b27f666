/* SPDX-License-Identifier: Apache-2.0 */
#include "account/secret.h"

#include "base/hash.h"

#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(SECRET_FIRST_PREFIX) + SECRET_RANDOM_CHARACTERS <= SECRET_BYTES, "a secret fits");

void secret_make(const char *prefix, char ret[SECRET_BYTES])
{
    char random[SECRET_RANDOM_CHARACTERS + 1];
    id_random(random, SECRET_RANDOM_CHARACTERS);
    (void)snprintf(ret, SECRET_BYTES, "%s%s", prefix, random);
    sodium_memzero(random, sizeof(random));
}

void secret_hash(const char *purpose, const char *secret, char ret_hex[SECRET_HASH_BYTES])
{
    unsigned char digest[crypto_generichash_BYTES];
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, sizeof(digest));
    (void)crypto_generichash_update(&state, (const unsigned char *)purpose, strlen(purpose) + 1);
    (void)crypto_generichash_update(&state, (const unsigned char *)secret, strlen(secret));
    (void)crypto_generichash_final(&state, digest, sizeof(digest));
    (void)sodium_bin2hex(ret_hex, SECRET_HASH_BYTES, digest, sizeof(digest));
}

bool secret_equal(const char *a, const char *b)
{
    size_t bytes = strlen(a);
    return bytes == strlen(b) && sodium_memcmp(a, b, bytes) == 0;
}
