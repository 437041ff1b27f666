/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/sample_columns.h"

#include "base/text.h"
#include "dataset/sample_rows.h"

#include <math.h>
#include <string.h>

/* Samples of one page with all their annotations; the long texts are not read. */
enum { PAGE = 5000, PAGE_ARENA_BYTES = 512 * 1024 * 1024 };

struct index_row {
    struct sample sample;
    int64_t change;
    struct annotation annotation;
    double features[SAMPLE_FEATURES];
};

static const struct db_column index_columns[] = {
    DB_COLUMN_TEXT(struct index_row, sample.id),
    DB_COLUMN_TEXT(struct index_row, sample.source),
    DB_COLUMN_TEXT(struct index_row, sample.state),
    DB_COLUMN_TEXT(struct index_row, sample.usage),
    DB_COLUMN_TEXT(struct index_row, sample.origin),
    DB_COLUMN_TEXT(struct index_row, sample.origin_task),
    DB_COLUMN_BOOL(struct index_row, sample.is_hard),
    DB_COLUMN_REAL(struct index_row, sample.hard_coefficient),
    DB_COLUMN_TEXT(struct index_row, sample.hard_reasons),
    DB_COLUMN_BOOL(struct index_row, sample.is_excluded),
    DB_COLUMN_INT(struct index_row, sample.created_ms),
    DB_COLUMN_INT(struct index_row, change),
    DB_COLUMN_TEXT(struct index_row, annotation.name),
    DB_COLUMN_BOOL(struct index_row, annotation.is_suggested),
    DB_COLUMN_REAL(struct index_row, annotation.confidence),
    DB_COLUMN_REAL(struct index_row, features[0]),
    DB_COLUMN_REAL(struct index_row, features[1]),
    DB_COLUMN_REAL(struct index_row, features[2]),
    DB_COLUMN_REAL(struct index_row, features[3]),
    DB_COLUMN_REAL(struct index_row, features[4]),
    DB_COLUMN_REAL(struct index_row, features[5]),
    DB_COLUMN_REAL(struct index_row, features[6]),
    DB_COLUMN_REAL(struct index_row, features[7]),
    DB_COLUMN_REAL(struct index_row, features[8]),
    DB_COLUMN_REAL(struct index_row, features[9]),
    DB_COLUMN_REAL(struct index_row, features[10]),
    DB_COLUMN_REAL(struct index_row, features[11]),
    DB_COLUMN_REAL(struct index_row, features[12]),
    DB_COLUMN_REAL(struct index_row, features[13]),
    DB_COLUMN_END,
};
/* Of the sample only what is wanted: its long texts would be carried through two sorts. */
#define INDEX_SAMPLES                                                                                        \
    "(SELECT s.id, s.source, s.state, s.usage, s.origin, s.origin_task, s.is_hard, s.hard_coefficient, "     \
    "s.hard_reasons, "                                                                                       \
    "s.is_excluded, s.created_ms, s.change FROM sample s "
#define INDEX_ROW_COLUMNS                                                                                    \
    "s.id, s.source, s.state, s.usage, s.origin, s.origin_task, s.is_hard, s.hard_coefficient, "             \
    "s.hard_reasons, "                                                                                       \
    "s.is_excluded, s.created_ms, s.change, a.name, a.is_suggested, a.confidence, " SAMPLE_FEATURE_COLUMNS

/* A page of samples; the annotations of the last one grow by doubling. */
struct gathering {
    struct arena *arena;
    struct sample *samples; /* room for PAGE */
    size_t count, room;
    int64_t change; /* of the last one */
};

static bool gather_annotation(struct gathering *gathering, const struct annotation *annotation,
                              struct error *err)
{
    struct sample *sample = &gathering->samples[gathering->count - 1];
    if (sample->annotation_count == gathering->room) {
        size_t room = gathering->room == 0 ? 4 : 2 * gathering->room;
        struct annotation *grown = arena_array(gathering->arena, room, sizeof(*grown));
        if (!grown)
            return error_no_memory(err);
        if (sample->annotation_count > 0)
            memcpy(grown, sample->annotations, sample->annotation_count * sizeof(*grown));
        sample->annotations = grown;
        gathering->room = room;
    }
    sample->annotations[sample->annotation_count++] = *annotation;
    return true;
}

static bool gather_features(struct arena *arena, const struct index_row *row, struct sample *sample,
                            struct error *err)
{
    bool has_any = false;
    for (int i = 0; i < SAMPLE_FEATURES; i++)
        has_any |= !isnan(row->features[i]);
    if (!has_any)
        return true;
    double *features = arena_array(arena, SAMPLE_FEATURES, sizeof(*features));
    if (!features)
        return error_no_memory(err);
    memcpy(features, row->features, sizeof(row->features));
    sample->features = features;
    return true;
}

static bool gather_row(struct gathering *gathering, const struct index_row *row, struct error *err)
{
    const struct sample *last = gathering->count > 0 ? &gathering->samples[gathering->count - 1] : NULL;
    if (!last || strcmp(last->id, row->sample.id) != 0) {
        struct sample *sample = &gathering->samples[gathering->count];
        *sample = row->sample;
        if (!gather_features(gathering->arena, row, sample, err))
            return false;
        gathering->count++;
        gathering->change = row->change;
        gathering->room = 0;
    }
    return !row->annotation.name || gather_annotation(gathering, &row->annotation, err);
}

static bool gather_page(struct db *db, const char *sql, struct db_args args, struct gathering *gathering,
                        struct error *err)
{
    AUTO(db_rows) rows = NULL;
    struct index_row row = {0};
    arena_reset(gathering->arena);
    gathering->count = 0;
    gathering->samples = arena_array(gathering->arena, PAGE, sizeof(*gathering->samples));
    if (!gathering->samples)
        return error_no_memory(err);
    if (!db_select(db, gathering->arena, sql, args, &rows, err))
        return false;
    while (db_next(rows, index_columns, &row))
        if (!gather_row(gathering, &row, err))
            return false;
    return db_rows_ok(rows, err);
}

bool sample_changes_latest(struct db *db, const char *dataset_id, struct sample_changes_seen *ret,
                           struct error *err)
{
    static const struct db_column columns[] = {DB_COLUMN_INT(struct sample_changes_seen, changes),
                                               DB_COLUMN_INT(struct sample_changes_seen, removal),
                                               DB_COLUMN_END};
    AUTO(arena) arena = arena_new(1024);
    bool is_found = false;
    if (!arena)
        return error_no_memory(err);
    if (!db_select_one(db, arena, "SELECT changes, removal FROM dataset WHERE id = $1",
                       DB_ARGS(db_text(dataset_id)), columns, ret, &is_found, err))
        return false;
    return is_found ||
           error_set_detail(err, DETAIL_DATASET_NOT_FOUND, "there is no dataset '%.60s'", dataset_id);
}

/* In the order of (change, id): what changes again meanwhile comes again at the end. */
bool sample_changes_visit(struct db *db, const char *dataset_id, int64_t since, sample_page_taker *take,
                          void *state, struct error *err)
{
    static const char sql[] =
        "SELECT " INDEX_ROW_COLUMNS " FROM " INDEX_SAMPLES "WHERE s.dataset_id = $1 AND "
        "(s.change, s.id) > ($2, $3) ORDER BY s.change, s.id LIMIT $4) s LEFT JOIN annotation a ON "
        "a.sample_id = s.id LEFT JOIN sample_feature f ON f.sample_id = s.id ORDER BY s.change, s.id";
    char id[HASH_HEX_BYTES] = "g"; /* after every id */
    AUTO(arena) arena = arena_new(PAGE_ARENA_BYTES);
    struct gathering page = {.arena = arena, .change = since};
    if (!arena)
        return error_no_memory(err);
    do {
        if (!gather_page(db, sql,
                         DB_ARGS(db_text(dataset_id), db_int(page.change), db_text(id), db_int(PAGE)), &page,
                         err) ||
            !take(state, page.samples, page.count, err))
            return false;
        if (page.count > 0 && !text_copy(id, sizeof(id), page.samples[page.count - 1].id))
            return error_set(err, ERR_FAILED, "the id of a sample is too long");
    } while (page.count == PAGE);
    return true;
}

struct loading {
    struct sample_columns *columns;
    size_t bytes_max;
};

static bool put_page(void *state, const struct sample *samples, size_t count, struct error *err)
{
    const struct loading *loading = state;
    for (size_t i = 0; i < count; i++)
        if (!sample_columns_put(loading->columns, &samples[i], err))
            return false;
    return sample_columns_bytes(loading->columns) <= loading->bytes_max ||
           error_set(err, ERR_LIMIT,
                     "the dataset has more samples than fit into the %zu MiB set aside for its index",
                     loading->bytes_max / 1024 / 1024);
}

/* In the order of their changes: what was written together lies together, in the order of sources it is
 * all over the file. What changes while they are read has a later change than the one noted here, and is
 * read again. */
bool sample_columns_load(struct db *db, const char *dataset_id, size_t bytes_max, struct sample_columns **ret,
                         struct error *err)
{
    AUTO(sample_columns) columns = sample_columns_new();
    struct loading loading = {columns, bytes_max};
    struct sample_changes_seen seen = {0};
    if (!columns)
        return error_no_memory(err);
    if (!sample_changes_latest(db, dataset_id, &seen, err))
        return false;
    columns->change = seen.changes;
    if (!sample_changes_visit(db, dataset_id, 0, put_page, &loading, err) ||
        !sample_columns_settle(columns, err))
        return false;
    *ret = TAKE(columns);
    return true;
}
