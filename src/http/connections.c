/* SPDX-License-Identifier: Apache-2.0 */
#include "http/connections.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct connection_entry {
    struct connection_entry *previous, *next;
    char address[CONNECTION_ADDRESS_BYTES];
    int socket;
    enum connection_phase phase;
    double since_seconds;
    bool is_shut;
};

struct connections {
    struct connections_limits limits;
    pthread_mutex_t lock;
    struct connection_entry *first;
    uint32_t count;
};

struct connections *connections_new(const struct connections_limits *limits)
{
    struct connections *connections = calloc(1, sizeof(*connections));
    if (!connections)
        return NULL;
    connections->limits = *limits;
    (void)pthread_mutex_init(&connections->lock, NULL);
    return connections;
}

struct connections *connections_free(struct connections *connections)
{
    if (!connections)
        return NULL;
    while (connections->first)
        connections_leave(connections, connections->first);
    (void)pthread_mutex_destroy(&connections->lock);
    free(connections);
    return NULL;
}

const char *connection_address(const struct sockaddr *address, char text[CONNECTION_ADDRESS_BYTES])
{
    const void *number = NULL;
    text[0] = '\0';
    if (address && address->sa_family == AF_UNIX) {
        memcpy(text, "local", 6);
        return text;
    }
    if (address && address->sa_family == AF_INET)
        number = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
    else if (address && address->sa_family == AF_INET6)
        number = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    if (!number || !inet_ntop(address->sa_family, number, text, CONNECTION_ADDRESS_BYTES))
        memcpy(text, "-", 2);
    return text;
}

bool connections_may_join(struct connections *connections, const struct sockaddr *address)
{
    char text[CONNECTION_ADDRESS_BYTES];
    uint32_t same = 0;
    (void)connection_address(address, text);
    (void)pthread_mutex_lock(&connections->lock);
    for (const struct connection_entry *entry = connections->first; entry; entry = entry->next)
        same += strcmp(entry->address, text) == 0;
    bool may_join = connections->count < connections->limits.total && same < connections->limits.per_ip;
    (void)pthread_mutex_unlock(&connections->lock);
    return may_join;
}

struct connection_entry *connections_join(struct connections *connections, const struct sockaddr *address,
                                          int socket)
{
    struct connection_entry *entry = calloc(1, sizeof(*entry));
    if (!entry)
        return NULL;
    (void)connection_address(address, entry->address);
    entry->socket = socket;
    entry->since_seconds = clock_steady_seconds();
    (void)pthread_mutex_lock(&connections->lock);
    entry->next = connections->first;
    if (entry->next)
        entry->next->previous = entry;
    connections->first = entry;
    connections->count++;
    (void)pthread_mutex_unlock(&connections->lock);
    return entry;
}

void connections_enter(struct connections *connections, struct connection_entry *entry,
                       enum connection_phase phase)
{
    if (!entry)
        return;
    (void)pthread_mutex_lock(&connections->lock);
    entry->phase = phase;
    entry->since_seconds = clock_steady_seconds();
    (void)pthread_mutex_unlock(&connections->lock);
}

void connections_leave(struct connections *connections, struct connection_entry *entry)
{
    if (!entry)
        return;
    (void)pthread_mutex_lock(&connections->lock);
    if (entry->previous)
        entry->previous->next = entry->next;
    else
        connections->first = entry->next;
    if (entry->next)
        entry->next->previous = entry->previous;
    connections->count--;
    (void)pthread_mutex_unlock(&connections->lock);
    free(entry);
}

static bool is_late(const struct connections *connections, const struct connection_entry *entry,
                    double now_seconds)
{
    double passed = now_seconds - entry->since_seconds;
    return (entry->phase == CONNECTION_HEAD && passed > connections->limits.head_seconds) ||
           (entry->phase == CONNECTION_BODY && passed > connections->limits.body_seconds);
}

uint32_t connections_sweep(struct connections *connections, double now_seconds, bool only_idle)
{
    uint32_t swept = 0;
    (void)pthread_mutex_lock(&connections->lock);
    for (struct connection_entry *entry = connections->first; entry; entry = entry->next) {
        bool is_idle = only_idle && entry->phase == CONNECTION_HEAD;
        if (entry->is_shut || (!is_idle && !is_late(connections, entry, now_seconds)))
            continue;
        /* The socket's owner sees its end and closes it; until it says so the number is not used again. */
        (void)shutdown(entry->socket, SHUT_RDWR);
        entry->is_shut = true;
        swept++;
    }
    (void)pthread_mutex_unlock(&connections->lock);
    return swept;
}

uint32_t connections_count(struct connections *connections)
{
    (void)pthread_mutex_lock(&connections->lock);
    uint32_t count = connections->count;
    (void)pthread_mutex_unlock(&connections->lock);
    return count;
}
