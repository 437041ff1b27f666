/* SPDX-License-Identifier: Apache-2.0 */
#include "quality.h"

#include "account/account.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARENA_BYTES = 1024 * 1024 * 1024, COST_MAX_BYTES = 64, COST_MAX_SECONDS = 3600 };
#define COST_FILE "seconds_per_copy"

static const char *path_of(const struct quality_case *opened, const char *name)
{
    return arena_printf(opened->arena, "%s/%s", opened->folder, name);
}

static bool open_run(struct quality_case *opened, struct error *err)
{
    struct arena *arena = opened->arena;
    const char *database = arena_printf(arena, "sqlite:%s/data/trommel.db", opened->folder);
    const char *store = path_of(opened, "data/store");
    if (!database || !store)
        return error_no_memory(err);
    return db_open(database, &opened->db, err) && store_open(store, false, &opened->work.data, err) &&
           service_find(opened->db, ACCOUNT_DEFAULT_PROJECT, arena, QUALITY_SERVICE, &opened->service, err) &&
           run_latest(opened->db, arena, &opened->service, &opened->run, err) &&
           model_find(opened->db, ACCOUNT_DEFAULT_PROJECT, arena, opened->run.model_id, &opened->model,
                      err) &&
           record_set_open(opened->work.data, opened->run.records_key, &opened->records, err);
}

static bool open_profile(struct quality_case *opened, struct error *err)
{
    const struct profile_manifest manifest = {.path = path_of(opened, "train.manifest")};
    const struct profile_build build = {
        .work = &opened->work, .model = &opened->model, .manifest = &manifest, .progress = &opened->progress};
    if (!manifest.path)
        return error_no_memory(err);
    if (access(manifest.path, R_OK) != 0)
        return true;
    return profile_build(&build, opened->training, &opened->profile, err);
}

/* What a copy cost is kept beside the case for the next time, when all copies are there already. */
static bool keep_cost(struct quality_case *opened, struct error *err)
{
    AUTO(store) folder = NULL;
    AUTO_BUFFER(text, COST_MAX_BYTES);
    bool is_there = false;
    if (!store_open(opened->folder, false, &folder, err))
        return false;
    if (!isnan(opened->seconds_per_copy))
        return buffer_printf(&text, "%.9f", opened->seconds_per_copy) &&
               store_put(folder, COST_FILE, (struct bytes){text.data, text.size}, err);
    if (!store_exists(folder, COST_FILE, &is_there, err))
        return false;
    return !is_there ||
           (store_get(folder, COST_FILE, &text, err) &&
            text_to_double(text.data, COST_FILE, 0, COST_MAX_SECONDS, &opened->seconds_per_copy, err));
}

/* Asks the model about all eleven copies of all images at once, so that rows can be compared: none pays for
 * copies that another one already had. */
static bool measure_views(struct quality_case *opened, struct error *err)
{
    struct mine_views *views = &opened->views;
    *views = (struct mine_views){.data = opened->work.data,
                                 .model = &opened->model,
                                 .records = opened->records,
                                 .run_records = opened->run.records_key,
                                 .training_records = opened->training,
                                 .progress = &opened->progress};
    uint16_t *wanted = calloc(opened->images + 1, sizeof(*wanted));
    if (!wanted)
        return error_no_memory(err);
    for (uint64_t i = 0; i < opened->images; i++)
        wanted[i] = (uint16_t)((1U << AUGMENT_OPS) - 1);
    bool is_done = augment_settings_read("all", &opened->all_ops, err) && mine_views_start(views, err);
    double start = clock_steady_seconds();
    is_done = is_done && views->views.measure(views, false, &opened->all_ops, wanted, err);
    if (views->inferred > 0)
        opened->seconds_per_copy = (clock_steady_seconds() - start) / (double)views->inferred;
    free(wanted);
    return is_done && keep_cost(opened, err);
}

bool quality_case_open(const char *folder, bool with_views, struct quality_case *ret, struct error *err)
{
    *ret = (struct quality_case){
        .folder = folder, .arena = arena_new(ARENA_BYTES), .seconds_per_copy = (double)NAN};
    if (!ret->arena)
        return error_no_memory(err);
    if (!open_run(ret, err) || !open_profile(ret, err))
        return false;
    ret->images = record_set_count(ret->records);
    ret->is_known = calloc(ret->images + 1, sizeof(bool));
    ret->is_wrong = calloc(ret->images + 1, sizeof(bool));
    ret->hashes = calloc(ret->images + 1, sizeof(*ret->hashes));
    if (!ret->is_known || !ret->is_wrong || !ret->hashes)
        return error_no_memory(err);
    return quality_read_truth(ret, err) && (!with_views || measure_views(ret, err));
}

void quality_case_close(struct quality_case *opened)
{
    mine_views_release(&opened->views);
    profile_free(opened->profile);
    record_set_free(opened->records);
    store_free(opened->work.data);
    db_free(opened->db);
    arena_free(opened->arena);
    free(opened->is_known);
    free(opened->is_wrong);
    free(opened->hashes);
    *opened = (struct quality_case){0};
}
