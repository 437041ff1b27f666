/* SPDX-License-Identifier: Apache-2.0 */
/* Users. An administrator sees those of its project; one of the default project sees all. */
#include "account/user.h"
#include "api/native/native.h"

#include <string.h>

enum { BUSY_SECONDS = 1 };

struct user_request {
    const char *user, *name, *role, *project, *password;
    bool disabled;
};
#define USER_NAMED                                                                                           \
    PARAM(struct user_request, user, .type = PARAM_TEXT, .is_required = true, .is_positional = true,         \
          .help = "name or id of the user")
static const struct param_spec user_params[] = {USER_NAMED, PARAM_END};
static const struct param_spec add_params[] = {
    PARAM(struct user_request, name, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .max = USER_NAME_MAX_BYTES, .help = "of a-z, 0-9 and ._@-"),
    PARAM(struct user_request, role, .type = PARAM_CHOICE, .fallback_text = "label", .choices = account_roles,
          .value_name = "read|label|admin", .help = "what the user may do"),
    PARAM(struct user_request, project, .type = PARAM_TEXT,
          .help = "id of the project; default: the caller's"),
    PARAM(struct user_request, password, .type = PARAM_TEXT, .is_required = true, .is_secret = true,
          .max = PASSWORD_MAX_BYTES, .help = "to sign in with"),
    PARAM_END,
};
static const struct param_spec list_params[] = {
    PARAM(struct user_request, project, .type = PARAM_TEXT, .help = "only those of this project"), PARAM_END};
static const struct param_spec edit_params[] = {
    USER_NAMED,
    PARAM(struct user_request, role, .type = PARAM_CHOICE, .choices = account_roles,
          .value_name = "read|label|admin", .help = "what the user may do from now on"),
    PARAM(struct user_request, project, .type = PARAM_TEXT, .help = "id of the project to move to"),
    PARAM(struct user_request, disabled, .type = PARAM_BOOL,
          .help = "can no longer sign in; false: can again"),
    PARAM_END,
};
static const struct param_spec password_params[] = {
    USER_NAMED,
    PARAM(struct user_request, password, .type = PARAM_TEXT, .is_required = true, .is_secret = true,
          .max = PASSWORD_MAX_BYTES, .help = "as it shall be"),
    PARAM_END,
};

const char *account_managed_project(const struct api_call *call)
{
    return account_rules_all_projects(call->caller) ? NULL : call->caller->project_id;
}

bool account_check_project(const struct api_call *call, const char *project, struct error *err)
{
    const char *managed = account_managed_project(call);
    if (!project || !managed || strcmp(project, managed) == 0)
        return true;
    (void)error_set(err, ERR_NOT_FOUND, "there is no project '%.80s'", project);
    return error_point(err, "/project");
}

bool account_hash_password(struct api_call *call, const char *password, char ret[PASSWORD_HASH_BYTES],
                           struct error *err)
{
    if (!password_check_form(password, err))
        return false;
    if (!password_gate_enter(call->api->gate)) {
        call->retry_seconds = BUSY_SECONDS;
        return error_set(err, ERR_BUSY, "too many passwords are being checked: try again");
    }
    bool is_done = password_hash(password, ret, err);
    password_gate_leave(call->api->gate);
    return is_done;
}

static void fill_user(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct user *user)
{
    reply_text(doc, object, "id", user->id);
    reply_text(doc, object, "name", user->name);
    reply_text(doc, object, "role", user->role);
    reply_text(doc, object, "project", user->project_id);
    (void)yyjson_mut_obj_add_bool(doc, object, "is_disabled", user->is_disabled);
    reply_time(doc, object, "created", user->created_ms);
    reply_time(doc, object, "updated", user->updated_ms);
}

bool account_reply_user(struct api_call *call, const char *id, struct error *err)
{
    struct user user;
    if (!user_get(call->api->db, call->arena, NULL, id, &user, err))
        return false;
    fill_user(call->reply, yyjson_mut_obj_add_obj(call->reply, call->root, "user"), &user);
    return true;
}

static bool find(struct api_call *call, struct user *ret, struct error *err)
{
    const struct user_request *request = call->params;
    return user_get(call->api->db, call->arena, account_managed_project(call), request->user, ret, err);
}

static bool add(struct api_call *call, struct error *err)
{
    const struct user_request *request = call->params;
    char id[33], hash[PASSWORD_HASH_BYTES];
    const struct user_new wanted = {.project_id =
                                        request->project ? request->project : call->caller->project_id,
                                    .name = request->name,
                                    .role = account_role_find(request->role),
                                    .password_hash = hash};
    return account_check_project(call, request->project, err) &&
           account_hash_password(call, request->password, hash, err) &&
           user_add(call->api->db, &wanted, id, err) && account_reply_user(call, id, err);
}

static bool list(struct api_call *call, struct error *err)
{
    const struct user_request *request = call->params;
    const char *project = request->project ? request->project : account_managed_project(call);
    struct user *users = NULL;
    size_t count = 0;
    if (!account_check_project(call, request->project, err) ||
        !user_list(call->api->db, call->arena, project, &users, &count, err))
        return false;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "users");
    for (size_t i = 0; i < count; i++)
        fill_user(call->reply, yyjson_mut_arr_add_obj(call->reply, rows), &users[i]);
    return true;
}

static bool show(struct api_call *call, struct error *err)
{
    struct user user;
    return find(call, &user, err) && account_reply_user(call, user.id, err);
}

static bool edit(struct api_call *call, struct error *err)
{
    const struct user_request *request = call->params;
    bool says_disabled = request_says(call, "disabled");
    const struct user_change change = {.role = request->role,
                                       .project_id = request->project,
                                       .is_disabled = says_disabled ? request->disabled : -1};
    struct user user;
    if (!request->role && !request->project && !says_disabled)
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                "nothing is to be changed: give role, project or disabled");
    return account_check_project(call, request->project, err) && find(call, &user, err) &&
           user_change(call->api->db, user.id, &change, err) && account_reply_user(call, user.id, err);
}

static bool set_password(struct api_call *call, struct error *err)
{
    const struct user_request *request = call->params;
    char hash[PASSWORD_HASH_BYTES];
    const struct user_change change = {.password_hash = hash, .is_disabled = -1};
    struct user user;
    return find(call, &user, err) && account_hash_password(call, request->password, hash, err) &&
           user_change(call->api->db, user.id, &change, err) && account_reply_user(call, user.id, err);
}

static bool delete (struct api_call *call, struct error *err)
{
    struct user user;
    if (!find(call, &user, err) || !user_delete(call->api->db, user.id, err))
        return false;
    reply_text(call->reply, call->root, "deleted", user.name);
    return true;
}

const struct route route_user_add = {"user.add",
                                     "POST",
                                     "/api/v1/users",
                                     add_params,
                                     sizeof(struct user_request),
                                     add,
                                     "Adds a user; the first one is an administrator.",
                                     ROLE_ADMIN,
                                     201,
                                     &shape_user_shown};
const struct route route_user_list = {
    "user.list", "GET", "/api/v1/users", list_params, sizeof(struct user_request), list, "Lists the users.",
    ROLE_ADMIN,  200,   &shape_users};
const struct route route_user_show = {"user.show",
                                      "GET",
                                      "/api/v1/users/{user}",
                                      user_params,
                                      sizeof(struct user_request),
                                      show,
                                      "Shows one user.",
                                      ROLE_ADMIN,
                                      200,
                                      &shape_user_shown};
const struct route route_user_edit = {
    "user.edit",
    "PATCH",
    "/api/v1/users/{user}",
    edit_params,
    sizeof(struct user_request),
    edit,
    "Changes a user's role or project, or disables the user; sessions and tokens end.",
    ROLE_ADMIN,
    200,
    &shape_user_shown};
const struct route route_user_password = {"user.password",
                                          "PUT",
                                          "/api/v1/users/{user}/password",
                                          password_params,
                                          sizeof(struct user_request),
                                          set_password,
                                          "Sets a user's password; sessions and tokens end.",
                                          ROLE_ADMIN,
                                          200,
                                          &shape_user_shown};
const struct route route_user_delete = {
    "user.delete",
    "DELETE",
    "/api/v1/users/{user}",
    user_params,
    sizeof(struct user_request),
    delete,
    "Deletes a user with sessions and tokens; the last administrator stays.",
    ROLE_ADMIN,
    200,
    &shape_deleted};
