/* SPDX-License-Identifier: Apache-2.0 */
/* `trommel api METHOD PATH`: one raw call of the REST API, by a server or in this process. */
#include "base/file.h"
#include "base/text.h"
#include "cli/commands_own.h"
#include "cli/output_parts.h"
#include "cli/transport.h"
#include "http/request_json.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { BODY_MAX_BYTES = 16 * 1024 * 1024, METHOD_BYTES = 16, ARENA_BYTES = 4 * BODY_MAX_BYTES };

const struct param_spec api_params[] = {
    PARAM(struct api_request, method, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "GET, POST, PUT, PATCH or DELETE"),
    PARAM(struct api_request, path, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "path and query; /api/v1 may be left away: services?limit=3"),
    PARAM(struct api_request, body, .type = PARAM_TEXT, .value_name = "JSON|@FILE|-",
          .max = PARAM_TEXT_MAX_BYTES - 1,
          .help = "-d: the body; @FILE reads it from a file, - from standard input"),
    PARAM(struct api_request, paginate, .type = PARAM_BOOL, .help = "ask on by next_cursor; one page a line"),
    PARAM(struct api_request, if_match, .type = PARAM_TEXT, .value_name = "ETAG",
          .help = "the revision that is changed, or *"),
    PARAM(struct api_request, idempotency_key, .type = PARAM_TEXT, .value_name = "KEY",
          .help = "of a server: sent again with the same key, the request is done once"),
    PARAM_END,
};
const struct command_letter api_letters[] = {{'d', "body"}, {0}};

struct raw_call {
    struct cli *cli;
    struct arena *arena; /* of one page */
    char method[METHOD_BYTES];
    const char *target;
    struct buffer body;
    const struct api_request *request;
};

/* ---- the words of the command line ---- */

static bool read_stdin(struct buffer *into, struct error *err)
{
    char piece[4096];
    size_t bytes;
    while ((bytes = fread(piece, 1, sizeof(piece), stdin)) > 0)
        if (!buffer_add(into, piece, bytes))
            break;
    if (ferror(stdin))
        return error_set(err, ERR_IO, "standard input cannot be read");
    return buffer_check(into, "standard input", err);
}

static bool read_body(struct raw_call *call, struct error *err)
{
    const char *text = call->request->body;
    if (!text)
        return true;
    if (!http_method_has_body(call->method))
        return error_set(err, ERR_INVALID, "a request with %s has no body", call->method);
    if (strcmp(text, "-") == 0)
        return read_stdin(&call->body, err);
    if (text[0] == '@')
        return file_read(text + 1, &call->body, err);
    return buffer_add_text(&call->body, text) || buffer_check(&call->body, "the body", err);
}

static bool read_method(struct raw_call *call, struct error *err)
{
    static const char *const known[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    (void)snprintf(call->method, sizeof(call->method), "%s", call->request->method);
    for (char *at = call->method; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i], call->method) == 0)
            return true;
    return error_set(err, ERR_INVALID, "the method is GET, POST, PUT, PATCH or DELETE, not '%.20s'",
                     call->request->method);
}

static bool read_target(struct raw_call *call, struct error *err)
{
    const char *path = call->request->path;
    for (const char *at = path; *at; at++)
        if (*at <= ' ' || *at > '~')
            return error_set(err, ERR_INVALID, "the path must be escaped: it has the character '%.4s'", at);
    call->target = path[0] == '/' ? path : arena_printf(call->cli->arena, "/api/v1/%s", path);
    return call->target || error_no_memory(err);
}

/* ---- in this process ---- */

static bool find_route(const struct raw_call *call, struct http_target *target, struct http_match *match,
                       struct error *err)
{
    char allow[HTTP_ALLOW_BYTES];
    if (!http_target_parse(call->target, call->arena, target, err))
        return false;
    switch (http_route(call->method, target, match, allow)) {
    case ROUTING_FOUND:
        break;
    case ROUTING_NO_PATH:
        return error_set(err, ERR_NOT_FOUND,
                         "there is nothing at this path; /api/v1/openapi.json lists what there is");
    case ROUTING_NO_METHOD:
        return error_set(err, ERR_INVALID, "this path takes %s, not %s", allow, call->method);
    }
    return match->route->handle || error_set(err, ERR_INVALID,
                                             "only a server answers %s: start one with 'trommel serve', or "
                                             "name one with --server URL",
                                             call->target);
}

static bool answer_here(struct raw_call *call, const struct transport_sink *sink, yyjson_mut_doc **ret,
                        struct error *err)
{
    struct http_target target = {0};
    struct http_match match = {0};
    AUTO_JSON request = NULL;
    if (call->request->idempotency_key)
        return error_set(
            err, ERR_INVALID,
            "only a server keeps keys: leave out --idempotency-key, start one with 'trommel serve', or "
            "name one with --server URL");
    if (!find_route(call, &target, &match, err) ||
        !http_request_json(&match, &target, (struct bytes){call->body.data, call->body.size}, &request, err))
        return false;
    if (match.route->is_file)
        return transport_file(call->cli, match.route, yyjson_doc_get_root(request), 0, sink, err);
    struct api_call answered = {.api = &call->cli->api,
                                .arena = call->arena,
                                .request = yyjson_doc_get_root(request),
                                .if_match = call->request->if_match};
    bool is_done = api_answer(&answered, match.route, err);
    if (is_done) {
        *ret = answered.reply;
        answered.reply = NULL;
    }
    api_call_release(&answered);
    return is_done;
}

/* ---- of a server ---- */

struct raw_sink {
    const struct transport_sink *sink;
    struct buffer *json;
};

/* JSON is kept, to be printed as every command prints it; other replies go on as they come. */
static bool sort_out(void *state, const char *type, const void *data, size_t bytes)
{
    struct raw_sink *raw = state;
    if (text_starts_with(type, "application/json"))
        return buffer_add(raw->json, data, bytes);
    return raw->sink->take(raw->sink->state, type, data, bytes);
}

static bool answer_there(struct raw_call *call, const struct transport_sink *sink, yyjson_mut_doc **ret,
                         struct error *err)
{
    AUTO_BUFFER(json, CLIENT_REPLY_MAX_BYTES);
    AUTO_JSON doc = NULL;
    struct raw_sink raw = {sink, &json};
    struct client_reply reply = {0};
    const struct client_request asked = {.method = call->method,
                                         .target = call->target,
                                         .body = {call->body.data, call->body.size},
                                         .if_match = call->request->if_match,
                                         .idempotency_key = call->request->idempotency_key,
                                         .take = sort_out,
                                         .take_state = &raw};
    bool is_done = client_ask(call->cli->client, &asked, &reply, err) || transport_tell(call->cli, err);
    buffer_release(&reply.body);
    if (!is_done || json.size == 0)
        return is_done;
    if (!json_parse((struct bytes){json.data, json.size}, "the server's reply", &doc, err))
        return false;
    *ret = yyjson_doc_mut_copy(doc, NULL);
    return *ret || error_no_memory(err);
}

/* ---- printing ---- */

static bool print_raw(void *state, const char *type, const void *data, size_t bytes)
{
    (void)state;
    (void)type;
    return fwrite(data, 1, bytes, stdout) == bytes && fflush(stdout) == 0;
}

/* The same path with the cursor that the page tells. */
static bool next_page(struct raw_call *call, const char *first, yyjson_mut_val *page, bool *ret_is_last,
                      struct error *err)
{
    const char *cursor = yyjson_mut_get_str(yyjson_mut_obj_get(page, "next_cursor"));
    AUTO_BUFFER(target, HTTP_TARGET_MAX_BYTES);
    *ret_is_last = cursor == NULL;
    if (!cursor)
        return true;
    (void)buffer_printf(&target, "%s%ccursor=", first, strchr(first, '?') ? '&' : '?');
    for (const char *at = cursor; *at; at++)
        (void)buffer_printf(&target, isalnum((unsigned char)*at) ? "%c" : "%%%02X", (unsigned char)*at);
    call->target = arena_text(call->cli->arena, target.data);
    return buffer_check(&target, "the next page's path", err) && (call->target || error_no_memory(err));
}

static bool call_pages(struct raw_call *call, struct error *err)
{
    const struct transport_sink sink = {print_raw, call};
    const char *first = call->target;
    bool is_last = !call->request->paginate;
    do {
        AUTO_MUT_JSON reply = NULL;
        arena_reset(call->arena);
        if (call->cli->client ? !answer_there(call, &sink, &reply, err)
                              : !answer_here(call, &sink, &reply, err))
            return false;
        yyjson_mut_val *root = yyjson_mut_doc_get_root(reply);
        if (root) /* one page a line, so that programs can read them one after another */
            output_value(call->cli, root, call->cli->is_terminal && !call->request->paginate);
        if (call->request->paginate && !next_page(call, first, root, &is_last, err))
            return false;
        if (atomic_load(&call->cli->environment->stop->is_set))
            return error_set(err, ERR_CANCELLED, "interrupted");
    } while (!is_last);
    return true;
}

static bool call_api(struct raw_call *call, struct error *err)
{
    if (!read_method(call, err) || !read_target(call, err) || !read_body(call, err))
        return false;
    if (call->request->paginate && strcmp(call->method, "GET") != 0)
        return error_set(err, ERR_INVALID, "--paginate goes with GET only");
    return call_pages(call, err);
}

int command_api(struct cli *cli)
{
    AUTO(arena) arena = arena_new(API_ARENA_MAX_BYTES);
    struct error err = {0};
    struct raw_call call = {.cli = cli, .arena = arena, .request = cli->params};
    buffer_init(&call.body, BODY_MAX_BYTES);
    bool is_done = (arena || error_no_memory(&err)) && call_api(&call, &err);
    buffer_release(&call.body);
    return is_done ? 0 : cli_fail(cli, &err);
}
