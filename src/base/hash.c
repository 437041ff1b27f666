/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <string.h>

enum { DIGEST_BYTES = 16 };

/* Picks the fastest code for this processor and makes randombytes safe in threads; cheap when it was done
 * before. It fails only where the system has no random numbers, and then randombytes ends the process by
 * itself. */
static void prepare(void)
{
    (void)!sodium_init();
}

void hash_start(struct hash *hash)
{
    prepare();
    (void)crypto_generichash_init(&hash->state, NULL, 0, DIGEST_BYTES);
}

void hash_add(struct hash *hash, const void *data, size_t bytes)
{
    (void)crypto_generichash_update(&hash->state, data, bytes);
}

void hash_add_text(struct hash *hash, const char *text)
{
    hash_add(hash, text, strlen(text) + 1);
}

void hash_finish(struct hash *hash, char ret_hex[HASH_HEX_BYTES])
{
    unsigned char digest[DIGEST_BYTES];
    (void)crypto_generichash_final(&hash->state, digest, sizeof(digest));
    (void)sodium_bin2hex(ret_hex, HASH_HEX_BYTES, digest, sizeof(digest));
}

void hash_of(struct bytes bytes, char ret_hex[HASH_HEX_BYTES])
{
    struct hash hash;
    hash_start(&hash);
    hash_add(&hash, bytes.data, bytes.size);
    hash_finish(&hash, ret_hex);
}

void id_random(char *ret, size_t length)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    prepare();
    for (size_t i = 0; i < length; i++)
        ret[i] = digits[randombytes_uniform(sizeof(digits) - 1)];
    ret[length] = '\0';
}

void id_random_hex(char ret_hex[HASH_HEX_BYTES])
{
    unsigned char bytes[DIGEST_BYTES];
    prepare();
    randombytes_buf(bytes, sizeof(bytes));
    (void)sodium_bin2hex(ret_hex, HASH_HEX_BYTES, bytes, sizeof(bytes));
}
