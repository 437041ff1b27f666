/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transport: where a command's routes are answered. In this process, on the data folder; or by a server: one
 * that was named, or the one that holds the data folder, through its local socket. Commands do not see which.
 */
#ifndef CLI_TRANSPORT_H
#define CLI_TRANSPORT_H

#include "cli/cli.h"
#include "client/client.h"

/* Opens what the command needs. */
MUST_CHECK bool transport_open(struct cli *cli, struct error *err);
/* The same for a command that says it needs no data, and finds that it does. */
MUST_CHECK bool transport_open_data(struct cli *cli, struct error *err);
/* The server that was named: by --server, TROMMEL_URL, a setting, or signing in. NULL: none. */
const char *transport_server(const struct cli *cli);
/* A client of the named server, with the token that is kept for it. */
MUST_CHECK bool transport_connect(struct cli *cli, struct error *err);

/* Calls a route with a request, an object; NULL counts as empty. The caller frees *ret. */
MUST_CHECK bool transport_ask(struct cli *cli, const struct route *route, yyjson_val *request,
                              yyjson_mut_doc **ret, struct error *err);
/* task.show of a server, which answers when the task has ended or the seconds are over. */
MUST_CHECK bool transport_task(struct cli *cli, const char *id, uint64_t wait_seconds, yyjson_mut_doc **ret,
                               struct error *err);
/* A reply that is a file goes to `take`, from byte `from` on. */
struct transport_sink {
    bool (*take)(void *state, const char *content_type, const void *data, size_t bytes);
    void *state;
};
MUST_CHECK bool transport_file(struct cli *cli, const struct route *route, yyjson_val *request, uint64_t from,
                               const struct transport_sink *sink, struct error *err);

/* In words of the command line, where a server's are of HTTP. Returns false. */
bool transport_tell(const struct cli *cli, struct error *err);
/* Method, path, query and body that say a request in HTTP; texts live in the arena. What is wrong with the
 * request is said here, in the same words wherever it would be answered. */
struct http_words {
    const char *method, *target, *body; /* body NULL: none */
};
MUST_CHECK bool transport_words(struct arena *arena, const struct route *route, yyjson_val *request,
                                struct http_words *ret, struct error *err);

/* Paths in the request of the command are made absolute, unless the server is on another machine. */
MUST_CHECK bool transport_absolute_paths(struct cli *cli, struct error *err);

#endif
