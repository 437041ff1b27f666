/* SPDX-License-Identifier: Apache-2.0 */
/* API tokens. Everybody has their own; an administrator sees those of the project's users too. */
#include "account/token.h"
#include "api/native/native.h"
#include "base/clock.h"

#include <string.h>

#define DAY_MS ((int64_t)24 * 3600 * 1000)

struct token_request {
    const char *token, *name, *user, *role, *project;
    uint64_t days;
};
#define TOKEN_OF_USER                                                                                        \
    PARAM(struct token_request, user, .type = PARAM_TEXT, .help = "whose; default: the caller's own")
static const struct param_spec create_params[] = {
    PARAM(struct token_request, name, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .max = 4 * TOKEN_NAME_MAX_CHARACTERS, .help = "what it is for; each of a user's has another"),
    TOKEN_OF_USER,
    PARAM(struct token_request, role, .type = PARAM_CHOICE, .choices = account_roles,
          .value_name = "read|label|admin",
          .help = "what it may do; at most, and by default, what its user may"),
    PARAM(struct token_request, project, .type = PARAM_TEXT,
          .help = "id of the project; default: the user's"),
    PARAM(struct token_request, days, .type = PARAM_COUNT, .fallback = TOKEN_DAYS, .min = 1,
          .max = TOKEN_DAYS_MAX, .help = "how long it lasts"),
    PARAM_END,
};
static const struct param_spec list_params[] = {
    PARAM(struct token_request, user, .type = PARAM_TEXT,
          .help = "only this user's; default: the caller's own, of callers that are no user all"),
    PARAM_END};
static const struct param_spec delete_params[] = {
    PARAM(struct token_request, token, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "id of the token, or the name of one's own"),
    PARAM_END,
};

/* The user named, or the caller. Others than oneself only for administrators. */
static bool find_user(struct api_call *call, const char *name, struct user *ret, struct error *err)
{
    const struct account_caller *caller = call->caller;
    if (!name && !caller->user_id) {
        (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT, "the caller is no user: say whose token it is");
        return error_point(err, "/user");
    }
    bool is_own = !name || (caller->user && strcmp(name, caller->user) == 0);
    if (!is_own && caller->role < ROLE_ADMIN)
        return error_set(err, ERR_DENIED, "only an administrator manages tokens of others");
    return user_get(call->api->db, call->arena, is_own ? NULL : account_managed_project(call),
                    is_own ? caller->user_id : name, ret, err);
}

static void fill_token(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct token *token)
{
    reply_text(doc, object, "id", token->id);
    reply_text(doc, object, "name", token->name);
    reply_text(doc, object, "user", token->user);
    reply_text(doc, object, "role", token->role);
    reply_text(doc, object, "project", token->project_id);
    reply_time(doc, object, "created", token->created_ms);
    reply_time(doc, object, "expires", token->expires_ms);
    reply_time(doc, object, "used", token->used_ms);
}

/* What a caller hands on is never more than it has: neither role, nor project, nor, with a token that is not
 * an administrator's, a longer life. */
static bool check_caller(const struct api_call *call, const struct token_new *wanted, struct error *err)
{
    const struct account_caller *caller = call->caller;
    if (caller->way == WAY_TOKEN && caller->role < ROLE_ADMIN)
        return error_set(err, ERR_DENIED, "a token makes no tokens: sign in for that");
    if (wanted->role > caller->role) {
        (void)error_set(err, ERR_DENIED, "the caller has only the role %s", account_role_name(caller->role));
        return error_point(err, "/role");
    }
    return account_check_project(call, wanted->project_id ? wanted->project_id : wanted->user->project_id,
                                 err);
}

static bool create(struct api_call *call, struct error *err)
{
    const struct token_request *request = call->params;
    char id[33], secret[SECRET_BYTES];
    struct user user;
    struct token token;
    if (!find_user(call, request->user, &user, err))
        return false;
    enum account_role most = account_role_find(user.role);
    if (most > call->caller->role)
        most = call->caller->role;
    const struct token_new wanted = {.user = &user,
                                     .project_id = request->project,
                                     .name = request->name,
                                     .role = request->role ? account_role_find(request->role) : most,
                                     .expires_ms = clock_now_ms() + (int64_t)request->days * DAY_MS};
    if (!check_caller(call, &wanted, err) || !token_add(call->api->db, &wanted, id, secret, err) ||
        !token_get(call->api->db, call->arena, NULL, id, &token, err))
        return false;
    fill_token(call->reply, yyjson_mut_obj_add_obj(call->reply, call->root, "token"), &token);
    reply_text(call->reply, call->root, "secret", secret);
    return true;
}

static bool list(struct api_call *call, struct error *err)
{
    const struct token_request *request = call->params;
    struct token *tokens = NULL;
    size_t count = 0;
    struct user user = {0};
    bool is_of_one = request->user || call->caller->user_id;
    if (is_of_one && !find_user(call, request->user, &user, err))
        return false;
    const struct token_filter filter = {user.id, is_of_one ? NULL : account_managed_project(call)};
    if (!token_list(call->api->db, call->arena, &filter, &tokens, &count, err))
        return false;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "tokens");
    for (size_t i = 0; i < count; i++)
        fill_token(call->reply, yyjson_mut_arr_add_obj(call->reply, rows), &tokens[i]);
    return true;
}

/* Whose token one may not see is not there. */
static bool check_owner(struct api_call *call, const struct token *token, struct error *err)
{
    const struct account_caller *caller = call->caller;
    struct user owner;
    struct error ignored;
    bool is_own = caller->user_id && strcmp(caller->user_id, token->user_id) == 0;
    bool is_managed =
        caller->role == ROLE_ADMIN &&
        user_get(call->api->db, call->arena, account_managed_project(call), token->user_id, &owner, &ignored);
    return is_own || is_managed ||
           error_set_detail(err, DETAIL_TOKEN_NOT_FOUND, "there is no token '%.80s'", token->id);
}

static bool delete (struct api_call *call, struct error *err)
{
    const struct token_request *request = call->params;
    struct token token;
    if (!token_get(call->api->db, call->arena, call->caller->user_id, request->token, &token, err) ||
        !check_owner(call, &token, err) || !token_delete(call->api->db, token.id, err))
        return false;
    reply_text(call->reply, call->root, "deleted", token.id);
    return true;
}

const struct route route_token_create = {"token.create",
                                         "POST",
                                         "/api/v1/tokens",
                                         create_params,
                                         sizeof(struct token_request),
                                         create,
                                         "Makes an API token; its secret is shown only now.",
                                         ROLE_READ,
                                         201,
                                         &shape_token_created};
const struct route route_token_list = {"token.list",
                                       "GET",
                                       "/api/v1/tokens",
                                       list_params,
                                       sizeof(struct token_request),
                                       list,
                                       "Lists API tokens.",
                                       ROLE_READ,
                                       200,
                                       &shape_tokens};
const struct route route_token_delete = {"token.delete",
                                         "DELETE",
                                         "/api/v1/tokens/{token}",
                                         delete_params,
                                         sizeof(struct token_request),
                                         delete,
                                         "Deletes an API token: it works no longer.",
                                         ROLE_READ,
                                         200,
                                         &shape_deleted};
