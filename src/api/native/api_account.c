/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in and out, and the first administrator. */
#include "account/session.h"
#include "account/sign_in.h"
#include "api/native/native.h"
#include "base/clock.h"

#include <string.h>

struct begin_request {
    const char *name, *password;
};
static const struct param_spec begin_params[] = {
    PARAM(struct begin_request, name, .type = PARAM_TEXT, .is_required = true, .max = USER_NAME_MAX_BYTES,
          .help = "of the user"),
    PARAM(struct begin_request, password, .type = PARAM_TEXT, .is_required = true, .is_secret = true,
          .max = PASSWORD_MAX_BYTES, .help = "of the user"),
    PARAM_END,
};

struct password_request {
    const char *old_password, *password;
};
static const struct param_spec password_params[] = {
    PARAM(struct password_request, old_password, .type = PARAM_TEXT, .is_required = true, .is_secret = true,
          .max = PASSWORD_MAX_BYTES, .help = "as it is now"),
    PARAM(struct password_request, password, .type = PARAM_TEXT, .is_required = true, .is_secret = true,
          .max = PASSWORD_MAX_BYTES, .help = "as it shall be"),
    PARAM_END,
};

struct setup_request {
    const char *token, *name, *password;
};
static const struct param_spec setup_params[] = {
    PARAM(struct setup_request, token, .type = PARAM_TEXT, .is_required = true, .is_secret = true,
          .max = SECRET_BYTES, .help = "what the server printed when it started without users"),
    PARAM(struct setup_request, name, .type = PARAM_TEXT, .is_required = true, .max = USER_NAME_MAX_BYTES,
          .help = "of the first administrator"),
    PARAM(struct setup_request, password, .type = PARAM_TEXT, .is_required = true, .is_secret = true,
          .max = PASSWORD_MAX_BYTES, .help = "of the first administrator"),
    PARAM_END,
};

static void reply_session(struct api_call *call, const struct account_caller *caller, const char *secret)
{
    char csrf[SECRET_HASH_BYTES];
    if (secret)
        session_csrf(secret, csrf);
    reply_text(call->reply, call->root, "user", caller->user);
    reply_text(call->reply, call->root, "project", caller->project_id);
    reply_text(call->reply, call->root, "role", account_role_name(caller->role));
    reply_text(call->reply, call->root, "way", account_way_name(caller->way));
    reply_text(call->reply, call->root, "csrf_token", secret ? csrf : NULL);
}

/* Begins a session for the client, and tells it. */
static bool start_session(struct api_call *call, const struct user *user, struct error *err)
{
    struct api_client *client = call->client;
    const struct account_caller caller = {user->name, user->project_id, account_role_find(user->role),
                                          user->id, WAY_SESSION};
    if (!session_begin(call->api->db, user->id, client->address, clock_now_ms(), client->new_session, err))
        return false;
    reply_session(call, &caller, client->new_session);
    return true;
}

static bool check_client(const struct api_call *call, struct error *err)
{
    return call->client ||
           error_set(err, ERR_INVALID, "sessions are for browsers: only a server has them, over HTTP");
}

static bool check_password(struct api_call *call, const char *name, const char *password, struct user *ret,
                           struct error *err)
{
    const struct sign_in attempt = {.name = name,
                                    .password = password,
                                    .address = call->client->address,
                                    .now_ms = clock_now_ms(),
                                    .gate = call->api->gate};
    return sign_in(call->api->db, call->arena, &attempt, ret, &call->retry_seconds, err);
}

static bool begin(struct api_call *call, struct error *err)
{
    const struct begin_request *request = call->params;
    struct user user;
    call->subject = request->name;
    return check_client(call, err) && check_password(call, request->name, request->password, &user, err) &&
           start_session(call, &user, err);
}

static bool show(struct api_call *call, struct error *err)
{
    (void)err;
    reply_session(call, call->caller, call->client ? call->client->session : NULL);
    return true;
}

static bool end(struct api_call *call, struct error *err)
{
    const char *secret = call->client ? call->client->session : NULL;
    if (!secret)
        return error_set(err, ERR_INVALID, "there is no session to end; a token ends by token delete");
    if (!session_end(call->api->db, secret, err))
        return false;
    call->client->is_session_over = true;
    reply_text(call->reply, call->root, "deleted", call->caller->user);
    return true;
}

/* Sessions and tokens end; who asked by a session gets a new one. */
static bool change_password(struct api_call *call, struct error *err)
{
    const struct password_request *request = call->params;
    const char *name = call->caller->user;
    char hash[PASSWORD_HASH_BYTES];
    struct user user;
    call->subject = name;
    if (!call->caller->user_id)
        return error_set(err, ERR_INVALID, "the caller is no user; trommel user password NAME sets one's");
    if (!check_client(call, err) || !password_check_form(request->password, err) ||
        !check_password(call, name, request->old_password, &user, err) ||
        !account_hash_password(call, request->password, hash, err))
        return false;
    const struct user_change change = {.password_hash = hash, .is_disabled = -1};
    if (!user_change(call->api->db, user.id, &change, err))
        return false;
    if (call->caller->way == WAY_SESSION)
        return start_session(call, &user, err);
    reply_session(call, call->caller, NULL);
    return true;
}

/* Guesses are counted as those of passwords are. */
static bool setup(struct api_call *call, struct error *err)
{
    const struct setup_request *request = call->params;
    char id[33], hash[PASSWORD_HASH_BYTES];
    const struct lockout_attempt attempt = {NULL, call->client ? call->client->address : "local",
                                            clock_now_ms()};
    const struct user_new wanted = {
        .name = request->name, .role = ROLE_ADMIN, .password_hash = hash, .first_secret = request->token};
    call->subject = request->name;
    if (!password_check_form(request->password, err) ||
        !lockout_begin(call->api->db, call->arena, &attempt, &call->retry_seconds, err))
        return false;
    if (call->retry_seconds > 0)
        return error_set(err, ERR_TOO_MANY, "too many attempts failed: wait %lld s",
                         (long long)call->retry_seconds);
    return account_hash_password(call, request->password, hash, err) &&
           user_add(call->api->db, &wanted, id, err) && lockout_forgive(call->api->db, &attempt, err) &&
           account_reply_user(call, id, err);
}

const struct route route_session_begin = {"session.begin",
                                          "POST",
                                          "/api/v1/session",
                                          begin_params,
                                          sizeof(struct begin_request),
                                          begin,
                                          "Signs in: the reply sets the cookie of a session.",
                                          ROLE_ANYONE,
                                          201,
                                          &shape_session_shown};
const struct route route_session_show = {
    "session.show", "GET", "/api/v1/session",   no_params, 0, show, "Says who the caller is.",
    ROLE_READ,      200,   &shape_session_shown};
const struct route route_session_end = {"session.end",
                                        "DELETE",
                                        "/api/v1/session",
                                        no_params,
                                        0,
                                        end,
                                        "Signs out: the session ends, and its cookie goes.",
                                        ROLE_READ,
                                        200,
                                        &shape_deleted};
const struct route route_session_password = {
    "session.password",
    "PUT",
    "/api/v1/session/password",
    password_params,
    sizeof(struct password_request),
    change_password,
    "Changes the caller's own password; the caller's other sessions and all tokens end.",
    ROLE_READ,
    200,
    &shape_session_shown};
const struct route route_setup_admin = {
    "setup.admin",
    "POST",
    "/api/v1/setup",
    setup_params,
    sizeof(struct setup_request),
    setup,
    "Adds the first administrator, once, with the token that the server printed.",
    ROLE_ANYONE,
    201,
    &shape_user_shown};
