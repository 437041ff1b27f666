/* SPDX-License-Identifier: Apache-2.0 */
/* The pool's part of an exchange: from the request's bytes to the reply. */
#include "account/audit.h"
#include "account/session.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "http/authenticate.h"
#include "http/headers.h"
#include "http/idempotency.h"

#include <stdio.h>
#include <string.h>

static bool queues_task(const struct exchange *exchange)
{
    return exchange->match.route->status == 202 && api_route_has_task(exchange->match.route);
}

static yyjson_mut_val *task_of(const struct exchange *exchange)
{
    return yyjson_mut_obj_get(exchange->call.root, "task");
}

/* ---- If-Match ---- */

static bool check_if_match(struct exchange *exchange)
{
    const char *header = exchange->headers.if_match;
    bool is_wanted = exchange->match.route->needs_if_match;
    if (!header && is_wanted)
        return exchange_problem(
            exchange, 428, ERR_INVALID,
            "If-Match must name the revision that is changed, as the ETag of GET tells it");
    if (header && !is_wanted && strcmp(exchange->match.route->method, "GET") != 0)
        return exchange_problem(exchange, 412, ERR_INVALID,
                                "what this request changes has no revision that If-Match could name");
    exchange->call.if_match = header;
    return true;
}

/* ---- Idempotency-Key ---- */

static void fingerprint(const struct exchange *exchange, char ret_hex[HASH_HEX_BYTES])
{
    struct hash hash;
    hash_start(&hash);
    /* Nobody is given what another one's key kept. */
    hash_add_text(&hash, exchange->caller.project_id);
    hash_add_text(&hash, exchange->caller.user ? exchange->caller.user : "");
    hash_add_text(&hash, exchange->method);
    hash_add(&hash, exchange->raw_target, strcspn(exchange->raw_target, "?"));
    hash_add_text(&hash, "");
    hash_add(&hash, exchange->body.data, exchange->body.size);
    hash_finish(&hash, ret_hex);
}

static bool begin_key(struct exchange *exchange, struct api *api, struct idempotency_found *ret,
                      struct error *err)
{
    char of_request[HASH_HEX_BYTES];
    const char *key = exchange->headers.idempotency_key;
    if (!http_is_key(key, API_KEY_MAX_BYTES))
        return exchange_problem(exchange, 400, ERR_INVALID,
                                "Idempotency-Key is 1 to %d printable characters of ASCII",
                                API_KEY_MAX_BYTES);
    fingerprint(exchange, of_request);
    const struct idempotency_wish wish = {exchange->caller.project_id, key, exchange->match.route->name,
                                          of_request};
    if (!idempotency_begin(api->db, exchange->arena, &wish, ret, err))
        return false;
    if (ret->verdict == IDEMPOTENCY_BUSY) {
        exchange->problem.retry_seconds = 1;
        return exchange_problem(exchange, 409, ERR_CONFLICT, "the request with this key is being answered");
    }
    if (ret->verdict == IDEMPOTENCY_OTHER)
        return exchange_problem(exchange, 422, ERR_INVALID,
                                "this Idempotency-Key was used for another request");
    exchange->has_key = ret->verdict != IDEMPOTENCY_REPLAY;
    return true;
}

/* The reply is written down with what was done: both are there, or none. */
static bool keep_reply(void *state, yyjson_mut_doc *reply, struct error *err)
{
    AUTO_BUFFER(text, HTTP_KEPT_REPLY_MAX_BYTES);
    struct exchange *exchange = state;
    if (!json_write(reply, false, &text, err))
        return err->code == ERR_LIMIT ? error_set(err, ERR_LIMIT,
                                                  "the reply is too long to be kept: decide fewer samples at "
                                                  "once, or without an Idempotency-Key")
                                      : false;
    exchange->is_reply_kept = true;
    const struct idempotency_wish wish = {.project_id = exchange->caller.project_id,
                                          .key = exchange->headers.idempotency_key};
    return idempotency_finish(exchange->call.api->db, &wish, exchange->match.route->status, text.data, err);
}

/* Whatever happens here the task is queued or not: the client hears that. */
static void end_key(struct exchange *exchange, struct api *api, bool is_done, const struct error *why)
{
    AUTO_BUFFER(text, HTTP_REPLY_MAX_BYTES);
    struct error err = {0};
    const struct idempotency_wish wish = {.project_id = exchange->caller.project_id,
                                          .key = exchange->headers.idempotency_key};
    bool is_uncertain = is_done || why->code == ERR_UNCERTAIN || why->code == ERR_IO;
    bool is_written = is_done && exchange->is_reply_kept;
    if (is_done && !is_written)
        is_written = json_write(exchange->call.reply, false, &text, &err) &&
                     idempotency_finish(api->db, &wish, exchange->match.route->status, text.data, &err);
    if (!is_written && !idempotency_abandon(api->db, &wish, is_uncertain, &err))
        log_write(LOG_WARNING, "an Idempotency-Key could not be written down: %s", err.message);
    exchange->has_key = false;
}

/* ---- the handler ---- */

struct api_call exchange_call(struct exchange *exchange, struct api *api, yyjson_val *request)
{
    return (struct api_call){.api = api,
                             .is_local = exchange->is_local,
                             .caller = &exchange->caller,
                             .client = &exchange->client,
                             .request_id = exchange->request_id,
                             .arena = exchange->arena,
                             .request = request,
                             .task_id = exchange->call.task_id,
                             .if_match = exchange->call.if_match,
                             .file = {.fd = -1}};
}

static bool call_route(struct exchange *exchange, struct api *api, const struct route *route,
                       yyjson_val *request, struct error *err)
{
    if (exchange->is_receiving) {
        exchange->call.api = api;
        return api_answer(&exchange->call, route, err);
    }
    if (exchange->has_call)
        api_call_release(&exchange->call);
    exchange->call = exchange_call(exchange, api, request);
    exchange->call.keep = exchange->has_key && route->keeps_reply ? keep_reply : NULL;
    exchange->call.keep_state = exchange;
    exchange->has_call = true;
    return api_answer(&exchange->call, route, err);
}

/* The reply's task as it is now. */
static bool show_task(struct exchange *exchange, struct api *api, const char *id, struct error *err)
{
    AUTO_JSON request = json_of_text("task", id);
    if (!request)
        return error_no_memory(err);
    struct api_call call = {.api = api,
                            .caller = &exchange->caller,
                            .arena = exchange->arena,
                            .request = yyjson_doc_get_root(request)};
    bool is_done = api_answer(&call, route_find("task.show"), err);
    if (is_done && exchange->has_call) {
        yyjson_mut_val *task =
            yyjson_mut_val_mut_copy(exchange->call.reply, yyjson_mut_obj_get(call.root, "task"));
        (void)yyjson_mut_obj_remove_key(exchange->call.root, "task");
        (void)yyjson_mut_obj_add_val(exchange->call.reply, exchange->call.root, "task", task);
    } else if (is_done) {
        exchange->call = call;
        exchange->has_call = true;
        return true;
    }
    api_call_release(&call);
    return is_done;
}

/* The answer to a request that was answered before. *ret_is_there false: it was not, after all. */
static bool replay(struct exchange *exchange, struct api *api, const struct idempotency_found *found,
                   bool *ret_is_there, struct error *err)
{
    struct task task;
    struct error gone = {0};
    *ret_is_there = true;
    exchange->reply.is_replayed = true;
    if (found->verdict == IDEMPOTENCY_RESUMED) {
        *ret_is_there =
            task_get(api->db, exchange->caller.project_id, exchange->arena, found->task_id, &task, &gone);
        exchange->reply.is_replayed = *ret_is_there;
        return !*ret_is_there || show_task(exchange, api, found->task_id, err);
    }
    AUTO_JSON doc = NULL;
    const struct bytes text = {found->reply_json, strlen(found->reply_json)};
    if (!json_parse(text, "the kept reply", &doc, err))
        return false;
    exchange->call = (struct api_call){
        .api = api, .caller = &exchange->caller, .arena = exchange->arena, .file = {.fd = -1}};
    exchange->call.reply = yyjson_doc_mut_copy(doc, NULL);
    exchange->call.root = yyjson_mut_doc_get_root(exchange->call.reply);
    exchange->call.revision = yyjson_mut_get_sint(
        yyjson_mut_obj_get(yyjson_mut_obj_get(exchange->call.root, "sample"), "revision"));
    exchange->has_call = true;
    return exchange->call.reply || error_no_memory(err);
}

/* Another was faster: the reply shows what that one made of it. */
static void fail_stale(struct exchange *exchange, const struct error *err)
{
    AUTO_BUFFER(text, HTTP_REPLY_MAX_BYTES);
    struct error ignored;
    (void)exchange_problem(exchange, 412, ERR_CONFLICT, "%s", err->message);
    if (yyjson_mut_obj_size(exchange->call.root) > 0 &&
        json_write(exchange->call.reply, false, &text, &ignored))
        exchange->problem.current = arena_text_n(exchange->arena, text.data, text.size);
}

static bool handle(struct exchange *exchange, struct api *api, struct error *err)
{
    struct idempotency_found found = {0};
    bool is_there = false;
    const struct route *route = exchange->match.route;
    bool is_keyed = (queues_task(exchange) || route->keeps_reply) && exchange->headers.idempotency_key;
    if (is_keyed && !begin_key(exchange, api, &found, err))
        return false;
    if (is_keyed && found.verdict != IDEMPOTENCY_NEW && !replay(exchange, api, &found, &is_there, err))
        return false;
    exchange->call.task_id = found.task_id;
    bool is_done = is_there || call_route(exchange, api, route, yyjson_doc_get_root(exchange->request), err);
    if (exchange->has_key)
        end_key(exchange, api, is_done, err);
    if (!is_there && api_is_audited(route))
        api_audit(&exchange->call, route, is_done ? AUDIT_DONE : error_kind(err->code)->name);
    exchange->is_audited = true;
    if (!is_done && exchange->call.is_stale)
        fail_stale(exchange, err);
    return is_done;
}

void exchange_audit_refusal(struct exchange *exchange, struct api *api)
{
    const struct route *route = exchange->match.route;
    const struct error *why = &exchange->problem.err;
    if (!api_is_audited(route) || exchange->is_audited)
        return;
    const struct api_call call = {.api = api,
                                  .caller = &exchange->caller,
                                  .client = &exchange->client,
                                  .request_id = exchange->request_id,
                                  .subject = exchange->match.count > 0 ? exchange->match.values[0] : NULL,
                                  .request = yyjson_doc_get_root(exchange->request)};
    exchange->is_audited = true;
    api_audit(&call, route, error_kind(why->code)->name);
}

/* ---- waiting ---- */

static void poll_is_ready(struct long_poll *poll)
{
    struct exchange *exchange = (struct exchange *)(void *)((char *)poll - offsetof(struct exchange, poll));
    if (request_pool_submit(exchange->server->pool, &exchange->job, UINT32_MAX))
        return;
    (void)exchange_problem(exchange, 503, ERR_IO, "the server is about to stop");
    http_reply_problem(&exchange->reply, &exchange->problem, exchange->request_id);
    exchange_ready(exchange);
}

/* True when somebody else has the exchange from now on. */
static bool begin_wait(struct exchange *exchange)
{
    const char *state = yyjson_mut_get_str(yyjson_mut_obj_get(task_of(exchange), "state"));
    const char *id = yyjson_mut_get_str(yyjson_mut_obj_get(task_of(exchange), "id"));
    if (exchange->wait_seconds == 0 || !state || !id || task_is_ended(state))
        return false;
    struct long_poll *poll = &exchange->poll;
    (void)snprintf(poll->task_id, sizeof(poll->task_id), "%s", id);
    poll->since_seconds = clock_steady_seconds();
    poll->until_seconds = poll->since_seconds + (double)exchange->wait_seconds;
    poll->ready = poll_is_ready;
    exchange->is_waiting = true;
    return long_polls_add(exchange->server->polls, poll);
}

/* ---- the reply ---- */

static bool fill_etag(struct exchange *exchange)
{
    struct http_reply *reply = &exchange->reply;
    char hex[HASH_HEX_BYTES];
    long long revision = (long long)exchange->call.revision;
    if (revision > 0 && !exchange->call.shows_more) {
        (void)snprintf(reply->etag, sizeof(reply->etag), "%lld", revision);
        return true;
    }
    if (revision == 0 && strcmp(exchange->match.route->method, "GET") != 0)
        return true;
    hash_of((struct bytes){reply->body.data, reply->body.size}, hex);
    if (revision > 0) {
        (void)snprintf(reply->etag, sizeof(reply->etag), "%lld-%.*s", revision, API_ETAG_HASH_DIGITS, hex);
        return true;
    }
    (void)snprintf(reply->etag, sizeof(reply->etag), "%s", hex);
    return true;
}

static void take_file(struct exchange *exchange)
{
    struct http_reply *reply = &exchange->reply;
    reply->file = exchange->call.file;
    reply->content_type = reply->file.content_type;
    (void)snprintf(reply->etag, sizeof(reply->etag), "%s", reply->file.etag);
    exchange->call.file.fd = -1;
}

static void take_cookie(struct exchange *exchange)
{
    const struct api_client *client = &exchange->client;
    if (client->new_session[0] || client->is_session_over)
        http_cookie_make(client->new_session[0] ? client->new_session : NULL, SESSION_MS / 1000,
                         exchange->reply.cookie);
}

static bool compose(struct exchange *exchange, struct error *err)
{
    struct http_reply *reply = &exchange->reply;
    reply->status = exchange->match.route->status;
    if (exchange->match.route->is_file) {
        take_file(exchange);
        return true;
    }
    const char *id = yyjson_mut_get_str(yyjson_mut_obj_get(task_of(exchange), "id"));
    take_cookie(exchange);
    if (queues_task(exchange) && id)
        (void)snprintf(reply->location, sizeof(reply->location), "/api/v1/tasks/%s", id);
    reply->content_type = "application/json";
    return json_write(exchange->call.reply, false, &reply->body, err) && fill_etag(exchange);
}

enum progress { ANSWERED, REFUSED, HANDED_ON, RECEIVES };

static enum progress answer(struct exchange *exchange, struct api *api, struct error *err)
{
    const struct bytes body = {exchange->body.data, exchange->body.size};
    const struct route *route = exchange->match.route;
    if (!exchange->is_checked && !exchange_authenticate(exchange, api))
        return REFUSED;
    if (route->receive && !exchange->is_receiving)
        return exchange_receive(exchange, api, err) ? RECEIVES : REFUSED;
    if (exchange->is_receiving)
        return handle(exchange, api, err) && compose(exchange, err) ? ANSWERED : REFUSED;
    if (!http_request_wait(&exchange->match, &exchange->target, &exchange->wait_seconds, err) ||
        !http_request_json(&exchange->match, &exchange->target, body, &exchange->request, err) ||
        !check_if_match(exchange))
        return REFUSED;
    if (!route->handle)
        return exchange_answer_own(exchange, api, err) ? ANSWERED : REFUSED;
    if (!handle(exchange, api, err))
        return REFUSED;
    if (strcmp(route->method, "GET") != 0)
        http_watch_wake(exchange->server);
    if (begin_wait(exchange))
        return HANDED_ON;
    return compose(exchange, err) ? ANSWERED : REFUSED;
}

static enum progress answer_after_wait(struct exchange *exchange, struct api *api, struct error *err)
{
    const char *id = exchange->poll.task_id;
    return show_task(exchange, api, id, err) && compose(exchange, err) ? ANSWERED : REFUSED;
}

void exchange_answer(struct pool_job *job, struct api *api)
{
    struct exchange *exchange = (struct exchange *)(void *)job;
    struct error err = {0};
    enum progress progress =
        exchange->is_waiting ? answer_after_wait(exchange, api, &err) : answer(exchange, api, &err);
    if (progress == HANDED_ON)
        return;
    if (progress == REFUSED) {
        if (!exchange->has_problem)
            exchange->problem =
                (struct http_problem){.err = err, .retry_seconds = exchange->call.retry_seconds};
        exchange_audit_refusal(exchange, api);
        http_reply_problem(&exchange->reply, &exchange->problem, exchange->request_id);
    }
    exchange_ready(exchange);
}
