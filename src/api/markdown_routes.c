/* SPDX-License-Identifier: Apache-2.0 */
/* The page for people of the route tables. */
#include "api/api.h"

#include <string.h>

static const char intro[] =
    "# REST API\n\n"
    "Made by `make docs` from the route tables; do not edit. The same as a document for programs:\n"
    "[openapi.json](openapi.json), served at `/api/v1/openapi.json`.\n\n"
    "`trommel serve` answers on `127.0.0.1:8080`. Requests and replies are JSON. Parameters of GET and "
    "DELETE\n"
    "stand in the query, those of POST, PUT and PATCH in a body of type `application/json`; members that a "
    "route "
    "does\n"
    "not know are refused. Times are RFC 3339 in UTC. Role says who may call a route: anyone,\n"
    "read, label or admin, each with the rights of those before.\n\n"
    "A caller shows an API token (`Authorization: Bearer` or `X-Auth-Token`) or the cookie of a session\n"
    "(`POST /api/v1/session`), with which PATCH, POST, PUT and DELETE need the header `X-CSRF-Token` too. "
    "What\n"
    "is missing is 401, a role that is not enough 403; 429 and 503 say in `Retry-After` when to try again.\n"
    "[security.md](security.md) has the rest.\n\n"
    "What goes wrong is `application/problem+json` (RFC 9457) with `error_code` and `error_msg` as "
    "ModelArts\n"
    "clients read them, `errors[].pointer` to the member at fault, and `instance` with the request's id, "
    "which\n"
    "is also in the header `X-Request-Id` and in the access log.\n\n"
    "- **Tasks.** What takes long is answered with 202, the task, and `Location`. `?wait=SECONDS` holds the\n"
    "  reply back until the task has ended, 60 seconds at most.\n"
    "- **Idempotency-Key.** The same key with the same request queues one task, or decides once, however "
    "often it is sent, "
    "also\n"
    "  when the server was killed in between; the reply then has `Idempotency-Replayed: true`. With another\n"
    "  request it is 422, while the first is being answered 409. Keys are kept for 24 hours, 100,000 of "
    "them.\n"
    "- **ETag.** GET replies have one: `If-None-Match` gives 304. A thing with a revision has that as its "
    "ETag,\n"
    "  and what changes just that thing needs it as `If-Match`: 428 without it, 412 when it has changed "
    "since.\n"
    "  A file takes `Range` (one range) and `If-Range`.\n"
    "- **Events.** `/api/v1/events` is a stream of server-sent events `task` and `service`, with a "
    "`heartbeat`\n"
    "  every 15 seconds. After a break, `Last-Event-ID` replays what was missed, out of the last 10,000; "
    "when\n"
    "  that is not enough the stream begins with `reset`: fetch anew what you show.\n"
    "- **Compression.** `Accept-Encoding: gzip` is understood.\n"
    "- **Files.** `curl -T FILE URL/api/v1/uploads/NAME` sends a file; where a parameter takes a file of the "
    "server's\n"
    "  machine, `upload:NAME` names it. What broke off goes on with `offset` or `Content-Range`.\n";

static const char *type_name(const struct param_spec *spec)
{
    static const char *const names[] = {
        [PARAM_TEXT] = "text",          [PARAM_NUMBER] = "number", [PARAM_COUNT] = "count",
        [PARAM_BOOL] = "true or false", [PARAM_CHOICE] = "one of", [PARAM_JSON] = "JSON object",
        [PARAM_LIST] = "list"};
    return spec->is_array ? "JSON array" : names[spec->type];
}

/* In a cell of a table a bar would end it. */
static void add_cell(struct buffer *into, const char *text)
{
    for (const char *at = text; *at; at++)
        (void)(*at == '|' ? buffer_add_text(into, "\\|") : buffer_add(into, at, 1));
}

static void add_param(struct buffer *into, const struct param_spec *spec)
{
    (void)buffer_printf(into, "| `%s`%s | %s", spec->name, spec->is_required ? " (required)" : "",
                        type_name(spec));
    for (const char *const *choice = spec->type == PARAM_CHOICE ? spec->choices : NULL; choice && *choice;
         choice++)
        (void)buffer_printf(into, " `%s`", *choice);
    (void)buffer_add_text(into, " | ");
    add_cell(into, spec->help);
    (void)buffer_add_text(into, " |\n");
}

static void add_reply(struct buffer *into, const struct route *route)
{
    if (route->is_file) {
        (void)buffer_printf(into, "\nGives %d and content that is not JSON.\n", route->status);
        return;
    }
    (void)buffer_printf(into, "\nGives %d and `%s`:", route->status, route->reply->name);
    for (const struct reply_spec *spec = route->reply->members; spec->name; spec++)
        (void)buffer_printf(into, "%s `%s` (%s)", spec == route->reply->members ? "" : ",", spec->name,
                            spec->help);
    (void)buffer_add_text(into, ".\n");
}

static void add_route(struct buffer *into, const struct route *route)
{
    struct param_position at = {0};
    const struct param_spec *spec = params_next(route->params, &at);
    (void)buffer_printf(into, "\n## %s\n\n`%s %s` · role %s\n\n%s\n", route->name, route->method, route->path,
                        account_role_name(route->role), route->summary);
    if (route->receive)
        (void)buffer_add_text(
            into, "\nThe body is the file's bytes; other members than the path's stand in the query.\n");
    if (spec)
        (void)buffer_add_text(into, "\n| member | type | meaning |\n| --- | --- | --- |\n");
    for (; spec; spec = params_next(route->params, &at))
        add_param(into, spec);
    add_reply(into, route);
}

bool api_markdown(struct buffer *into, struct error *err)
{
    const struct route *const *tables[] = {all_routes, server_routes};
    (void)buffer_add_text(into, intro);
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        for (const struct route *const *route = tables[i]; *route; route++)
            add_route(into, *route);
    return buffer_check(into, "the REST API's document", err);
}
