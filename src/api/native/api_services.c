/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/native.h"

#include "base/path.h"
#include "base/text.h"
#include "work/manifest_file.h"
#include "work/results.h"

#include <string.h>

enum { SETTINGS_MAX_BYTES = 256 * 1024 };

struct deploy_request {
    const char *name, *model, *input, *output, *description, *task_id;
    bool no_start, hard_examples;
    struct service_settings settings;
    struct hard_settings hard;
};
struct start_request {
    const char *service, *task_id;
    bool resume;
};

static const struct param_spec deploy_params[] = {
    PARAM(struct deploy_request, name, .type = PARAM_TEXT, .is_required = true,
          .help = "name of the service"),
    PARAM(struct deploy_request, model, .type = PARAM_TEXT, .is_required = true,
          .help = "name, name/version or id"),
    PARAM(struct deploy_request, input, .type = PARAM_TEXT, .path = PARAM_PATH, .is_required = true,
          .value_name = "DIR|X.manifest", .help = "the images: a folder with all below it, or a manifest"),
    PARAM(struct deploy_request, output, .type = PARAM_TEXT, .path = PARAM_PATH, .is_required = true,
          .value_name = "DIR", .help = "where the results go; made when missing"),
    PARAM(struct deploy_request, description, .type = PARAM_TEXT, .fallback_text = "", .help = "free text"),
    PARAM(struct deploy_request, task_id, .type = PARAM_TEXT, .value_name = "32 HEX",
          .help = "id of the run; default random"),
    PARAM(struct deploy_request, no_start, .type = PARAM_BOOL,
          .help = "only deploy it; it waits, stopped, for its first run to be started"),
    PARAM(struct deploy_request, hard_examples, .type = PARAM_BOOL,
          .help = "enable hard example filtering, with the settings below"),
    PARAM_TABLE(struct deploy_request, hard, hard_settings_params),
    PARAM_TABLE(struct deploy_request, settings, service_settings_params),
    PARAM_END,
};
static const struct param_spec start_params[] = {
    PARAM(struct start_request, service, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name or id"),
    PARAM(struct start_request, task_id, .type = PARAM_TEXT, .value_name = "32 HEX",
          .help = "id of the run; default random"),
    PARAM_END,
};
static const struct param_spec restart_params[] = {
    PARAM(struct start_request, service, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name or id"),
    PARAM(struct start_request, task_id, .type = PARAM_TEXT, .value_name = "32 HEX",
          .help = "id of the run; default random"),
    PARAM(struct start_request, resume, .type = PARAM_BOOL,
          .help =
              "go on with the last run where it was stopped or killed; finished shards are not done again"),
    PARAM_END,
};

bool reply_service(struct api_call *call, yyjson_mut_val *object, const struct service *service,
                   struct error *err)
{
    struct model model = {0};
    struct error gone = {0};
    struct run run = {0};
    bool has_model =
        model_find(call->api->db, call->caller->project_id, call->arena, service->model_id, &model, &gone);
    bool has_run = service->run_id && run_get(call->api->db, call->caller->project_id, call->arena,
                                              service->run_id, &run, &gone);
    if (!object)
        return error_no_memory(err);
    reply_text(call->reply, object, "id", service->id);
    reply_text(call->reply, object, "name", service->name);
    reply_text(call->reply, object, "description", service->description);
    reply_text(call->reply, object, "status", service->status);
    reply_text(call->reply, object, "error_message", service->error_message);
    reply_text(call->reply, object, "model",
               has_model ? arena_printf(call->arena, "%s/%s", model.name, model.version) : NULL);
    reply_text(call->reply, object, "model_id", service->model_id);
    reply_text(call->reply, object, "model_type", has_model ? model.model_type : NULL);
    reply_text(call->reply, object, "input", service->input_url);
    reply_text(call->reply, object, "output", service->output_url);
    reply_json(call->reply, object, "settings", service->settings_json);
    reply_json(call->reply, object, "hard_example_filtering", service->hard_json);
    reply_text(call->reply, object, "run", service->run_id);
    (void)yyjson_mut_obj_add_int(call->reply, object, "images", has_run ? run.images : 0);
    (void)yyjson_mut_obj_add_int(call->reply, object, "failed", has_run ? run.failed : 0);
    reply_time(call->reply, object, "created", service->created_ms);
    reply_time(call->reply, object, "updated", service->updated_ms);
    return true;
}

static bool settings_text(const struct param_spec *specs, const void *settings, struct buffer *into,
                          struct error *err)
{
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *object = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, object);
    params_write_json(specs, settings, doc, object);
    return json_write(doc, false, into, err);
}

static bool can_read_input(const struct roots *roots, const char *input)
{
    struct store *folder = NULL;
    struct manifest_file manifest;
    struct error ignored = {0};
    if (!text_ends_with(input, ".manifest")) {
        bool is_there = store_open_within(roots, input, false, &folder, &ignored);
        (void)store_free(folder);
        return is_there;
    }
    bool is_there = manifest_file_open(roots, input, &manifest, &ignored);
    manifest_file_release(&manifest);
    return is_there;
}

static bool check_places(const struct api_call *call, char **ret_input, char **ret_output, struct error *err)
{
    const struct deploy_request *request = call->params;
    const struct roots *roots = call->roots;
    struct arena *arena = call->arena;
    struct store *opened = NULL;
    if (!path_absolute(arena, request->input, ret_input, err))
        return error_point(err, "/input");
    if (!path_absolute(arena, request->output, ret_output, err))
        return error_point(err, "/output");
    if (!can_read_input(roots, *ret_input)) {
        (void)error_set_detail(err, DETAIL_PATH_NOT_FOUND,
                               "the input %s is not there, or not a folder or a .manifest file", *ret_input);
        return error_point(err, "/input");
    }
    if (!text_ends_with(*ret_input, ".manifest") && path_is_below(*ret_output, *ret_input)) {
        (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT, "the output %s is inside the input",
                               *ret_output);
        return error_point(err, "/output");
    }
    if (!store_open_within(roots, *ret_output, true, &opened, err))
        return error_point(err, "/output");
    AUTO(store) output = opened;
    return request->settings.allow_foreign_output || results_check_output(output, err) ||
           error_point(err, "/output");
}

static bool create_service(struct api_call *call, const struct model *model, const char *hard,
                           struct error *err)
{
    const struct deploy_request *request = call->params;
    AUTO_BUFFER(settings, SETTINGS_MAX_BYTES);
    struct service service;
    char *input = NULL, *output = NULL;
    if (!check_places(call, &input, &output, err) ||
        !settings_text(service_settings_params, &request->settings, &settings, err))
        return false;
    const struct service wanted = {.project_id = call->caller->project_id,
                                   .name = request->name,
                                   .description = request->description,
                                   .model_id = model->id,
                                   .input_url = input,
                                   .output_url = output,
                                   .settings_json = settings.data,
                                   .hard_json = hard};
    if (request->no_start && request->task_id)
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT, "task_id names a run, and no_start wants none");
    return run_control_deploy(call, &wanted, request->task_id, !request->no_start, &service, err) &&
           reply_service(call, yyjson_mut_obj_add_obj(call->reply, call->root, "service"), &service, err);
}

static bool deploy(struct api_call *call, struct error *err)
{
    const struct deploy_request *request = call->params;
    struct model model;
    struct hard_settings hard = request->hard;
    AUTO_BUFFER(hard_text, SETTINGS_MAX_BYTES);
    if (!model_find(call->api->db, call->caller->project_id, call->arena, request->model, &model, err))
        return error_point(err, "/model");
    if (!request->hard_examples && (hard.train || hard.dataset || hard.create))
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                "train, dataset and create belong to hard_examples: give that too");
    if (request->hard_examples && (!hard_settings_check(call, &model, &hard, err) ||
                                   !settings_text(hard_settings_params, &hard, &hard_text, err)))
        return false;
    return create_service(call, &model, request->hard_examples ? hard_text.data : NULL, err);
}

static bool list(struct api_call *call, struct error *err)
{
    struct service *services = NULL;
    size_t count = 0;
    if (!service_list(call->api->db, call->caller->project_id, call->arena, &services, &count, err))
        return false;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "services");
    for (size_t i = 0; i < count; i++)
        if (!reply_service(call, yyjson_mut_arr_add_obj(call->reply, rows), &services[i], err))
            return false;
    return true;
}

static bool show(struct api_call *call, struct error *err)
{
    const struct named_request *request = call->params;
    struct service service;
    return service_find(call->api->db, call->caller->project_id, call->arena, request->service, &service,
                        err) &&
           reply_service(call, yyjson_mut_obj_add_obj(call->reply, call->root, "service"), &service, err);
}

static bool delete_service(struct api_call *call, struct error *err)
{
    const struct named_request *request = call->params;
    struct service service;
    if (!service_find(call->api->db, call->caller->project_id, call->arena, request->service, &service,
                      err) ||
        !service_delete(call->api->db, call->api->data, call->arena, service.id, err))
        return false;
    reply_text(call->reply, call->root, "deleted", service.id);
    return true;
}

static bool start(struct api_call *call, struct error *err)
{
    const struct start_request *request = call->params;
    struct service service;
    return service_find(call->api->db, call->caller->project_id, call->arena, request->service, &service,
                        err) &&
           run_control_start(call, &service, request->task_id, err) &&
           service_find(call->api->db, call->caller->project_id, call->arena, service.id, &service, err) &&
           reply_service(call, yyjson_mut_obj_add_obj(call->reply, call->root, "service"), &service, err);
}

static bool restart(struct api_call *call, struct error *err)
{
    const struct start_request *request = call->params;
    struct service service;
    if (!request->resume)
        return start(call, err);
    if (request->task_id) {
        (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                               "task_id names a new run, resume goes on with the last one: give one of them");
        return error_point(err, "/task_id");
    }
    return service_find(call->api->db, call->caller->project_id, call->arena, request->service, &service,
                        err) &&
           run_control_resume(call, &service, err);
}

static bool stop(struct api_call *call, struct error *err)
{
    const struct named_request *request = call->params;
    struct service service;
    return service_find(call->api->db, call->caller->project_id, call->arena, request->service, &service,
                        err) &&
           run_control_stop(call, &service, err);
}

static bool events(struct api_call *call, struct error *err)
{
    const struct named_request *request = call->params;
    struct service service;
    struct service_happening *happenings = NULL;
    size_t count = 0;
    if (!service_find(call->api->db, call->caller->project_id, call->arena, request->service, &service,
                      err) ||
        !service_events(call->api->db, call->arena, service.id, &happenings, &count, err))
        return false;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "events");
    for (size_t i = 0; i < count; i++) {
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(call->reply, rows);
        reply_time(call->reply, row, "time", happenings[i].occurred_ms);
        reply_text(call->reply, row, "type", happenings[i].event_type);
        reply_text(call->reply, row, "event", happenings[i].event_info);
    }
    return true;
}

const struct route route_service_deploy = {
    "service.deploy",
    "POST",
    "/api/v1/services",
    deploy_params,
    sizeof(struct deploy_request),
    deploy,
    "Deploys a model as a batch service and starts its first run, unless told not to.",
    ROLE_ADMIN,
    202,
    &shape_service_deployed};
const struct route route_service_list = {
    "service.list", "GET", "/api/v1/services", no_params, 0, list, "Lists batch services, newest first.",
    ROLE_READ,      200,   &shape_services};
const struct route route_service_show = {"service.show",
                                         "GET",
                                         "/api/v1/services/{service}",
                                         service_params,
                                         sizeof(struct named_request),
                                         show,
                                         "Shows one batch service.",
                                         ROLE_READ,
                                         200,
                                         &shape_service_shown};
const struct route route_service_start = {"service.start",
                                          "POST",
                                          "/api/v1/services/{service}/start",
                                          start_params,
                                          sizeof(struct start_request),
                                          start,
                                          "Runs the whole input again with the current settings.",
                                          ROLE_ADMIN,
                                          202,
                                          &shape_service_begun};
const struct route route_service_restart = {"service.restart",
                                            "POST",
                                            "/api/v1/services/{service}/restart",
                                            restart_params,
                                            sizeof(struct start_request),
                                            restart,
                                            "Starts a service again, or resumes its last run.",
                                            ROLE_ADMIN,
                                            202,
                                            &shape_service_begun};
const struct route route_service_stop = {"service.stop",
                                         "POST",
                                         "/api/v1/services/{service}/stop",
                                         service_params,
                                         sizeof(struct named_request),
                                         stop,
                                         "Stops a running service; finished shards stay.",
                                         ROLE_ADMIN,
                                         200,
                                         &shape_task_shown};
const struct route route_service_delete = {
    "service.delete",
    "DELETE",
    "/api/v1/services/{service}",
    service_params,
    sizeof(struct named_request),
    delete_service,
    "Deletes a service with its runs and their records; results in the output folder stay.",
    ROLE_ADMIN,
    200,
    &shape_deleted};
const struct route route_service_events = {"service.events",
                                           "GET",
                                           "/api/v1/services/{service}/events",
                                           service_params,
                                           sizeof(struct named_request),
                                           events,
                                           "Lists what happened to a service.",
                                           ROLE_READ,
                                           200,
                                           &shape_events};
