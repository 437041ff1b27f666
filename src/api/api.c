/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "api/native/native.h"

#include <stdlib.h>
#include <string.h>

const struct route *const all_routes[] = {
    &route_model_import,
    &route_model_list,
    &route_model_show,
    &route_model_test,
    &route_model_delete,
    &route_service_deploy,
    &route_service_list,
    &route_service_show,
    &route_service_start,
    &route_service_stop,
    &route_service_restart,
    &route_service_delete,
    &route_service_events,
    &route_service_runs,
    &route_hard_show,
    &route_hard_enable,
    &route_hard_disable,
    &route_sample_sync,
    &route_sample_filter,
    &route_sample_tasks,
    &route_dataset_create,
    &route_dataset_list,
    &route_dataset_show,
    &route_dataset_delete,
    &route_dataset_import,
    &route_dataset_publish,
    &route_dataset_versions,
    &route_samples_list,
    &route_samples_show,
    &route_samples_decide,
    &route_task_list,
    &route_task_show,
    &route_task_stop,
    &route_task_retry,
    NULL,
};

const struct route *route_find(const char *name)
{
    for (const struct route *const *route = all_routes; *route; route++)
        if (strcmp((*route)->name, name) == 0)
            return *route;
    return NULL;
}

bool api_handle(struct api *api, const struct route *route, yyjson_val *request, struct arena *arena,
                yyjson_mut_doc **ret_reply, struct error *err)
{
    void *params = arena_alloc(arena, route->params_size + 1);
    yyjson_mut_doc *reply = yyjson_mut_doc_new(NULL);
    bool is_done = (params && reply) || error_no_memory(err);
    if (is_done) {
        yyjson_mut_doc_set_root(reply, yyjson_mut_obj(reply));
        struct api_call call = {.api = api,
                                .arena = arena,
                                .request = request,
                                .params = params,
                                .reply = reply,
                                .root = yyjson_mut_doc_get_root(reply)};
        is_done = params_read_json(route->params, params, request, arena, err) && route->handle(&call, err);
    }
    if (!is_done) {
        yyjson_mut_doc_free(reply);
        return false;
    }
    *ret_reply = reply;
    return true;
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
