/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/native.h"

static bool is_under_way(struct api_call *call, bool *ret, struct error *err)
{
    const struct task_filter filter = {.project_id = call->caller->project_id, .kind = call->api->demo->name};
    struct task *tasks = NULL;
    size_t count = 0;
    if (!task_list(call->api->db, call->arena, &filter, &tasks, &count, err))
        return false;
    *ret = false;
    for (size_t i = 0; i < count; i++)
        *ret = *ret || !task_is_ended(tasks[i].state);
    return true;
}

static bool load(struct api_call *call, struct error *err)
{
    bool is_loading = false;
    if (!call->api->demo)
        return error_set(
            err, ERR_NOT_FOUND,
            "the demo's files are not installed; set TROMMEL_SHARE to the folder that has demo/");
    if (!is_under_way(call, &is_loading, err))
        return false;
    if (is_loading)
        return error_set_detail(err, DETAIL_TASK_STATE, "the demo's data is being loaded already");
    const struct task_wish wish = {.kind = call->api->demo, .specs = no_params, .request = no_params};
    return reply_new_task(call, &wish, err);
}

const struct route route_demo_load = {"demo.load",
                                      "POST",
                                      "/api/v1/demo",
                                      no_params,
                                      0,
                                      load,
                                      "Loads the demo's data into the project: models, training datasets, "
                                      "and services that find hard examples.",
                                      ROLE_ADMIN,
                                      202,
                                      &shape_task_shown};
