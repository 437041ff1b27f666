/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Account: who calls, and what they may do. A caller belongs to one project and sees nothing of any other.
 */
#ifndef ACCOUNT_ACCOUNT_H
#define ACCOUNT_ACCOUNT_H

#include "base/arena.h"
#include "base/error.h"

#define ACCOUNT_DEFAULT_PROJECT "0"

/* What a caller may do. A role may do what the ones before it may. */
enum account_role { ROLE_ANYONE, ROLE_READ, ROLE_LABEL, ROLE_ADMIN, ROLE_COUNT };
const char *account_role_name(enum account_role role); /* "anyone", "read", "label", "admin" */

struct account_caller {
    const char *user;       /* name; NULL: whoever may run this program on the data folder */
    const char *project_id; /* what the caller reads and writes belongs to it */
    enum account_role role;
};
/* Who calls in process when nobody else is named: an administrator of the default project. */
extern const struct account_caller account_local;

#endif
