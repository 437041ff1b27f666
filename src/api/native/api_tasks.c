/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/native.h"

static const struct param_spec task_params[] = {
    PARAM(struct named_request, task, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "id of the task, or its beginning"),
    PARAM_END,
};

struct list_request {
    const char *kind, *subject, *state;
    uint64_t limit;
};
static const struct param_spec list_params[] = {
    PARAM(struct list_request, kind, .type = PARAM_TEXT, .help = "only this kind: run_batch, mine_hard, …"),
    PARAM(struct list_request, subject, .type = PARAM_TEXT, .help = "only of this service or dataset id"),
    PARAM(struct list_request, state, .type = PARAM_TEXT,
          .help = "only in this state: queued, running, succeeded, …"),
    PARAM(struct list_request, limit, .type = PARAM_COUNT, .fallback = 100, .min = 1, .max = 1000,
          .help = "at most so many"),
    PARAM_END,
};

static bool list(struct api_call *call, struct error *err)
{
    const struct list_request *request = call->params;
    const struct task_filter filter = {call->caller->project_id, request->kind, request->subject,
                                       request->state, (int64_t)request->limit};
    struct task *tasks = NULL;
    size_t count = 0;
    if (!task_list(call->api->db, call->arena, &filter, &tasks, &count, err))
        return false;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "tasks");
    for (size_t i = 0; i < count; i++)
        reply_task(call->reply, yyjson_mut_arr_add_obj(call->reply, rows), &tasks[i]);
    return true;
}

static bool show(struct api_call *call, struct error *err)
{
    const struct named_request *request = call->params;
    struct task task;
    if (!task_get(call->api->db, call->caller->project_id, call->arena, request->task, &task, err))
        return false;
    reply_task(call->reply, yyjson_mut_obj_add_obj(call->reply, call->root, "task"), &task);
    return true;
}

static bool stop(struct api_call *call, struct error *err)
{
    const struct named_request *request = call->params;
    struct task task;
    return task_get(call->api->db, call->caller->project_id, call->arena, request->task, &task, err) &&
           run_control_stop_task(call, &task, err) && show(call, err);
}

static bool retry(struct api_call *call, struct error *err)
{
    const struct named_request *request = call->params;
    struct task task;
    return task_get(call->api->db, call->caller->project_id, call->arena, request->task, &task, err) &&
           run_control_retry(call, &task, err) && show(call, err);
}

const struct route route_task_list = {"task.list",
                                      "GET",
                                      "/api/v1/tasks",
                                      list_params,
                                      sizeof(struct list_request),
                                      list,
                                      "Lists tasks, newest first.",
                                      ROLE_READ,
                                      200,
                                      &shape_tasks};
const struct route route_task_show = {"task.show",
                                      "GET",
                                      "/api/v1/tasks/{task}",
                                      task_params,
                                      sizeof(struct named_request),
                                      show,
                                      "Shows one task with its progress and result.",
                                      ROLE_READ,
                                      200,
                                      &shape_task_shown};
const struct route route_task_stop = {"task.stop",
                                      "POST",
                                      "/api/v1/tasks/{task}/stop",
                                      task_params,
                                      sizeof(struct named_request),
                                      stop,
                                      "Asks a task to stop; what is finished stays.",
                                      ROLE_ADMIN,
                                      200,
                                      &shape_task_shown};
const struct route route_task_retry = {"task.retry",
                                       "POST",
                                       "/api/v1/tasks/{task}/retry",
                                       task_params,
                                       sizeof(struct named_request),
                                       retry,
                                       "Queues a stopped or failed task again; it goes on where it was.",
                                       ROLE_ADMIN,
                                       202,
                                       &shape_task_shown};
