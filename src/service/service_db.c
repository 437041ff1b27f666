/* SPDX-License-Identifier: Apache-2.0 */
#include "service/service.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/text.h"

#include <string.h>

#define SERVICE_FIELDS                                                                                       \
    "id, project_id, name, description, model_id, input_url, output_url, settings_json, hard_json, status, " \
    "error_message, run_id, created_ms, updated_ms"

static const struct db_column service_columns[] = {
    DB_COLUMN_TEXT(struct service, id),
    DB_COLUMN_TEXT(struct service, project_id),
    DB_COLUMN_TEXT(struct service, name),
    DB_COLUMN_TEXT(struct service, description),
    DB_COLUMN_TEXT(struct service, model_id),
    DB_COLUMN_TEXT(struct service, input_url),
    DB_COLUMN_TEXT(struct service, output_url),
    DB_COLUMN_TEXT(struct service, settings_json),
    DB_COLUMN_TEXT(struct service, hard_json),
    DB_COLUMN_TEXT(struct service, status),
    DB_COLUMN_TEXT(struct service, error_message),
    DB_COLUMN_TEXT(struct service, run_id),
    DB_COLUMN_INT(struct service, created_ms),
    DB_COLUMN_INT(struct service, updated_ms),
    DB_COLUMN_END,
};

static bool check_description(const char *description, struct error *err)
{
    if (description[0] == '\0' ||
        text_check_name(description, "the description", SERVICE_DESCRIPTION_MAX_CHARACTERS, "<>=&\"'", err))
        return true;
    return error_point(err, "/description");
}

static bool check_request(const struct service *request, struct error *err)
{
    if (!text_check_name(request->name, "the service name", SERVICE_NAME_MAX_CHARACTERS, "/<>=&\"'", err))
        return error_point(err, "/name");
    return check_description(request->description, err);
}

static void id_uuid(char ret[37])
{
    char hex[HASH_HEX_BYTES];
    id_random_hex(hex);
    static const struct {
        size_t from, length;
    } parts[] = {{0, 8}, {8, 4}, {12, 4}, {16, 4}, {20, 12}};
    size_t used = 0;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (i > 0)
            ret[used++] = '-';
        memcpy(ret + used, hex + parts[i].from, parts[i].length);
        used += parts[i].length;
    }
    ret[used] = '\0';
}

bool service_create(struct db *db, struct arena *arena, const struct service *request, struct service *ret,
                    struct error *err)
{
    char id[37];
    if (!check_request(request, err))
        return false;
    id_uuid(id);
    int64_t now = clock_now_ms();
    bool is_done = db_exec(
        db,
        "INSERT INTO service (id, project_id, name, description, model_id, input_url, output_url, "
        "settings_json, hard_json, status, created_ms, updated_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
        DB_ARGS(db_text(id), db_text(request->project_id), db_text(request->name),
                db_text(request->description), db_text(request->model_id), db_text(request->input_url),
                db_text(request->output_url), db_text(request->settings_json), db_text(request->hard_json),
                db_text(service_status_name(SERVICE_DEPLOYING)), db_int(now)),
        NULL, err);
    if (!is_done && err->code == ERR_CONFLICT) {
        (void)error_set_detail(err, DETAIL_SERVICE_EXISTS, "there is a service '%s' already", request->name);
        return error_point(err, "/name");
    }
    return is_done && service_find(db, request->project_id, arena, id, ret, err);
}

bool service_find(struct db *db, const char *project_id, struct arena *arena, const char *reference,
                  struct service *ret, struct error *err)
{
    struct db_rows *opened = NULL;
    if (!db_select(db, arena,
                   "SELECT " SERVICE_FIELDS
                   " FROM service WHERE project_id = $2 AND (id = $1 OR name = $1 OR (length($1) >= 4 AND "
                   "substr(id, 1, length($1)) = $1)) ORDER BY CASE WHEN id = $1 OR name = $1 THEN 0 ELSE 1 "
                   "END LIMIT 2",
                   DB_ARGS(db_text(reference), db_text(project_id)), &opened, err))
        return false;
    AUTO(db_rows) rows = opened;
    struct service first, second;
    bool has_first = db_next(rows, service_columns, &first);
    bool has_second = has_first && db_next(rows, service_columns, &second);
    if (!db_rows_ok(rows, err))
        return false;
    bool is_exact = has_first && (strcmp(first.id, reference) == 0 || strcmp(first.name, reference) == 0);
    if (has_second && !is_exact)
        return error_set(err, ERR_INVALID, "'%s' could be several services; give more of the id", reference);
    if (!has_first)
        return error_set_detail(err, DETAIL_SERVICE_NOT_FOUND, "there is no service '%s'", reference);
    *ret = first;
    return true;
}

bool service_list(struct db *db, const char *project_id, struct arena *arena, struct service **ret,
                  size_t *ret_count, struct error *err)
{
    static const struct db_list form = {service_columns, sizeof(struct service), SERVICE_LIST_MAX};
    return db_select_list(db, arena,
                          "SELECT " SERVICE_FIELDS
                          " FROM service WHERE project_id = $1 ORDER BY created_ms DESC, id",
                          DB_ARGS(db_text(project_id)), &form, ret, ret_count, err);
}

static bool delete_row(struct db *db, const char *id, struct error *err)
{
    int64_t changed = 0;
    if (!db_exec(db, "DELETE FROM service WHERE id = $1 AND status NOT IN ($2, $3)",
                 DB_ARGS(db_text(id), db_text(service_status_name(SERVICE_RUNNING)),
                         db_text(service_status_name(SERVICE_DEPLOYING))),
                 &changed, err))
        return false;
    if (changed == 0)
        return error_set_detail(err, DETAIL_SERVICE_STATE, "the service is running; stop it first");
    return true;
}

bool service_delete(struct db *db, struct store *data, struct arena *arena, const char *id, struct error *err)
{
    struct run *runs = NULL;
    size_t count = 0;
    if (!run_list(db, arena, id, &runs, &count, err) || !delete_row(db, id, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *folder = arena_printf(arena, "runs/%s", runs[i].id);
        if (!folder)
            return error_no_memory(err);
        if (!store_delete_below(data, folder, err))
            return error_wrap(err, "the service is deleted, but not the records of its run %s", runs[i].id);
    }
    return true;
}

bool service_note(struct db *db, const char *id, const char *event_type, const char *info, struct error *err)
{
    return db_exec(
        db,
        "INSERT INTO service_event (service_id, event_type, event_info, occurred_ms) VALUES ($1, $2, $3, $4)",
        DB_ARGS(db_text(id), db_text(event_type), db_text(info), db_int(clock_now_ms())), NULL, err);
}

static const struct service_transition *transition_find(enum service_status from, enum service_event event)
{
    size_t count = 0;
    const struct service_transition *rows = service_transitions(&count);
    for (size_t i = 0; i < count; i++)
        if (rows[i].from == from && rows[i].event == event)
            return &rows[i];
    return NULL;
}

static bool change_row(struct db *db, const struct service *service, const struct service_transition *row,
                       const char *info, struct error *err)
{
    bool has_failed = row->to == SERVICE_FAILED;
    int64_t changed = 0;
    if (!db_exec(db,
                 "UPDATE service SET status = $1, error_message = $2, updated_ms = $3 WHERE id = $4 AND "
                 "status = $5",
                 DB_ARGS(db_text(service_status_name(row->to)), db_text(has_failed ? info : NULL),
                         db_int(clock_now_ms()), db_text(service->id), db_text(service->status)),
                 &changed, err))
        return false;
    if (changed == 0)
        return error_set_detail(err, DETAIL_SERVICE_STATE,
                                "service '%s' changed at the same moment; try again", service->name);
    return service_note(db, service->id, has_failed ? "abnormal" : "normal", info ? info : row->why, err);
}

static bool service_load(struct db *db, struct arena *arena, const char *id, struct service *ret,
                         struct error *err)
{
    bool is_found = false;
    if (!db_select_one(db, arena, "SELECT " SERVICE_FIELDS " FROM service WHERE id = $1",
                       DB_ARGS(db_text(id)), service_columns, ret, &is_found, err))
        return false;
    return is_found || error_set_detail(err, DETAIL_SERVICE_NOT_FOUND, "there is no service '%s'", id);
}

bool service_change_within(struct db *db, const char *id, enum service_event event, const char *info,
                           struct error *err)
{
    AUTO(arena) arena = arena_new(SERVICE_ROW_MAX_BYTES);
    struct service service;
    if (!arena)
        return error_no_memory(err);
    if (!service_load(db, arena, id, &service, err))
        return false;
    const struct service_transition *row = transition_find(service_status_find(service.status), event);
    if (!row)
        return error_set_detail(err, DETAIL_SERVICE_STATE, "service '%s' is %s: this cannot be done now",
                                service.name, service.status);
    return change_row(db, &service, row, info, err);
}

bool service_change(struct db *db, const char *id, enum service_event event, const char *info,
                    struct error *err)
{
    if (!db_begin(db, err))
        return false;
    if (service_change_within(db, id, event, info, err) && db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}

bool service_set_hard(struct db *db, const char *id, const char *hard_json, struct error *err)
{
    return db_exec(db, "UPDATE service SET hard_json = $1, updated_ms = $2 WHERE id = $3",
                   DB_ARGS(db_text(hard_json), db_int(clock_now_ms()), db_text(id)), NULL, err);
}

static bool edit_within(struct db *db, const struct service *service, const char *description,
                        const char *settings_json, struct error *err)
{
    int64_t changed = 0;
    if (!db_exec(db,
                 "UPDATE service SET description = COALESCE($1, description), settings_json = COALESCE($2, "
                 "settings_json), updated_ms = $3 WHERE id = $4 AND settings_json = $5",
                 DB_ARGS(db_text(description), db_text(settings_json), db_int(clock_now_ms()),
                         db_text(service->id), db_text(service->settings_json)),
                 &changed, err))
        return false;
    if (changed == 0)
        return error_set_detail(err, DETAIL_SERVICE_STATE,
                                "service '%s' changed at the same moment; try again", service->name);
    return !settings_json ||
           service_note(db, service->id, "normal", "settings changed; they act on the next run", err);
}

bool service_edit(struct db *db, const struct service *service, const char *description,
                  const char *settings_json, struct error *err)
{
    if ((description && !check_description(description, err)) || !db_begin(db, err))
        return false;
    if (edit_within(db, service, description, settings_json, err) && db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}

bool service_events(struct db *db, struct arena *arena, const char *id, struct service_happening **ret,
                    size_t *ret_count, struct error *err)
{
    static const struct db_column columns[] = {
        DB_COLUMN_TEXT(struct service_happening, event_type),
        DB_COLUMN_TEXT(struct service_happening, event_info),
        DB_COLUMN_INT(struct service_happening, occurred_ms),
        DB_COLUMN_END,
    };
    static const struct db_list form = {columns, sizeof(struct service_happening), SERVICE_LIST_MAX};
    return db_select_list(
        db, arena,
        "SELECT event_type, event_info, occurred_ms FROM service_event WHERE service_id = $1 ORDER BY id",
        DB_ARGS(db_text(id)), &form, ret, ret_count, err);
}

bool service_news_after(struct db *db, struct arena *arena, int64_t after_id, struct service_news **ret,
                        size_t *ret_count, struct error *err)
{
    static const struct db_column columns[] = {
        DB_COLUMN_INT(struct service_news, id),
        DB_COLUMN_INT(struct service_news, occurred_ms),
        DB_COLUMN_TEXT(struct service_news, project_id),
        DB_COLUMN_TEXT(struct service_news, service_id),
        DB_COLUMN_TEXT(struct service_news, event_type),
        DB_COLUMN_TEXT(struct service_news, event_info),
        DB_COLUMN_END,
    };
    static const struct db_list form = {columns, sizeof(struct service_news), SERVICE_NEWS_MAX};
#define NEWS_SELECT                                                                                          \
    "SELECT e.id, e.occurred_ms, s.project_id, e.service_id, e.event_type, e.event_info FROM service_event " \
    "e JOIN service s ON s.id = e.service_id "
    if (after_id < 0)
        return db_select_list(db, arena, NEWS_SELECT "ORDER BY e.id DESC LIMIT 1", DB_NO_ARGS, &form, ret,
                              ret_count, err);
    return db_select_list(db, arena, NEWS_SELECT "WHERE e.id > $1 ORDER BY e.id LIMIT $2",
                          DB_ARGS(db_int(after_id), db_int(SERVICE_NEWS_MAX)), &form, ret, ret_count, err);
}
