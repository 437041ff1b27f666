/* SPDX-License-Identifier: Apache-2.0 */
/* Project: what keeps the work of different people apart. Every model, service, run, task, dataset and user
 * is of one. The default project is always there; its administrators administer the installation. */
#ifndef ACCOUNT_PROJECT_H
#define ACCOUNT_PROJECT_H

#include "account/account.h"
#include "db/db.h"

enum { PROJECT_NAME_MAX_CHARACTERS = 64, PROJECTS_MAX = 10000 };

struct project {
    const char *id, *name; /* id: 32 hex digits; "0" is the default project */
    int64_t created_ms;
};

/* ERR_CONFLICT: the name is taken; ERR_INVALID: no such names; ERR_LIMIT past PROJECTS_MAX. */
MUST_CHECK bool project_create(struct db *db, struct arena *arena, const char *name, struct project *ret,
                               struct error *err);
/* By whole id or name. ERR_NOT_FOUND. Texts live in the arena. */
MUST_CHECK bool project_find(struct db *db, struct arena *arena, const char *reference, struct project *ret,
                             struct error *err);
/* By name. */
MUST_CHECK bool project_list(struct db *db, struct arena *arena, struct project **ret, size_t *ret_count,
                             struct error *err);
/* Deletes a project that holds nothing any more, with its tasks, which have all ended. ERR_CONFLICT names
 * what it still holds; the default project always stays. */
MUST_CHECK bool project_delete(struct db *db, const struct project *project, struct error *err);

#endif
