/* SPDX-License-Identifier: Apache-2.0 */
/* Headers: the values of request headers, read as their RFCs say. Pure functions; fuzzed. */
#ifndef HTTP_HEADERS_H
#define HTTP_HEADERS_H

#include "base/error.h"
#include "http/http_limits.h"

#include <stddef.h>
#include <stdint.h>

/* Range (RFC 9110 14.2). One range of bytes; what is not understood, other units and several ranges count as
 * no range. */
enum http_range { RANGE_NONE, RANGE_PART, RANGE_UNSATISFIABLE };
enum http_range http_range_parse(const char *value, uint64_t size, uint64_t *ret_first, uint64_t *ret_last);

/* Content-Range of a request (RFC 9110 14.5): "bytes 0-9/20", or a star for the 20
 * (*ret_total 0). False: another form. */
bool http_content_range_parse(const char *value, uint64_t *ret_first, uint64_t *ret_last,
                              uint64_t *ret_total);

/* True when Accept-Encoding takes the coding ("gzip", "br"): named, or "*", with a weight above 0. NULL: no.
 */
bool http_accepts_coding(const char *value, const char *coding);

/* True when the list of If-None-Match or If-Match has the tag (given without quotes). A tag that we sent with
 * "-gzip" or "-br" counts as the same. "*" has every tag. `is_strong`: weak tags (W/) do not count. */
bool http_etag_listed(const char *list, const char *etag, bool is_strong);

/* True when Host names this server: localhost, a loopback address or `name`, with the right port, or none. A
 * page of another name that was led here (DNS rebinding) fails. */
bool http_host_is_ours(const char *host, const char *name, uint16_t port);

/* True when Host is one of the names, with their port when they have one, else as above. */
bool http_host_is_listed(const char *host, const char *const *names, size_t count, uint16_t port);
/* True when Host is an address, not a name, with the right port or none. */
bool http_host_is_address(const char *host, uint16_t port);

/* True when Origin is this server: scheme://Host. NULL (no browser sends it so) is fine. */
bool http_origin_is_ours(const char *origin, const char *host, bool is_tls);

/* True for "application/json", with or without a charset that is utf-8. */
bool http_is_json(const char *content_type);

/* 1 to HTTP_REQUEST_ID_MAX_BYTES of letters, digits and ._- */
bool http_is_request_id(const char *text);
/* 1 to `max_bytes` printable characters of ASCII. */
bool http_is_key(const char *text, size_t max_bytes);

/* traceparent (https://www.w3.org/TR/trace-context/): whose request ours is a part of. */
struct http_trace {
    char trace_id[33], span_id[17]; /* lower case hex digits, not all 0 */
};
/* False: not there, or of another form. */
bool http_traceparent_parse(const char *value, struct http_trace *ret);

/* Objects and arrays in one another, at most; brackets in texts do not count. For text that may be no JSON.
 */
uint32_t http_json_depth(const char *text, size_t bytes);

#endif
