/* SPDX-License-Identifier: Apache-2.0 */
/* Address: where to listen, read from text. */
#ifndef HTTP_ADDRESS_H
#define HTTP_ADDRESS_H

#include "base/error.h"

#include <netinet/in.h>
#include <stdint.h>

enum { ADDRESS_TEXT_BYTES = 64 };
struct http_address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } socket;
    uint16_t port;
    bool is_loopback;
    char host[ADDRESS_TEXT_BYTES]; /* as URLs have it: "127.0.0.1", "[::1]" */
};

/* "127.0.0.1:8080", "[::1]:8080", "localhost:8080" (127.0.0.1). ERR_INVALID says what is wrong.
 */
MUST_CHECK bool http_address_parse(const char *text, struct http_address *ret, struct error *err);

#endif
