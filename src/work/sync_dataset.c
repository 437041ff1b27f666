/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/dataset.h"
#include "record/record.h"
#include "work/work.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct param_spec sync_dataset_params[] = {
    PARAM(struct sync_dataset_request, service, .type = PARAM_TEXT, .is_required = true,
          .help = "id of the batch service"),
    PARAM(struct sync_dataset_request, run, .type = PARAM_TEXT, .is_required = true,
          .help = "id of the finished run"),
    PARAM(struct sync_dataset_request, dataset, .type = PARAM_TEXT, .help = "existing dataset"),
    PARAM(struct sync_dataset_request, create, .type = PARAM_TEXT, .help = "name of a new dataset"),
    PARAM_END,
};

struct syncing {
    struct task_context *context;
    const struct record_set *set;
    struct dataset dataset;
    struct sample_add_counts counts;
    int64_t left_out; /* images that could not be read: nobody could label them */
};

static bool sync_shard(struct syncing *syncing, uint32_t number, struct error *err)
{
    struct record_shard *opened = NULL;
    if (!record_shard_open(syncing->set, number, &opened, err))
        return false;
    AUTO(record_shard) shard = opened;
    uint32_t count = record_shard_count(shard);
    struct sample_new *samples = calloc(count + 1U, sizeof(*samples));
    if (!samples)
        return error_no_memory(err);
    size_t readable = 0;
    for (uint32_t row = 0; row < count; row++) {
        struct record record;
        record_shard_get(shard, row, &record);
        if (record.error) {
            syncing->left_out++;
            continue;
        }
        samples[readable++] = (struct sample_new){.source = record.source,
                                                  .state = SAMPLE_UNLABELED,
                                                  .content_hash = record.content_hash,
                                                  .width = record.width,
                                                  .height = record.height,
                                                  .hard_coefficient = (double)NAN,
                                                  .origin = "synchronize",
                                                  .origin_task = syncing->context->task->id};
    }
    const struct sample_batch batch = {samples, readable, SAMPLE_MERGE_KEEP};
    bool is_done = samples_add(syncing->context->db, syncing->dataset.id, &batch, &syncing->counts, err);
    free(samples);
    atomic_fetch_add(&syncing->context->progress->done, (int_fast64_t)count);
    return is_done;
}

static void report(const struct syncing *syncing)
{
    yyjson_mut_doc *doc = syncing->context->result;
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    (void)yyjson_mut_obj_add_int(doc, root, "added", syncing->counts.added);
    (void)yyjson_mut_obj_add_int(doc, root, "unchanged", syncing->counts.unchanged);
    (void)yyjson_mut_obj_add_int(doc, root, "left_out", syncing->left_out);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "dataset", syncing->dataset.name);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "dataset_id", syncing->dataset.id);
}

static bool sync_all(struct syncing *syncing, struct error *err)
{
    task_progress_stage(syncing->context->progress, "importing", (int64_t)record_set_count(syncing->set));
    for (uint32_t shard = 0; shard < record_set_shards(syncing->set); shard++) {
        if (atomic_load(&syncing->context->stop->is_set))
            return error_set(err, ERR_CANCELLED, "stopped");
        if (!sync_shard(syncing, shard, err))
            return false;
    }
    report(syncing);
    return true;
}

static bool sync_dataset(struct task_context *context, struct error *err)
{
    struct work *work = context->app;
    AUTO(arena) arena = arena_new(WORK_ARENA_MAX_BYTES);
    struct syncing syncing = {.context = context};
    struct sync_dataset_request request;
    struct record_set *opened = NULL;
    struct run run;
    if (!arena)
        return error_no_memory(err);
    if (!work_request(context, sync_dataset_params, &request, arena, err) ||
        !run_get(context->db, context->task->project_id, arena, request.run, &run, err) ||
        !record_set_open(work->data, run.records_key, &opened, err))
        return false;
    AUTO(record_set) set = opened;
    const struct work_output output = {.project_id = context->task->project_id,
                                       .dataset = request.dataset,
                                       .create = request.create,
                                       .model_type = model_type_name(record_set_header(set)->type)};
    syncing.set = set;
    return work_output_dataset(context->db, arena, &output, &syncing.dataset, err) && sync_all(&syncing, err);
}

const struct task_kind task_sync_dataset = {
    .name = "sync_dataset",
    .summary = "Synchronizes the input data of a batch service to a dataset, unlabeled, without filtering.",
    .run = sync_dataset,
};
