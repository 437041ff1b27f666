/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/sample_feature.h"

#include "dataset/sample_rows.h"

#include <assert.h>
#include <string.h>

enum { KEPT_WIDTH = 2 + SAMPLE_FEATURES };

const char *const sample_feature_names[SAMPLE_FEATURES] = {
    "resolution",       "aspect_ratio",   "brightness",          "saturation",
    "colorfulness",     "clarity",        "box_count",           "box_area_deviation",
    "box_aspect_ratio", "box_area_ratio", "box_marginalization", "box_brightness",
    "box_clarity",      "box_overlap"};

int sample_feature_of(const char *name)
{
    for (int feature = 0; feature < SAMPLE_FEATURES; feature++)
        if (strcmp(sample_feature_names[feature], name) == 0)
            return feature;
    return -1;
}

/* ---- keeping ---- */

static bool count_as_change(struct db *db, struct arena *arena, const struct sample_features *features,
                            size_t count, struct error *err)
{
    static const struct db_many of_samples = {"UPDATE sample SET change = (SELECT " DATASET_NEXT_CHANGE
                                              " FROM dataset d WHERE d.id = sample.dataset_id) WHERE id IN (",
                                              "$1", ")", 1};
    static const struct db_many of_dataset = {
        "UPDATE dataset SET changes = changes + 1 WHERE id IN (SELECT dataset_id FROM sample WHERE id IN (",
        "$1", "))", 1};
    struct db_value *ids = arena_array(arena, count, sizeof(*ids));
    if (!ids)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++)
        ids[i] = db_text(features[i].sample_id);
    return db_exec_many(db, &of_samples, ids, count, NULL, err) &&
           db_exec_many(db, &of_dataset, ids, count, NULL, err);
}

bool sample_features_keep(struct db *db, struct arena *arena, const struct sample_features *features,
                          size_t count, struct error *err)
{
    /* SELECT, not VALUES alone: a sample may be gone by now. */
    static const struct db_many form = {
        "INSERT INTO sample_feature (sample_id, boxes, " SAMPLE_FEATURE_COLUMNS
        ") SELECT v.column1, v.column2, "
        "v.column3, v.column4, v.column5, v.column6, v.column7, v.column8, v.column9, v.column10, "
        "v.column11, v.column12, v.column13, v.column14, v.column15, v.column16 FROM (VALUES ",
        "(CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS DOUBLE PRECISION), CAST($4 AS DOUBLE PRECISION), "
        "CAST($5 AS DOUBLE PRECISION), CAST($6 AS DOUBLE PRECISION), CAST($7 AS DOUBLE PRECISION), "
        "CAST($8 AS DOUBLE PRECISION), CAST($9 AS DOUBLE PRECISION), CAST($10 AS DOUBLE PRECISION), "
        "CAST($11 AS DOUBLE PRECISION), CAST($12 AS DOUBLE PRECISION), CAST($13 AS DOUBLE PRECISION), "
        "CAST($14 AS DOUBLE PRECISION), CAST($15 AS DOUBLE PRECISION), CAST($16 AS DOUBLE PRECISION))",
        ") AS v JOIN sample s ON s.id = v.column1 WHERE true ON CONFLICT (sample_id) DO UPDATE SET "
        "boxes = excluded.boxes, resolution = excluded.resolution, aspect_ratio = excluded.aspect_ratio, "
        "brightness = excluded.brightness, saturation = excluded.saturation, "
        "colorfulness = excluded.colorfulness, clarity = excluded.clarity, "
        "box_count = excluded.box_count, box_area_deviation = excluded.box_area_deviation, "
        "box_aspect_ratio = excluded.box_aspect_ratio, box_area_ratio = excluded.box_area_ratio, "
        "box_marginalization = excluded.box_marginalization, box_brightness = excluded.box_brightness, "
        "box_clarity = excluded.box_clarity, box_overlap = excluded.box_overlap",
        KEPT_WIDTH};
    struct db_value *values = arena_array(arena, count * KEPT_WIDTH, sizeof(*values)), *at = values;
    if (count == 0)
        return true;
    if (!values)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        *at++ = db_text(features[i].sample_id);
        *at++ = db_text(features[i].boxes);
        for (int f = 0; f < SAMPLE_FEATURES; f++)
            *at++ = db_real(features[i].values[f]);
    }
    return db_exec_many(db, &form, values, count, NULL, err) &&
           count_as_change(db, arena, features, count, err);
}

/* ---- finding ---- */

struct feature_row {
    const char *sample_id, *boxes;
    double resolution, aspect_ratio, brightness, saturation, colorfulness, clarity, box_count,
        box_area_deviation, box_aspect_ratio, box_area_ratio, box_marginalization, box_brightness,
        box_clarity, box_overlap;
};
static const struct db_column feature_columns[] = {
    DB_COLUMN_TEXT(struct feature_row, sample_id),
    DB_COLUMN_TEXT(struct feature_row, boxes),
    DB_COLUMN_REAL(struct feature_row, resolution),
    DB_COLUMN_REAL(struct feature_row, aspect_ratio),
    DB_COLUMN_REAL(struct feature_row, brightness),
    DB_COLUMN_REAL(struct feature_row, saturation),
    DB_COLUMN_REAL(struct feature_row, colorfulness),
    DB_COLUMN_REAL(struct feature_row, clarity),
    DB_COLUMN_REAL(struct feature_row, box_count),
    DB_COLUMN_REAL(struct feature_row, box_area_deviation),
    DB_COLUMN_REAL(struct feature_row, box_aspect_ratio),
    DB_COLUMN_REAL(struct feature_row, box_area_ratio),
    DB_COLUMN_REAL(struct feature_row, box_marginalization),
    DB_COLUMN_REAL(struct feature_row, box_brightness),
    DB_COLUMN_REAL(struct feature_row, box_clarity),
    DB_COLUMN_REAL(struct feature_row, box_overlap),
    DB_COLUMN_END,
};

static const struct sample_features *features_of(struct arena *arena, const struct feature_row *row)
{
    struct sample_features *features = arena_alloc(arena, sizeof(*features));
    static_assert(sizeof(features->values) == sizeof(*row) - offsetof(struct feature_row, resolution),
                  "the numbers of a row are all of them, in order");
    if (!features)
        return NULL;
    features->sample_id = row->sample_id;
    features->boxes = row->boxes;
    memcpy(features->values, (const char *)row + offsetof(struct feature_row, resolution),
           sizeof(features->values));
    return features;
}

/* Rows come in the order of ids. */
static bool find_some(struct db *db, struct arena *arena, const char *const *ids, size_t count,
                      const struct sample_features **ret, struct error *err)
{
    static const struct db_many form = {"SELECT sample_id, boxes, " SAMPLE_FEATURE_COLUMNS
                                        " FROM sample_feature WHERE sample_id IN (",
                                        "$1", ") ORDER BY sample_id", 1};
    AUTO(db_rows) rows = NULL;
    struct db_value values[DB_MANY_MAX];
    struct feature_row row;
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        values[i] = db_text(ids[i]);
        ret[i] = NULL;
    }
    if (!db_select_many(db, arena, &form, values, count, &rows, err))
        return false;
    while (db_next(rows, feature_columns, &row)) {
        while (at < count && strcmp(ids[at], row.sample_id) < 0)
            at++;
        if (at == count || strcmp(ids[at], row.sample_id) != 0)
            continue;
        ret[at] = features_of(arena, &row);
        if (!ret[at])
            return error_no_memory(err);
    }
    return db_rows_ok(rows, err);
}

bool sample_features_find(struct db *db, struct arena *arena, const char *const *ids, size_t count,
                          const struct sample_features **ret, struct error *err)
{
    for (size_t i = 0; i < count; i += DB_MANY_MAX) {
        size_t some = count - i < DB_MANY_MAX ? count - i : DB_MANY_MAX;
        if (!find_some(db, arena, ids + i, some, ret + i, err))
            return false;
    }
    return true;
}
