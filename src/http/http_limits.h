/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of the server: nothing a client sends can take more than these. */
#ifndef HTTP_HTTP_LIMITS_H
#define HTTP_HTTP_LIMITS_H

enum {
    HTTP_TARGET_MAX_BYTES = 8192,          /* path and query as sent */
    HTTP_PATH_SEGMENTS_MAX = 16,           /* between the slashes of a path */
    HTTP_QUERY_MAX = 128,                  /* parameters of a query */
    HTTP_HEADERS_MAX = 100,                /* header lines */
    HTTP_HEADERS_MAX_BYTES = 16384,        /* their names and values */
    HTTP_CONNECTION_MAX_BYTES = 48 * 1024, /* what libmicrohttpd holds of one request */
    HTTP_BODY_MAX_BYTES = 16 * 1024 * 1024,
    HTTP_BODIES_MAX_BYTES = 256 * 1024 * 1024, /* of all requests at once */
    HTTP_DISCARD_MAX_BYTES = 256 * 1024,       /* of a body past its limit, beside the limit itself */
    HTTP_JSON_DEPTH_MAX = 32,                  /* objects and arrays in one another */
    HTTP_REPLY_MAX_BYTES = 256 * 1024 * 1024,
    HTTP_GZIP_MIN_BYTES = 1024,

    HTTP_CONNECTIONS_MAX = 1024,
    HTTP_CONNECTIONS_PER_IP_MAX = 256,
    HTTP_WAITING_MAX = 1024, /* requests that wait for a worker */
    HTTP_STREAMS_MAX = 64,   /* clients of the event stream */
    HTTP_LONG_POLLS_MAX = 256,

    HTTP_IO_THREADS = 2,
    HTTP_WORKERS = 4, /* requests handled at once, each with its own database handle */
    HTTP_WORKERS_MAX = 64,
    HTTP_HOSTS_MAX = 32, /* names of the server */

    HTTP_HEAD_SECONDS = 30,  /* from the end of the reply before, or the connection, to the end of the head */
    HTTP_BODY_SECONDS = 60,  /* from there to the end of the body */
    HTTP_QUIET_SECONDS = 30, /* without a byte read of the reply */
    HTTP_STOP_SECONDS = 30,  /* for what runs when the server is to end */

    HTTP_EVENTS_KEPT = 10000,
    HTTP_EVENT_MAX_BYTES = 4096,
    HTTP_TOPICS_MAX = 32,
    HTTP_HEARTBEAT_SECONDS = 15,
    HTTP_WATCH_MS = 250, /* how often the database is asked what changed */

    HTTP_KEYS_KEPT = 100000, /* Idempotency-Keys */
    HTTP_KEY_HOURS = 24,

    HTTP_TASK_WORKERS = 2, /* processes that work on tasks */
    HTTP_TASK_WORKERS_MAX = 16,
    HTTP_TASK_ATTEMPTS_MAX = 3, /* a task whose process died is begun again; not for ever */

    HTTP_REQUEST_ID_MAX_BYTES = 64,
    HTTP_REQUEST_ID_BYTES = HTTP_REQUEST_ID_MAX_BYTES + 1,
    HTTP_ETAG_BYTES = 80,
    HTTP_ALLOW_BYTES = 64,
};

#endif
