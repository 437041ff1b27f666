/* SPDX-License-Identifier: Apache-2.0 */
/* What may be changed of a service: its description, and how its next run works. */
#include "api/native/native.h"

#include <string.h>

enum { SETTINGS_MAX_BYTES = 256 * 1024 };

struct edit_request {
    const char *service, *description;
    struct service_settings settings; /* only those that the request names count */
};
static const struct param_spec edit_params[] = {
    PARAM(struct edit_request, service, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name or id"),
    PARAM(struct edit_request, description, .type = PARAM_TEXT, .help = "free text"),
    PARAM_TABLE(struct edit_request, settings, service_settings_params),
    PARAM_END,
};

/* The settings kept, with those that the request names in their place. */
static bool merge_settings(const struct api_call *call, const char *kept, struct buffer *into, bool *ret_any,
                           struct error *err)
{
    AUTO_JSON before = NULL;
    AUTO_MUT_JSON after = yyjson_mut_doc_new(NULL);
    size_t index, max;
    yyjson_val *key, *value;
    if (!json_parse((struct bytes){kept, strlen(kept)}, "the settings of the service", &before, err))
        return false;
    yyjson_mut_val *root = yyjson_val_mut_copy(after, yyjson_doc_get_root(before));
    if (!root)
        return error_no_memory(err);
    yyjson_mut_doc_set_root(after, root);
    yyjson_obj_foreach(call->request, index, max, key, value)
    {
        const char *name = yyjson_get_str(key);
        if (yyjson_is_null(value) || !params_find(service_settings_params, name))
            continue;
        *ret_any = true;
        if (!yyjson_mut_obj_put(root, yyjson_mut_strcpy(after, name), yyjson_val_mut_copy(after, value)))
            return error_no_memory(err);
    }
    return json_write(after, false, into, err);
}

static bool edit(struct api_call *call, struct error *err)
{
    const struct edit_request *request = call->params;
    AUTO_BUFFER(settings, SETTINGS_MAX_BYTES);
    struct service service;
    bool has_settings = false;
    if (!service_find(call->api->db, call->caller->project_id, call->arena, request->service, &service,
                      err) ||
        !merge_settings(call, service.settings_json, &settings, &has_settings, err))
        return false;
    if (!has_settings && !request->description)
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                "nothing is to be changed: give description or a setting");
    return service_edit(call->api->db, &service, request->description, has_settings ? settings.data : NULL,
                        err) &&
           service_find(call->api->db, call->caller->project_id, call->arena, service.id, &service, err) &&
           reply_service(call, yyjson_mut_obj_add_obj(call->reply, call->root, "service"), &service, err);
}

const struct route route_service_edit = {
    "service.edit",
    "PATCH",
    "/api/v1/services/{service}",
    edit_params,
    sizeof(struct edit_request),
    edit,
    "Changes a service's description, or settings of its next run; what is not given stays.",
    ROLE_ADMIN,
    200,
    &shape_service_shown};
