/* SPDX-License-Identifier: Apache-2.0 */
#include "account/account.h"

#include <string.h>

const struct account_caller account_local = {NULL, ACCOUNT_DEFAULT_PROJECT, ROLE_ADMIN, NULL, WAY_LOCAL};
const struct account_caller account_nobody = {NULL, "", ROLE_ANYONE, NULL, WAY_NOBODY};

static const char *const role_names[ROLE_COUNT] = {"anyone", "read", "label", "admin"};
static const char *const way_names[WAY_COUNT] = {"local", "nobody", "session", "token"};
const char *const account_roles[] = {"read", "label", "admin", NULL};

const char *account_role_name(enum account_role role)
{
    return role_names[role];
}

enum account_role account_role_find(const char *name)
{
    enum account_role role = ROLE_ANYONE;
    while (role < ROLE_COUNT && strcmp(role_names[role], name) != 0)
        role++;
    return role;
}

const char *account_way_name(enum account_way way)
{
    return way_names[way];
}

bool account_rules_all_projects(const struct account_caller *caller)
{
    return caller->role == ROLE_ADMIN &&
           (caller->way == WAY_LOCAL || strcmp(caller->project_id, ACCOUNT_DEFAULT_PROJECT) == 0);
}
