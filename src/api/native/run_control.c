/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of a service begun, resumed and stopped: where the states of services and tasks change together. */
#include "api/native/native.h"

#include "work/run_batch.h"

#include <string.h>

static bool is_state(const struct task *task, enum task_state state)
{
    return strcmp(task->state, task_state_name(state)) == 0;
}

/* The newest run of the service that still goes on or waits; *ret_found false when there is none. */
static bool active_task(struct api_call *call, const char *service_id, struct task *ret, bool *ret_found,
                        struct error *err)
{
    const struct task_filter filter = {.project_id = call->caller->project_id,
                                       .kind = task_run_batch.name,
                                       .subject = service_id,
                                       .limit = 10};
    struct task *tasks = NULL;
    size_t count = 0;
    *ret_found = false;
    if (!task_list(call->api->db, call->arena, &filter, &tasks, &count, err))
        return false;
    for (size_t i = 0; i < count && !*ret_found; i++) {
        *ret_found = !task_is_ended(tasks[i].state);
        *ret = tasks[i];
    }
    return true;
}

static bool new_run(struct api_call *call, const char *service_id, const char *task_id, struct error *err)
{
    const struct run_batch_request request = {service_id};
    const struct task_wish wish = {task_id, &task_run_batch, service_id, run_batch_params, &request};
    if (reply_new_task(call, &wish, err))
        return true;
    bool is_id_at_fault = task_id && (err->code == ERR_INVALID || err->code == ERR_CONFLICT);
    return is_id_at_fault ? error_point(err, "/task_id") : false;
}

/* Ends a task that waits, or whose process died. One that lives is left alone and named. */
static bool abandon(struct api_call *call, const struct service *service, const struct task *task,
                    struct error *err)
{
    if (!is_state(task, TASK_QUEUED) && !task_retry(call->api->db, task->id, err))
        return error_set_detail(err, DETAIL_SERVICE_STATE, "service '%s' is running already (task %s)",
                                service->name, task->id);
    return task_ask_stop(call->api->db, task->id, err);
}

static bool start_within(struct api_call *call, const struct service *service, const char *task_id,
                         struct error *err)
{
    struct task task;
    bool is_active = false;
    return active_task(call, service->id, &task, &is_active, err) &&
           (!is_active || abandon(call, service, &task, err)) &&
           service_change_within(call->api->db, service->id, SERVICE_EVENT_STARTED_AGAIN, NULL, err) &&
           new_run(call, service->id, task_id, err);
}

static bool end_transaction(struct api_call *call, bool is_done, struct error *err)
{
    if (is_done)
        return db_commit(call->api->db, err);
    db_rollback(call->api->db);
    return false;
}

bool run_control_deploy(struct api_call *call, const struct service *wanted, const char *task_id, bool starts,
                        struct service *ret, struct error *err)
{
    struct service made;
    struct db *db = call->api->db;
    if (!db_begin(db, err))
        return false;
    bool is_done = service_create(db, call->arena, wanted, &made, err);
    if (is_done && starts)
        is_done = new_run(call, made.id, task_id, err);
    else if (is_done)
        is_done =
            service_change_within(db, made.id, SERVICE_EVENT_RUN_STOPPED, "deployed without starting", err);
    return end_transaction(call, is_done, err) &&
           service_find(db, call->caller->project_id, call->arena, made.id, ret, err);
}

bool run_control_start(struct api_call *call, const struct service *service, const char *task_id,
                       struct error *err)
{
    return db_begin(call->api->db, err) &&
           end_transaction(call, start_within(call, service, task_id, err), err);
}

/* What a crash can have left undone: the newest run, or the filtering that follows it. */
static bool unfinished_task(struct api_call *call, const struct service *service, struct task *ret,
                            struct error *err)
{
    const struct task_filter filter = {.project_id = call->caller->project_id,
                                       .kind = task_run_batch.name,
                                       .subject = service->id,
                                       .limit = 1};
    struct task *tasks = NULL;
    size_t count = 0;
    char mining_id[HASH_HEX_BYTES];
    struct task mining;
    struct error none = {0};
    if (!task_list(call->api->db, call->arena, &filter, &tasks, &count, err))
        return false;
    if (count == 0)
        return error_set_detail(err, DETAIL_SERVICE_STATE,
                                "service '%s' has no run to resume; start it instead", service->name);
    *ret = tasks[0];
    if (!is_state(ret, TASK_SUCCEEDED))
        return true;
    run_batch_mining_id(ret->id, mining_id);
    bool is_there = task_get(call->api->db, call->caller->project_id, call->arena, mining_id, &mining, &none);
    if (!is_there || is_state(&mining, TASK_SUCCEEDED))
        return error_set_detail(err, DETAIL_SERVICE_STATE,
                                "the last run of service '%s' is complete; restart without resume",
                                service->name);
    *ret = mining;
    return true;
}

static bool queue_again(struct api_call *call, const struct service *service, const struct task *task,
                        struct error *err)
{
    if (!is_state(task, TASK_QUEUED) && !task_retry(call->api->db, task->id, err))
        return false;
    return strcmp(task->kind, task_run_batch.name) != 0 ||
           service_change_within(call->api->db, service->id, SERVICE_EVENT_STARTED_AGAIN, "resumed", err);
}

bool run_control_resume(struct api_call *call, const struct service *service, struct error *err)
{
    struct task task;
    if (!db_begin(call->api->db, err))
        return false;
    bool is_done = unfinished_task(call, service, &task, err) && queue_again(call, service, &task, err);
    if (!end_transaction(call, is_done, err) ||
        !task_get(call->api->db, call->caller->project_id, call->arena, task.id, &task, err))
        return false;
    reply_task(call->reply, yyjson_mut_obj_add_obj(call->reply, call->root, "task"), &task);
    return true;
}

/* A run that began again beside another would write the same output. */
static bool retry_run(struct api_call *call, const struct task *task, struct error *err)
{
    struct service service;
    struct task active;
    bool is_active = false;
    if (!service_find(call->api->db, call->caller->project_id, call->arena, task->subject, &service, err) ||
        !active_task(call, service.id, &active, &is_active, err))
        return false;
    if (is_active && strcmp(active.id, task->id) != 0)
        return error_set_detail(err, DETAIL_SERVICE_STATE, "service '%s' has another run (task %s)",
                                service.name, active.id);
    return queue_again(call, &service, task, err);
}

bool run_control_retry(struct api_call *call, const struct task *task, struct error *err)
{
    bool is_run = strcmp(task->kind, task_run_batch.name) == 0;
    if (is_state(task, TASK_QUEUED) || !is_run)
        return task_retry(call->api->db, task->id, err);
    return db_begin(call->api->db, err) && end_transaction(call, retry_run(call, task, err), err);
}

/* A run that ends without its worker, before it began or after that died, ends here for its service too. */
static bool tell_service(struct api_call *call, const struct task *task, struct error *err)
{
    struct service service;
    struct error gone = {0};
    if (!task_is_ended(task->state) ||
        !service_find(call->api->db, call->caller->project_id, call->arena, task->subject, &service, &gone))
        return true;
    enum service_status status = service_status_find(service.status);
    if (status != SERVICE_DEPLOYING && status != SERVICE_RUNNING)
        return true;
    return service_change_within(call->api->db, service.id, SERVICE_EVENT_RUN_STOPPED,
                                 "stopped; no process was working on it", err);
}

static bool give_up_within(struct db *db, const struct task *task, const char *why, struct error *err)
{
    bool is_done = false;
    struct error none = {0};
    if (!task_give_up(db, task, why, &is_done, err))
        return false;
    if (!is_done || strcmp(task->kind, task_run_batch.name) != 0 ||
        service_change_within(db, task->subject, SERVICE_EVENT_RUN_FAILED, why, &none))
        return true;
    bool is_elsewhere = none.detail == DETAIL_SERVICE_STATE || none.detail == DETAIL_SERVICE_NOT_FOUND;
    return is_elsewhere || (*err = none, false);
}

bool api_give_up(struct db *db, const struct task *task, const char *why, struct error *err)
{
    if (!db_begin(db, err))
        return false;
    if (give_up_within(db, task, why, err) && db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}

bool run_control_stop_task(struct api_call *call, const struct task *task, struct error *err)
{
    struct task stopped;
    if (strcmp(task->kind, task_run_batch.name) != 0)
        return task_ask_stop(call->api->db, task->id, err);
    if (!db_begin(call->api->db, err))
        return false;
    bool is_done = task_ask_stop(call->api->db, task->id, err) &&
                   task_get(call->api->db, call->caller->project_id, call->arena, task->id, &stopped, err) &&
                   tell_service(call, &stopped, err);
    return end_transaction(call, is_done, err);
}

bool run_control_stop(struct api_call *call, const struct service *service, struct error *err)
{
    struct task task;
    bool is_active = false;
    if (!active_task(call, service->id, &task, &is_active, err))
        return false;
    if (!is_active)
        return error_set_detail(err, DETAIL_SERVICE_STATE, "service '%s' is %s: there is nothing to stop",
                                service->name, service->status);
    if (!run_control_stop_task(call, &task, err) ||
        !task_get(call->api->db, call->caller->project_id, call->arena, task.id, &task, err))
        return false;
    reply_task(call->reply, yyjson_mut_obj_add_obj(call->reply, call->root, "task"), &task);
    return true;
}
