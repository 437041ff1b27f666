/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Client: asks a server over HTTP, by libcurl. Certificates are verified, redirections are not followed,
 * replies are bounded, and a token is sent to nobody who could read it on the way: what goes in the clear
 * goes to this machine itself, and past every proxy.
 *
 * A server is named by its URL, or by the data folder that it holds: then it is asked through the socket
 * there, and no token is needed. Threads: one client belongs to one thread.
 */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/workers.h"

enum {
    CLIENT_REPLY_MAX_BYTES = 256 * 1024 * 1024, /* of a reply that is kept in memory */
    CLIENT_URL_MAX_BYTES = 2048,
    CLIENT_TOKEN_MAX_BYTES = 1024,
    CLIENT_CONNECT_SECONDS = 10,
    CLIENT_REPLY_SECONDS = 300, /* to the end of a reply, beside what the request itself waits for */
    CLIENT_TRIES = 3,           /* of a request that may be sent again */
    CLIENT_RETRY_MAX_SECONDS = 5,
    CLIENT_ETAG_BYTES = 96,
    CLIENT_TYPE_BYTES = 96,
    CLIENT_KEY_BYTES = 40,
};

struct client_options {
    const char *url;         /* "https://host:8443"; NULL with data_folder */
    const char *data_folder; /* whose server is asked through its socket; NULL: by url */
    const char *token;       /* NULL: none */
    bool is_secret;          /* a password will be sent: as with a token, not in the clear */
    const char *ca_file;     /* PEM, of whom to trust; NULL: whom the system trusts */
    struct stop_flag *stop;  /* ends a request; may be NULL */
    uint64_t seconds;        /* 0: CLIENT_REPLY_SECONDS */
};

struct client_request {
    const char *method;
    const char *target; /* path and query, escaped */
    struct bytes body;  /* JSON; size 0: none */
    const char *if_match, *csrf, *cookie;
    const char *range;           /* "bytes=10-"; NULL: all */
    const char *idempotency_key; /* NULL: none */
    bool is_repeatable;          /* may be sent again when nobody knows whether it arrived */
    uint64_t wait_seconds;       /* that the request makes the server wait */
    uint64_t reply_max_bytes;    /* 0: CLIENT_REPLY_MAX_BYTES */
    /* Takes a good reply as it comes, instead of `body`, and no part of it twice; false ends the request.
     * NULL: into `body`. */
    bool (*take)(void *state, const char *content_type, const void *data, size_t bytes);
    void *take_state;
};
struct client_reply {
    int status;
    struct buffer body;
    char content_type[CLIENT_TYPE_BYTES], etag[CLIENT_ETAG_BYTES]; /* "" when there is none */
    char cookie[CLIENT_TOKEN_MAX_BYTES];                           /* NAME=VALUE of the first Set-Cookie */
};

struct client;
/* ERR_INVALID: no URL of a server; ERR_DENIED: a token or password for a server that is asked in the clear.
 */
MUST_CHECK bool client_open(const struct client_options *options, struct client **ret, struct error *err);
struct client *client_free(struct client *client); /* accepts NULL, returns NULL */
DEFINE_AUTO(client)

/* What the server is called in messages: its URL, or the data folder's socket. */
const char *client_name(const struct client *client);

/* The caller releases ret->body. A reply of status 400 or more is the error that the server tells, as if it
 * had happened here; ERR_UNREACHABLE: no server, none in time, or none that is trusted; ERR_UNCERTAIN: the
 * connection broke and the request may have done what it says; ERR_LIMIT: the reply is too long;
 * ERR_CANCELLED: `stop` was set. The status is in *ret then too, 0 when there was none. */
MUST_CHECK bool client_ask(struct client *client, const struct client_request *request,
                           struct client_reply *ret, struct error *err);

/* A key that no other request has. */
void client_new_key(char ret[CLIENT_KEY_BYTES]);

/* "https://host:8443" of what a person types: one slash at the end is taken off. ERR_INVALID: another scheme,
 * user or password in it, a query. */
MUST_CHECK bool client_check_url(const char *url, struct arena *arena, char **ret, struct error *err);

/* The error that a reply of status 400 or more tells: words, detail and code of application/problem+json,
 * else what the status says. Reads bytes from outside; fuzzed. Returns false. */
bool client_problem(int status, struct bytes body, struct error *err);

#endif
