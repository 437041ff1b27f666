/* SPDX-License-Identifier: Apache-2.0 */
/* The watching thread: what changed in the database becomes events, ends long polls and starts processes for
 * tasks; connections that take too long are shut. */
#include "base/clock.h"
#include "base/json_stream.h"
#include "base/log.h"
#include "http/server_parts.h"
#include "service/service.h"

#include <stdio.h>
#include <string.h>

enum { WATCH_ARENA_BYTES = 64 * 1024 * 1024, ENDED_SEEN_MS = 10000 };

/* What was seen at the look before. */
struct watch {
    struct http_server *server;
    struct arena *now, *before; /* change places at each look */
    struct task *tasks;         /* in `before` */
    size_t count;
    int64_t service_event; /* the newest seen */
    bool has_looked, is_failing;
};

static const struct task *seen_before(const struct watch *watch, const char *id)
{
    for (size_t i = 0; i < watch->count; i++)
        if (strcmp(watch->tasks[i].id, id) == 0)
            return &watch->tasks[i];
    return NULL;
}

static bool is_same(const struct task *a, const struct task *b)
{
    return strcmp(a->state, b->state) == 0 && strcmp(a->stage, b->stage) == 0 &&
           a->items_done == b->items_done && a->items_failed == b->items_failed &&
           a->items_total == b->items_total && a->attempts == b->attempts &&
           a->is_stop_asked == b->is_stop_asked;
}

static void add_time(struct json_stream *out, const char *name, int64_t ms)
{
    char text[CLOCK_TEXT_BYTES];
    if (ms > 0)
        json_stream_text(out, name, clock_rfc3339(ms, text));
    else
        json_stream_raw(out, name, "null");
}

static void tell_task(struct http_server *server, const struct task *task)
{
    AUTO_BUFFER(text, HTTP_EVENT_MAX_BYTES);
    struct error ignored;
    struct json_stream out = {.into = &text};
    json_stream_open(&out, NULL, '{');
    json_stream_text(&out, "id", task->id);
    json_stream_text(&out, "kind", task->kind);
    json_stream_text(&out, "subject", task->subject);
    json_stream_text(&out, "state", task->state);
    json_stream_text(&out, "stage", task->stage);
    json_stream_count(&out, "items_done", (uint64_t)task->items_done);
    json_stream_count(&out, "items_failed", (uint64_t)task->items_failed);
    json_stream_count(&out, "items_total", (uint64_t)task->items_total);
    json_stream_raw(&out, "is_stop_asked", task->is_stop_asked ? "true" : "false");
    json_stream_count(&out, "attempts", (uint64_t)task->attempts);
    add_time(&out, "created", task->created_ms);
    add_time(&out, "started", task->started_ms);
    add_time(&out, "finished", task->finished_ms);
    json_stream_message(&out, "error_message", task->error_message);
    json_stream_close(&out, '}');
    if (json_stream_check(&out, "the event", &ignored))
        http_events_add(server->events,
                        &(struct http_event){"task", task->id, task->subject, text.data, task->project_id});
}

static void tell_service(struct http_server *server, const struct service_news *news)
{
    AUTO_BUFFER(text, HTTP_EVENT_MAX_BYTES);
    struct error ignored;
    struct json_stream out = {.into = &text};
    json_stream_open(&out, NULL, '{');
    json_stream_text(&out, "id", news->service_id);
    add_time(&out, "time", news->occurred_ms);
    json_stream_text(&out, "type", news->event_type);
    json_stream_message(&out, "event", news->event_info);
    json_stream_close(&out, '}');
    if (json_stream_check(&out, "the event", &ignored))
        http_events_add(server->events,
                        &(struct http_event){"service", news->service_id, "", text.data, news->project_id});
}

/* What died too often ends here; the next look sees it as failed. */
static void give_up(const struct http_server *server, const struct task *tasks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char why[160];
        struct error err = {0};
        if (!task_runner_gives_up(server->runner, &tasks[i]))
            continue;
        (void)snprintf(why, sizeof(why),
                       "its process died %lld times, the last one while it was %s; its log may tell why",
                       (long long)tasks[i].attempts, tasks[i].stage[0] ? tasks[i].stage : "beginning");
        if (!api_give_up(server->watch_db, &tasks[i], why, &err))
            log_write(LOG_ERROR, "task %s cannot be given up: %s", tasks[i].id, err.message);
    }
}

static bool look_at_tasks(struct watch *watch, struct error *err)
{
    struct http_server *server = watch->server;
    struct task *tasks = NULL;
    size_t count = 0;
    const double read_seconds = clock_steady_seconds();
    if (!task_list_recent(server->watch_db, watch->now, clock_now_ms() - ENDED_SEEN_MS, &tasks, &count, err))
        return false;
    for (size_t i = count; watch->has_looked && i-- > 0;) {
        const struct task *before = seen_before(watch, tasks[i].id);
        if (!before || !is_same(before, &tasks[i]))
            tell_task(server, &tasks[i]);
    }
    watch->tasks = tasks;
    watch->count = count;
    give_up(server, tasks, count);
    long_polls_look(server->polls, tasks, count, read_seconds);
    if (!atomic_load(&server->is_stopping))
        task_runner_look(server->runner, tasks, count);
    return true;
}

static bool look_at_services(struct watch *watch, struct error *err)
{
    struct http_server *server = watch->server;
    struct service_news *news = NULL;
    size_t count = 0;
    if (!service_news_after(server->watch_db, watch->now, -1, &news, &count, err))
        return false;
    /* The ids of deleted events may come again. */
    int64_t newest = count > 0 ? news[0].id : 0;
    bool is_new = watch->has_looked && newest > watch->service_event;
    if (is_new && !service_news_after(server->watch_db, watch->now, watch->service_event, &news, &count, err))
        return false;
    for (size_t i = 0; is_new && i < count; i++)
        tell_service(server, &news[i]);
    watch->service_event = is_new && count > 0 ? news[count - 1].id : newest;
    return true;
}

static void look(struct watch *watch)
{
    struct error err = {0};
    arena_reset(watch->now);
    bool is_done = look_at_services(watch, &err) && look_at_tasks(watch, &err);
    if (!is_done && !watch->is_failing)
        log_write(LOG_ERROR, "the database cannot be watched: %s", err.message);
    watch->is_failing = !is_done;
    if (!is_done)
        return;
    struct arena *other = watch->before;
    watch->before = watch->now;
    watch->now = other;
    watch->has_looked = true;
}

/* False when the server ends. */
static bool wait_for_work(struct http_server *server)
{
    const struct timespec until = clock_steady_after(HTTP_WATCH_MS);
    (void)pthread_mutex_lock(&server->watch_lock);
    while (!server->is_watch_over && !server->is_watch_wanted &&
           pthread_cond_timedwait(&server->watch_woken, &server->watch_lock, &until) == 0)
        ;
    server->is_watch_wanted = false;
    bool goes_on = !server->is_watch_over;
    (void)pthread_mutex_unlock(&server->watch_lock);
    return goes_on;
}

static void *run_watch(void *argument)
{
    AUTO(arena) first = arena_new(WATCH_ARENA_BYTES);
    AUTO(arena) second = arena_new(WATCH_ARENA_BYTES);
    struct watch watch = {.server = argument, .now = first, .before = second};
    bool goes_on = first && second;
    while (goes_on) {
        look(&watch);
        http_events_wake(watch.server->events, clock_steady_seconds());
        (void)connections_sweep(watch.server->connections, clock_steady_seconds(), false);
        goes_on = wait_for_work(watch.server);
    }
    return NULL;
}

bool http_watch_start(struct http_server *server, struct error *err)
{
    clock_condition_init(&server->watch_woken);
    (void)pthread_mutex_init(&server->watch_lock, NULL);
    if (!db_open_again(server->api.db, &server->watch_db, err))
        return false;
    int problem = pthread_create(&server->watcher, NULL, run_watch, server);
    server->has_watcher = problem == 0;
    return server->has_watcher || error_set_errno(err, problem, "start the watching thread");
}

void http_watch_wake(struct http_server *server)
{
    (void)pthread_mutex_lock(&server->watch_lock);
    server->is_watch_wanted = true;
    (void)pthread_cond_signal(&server->watch_woken);
    (void)pthread_mutex_unlock(&server->watch_lock);
}

void http_watch_end(struct http_server *server)
{
    if (server->has_watcher) {
        (void)pthread_mutex_lock(&server->watch_lock);
        server->is_watch_over = true;
        (void)pthread_cond_signal(&server->watch_woken);
        (void)pthread_mutex_unlock(&server->watch_lock);
        (void)pthread_join(server->watcher, NULL);
        server->has_watcher = false;
    }
    server->watch_db = db_free(server->watch_db);
}
