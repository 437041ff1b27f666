/* SPDX-License-Identifier: Apache-2.0 */
/* Reply: an answer on its way to the client, and what the request's headers make of it: ranges, "not
 * modified", gzip. */
#ifndef HTTP_REPLY_HTTP_H
#define HTTP_REPLY_HTTP_H

#include "api/api.h"
#include "http/cookie.h"
#include "http/events.h"
#include "http/problem.h"

#include <microhttpd.h>

enum { REPLY_LOCATION_BYTES = 96 };

struct http_reply {
    int status;
    struct buffer body;
    const char *content_type; /* NULL: no body */
    char etag[HTTP_ETAG_BYTES];
    char location[REPLY_LOCATION_BYTES];
    char allow[HTTP_ALLOW_BYTES];
    struct bytes fixed;    /* a body that somebody else holds, instead of `body`; NULL: none */
    const char *coding;    /* Content-Encoding of what is sent; NULL: none */
    bool is_console;       /* a file of the console, with what it is allowed to load */
    bool is_replayed;      /* Idempotency-Replayed */
    int64_t retry_seconds; /* Retry-After; 0: none */
    char cookie[COOKIE_HEADER_BYTES];
    struct api_file file;
    struct http_stream *stream;
};
struct reply_request {
    const char *method, *request_id;
    const char *range, *if_range, *if_none_match, *accept_encoding; /* headers; NULL: not there */
    bool is_tls;
};

void http_reply_init(struct http_reply *reply);
void http_reply_release(struct http_reply *reply);
/* Replaces what is there; keeps `allow`. */
void http_reply_problem(struct http_reply *reply, const struct http_problem *problem, const char *request_id);
/* NULL: memory is out. What the reply held goes over to the response. *ret_bytes: of the body, before gzip.
 */
struct MHD_Response *http_reply_finish(struct http_reply *reply, const struct reply_request *request,
                                       int *ret_status, uint64_t *ret_bytes);

#endif
