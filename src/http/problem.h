/* SPDX-License-Identifier: Apache-2.0 */
/* Problem: what went wrong with a request, as RFC 9457 says it, with ModelArts' members beside. */
#ifndef HTTP_PROBLEM_H
#define HTTP_PROBLEM_H

#include "base/buffer.h"

struct http_problem {
    int status;            /* 0: that of the error's kind */
    int64_t retry_seconds; /* Retry-After; 0: a second with 503, else none */
    struct error err;
};

int http_problem_status(const struct http_problem *problem);
/* "method-not-allowed": of the detail, else of the status. */
const char *http_problem_name(const struct http_problem *problem);
/* Appends the JSON document. */
MUST_CHECK bool http_problem_write(const struct http_problem *problem, const char *request_id,
                                   struct buffer *into, struct error *err);

#endif
