/* SPDX-License-Identifier: Apache-2.0 */
/* What the server answers itself: health, metrics, events, its own document. */
#include "base/clock.h"
#include "http/exchange.h"

#include <stdio.h>
#include <string.h>

enum { METRICS_MAX_BYTES = 4 * 1024 * 1024 };

static bool add_json(struct exchange *exchange, const char *json, struct error *err)
{
    exchange->reply.status = 200;
    exchange->reply.content_type = "application/json";
    return buffer_add_text(&exchange->reply.body, json) ||
           buffer_check(&exchange->reply.body, "the reply", err);
}

static bool answer_live(struct exchange *exchange, struct api *api, struct error *err)
{
    (void)api;
    return add_json(exchange, "{\"status\":\"ok\"}", err);
}

static bool answer_ready(struct exchange *exchange, struct api *api, struct error *err)
{
    struct task_tally *tallies = NULL;
    size_t count = 0;
    struct error why = {0};
    if (!task_tallies(api->db, NULL, exchange->arena, &tallies, &count, &why))
        /* Anybody may ask: the words that name files and hosts are for the log, where watch.c puts them. */
        return exchange_problem(exchange, 503, ERR_IO,
                                "the database does not answer; the server's log says why");
    return add_json(exchange, "{\"status\":\"ok\"}", err);
}

static bool answer_document(struct exchange *exchange, struct api *api, struct error *err)
{
    (void)api;
    (void)snprintf(exchange->reply.etag, sizeof(exchange->reply.etag), "%s", exchange->server->document_etag);
    return add_json(exchange, exchange->server->document.data, err);
}

/* Of the caller's project; of all for who administers the installation. */
static bool add_tallies(struct exchange *exchange, struct api *api, struct buffer *into, struct error *err)
{
    struct task_tally *tallies = NULL;
    size_t count = 0;
    const char *project = account_rules_all_projects(&exchange->caller) ? NULL : exchange->caller.project_id;
    if (!task_tallies(api->db, project, exchange->arena, &tallies, &count, err))
        return false;
    (void)buffer_add_text(into,
                          "# HELP trommel_tasks Tasks by kind and state.\n# TYPE trommel_tasks gauge\n");
    for (size_t i = 0; i < count; i++)
        (void)buffer_printf(into, "trommel_tasks{kind=\"%s\",state=\"%s\"} %lld\n", tallies[i].kind,
                            tallies[i].state, (long long)tallies[i].count);
    return buffer_check(into, "the metrics", err);
}

static bool answer_metrics(struct exchange *exchange, struct api *api, struct error *err)
{
    struct http_server *server = exchange->server;
    const struct http_gauge gauges[] = {
        {"trommel_http_connections", "Open connections.", connections_count(server->connections)},
        {"trommel_http_requests_running", "Requests begun and not completed.",
         atomic_load(&server->exchanges)},
        {"trommel_http_requests_waiting", "Requests that wait for a thread.",
         request_pool_waiting(server->pool)},
        {"trommel_http_body_bytes", "Bytes of request bodies in memory.",
         (double)atomic_load(&server->body_bytes)},
        {"trommel_sse_clients", "Readers of the event stream.", http_events_streams(server->events)},
        {"trommel_task_processes", "Processes that work on tasks.", task_runner_running(server->runner)},
        {NULL, NULL, 0}};
    exchange->reply.status = 200;
    exchange->reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
    return http_metrics_write(server->metrics, gauges, &exchange->reply.body, err) &&
           add_tallies(exchange, api, &exchange->reply.body, err);
}

static void suspend(void *connection)
{
    MHD_suspend_connection(connection);
}

static void resume(void *connection)
{
    MHD_resume_connection(connection);
}

/* The topics of the query, put together again. */
static bool topics_of(struct exchange *exchange, char **ret, struct error *err)
{
    char *topics = arena_text(exchange->arena, "");
    size_t index, max;
    yyjson_val *item;
    yyjson_arr_foreach(yyjson_obj_get(yyjson_doc_get_root(exchange->request), "topics"), index, max, item)
    {
        topics = topics ? arena_printf(exchange->arena, "%s%s,", topics, yyjson_get_str(item)) : NULL;
    }
    *ret = topics;
    return topics || error_no_memory(err);
}

static bool answer_events(struct exchange *exchange, struct api *api, struct error *err)
{
    char *topics = NULL;
    (void)api;
    exchange->reply.status = 200;
    exchange->reply.content_type = "text/event-stream; charset=utf-8";
    if (strcmp(exchange->method, "HEAD") == 0)
        return true;
    if (!topics_of(exchange, &topics, err))
        return false;
    const struct stream_wish wish = {.project_id = exchange->caller.project_id,
                                     .topics = topics,
                                     .last_event_id = exchange->headers.last_event_id,
                                     .waiter = {suspend, resume, exchange->connection}};
    if (http_stream_open(exchange->server->events, &wish, &exchange->reply.stream, err))
        return true;
    if (err->code == ERR_LIMIT)
        return exchange_problem(exchange, 503, ERR_LIMIT, "%s", err->message);
    return error_point(err, "/topics");
}

static const struct {
    const char *route;
    bool (*answer)(struct exchange *exchange, struct api *api, struct error *err);
} answers[] = {
    {"health.live", answer_live},      {"health.ready", answer_ready}, {"health.metrics", answer_metrics},
    {"api.document", answer_document}, {"api.events", answer_events},
};

bool exchange_answer_own(struct exchange *exchange, struct api *api, struct error *err)
{
    const struct route *route = exchange->match.route;
    void *params = arena_alloc(exchange->arena, route->params_size + 1);
    if (!params)
        return error_no_memory(err);
    if (!params_read_json(route->params, params, yyjson_doc_get_root(exchange->request), exchange->arena,
                          err))
        return false;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
        if (strcmp(answers[i].route, route->name) == 0)
            return answers[i].answer(exchange, api, err);
    return error_set(err, ERR_FAILED, "nobody answers %s", route->name);
}
