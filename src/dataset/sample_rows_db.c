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

bool annotations_insert(struct db *db, const char *sample_id, const struct annotation *annotations,
                        size_t count, int64_t now_ms, struct error *err)
{
    static const char sql[] = "INSERT INTO annotation (sample_id, position, name, shape_json, is_suggested, "
                              "confidence, annotated_by, property_json, created_ms) "
                              "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    for (size_t i = 0; i < count; i++) {
        const struct annotation *annotation = &annotations[i];
        int64_t created_ms = annotation->created_ms > 0 ? annotation->created_ms : now_ms;
        if (!db_exec(db, sql,
                     DB_ARGS(db_text(sample_id), db_int((int64_t)i), db_text(annotation->name),
                             db_text(annotation->shape_json), db_int(annotation->is_suggested),
                             db_real(annotation->confidence), db_text(annotation->annotated_by),
                             db_text(annotation->property_json), db_int(created_ms)),
                     NULL, err))
            return false;
    }
    return true;
}

bool annotations_replace(struct db *db, const char *sample_id, const struct annotation *annotations,
                         size_t count, int64_t now_ms, struct error *err)
{
    return db_exec(db, "DELETE FROM annotation WHERE sample_id = $1", DB_ARGS(db_text(sample_id)), NULL,
                   err) &&
           annotations_insert(db, sample_id, annotations, count, now_ms, err);
}

bool dataset_touch(struct db *db, const char *dataset_id, int64_t now_ms, struct error *err)
{
    return db_exec(db, "UPDATE dataset SET updated_ms = $2, changes = changes + 1 WHERE id = $1",
                   DB_ARGS(db_text(dataset_id), db_int(now_ms)), NULL, err);
}
