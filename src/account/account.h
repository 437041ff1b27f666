/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Account: who calls, and what they may do. A caller belongs to one project and sees nothing of any other;
 * only an administrator of the default project manages users, tokens and the audit of all projects.
 */
#ifndef ACCOUNT_ACCOUNT_H
#define ACCOUNT_ACCOUNT_H

#include "base/arena.h"
#include "base/error.h"

#define ACCOUNT_DEFAULT_PROJECT "0"

/* What a caller may do. A role may do what the ones before it may. */
enum account_role { ROLE_ANYONE, ROLE_READ, ROLE_LABEL, ROLE_ADMIN, ROLE_COUNT };
const char *account_role_name(enum account_role role); /* "anyone", "read", "label", "admin" */
/* ROLE_COUNT: no such role. */
enum account_role account_role_find(const char *name);
/* The roles that users and tokens have: "read", "label", "admin"; NULL-ended, for param tables. */
extern const char *const account_roles[];

/* How a caller showed who it is. */
enum account_way {
    WAY_LOCAL,   /* by the right to read and write the data folder, or sign-in is off */
    WAY_NOBODY,  /* not at all */
    WAY_SESSION, /* by the cookie of a session */
    WAY_TOKEN,   /* by an API token */
    WAY_COUNT
};
const char *account_way_name(enum account_way way); /* "local", "nobody", "session", "token" */

struct account_caller {
    const char *user;       /* name; NULL: whoever may run this program on the data folder */
    const char *project_id; /* what the caller reads and writes belongs to it */
    enum account_role role;
    const char *user_id; /* NULL: no user of the database */
    enum account_way way;
};
/* Who calls in process when nobody else is named: an administrator of the default project. */
extern const struct account_caller account_local;
/* Who has shown nothing. */
extern const struct account_caller account_nobody;
/* True for administrators of the default project, and for who may run this program on the data folder. */
bool account_rules_all_projects(const struct account_caller *caller);

#endif
