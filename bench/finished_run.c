/* SPDX-License-Identifier: Apache-2.0 */
#include "finished_run.h"

#include "account/account.h"

enum { ARENA_BYTES = 1024 * 1024 * 1024 };

bool finished_run_open(const char *data_folder, const char *service, struct finished_run *ret,
                       struct error *err)
{
    *ret = (struct finished_run){.arena = arena_new(ARENA_BYTES)};
    if (!ret->arena)
        return error_no_memory(err);
    const char *database = arena_printf(ret->arena, "sqlite:%s/trommel.db", data_folder);
    const char *store = arena_printf(ret->arena, "%s/store", data_folder);
    if (!database || !store)
        return error_no_memory(err);
    return db_open(database, &ret->db, err) && store_open(store, false, &ret->work.data, err) &&
           service_find(ret->db, ACCOUNT_DEFAULT_PROJECT, ret->arena, service, &ret->service, err) &&
           run_latest(ret->db, ret->arena, &ret->service, &ret->run, err) &&
           model_find(ret->db, ACCOUNT_DEFAULT_PROJECT, ret->arena, ret->run.model_id, &ret->model, err) &&
           record_set_open(ret->work.data, ret->run.records_key, &ret->records, err);
}

void finished_run_close(struct finished_run *finished)
{
    record_set_free(finished->records);
    store_free(finished->work.data);
    db_free(finished->db);
    arena_free(finished->arena);
    *finished = (struct finished_run){0};
}

bool finished_run_profile(struct finished_run *finished, const char *manifest, struct profile **ret,
                          struct error *err)
{
    const struct profile_manifest labeled = {.path = manifest};
    const struct profile_build build = {.work = &finished->work,
                                        .model = &finished->model,
                                        .manifest = &labeled,
                                        .progress = &finished->progress};
    return profile_build(&build, finished->training, ret, err);
}

struct mine_views finished_run_views(struct finished_run *finished, bool with_profile)
{
    return (struct mine_views){.data = finished->work.data,
                               .model = &finished->model,
                               .records = finished->records,
                               .run_records = finished->run.records_key,
                               .training_records = with_profile ? finished->training : "",
                               .progress = &finished->progress};
}
