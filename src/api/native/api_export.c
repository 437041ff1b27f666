/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/native.h"

#include "base/path.h"
#include "work/export_dataset.h"

static bool export_dataset(struct api_call *call, struct error *err)
{
    struct export_dataset_request wanted = *(const struct export_dataset_request *)call->params;
    struct dataset dataset;
    char *folder = NULL;
    if (!dataset_find_uncounted(call->api->db, call->caller->project_id, call->arena, wanted.dataset,
                                &dataset, err))
        return error_point(err, "/dataset");
    if (!path_absolute(call->arena, wanted.folder, &folder, err))
        return error_point(err, "/folder");
    wanted.dataset = dataset.id;
    wanted.folder = folder;
    const struct task_wish wish = {NULL, &task_export_dataset, dataset.id, export_dataset_params, &wanted};
    return reply_new_task(call, &wish, err);
}

const struct route route_dataset_export = {"dataset.export",
                                           "POST",
                                           "/api/v1/datasets/{dataset}/export-tasks",
                                           export_dataset_params,
                                           sizeof(struct export_dataset_request),
                                           export_dataset,
                                           "Writes a dataset into a folder in a common format.",
                                           ROLE_ADMIN,
                                           202,
                                           &shape_task_shown};
