/* SPDX-License-Identifier: Apache-2.0 */
/* Hard example filtering and synchronizing: the Sample tab of a batch service. */
#include "api/native/native.h"

#include <string.h>

enum { SETTINGS_MAX_BYTES = 256 * 1024 };

struct hard_request {
    const char *service;
    bool replace;
    struct hard_settings hard;
};
struct filter_request {
    const char *service, *task_id;
    struct hard_settings hard;
};
struct sync_request {
    const char *service, *dataset, *create;
};

static const struct param_spec enable_params[] = {
    PARAM(struct hard_request, service, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name or id"),
    PARAM(struct hard_request, replace, .type = PARAM_BOOL,
          .help = "change the settings when it is enabled already"),
    PARAM_TABLE(struct hard_request, hard, hard_settings_params),
    PARAM_END,
};
static const struct param_spec filter_params[] = {
    PARAM(struct filter_request, service, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name or id"),
    PARAM(struct filter_request, task_id, .type = PARAM_TEXT, .value_name = "32 HEX",
          .help = "id of the task; default random"),
    PARAM_TABLE(struct filter_request, hard, hard_settings_params),
    PARAM_END,
};
static const struct param_spec sync_params[] = {
    PARAM(struct sync_request, service, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name or id"),
    PARAM(struct sync_request, dataset, .type = PARAM_TEXT,
          .help = "an existing dataset of the model's type"),
    PARAM(struct sync_request, create, .type = PARAM_TEXT, .value_name = "NAME",
          .help = "or: the name of a new one"),
    PARAM_END,
};

static bool find(struct api_call *call, const char *reference, struct service *service, struct model *model,
                 struct error *err)
{
    return service_find(call->api->db, call->caller->project_id, call->arena, reference, service, err) &&
           model_find(call->api->db, call->caller->project_id, call->arena, service->model_id, model, err);
}

static void reply_hard(struct api_call *call, const struct service *service, const char *hard_json)
{
    reply_text(call->reply, call->root, "service", service->name);
    (void)yyjson_mut_obj_add_bool(call->reply, call->root, "is_enabled", hard_json != NULL);
    reply_json(call->reply, call->root, "hard_example_filtering", hard_json);
}

static bool show(struct api_call *call, struct error *err)
{
    const struct named_request *request = call->params;
    struct service service;
    if (!service_find(call->api->db, call->caller->project_id, call->arena, request->service, &service, err))
        return false;
    reply_hard(call, &service, service.hard_json);
    return true;
}

static bool enable(struct api_call *call, struct error *err)
{
    const struct hard_request *request = call->params;
    struct service service;
    struct model model;
    struct hard_settings hard = request->hard;
    AUTO_BUFFER(text, SETTINGS_MAX_BYTES);
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    if (!find(call, request->service, &service, &model, err))
        return false;
    if (service.hard_json && !request->replace)
        return error_set_detail(err, DETAIL_HARD_ALREADY_ENABLED,
                                "hard example filtering is enabled already for '%s'", service.name);
    if (!hard_settings_check(call, &model, &hard, err))
        return false;
    yyjson_mut_val *object = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, object);
    params_write_json(hard_settings_params, &hard, doc, object);
    if (!json_write(doc, false, &text, err) || !service_set_hard(call->api->db, service.id, text.data, err) ||
        !service_note(call->api->db, service.id, "normal",
                      "hard example filtering enabled; it acts on the next run", err))
        return false;
    reply_hard(call, &service, text.data);
    return true;
}

static bool disable(struct api_call *call, struct error *err)
{
    const struct named_request *request = call->params;
    struct service service;
    if (!service_find(call->api->db, call->caller->project_id, call->arena, request->service, &service, err))
        return false;
    if (!service.hard_json)
        return error_set_detail(err, DETAIL_HARD_NOT_ENABLED,
                                "hard example filtering is not enabled for '%s'", service.name);
    if (!service_set_hard(call->api->db, service.id, NULL, err) ||
        !service_note(call->api->db, service.id, "normal", "hard example filtering disabled", err))
        return false;
    reply_hard(call, &service, NULL);
    return true;
}

/* Settings given here win; without any output the service's own settings are used. */
static bool settings_for_now(struct api_call *call, const struct service *service, const struct model *model,
                             struct hard_settings *hard, struct error *err)
{
    if (hard->dataset || hard->create)
        return hard_settings_check(call, model, hard, err);
    if (!service->hard_json)
        return error_set_detail(
            err, DETAIL_HARD_NOT_ENABLED,
            "hard example filtering is not enabled for '%s': enable it, or give an output dataset",
            service->name);
    AUTO_JSON stored = NULL;
    const char *text = service->hard_json;
    return json_parse((struct bytes){text, strlen(text)}, "the stored settings", &stored, err) &&
           params_read_json(hard_settings_params, hard, yyjson_doc_get_root(stored), call->arena, err) &&
           hard_settings_check(call, model, hard, err);
}

static bool filter(struct api_call *call, struct error *err)
{
    const struct filter_request *request = call->params;
    struct service service;
    struct model model;
    struct run run;
    struct mine_hard_request mining = {.hard = request->hard};
    if (!find(call, request->service, &service, &model, err) ||
        !run_latest(call->api->db, call->arena, &service, &run, err) ||
        !settings_for_now(call, &service, &model, &mining.hard, err))
        return false;
    mining.service = service.id;
    mining.run = run.id;
    const struct task_wish wish = {request->task_id, &task_mine_hard, service.id, mine_hard_params, &mining};
    return reply_new_task(call, &wish, err);
}

static bool sync(struct api_call *call, struct error *err)
{
    const struct sync_request *request = call->params;
    struct service service;
    struct model model;
    struct run run;
    if (!find(call, request->service, &service, &model, err) ||
        !run_latest(call->api->db, call->arena, &service, &run, err))
        return false;
    const struct output_wish output = {request->dataset, request->create, model.model_type, "service",
                                       service.name};
    if (!output_dataset_check(call, &output, err))
        return false;
    const struct sync_dataset_request wanted = {service.id, run.id, request->dataset, request->create};
    const struct task_wish wish = {NULL, &task_sync_dataset, service.id, sync_dataset_params, &wanted};
    return reply_new_task(call, &wish, err);
}

/* What the Sample tab calls the state of a collection task. */
static const char *sample_status(const struct task *task)
{
    if (strcmp(task->state, task_state_name(TASK_SUCCEEDED)) == 0) {
        AUTO_JSON result =
            task->result_json ? yyjson_read(task->result_json, strlen(task->result_json), 0) : NULL;
        yyjson_val *hard = yyjson_obj_get(yyjson_doc_get_root(result), "hard");
        return hard && yyjson_get_int(hard) == 0 ? "No samples" : "Dataset imported";
    }
    return strcmp(task->state, task_state_name(TASK_RUNNING)) == 0 ? task->stage : task->state;
}

static bool tasks(struct api_call *call, struct error *err)
{
    const struct named_request *request = call->params;
    struct service service;
    struct task *list = NULL;
    size_t count = 0;
    if (!service_find(call->api->db, call->caller->project_id, call->arena, request->service, &service, err))
        return false;
    const struct task_filter wanted = {.project_id = call->caller->project_id, .subject = service.id};
    if (!task_list(call->api->db, call->arena, &wanted, &list, &count, err))
        return false;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "tasks");
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].kind, task_run_batch.name) == 0)
            continue;
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(call->reply, rows);
        reply_text(call->reply, row, "status", sample_status(&list[i]));
        reply_task(call->reply, row, &list[i]);
    }
    return true;
}

#define HARD_PATH "/api/v1/services/{service}/hard-example-filtering"

const struct route route_hard_show = {"hard.show",
                                      "GET",
                                      HARD_PATH,
                                      service_params,
                                      sizeof(struct named_request),
                                      show,
                                      "Shows the hard example filtering of a service.",
                                      ROLE_READ,
                                      200,
                                      &shape_hard_filtering};
const struct route route_hard_enable = {"hard.enable",
                                        "PUT",
                                        HARD_PATH,
                                        enable_params,
                                        sizeof(struct hard_request),
                                        enable,
                                        "Enables hard example filtering; it acts on the next run.",
                                        ROLE_ADMIN,
                                        200,
                                        &shape_hard_filtering};
const struct route route_hard_disable = {"hard.disable",
                                         "DELETE",
                                         HARD_PATH,
                                         service_params,
                                         sizeof(struct named_request),
                                         disable,
                                         "Disables hard example filtering.",
                                         ROLE_ADMIN,
                                         200,
                                         &shape_hard_filtering};
const struct route route_sample_filter = {
    "sample.filter",
    "POST",
    "/api/v1/services/{service}/sample-tasks/filter",
    filter_params,
    sizeof(struct filter_request),
    filter,
    "Filters hard examples out of the stored results of the last finished run, now.",
    ROLE_ADMIN,
    202,
    &shape_task_shown};
const struct route route_sample_sync = {
    "sample.sync",
    "POST",
    "/api/v1/services/{service}/sample-tasks/sync",
    sync_params,
    sizeof(struct sync_request),
    sync,
    "Synchronizes the input data to a dataset, unlabeled, without filtering.",
    ROLE_ADMIN,
    202,
    &shape_task_shown};
const struct route route_sample_tasks = {"sample.tasks",
                                         "GET",
                                         "/api/v1/services/{service}/sample-tasks",
                                         service_params,
                                         sizeof(struct named_request),
                                         tasks,
                                         "Lists the synchronizing and filtering tasks of a service.",
                                         ROLE_READ,
                                         200,
                                         &shape_sample_tasks};
