/* SPDX-License-Identifier: Apache-2.0 */
#include "http/long_poll.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct long_polls {
    pthread_mutex_t lock;
    struct long_poll *first;
    uint32_t count, max;
    bool has_ended;
};

struct long_polls *long_polls_new(uint32_t max)
{
    struct long_polls *polls = calloc(1, sizeof(*polls));
    if (!polls)
        return NULL;
    polls->max = max;
    (void)pthread_mutex_init(&polls->lock, NULL);
    return polls;
}

struct long_polls *long_polls_free(struct long_polls *polls)
{
    if (polls)
        (void)pthread_mutex_destroy(&polls->lock);
    free(polls);
    return NULL;
}

bool long_polls_add(struct long_polls *polls, struct long_poll *poll)
{
    (void)pthread_mutex_lock(&polls->lock);
    bool fits = polls->count < polls->max && !polls->has_ended;
    if (fits) {
        poll->next = polls->first;
        polls->first = poll;
        polls->count++;
    }
    (void)pthread_mutex_unlock(&polls->lock);
    return fits;
}

static bool goes_on(const struct long_poll *poll, const struct task *tasks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(tasks[i].id, poll->task_id) == 0)
            return !task_is_ended(tasks[i].state);
    return false;
}

static bool is_ready(const struct long_polls *polls, const struct long_poll *poll, const struct task *tasks,
                     size_t count, double read_seconds)
{
    bool is_late = polls->has_ended || clock_steady_seconds() >= poll->until_seconds;
    /* what was read before somebody began to wait says nothing of his task */
    return is_late || (poll->since_seconds < read_seconds && !goes_on(poll, tasks, count));
}

/* Takes those that are ready out of the list. */
static struct long_poll *take_ready(struct long_polls *polls, const struct task *tasks, size_t count,
                                    double read_seconds)
{
    struct long_poll *ready = NULL;
    (void)pthread_mutex_lock(&polls->lock);
    for (struct long_poll **at = &polls->first; *at;) {
        struct long_poll *poll = *at;
        if (!is_ready(polls, poll, tasks, count, read_seconds)) {
            at = &poll->next;
            continue;
        }
        *at = poll->next;
        poll->next = ready;
        ready = poll;
        polls->count--;
    }
    (void)pthread_mutex_unlock(&polls->lock);
    return ready;
}

void long_polls_look(struct long_polls *polls, const struct task *tasks, size_t count, double read_seconds)
{
    struct long_poll *ready = take_ready(polls, tasks, count, read_seconds);
    while (ready) {
        struct long_poll *poll = ready;
        ready = poll->next;
        poll->ready(poll);
    }
}

void long_polls_end(struct long_polls *polls)
{
    (void)pthread_mutex_lock(&polls->lock);
    polls->has_ended = true;
    (void)pthread_mutex_unlock(&polls->lock);
    long_polls_look(polls, NULL, 0, clock_steady_seconds());
}
