/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exchange: one request and its reply. The socket's thread gathers the request and refuses what is wrong with
 * its form (exchange.c); a thread of the pool answers it (answer.c); the socket's thread sends the reply.
 */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include "http/reply_http.h"
#include "http/request_json.h"
#include "http/server_parts.h"

struct exchange_headers {
    const char *host, *origin, *fetch_site, *content_type, *content_length, *content_encoding,
        *transfer_encoding, *accept_encoding, *range, *if_range, *if_match, *if_none_match, *idempotency_key,
        *request_id, *last_event_id, *expect, *authorization, *auth_token, *csrf_token, *cookie;
};
/* Who has the exchange. */
enum exchange_state {
    EXCHANGE_GATHERS, /* the socket's thread */
    EXCHANGE_WORKS,   /* the pool, or the list of long polls; the connection is suspended */
    EXCHANGE_CHECKED, /* the socket's thread; the body may be read, or the request is refused */
    EXCHANGE_READY,   /* the socket's thread; the reply can be sent */
};

struct exchange {
    struct pool_job job; /* first: jobs and exchanges are turned into each other */
    struct long_poll poll;
    struct http_server *server;
    struct MHD_Connection *connection;
    struct connection_entry *entry;
    struct arena *arena;
    const char *raw_target; /* as sent; cut when it is too long */
    bool is_target_too_long, is_begun, has_problem;
    bool is_local; /* it came by the server's own socket in the data folder: by who may write there */
    const char *method;
    struct exchange_headers headers;
    char request_id[HTTP_REQUEST_ID_BYTES];
    double began_seconds;
    struct http_target target;
    struct http_match match;
    struct http_problem problem;
    struct buffer body;
    uint64_t discarded_bytes, counted_bytes;
    _Atomic(enum exchange_state) state;

    /* the pool's, while it works */
    yyjson_doc *request;
    uint64_t wait_seconds;
    bool is_audited;
    bool is_checked;              /* `caller` is known, and may call the route */
    struct account_caller caller; /* texts in the arena */
    struct api_client client;
    char remote[CONNECTION_ADDRESS_BYTES];
    struct api_call call;
    bool has_call, has_key; /* api_call_release is due; the key was written down */
    bool is_waiting;        /* second round: the task has ended, or the time */
    struct http_reply reply;

    struct MHD_Response *response;
    int status;
    uint64_t reply_bytes;
};

/* NULL: memory is out. */
struct exchange *exchange_new(struct http_server *server, const char *raw_target);
struct exchange *exchange_free(struct exchange *exchange);
/* The calls of libmicrohttpd. */
enum MHD_Result exchange_step(struct exchange *exchange, struct MHD_Connection *connection,
                              const char *method, const char *upload, size_t *upload_bytes);
void exchange_completed(struct exchange *exchange);

/* Answers; a pool_job's function. */
void exchange_answer(struct pool_job *job, struct api *api);
/* Hands the reply over to the socket's thread. */
void exchange_ready(struct exchange *exchange);
/* Gives the connection back to the socket's thread. */
void exchange_hand_back(struct exchange *exchange, enum exchange_state state);
/* Writes into the audit that the call was refused, if it is one that is written down. */
void exchange_audit_refusal(struct exchange *exchange, struct api *api);
/* What the server answers itself; the route is one of server_routes. */
MUST_CHECK bool exchange_answer_own(struct exchange *exchange, struct api *api, struct error *err);
/* error_set for a problem with a status of its own. */
bool exchange_problem(struct exchange *exchange, int status, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
