/* SPDX-License-Identifier: Apache-2.0 */
#include "tasks/lifecycle.h"

#include <string.h>

static const char *const state_names[TASK_STATE_COUNT] = {
    [TASK_QUEUED] = "queued",   [TASK_RUNNING] = "running", [TASK_STOPPING] = "stopping",
    [TASK_STOPPED] = "stopped", [TASK_FAILED] = "failed",   [TASK_SUCCEEDED] = "succeeded",
};
_Static_assert(sizeof(state_names) / sizeof(state_names[0]) == TASK_STATE_COUNT, "one name per state");

static const char *const event_names[TASK_EVENT_COUNT] = {
    [TASK_EVENT_CLAIMED] = "claimed",          [TASK_EVENT_LEASE_EXPIRED] = "lease expired",
    [TASK_EVENT_STOP_ASKED] = "stop asked",    [TASK_EVENT_ENDED_STOPPED] = "ended early",
    [TASK_EVENT_ENDED_FAILED] = "ended badly", [TASK_EVENT_ENDED_WELL] = "ended well",
    [TASK_EVENT_RETRIED] = "retried",          [TASK_EVENT_GIVEN_UP] = "given up",
};
_Static_assert(sizeof(event_names) / sizeof(event_names[0]) == TASK_EVENT_COUNT, "one name per event");

static const struct task_transition transitions[] = {
    {TASK_QUEUED, TASK_EVENT_CLAIMED, TASK_RUNNING, "an executor took the task and holds its lease"},
    {TASK_QUEUED, TASK_EVENT_STOP_ASKED, TASK_STOPPED, "somebody asked to stop before it began"},
    {TASK_RUNNING, TASK_EVENT_ENDED_WELL, TASK_SUCCEEDED, "the work is done"},
    {TASK_RUNNING, TASK_EVENT_ENDED_FAILED, TASK_FAILED, "the work met an error, which the task keeps"},
    {TASK_RUNNING, TASK_EVENT_ENDED_STOPPED, TASK_STOPPED, "its process was asked to end"},
    {TASK_RUNNING, TASK_EVENT_STOP_ASKED, TASK_STOPPING, "somebody asked to stop; the executor will see it"},
    {TASK_RUNNING, TASK_EVENT_LEASE_EXPIRED, TASK_QUEUED, "its executor died or stopped answering"},
    {TASK_RUNNING, TASK_EVENT_GIVEN_UP, TASK_FAILED, "its executors died too often to begin it again"},
    {TASK_STOPPING, TASK_EVENT_ENDED_STOPPED, TASK_STOPPED, "the work ended early, as asked"},
    {TASK_STOPPING, TASK_EVENT_ENDED_WELL, TASK_SUCCEEDED, "the work was done before the wish was seen"},
    {TASK_STOPPING, TASK_EVENT_ENDED_FAILED, TASK_FAILED, "the work met an error before the wish was seen"},
    {TASK_STOPPING, TASK_EVENT_STOP_ASKED, TASK_STOPPING, "somebody asked once more"},
    {TASK_STOPPING, TASK_EVENT_LEASE_EXPIRED, TASK_STOPPED, "its executor died while it was stopping"},
    {TASK_STOPPED, TASK_EVENT_RETRIED, TASK_QUEUED, "somebody asked to go on"},
    {TASK_FAILED, TASK_EVENT_RETRIED, TASK_QUEUED, "somebody asked to try again"},
};
enum { TRANSITIONS = sizeof(transitions) / sizeof(transitions[0]) };

const char *task_state_name(enum task_state state)
{
    return state_names[state];
}

bool task_state_find(const char *name, enum task_state *ret)
{
    for (int state = 0; state < TASK_STATE_COUNT; state++) {
        if (strcmp(state_names[state], name) != 0)
            continue;
        *ret = (enum task_state)state;
        return true;
    }
    return false;
}

bool task_is_ended(const char *state_name)
{
    enum task_state state = TASK_QUEUED;
    return task_state_find(state_name, &state) &&
           (state == TASK_STOPPED || state == TASK_FAILED || state == TASK_SUCCEEDED);
}

const struct task_transition *task_transitions(size_t *ret_count)
{
    *ret_count = TRANSITIONS;
    return transitions;
}

const struct task_transition *task_transition_find(enum task_state from, enum task_event event)
{
    for (size_t i = 0; i < TRANSITIONS; i++)
        if (transitions[i].from == from && transitions[i].event == event)
            return &transitions[i];
    return NULL;
}

bool task_states_markdown(struct buffer *into, struct error *err)
{
    (void)buffer_add_text(
        into, "# Task states\n\n"
              "Generated from the table in `src/tasks/task_states.c`; a test compares the two.\n\n"
              "```mermaid\nstateDiagram-v2\n    [*] --> queued\n");
    for (size_t i = 0; i < TRANSITIONS; i++)
        (void)buffer_printf(into, "    %s --> %s: %s\n", state_names[transitions[i].from],
                            state_names[transitions[i].to], event_names[transitions[i].event]);
    for (int state = 0; state < TASK_STATE_COUNT; state++)
        if (task_is_ended(state_names[state]))
            (void)buffer_printf(into, "    %s --> [*]\n", state_names[state]);
    (void)buffer_add_text(into, "```\n\n| from | event | to | why |\n| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < TRANSITIONS; i++)
        (void)buffer_printf(into, "| %s | %s | %s | %s |\n", state_names[transitions[i].from],
                            event_names[transitions[i].event], state_names[transitions[i].to],
                            transitions[i].why);
    return buffer_check(into, "the table of task states", err);
}
