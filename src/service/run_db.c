/* SPDX-License-Identifier: Apache-2.0 */
#include "service/service.h"

#include "base/clock.h"

#include <stdio.h>

#define RUN_FIELDS                                                                                           \
    "id, project_id, service_id, model_id, input_url, output_url, settings_json, hard_json, records_key, "   \
    "is_complete, "                                                                                          \
    "images, "                                                                                               \
    "failed, skipped, created_ms, finished_ms"

static const struct db_column run_columns[] = {
    DB_COLUMN_TEXT(struct run, id),
    DB_COLUMN_TEXT(struct run, project_id),
    DB_COLUMN_TEXT(struct run, service_id),
    DB_COLUMN_TEXT(struct run, model_id),
    DB_COLUMN_TEXT(struct run, input_url),
    DB_COLUMN_TEXT(struct run, output_url),
    DB_COLUMN_TEXT(struct run, settings_json),
    DB_COLUMN_TEXT(struct run, hard_json),
    DB_COLUMN_TEXT(struct run, records_key),
    DB_COLUMN_BOOL(struct run, is_complete),
    DB_COLUMN_INT(struct run, images),
    DB_COLUMN_INT(struct run, failed),
    DB_COLUMN_INT(struct run, skipped),
    DB_COLUMN_INT(struct run, created_ms),
    DB_COLUMN_INT(struct run, finished_ms),
    DB_COLUMN_END,
};

static bool insert_run(struct db *db, const char *id, const struct service *service, struct error *err)
{
    char records_key[64];
    (void)snprintf(records_key, sizeof(records_key), "runs/%s/records", id);
    return db_exec(
               db,
               "INSERT INTO run (id, project_id, service_id, model_id, input_url, output_url, settings_json, "
               "hard_json, records_key, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
               DB_ARGS(db_text(id), db_text(service->project_id), db_text(service->id),
                       db_text(service->model_id), db_text(service->input_url), db_text(service->output_url),
                       db_text(service->settings_json), db_text(service->hard_json), db_text(records_key),
                       db_int(clock_now_ms())),
               NULL, err) &&
           db_exec(db, "UPDATE service SET run_id = $1 WHERE id = $2",
                   DB_ARGS(db_text(id), db_text(service->id)), NULL, err);
}

bool run_create(struct db *db, const char *id, const struct service *service, struct error *err)
{
    if (!db_begin(db, err))
        return false;
    if (insert_run(db, id, service, err) && db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}

static bool one_run(struct db *db, struct arena *arena, const char *sql, struct db_args args, struct run *ret,
                    struct error *err)
{
    bool is_found = false;
    if (!db_select_one(db, arena, sql, args, run_columns, ret, &is_found, err))
        return false;
    if (!is_found)
        return error_set_detail(err, DETAIL_NO_SAMPLES, "there is no finished run");
    return true;
}

bool run_get(struct db *db, const char *project_id, struct arena *arena, const char *id, struct run *ret,
             struct error *err)
{
    return one_run(db, arena, "SELECT " RUN_FIELDS " FROM run WHERE id = $1 AND project_id = $2",
                   DB_ARGS(db_text(id), db_text(project_id)), ret, err);
}

bool run_list(struct db *db, struct arena *arena, const char *service_id, struct run **ret, size_t *ret_count,
              struct error *err)
{
    static const struct db_list form = {run_columns, sizeof(struct run), SERVICE_LIST_MAX};
    return db_select_list(db, arena,
                          "SELECT " RUN_FIELDS " FROM run WHERE service_id = $1 ORDER BY created_ms DESC, id",
                          DB_ARGS(db_text(service_id)), &form, ret, ret_count, err);
}

bool run_finish(struct db *db, const char *id, int64_t images, int64_t failed, int64_t skipped,
                struct error *err)
{
    return db_exec(
        db,
        "UPDATE run SET is_complete = 1, images = $1, failed = $2, skipped = $3, finished_ms = $4 WHERE id = "
        "$5",
        DB_ARGS(db_int(images), db_int(failed), db_int(skipped), db_int(clock_now_ms()), db_text(id)), NULL,
        err);
}

bool run_latest(struct db *db, struct arena *arena, const struct service *service, struct run *ret,
                struct error *err)
{
    if (one_run(db, arena,
                "SELECT " RUN_FIELDS
                " FROM run WHERE service_id = $1 AND is_complete = 1 ORDER BY created_ms DESC LIMIT 1",
                DB_ARGS(db_text(service->id)), ret, err))
        return true;
    if (err->detail == DETAIL_NO_SAMPLES)
        return error_set_detail(err, DETAIL_NO_SAMPLES,
                                "service '%s' has no finished run and so no input data yet", service->name);
    return false;
}
