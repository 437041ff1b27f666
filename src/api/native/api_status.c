/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/native.h"

static bool show(struct api_call *call, struct error *err)
{
    const struct api *api = call->api;
    yyjson_mut_val *status = yyjson_mut_obj_add_obj(call->reply, call->root, "status");
    reply_text(call->reply, status, "version", TROMMEL_VERSION);
    reply_text(call->reply, status, "data_folder", api->data_folder);
    reply_text(call->reply, status, "database", db_scheme(api->db));
    reply_text(call->reply, status, "url", api->url);
    return yyjson_mut_obj_add_uint(call->reply, status, "task_workers", api->task_workers) ||
           error_no_memory(err);
}

const struct route route_status_show = {"status.show",
                                        "GET",
                                        "/api/v1/status",
                                        no_params,
                                        0,
                                        show,
                                        "Tells which server answers, and what it stands on.",
                                        ROLE_READ,
                                        200,
                                        &shape_status_shown};
