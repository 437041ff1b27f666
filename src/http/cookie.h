/* SPDX-License-Identifier: Apache-2.0 */
/* Cookie: reads the Cookie header of a request (RFC 6265 4.2.1) and makes the cookie of a session. Pure
 * functions; the reading is fuzzed. */
#ifndef HTTP_COOKIE_H
#define HTTP_COOKIE_H

#include <stdbool.h>
#include <stddef.h>

/* Of the prefix __Host- browsers take only cookies that are Secure, of this very host and of all its paths,
 * so that no other host can set it. Chromium takes such ones on loopback without TLS too. */
#define COOKIE_SESSION_NAME "__Host-trommel"
enum { COOKIE_HEADER_BYTES = 192 };

/* The value of the cookie of that name. False: it is not there, twice there, "", longer than `ret_bytes` - 1,
 * or of other characters than RFC 6265 gives cookies. */
bool http_cookie_find(const char *header, const char *name, char *ret, size_t ret_bytes);
/* The value of Set-Cookie that begins a session, or, with secret NULL, ends it. */
void http_cookie_make(const char *secret, long long seconds, char ret[COOKIE_HEADER_BYTES]);

#endif
