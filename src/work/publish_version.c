/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"
#include "dataset/dataset.h"
#include "work/work.h"

const struct param_spec publish_version_params[] = {
    PARAM(struct publish_version_request, dataset, .type = PARAM_TEXT, .is_required = true,
          .help = "id of the dataset"),
    PARAM(struct publish_version_request, name, .type = PARAM_TEXT, .max = 32,
          .help = "version name; default V001, V002 …"),
    PARAM(struct publish_version_request, description, .type = PARAM_TEXT, .max = 256, .help = "free text"),
    PARAM(struct publish_version_request, hard_attributes, .type = PARAM_BOOL,
          .help = "write hard, hard-coefficient and hard-reasons"),
    PARAM_END,
};

static bool report(struct task_context *context, const struct dataset *dataset,
                   const struct dataset_version *version, struct error *err)
{
    struct work *work = context->app;
    yyjson_mut_doc *doc = context->result;
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    AUTO(arena) arena = arena_new(WORK_ARENA_MAX_BYTES);
    char *path = arena ? path_join(arena, store_url(work->data), version->manifest_key) : NULL;
    if (!path)
        return error_no_memory(err);
    yyjson_mut_doc_set_root(doc, root);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "dataset", dataset->name);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "dataset_id", dataset->id);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "version", version->name);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "manifest_path", path);
    (void)yyjson_mut_obj_add_int(doc, root, "samples", version->samples);
    (void)yyjson_mut_obj_add_int(doc, root, "labeled", version->labeled);
    return true;
}

static bool publish_version(struct task_context *context, struct error *err)
{
    struct work *work = context->app;
    AUTO(arena) arena = arena_new(WORK_ARENA_MAX_BYTES);
    struct publish_version_request request;
    struct dataset dataset;
    struct dataset_version version;
    if (!arena)
        return error_no_memory(err);
    if (!work_request(context, publish_version_params, &request, arena, err) ||
        !dataset_find(context->db, arena, request.dataset, &dataset, err))
        return false;
    task_progress_stage(context->progress, "publishing", dataset.samples);
    const struct dataset_publish publish = {.dataset_id = dataset.id,
                                            .name = request.name,
                                            .description = request.description,
                                            .hard_attributes = request.hard_attributes,
                                            .stop = context->stop,
                                            .done = &context->progress->done};
    return dataset_publish(context->db, work->data, arena, &publish, &version, err) &&
           report(context, &dataset, &version, err);
}

const struct task_kind task_publish_version = {
    .name = "publish_version",
    .summary = "Publishes a dataset version: a manifest that never changes.",
    .run = publish_version,
};
