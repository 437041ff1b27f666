/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tasks: anything long. A task is a row in the database; whoever holds its lease works on it and renews the
 * lease with its progress; when the holder dies the lease runs out (at once, when it was a process of this
 * machine that is gone) and the task can be claimed again. States and the events that change them are one
 * table (task_states.c), which also draws docs/task-states.md. What a kind of task does is a row of a table
 * given by the caller (see work/).
 *
 * A kind's function must be safe to run again after a kill at any moment, and must not keep a write
 * transaction open for more than a few seconds: the lease cannot be renewed meanwhile.
 */
#ifndef TASKS_TASK_H
#define TASKS_TASK_H

#include "base/buffer.h"
#include "base/json.h"
#include "base/workers.h"
#include "db/db.h"

enum { TASK_LEASE_MS = 15000, TASK_RENEW_MS = 500, TASK_REQUEST_MAX_BYTES = 1024 * 1024 };

struct task {
    const char *id, *project_id, *kind, *subject, *state, *stage;
    const char *roots; /* what the paths of its request must lie in (base/roots.h); NULL: not confined */
    const char *request_json, *result_json;                /* result NULL until there is one */
    const char *error_code, *error_detail, *error_message; /* NULL unless failed */
    int64_t items_done, items_failed, items_total;
    bool is_stop_asked;
    int64_t attempts;
    const char *lease_owner; /* "host:pid:start-time", NULL when free */
    int64_t lease_until_ms, created_ms, started_ms, finished_ms;
};

/* States: queued, running, succeeded, failed, stopping, stopped. Machine-readable; one enum and name table,
 * transitions as struct task_transition { from, event, to, why } in task_states.c, reachable by
 * task_transitions(). */
enum task_state {
    TASK_QUEUED,
    TASK_RUNNING,
    TASK_STOPPING,
    TASK_STOPPED,
    TASK_FAILED,
    TASK_SUCCEEDED,
    TASK_STATE_COUNT
};
enum task_event {
    TASK_EVENT_CLAIMED,
    TASK_EVENT_LEASE_EXPIRED,
    TASK_EVENT_STOP_ASKED,
    TASK_EVENT_ENDED_STOPPED,
    TASK_EVENT_ENDED_FAILED,
    TASK_EVENT_ENDED_WELL,
    TASK_EVENT_RETRIED,
    TASK_EVENT_GIVEN_UP,
    TASK_EVENT_COUNT
};
struct task_transition {
    enum task_state from;
    enum task_event event;
    enum task_state to;
    const char *why; /* goes to the log and the diagram */
};
const char *task_state_name(enum task_state state);
bool task_is_ended(const char *state_name);
const struct task_transition *task_transitions(size_t *ret_count);
MUST_CHECK bool task_states_markdown(struct buffer *into, struct error *err);

/* Puts a task in the queue. `id` NULL: a new one; given: 32 lower-case hex digits, ERR_CONFLICT when taken.
 * subject NULL: none; request_json NULL: {}. ERR_LIMIT past
 * TASK_REQUEST_MAX_BYTES. */
struct task_new {
    const char *id, *project_id, *kind, *subject, *request_json, *roots;
};
MUST_CHECK bool task_create(struct db *db, const struct task_new *task, char ret_id[33], struct error *err);
/* ERR_NOT_FOUND with DETAIL_TASK_NOT_FOUND. `id` may be a prefix that is unique among the tasks of the
 * project; those of others are as if they did not exist. Texts live in the arena. */
MUST_CHECK bool task_get(struct db *db, const char *project_id, struct arena *arena, const char *id,
                         struct task *ret, struct error *err);
struct task_filter {
    const char *project_id;             /* NULL finds nothing */
    const char *kind, *subject, *state; /* NULL = any */
    int64_t limit;                      /* 0 = 1000 */
};
/* Newest first. */
MUST_CHECK bool task_list(struct db *db, struct arena *arena, const struct task_filter *filter,
                          struct task **ret, size_t *ret_count, struct error *err);
/* Of all projects: tasks that have not ended and those that ended at `since_ms` or later, newest first, at
 * most TASK_RECENT_MAX of each. Without request and result: request_json is "", result_json NULL. */
enum { TASK_RECENT_MAX = 1000 };
MUST_CHECK bool task_list_recent(struct db *db, struct arena *arena, int64_t since_ms, struct task **ret,
                                 size_t *ret_count, struct error *err);
/* How many there are of each kind and state; project_id NULL: in all projects. */
struct task_tally {
    const char *kind, *state;
    int64_t count;
};
MUST_CHECK bool task_tallies(struct db *db, const char *project_id, struct arena *arena,
                             struct task_tally **ret, size_t *ret_count, struct error *err);
/* These two take a whole id, of any project: task_get gave it.
 * Asks to stop: a queued task is stopped at once, a running one soon; ended ones are ERR_CONFLICT,
 * DETAIL_TASK_STATE. */
MUST_CHECK bool task_ask_stop(struct db *db, const char *id, struct error *err);
/* Queues a stopped or failed task again, same id and request. Others: DETAIL_TASK_STATE, unless its lease has
 * expired (then it is queued). */
MUST_CHECK bool task_retry(struct db *db, const char *id, struct error *err);
/* A running task that nobody holds, as `seen`, fails with these words: its executors died too often to begin
 * it again. *ret_done false: it is no such task, or not any more. */
MUST_CHECK bool task_give_up(struct db *db, const struct task *seen, const char *why, bool *ret_done,
                             struct error *err);

/* ---- running ---- */

/* What a running task is given. Progress may be set by any thread at any time; it is written with the lease.
 */
struct task_context {
    const struct task *task; /* as claimed; borrowed */
    struct db *db;           /* of the thread that runs the kind's function */
    void *app;               /* the caller's */
    yyjson_val *request;     /* parsed request_json; borrowed */
    struct stop_flag
        *stop; /* set when somebody asked to stop or the lease was lost: end soon with ERR_CANCELLED */
    struct task_progress *progress;
    yyjson_mut_doc *result; /* the function may set a root: becomes result_json, also when it fails */
};
struct task_progress {
    atomic_int_fast64_t done, failed, total;
    _Atomic(const char *) stage; /* a static string */
};
void task_progress_stage(struct task_progress *progress, const char *static_name,
                         int64_t total); /* resets done */

struct task_kind {
    const char *name;    /* "run_batch" */
    const char *summary; /* one sentence for people and docs */
    MUST_CHECK bool (*run)(struct task_context *context, struct error *err);
};

/* Called about twice a second from the renewing thread, and once at the end, for progress bars; may be NULL.
 */
typedef void task_watcher(void *state, const struct task *task, const char *stage, int64_t done,
                          int64_t failed, int64_t total);

struct executor_options {
    const struct task_kind *const *kinds; /* NULL-ended */
    void *app;
    task_watcher *watch;
    void *watch_state;
    struct stop_flag
        *stop; /* the process's own wish to end (Ctrl-C): the task ends as stopped; may be NULL */
};
/* `id` is whole. Claims the task and runs it in this process until it ends. Returns true when it ran
 * (whatever its end: read it back); ERR_CONFLICT when another holder is alive. A renewing thread with its own
 * database handle keeps the lease and watches for stop wishes. */
MUST_CHECK bool executor_local_run(struct db *db, const char *id, const struct executor_options *options,
                                   struct error *err);

#endif
