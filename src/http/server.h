/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Server: the routes of api/ over HTTP, by libmicrohttpd. A few threads read and write sockets (epoll),
 * others answer requests (request_pool.h), one watches the database for events, waiting clients and waiting
 * tasks.
 *
 * Callers sign in (authenticate.h). Beyond loopback it listens only with TLS, and never without sign-in; it
 * answers to its own names only (Host), and takes no request that a page of another origin sends.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "api/api.h"
#include "http/http_limits.h"

struct http_options {
    const char *listen;             /* "127.0.0.1:8080", "[::1]:0", "localhost:8080"; port 0: any free one */
    const char *tls_cert, *tls_key; /* PEM files; NULL: no TLS */
    bool is_open;              /* without sign-in: whoever reaches it is the api's caller; only on loopback */
    bool allows_no_tls;        /* beyond loopback without TLS: passwords and tokens can be read on the way */
    struct param_list hosts;   /* names it answers to, beside addresses: "name" or "name:port" */
    int access_log;            /* file descriptor; -1: none */
    const char *program;       /* see task_runner.h */
    const char *web_dir;       /* where Vite built the console; NULL: what is packed into the program */
    const char *socket_folder; /* listens at the socket there too (base/local_socket.h); NULL: not */
    uint64_t workers, task_workers;
    uint64_t connections_max, connections_per_ip_max, body_max_bytes, upload_max_bytes, head_seconds,
        body_seconds, quiet_seconds;
};
void http_options_init(struct http_options *options); /* the limits of http_limits.h, no log, no program */

struct http_server;
/* `api` and the texts of `options` are borrowed until the server is freed; its database must be one that can
 * be opened again. ERR_INVALID names the option; ERR_DENIED: the address is not of the loopback, and sign-in
 * or TLS is missing. */
MUST_CHECK bool http_server_start(const struct api *api, const struct http_options *options,
                                  struct http_server **ret, struct error *err);
/* "http://127.0.0.1:8080" */
const char *http_server_url(const struct http_server *server);
/* Refuses new connections, finishes requests that run, at most HTTP_STOP_SECONDS, ends event streams. Accepts
 * NULL, returns NULL. */
struct http_server *http_server_free(struct http_server *server);

DEFINE_AUTO(http_server)

#endif
