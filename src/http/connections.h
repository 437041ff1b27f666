/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections: who is connected, how many of one address, and whether a client takes too long to say what it
 * wants. Threads: all functions may be called by any.
 */
#ifndef HTTP_CONNECTIONS_H
#define HTTP_CONNECTIONS_H

#include "base/arena.h"
#include "base/error.h"

#include <stdint.h>
#include <sys/socket.h>

struct connections_limits {
    uint32_t total, per_ip;
    double head_seconds, body_seconds;
};
enum connection_phase {
    CONNECTION_HEAD, /* the head of a request is awaited */
    CONNECTION_BODY, /* the body is */
    CONNECTION_REPLY /* we are to answer: no limit of time here */
};

struct connections;
struct connection_entry;
struct connections *connections_new(const struct connections_limits *limits); /* NULL: memory is out */
struct connections *connections_free(struct connections *connections);
/* True when one more of this address may come. */
bool connections_may_join(struct connections *connections, const struct sockaddr *address);
/* NULL when memory is out: the connection then has no limit of time. */
struct connection_entry *connections_join(struct connections *connections, const struct sockaddr *address,
                                          int socket);
void connections_enter(struct connections *connections, struct connection_entry *entry,
                       enum connection_phase phase);
void connections_leave(struct connections *connections, struct connection_entry *entry);
/* Shuts the sockets down that took too long; returns how many. `only_idle`: every one that awaits a head,
 * whatever its time. */
uint32_t connections_sweep(struct connections *connections, double now_seconds, bool only_idle);
uint32_t connections_count(struct connections *connections);
/* "127.0.0.1"; "local" for the local socket */
enum { CONNECTION_ADDRESS_BYTES = 64 };
const char *connection_address(const struct sockaddr *address, char text[CONNECTION_ADDRESS_BYTES]);

DEFINE_AUTO(connections)

#endif
