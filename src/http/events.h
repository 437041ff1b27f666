/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events: what happened to tasks and services, kept in a ring and streamed to clients as server-sent events
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html). An event's id is EPOCH-NUMBER: numbers
 * grow by one, and the epoch tells servers, and restarts of one, apart. Threads: all functions may be called
 * by any.
 */
#ifndef HTTP_EVENTS_H
#define HTTP_EVENTS_H

#include "base/arena.h"
#include "base/buffer.h"
#include "http/http_limits.h"

#include <sys/types.h>

struct http_events;
struct http_stream;

struct http_event {
    const char *kind;       /* "task", "service" */
    const char *id;         /* of the task or service */
    const char *subject;    /* of a task: what it works on; "" */
    const char *json;       /* one line */
    const char *project_id; /* whose it is; NULL: everybody's */
};

struct http_events *http_events_new(uint64_t epoch, uint32_t kept); /* NULL: memory is out */
/* All streams are closed by then. */
struct http_events *http_events_free(struct http_events *events);
/* An event past HTTP_EVENT_MAX_BYTES, or without memory for it, is left out; its number is used, so that
 * nothing goes missing unseen: clients meet a reset. */
void http_events_add(struct http_events *events, const struct http_event *event);

/* How a stream waits: both are called under the events' lock. */
struct stream_waiter {
    void (*suspend)(void *connection);
    void (*resume)(void *connection);
    void *connection;
};
struct stream_wish {
    const char *topics;        /* "tasks,service:ID"; NULL or "": all */
    const char *last_event_id; /* NULL: from now on */
    struct stream_waiter waiter;
    const char *project_id; /* whose events; NULL: all */
};
/* ERR_INVALID: not such topics; ERR_LIMIT: HTTP_STREAMS_MAX streams are open. */
MUST_CHECK bool http_stream_open(struct http_events *events, const struct stream_wish *wish,
                                 struct http_stream **ret, struct error *err);
/* Puts what is there into `into`. 0: nothing yet, the connection was suspended; -1: the stream has ended. */
ssize_t http_stream_read(struct http_stream *stream, char *into, size_t max, double now_seconds);
struct http_stream *http_stream_close(struct http_stream *stream);
/* Resumes streams that have something to send: events, or a heartbeat that is due. */
void http_events_wake(struct http_events *events, double now_seconds);
/* Every stream ends after what it sends now. */
void http_events_end(struct http_events *events);
uint32_t http_events_streams(struct http_events *events);

DEFINE_AUTO(http_events)

#endif
