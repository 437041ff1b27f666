/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"
#include "demo/demo_road.h"
#include "work/work.h"

enum { LOAD_ARENA_BYTES = 256 * 1024 * 1024 };

struct loading {
    struct task_progress *progress;
    int64_t begun; /* steps */
};

static void tell_stage(void *state, const char *static_stage)
{
    struct loading *loading = state;
    atomic_store(&loading->progress->stage, static_stage);
    atomic_store(&loading->progress->done, loading->begun++);
}

/* The task is worked on as a person at the command line would walk the road: by the API, in this process. */
static bool load_kind(struct loading *loading, struct cli *cli, const struct demo_kind *kind,
                      const char *folder, struct error *err)
{
    struct demo_road road = {.cli = cli,
                             .kind = kind,
                             .data = {.folder = folder, .stream_images = kind->stream_images},
                             .tasks_doc = yyjson_mut_doc_new(NULL)};
    if (!road.tasks_doc)
        return error_no_memory(err);
    road.tasks = yyjson_mut_arr(road.tasks_doc);
    yyjson_mut_doc_set_root(road.tasks_doc, road.tasks);
    bool is_done = demo_road_load(&road, tell_stage, loading, err);
    demo_road_release(&road);
    return is_done || error_wrap(err, "%s", kind->service);
}

static bool load_with(struct task_context *context, struct arena *arena, struct error *err)
{
    const struct work *work = context->app;
    const struct cli_environment environment = {.share_folder = work->share_folder, .stop = context->stop};
    const char *data_folder = path_folder(arena, store_url(work->data));
    struct cli cli = {.environment = &environment,
                      .arena = arena,
                      .caller = account_local,
                      .data_folder = data_folder,
                      .api = {.db = context->db, .data = work->data, .data_folder = data_folder},
                      .progress = PROGRESS_NONE};
    cli.caller.project_id = context->task->project_id;
    cli.api.caller = &cli.caller;
    if (!data_folder)
        return error_no_memory(err);
    const char *own = uploads_folder(arena, data_folder, context->task->project_id);
    const char *folder = own ? path_join(arena, own, "demo") : NULL;
    if (!folder)
        return error_no_memory(err);
    size_t kinds = 0;
    while (demo_kinds[kinds])
        kinds++;
    task_progress_stage(context->progress, "making images", (int64_t)(kinds * DEMO_LOAD_STEPS));
    struct loading loading = {.progress = context->progress};
    for (size_t i = 0; i < kinds; i++)
        if (!load_kind(&loading, &cli, demo_kinds[i], folder, err))
            return false;
    yyjson_mut_val *result = yyjson_mut_obj(context->result);
    yyjson_mut_doc_set_root(context->result, result);
    yyjson_mut_val *datasets = yyjson_mut_obj_add_arr(context->result, result, "datasets");
    for (size_t i = 0; i < kinds; i++)
        (void)yyjson_mut_arr_add_str(context->result, datasets, demo_kinds[i]->hard);
    return true;
}

static bool run(struct task_context *context, struct error *err)
{
    const struct work *work = context->app;
    AUTO(arena) arena = arena_new(LOAD_ARENA_BYTES);
    if (!arena)
        return error_no_memory(err);
    if (!work->share_folder)
        return error_set(err, ERR_NOT_FOUND, "the demo's files are not installed");
    return load_with(context, arena, err);
}

const struct task_kind task_load_demo = {
    .name = "load_demo",
    .summary = "Loads the demo's data: models, training datasets, and services that find hard examples.",
    .run = run};
