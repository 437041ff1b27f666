/* SPDX-License-Identifier: Apache-2.0 */
#include "http/events.h"

#include "base/clock.h"
#include "base/text.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_BYTES = 40, TOPICS_MAX_BYTES = 2048, NOTE_BYTES = 96 };

struct kept_event {
    bool is_task;
    char id[ID_BYTES], subject[ID_BYTES], project_id[ID_BYTES]; /* project "": everybody's */
    char *frame;                                                /* NULL: lost */
};

struct http_stream {
    struct http_events *events;
    struct http_stream *previous, *next;
    struct stream_waiter waiter;
    char project_id[ID_BYTES];     /* "": of all */
    char topics[TOPICS_MAX_BYTES]; /* each with a comma after it; "" is all */
    uint64_t number;               /* of the next event to look at */
    char note[NOTE_BYTES];         /* to be sent before: retry, reset, a heartbeat */
    char *frame;                   /* being sent; own */
    size_t sent;
    double wrote_seconds;
    bool is_suspended;
};

struct http_events {
    pthread_mutex_t lock;
    uint64_t epoch, next_number;
    uint32_t kept, stream_count;
    bool has_ended;
    struct http_stream *first;
    struct kept_event ring[];
};

struct http_events *http_events_new(uint64_t epoch, uint32_t kept)
{
    struct http_events *events = calloc(1, sizeof(*events) + kept * sizeof(struct kept_event));
    if (!events)
        return NULL;
    (void)pthread_mutex_init(&events->lock, NULL);
    events->epoch = epoch;
    events->kept = kept;
    events->next_number = 1;
    return events;
}

struct http_events *http_events_free(struct http_events *events)
{
    if (!events)
        return NULL;
    for (uint32_t i = 0; i < events->kept; i++)
        free(events->ring[i].frame);
    (void)pthread_mutex_destroy(&events->lock);
    free(events);
    return NULL;
}

static char *frame_of(const struct http_events *events, const struct http_event *event)
{
    AUTO_BUFFER(frame, HTTP_EVENT_MAX_BYTES);
    bool is_done =
        buffer_printf(&frame, "id: %llx-%llu\nevent: %s\ndata: %s\n\n", (unsigned long long)events->epoch,
                      (unsigned long long)events->next_number, event->kind, event->json);
    return is_done ? strdup(frame.data) : NULL;
}

void http_events_add(struct http_events *events, const struct http_event *event)
{
    (void)pthread_mutex_lock(&events->lock);
    struct kept_event *kept = &events->ring[events->next_number % events->kept];
    free(kept->frame);
    *kept = (struct kept_event){.is_task = strcmp(event->kind, "task") == 0};
    (void)!text_copy(kept->id, sizeof(kept->id), event->id);
    (void)!text_copy(kept->subject, sizeof(kept->subject), event->subject);
    (void)!text_copy(kept->project_id, sizeof(kept->project_id), event->project_id ? event->project_id : "");
    kept->frame = frame_of(events, event);
    events->next_number++;
    (void)pthread_mutex_unlock(&events->lock);
}

/* ---- topics ---- */

static bool is_topic(const char *text, size_t bytes)
{
    static const char *const whole[] = {"tasks", "services"}, *const of_one[] = {"task:", "service:"};
    for (size_t i = 0; i < 2; i++) {
        size_t prefix = strlen(of_one[i]);
        if (bytes == strlen(whole[i]) && memcmp(text, whole[i], bytes) == 0)
            return true;
        if (bytes > prefix && bytes < prefix + ID_BYTES && memcmp(text, of_one[i], prefix) == 0)
            return true;
    }
    return false;
}

static bool set_topics(struct http_stream *stream, const char *topics, struct error *err)
{
    size_t used = 0, count = 0;
    for (const char *at = topics ? topics : ""; *at;) {
        size_t bytes = strcspn(at, ",");
        if (bytes > 0 && (!is_topic(at, bytes) || ++count > HTTP_TOPICS_MAX))
            return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                    "topics are tasks, services, task:ID or service:ID, at most %d of them, "
                                    "not '%.*s'",
                                    HTTP_TOPICS_MAX, (int)(bytes < 60 ? bytes : 60), at);
        if (bytes > 0 && used + bytes + 2 < sizeof(stream->topics)) {
            memcpy(stream->topics + used, at, bytes);
            used += bytes;
            stream->topics[used++] = ',';
        }
        at += bytes + (at[bytes] == ',');
    }
    return true;
}

static bool has_topic(const struct http_stream *stream, const char *kind, const char *id)
{
    char wanted[2 * ID_BYTES];
    (void)snprintf(wanted, sizeof(wanted), "%s%s,", kind, id);
    return strstr(stream->topics, wanted) != NULL;
}

static bool is_wanted(const struct http_stream *stream, const struct kept_event *event)
{
    if (stream->project_id[0] && event->project_id[0] && strcmp(stream->project_id, event->project_id) != 0)
        return false;
    if (!stream->topics[0])
        return true;
    if (event->is_task)
        return has_topic(stream, "tasks", "") || has_topic(stream, "task:", event->id) ||
               has_topic(stream, "service:", event->subject);
    return has_topic(stream, "services", "") || has_topic(stream, "service:", event->id);
}

/* ---- streams ---- */

/* Where to go on after the event of that id; false when what follows it is no longer here. */
static bool find_place(const struct http_events *events, const char *id, uint64_t *ret)
{
    char ours[ID_BYTES];
    struct error ignored;
    uint64_t number = 0;
    (void)snprintf(ours, sizeof(ours), "%llx-", (unsigned long long)events->epoch);
    if (!text_starts_with(id, ours) ||
        !text_to_count(id + strlen(ours), "the event id", 0, INT64_MAX, &number, &ignored))
        return false;
    uint64_t oldest = events->next_number > events->kept ? events->next_number - events->kept : 1;
    if (number + 1 < oldest || number >= events->next_number)
        return false;
    *ret = number + 1;
    return true;
}

static void place(struct http_stream *stream, const char *last_event_id)
{
    const struct http_events *events = stream->events;
    const char *reset = "";
    stream->number = events->next_number;
    if (last_event_id && last_event_id[0] && !find_place(events, last_event_id, &stream->number))
        reset = "event: reset\ndata: {}\n\n";
    (void)snprintf(stream->note, sizeof(stream->note), "retry: 2000\n\n%s", reset);
}

bool http_stream_open(struct http_events *events, const struct stream_wish *wish, struct http_stream **ret,
                      struct error *err)
{
    struct http_stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return error_no_memory(err);
    stream->events = events;
    stream->waiter = wish->waiter;
    stream->wrote_seconds = clock_steady_seconds();
    bool fits_project =
        text_copy(stream->project_id, sizeof(stream->project_id), wish->project_id ? wish->project_id : "");
    if (!fits_project || !set_topics(stream, wish->topics, err)) {
        free(stream);
        return false;
    }
    (void)pthread_mutex_lock(&events->lock);
    bool fits = events->stream_count < HTTP_STREAMS_MAX && !events->has_ended;
    if (fits) {
        place(stream, wish->last_event_id);
        events->stream_count++;
        stream->next = events->first;
        if (stream->next)
            stream->next->previous = stream;
        events->first = stream;
    }
    (void)pthread_mutex_unlock(&events->lock);
    if (!fits) {
        free(stream);
        return error_set(err, ERR_LIMIT, "%d clients read the event stream already", HTTP_STREAMS_MAX);
    }
    *ret = stream;
    return true;
}

struct http_stream *http_stream_close(struct http_stream *stream)
{
    if (!stream)
        return NULL;
    struct http_events *events = stream->events;
    (void)pthread_mutex_lock(&events->lock);
    if (stream->previous)
        stream->previous->next = stream->next;
    else
        events->first = stream->next;
    if (stream->next)
        stream->next->previous = stream->previous;
    events->stream_count--;
    (void)pthread_mutex_unlock(&events->lock);
    free(stream->frame);
    free(stream);
    return NULL;
}

/* The next frame for this stream; NULL when there is none yet. */
static char *next_frame(struct http_stream *stream)
{
    const struct http_events *events = stream->events;
    while (stream->number < events->next_number) {
        const struct kept_event *event = &events->ring[stream->number % events->kept];
        bool is_lost = events->next_number - stream->number > events->kept || !event->frame;
        if (is_lost) {
            stream->number = events->next_number;
            return strdup("event: reset\ndata: {}\n\n");
        }
        stream->number++;
        if (is_wanted(stream, event))
            return strdup(event->frame);
    }
    return NULL;
}

static bool is_heartbeat_due(const struct http_stream *stream, double now_seconds)
{
    return now_seconds - stream->wrote_seconds >= HTTP_HEARTBEAT_SECONDS;
}

static void load_frame(struct http_stream *stream, double now_seconds)
{
    stream->sent = 0;
    if (stream->note[0]) {
        stream->frame = strdup(stream->note);
        stream->note[0] = '\0';
        return;
    }
    stream->frame = next_frame(stream);
    if (!stream->frame && is_heartbeat_due(stream, now_seconds))
        stream->frame = strdup("event: heartbeat\ndata: {}\n\n");
}

static ssize_t read_locked(struct http_stream *stream, char *into, size_t max, double now_seconds)
{
    size_t used = 0;
    while (used < max) {
        if (!stream->frame)
            load_frame(stream, now_seconds);
        if (!stream->frame)
            break;
        size_t left = strlen(stream->frame) - stream->sent, part = left < max - used ? left : max - used;
        memcpy(into + used, stream->frame + stream->sent, part);
        used += part;
        stream->sent += part;
        stream->wrote_seconds = now_seconds;
        if (part < left)
            break;
        free(stream->frame);
        stream->frame = NULL;
    }
    if (used == 0 && stream->events->has_ended)
        return -1;
    if (used == 0) {
        stream->is_suspended = true;
        stream->waiter.suspend(stream->waiter.connection);
    }
    return (ssize_t)used;
}

ssize_t http_stream_read(struct http_stream *stream, char *into, size_t max, double now_seconds)
{
    (void)pthread_mutex_lock(&stream->events->lock);
    ssize_t bytes = read_locked(stream, into, max, now_seconds);
    (void)pthread_mutex_unlock(&stream->events->lock);
    return bytes;
}

void http_events_wake(struct http_events *events, double now_seconds)
{
    (void)pthread_mutex_lock(&events->lock);
    for (struct http_stream *stream = events->first; stream; stream = stream->next) {
        bool has_news = events->has_ended || stream->number < events->next_number ||
                        is_heartbeat_due(stream, now_seconds);
        if (!stream->is_suspended || !has_news)
            continue;
        stream->is_suspended = false;
        stream->waiter.resume(stream->waiter.connection);
    }
    (void)pthread_mutex_unlock(&events->lock);
}

void http_events_end(struct http_events *events)
{
    (void)pthread_mutex_lock(&events->lock);
    events->has_ended = true;
    (void)pthread_mutex_unlock(&events->lock);
    http_events_wake(events, clock_steady_seconds());
}

uint32_t http_events_streams(struct http_events *events)
{
    (void)pthread_mutex_lock(&events->lock);
    uint32_t count = events->stream_count;
    (void)pthread_mutex_unlock(&events->lock);
    return count;
}
