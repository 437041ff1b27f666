/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"
#include "dataset/version.h"
#include "work/work.h"

#include <stdio.h>
#include <string.h>

const struct param_spec publish_version_params[] = {
    PARAM(struct publish_version_request, dataset, .type = PARAM_TEXT, .is_required = true,
          .help = "id of the dataset"),
    PARAM(struct publish_version_request, name, .type = PARAM_TEXT, .max = 32,
          .help = "version name; default V001, V002 …"),
    PARAM(struct publish_version_request, description, .type = PARAM_TEXT, .max = 256, .help = "free text"),
    PARAM(struct publish_version_request, hard_attributes, .type = PARAM_BOOL,
          .help = "write hard, hard-coefficient and hard-reasons"),
    PARAM(struct publish_version_request, train_ratio, .type = PARAM_NUMBER, .fallback = 1, .min = 0,
          .max = 1,
          .help = "share of the labeled samples that are for training, of each label, the rest for "
                  "evaluation; 0 or 1: no split"),
    PARAM(struct publish_version_request, seed, .type = PARAM_COUNT, .max = PUBLISH_SEED_MAX,
          .help = "which samples go where: the same seed gives the same split"),
    PARAM(struct publish_version_request, keep_usage, .type = PARAM_BOOL,
          .help = "split only samples without usage"),
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

enum { NAME_MAX_BYTES = 256 };

struct publishing {
    struct task_context *context;
    struct work *work;
    struct arena *arena;
    struct publish_version_request request;
    struct dataset dataset;
    struct dataset_version version;
    char note[80]; /* key of the name that this task took, so that a second attempt knows its version */
};

/* The version that an earlier attempt published before it was killed. */
static bool find_published(struct publishing *publishing, bool *ret_found, struct error *err)
{
    struct task_context *context = publishing->context;
    struct error missing = {0};
    struct dataset_version *versions = NULL;
    size_t count = 0;
    AUTO_BUFFER(name, NAME_MAX_BYTES);
    *ret_found = false;
    if (context->task->attempts <= 1)
        return true;
    if (!store_get(publishing->work->data, publishing->note, &name, &missing)) {
        *err = missing;
        return missing.code == ERR_NOT_FOUND;
    }
    if (!dataset_versions(context->db, publishing->arena, publishing->dataset.id, &versions, &count, err))
        return false;
    for (size_t i = 0; i < count && !*ret_found; i++) {
        *ret_found = strcmp(versions[i].name, name.data) == 0;
        publishing->version = versions[i];
    }
    return true;
}

static bool publish(struct publishing *publishing, struct error *err)
{
    struct task_context *context = publishing->context;
    const struct publish_version_request *request = &publishing->request;
    const char *name = NULL;
    if (!version_choose_name(context->db, publishing->arena, publishing->dataset.id, request->name, &name,
                             err) ||
        !store_put(publishing->work->data, publishing->note, (struct bytes){name, strlen(name)}, err))
        return false;
    task_progress_stage(context->progress, "publishing", publishing->dataset.samples);
    const struct dataset_publish wanted = {.project_id = publishing->dataset.project_id,
                                           .dataset_id = publishing->dataset.id,
                                           .name = name,
                                           .description = request->description,
                                           .hard_attributes = request->hard_attributes,
                                           .train_ratio = request->train_ratio,
                                           .seed = request->seed,
                                           .keep_usage = request->keep_usage,
                                           .stop = context->stop,
                                           .done = &context->progress->done};
    return dataset_publish(context->db, publishing->work->data, publishing->arena, &wanted,
                           &publishing->version, err);
}

static bool publish_once(struct publishing *publishing, struct error *err)
{
    struct task_context *context = publishing->context;
    bool is_published = false;
    (void)snprintf(publishing->note, sizeof(publishing->note), "tasks/%s/version", context->task->id);
    if (!work_request(context, publish_version_params, &publishing->request, publishing->arena, err) ||
        !dataset_find(context->db, context->task->project_id, publishing->arena, publishing->request.dataset,
                      &publishing->dataset, err) ||
        !find_published(publishing, &is_published, err))
        return false;
    if (is_published || publish(publishing, err))
        return report(context, &publishing->dataset, &publishing->version, err);
    struct error ignored;
    (void)!store_delete(publishing->work->data, publishing->note, &ignored);
    return false;
}

static bool publish_version(struct task_context *context, struct error *err)
{
    AUTO(arena) arena = arena_new(WORK_ARENA_MAX_BYTES);
    struct publishing publishing = {.context = context, .work = context->app, .arena = arena};
    return arena ? publish_once(&publishing, err) : error_no_memory(err);
}

const struct task_kind task_publish_version = {
    .name = "publish_version",
    .summary = "Publishes a dataset version: a manifest that never changes.",
    .run = publish_version,
};
