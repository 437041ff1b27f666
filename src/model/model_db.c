/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "model/model.h"
#include "model/model_rows.h"

#include <string.h>

#define MODEL_FIELDS                                                                                         \
    "id, project_id, name, version, model_type, object_key, content_hash, card_json, created_ms"
enum { ID_PREFIX_MIN_CHARACTERS = 4, SMALL_ARENA_BYTES = 64 * 1024 };

static const struct db_column model_columns[] = {
    DB_COLUMN_TEXT(struct model, id),           DB_COLUMN_TEXT(struct model, project_id),
    DB_COLUMN_TEXT(struct model, name),         DB_COLUMN_TEXT(struct model, version),
    DB_COLUMN_TEXT(struct model, model_type),   DB_COLUMN_TEXT(struct model, object_key),
    DB_COLUMN_TEXT(struct model, content_hash), DB_COLUMN_TEXT(struct model, card_json),
    DB_COLUMN_INT(struct model, created_ms),    DB_COLUMN_END,
};
static const struct db_list model_rows = {model_columns, sizeof(struct model), MODEL_LIST_MAX};

struct found_models {
    struct model *models;
    size_t count;
};

struct wanted_models {
    const char *project_id, *text;
};

/* $1 is the text, $2 the project. */
static bool select_models(struct db *db, struct arena *arena, const char *sql,
                          const struct wanted_models *wanted, struct found_models *ret, struct error *err)
{
    return db_select_list(db, arena, sql, DB_ARGS(db_text(wanted->text), db_text(wanted->project_id)),
                          &model_rows, &ret->models, &ret->count, err);
}

/* The newest of at least one: by time, and by version when two were made in the same millisecond. */
static const struct model *newest(const struct found_models *found)
{
    const struct model *best = found->models;
    for (size_t i = 1; i < found->count; i++) {
        const struct model *model = &found->models[i];
        if (model->created_ms > best->created_ms || (model->created_ms == best->created_ms &&
                                                     text_natural_compare(model->version, best->version) > 0))
            best = model;
    }
    return best;
}

bool model_find(struct db *db, const char *project_id, struct arena *arena, const char *reference,
                struct model *ret, struct error *err)
{
    struct found_models found = {0};
    const struct wanted_models wanted = {project_id, reference};
    if (!select_models(db, arena, "SELECT " MODEL_FIELDS " FROM model WHERE id = $1 AND project_id = $2",
                       &wanted, &found, err))
        return false;
    if (found.count == 0 &&
        !select_models(db, arena,
                       "SELECT " MODEL_FIELDS
                       " FROM model WHERE project_id = $2 AND (name = $1 OR name || '/' || version = $1)",
                       &wanted, &found, err))
        return false;
    bool is_prefix = found.count == 0 && strlen(reference) >= ID_PREFIX_MIN_CHARACTERS;
    if (is_prefix && !select_models(db, arena,
                                    "SELECT " MODEL_FIELDS
                                    " FROM model WHERE project_id = $2 AND substr(id, 1, length($1)) = $1",
                                    &wanted, &found, err))
        return false;
    if (found.count == 0)
        return error_set_detail(err, DETAIL_MODEL_NOT_FOUND, "there is no model '%.100s'", reference);
    if (is_prefix && found.count > 1)
        return error_set(err, ERR_INVALID, "'%.100s' could be %zu models; give more of the id", reference,
                         found.count);
    *ret = *newest(&found);
    return true;
}

bool model_list(struct db *db, const char *project_id, struct arena *arena, struct model **ret,
                size_t *ret_count, struct error *err)
{
    return db_select_list(
        db, arena, "SELECT " MODEL_FIELDS " FROM model WHERE project_id = $1 ORDER BY created_ms DESC, id",
        DB_ARGS(db_text(project_id)), &model_rows, ret, ret_count, err);
}

#define SELECT_OF_NAME "SELECT " MODEL_FIELDS " FROM model WHERE name = $1 AND project_id = $2"

bool model_rows_check_free(struct db *db, const char *project_id, struct arena *arena, const char *name,
                           const char *version, struct error *err)
{
    struct found_models found = {0};
    if (!select_models(db, arena, SELECT_OF_NAME, &(struct wanted_models){project_id, name}, &found, err))
        return false;
    for (size_t i = 0; i < found.count; i++)
        if (strcmp(found.models[i].version, version) == 0)
            return error_set_detail(err, DETAIL_MODEL_EXISTS, "model '%s' has a version %s already", name,
                                    version);
    return true;
}

/* One more than the highest 0.0.N of this name. */
static bool next_version(struct db *db, struct arena *arena, const struct model *model, const char **ret,
                         struct error *err)
{
    static const char start[] = "0.0.";
    struct found_models found = {0};
    uint64_t highest = 0;
    const struct wanted_models wanted = {model->project_id, model->name};
    if (!select_models(db, arena, SELECT_OF_NAME, &wanted, &found, err))
        return false;
    for (size_t i = 0; i < found.count; i++) {
        uint64_t number = 0;
        struct error ignored = {0};
        if (text_starts_with(found.models[i].version, start) &&
            text_to_count(found.models[i].version + strlen(start), "version", 0, UINT32_MAX, &number,
                          &ignored))
            highest = number > highest ? number : highest;
    }
    *ret = arena_printf(arena, "%s%llu", start, (unsigned long long)highest + 1);
    return *ret || error_no_memory(err);
}

static bool insert_in_transaction(struct db *db, struct arena *arena, struct model *model, struct error *err)
{
    if (!model->version && !next_version(db, arena, model, &model->version, err))
        return false;
    bool is_done =
        db_exec(db, "INSERT INTO model (" MODEL_FIELDS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                DB_ARGS(db_text(model->id), db_text(model->project_id), db_text(model->name),
                        db_text(model->version), db_text(model->model_type), db_text(model->object_key),
                        db_text(model->content_hash), db_text(model->card_json), db_int(model->created_ms)),
                NULL, err);
    if (!is_done && err->code == ERR_CONFLICT)
        return error_set_detail(err, DETAIL_MODEL_EXISTS, "model '%s' has a version %s already", model->name,
                                model->version);
    return is_done;
}

bool model_rows_insert(struct db *db, struct arena *arena, const struct model *model, struct model *ret,
                       struct error *err)
{
    struct model row = *model;
    if (!db_begin(db, err))
        return false;
    if (!insert_in_transaction(db, arena, &row, err) || !db_commit(db, err)) {
        db_rollback(db);
        return false;
    }
    *ret = row;
    return true;
}

struct user_row {
    const char *name;
};
static const struct db_column user_columns[] = {DB_COLUMN_TEXT(struct user_row, name), DB_COLUMN_END};

/* Services that would run it, and runs that were made with it and may still be filtered. */
static bool check_unused(struct db *db, struct arena *arena, const char *id, struct error *err)
{
    static const struct {
        const char *sql, *what;
    } users[] = {
        {"SELECT name FROM service WHERE model_id = $1 ORDER BY name LIMIT 1", "service"},
        {"SELECT service.name FROM run JOIN service ON service.id = run.service_id WHERE run.model_id = $1 "
         "ORDER BY service.name LIMIT 1",
         "a run of service"},
    };
    for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
        struct user_row user = {0};
        bool is_found = false;
        if (!db_select_one(db, arena, users[i].sql, DB_ARGS(db_text(id)), user_columns, &user, &is_found,
                           err))
            return false;
        if (is_found)
            return error_set(err, ERR_CONFLICT, "the model is used by %s '%s'; delete the service first",
                             users[i].what, user.name);
    }
    return true;
}

static bool delete_in_transaction(struct db *db, const char *id, struct error *err)
{
    AUTO(arena) arena = arena_new(SMALL_ARENA_BYTES);
    int64_t changed = 0;
    if (!arena)
        return error_no_memory(err);
    if (!check_unused(db, arena, id, err) ||
        !db_exec(db, "DELETE FROM model WHERE id = $1", DB_ARGS(db_text(id)), &changed, err))
        return false;
    return changed > 0 || error_set_detail(err, DETAIL_MODEL_NOT_FOUND, "there is no model '%.100s'", id);
}

bool model_delete(struct db *db, struct store *data, const char *id, struct error *err)
{
    if (!db_begin(db, err))
        return false;
    if (!delete_in_transaction(db, id, err) || !db_commit(db, err)) {
        db_rollback(db);
        return false;
    }
    AUTO(arena) arena = arena_new(SMALL_ARENA_BYTES);
    const char *folder = arena ? arena_printf(arena, "models/%s", id) : NULL;
    if (!folder)
        return error_no_memory(err);
    return store_delete_below(data, folder, err) || error_wrap(err, "the model is deleted, but not its file");
}
