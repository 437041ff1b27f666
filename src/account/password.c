/* SPDX-License-Identifier: Apache-2.0 */
#include "account/password.h"

#include "base/text.h"

#include <string.h>

/* With the same cost as all others; a test compares. */
const char password_of_nobody[] =
    "$argon2id$v=19$m=65536,t=2,p=1$MGPeh1wo86wfkhSIh+HcYg$P3v5CSv4i1ez8s1HyigopAruOjxxPdb30nLDr5rRVwM";

bool password_gate_enter(struct password_gate *gate)
{
    if (!gate || atomic_fetch_add(&gate->running, 1) < gate->max)
        return true;
    atomic_fetch_sub(&gate->running, 1);
    return false;
}

void password_gate_leave(struct password_gate *gate)
{
    if (gate)
        atomic_fetch_sub(&gate->running, 1);
}

bool password_check_form(const char *password, struct error *err)
{
    size_t bytes = strlen(password);
    if (bytes >= PASSWORD_MIN_BYTES && bytes <= PASSWORD_MAX_BYTES && text_is_utf8(password, bytes))
        return true;
    (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT, "a password has %d to %d bytes of UTF-8, not %zu",
                           PASSWORD_MIN_BYTES, PASSWORD_MAX_BYTES, bytes);
    return error_point(err, "/password");
}

bool password_hash(const char *password, char ret[PASSWORD_HASH_BYTES], struct error *err)
{
    return crypto_pwhash_str_alg(ret, password, strlen(password), PASSWORD_PASSES, PASSWORD_MEMORY_BYTES,
                                 crypto_pwhash_ALG_ARGON2ID13) == 0 ||
           error_no_memory(err);
}

bool password_is_right(const char *hash, const char *password)
{
    bool is_right =
        crypto_pwhash_str_verify(hash ? hash : password_of_nobody, password, strlen(password)) == 0;
    return is_right && hash;
}
