/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the server share. */
#ifndef HTTP_SERVER_PARTS_H
#define HTTP_SERVER_PARTS_H

#include "base/local_socket.h"
#include "console/console.h"
#include "http/address.h"
#include "http/connections.h"
#include "http/events.h"
#include "http/long_poll.h"
#include "http/metrics.h"
#include "http/request_pool.h"
#include "http/server.h"
#include "http/task_runner.h"
#include "http/tls.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

enum { SERVER_URL_BYTES = 96 };

struct http_server {
    struct http_options options;
    struct api api; /* the caller's, with our URL */
    struct password_gate gate;
    struct http_address address;
    char url[SERVER_URL_BYTES];
    int listening;
    struct MHD_Daemon *daemon;
    struct local_socket local;
    struct MHD_Daemon *local_daemon; /* its callers are who may open the data folder */
    struct http_tls tls;
    struct connections *connections;
    struct request_pool *pool;
    struct http_events *events;
    struct long_polls *polls;
    struct http_metrics *metrics;
    struct task_runner *runner;
    struct console *console;
    struct buffer document; /* openapi.json */
    char document_etag[33];
    atomic_bool is_stopping;
    atomic_uint exchanges;           /* requests begun and not completed */
    atomic_uint_fast64_t body_bytes; /* held for all of them */

    pthread_t watcher;
    bool has_watcher;
    struct db *watch_db;
    pthread_mutex_t watch_lock;
    pthread_cond_t watch_woken;
    bool is_watch_wanted, is_watch_over; /* under the lock */
};

/* The watching thread, watch.c. */
MUST_CHECK bool http_watch_start(struct http_server *server, struct error *err);
/* It looks at the database at once: something was queued. */
void http_watch_wake(struct http_server *server);
void http_watch_end(struct http_server *server);

#endif
