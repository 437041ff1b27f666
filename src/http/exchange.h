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
        *transfer_encoding, *accept_encoding, *content_range, *range, *if_range, *if_match, *if_none_match,
        *idempotency_key, *request_id, *traceparent, *last_event_id, *expect, *authorization, *auth_token,
        *csrf_token, *cookie;
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
    bool is_local; /* came by the local socket: the caller may open the data folder, which needs no sign-in */
    const char *raw_target;                                       /* as sent; cut when it is too long */
    bool is_target_too_long, is_begun, has_problem, is_receiving; /* the last: see upload.c */
    bool is_console;                                              /* asks for a file of the console */
    const char *method;
    struct exchange_headers headers;
    char request_id[HTTP_REQUEST_ID_BYTES];
    double began_seconds;
    struct http_target target;
    struct http_match match;
    struct http_problem problem;
    struct buffer body;
    uint64_t discarded_bytes, counted_bytes, received_bytes;
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
    bool is_reply_kept;     /* the key's row has the reply, when the transaction was committed */
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

/* Uploads, upload.c: the pool opens the file (exchange_receive), the socket's thread writes what comes into
 * it, the pool answers. */
bool exchange_is_upload(const struct exchange *exchange);
MUST_CHECK bool exchange_check_upload(struct exchange *exchange);
MUST_CHECK bool exchange_receive(struct exchange *exchange, struct api *api, struct error *err);
void exchange_take_upload(struct exchange *exchange, struct bytes piece);

/* A call of the exchange, begun: see api_call. */
struct api_call exchange_call(struct exchange *exchange, struct api *api, yyjson_val *request);
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
/* Whether the request is for the console, by its path: "/", /ui and below. */
bool exchange_is_console(const struct exchange *exchange);
/* Answers with a file of the console; anybody may have them. */
MUST_CHECK bool exchange_answer_console(struct exchange *exchange, struct error *err);
/* error_set for a problem with a status of its own. */
bool exchange_problem(struct exchange *exchange, int status, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
