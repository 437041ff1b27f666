/* SPDX-License-Identifier: Apache-2.0 */
#include "service/service.h"

#include <string.h>

static const char *const names[SERVICE_STATUS_COUNT] = {"deploying", "running", "stopped", "failed",
                                                        "finished"};

static const struct service_transition transitions[] = {
    {SERVICE_DEPLOYING, SERVICE_EVENT_RUN_BEGAN, SERVICE_RUNNING, "the run began"},
    {SERVICE_DEPLOYING, SERVICE_EVENT_RUN_FAILED, SERVICE_FAILED, "the run could not begin"},
    {SERVICE_DEPLOYING, SERVICE_EVENT_RUN_STOPPED, SERVICE_STOPPED, "stopped before the run began"},
    {SERVICE_DEPLOYING, SERVICE_EVENT_STARTED_AGAIN, SERVICE_DEPLOYING,
     "started again; the run before never began"},
    {SERVICE_RUNNING, SERVICE_EVENT_RUN_BEGAN, SERVICE_RUNNING, "the run goes on after its process died"},
    {SERVICE_STOPPED, SERVICE_EVENT_RUN_BEGAN, SERVICE_RUNNING, "the stopped run goes on"},
    {SERVICE_FAILED, SERVICE_EVENT_RUN_BEGAN, SERVICE_RUNNING, "the failed run is tried again"},
    {SERVICE_FINISHED, SERVICE_EVENT_RUN_BEGAN, SERVICE_RUNNING,
     "the run's process died after its last write; the run ends once more"},
    {SERVICE_RUNNING, SERVICE_EVENT_RUN_FINISHED, SERVICE_FINISHED, "all input was predicted"},
    {SERVICE_RUNNING, SERVICE_EVENT_RUN_FAILED, SERVICE_FAILED, "the run failed"},
    {SERVICE_RUNNING, SERVICE_EVENT_RUN_STOPPED, SERVICE_STOPPED, "somebody stopped the run"},
    {SERVICE_RUNNING, SERVICE_EVENT_STARTED_AGAIN, SERVICE_DEPLOYING, "started again after its process died"},
    {SERVICE_STOPPED, SERVICE_EVENT_STARTED_AGAIN, SERVICE_DEPLOYING, "started again"},
    {SERVICE_FAILED, SERVICE_EVENT_STARTED_AGAIN, SERVICE_DEPLOYING, "started again"},
    {SERVICE_FINISHED, SERVICE_EVENT_STARTED_AGAIN, SERVICE_DEPLOYING,
     "started again: the whole input, current settings"},
};

const char *service_status_name(enum service_status status)
{
    return names[status];
}

enum service_status service_status_find(const char *name)
{
    for (int status = 0; status < SERVICE_STATUS_COUNT; status++)
        if (strcmp(names[status], name) == 0)
            return (enum service_status)status;
    return SERVICE_STATUS_COUNT;
}

const struct service_transition *service_transitions(size_t *ret_count)
{
    *ret_count = sizeof(transitions) / sizeof(transitions[0]);
    return transitions;
}

bool service_states_markdown(struct buffer *into, struct error *err)
{
    (void)buffer_add_text(
        into, "# Batch service states\n\nGenerated from the table in "
              "`src/service/service_states.c`.\n\n```mermaid\nstateDiagram-v2\n    [*] --> deploying\n");
    for (size_t i = 0; i < sizeof(transitions) / sizeof(transitions[0]); i++)
        (void)buffer_printf(into, "    %s --> %s: %s\n", names[transitions[i].from], names[transitions[i].to],
                            transitions[i].why);
    (void)buffer_add_text(into, "```\n");
    return buffer_check(into, "the state diagram", err);
}
