/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a task as executors see it: claim it, renew its lease while working, end it. Only for the files
 * of this folder; other executors than executor_local.c stand on the same calls.
 *
 * A state changes only along the transition table and by compare and set: an UPDATE whose WHERE names the old
 * state and the attempt. Nothing here needs a transaction, or is hurt by the caller's. Who comes second
 * changes nothing and gets ERR_CONFLICT, so two executors never hold one task.
 */
#ifndef TASKS_LIFECYCLE_H
#define TASKS_LIFECYCLE_H

#include "tasks/task.h"

enum { TASK_RESULT_MAX_BYTES = 16 * 1024 * 1024, TASK_ARENA_MAX_BYTES = 64 * 1024 * 1024 };

bool task_state_find(const char *name, enum task_state *ret);
/* NULL when the event means nothing in that state. */
const struct task_transition *task_transition_find(enum task_state from, enum task_event event);

/* A lease is free when its time ran out, or its owner is a process of this host that is gone. */
bool task_lease_is_free(const struct task *task, int64_t now_ms);

/* queued -> running for `owner`; a running task whose lease is free too. *ret is the task as claimed, texts
 * in the arena. ERR_CONFLICT: DETAIL_TASK_STATE names the state and who holds it. */
MUST_CHECK bool task_claim(struct db *db, struct arena *arena, const char *id, const char *owner,
                           struct task *ret, struct error *err);

struct task_report {
    const char *stage;
    int64_t done, failed, total;
};
struct task_report task_report_of(const struct task_progress *progress);

/* Keeps the lease for TASK_LEASE_MS more and writes the progress. *ret_is_held false: somebody else has the
 * task now. */
MUST_CHECK bool task_renew(struct db *db, const struct task *claimed, const struct task_report *report,
                           bool *ret_is_held, bool *ret_is_stop_asked, struct error *err);

/* How the work ended: TASK_EVENT_ENDED_*. */
struct task_end {
    enum task_event event;
    struct task_report report;
    const char *result_json; /* NULL = none */
    const struct error *why; /* for ENDED_FAILED */
};
/* ERR_CONFLICT: the lease was lost meanwhile, and nothing was written. */
MUST_CHECK bool task_finish(struct db *db, const struct task *claimed, const struct task_end *end,
                            struct error *err);

/* ---- single statements, task_db.c ---- */

/* By its whole id, of any project; DETAIL_TASK_NOT_FOUND. */
MUST_CHECK bool task_db_load(struct db *db, struct arena *arena, const char *id, struct task *ret,
                             struct error *err);

/* Compare and set: false in *ret_is_changed when the task has another state or attempt by now, or, with
 * `if_lease_free`, when its lease was renewed. `to`: TASK_QUEUED, TASK_STOPPING or TASK_STOPPED. */
MUST_CHECK bool task_db_move(struct db *db, const struct task *seen, enum task_state to, bool if_lease_free,
                             bool *ret_is_changed, struct error *err);
MUST_CHECK bool task_db_give_up(struct db *db, const struct task *seen, enum task_state to, const char *why,
                                bool *ret_is_changed, struct error *err);
struct task_claimant {
    const char *owner;
    struct arena *arena; /* for the texts of *ret */
    struct task *ret;    /* the task as claimed */
};
MUST_CHECK bool task_db_claim(struct db *db, const struct task *seen, const struct task_claimant *claimant,
                              bool *ret_is_changed, struct error *err);
MUST_CHECK bool task_db_finish(struct db *db, const struct task *claimed,
                               const struct task_transition *transition, const struct task_end *end,
                               bool *ret_is_changed, struct error *err);

#endif
