/* SPDX-License-Identifier: Apache-2.0 */
#include "work/run_batch.h"

#include "base/clock.h"
#include "base/hash.h"
#include "work/results.h"
#include "work/scan.h"
#include "work/work.h"

#include <stdio.h>
#include <string.h>

const struct param_spec run_batch_params[] = {
    PARAM(struct run_batch_request, service, .type = PARAM_TEXT, .is_required = true,
          .help = "id of the batch service"),
    PARAM_END,
};

struct running {
    struct task_context *context;
    struct work *work;
    struct arena *arena;
    struct service service;
    struct run run;
    struct service_settings settings;
    struct model model;
    struct store *output;
    const struct roots *roots;
    struct inputs inputs;
    struct results_counts counts;
    char folder[64];
    double scan_seconds;
    uint64_t scanned;
};

/* A process that slept past its lease must not speak for a run that another one goes on with. */
static bool check_is_ours(struct running *running, struct error *err)
{
    const struct task *ours = running->context->task;
    struct task now;
    if (!task_get(running->context->db, running->context->task->project_id, running->arena, ours->id, &now,
                  err))
        return false;
    return now.attempts == ours->attempts ||
           error_set(err, ERR_CANCELLED, "another process has taken the run over");
}

static bool change_service(struct running *running, enum service_event event, const char *info,
                           struct error *err)
{
    struct db *db = running->context->db;
    if (!db_begin(db, err))
        return false;
    if (check_is_ours(running, err) && service_change_within(db, running->service.id, event, info, err) &&
        db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}

/* The run takes the service's settings at its first beginning and keeps them when it is resumed. */
static bool begin_run(struct running *running, struct error *err)
{
    struct task_context *context = running->context;
    const char *id = context->task->id;
    struct error missing = {0};
    if (!run_get(context->db, context->task->project_id, running->arena, id, &running->run, &missing)) {
        if (missing.detail != DETAIL_NO_SAMPLES || !run_create(context->db, id, &running->service, err))
            return missing.detail == DETAIL_NO_SAMPLES ? false : (*err = missing, false);
        if (!run_get(context->db, context->task->project_id, running->arena, id, &running->run, err))
            return false;
    }
    AUTO_JSON settings = NULL;
    const char *text = running->run.settings_json;
    if (!json_parse((struct bytes){text, strlen(text)}, "the service's settings", &settings, err) ||
        !params_read_json(service_settings_params, &running->settings, yyjson_doc_get_root(settings),
                          running->arena, err))
        return false;
    (void)snprintf(running->folder, sizeof(running->folder), "runs/%s", id);
    return model_find(context->db, context->task->project_id, running->arena, running->run.model_id,
                      &running->model, err) &&
           change_service(running, SERVICE_EVENT_RUN_BEGAN, NULL, err);
}

/* Found out before hours are spent, not after. */
static bool open_output(struct running *running, struct error *err)
{
    if (!store_open_within(running->roots, running->run.output_url, true, &running->output, err))
        return error_wrap(err, "the output");
    return running->settings.allow_foreign_output || results_check_output(running->output, err);
}

static bool list_inputs(struct running *running, struct error *err)
{
    struct task_context *context = running->context;
    task_progress_stage(context->progress, "listing", 0);
    const struct inputs_request request = {.roots = running->roots,
                                           .data = running->work->data,
                                           .folder = running->folder,
                                           .input_url = running->run.input_url,
                                           .shard_images = (uint32_t)running->settings.shard_images,
                                           .stop = context->stop,
                                           .done = &context->progress->done};
    return inputs_make(&request, running->arena, &running->inputs, err);
}

static bool predict(struct running *running, struct error *err)
{
    struct task_context *context = running->context;
    struct model_runner *opened = NULL;
    if (!model_runner_open(running->work->data, &running->model, &opened, err))
        return false;
    AUTO(model_runner) runner = opened;
    task_progress_stage(context->progress, "predicting", (int64_t)running->inputs.count);
    const struct scan_request request = {.roots = running->roots,
                                         .data = running->work->data,
                                         .folder = running->folder,
                                         .inputs = &running->inputs,
                                         .runner = runner,
                                         .model_hash = running->model.content_hash,
                                         .threads = (uint32_t)running->settings.threads,
                                         .accept_partial = running->settings.accept_partial,
                                         .stop = context->stop,
                                         .progress = context->progress};
    double start = clock_steady_seconds();
    bool is_done = scan_run(&request, &running->scanned, err);
    running->scan_seconds = clock_steady_seconds() - start;
    return is_done;
}

static bool write_results(struct running *running, struct error *err)
{
    struct task_context *context = running->context;
    task_progress_stage(context->progress, "writing results", (int64_t)running->inputs.count);
    const struct results_request request = {.data = running->work->data,
                                            .output = running->output,
                                            .folder = running->folder,
                                            .task_id = context->task->id,
                                            .inputs = &running->inputs,
                                            .threads = (uint32_t)running->settings.threads,
                                            .stop = context->stop,
                                            .progress = context->progress};
    return results_write(&request, &running->counts, err);
}

void run_batch_mining_id(const char *run_id, char ret_id[HASH_HEX_BYTES])
{
    struct hash hash;
    hash_start(&hash);
    hash_add_text(&hash, "mine_hard");
    hash_add_text(&hash, run_id);
    hash_finish(&hash, ret_id);
}

/* Filtering was configured when the run began: its task follows. The id comes from the run's, so a repeated
 * end queues no second. */
static bool queue_mining(struct running *running, yyjson_mut_doc *result, yyjson_mut_val *root,
                         struct error *err)
{
    const char *hard = running->run.hard_json;
    char id[HASH_HEX_BYTES];
    if (!hard)
        return true;
    AUTO_BUFFER(text, TASK_REQUEST_MAX_BYTES);
    AUTO_JSON settings = NULL;
    if (!json_parse((struct bytes){hard, strlen(hard)}, "the hard example settings", &settings, err))
        return false;
    AUTO_MUT_JSON request = yyjson_doc_mut_copy(settings, NULL);
    yyjson_mut_val *object = yyjson_mut_doc_get_root(request);
    (void)yyjson_mut_obj_add_str(request, object, "service", running->service.id);
    (void)yyjson_mut_obj_add_str(request, object, "run", running->run.id);
    if (!json_write(request, false, &text, err))
        return false;
    run_batch_mining_id(running->run.id, id);
    const struct task_new task = {.id = id,
                                  .project_id = running->context->task->project_id,
                                  .roots = running->context->task->roots,
                                  .kind = task_mine_hard.name,
                                  .subject = running->service.id,
                                  .request_json = text.data};
    char created[HASH_HEX_BYTES];
    if (!task_create(running->context->db, &task, created, err) && err->code != ERR_CONFLICT)
        return false;
    return yyjson_mut_obj_add_strcpy(result, root, "next_task", id) || error_no_memory(err);
}

static bool report(struct running *running, struct error *err)
{
    struct task_context *context = running->context;
    yyjson_mut_doc *doc = context->result;
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    char manifest[PATH_MAX_BYTES];
    (void)snprintf(manifest, sizeof(manifest), "%s/infer-result-%s.manifest", running->run.output_url,
                   context->task->id);
    yyjson_mut_doc_set_root(doc, root);
    (void)yyjson_mut_obj_add_uint(doc, root, "images", running->counts.images);
    (void)yyjson_mut_obj_add_uint(doc, root, "failed", running->counts.failed);
    (void)yyjson_mut_obj_add_uint(doc, root, "skipped", running->inputs.skipped);
    (void)yyjson_mut_obj_add_real(doc, root, "predict_seconds", running->scan_seconds);
    (void)yyjson_mut_obj_add_uint(doc, root, "predicted_now", running->scanned);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "result_manifest", manifest);
    return run_finish(context->db, running->run.id, (int64_t)running->counts.images,
                      (int64_t)running->counts.failed, (int64_t)running->inputs.skipped, err) &&
           queue_mining(running, doc, root, err);
}

static bool run_stages(struct running *running, struct error *err)
{
    if (!begin_run(running, err) || !open_output(running, err) || !list_inputs(running, err) ||
        !predict(running, err) || !write_results(running, err) || !report(running, err))
        return false;
    char info[160];
    (void)snprintf(info, sizeof(info), "%llu images predicted, %llu failed, %llu files skipped",
                   (unsigned long long)(running->counts.images - running->counts.failed),
                   (unsigned long long)running->counts.failed, (unsigned long long)running->inputs.skipped);
    return change_service(running, SERVICE_EVENT_RUN_FINISHED, info, err);
}

static bool run_batch(struct task_context *context, struct error *err)
{
    AUTO(arena) arena = arena_new(WORK_ARENA_MAX_BYTES);
    struct running running = {.context = context, .work = context->app, .arena = arena};
    struct run_batch_request request;
    if (!arena)
        return error_no_memory(err);
    if (!work_request(context, run_batch_params, &request, arena, err) ||
        !work_roots(context, arena, &running.roots, err) ||
        !service_find(context->db, context->task->project_id, arena, request.service, &running.service, err))
        return false;
    bool is_done = run_stages(&running, err);
    running.output = store_free(running.output);
    if (is_done)
        return true;
    struct error ignored = {0};
    bool was_stopped = err->code == ERR_CANCELLED;
    (void)!change_service(&running, was_stopped ? SERVICE_EVENT_RUN_STOPPED : SERVICE_EVENT_RUN_FAILED,
                          was_stopped ? "stopped; finished shards are kept" : err->message, &ignored);
    return false;
}

const struct task_kind task_run_batch = {
    .name = "run_batch",
    .summary = "Runs a batch service: lists the input, predicts every image, writes the results.",
    .run = run_batch,
};
