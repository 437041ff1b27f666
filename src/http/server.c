/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "http/exchange.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DOCUMENT_MAX_BYTES = 16 * 1024 * 1024, STOP_LOOK_MS = 20 };

void http_options_init(struct http_options *options)
{
    *options = (struct http_options){.listen = "127.0.0.1:8080",
                                     .access_log = -1,
                                     .workers = HTTP_WORKERS,
                                     .connections_max = HTTP_CONNECTIONS_MAX,
                                     .connections_per_ip_max = HTTP_CONNECTIONS_PER_IP_MAX,
                                     .body_max_bytes = HTTP_BODY_MAX_BYTES,
                                     .upload_max_bytes = UINT64_MAX,
                                     .head_seconds = HTTP_HEAD_SECONDS,
                                     .body_seconds = HTTP_BODY_SECONDS,
                                     .quiet_seconds = HTTP_QUIET_SECONDS};
}

const char *http_server_url(const struct http_server *server)
{
    return server->url;
}

/* ---- calls of libmicrohttpd ---- */

static enum MHD_Result may_connect(void *state, const struct sockaddr *address, socklen_t bytes)
{
    struct http_server *server = state;
    (void)bytes;
    return connections_may_join(server->connections, address) ? MHD_YES : MHD_NO;
}

static void connection_changed(void *state, struct MHD_Connection *connection, void **context,
                               enum MHD_ConnectionNotificationCode what)
{
    struct http_server *server = state;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        connections_leave(server->connections, *context);
        *context = NULL;
        return;
    }
    const union MHD_ConnectionInfo *address =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *client = address ? address->client_addr : NULL;
    const union MHD_ConnectionInfo *socket =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *context = socket ? connections_join(server->connections, client, socket->connect_fd) : NULL;
}

static void *target_came(void *state, const char *target, struct MHD_Connection *connection)
{
    (void)connection;
    return exchange_new(state, target);
}

static void *local_target_came(void *state, const char *target, struct MHD_Connection *connection)
{
    struct exchange *exchange = target_came(state, target, connection);
    if (exchange)
        exchange->is_local = true;
    return exchange;
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are libmicrohttpd's */
static enum MHD_Result request_came(void *state, struct MHD_Connection *connection, const char *url,
                                    const char *method, const char *version, const char *upload,
                                    size_t *upload_bytes, void **context)
{
    (void)state;
    (void)url;
    (void)version;
    return *context ? exchange_step(*context, connection, method, upload, upload_bytes) : MHD_NO;
}

static void request_completed(void *state, struct MHD_Connection *connection, void **context,
                              enum MHD_RequestTerminationCode how)
{
    (void)state;
    (void)connection;
    (void)how;
    if (*context)
        exchange_completed(*context);
    *context = NULL;
}

/* Escapes are read by target.c. */
static size_t keep_escapes(void *state, struct MHD_Connection *connection, char *text)
{
    (void)state;
    (void)connection;
    return strlen(text);
}

__attribute__((format(printf, 2, 0))) static void log_daemon(void *state, const char *format, va_list args)
{
    char text[512];
    (void)state;
    (void)vsnprintf(text, sizeof(text), format, args);
    text[strcspn(text, "\n")] = '\0';
    log_write(LOG_INFO, "libmicrohttpd: %s", text);
}

/* ---- starting ---- */

static bool check_options(const struct http_options *options, struct error *err)
{
    if (!options->tls_cert != !options->tls_key)
        return error_set(err, ERR_INVALID, "TLS needs both a certificate and its key");
    if (options->workers < 1 || options->workers > HTTP_WORKERS_MAX)
        return error_set(err, ERR_INVALID, "between 1 and %d threads can answer requests", HTTP_WORKERS_MAX);
    return options->hosts.count <= HTTP_HOSTS_MAX ||
           error_set(err, ERR_INVALID, "a server has at most %d names", HTTP_HOSTS_MAX);
}

/* Beyond this machine nobody is let in unasked, and nothing secret goes in the clear. */
static bool check_reach(const struct http_server *server, struct error *err)
{
    const struct http_options *options = &server->options;
    if (server->address.is_loopback)
        return true;
    if (options->is_open)
        return error_set(err, ERR_DENIED,
                         "without sign-in the server listens on loopback addresses only (127.0.0.1, [::1]), "
                         "not on '%.60s'",
                         server->address.host);
    return options->tls_cert || options->allows_no_tls ||
           error_set(err, ERR_DENIED,
                     "passwords and tokens sent to '%.60s' without TLS can be read on the way: give "
                     "--tls-cert and --tls-key, or listen on 127.0.0.1, or say --insecure-http",
                     server->address.host);
}

/* Half of the threads, so that the others answer while passwords are being checked. */
static void make_gate(struct http_server *server)
{
    server->gate.max = server->options.workers > 1 ? (uint32_t)server->options.workers / 2 : 1;
    server->api.gate = &server->gate;
}

static bool read_tls(struct http_server *server, struct error *err)
{
    const struct http_options *options = &server->options;
    http_tls_init(&server->tls);
    if (!options->tls_cert)
        return true;
    if (MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
        return error_set(err, ERR_INVALID, "this libmicrohttpd was built without TLS");
    return http_tls_read(&server->tls, options->tls_cert, options->tls_key, clock_now_ms(), err);
}

static bool make_document(struct http_server *server, struct error *err)
{
    buffer_init(&server->document, DOCUMENT_MAX_BYTES);
    if (!api_openapi(&server->document, err))
        return false;
    hash_of((struct bytes){server->document.data, server->document.size}, server->document_etag);
    return true;
}

static bool make_parts(struct http_server *server, struct error *err)
{
    const struct http_options *options = &server->options;
    const struct connections_limits limits = {(uint32_t)options->connections_max,
                                              (uint32_t)options->connections_per_ip_max,
                                              (double)options->head_seconds, (double)options->body_seconds};
    const struct task_runner_options runner = {options->program, server->api.data_folder,
                                               options->program ? (uint32_t)options->task_workers : 0};
    make_gate(server);
    server->connections = connections_new(&limits);
    server->events = http_events_new((uint64_t)clock_now_ms(), HTTP_EVENTS_KEPT);
    server->polls = long_polls_new(HTTP_LONG_POLLS_MAX);
    server->metrics = http_metrics_new();
    server->runner = task_runner_new(&runner);
    if (!server->connections || !server->events || !server->polls || !server->metrics || !server->runner)
        return error_no_memory(err);
    return make_document(server, err) && console_open(options->web_dir, &server->console, err) &&
           read_tls(server, err) &&
           request_pool_start(&server->api, (uint32_t)options->workers, &server->pool, err);
}

/* The socket is ours, so that the port is known before the first request comes. */
static bool bind_socket(struct http_server *server, struct error *err)
{
    struct http_address *address = &server->address;
    const bool is_v6 = address->socket.any.sa_family == AF_INET6;
    socklen_t bytes = is_v6 ? sizeof(address->socket.v6) : sizeof(address->socket.v4);
    const int on = 1;
    server->listening = socket(address->socket.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server->listening < 0)
        return error_set_errno(err, errno, "make a socket");
    if (setsockopt(server->listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        bind(server->listening, &address->socket.any, bytes) != 0 ||
        listen(server->listening, SOMAXCONN) != 0 ||
        getsockname(server->listening, &address->socket.any, &bytes) != 0)
        return error_set_errno(err, errno, "listen on %s", server->options.listen);
    address->port = ntohs(is_v6 ? address->socket.v6.sin6_port : address->socket.v4.sin_port);
    (void)snprintf(server->url, sizeof(server->url), "%s://%s:%u",
                   server->options.tls_cert ? "https" : "http", address->host, address->port);
    return true;
}

/* NULL: it does not start. */
static struct MHD_Daemon *start_one(struct http_server *server, bool is_local, bool is_tls)
{
    const struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, server->tls.cert.data},
                                         {MHD_OPTION_HTTPS_MEM_KEY, 0, server->tls.key.data},
                                         {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_PRIORITIES},
                                         {MHD_OPTION_END, 0, NULL}};
    const struct MHD_OptionItem nothing[] = {{MHD_OPTION_END, 0, NULL}};
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
                     (is_tls ? MHD_USE_TLS : 0U);
    return MHD_start_daemon(
        flags, is_local ? 0 : server->address.port, may_connect, server, request_came,
        server, /* the logger first */
        MHD_OPTION_EXTERNAL_LOGGER, log_daemon, NULL, MHD_OPTION_LISTEN_SOCKET,
        is_local ? server->local.listening : server->listening, MHD_OPTION_THREAD_POOL_SIZE,
        (unsigned)HTTP_IO_THREADS, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)(server->options.connections_max + HTTP_IO_THREADS), MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)HTTP_CONNECTION_MAX_BYTES, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)server->options.quiet_seconds, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_URI_LOG_CALLBACK,
        is_local ? local_target_came : target_came, server, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
        MHD_OPTION_NOTIFY_CONNECTION, connection_changed, server, MHD_OPTION_NOTIFY_COMPLETED,
        request_completed, server, MHD_OPTION_ARRAY, is_tls ? tls : nothing, MHD_OPTION_END);
}

static bool start_daemon(struct http_server *server, struct error *err)
{
    const bool is_tls = server->options.tls_cert != NULL;
    server->daemon = start_one(server, false, is_tls);
    if (!server->daemon)
        return error_set(err, ERR_IO, "the server does not start; the log says why");
    if (!server->options.socket_folder)
        return true;
    server->local_daemon = start_one(server, true, false);
    return server->local_daemon || error_set(err, ERR_IO, "the server does not start on its local socket");
}

static bool bind_local(struct http_server *server, struct error *err)
{
    const char *folder = server->options.socket_folder;
    return !folder || local_socket_listen(folder, &server->local, err);
}

bool http_server_start(const struct api *api, const struct http_options *options, struct http_server **ret,
                       struct error *err)
{
    struct http_server *server = calloc(1, sizeof(*server));
    if (!server)
        return error_no_memory(err);
    server->options = *options;
    server->api = *api;
    server->api.url = server->url;
    server->api.task_workers = options->program ? (uint32_t)options->task_workers : 0;
    server->listening = -1;
    server->local = (struct local_socket){-1, -1, -1};
    if (check_options(options, err) && http_address_parse(options->listen, &server->address, err) &&
        check_reach(server, err) && bind_socket(server, err) && bind_local(server, err) &&
        make_parts(server, err) && http_watch_start(server, err) && start_daemon(server, err)) {
        *ret = server;
        return true;
    }
    (void)http_server_free(server);
    return false;
}

/* ---- ending ---- */

/* Requests that run are finished; then the connections that nobody uses are closed. */
static void let_finish(struct http_server *server)
{
    const double until_seconds = clock_steady_seconds() + HTTP_STOP_SECONDS;
    while (atomic_load(&server->exchanges) > 0 && clock_steady_seconds() < until_seconds) {
        http_events_wake(server->events, clock_steady_seconds());
        (void)connections_sweep(server->connections, clock_steady_seconds(), true);
        clock_sleep_ms(STOP_LOOK_MS);
    }
    (void)connections_sweep(server->connections, clock_steady_seconds(), true);
}

static void stop_daemon(struct http_server *server)
{
    (void)MHD_quiesce_daemon(server->daemon);
    if (server->local_daemon)
        (void)MHD_quiesce_daemon(server->local_daemon);
    /* Closed later: the threads may still be looking at it. */
    (void)shutdown(server->listening, SHUT_RDWR);
    if (server->local.listening >= 0)
        (void)shutdown(server->local.listening, SHUT_RDWR);
    atomic_store(&server->is_stopping, true);
    long_polls_end(server->polls);
    http_events_end(server->events);
    let_finish(server);
}

struct http_server *http_server_free(struct http_server *server)
{
    if (!server)
        return NULL;
    if (server->daemon)
        stop_daemon(server);
    http_watch_end(server);
    /* What the pool has taken it answers, so that no connection stays suspended. */
    request_pool_end(server->pool);
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    if (server->local_daemon)
        MHD_stop_daemon(server->local_daemon);
    local_socket_end(&server->local);
    if (server->listening >= 0)
        (void)close(server->listening);
    server->pool = request_pool_free(server->pool);
    server->runner = task_runner_free(server->runner);
    server->console = console_free(server->console);
    server->metrics = http_metrics_free(server->metrics);
    server->polls = long_polls_free(server->polls);
    server->events = http_events_free(server->events);
    server->connections = connections_free(server->connections);
    buffer_release(&server->document);
    http_tls_release(&server->tls);
    free(server);
    return NULL;
}
