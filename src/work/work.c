/* SPDX-License-Identifier: Apache-2.0 */
#include "work/work.h"

#include "base/path.h"
#include "dataset/dataset.h"
#include "work/export_dataset.h"

#include <string.h>

const struct task_kind *const all_task_kinds[] = {
    &task_export_dataset,  &task_find_duplicates,
    &task_import_manifest, &task_measure_features,
    &task_merge_dataset,   &task_mine_hard,
    &task_publish_version, &task_run_batch,
    &task_sync_dataset,    NULL,
};

bool work_request(const struct task_context *context, const struct param_spec *specs, void *request,
                  struct arena *arena, struct error *err)
{
    if (params_read_json(specs, request, context->request, arena, err))
        return true;
    return error_wrap(err, "the request of task %s", context->task->id);
}

const char *uploads_folder(struct arena *arena, const char *data_folder, const char *project_id)
{
    return arena_printf(arena, "%s/uploads/%s", data_folder, project_id);
}

bool work_roots(const struct task_context *context, struct arena *arena, const struct roots **ret,
                struct error *err)
{
    const struct work *work = context->app;
    *ret = NULL;
    if (!context->task->roots)
        return true;
    struct roots *roots = arena_alloc(arena, sizeof(*roots));
    const char *data_folder = path_folder(arena, store_url(work->data));
    if (!roots || !data_folder)
        return error_no_memory(err);
    const char *uploads = uploads_folder(arena, data_folder, context->task->project_id);
    return (uploads || error_no_memory(err)) &&
           roots_parse(context->task->roots, data_folder, arena, roots, err) &&
           roots_with_own(roots, uploads, arena, ret, err);
}

bool work_output_dataset(struct db *db, struct arena *arena, const struct work_output *output,
                         struct dataset *ret, struct error *err)
{
    if (!output->dataset == !output->create)
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                "give an existing dataset, or the name of one to create");
    struct dataset dataset;
    const char *wanted = output->dataset ? output->dataset : output->create;
    bool is_found = output->create
                        ? dataset_find_name(db, output->project_id, arena, wanted, &dataset, err)
                        : dataset_find_uncounted(db, output->project_id, arena, wanted, &dataset, err);
    const struct dataset_new request = {output->project_id, output->create, output->model_type,
                                        output->labels};
    if (!is_found && output->create && err->detail == DETAIL_DATASET_NOT_FOUND)
        is_found = dataset_create(db, arena, &request, &dataset, err);
    if (!is_found)
        return false;
    if (strcmp(dataset.dataset_type, output->model_type) != 0)
        return error_set_detail(err, DETAIL_DATASET_TYPE_MISMATCH, "dataset '%s' is %s, the model is %s",
                                dataset.name, dataset.dataset_type, output->model_type);
    *ret = dataset;
    return true;
}
