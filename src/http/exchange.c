/* SPDX-License-Identifier: Apache-2.0 */
#include "http/exchange.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/text.h"
#include "http/access_log.h"
#include "http/authenticate.h"
#include "http/headers.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    size_t offset;
} wanted_headers[] = {
    {"Host", offsetof(struct exchange_headers, host)},
    {"Origin", offsetof(struct exchange_headers, origin)},
    {"Sec-Fetch-Site", offsetof(struct exchange_headers, fetch_site)},
    {"Content-Type", offsetof(struct exchange_headers, content_type)},
    {"Content-Length", offsetof(struct exchange_headers, content_length)},
    {"Content-Encoding", offsetof(struct exchange_headers, content_encoding)},
    {"Transfer-Encoding", offsetof(struct exchange_headers, transfer_encoding)},
    {"Accept-Encoding", offsetof(struct exchange_headers, accept_encoding)},
    {"Content-Range", offsetof(struct exchange_headers, content_range)},
    {"Range", offsetof(struct exchange_headers, range)},
    {"If-Range", offsetof(struct exchange_headers, if_range)},
    {"If-Match", offsetof(struct exchange_headers, if_match)},
    {"If-None-Match", offsetof(struct exchange_headers, if_none_match)},
    {"Idempotency-Key", offsetof(struct exchange_headers, idempotency_key)},
    {"X-Request-Id", offsetof(struct exchange_headers, request_id)},
    {"traceparent", offsetof(struct exchange_headers, traceparent)},
    {"Last-Event-ID", offsetof(struct exchange_headers, last_event_id)},
    {"Expect", offsetof(struct exchange_headers, expect)},
    {"Authorization", offsetof(struct exchange_headers, authorization)},
    {"X-Auth-Token", offsetof(struct exchange_headers, auth_token)},
    {"X-CSRF-Token", offsetof(struct exchange_headers, csrf_token)},
    {"Cookie", offsetof(struct exchange_headers, cookie)},
};

struct exchange *exchange_new(struct http_server *server, const char *raw_target)
{
    struct exchange *exchange = calloc(1, sizeof(*exchange));
    if (!exchange)
        return NULL;
    exchange->job.run = exchange_answer;
    exchange->server = server;
    exchange->arena = arena_new(API_ARENA_MAX_BYTES);
    exchange->began_seconds = clock_steady_seconds();
    exchange->call.file.fd = -1;
    buffer_init(&exchange->body, server->options.body_max_bytes);
    http_reply_init(&exchange->reply);
    exchange->caller = account_nobody;
    id_random(exchange->request_id, 16);
    size_t bytes = strlen(raw_target);
    exchange->is_target_too_long = bytes > HTTP_TARGET_MAX_BYTES;
    exchange->raw_target = exchange->arena
                               ? arena_text_n(exchange->arena, raw_target,
                                              exchange->is_target_too_long ? HTTP_TARGET_MAX_BYTES : bytes)
                               : NULL;
    atomic_fetch_add(&server->exchanges, 1);
    if (!exchange->raw_target)
        return exchange_free(exchange);
    return exchange;
}

struct exchange *exchange_free(struct exchange *exchange)
{
    if (!exchange)
        return NULL;
    if (exchange->has_call)
        api_call_release(&exchange->call);
    yyjson_doc_free(exchange->request);
    http_reply_release(&exchange->reply);
    buffer_release(&exchange->body);
    atomic_fetch_sub(&exchange->server->body_bytes, exchange->counted_bytes);
    if (exchange->response)
        MHD_destroy_response(exchange->response);
    exchange->arena = arena_free(exchange->arena);
    atomic_fetch_sub(&exchange->server->exchanges, 1);
    free(exchange);
    return NULL;
}

bool exchange_problem(struct exchange *exchange, int status, enum error_code code, const char *format, ...)
{
    char text[ERROR_MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    exchange->has_problem = true;
    exchange->problem.status = status;
    return error_set(&exchange->problem.err, code, "%s", text);
}

/* ---- the head ---- */

struct counting {
    struct exchange *exchange;
    size_t count, bytes, hosts, lengths, shown;
};

static enum MHD_Result count_header(void *state, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct counting *counting = state;
    (void)kind;
    counting->count++;
    counting->bytes += strlen(name) + (value ? strlen(value) : 0);
    counting->hosts += strcasecmp(name, "Host") == 0;
    counting->lengths += strcasecmp(name, "Content-Length") == 0;
    counting->shown += strcasecmp(name, "Authorization") == 0 || strcasecmp(name, "X-Auth-Token") == 0;
    for (size_t i = 0; value && i < sizeof(wanted_headers) / sizeof(wanted_headers[0]); i++)
        if (strcasecmp(name, wanted_headers[i].name) == 0)
            memcpy((char *)&counting->exchange->headers + wanted_headers[i].offset, &value, sizeof(value));
    return MHD_YES;
}

static bool check_headers(struct exchange *exchange)
{
    struct counting counting = {.exchange = exchange};
    (void)MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, count_header, &counting);
    const struct exchange_headers *headers = &exchange->headers;
    if (http_is_request_id(headers->request_id))
        (void)!text_copy(exchange->request_id, sizeof(exchange->request_id), headers->request_id);
    if (counting.count > HTTP_HEADERS_MAX || counting.bytes > HTTP_HEADERS_MAX_BYTES)
        return exchange_problem(exchange, 431, ERR_LIMIT,
                                "the request has more than %d header lines, or more than %d bytes of them",
                                HTTP_HEADERS_MAX, HTTP_HEADERS_MAX_BYTES);
    if (counting.hosts > 1 || counting.lengths > 1 || (headers->content_length && headers->transfer_encoding))
        return exchange_problem(exchange, 400, ERR_INVALID,
                                "the request has Host or Content-Length twice, or two kinds of length");
    if (counting.shown > 1)
        return exchange_problem(exchange, 400, ERR_INVALID,
                                "the request has Authorization or X-Auth-Token more than once");
    return true;
}

/* Beyond loopback any address may be ours, which no name can be led to: names must be listed. */
static bool is_our_host(const struct http_server *server, const char *host)
{
    const struct http_options *options = &server->options;
    const uint16_t port = server->address.port;
    return http_host_is_ours(host, server->address.host, port) ||
           http_host_is_listed(host, options->hosts.items, options->hosts.count, port) ||
           (!server->address.is_loopback && http_host_is_address(host, port));
}

/* No page of another origin may make a browser talk to us. */
static bool check_origin(struct exchange *exchange)
{
    const struct exchange_headers *headers = &exchange->headers;
    const struct http_server *server = exchange->server;
    bool is_tls = server->options.tls_cert != NULL;
    if (exchange->is_local) /* no page can reach it */
        return true;
    if (!is_our_host(server, headers->host))
        return exchange_problem(exchange, 421, ERR_DENIED,
                                "this server is not '%.80s'; it is %s; --hosts says what other names it has",
                                headers->host ? headers->host : "", server->url);
    /* A link on any page may lead to the console, which shows nothing of itself. */
    if (exchange->is_console)
        return true;
    bool is_foreign = headers->fetch_site && strcmp(headers->fetch_site, "same-origin") != 0 &&
                      strcmp(headers->fetch_site, "none") != 0;
    if (is_foreign || !http_origin_is_ours(headers->origin, headers->host, is_tls))
        return exchange_problem(exchange, 403, ERR_DENIED,
                                "a page of another origin sent this request; it is refused");
    return true;
}

/* People write /ui/ where the API's paths end without a slash. */
static bool drop_last_slash(struct exchange *exchange)
{
    const char *raw = exchange->raw_target;
    size_t path = strcspn(raw, "?");
    if (strncmp(raw, "/ui/", 4) != 0 || raw[path - 1] != '/')
        return true;
    const char *shorter = arena_printf(exchange->arena, "%.*s%s", (int)path - 1, raw, raw + path);
    if (shorter)
        exchange->raw_target = shorter;
    return shorter != NULL;
}

static bool check_target(struct exchange *exchange)
{
    struct error err = {0};
    if (!drop_last_slash(exchange))
        return exchange_problem(exchange, 503, ERR_NO_MEMORY, "out of memory");
    if (exchange->is_target_too_long)
        return exchange_problem(exchange, 414, ERR_LIMIT, "the request's target is longer than %d bytes",
                                HTTP_TARGET_MAX_BYTES);
    if (http_target_parse(exchange->raw_target, exchange->arena, &exchange->target, &err))
        return true;
    return exchange_problem(exchange, err.code == ERR_LIMIT ? 414 : 0, err.code, "%s", err.message);
}

static bool is_known_method(const char *method)
{
    static const char *const known[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i], method) == 0)
            return true;
    return false;
}

static bool find_route(struct exchange *exchange)
{
    if (exchange_is_console(exchange)) {
        exchange->is_console = true;
        return true;
    }
    if (!is_known_method(exchange->method))
        return exchange_problem(exchange, 501, ERR_INVALID, "the method '%.20s' is not known here",
                                exchange->method);
    enum http_routing found =
        http_route(exchange->method, &exchange->target, &exchange->match, exchange->reply.allow);
    if (found == ROUTING_NO_PATH)
        return exchange_problem(exchange, 404, ERR_NOT_FOUND,
                                "there is nothing at this path; /api/v1/openapi.json lists what there is");
    if (found == ROUTING_NO_METHOD && strcmp(exchange->method, "OPTIONS") != 0)
        return exchange_problem(exchange, 405, ERR_INVALID, "this path takes %s, not %s",
                                exchange->reply.allow, exchange->method);
    if (found == ROUTING_FOUND)
        exchange->reply.allow[0] = '\0';
    return true;
}

static bool has_body(const struct exchange *exchange)
{
    const struct exchange_headers *headers = &exchange->headers;
    return headers->transfer_encoding ||
           (headers->content_length && strcmp(headers->content_length, "0") != 0);
}

static bool check_body_head(struct exchange *exchange)
{
    const struct exchange_headers *headers = &exchange->headers;
    const uint64_t max = exchange->server->options.body_max_bytes;
    if (headers->expect && strcasecmp(headers->expect, "100-continue") != 0)
        return exchange_problem(exchange, 417, ERR_INVALID, "only 100-continue can be expected");
    if (exchange_is_upload(exchange))
        return exchange_check_upload(exchange);
    if (!has_body(exchange))
        return true;
    if (!http_method_has_body(exchange->method))
        return exchange_problem(exchange, 400, ERR_INVALID, "a request with %s has no body",
                                exchange->method);
    if (!http_is_json(headers->content_type) || headers->content_encoding)
        return exchange_problem(exchange, 415, ERR_INVALID,
                                "the body must be application/json in UTF-8, not encoded in another way");
    uint64_t length = headers->content_length ? strtoull(headers->content_length, NULL, 10) : 0;
    if (length > max)
        return exchange_problem(exchange, 413, ERR_LIMIT, "the body is longer than %llu bytes",
                                (unsigned long long)max);
    return true;
}

static bool check_stopping(struct exchange *exchange)
{
    return !atomic_load(&exchange->server->is_stopping) ||
           exchange_problem(exchange, 503, ERR_IO, "the server is about to stop");
}

static void begin(struct exchange *exchange, struct MHD_Connection *connection, const char *method)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    exchange->is_begun = true;
    exchange->connection = connection;
    exchange->entry = info ? info->socket_context : NULL;
    exchange->method = arena_text_n(exchange->arena, method, strnlen(method, 32));
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    exchange->client.address =
        exchange->is_local ? "local" : connection_address(info ? info->client_addr : NULL, exchange->remote);
    if (!exchange->method) {
        exchange->method = "";
        (void)exchange_problem(exchange, 503, ERR_NO_MEMORY, "out of memory");
        return;
    }
    bool is_fine = check_headers(exchange) && check_stopping(exchange) && check_target(exchange) &&
                   find_route(exchange) && check_origin(exchange) && check_body_head(exchange);
    connections_enter(exchange->server->connections, exchange->entry,
                      is_fine && has_body(exchange) ? CONNECTION_BODY : CONNECTION_REPLY);
}

static enum MHD_Result send_problem(struct exchange *exchange);

/* With a body to come the request is refused at once, and the connection closed; who expects 100-continue
 * sends none then. */
static enum MHD_Result begin_body(struct exchange *exchange)
{
    return exchange->has_problem && has_body(exchange) ? send_problem(exchange) : MHD_YES;
}

/* The body is read only when the sender is known and may call; the pool finds that out. */
static enum MHD_Result check_first(struct exchange *exchange)
{
    exchange->job.run = exchange_check;
    atomic_store(&exchange->state, EXCHANGE_WORKS);
    connections_enter(exchange->server->connections, exchange->entry, CONNECTION_REPLY);
    MHD_suspend_connection(exchange->connection);
    if (!request_pool_submit(exchange->server->pool, &exchange->job, HTTP_WAITING_MAX)) {
        (void)exchange_problem(exchange, 503, ERR_IO, "the server has too much to do");
        exchange_hand_back(exchange, EXCHANGE_CHECKED);
    }
    return MHD_YES;
}

/* The answer to the check. */
static void take_up(struct exchange *exchange)
{
    atomic_store(&exchange->state, EXCHANGE_GATHERS);
    exchange->job.run = exchange_answer;
    connections_enter(exchange->server->connections, exchange->entry,
                      exchange->has_problem ? CONNECTION_REPLY : CONNECTION_BODY);
}

/* ---- body and reply ---- */

static enum MHD_Result send_reply(struct exchange *exchange)
{
    if (!exchange->response) {
        const struct reply_request request = {.method = exchange->method,
                                              .request_id = exchange->request_id,
                                              .range = exchange->headers.range,
                                              .if_range = exchange->headers.if_range,
                                              .if_none_match = exchange->headers.if_none_match,
                                              .accept_encoding = exchange->headers.accept_encoding,
                                              .is_tls = exchange->server->options.tls_cert != NULL};
        exchange->response =
            http_reply_finish(&exchange->reply, &request, &exchange->status, &exchange->reply_bytes);
    }
    if (!exchange->response)
        return MHD_NO;
    if (atomic_load(&exchange->server->is_stopping))
        (void)MHD_add_response_header(exchange->response, "Connection", "close");
    return MHD_queue_response(exchange->connection, (unsigned)exchange->status, exchange->response);
}

static enum MHD_Result send_problem(struct exchange *exchange)
{
    http_reply_problem(&exchange->reply, &exchange->problem, exchange->request_id);
    return send_reply(exchange);
}

/* The file for the upload is open: what the client sends may come. */
static enum MHD_Result begin_upload(struct exchange *exchange)
{
    exchange->is_receiving = true;
    atomic_store(&exchange->state, EXCHANGE_GATHERS);
    connections_enter(exchange->server->connections, exchange->entry,
                      has_body(exchange) ? CONNECTION_BODY : CONNECTION_REPLY);
    return MHD_YES;
}

static enum MHD_Result send_options(struct exchange *exchange)
{
    exchange->reply.status = 204;
    return send_reply(exchange);
}

/* Bytes past the limits are read and forgotten, but not for ever. */
static enum MHD_Result take_body(struct exchange *exchange, const char *upload, size_t *upload_bytes)
{
    struct http_server *server = exchange->server;
    size_t bytes = *upload_bytes;
    *upload_bytes = 0;
    if (!exchange->has_problem && exchange_is_upload(exchange)) {
        exchange_take_upload(exchange, (struct bytes){upload, bytes});
    } else if (!exchange->has_problem) {
        uint64_t all = atomic_fetch_add(&server->body_bytes, bytes) + bytes;
        exchange->counted_bytes += bytes;
        if (all > HTTP_BODIES_MAX_BYTES)
            (void)exchange_problem(exchange, 503, ERR_LIMIT, "too much is being sent to the server at once");
        else if (!buffer_add(&exchange->body, upload, bytes))
            (void)exchange_problem(exchange, 413, ERR_LIMIT, "the body is longer than %llu bytes",
                                   (unsigned long long)server->options.body_max_bytes);
    }
    if (!exchange->has_problem)
        return MHD_YES;
    buffer_release(&exchange->body);
    exchange->discarded_bytes += bytes;
    return exchange->discarded_bytes <= server->options.body_max_bytes + HTTP_DISCARD_MAX_BYTES ? MHD_YES
                                                                                                : MHD_NO;
}

/* A file of the console is in memory. */
static bool answer_console(struct exchange *exchange)
{
    struct error err = {0};
    if (!exchange_answer_console(exchange, &err)) {
        if (!exchange->has_problem)
            (void)exchange_problem(exchange, 0, err.code, "%s", err.message);
        http_reply_problem(&exchange->reply, &exchange->problem, exchange->request_id);
    }
    return true;
}

/* That the server lives is said without waiting for anybody. */
static bool answer_at_once(struct exchange *exchange)
{
    struct error ignored = {0};
    if (exchange->is_console)
        return answer_console(exchange);
    return strcmp(exchange->match.route->name, "health.live") == 0 &&
           exchange_answer_own(exchange, NULL, &ignored);
}

static enum MHD_Result hand_over(struct exchange *exchange)
{
    if (answer_at_once(exchange))
        return send_reply(exchange);
    connections_enter(exchange->server->connections, exchange->entry, CONNECTION_REPLY);
    atomic_store(&exchange->state, EXCHANGE_WORKS);
    MHD_suspend_connection(exchange->connection);
    if (!request_pool_submit(exchange->server->pool, &exchange->job, HTTP_WAITING_MAX)) {
        (void)exchange_problem(exchange, 503, ERR_IO, "the server has too much to do");
        http_reply_problem(&exchange->reply, &exchange->problem, exchange->request_id);
        exchange_ready(exchange);
    }
    return MHD_YES;
}

void exchange_hand_back(struct exchange *exchange, enum exchange_state state)
{
    /* Once it is ready the exchange may be gone at any moment. */
    struct MHD_Connection *connection = exchange->connection;
    atomic_store(&exchange->state, state);
    MHD_resume_connection(connection);
}

void exchange_ready(struct exchange *exchange)
{
    exchange_hand_back(exchange, EXCHANGE_READY);
}

enum MHD_Result exchange_step(struct exchange *exchange, struct MHD_Connection *connection,
                              const char *method, const char *upload, size_t *upload_bytes)
{
    if (!exchange->is_begun) {
        begin(exchange, connection, method);
        if (!exchange->has_problem && exchange_is_upload(exchange))
            return hand_over(exchange);
        return !exchange->has_problem && has_body(exchange) && exchange_needs_caller(exchange)
                   ? check_first(exchange)
                   : begin_body(exchange);
    }
    if (atomic_load(&exchange->state) == EXCHANGE_CHECKED) {
        take_up(exchange);
        if (*upload_bytes == 0)
            return begin_body(exchange);
    }
    if (*upload_bytes > 0)
        return take_body(exchange, upload, upload_bytes);
    switch (atomic_load(&exchange->state)) {
    case EXCHANGE_GATHERS:
    case EXCHANGE_CHECKED:
        break;
    case EXCHANGE_WORKS:
        return MHD_YES;
    case EXCHANGE_READY:
        return exchange_is_upload(exchange) && exchange->reply.status == 0 ? begin_upload(exchange)
                                                                           : send_reply(exchange);
    }
    if (exchange->has_problem)
        return send_problem(exchange);
    return strcmp(exchange->method, "OPTIONS") == 0 ? send_options(exchange) : hand_over(exchange);
}

void exchange_completed(struct exchange *exchange)
{
    struct http_server *server = exchange->server;
    const struct route *route = exchange->match.route;
    char *path = NULL;
    double seconds = clock_steady_seconds() - exchange->began_seconds;
    path = arena_text_n(exchange->arena, exchange->raw_target, strcspn(exchange->raw_target, "?"));
    const struct access_row row = {.request_id = exchange->request_id,
                                   .traceparent = exchange->headers.traceparent,
                                   .method = exchange->method ? exchange->method : "",
                                   .path = path,
                                   .route = route ? route->name : NULL,
                                   .remote =
                                       exchange->client.address ? exchange->client.address : exchange->remote,
                                   .user = exchange->caller.user,
                                   .status = exchange->status,
                                   .bytes = exchange->reply_bytes,
                                   .seconds = seconds};
    if (exchange->status)
        http_metrics_request(server->metrics, route, exchange->status, seconds);
    access_log_write(server->options.access_log, &row);
    connections_enter(server->connections, exchange->entry, CONNECTION_HEAD);
    (void)exchange_free(exchange);
}
