/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/sample_rows.h"

#include <assert.h>
#include <string.h>

struct sample_row {
    struct sample sample;
    struct annotation annotation;
};

static const struct db_column row_columns[] = {
    DB_COLUMN_TEXT(struct sample_row, sample.id),
    DB_COLUMN_TEXT(struct sample_row, sample.dataset_id),
    DB_COLUMN_TEXT(struct sample_row, sample.source),
    DB_COLUMN_TEXT(struct sample_row, sample.state),
    DB_COLUMN_TEXT(struct sample_row, sample.usage),
    DB_COLUMN_TEXT(struct sample_row, sample.content_hash),
    DB_COLUMN_INT(struct sample_row, sample.width),
    DB_COLUMN_INT(struct sample_row, sample.height),
    DB_COLUMN_BOOL(struct sample_row, sample.is_hard),
    DB_COLUMN_REAL(struct sample_row, sample.hard_coefficient),
    DB_COLUMN_TEXT(struct sample_row, sample.hard_reasons),
    DB_COLUMN_TEXT(struct sample_row, sample.evidence_json),
    DB_COLUMN_TEXT(struct sample_row, sample.origin),
    DB_COLUMN_TEXT(struct sample_row, sample.origin_task),
    DB_COLUMN_TEXT(struct sample_row, sample.metadata_json),
    DB_COLUMN_BOOL(struct sample_row, sample.is_excluded),
    DB_COLUMN_INT(struct sample_row, sample.revision),
    DB_COLUMN_INT(struct sample_row, sample.created_ms),
    DB_COLUMN_INT(struct sample_row, sample.updated_ms),
    DB_COLUMN_TEXT(struct sample_row, annotation.name),
    DB_COLUMN_TEXT(struct sample_row, annotation.shape_json),
    DB_COLUMN_BOOL(struct sample_row, annotation.is_suggested),
    DB_COLUMN_REAL(struct sample_row, annotation.confidence),
    DB_COLUMN_TEXT(struct sample_row, annotation.annotated_by),
    DB_COLUMN_TEXT(struct sample_row, annotation.property_json),
    DB_COLUMN_INT(struct sample_row, annotation.created_ms),
    DB_COLUMN_END,
};

static bool no_room(struct error *err)
{
    return error_set(err, ERR_LIMIT, "the samples do not fit into memory set aside for them; ask for fewer");
}

/* Capacities are the powers of two, so the list is full when its length is one. */
static bool annotation_add(struct sample *sample, const struct annotation *annotation, struct arena *arena)
{
    size_t count = sample->annotation_count;
    if ((count & (count - 1)) == 0) {
        struct annotation *grown = arena_array(arena, count == 0 ? 1 : 2 * count, sizeof(*grown));
        if (!grown)
            return false;
        if (count > 0)
            memcpy(grown, sample->annotations, count * sizeof(*grown));
        sample->annotations = grown;
    }
    sample->annotations[sample->annotation_count++] = *annotation;
    return true;
}

bool sample_rows_collect(struct db_rows *rows, struct arena *arena, size_t max, struct sample **ret,
                         size_t *ret_count, struct error *err)
{
    struct sample *samples = arena_array(arena, max, sizeof(*samples));
    size_t count = 0;
    struct sample_row row = {0};
    if (!samples)
        return no_room(err);
    while (db_next(rows, row_columns, &row)) {
        if (count == 0 || strcmp(samples[count - 1].id, row.sample.id) != 0) {
            assert(count < max);
            samples[count++] = row.sample;
        }
        if (row.annotation.name && !annotation_add(&samples[count - 1], &row.annotation, arena))
            return no_room(err);
    }
    if (!db_rows_ok(rows, err))
        return false;
    *ret = samples;
    *ret_count = count;
    return true;
}

bool sample_load(struct db *db, struct arena *arena, const char *id, struct sample *ret, bool *ret_found,
                 struct error *err)
{
    static const char sql[] =
        "SELECT " SAMPLE_ROW_COLUMNS " FROM sample" SAMPLE_ROW_JOIN "WHERE s.id = $1 ORDER BY a.position";
    AUTO(db_rows) rows = NULL;
    struct sample *samples = NULL;
    size_t count = 0;
    if (!db_select(db, arena, sql, DB_ARGS(db_text(id)), &rows, err) ||
        !sample_rows_collect(rows, arena, 1, &samples, &count, err))
        return false;
    if (count == 1)
        *ret = samples[0];
    *ret_found = count == 1;
    return true;
}

bool samples_stored(struct db *db, struct arena *arena, const char *const *ids, size_t count,
                    struct sample **ret, struct error *err)
{
    static const struct db_many form = {"SELECT " SAMPLE_ROW_COLUMNS " FROM sample" SAMPLE_ROW_JOIN
                                        "WHERE s.id IN (",
                                        "$1", ") ORDER BY s.id, a.position", 1};
    AUTO(db_rows) rows = NULL;
    struct db_value values[DB_MANY_MAX];
    struct sample *samples = NULL;
    size_t found = 0;
    assert(count >= 1 && count <= DB_MANY_MAX);
    for (size_t i = 0; i < count; i++)
        values[i] = db_text(ids[i]);
    if (!db_select_many(db, arena, &form, values, count, &rows, err) ||
        !sample_rows_collect(rows, arena, count, &samples, &found, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        ret[i] = NULL;
        for (size_t k = 0; k < found && !ret[i]; k++)
            ret[i] = strcmp(samples[k].id, ids[i]) == 0 ? &samples[k] : NULL;
    }
    return true;
}

struct id_row {
    const char *id;
};

bool samples_exist(struct db *db, struct arena *arena, const char *const *ids, size_t count, bool *ret,
                   struct error *err)
{
    static const struct db_many form = {"SELECT id FROM sample WHERE id IN (", "$1", ")", 1};
    static const struct db_column columns[] = {DB_COLUMN_TEXT(struct id_row, id), DB_COLUMN_END};
    AUTO(db_rows) rows = NULL;
    struct db_value values[DB_MANY_MAX];
    struct id_row row;
    assert(count >= 1 && count <= DB_MANY_MAX);
    for (size_t i = 0; i < count; i++) {
        values[i] = db_text(ids[i]);
        ret[i] = false;
    }
    if (!db_select_many(db, arena, &form, values, count, &rows, err))
        return false;
    while (db_next(rows, columns, &row))
        for (size_t i = 0; i < count; i++)
            ret[i] |= strcmp(row.id, ids[i]) == 0;
    return db_rows_ok(rows, err);
}

enum { ANNOTATION_WIDTH = 9 };

/* Rows gathered until there are enough for a statement. */
struct annotation_rows {
    struct db_value *values;
    size_t count;
};

static bool insert_rows(struct db *db, struct annotation_rows *rows, struct error *err)
{
    static const struct db_many form = {"INSERT INTO annotation (sample_id, position, name, shape_json, "
                                        "is_suggested, confidence, annotated_by, property_json, created_ms) "
                                        "VALUES ",
                                        "($1, $2, $3, $4, $5, $6, $7, $8, $9)", "", ANNOTATION_WIDTH};
    size_t count = rows->count;
    rows->count = 0;
    return db_exec_many(db, &form, rows->values, count, NULL, err);
}

static void add_row(struct annotation_rows *rows, const char *sample_id, size_t position,
                    const struct annotation *annotation, int64_t now_ms)
{
    const struct db_value values[ANNOTATION_WIDTH] = {
        db_text(sample_id),
        db_int((int64_t)position),
        db_text(annotation->name),
        db_text(annotation->shape_json),
        db_int(annotation->is_suggested),
        db_real(annotation->confidence),
        db_text(annotation->annotated_by),
        db_text(annotation->property_json),
        db_int(annotation->created_ms > 0 ? annotation->created_ms : now_ms)};
    memcpy(&rows->values[rows->count++ * ANNOTATION_WIDTH], values, sizeof(values));
}

bool annotations_insert(struct db *db, struct arena *arena, const struct sample_annotations *sets,
                        size_t count, int64_t now_ms, struct error *err)
{
    struct annotation_rows rows = {
        .values = arena_array(arena, (size_t)DB_MANY_MAX * ANNOTATION_WIDTH, sizeof(*rows.values))};
    if (!rows.values)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < sets[i].count; k++) {
            add_row(&rows, sets[i].sample_id, k, &sets[i].annotations[k], now_ms);
            if (rows.count == DB_MANY_MAX && !insert_rows(db, &rows, err))
                return false;
        }
    return insert_rows(db, &rows, err);
}

bool annotations_replace(struct db *db, struct arena *arena, const struct sample_annotations *sets,
                         size_t count, int64_t now_ms, struct error *err)
{
    static const struct db_many form = {"DELETE FROM annotation WHERE sample_id IN (", "$1", ")", 1};
    struct db_value *ids = arena_array(arena, count + 1, sizeof(*ids));
    if (!ids)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++)
        ids[i] = db_text(sets[i].sample_id);
    return db_exec_many(db, &form, ids, count, NULL, err) &&
           annotations_insert(db, arena, sets, count, now_ms, err);
}

bool dataset_touch(struct db *db, const char *dataset_id, int64_t now_ms, struct error *err)
{
    return db_exec(db, "UPDATE dataset SET updated_ms = $2, changes = changes + 1 WHERE id = $1",
                   DB_ARGS(db_text(dataset_id), db_int(now_ms)), NULL, err);
}
