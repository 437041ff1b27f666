/* SPDX-License-Identifier: Apache-2.0 */
#include "account/account.h"

const struct account_caller account_local = {NULL, ACCOUNT_DEFAULT_PROJECT, ROLE_ADMIN};

static const char *const role_names[ROLE_COUNT] = {"anyone", "read", "label", "admin"};

const char *account_role_name(enum account_role role)
{
    return role_names[role];
}
