/* SPDX-License-Identifier: Apache-2.0 */
/* Request JSON: path parameters, query and body put together as the one object that a handler is given. */
#ifndef HTTP_REQUEST_JSON_H
#define HTTP_REQUEST_JSON_H

#include "http/problem.h"
#include "http/router.h"

/* Body of POST and PUT (`body.size` 0: none), query of the others. What is in the wrong place, twice, too
 * deep or no JSON is ERR_INVALID. The caller frees *ret. */
MUST_CHECK bool http_request_json(const struct http_match *match, const struct http_target *target,
                                  struct bytes body, yyjson_doc **ret, struct error *err);
/* ?wait= of routes with a task, in seconds; 0 when it is not there. */
MUST_CHECK bool http_request_wait(const struct http_match *match, const struct http_target *target,
                                  uint64_t *ret_seconds, struct error *err);
bool http_method_has_body(const char *method);

#endif
