/* SPDX-License-Identifier: Apache-2.0 */
#include "work/mine_views.h"

#include <string.h>

static int64_t copies_in(const uint16_t *wanted, uint64_t count)
{
    int64_t copies = 0;
    for (uint64_t i = 0; i < count; i++)
        copies += __builtin_popcount(wanted[i]);
    return copies;
}

static bool measure(void *state, bool of_training, const struct augment_settings *settings,
                    const uint16_t *wanted, struct error *err)
{
    struct mine_views *views = state;
    if (views->only_kept)
        return true;
    const struct record_set *records = of_training ? views->training : views->records;
    struct task_progress *progress = views->progress;
    const char *stage = atomic_load(&progress->stage);
    int64_t done = atomic_load(&progress->done), total = atomic_load(&progress->total);
    task_progress_stage(progress, "reinferring", copies_in(wanted, record_set_count(records)));
    const struct reinfer_request request = {
        .images = {.roots = of_training ? views->training_roots : views->roots,
                   .data = views->data,
                   .folder = of_training ? views->training_folder : views->run_folder,
                   .records = records,
                   .accept_partial = !of_training && views->accept_partial,
                   .stop = views->stop,
                   .progress = progress},
        .model = views->model,
        .runner = &views->runner,
        .settings = settings,
        .wanted = wanted,
    };
    struct reinfer_counts counts = {0};
    bool is_done = reinfer_run(&request, &counts, err);
    views->inferred += counts.measured;
    /* Each time more is wanted, and what was gone is gone again. */
    views->gone[of_training] =
        counts.gone > views->gone[of_training] ? counts.gone : views->gone[of_training];
    /* The mining that asked goes on with what it was at. */
    task_progress_stage(progress, stage, total);
    atomic_store(&progress->done, done);
    return is_done;
}

static bool read(void *state, const struct mining_view_query *query, struct view *ret, struct error *err)
{
    const struct mine_views *views = state;
    char key[VIEW_KEY_BYTES];
    view_key(query->of_training ? views->training_folder : views->run_folder, query->setting, query->shard,
             key);
    return view_read(views->data, key, record_shard_count(query->records), ret, err);
}

/* Records lie in FOLDER/records. */
static bool folder_of(const char *records, char ret_folder[PROFILE_FOLDER_BYTES], struct error *err)
{
    const char *end = strrchr(records, '/');
    size_t bytes = end ? (size_t)(end - records) : 0;
    if (bytes >= PROFILE_FOLDER_BYTES)
        return error_set(err, ERR_INVALID, "records lie in a folder with too long a name");
    memcpy(ret_folder, records, bytes);
    ret_folder[bytes] = '\0';
    return true;
}

bool mine_views_start(struct mine_views *views, struct error *err)
{
    if (!folder_of(views->run_records, views->run_folder, err) ||
        !folder_of(views->training_records, views->training_folder, err) ||
        (views->training_records[0] &&
         !record_set_open(views->data, views->training_records, &views->training, err)))
        return false;
    views->views =
        (struct mining_views){.state = views, .training = views->training, .measure = measure, .read = read};
    return true;
}

void mine_views_release(struct mine_views *views)
{
    views->runner = model_runner_free(views->runner);
    views->training = record_set_free(views->training);
}
