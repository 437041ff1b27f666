/* SPDX-License-Identifier: Apache-2.0 */
/* Audit: who did what, or was refused. Rows are only added, never changed; old ones go by the limits below.
 */
#ifndef ACCOUNT_AUDIT_H
#define ACCOUNT_AUDIT_H

#include "db/db.h"

enum {
    AUDIT_KEPT_DAYS = 400,
    AUDIT_ROWS_MAX = 1000000,       /* of more the oldest go */
    AUDIT_NOBODY_ROWS_MAX = 100000, /* of those nobody signed: strangers cannot push out the others */
    AUDIT_TEXT_BYTES = 256,         /* of each text; longer ones are cut */
    AUDIT_PAGE_MAX = 1000,
    AUDIT_PURGE_EVERY = 1000, /* rows */
};
#define AUDIT_DONE "done"

struct audit_row {
    int64_t id, occurred_ms;
    const char *user;       /* "" nobody, or the owner of the data folder */
    const char *project_id; /* "" none */
    const char *route, *subject, *address, *outcome, *request_id;
};
/* Texts may be NULL, for "". `id` is not looked at; occurred_ms 0: now. */
MUST_CHECK bool audit_add(struct db *db, const struct audit_row *row, struct error *err);

struct audit_filter {
    const char *project_id, *user, *route; /* NULL: any */
    int64_t before_id;                     /* 0: from the newest on */
    int64_t limit;                         /* 1 to AUDIT_PAGE_MAX */
};
/* Newest first. */
MUST_CHECK bool audit_list(struct db *db, struct arena *arena, const struct audit_filter *filter,
                           struct audit_row **ret, size_t *ret_count, struct error *err);
/* Lets go what is past the limits; audit_add does it now and then. */
struct audit_limits {
    int64_t oldest_ms, rows, nobody_rows;
};
MUST_CHECK bool audit_purge(struct db *db, const struct audit_limits *limits, struct error *err);

#endif
