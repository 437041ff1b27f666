/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/text.h"
#include "dataset/dataset_check.h"
#include "dataset/label_edit.h"
#include "dataset/label_rows.h"
#include "dataset/label_set.h"

#include <stdio.h>
#include <string.h>

enum {
    ID_CHARACTERS = 19,
    DESCRIPTION_MAX_CHARACTERS = 256,
    LABELS_ARENA_BYTES = 64 * 1024 * 1024,
    DATASETS_LISTED_MAX = 100000
};

static const struct db_column dataset_columns[] = {
    DB_COLUMN_TEXT(struct dataset, id),
    DB_COLUMN_TEXT(struct dataset, project_id),
    DB_COLUMN_TEXT(struct dataset, name),
    DB_COLUMN_TEXT(struct dataset, dataset_type),
    DB_COLUMN_TEXT(struct dataset, description),
    DB_COLUMN_TEXT(struct dataset, current_version),
    DB_COLUMN_INT(struct dataset, created_ms),
    DB_COLUMN_INT(struct dataset, updated_ms),
    DB_COLUMN_INT(struct dataset, revision),
    DB_COLUMN_INT(struct dataset, samples),
    DB_COLUMN_INT(struct dataset, unlabeled),
    DB_COLUMN_INT(struct dataset, to_be_confirmed),
    DB_COLUMN_INT(struct dataset, labeled),
    DB_COLUMN_INT(struct dataset, hard),
    DB_COLUMN_END,
};
static const struct db_list dataset_rows = {dataset_columns, sizeof(struct dataset), DATASETS_LISTED_MAX};

static const struct db_column label_columns[] = {
    DB_COLUMN_TEXT(struct dataset_label, name),
    DB_COLUMN_TEXT(struct dataset_label, color),
    DB_COLUMN_TEXT(struct dataset_label, shortcut),
    DB_COLUMN_TEXT(struct dataset_label, attributes_json),
    DB_COLUMN_INT(struct dataset_label, position),
    DB_COLUMN_INT(struct dataset_label, created_ms),
    DB_COLUMN_INT(struct dataset_label, samples),
    DB_COLUMN_INT(struct dataset_label, annotations),
    DB_COLUMN_END,
};
static const struct db_list label_rows = {label_columns, sizeof(struct dataset_label), DATASET_LABELS_MAX};

/* The counts are the database's own (migration "tallies"): kept in the transaction that writes the samples.
 */
#define DATASET_SELECT                                                                                       \
    "SELECT d.id, d.project_id, d.name, d.dataset_type, d.description, d.current_version, d.created_ms, "    \
    "d.updated_ms, d.revision, t.samples, t.unlabeled, t.to_be_confirmed, t.labeled, t.hard "                \
    "FROM dataset d JOIN dataset_tally t ON t.dataset_id = d.id "
#define DATASET_SELECT_UNCOUNTED                                                                             \
    "SELECT d.id, d.project_id, d.name, d.dataset_type, d.description, d.current_version, d.created_ms, "    \
    "d.updated_ms, d.revision, 0, 0, 0, 0, 0 FROM dataset d "
#define DATASET_FITS "WHERE d.project_id = $3 AND (d.id = $1 OR d.name = $1 OR (d.id > $1 AND d.id < $2)) "

/* What a new dataset begins with: names, or labels with their looks. */
struct first_labels {
    struct param_list names;
    const struct label_wish *wishes;
    size_t count;
};

static bool insert_wishes(struct db *db, const char *id, const struct first_labels *labels, struct error *err)
{
    AUTO(arena) arena = arena_new(LABELS_ARENA_BYTES);
    if (!arena)
        return error_no_memory(err);
    for (size_t i = 0; i < labels->count; i++) {
        char pointer[2 * ERROR_POINTER_BYTES];
        if (label_insert(db, arena, id, &labels->wishes[i], err))
            continue;
        (void)snprintf(pointer, sizeof(pointer), "/label_set/%zu%s", i, err->pointer);
        return error_point(err, pointer);
    }
    return true;
}

static bool insert_labels(struct db *db, const char *id, struct param_list labels, struct error *err)
{
    AUTO(arena) arena = arena_new(LABELS_ARENA_BYTES);
    struct label_set set;
    if (!arena)
        return error_no_memory(err);
    label_set_init(&set, db, id, arena);
    for (size_t i = 0; i < labels.count; i++)
        if (!label_set_need(&set, labels.items[i], err))
            return false;
    return true;
}

static bool insert_dataset(struct db *db, const struct dataset *dataset, struct error *err)
{
    static const char sql[] =
        "INSERT INTO dataset (id, project_id, name, dataset_type, description, created_ms, updated_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (project_id, name) DO NOTHING";
    int64_t changed = 0;
    if (!db_exec(db, sql,
                 DB_ARGS(db_text(dataset->id), db_text(dataset->project_id), db_text(dataset->name),
                         db_text(dataset->dataset_type), db_text(dataset->description),
                         db_int(dataset->created_ms)),
                 &changed, err))
        return error_wrap(err, "create dataset '%s'", dataset->name);
    return changed > 0 ||
           error_set_detail(err, DETAIL_DATASET_EXISTS, "a dataset named '%s' exists already", dataset->name);
}

static bool create(struct db *db, struct arena *arena, const struct dataset_new *request,
                   const struct first_labels *labels, struct dataset *ret, struct error *err)
{
    char id[ID_CHARACTERS + 1];
    if (!dataset_check_name(request->name, "dataset name", DATASET_NAME_MAX_CHARACTERS, err) ||
        !dataset_check_type(request->dataset_type, err) ||
        !dataset_check_labels(request->labels, DATASET_LABELS_MAX, err))
        return false;
    id_random(id, ID_CHARACTERS);
    int64_t now_ms = clock_now_ms();
    struct dataset made = {
        .id = arena_text(arena, id),
        .project_id = arena_text(arena, request->project_id),
        .name = arena_text(arena, request->name),
        .dataset_type = arena_text(arena, request->dataset_type),
        .description = "",
        .created_ms = now_ms,
        .updated_ms = now_ms,
        .revision = 1,
    };
    if (!made.id || !made.project_id || !made.name || !made.dataset_type)
        return error_no_memory(err);
    if (!db_begin(db, err))
        return false;
    if (!insert_dataset(db, &made, err) || !insert_labels(db, made.id, labels->names, err) ||
        !insert_wishes(db, made.id, labels, err) || !db_commit(db, err)) {
        db_rollback(db);
        return false;
    }
    *ret = made;
    return true;
}

bool dataset_create(struct db *db, struct arena *arena, const struct dataset_new *request,
                    struct dataset *ret, struct error *err)
{
    const struct first_labels labels = {request->labels, NULL, 0};
    return create(db, arena, request, &labels, ret, err);
}

bool dataset_create_with(struct db *db, struct arena *arena, const struct dataset_new *request,
                         const struct label_wish *wishes, size_t count, struct dataset *ret,
                         struct error *err)
{
    const struct first_labels labels = {request->labels, wishes, count};
    if (count > DATASET_LABELS_MAX) {
        (void)error_set(err, ERR_LIMIT, "%zu labels were given; %d is the limit", count, DATASET_LABELS_MAX);
        return error_point(err, "/label_set");
    }
    return create(db, arena, request, &labels, ret, err);
}

/* What a reference can be, the surest first. */
enum match { MATCH_ID, MATCH_NAME, MATCH_PREFIX, MATCH_COUNT };

static enum match match_of(const struct dataset *dataset, const char *reference)
{
    if (strcmp(dataset->id, reference) == 0)
        return MATCH_ID;
    return strcmp(dataset->name, reference) == 0 ? MATCH_NAME : MATCH_PREFIX;
}

static bool choose(struct db_rows *rows, const char *reference, struct dataset *ret, struct error *err)
{
    struct dataset best[MATCH_COUNT], row = {0};
    size_t counts[MATCH_COUNT] = {0};
    while (db_next(rows, dataset_columns, &row)) {
        enum match match = match_of(&row, reference);
        best[match] = row;
        counts[match]++;
    }
    if (!db_rows_ok(rows, err))
        return false;
    enum match match = MATCH_ID;
    while (match < MATCH_COUNT && counts[match] == 0)
        match++;
    if (match == MATCH_COUNT)
        return error_set_detail(err, DETAIL_DATASET_NOT_FOUND, "there is no dataset '%.100s'", reference);
    if (counts[match] > 1)
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                "'%.100s' fits %zu datasets; give more of the id", reference, counts[match]);
    *ret = best[match];
    return true;
}

struct wanted {
    const char *project_id, *reference;
};

static bool find(struct db *db, struct arena *arena, const char *sql, const struct wanted *wanted,
                 struct dataset *ret, struct error *err)
{
    const char *reference = wanted->reference;
    AUTO(db_rows) rows = NULL;
    if (reference[0] == '\0' || strlen(reference) > DATASET_NAME_MAX_CHARACTERS)
        return error_set_detail(err, DETAIL_DATASET_NOT_FOUND, "there is no dataset '%.100s'", reference);
    /* '~' comes after every character of an id. */
    const char *end = arena_printf(arena, "%s~", reference);
    if (!end)
        return error_no_memory(err);
    return db_select(db, arena, sql, DB_ARGS(db_text(reference), db_text(end), db_text(wanted->project_id)),
                     &rows, err) &&
           choose(rows, reference, ret, err);
}

bool dataset_find(struct db *db, const char *project_id, struct arena *arena, const char *reference,
                  struct dataset *ret, struct error *err)
{
    return find(db, arena, DATASET_SELECT DATASET_FITS "ORDER BY d.id",
                &(struct wanted){project_id, reference}, ret, err);
}

bool dataset_find_uncounted(struct db *db, const char *project_id, struct arena *arena, const char *reference,
                            struct dataset *ret, struct error *err)
{
    return find(db, arena, DATASET_SELECT_UNCOUNTED DATASET_FITS "ORDER BY d.id",
                &(struct wanted){project_id, reference}, ret, err);
}

bool dataset_find_name(struct db *db, const char *project_id, struct arena *arena, const char *name,
                       struct dataset *ret, struct error *err)
{
    static const char sql[] = DATASET_SELECT "WHERE d.project_id = $1 AND d.name = $2";
    bool is_found = false;
    if (!db_select_one(db, arena, sql, DB_ARGS(db_text(project_id), db_text(name)), dataset_columns, ret,
                       &is_found, err))
        return false;
    return is_found || error_set_detail(err, DETAIL_DATASET_NOT_FOUND, "there is no dataset '%.100s'", name);
}

bool dataset_list(struct db *db, const char *project_id, struct arena *arena, struct dataset **ret,
                  size_t *ret_count, struct error *err)
{
    static const char sql[] = DATASET_SELECT "WHERE d.project_id = $1 ORDER BY d.created_ms DESC, d.id";
    return db_select_list(db, arena, sql, DB_ARGS(db_text(project_id)), &dataset_rows, ret, ret_count, err);
}

bool dataset_labels(struct db *db, struct arena *arena, const char *id, struct dataset_label **ret,
                    size_t *ret_count, struct error *err)
{
    static const char sql[] =
        "SELECT l.name, l.color, l.shortcut, l.attributes_json, l.position, l.created_ms, "
        "COALESCE(t.samples, 0), COALESCE(t.annotations, 0) FROM label l "
        "LEFT JOIN label_tally t ON t.dataset_id = l.dataset_id AND t.name = l.name "
        "WHERE l.dataset_id = $1 ORDER BY l.position, l.name";
    return db_select_list(db, arena, sql, DB_ARGS(db_text(id)), &label_rows, ret, ret_count, err);
}

static bool check_edit(const struct dataset_edit *edit, struct error *err)
{
    if (edit->name && !dataset_check_name(edit->name, "dataset name", DATASET_NAME_MAX_CHARACTERS, err))
        return error_point(err, "/name");
    if (!edit->description || edit->description[0] == '\0' ||
        text_check_name(edit->description, "description", DESCRIPTION_MAX_CHARACTERS, "", err))
        return true;
    return error_point(err, "/description");
}

bool dataset_edit(struct db *db, const char *id, const struct dataset_edit *edit, struct error *err)
{
    static const char sql[] =
        "UPDATE dataset SET name = COALESCE($2, name), description = COALESCE($3, description), "
        "revision = revision + 1, updated_ms = $4 WHERE id = $1 AND revision BETWEEN $5 AND $6";
    int64_t wanted = edit->expected_revision, changed = 0;
    if (!check_edit(edit, err))
        return false;
    bool is_done =
        db_exec(db, sql,
                DB_ARGS(db_text(id), db_text(edit->name), db_text(edit->description), db_int(clock_now_ms()),
                        db_int(wanted), db_int(wanted ? wanted : INT64_MAX)),
                &changed, err);
    if (!is_done && err->code == ERR_CONFLICT) {
        (void)error_set_detail(err, DETAIL_DATASET_EXISTS, "a dataset named '%s' exists already", edit->name);
        return error_point(err, "/name");
    }
    if (!is_done || changed > 0)
        return is_done;
    return wanted ? error_set(err, ERR_CONFLICT, "dataset '%s' has another revision by now", id)
                  : error_set_detail(err, DETAIL_DATASET_NOT_FOUND, "there is no dataset '%.60s'", id);
}

/* Operations about it alone go with it; from those about several what they did here is taken out. */
static bool delete_rows(struct db *db, const char *id, struct error *err)
{
    static const char of_several[] =
        "DELETE FROM operation_sample WHERE sample_id IN (SELECT id FROM sample WHERE dataset_id = $1)";
    int64_t changed = 0;
    if (!db_exec(db, of_several, DB_ARGS(db_text(id)), NULL, err) ||
        !db_exec(db, "DELETE FROM dataset WHERE id = $1", DB_ARGS(db_text(id)), &changed, err))
        return false;
    return changed > 0 || error_set_detail(err, DETAIL_DATASET_NOT_FOUND, "there is no dataset '%.60s'", id);
}

bool dataset_delete(struct db *db, const char *id, struct error *err)
{
    if (!db_begin(db, err))
        return false;
    if (delete_rows(db, id, err) && db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}
