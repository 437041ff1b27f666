/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/transport.h"

#include "account/project.h"
#include "base/local_socket.h"
#include "client/credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE_BYTES = 64 * 1024, RANGE_BYTES = 40, STATUS_RANGE = 416 };

const char *transport_server(const struct cli *cli)
{
    return cli->server && cli->server[0] ? cli->server : NULL;
}

static void say_where(const struct cli *cli, const char *where, const char *origin)
{
    if (cli->is_verbose)
        (void)fprintf(stderr, "asking %s (%s)\n", where, origin);
}

static bool open_client(struct cli *cli, const struct client_options *options, const char *origin,
                        struct error *err)
{
    if (!client_open(options, &cli->client, err))
        return false;
    say_where(cli, client_name(cli->client), origin);
    return true;
}

bool transport_connect(struct cli *cli, struct error *err)
{
    const char *token = secure_getenv("TROMMEL_TOKEN");
    struct credential kept = {0};
    char *url = NULL;
    if (!client_check_url(transport_server(cli), cli->arena, &url, err))
        return error_wrap(err, "%s", cli->server_origin);
    if ((!token || !token[0]) && !credentials_find(cli->arena, url, &kept, err))
        return false;
    const struct client_options options = {.url = url,
                                           .token = token && token[0] ? token : kept.token,
                                           .ca_file = cli->ca_file,
                                           .stop = cli->environment->stop};
    return open_client(cli, &options, cli->server_origin, err);
}

/* The server that somebody signed in to is asked when nothing else was said. */
static bool choose_server(struct cli *cli, struct error *err)
{
    struct credential kept = {0};
    if (cli->server || strcmp(cli->data_folder_origin, "default") != 0)
        return true;
    if (!credentials_find(cli->arena, NULL, &kept, err))
        return false;
    cli->server = kept.url;
    cli->server_origin = "trommel login";
    return true;
}

static bool check_is_here(const struct cli *cli, struct error *err)
{
    bool is_said = cli->server_origin && strcmp(cli->server_origin, "--server") == 0;
    return !is_said ||
           error_set(err, ERR_INVALID, "'%s' works on this machine itself, not by way of --server",
                     cli->command->name);
}

static bool check_project(const struct cli *cli, struct error *err)
{
    return !cli->project ||
           error_set(
               err, ERR_INVALID,
               "a server works in the project of who signs in: leave out --project (or the setting), or "
               "sign in as somebody of '%.60s'",
               cli->project);
}

bool transport_open(struct cli *cli, struct error *err)
{
    if (cli->command->is_here && !check_is_here(cli, err))
        return false;
    return cli->command->needs_no_data || transport_open_data(cli, err);
}

/* In process everybody may do everything, in the project that was named. */
static bool enter_project(struct cli *cli, struct error *err)
{
    struct project project;
    if (!cli->project)
        return true;
    if (!project_find(cli->api.db, cli->arena, cli->project, &project, err))
        return error_wrap(err, "--project");
    cli->caller = *api_caller(&cli->api);
    cli->caller.project_id = project.id;
    cli->api.caller = &cli->caller;
    return true;
}

bool transport_open_data(struct cli *cli, struct error *err)
{
    const struct cli_environment *environment = cli->environment;
    const struct command *command = cli->command;
    if (!choose_server(cli, err))
        return false;
    if (!command->is_here && transport_server(cli))
        return check_project(cli, err) && transport_connect(cli, err);
    /* Who comes by the socket works in the default project. */
    if (!command->is_here && !cli->project && local_socket_is_live(cli->data_folder)) {
        const struct client_options options = {.data_folder = cli->data_folder, .stop = environment->stop};
        return open_client(cli, &options, "it holds the data folder", err);
    }
    cli->is_open = environment->open(environment->state, cli->data_folder, &cli->api, err);
    cli->api.settings = cli_settings(cli, NULL, NULL, NULL);
    return cli->is_open && enter_project(cli, err);
}

/* ---- asking ---- */

static bool is_repeatable(const struct route *route)
{
    return route->status == 202 && api_route_has_task(route);
}

bool transport_tell(const struct cli *cli, struct error *err)
{
    const char *name = client_name(cli->client);
    if (err->code == ERR_SIGN_IN)
        (void)error_set(err, ERR_SIGN_IN, "%s wants to know who asks: trommel login %s", name, name);
    return false;
}

static bool ask_server(struct cli *cli, const struct route *route, yyjson_val *request,
                       const struct client_request *more, struct client_reply *ret, struct error *err)
{
    struct http_words words = {0};
    char key[CLIENT_KEY_BYTES];
    AUTO(arena) arena = arena_new(API_ARENA_MAX_BYTES);
    if (!arena)
        return error_no_memory(err);
    if (!transport_words(arena, route, request, &words, err))
        return false;
    client_new_key(key);
    struct client_request asked = *more;
    asked.method = words.method;
    asked.target = more->wait_seconds > 0 ? arena_printf(arena, "%s?wait=%llu", words.target,
                                                         (unsigned long long)more->wait_seconds)
                                          : words.target;
    if (!asked.target)
        return error_no_memory(err);
    asked.body = (struct bytes){words.body, words.body ? strlen(words.body) : 0};
    asked.idempotency_key = strcmp(words.method, "POST") == 0 ? key : NULL;
    asked.is_repeatable = is_repeatable(route);
    asked.if_match = route->needs_if_match ? "*" : NULL;
    return client_ask(cli->client, &asked, ret, err) || transport_tell(cli, err);
}

static bool ask_for_json(struct cli *cli, const struct route *route, yyjson_val *request,
                         const struct client_request *more, yyjson_mut_doc **ret, struct error *err)
{
    struct client_reply reply = {0};
    if (!ask_server(cli, route, request, more, &reply, err))
        return false;
    AUTO_JSON doc = NULL;
    bool is_json =
        json_parse((struct bytes){reply.body.data, reply.body.size}, "the server's reply", &doc, err);
    buffer_release(&reply.body);
    if (!is_json || !yyjson_is_obj(yyjson_doc_get_root(doc)))
        return is_json ? error_set(err, ERR_IO, "%s sent no JSON object", client_name(cli->client)) : false;
    *ret = yyjson_doc_mut_copy(doc, NULL);
    return *ret || error_no_memory(err);
}

bool transport_ask(struct cli *cli, const struct route *route, yyjson_val *request, yyjson_mut_doc **ret,
                   struct error *err)
{
    const struct client_request plain = {0};
    return cli->client ? ask_for_json(cli, route, request, &plain, ret, err)
                       : api_handle(&cli->api, route, request, cli->arena, ret, err);
}

bool transport_task(struct cli *cli, const char *id, uint64_t wait_seconds, yyjson_mut_doc **ret,
                    struct error *err)
{
    const struct client_request waits = {.wait_seconds = wait_seconds};
    AUTO_JSON request = json_of_text("task", id);
    if (!request)
        return error_no_memory(err);
    return ask_for_json(cli, route_find("task.show"), yyjson_doc_get_root(request), &waits, ret, err);
}

/* ---- files ---- */

static bool pass_file(const struct api_file *file, uint64_t from, const struct transport_sink *sink,
                      struct error *err)
{
    AUTO_BUFFER(piece, PIECE_BYTES);
    if (!buffer_reserve(&piece, PIECE_BYTES - 1))
        return error_no_memory(err);
    for (;;) {
        ssize_t bytes = pread(file->fd, piece.data, PIECE_BYTES - 1, (off_t)from);
        if (bytes < 0)
            return error_set(err, ERR_IO, "the file cannot be read");
        if (bytes == 0)
            return true;
        if (!sink->take(sink->state, file->content_type, piece.data, (size_t)bytes))
            return error_set(err, ERR_IO, "cannot write the output");
        from += (uint64_t)bytes;
    }
}

bool transport_file(struct cli *cli, const struct route *route, yyjson_val *request, uint64_t from,
                    const struct transport_sink *sink, struct error *err)
{
    char range[RANGE_BYTES];
    (void)snprintf(range, sizeof(range), "bytes=%llu-", (unsigned long long)from);
    const struct client_request asked = {
        .range = from > 0 ? range : NULL, .take = sink->take, .take_state = sink->state};
    struct client_reply reply = {0};
    if (cli->client) {
        bool is_done = ask_server(cli, route, request, &asked, &reply, err);
        buffer_release(&reply.body);
        return is_done || (from > 0 && reply.status == STATUS_RANGE); /* nothing more is there yet */
    }
    struct api_call call = {.api = &cli->api, .arena = cli->arena, .request = request};
    bool is_done = api_answer(&call, route, err) && pass_file(&call.file, from, sink, err);
    api_call_release(&call);
    return is_done;
}
