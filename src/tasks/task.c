/* SPDX-License-Identifier: Apache-2.0 */
#include "tasks/task.h"

#include "base/clock.h"
#include "base/process.h"
#include "tasks/lifecycle.h"

/* Somebody else may change the task between our look at it and our write; then we look again. */
enum { TRIES = 8 };

bool task_lease_is_free(const struct task *task, int64_t now_ms)
{
    return !task->lease_owner || task->lease_until_ms <= now_ms ||
           process_look(task->lease_owner) == PROCESS_DEAD;
}

struct change {
    enum task_event event;
    const char *what;                     /* for messages: "stopped" */
    const struct task_claimant *claimant; /* for TASK_EVENT_CLAIMED */
};

static bool refuse(const struct task *task, const struct change *change, struct error *err)
{
    const char *owner = task->lease_owner;
    return error_set_detail(err, DETAIL_TASK_STATE, "task '%s' is %s%s%s: it cannot be %s", task->id,
                            task->state, owner ? ", held by " : "", owner ? owner : "", change->what);
}

/* A task whose executor is gone goes where the table says. When that is what was wanted it is done; otherwise
 * the change is tried again on what the task is now. */
static bool settle(struct db *db, const struct task *seen, enum task_state to, const struct change *change,
                   bool *ret_is_done, struct error *err)
{
    bool is_changed = false;
    if (!task_db_move(db, seen, to, true, &is_changed, err))
        return false;
    bool is_wanted = (to == TASK_STOPPED && change->event == TASK_EVENT_STOP_ASKED) ||
                     (to == TASK_QUEUED && change->event == TASK_EVENT_RETRIED);
    *ret_is_done = is_changed && is_wanted;
    return true;
}

static bool try_change(struct db *db, const struct task *seen, const struct change *change, bool *ret_is_done,
                       struct error *err)
{
    enum task_state state = TASK_QUEUED;
    if (!task_state_find(seen->state, &state))
        return error_set(err, ERR_CONFLICT, "task '%s' is in the unknown state '%.40s'", seen->id,
                         seen->state);
    const struct task_transition *expiry = task_transition_find(state, TASK_EVENT_LEASE_EXPIRED);
    if (expiry && task_lease_is_free(seen, clock_now_ms()))
        return settle(db, seen, expiry->to, change, ret_is_done, err);
    const struct task_transition *wanted = task_transition_find(state, change->event);
    if (!wanted)
        return refuse(seen, change, err);
    if (wanted->to == TASK_RUNNING)
        return task_db_claim(db, seen, change->claimant, ret_is_done, err);
    return task_db_move(db, seen, wanted->to, false, ret_is_done, err);
}

static bool change_task(struct db *db, const char *id, const struct change *change, struct error *err)
{
    AUTO(arena) arena = arena_new(TASK_ARENA_MAX_BYTES);
    bool is_done = false;
    if (!arena)
        return error_no_memory(err);
    for (int tries = 0; tries < TRIES && !is_done; tries++) {
        struct task seen;
        arena_reset(arena);
        if (!task_db_load(db, arena, id, &seen, err) || !try_change(db, &seen, change, &is_done, err))
            return false;
    }
    return is_done ||
           error_set_detail(err, DETAIL_TASK_STATE,
                            "task '%s' is being changed by others: it cannot be %s now", id, change->what);
}

bool task_ask_stop(struct db *db, const char *id, struct error *err)
{
    return change_task(db, id, &(struct change){.event = TASK_EVENT_STOP_ASKED, .what = "stopped"}, err);
}

bool task_retry(struct db *db, const char *id, struct error *err)
{
    return change_task(db, id, &(struct change){.event = TASK_EVENT_RETRIED, .what = "queued again"}, err);
}

bool task_give_up(struct db *db, const struct task *seen, const char *why, bool *ret_done, struct error *err)
{
    enum task_state state = TASK_QUEUED;
    const struct task_transition *row =
        task_state_find(seen->state, &state) ? task_transition_find(state, TASK_EVENT_GIVEN_UP) : NULL;
    *ret_done = false;
    if (!row || !task_lease_is_free(seen, clock_now_ms()))
        return true;
    return task_db_give_up(db, seen, row->to, why, ret_done, err);
}

bool task_claim(struct db *db, struct arena *arena, const char *id, const char *owner, struct task *ret,
                struct error *err)
{
    const struct task_claimant claimant = {owner, arena, ret};
    return change_task(db, id, &(struct change){TASK_EVENT_CLAIMED, "run", &claimant}, err);
}

/* While the lease is held a task is running, or stopping from some moment on, so this order misses nothing.
 */
bool task_finish(struct db *db, const struct task *claimed, const struct task_end *end, struct error *err)
{
    static const enum task_state held[] = {TASK_RUNNING, TASK_STOPPING};
    for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++) {
        const struct task_transition *transition = task_transition_find(held[i], end->event);
        bool is_changed = false;
        if (transition && !task_db_finish(db, claimed, transition, end, &is_changed, err))
            return false;
        if (is_changed)
            return true;
    }
    return error_set_detail(err, DETAIL_TASK_STATE,
                            "task '%s' lost its lease: somebody else has taken it over", claimed->id);
}

void task_progress_stage(struct task_progress *progress, const char *static_name, int64_t total)
{
    atomic_store(&progress->stage, static_name);
    atomic_store(&progress->done, 0);
    atomic_store(&progress->total, total);
}

struct task_report task_report_of(const struct task_progress *progress)
{
    const char *stage = atomic_load(&progress->stage);
    return (struct task_report){stage ? stage : "", atomic_load(&progress->done),
                                atomic_load(&progress->failed), atomic_load(&progress->total)};
}
