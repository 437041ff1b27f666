/* SPDX-License-Identifier: Apache-2.0 */
/* Long poll: requests that are answered when a task has ended, or their time is over. Threads: all functions
 * may be called by any. */
#ifndef HTTP_LONG_POLL_H
#define HTTP_LONG_POLL_H

#include "tasks/task.h"

struct long_poll {
    struct long_poll *next;
    char task_id[33];
    double since_seconds, until_seconds;
    void (*ready)(struct long_poll *poll); /* called once, without a lock */
};
struct long_polls;
struct long_polls *long_polls_new(uint32_t max); /* NULL: memory is out */
struct long_polls *long_polls_free(struct long_polls *polls);
/* False when there are too many, or the server ends: answer now. */
bool long_polls_add(struct long_polls *polls, struct long_poll *poll);
/* `tasks` were read from the database at `read_seconds` (steady clock), all that have not ended among them.
 */
void long_polls_look(struct long_polls *polls, const struct task *tasks, size_t count, double read_seconds);
/* All are ready, and no more are taken. */
void long_polls_end(struct long_polls *polls);

DEFINE_AUTO(long_polls)

#endif
