/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials: tokens of servers, in a file that only its owner may read:
 * $XDG_CONFIG_HOME/trommel/credentials. {"current": URL, "servers": {URL: {"token", "user"}}}
 */
#ifndef CLIENT_CREDENTIALS_H
#define CLIENT_CREDENTIALS_H

#include "base/arena.h"
#include "base/error.h"

enum { CREDENTIALS_MAX_BYTES = 256 * 1024 };

struct credential {
    const char *url, *token, *user; /* NULL: none */
};

/* What is kept for a server; url NULL: the one that was signed in to last. *ret is all NULL when there is
 * nothing. ERR_DENIED: the file is not its owner's alone. Texts live in the arena. */
MUST_CHECK bool credentials_find(struct arena *arena, const char *url, struct credential *ret,
                                 struct error *err);
/* Keeps it, and makes the server the current one. */
MUST_CHECK bool credentials_keep(struct arena *arena, const struct credential *credential, struct error *err);
/* *ret_was_there: there was something to forget. */
MUST_CHECK bool credentials_forget(struct arena *arena, const char *url, bool *ret_was_there,
                                   struct error *err);
/* NULL: neither XDG_CONFIG_HOME nor HOME is set. */
char *credentials_path(struct arena *arena);

#endif
