/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "account/audit.h"
#include "api/native/native.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct route *const all_routes[] = {
    &route_model_import,
    &route_model_list,
    &route_model_show,
    &route_model_test,
    &route_model_delete,

    &route_service_deploy,
    &route_service_list,
    &route_service_show,
    &route_service_edit,
    &route_service_start,
    &route_service_stop,
    &route_service_restart,
    &route_service_delete,
    &route_service_events,
    &route_service_runs,

    &route_hard_show,
    &route_hard_enable,
    &route_hard_disable,
    &route_hard_estimate,

    &route_sample_sync,
    &route_sample_filter,
    &route_sample_tasks,

    &route_dataset_create,
    &route_dataset_list,
    &route_dataset_show,
    &route_dataset_edit,
    &route_dataset_delete,
    &route_dataset_export,
    &route_dataset_import,
    &route_dataset_publish,
    &route_dataset_versions,
    &route_dataset_version_show,
    &route_dataset_version_diff,
    &route_dataset_version_use,
    &route_dataset_version_delete,
    &route_dataset_manifest,
    &route_dataset_duplicates,
    &route_dataset_merge,
    &route_dataset_features,
    &route_dataset_histograms,
    &route_dataset_sources,

    &route_label_list,
    &route_label_create,
    &route_label_edit,
    &route_label_merge,
    &route_label_delete,

    &route_samples_list,
    &route_samples_show,
    &route_samples_decide,
    &route_samples_decide_one,
    &route_samples_image,
    &route_samples_crop,
    &route_samples_augmented,
    &route_samples_explanation,
    &route_samples_neighbors,
    &route_samples_neighbor_image,
    &route_samples_annotate,
    &route_samples_history,
    &route_samples_query,
    &route_samples_facets,
    &route_samples_facets_queried,
    &route_samples_decide_all,

    &route_project_list,
    &route_project_show,
    &route_project_create,
    &route_project_delete,

    &route_task_list,
    &route_task_show,
    &route_task_stop,
    &route_task_retry,
    &route_task_log,
    &route_task_report,
    &route_task_report_page,
    &route_task_duplicates,
    &route_task_merged,

    &route_operation_list,
    &route_operation_show,
    &route_operation_undo,
    &route_operation_redo,

    &route_run_show,
    &route_run_manifest,

    &route_result_list,
    &route_result_show,
    &route_result_image,
    &route_result_crop,

    &route_session_begin,
    &route_session_show,
    &route_session_end,
    &route_session_password,

    &route_setup_admin,

    &route_user_add,
    &route_user_list,
    &route_user_show,
    &route_user_edit,
    &route_user_password,
    &route_user_delete,

    &route_token_create,
    &route_token_list,
    &route_token_delete,

    &route_audit_list,

    &route_status_show,

    &route_settings_list,

    &route_path_show,

    &route_demo_load,

    &route_upload_put,
    &route_upload_list,
    &route_upload_show,
    &route_upload_delete,

    NULL,
};

const struct route *route_find(const char *name)
{
    for (const struct route *const *route = all_routes; *route; route++)
        if (strcmp((*route)->name, name) == 0)
            return *route;
    return NULL;
}

const struct account_caller *api_caller(const struct api *api)
{
    return api->caller ? api->caller : &account_local;
}

const char *api_setting_shown(const struct api_setting *setting)
{
    return setting->value && setting->is_secret ? "(set)" : setting->value;
}

bool api_route_has_task(const struct route *route)
{
    const struct reply_spec *spec = route->reply ? route->reply->members : NULL;
    while (spec && spec->name && strcmp(spec->name, "task") != 0)
        spec++;
    return spec && spec->name;
}

bool api_keep(struct api_call *call, struct error *err)
{
    return !call->keep || call->keep(call->keep_state, call->reply, err);
}

void api_call_release(struct api_call *call)
{
    yyjson_mut_doc_free(call->reply);
    if (call->file.fd >= 0)
        (void)close(call->file.fd);
    if (call->body.is_open)
        (void)close(call->body.fd);
    call->reply = NULL;
    call->file.fd = -1;
    call->body.is_open = false;
}

static bool handle_checked(struct api_call *call, const struct route *route, struct error *err)
{
    return route->handle(call, err) &&
           (!call->api->checks_replies || route->is_file || api_check_reply(route->reply, call->root, err) ||
            error_wrap(err, "the reply of %s", route->name));
}

static bool begin(struct api_call *call, const struct route *route, struct error *err)
{
    void *params = arena_alloc(call->arena, route->params_size + 1);
    if (!call->caller)
        call->caller = api_caller(call->api);
    call->file.fd = -1;
    if (call->caller->role < route->role)
        return error_set(err, ERR_DENIED, "%s needs the role %s, and the caller has %s", route->name,
                         account_role_name(route->role), account_role_name(call->caller->role));
    call->reply = yyjson_mut_doc_new(NULL);
    if (!params || !call->reply)
        return error_no_memory(err);
    call->params = params;
    yyjson_mut_doc_set_root(call->reply, yyjson_mut_obj(call->reply));
    call->root = yyjson_mut_doc_get_root(call->reply);
    return api_settle_roots(call, err) &&
           params_read_json(route->params, params, call->request, call->arena, err) &&
           api_settle_paths(call, route->params, params, err);
}

bool api_answer(struct api_call *call, const struct route *route, struct error *err)
{
    return (call->body.is_open || begin(call, route, err)) && handle_checked(call, route, err);
}

bool api_receive(struct api_call *call, const struct route *route, struct error *err)
{
    return begin(call, route, err) && route->receive(call, err);
}

bool api_handle(struct api *api, const struct route *route, yyjson_val *request, struct arena *arena,
                yyjson_mut_doc **ret_reply, struct error *err)
{
    struct api_call call = {.api = api, .arena = arena, .request = request};
    bool is_done = api_answer(&call, route, err);
    if (api_is_audited(route))
        api_audit(&call, route, is_done ? AUDIT_DONE : error_kind(err->code)->name);
    if (is_done) {
        *ret_reply = call.reply;
        call.reply = NULL;
    }
    api_call_release(&call);
    return is_done;
}

void api_error_json(const struct error *err, yyjson_mut_doc *doc)
{
    const struct error_kind *kind = error_kind(err->code);
    const struct error_detail_row *detail = error_detail_row(err->detail);
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_val *error = yyjson_mut_obj_add_obj(doc, root, "error");
    (void)yyjson_mut_obj_add_str(doc, error, "code", kind->name);
    if (detail->name[0])
        (void)yyjson_mut_obj_add_str(doc, error, "detail", detail->name);
    if (detail->modelarts[0])
        (void)yyjson_mut_obj_add_str(doc, error, "error_code", detail->modelarts);
    (void)yyjson_mut_obj_add_strcpy(doc, error, "message", err->message);
    if (detail->advice[0])
        (void)yyjson_mut_obj_add_str(doc, error, "advice", detail->advice);
    if (err->pointer[0])
        (void)yyjson_mut_obj_add_strcpy(doc, error, "pointer", err->pointer);
    (void)yyjson_mut_obj_add_bool(doc, error, "retryable", kind->retryable);
}
