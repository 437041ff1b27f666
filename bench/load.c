/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Load for a server: connections that stay open, each reading samples and pages and deciding about samples of
 * its own, one request after the other.
 *
 *   load ADDRESS PORT CONNECTIONS SECONDS DATASET < SAMPLE_IDS
 *
 * Prints one JSON object: requests, errors, times in milliseconds, and "decisions", how many were
 * acknowledged for each sample. They alternate mark_hard and clear_hard, so each acknowledged one is one
 * revision more.
 */
#include "base/buffer.h"
#include "base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 1024,
    IDS_MAX = 100000,
    ID_BYTES = 65,
    REPLY_MAX_BYTES = 16 * 1024 * 1024,
    READ_BYTES = 64 * 1024,
    STUCK_SECONDS = 30
};
enum kind { READS_ONE, READS_PAGE, DECIDES, KIND_COUNT };
static const char *const kind_names[KIND_COUNT] = {"read", "page", "decide"};
static const enum kind turns[] = {READS_ONE, READS_PAGE, READS_ONE, DECIDES};

struct times {
    double *seconds;
    size_t count, capacity;
};
struct client {
    int socket;
    struct buffer reply;
    char request[1024];
    size_t request_bytes, sent_bytes;
    enum kind kind;
    uint64_t turn;
    size_t sample;
    double began_seconds;
};
struct load {
    struct sockaddr_in address;
    const char *dataset;
    char (*ids)[ID_BYTES];
    uint64_t *decisions; /* acknowledged, of each id */
    size_t id_count, client_count, running;
    struct client *clients;
    struct times times[KIND_COUNT];
    uint64_t errors;
    double until_seconds;
    int epoll;
};

static void fail(const char *what)
{
    perror(what);
    exit(1); /* NOLINT(concurrency-mt-unsafe): there is one thread */
}

static void add_time(struct times *times, double seconds)
{
    if (times->count == times->capacity) {
        times->capacity = times->capacity ? 2 * times->capacity : 4096;
        times->seconds = realloc(times->seconds, times->capacity * sizeof(*times->seconds));
        if (!times->seconds)
            fail("memory");
    }
    times->seconds[times->count++] = seconds;
}

static void note_error(struct load *load, const struct client *client, const char *what)
{
    if (load->errors++ < 10)
        (void)fprintf(stderr, "%s: %s: %.200s\n", kind_names[client->kind], what,
                      client->reply.size ? client->reply.data : "");
}

/* ---- one client ---- */

static void wait_for(struct load *load, struct client *client, uint32_t events, int how)
{
    struct epoll_event event = {.events = events, .data.ptr = client};
    if (epoll_ctl(load->epoll, how, client->socket, &event) != 0)
        fail("epoll_ctl");
}

static void end_client(struct load *load, struct client *client)
{
    (void)close(client->socket);
    client->socket = -1;
    load->running--;
}

static void write_request(const struct load *load, struct client *client)
{
    static const char head[] = "Host: localhost\r\n";
    const char *id = load->ids[client->sample];
    char body[160];
    int bytes = 0;
    client->kind = turns[client->turn++ % (sizeof(turns) / sizeof(turns[0]))];
    if (client->kind == READS_ONE) {
        bytes = snprintf(client->request, sizeof(client->request),
                         "GET /api/v1/samples/%s HTTP/1.1\r\n%s\r\n", id, head);
    } else if (client->kind == READS_PAGE) {
        bytes = snprintf(client->request, sizeof(client->request),
                         "GET /api/v1/datasets/%s/samples?limit=50 HTTP/1.1\r\n%s\r\n", load->dataset, head);
    } else {
        bool is_hard = load->decisions[client->sample] % 2 == 0;
        int length = snprintf(body, sizeof(body), "{\"action\":\"%s\",\"ids\":[\"%s\"]}",
                              is_hard ? "mark_hard" : "clear_hard", id);
        bytes = snprintf(client->request, sizeof(client->request),
                         "POST /api/v1/samples:decide HTTP/1.1\r\n%sContent-Type: application/json\r\n"
                         "Content-Length: %d\r\n\r\n%s",
                         head, length, body);
    }
    client->request_bytes = (size_t)bytes;
    client->sent_bytes = 0;
    client->began_seconds = clock_steady_seconds();
    buffer_clear(&client->reply);
}

static bool send_more(struct load *load, struct client *client)
{
    while (client->sent_bytes < client->request_bytes) {
        ssize_t bytes = send(client->socket, client->request + client->sent_bytes,
                             client->request_bytes - client->sent_bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (bytes < 0 && errno == EAGAIN) {
            wait_for(load, client, EPOLLOUT, EPOLL_CTL_MOD);
            return true;
        }
        if (bytes < 0)
            return false;
        client->sent_bytes += (size_t)bytes;
    }
    wait_for(load, client, EPOLLIN, EPOLL_CTL_MOD);
    return true;
}

/* Samples of its own: every n-th. The next after each decision. */
static void move_on(const struct load *load, struct client *client)
{
    client->sample += load->client_count;
    if (client->sample >= load->id_count)
        client->sample %= load->client_count;
}

/* The whole reply is there. False: it is no good. */
static bool take_reply(struct load *load, struct client *client, const char *body)
{
    add_time(&load->times[client->kind], clock_steady_seconds() - client->began_seconds);
    if (strncmp(client->reply.data, "HTTP/1.1 200 ", 13) != 0 ||
        strstr(client->reply.data, "Connection: close"))
        return false;
    if (client->kind != DECIDES)
        return true;
    if (!strstr(body, "\"done\":1,"))
        return false;
    load->decisions[client->sample]++;
    move_on(load, client);
    return true;
}

static const char *body_of(const struct buffer *reply)
{
    const char *end = reply->size ? strstr(reply->data, "\r\n\r\n") : NULL;
    const char *length = end ? strstr(reply->data, "Content-Length: ") : NULL;
    if (!length || length > end)
        return NULL;
    size_t wanted = (size_t)(end + 4 - (const char *)reply->data) + strtoull(length + 16, NULL, 10);
    return reply->size >= wanted ? end + 4 : NULL;
}

/* False: the connection is no good any more. */
static bool receive_more(struct load *load, struct client *client)
{
    char block[READ_BYTES / 16];
    ssize_t bytes = 0;
    while ((bytes = recv(client->socket, block, sizeof(block), MSG_DONTWAIT)) > 0)
        if (!buffer_add(&client->reply, block, (size_t)bytes))
            return false;
    if (bytes == 0 || (bytes < 0 && errno != EAGAIN))
        return false;
    const char *body = body_of(&client->reply);
    if (!body)
        return true;
    if (!take_reply(load, client, body))
        return false;
    if (clock_steady_seconds() >= load->until_seconds) {
        end_client(load, client);
        return true;
    }
    write_request(load, client);
    return send_more(load, client);
}

static void open_client(struct load *load, size_t number)
{
    struct client *client = &load->clients[number];
    const int on = 1;
    buffer_init(&client->reply, REPLY_MAX_BYTES);
    client->sample = number;
    client->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->socket < 0 ||
        connect(client->socket, (const struct sockaddr *)&load->address, sizeof(load->address)) != 0)
        fail("connect");
    (void)setsockopt(client->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = client};
    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, client->socket, &event) != 0)
        fail("epoll_ctl");
    load->running++;
    write_request(load, client);
}

/* ---- all of them ---- */

static void serve(struct load *load, const struct epoll_event *event)
{
    struct client *client = event->data.ptr;
    bool is_fine =
        client->sent_bytes < client->request_bytes ? send_more(load, client) : receive_more(load, client);
    if (is_fine)
        return;
    note_error(load, client, "no good reply");
    end_client(load, client);
}

static void run(struct load *load, double seconds)
{
    struct epoll_event events[64];
    load->until_seconds = clock_steady_seconds() + seconds;
    while (load->running > 0) {
        int count = epoll_wait(load->epoll, events, 64, 1000);
        for (int i = 0; i < count; i++)
            serve(load, &events[i]);
        if (clock_steady_seconds() > load->until_seconds + STUCK_SECONDS) {
            (void)fprintf(stderr, "%zu requests are not answered\n", load->running);
            load->errors += load->running;
            return;
        }
    }
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double at_rank(const struct times *times, double part)
{
    return times->count ? times->seconds[(size_t)((double)(times->count - 1) * part)] * 1e3 : 0;
}

static void print(struct load *load)
{
    uint64_t requests = 0;
    for (int kind = 0; kind < KIND_COUNT; kind++)
        requests += load->times[kind].count;
    (void)printf("{\"requests\":%llu,\"errors\":%llu", (unsigned long long)requests,
                 (unsigned long long)load->errors);
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        struct times *times = &load->times[kind];
        if (times->count)
            qsort(times->seconds, times->count, sizeof(double), by_size);
        (void)printf(",\"%s\":{\"count\":%zu,\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f}", kind_names[kind],
                     times->count, at_rank(times, 0.5), at_rank(times, 0.99), at_rank(times, 1));
    }
    (void)printf(",\"decisions\":{");
    for (size_t i = 0; i < load->id_count; i++)
        (void)printf("%s\"%s\":%llu", i ? "," : "", load->ids[i], (unsigned long long)load->decisions[i]);
    (void)printf("}}\n");
}

static void read_ids(struct load *load)
{
    char line[ID_BYTES + 1];
    load->ids = calloc(IDS_MAX, sizeof(*load->ids));
    load->decisions = calloc(IDS_MAX, sizeof(*load->decisions));
    if (!load->ids || !load->decisions)
        fail("memory");
    while (load->id_count < IDS_MAX && fgets(line, sizeof(line), stdin)) {
        line[strcspn(line, "\n")] = '\0';
        (void)snprintf(load->ids[load->id_count++], ID_BYTES, "%.64s", line);
    }
}

static void release(struct load *load)
{
    for (size_t i = 0; i < load->client_count; i++) {
        if (load->clients[i].socket >= 0)
            (void)close(load->clients[i].socket);
        buffer_release(&load->clients[i].reply);
    }
    for (int kind = 0; kind < KIND_COUNT; kind++)
        free(load->times[kind].seconds);
    free(load->clients);
    free(load->ids);
    free(load->decisions);
    (void)close(load->epoll);
}

int main(int count, char **words)
{
    struct load load = {.address = {.sin_family = AF_INET}};
    if (count != 6 || inet_pton(AF_INET, words[1], &load.address.sin_addr) != 1) {
        (void)fprintf(stderr, "usage: load ADDRESS PORT CONNECTIONS SECONDS DATASET < SAMPLE_IDS\n");
        return 2;
    }
    load.address.sin_port = htons((uint16_t)strtoul(words[2], NULL, 10));
    load.client_count = strtoul(words[3], NULL, 10);
    load.dataset = words[5];
    read_ids(&load);
    if (load.client_count < 1 || load.client_count > CONNECTIONS_MAX || load.id_count < load.client_count) {
        (void)fprintf(stderr, "1 to %d connections, and a sample for each\n", CONNECTIONS_MAX);
        return 2;
    }
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    load.clients = calloc(load.client_count, sizeof(*load.clients));
    if (load.epoll < 0 || !load.clients)
        fail("start");
    for (size_t i = 0; i < load.client_count; i++)
        open_client(&load, i);
    run(&load, strtod(words[4], NULL));
    print(&load);
    release(&load);
    return load.errors > 0;
}
