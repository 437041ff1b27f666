/* SPDX-License-Identifier: Apache-2.0 */
#include "http/authenticate.h"

#include "account/session.h"
#include "account/token.h"
#include "base/clock.h"
#include "http/cookie.h"

#include <string.h>
#include <strings.h>

/* What the sender shows. */
struct shown {
    const char *token;          /* NULL: none */
    char session[SECRET_BYTES]; /* "": none */
    bool is_strange;            /* Authorization of another scheme */
};

static void read_shown(struct exchange *exchange, struct shown *ret)
{
    static const char scheme[] = "Bearer ";
    const struct exchange_headers *headers = &exchange->headers;
    *ret = (struct shown){.token = headers->auth_token};
    if (headers->authorization) {
        ret->is_strange = strncasecmp(headers->authorization, scheme, sizeof(scheme) - 1) != 0;
        ret->token = ret->is_strange ? NULL : headers->authorization + sizeof(scheme) - 1;
        if (ret->token)
            ret->token += strspn(ret->token, " ");
    }
    bool has_session = !headers->authorization && !headers->auth_token &&
                       http_cookie_find(headers->cookie, COOKIE_SESSION_NAME, ret->session, SECRET_BYTES);
    if (!has_session)
        ret->session[0] = '\0';
}

/* Finds the caller; nobody when what is shown is not known. */
static bool look_up(struct exchange *exchange, struct api *api, const struct shown *shown, struct error *err)
{
    const int64_t now_ms = clock_now_ms();
    bool is_known = false;
    exchange->caller = account_nobody;
    if (shown->token && strlen(shown->token) < SECRET_BYTES)
        return token_caller(api->db, exchange->arena, shown->token, now_ms, &exchange->caller, &is_known,
                            err);
    if (!shown->session[0])
        return true;
    if (!session_caller(api->db, exchange->arena, shown->session, now_ms, &exchange->caller, &is_known, err))
        return false;
    exchange->client.session = is_known ? arena_text(exchange->arena, shown->session) : NULL;
    return !is_known || exchange->client.session || error_no_memory(err);
}

static bool changes_something(const struct exchange *exchange)
{
    return strcmp(exchange->method, "GET") != 0 && strcmp(exchange->method, "HEAD") != 0;
}

/* A cookie goes with every request of a browser, whoever made the page: the token only with ours. */
static bool check_csrf(struct exchange *exchange, const struct shown *shown)
{
    char wanted[SECRET_HASH_BYTES];
    if (exchange->caller.way != WAY_SESSION || !changes_something(exchange) ||
        exchange->match.route->role == ROLE_ANYONE)
        return true;
    session_csrf(shown->session, wanted);
    return (exchange->headers.csrf_token && secret_equal(exchange->headers.csrf_token, wanted)) ||
           exchange_problem(exchange, 403, ERR_DENIED,
                            "a request with the cookie of a session must bring X-CSRF-Token, as "
                            "GET /api/v1/session tells it");
}

static bool check_role(struct exchange *exchange)
{
    const struct route *route = exchange->match.route;
    if (exchange->caller.role >= route->role)
        return true;
    if (exchange->caller.way == WAY_NOBODY)
        return exchange_problem(exchange, 401, ERR_SIGN_IN,
                                "sign in with POST /api/v1/session, or send an API token as "
                                "Authorization: Bearer");
    return exchange_problem(exchange, 403, ERR_DENIED, "%s needs the role %s, and %s has %s", route->name,
                            account_role_name(route->role),
                            exchange->caller.user ? exchange->caller.user : "the caller",
                            account_role_name(exchange->caller.role));
}

bool exchange_authenticate(struct exchange *exchange, struct api *api)
{
    struct error err = {0};
    struct shown shown;
    exchange->is_checked = true;
    if (exchange->is_local || exchange->server->options.is_open) {
        exchange->caller = exchange->is_local ? account_local : *api_caller(api);
        return check_role(exchange);
    }
    read_shown(exchange, &shown);
    bool is_done = look_up(exchange, api, &shown, &err)
                       ? check_role(exchange) && check_csrf(exchange, &shown)
                       : exchange_problem(exchange, 0, err.code, "%s", err.message);
    sodium_memzero(&shown, sizeof(shown));
    return is_done;
}

void exchange_check(struct pool_job *job, struct api *api)
{
    struct exchange *exchange = (struct exchange *)(void *)job;
    job->run = exchange_answer;
    if (!exchange_authenticate(exchange, api))
        exchange_audit_refusal(exchange, api);
    exchange_hand_back(exchange, EXCHANGE_CHECKED);
}

bool exchange_needs_caller(const struct exchange *exchange)
{
    return !exchange->is_local && !exchange->server->options.is_open &&
           exchange->match.route->role > ROLE_ANYONE;
}
