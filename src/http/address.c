/* SPDX-License-Identifier: Apache-2.0 */
#include "http/address.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static bool split(const char *text, char host[ADDRESS_TEXT_BYTES], uint64_t *ret_port, struct error *err)
{
    const char *colon = strrchr(text, ':');
    size_t bytes = colon ? (size_t)(colon - text) : 0;
    if (!colon || bytes == 0 || bytes >= ADDRESS_TEXT_BYTES)
        return error_set(err, ERR_INVALID, "the address to listen on is HOST:PORT, not '%.80s'", text);
    memcpy(host, text, bytes);
    host[bytes] = '\0';
    return text_to_count(colon + 1, "the port to listen on", 0, 65535, ret_port, err);
}

static bool fill_v6(struct http_address *address, const char *host)
{
    char inner[ADDRESS_TEXT_BYTES];
    size_t bytes = strlen(host);
    if (host[0] != '[' || host[bytes - 1] != ']')
        return false;
    memcpy(inner, host + 1, bytes - 2);
    inner[bytes - 2] = '\0';
    address->socket.v6.sin6_family = AF_INET6;
    address->socket.v6.sin6_port = htons(address->port);
    return inet_pton(AF_INET6, inner, &address->socket.v6.sin6_addr) == 1;
}

static bool fill(struct http_address *address, const char *host)
{
    if (fill_v6(address, host))
        return true;
    address->socket.v4.sin_family = AF_INET;
    address->socket.v4.sin_port = htons(address->port);
    return inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host,
                     &address->socket.v4.sin_addr) == 1;
}

static bool is_loopback(const struct http_address *address)
{
    if (address->socket.any.sa_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&address->socket.v6.sin6_addr);
    return (ntohl(address->socket.v4.sin_addr.s_addr) >> 24) == 127;
}

bool http_address_parse(const char *text, struct http_address *ret, struct error *err)
{
    char host[ADDRESS_TEXT_BYTES];
    uint64_t port = 0;
    struct http_address address = {0};
    if (!split(text, host, &port, err))
        return false;
    address.port = (uint16_t)port;
    if (!fill(&address, host))
        return error_set(err, ERR_INVALID,
                         "'%.60s' is no address: give one like 127.0.0.1:8080 or [::1]:8080", host);
    address.is_loopback = is_loopback(&address);
    (void)snprintf(address.host, sizeof(address.host), "%s",
                   strcmp(host, "localhost") == 0 ? "127.0.0.1" : host);
    *ret = address;
    return true;
}
