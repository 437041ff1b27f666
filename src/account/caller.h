/* SPDX-License-Identifier: Apache-2.0 */
/* Caller: who shows a secret of which a hash is kept, that of a session or of a token. For account/ alone. */
#ifndef ACCOUNT_CALLER_H
#define ACCOUNT_CALLER_H

#include "account/user.h"

struct caller_source {
    enum account_way way;
    const char *purpose; /* of the hash (secret.h) */
    /* id, project_id, role, user's name, id and role, used_ms of what has the hash $1, lasts past $2 and was
     * used after $3, and whose user is not disabled */
    const char *select;
    const char *touch; /* sets used_ms $2 where the id is $1 */
    int64_t idle_ms;   /* what is not used so long is over; 0: nothing is */
};
struct caller_wish {
    const struct caller_source *source;
    const char *secret;
    int64_t now_ms;
};
/* Writes down that the secret was used, now and then. account_nobody: there is none such. Texts live in the
 * arena. */
MUST_CHECK bool caller_find(struct db *db, struct arena *arena, const struct caller_wish *wish,
                            struct account_caller *ret, struct error *err);

#endif
