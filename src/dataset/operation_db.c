/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "dataset/operation.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER_BYTES = 24 };

#define OPERATION_COLUMNS                                                                                    \
    "o.number, o.id, o.project_id, o.dataset_id, o.user_name, o.decided_by, o.action, o.state, o.samples, "  \
    "o.created_ms, o.changed_ms, o.labels_json"
#define OPERATION_FIELDS(type, path)                                                                         \
    DB_COLUMN_INT(type, path number), DB_COLUMN_TEXT(type, path id), DB_COLUMN_TEXT(type, path project_id),  \
        DB_COLUMN_TEXT(type, path dataset_id), DB_COLUMN_TEXT(type, path user),                              \
        DB_COLUMN_TEXT(type, path decided_by), DB_COLUMN_TEXT(type, path action),                            \
        DB_COLUMN_TEXT(type, path state), DB_COLUMN_INT(type, path samples),                                 \
        DB_COLUMN_INT(type, path created_ms), DB_COLUMN_INT(type, path changed_ms),                  \
        DB_COLUMN_TEXT(type, path labels_json)

static const struct db_column operation_columns[] = {OPERATION_FIELDS(struct operation, ), DB_COLUMN_END};
static const struct db_column sample_columns[] = {
    OPERATION_FIELDS(struct operation_sample, operation.),
    DB_COLUMN_TEXT(struct operation_sample, sample_id),
    DB_COLUMN_TEXT(struct operation_sample, before_json),
    DB_COLUMN_TEXT(struct operation_sample, after_json),
    DB_COLUMN_INT(struct operation_sample, revision_before),
    DB_COLUMN_INT(struct operation_sample, revision_after),
    DB_COLUMN_END,
};
#define SAMPLE_SELECT                                                                                        \
    "SELECT " OPERATION_COLUMNS ", i.sample_id, i.before_json, i.after_json, i.revision_before, "            \
    "i.revision_after FROM operation_sample i JOIN operation o ON o.number = i.operation_number "

/* A cursor is the number of the last operation shown. */
static bool read_cursor(const char *cursor, int64_t *ret, struct error *err)
{
    uint64_t number = INT64_MAX;
    struct error ignored;
    if (cursor && !text_to_count(cursor, "cursor", 1, (uint64_t)1 << 52, &number, &ignored))
        return error_set(err, ERR_INVALID, "the cursor is not one of a page of operations");
    *ret = (int64_t)number;
    return true;
}

bool operations_page(struct db *db, struct arena *arena, const struct operation_filter *filter,
                     struct operation_page *ret, struct error *err)
{
    static const char sql[] =
        "SELECT " OPERATION_COLUMNS " FROM operation o WHERE o.project_id = $1 AND o.number < $2 "
        "AND (CAST($3 AS TEXT) IS NULL OR o.dataset_id = $3) "
        "AND (CAST($4 AS TEXT) IS NULL OR o.user_name = $4) "
        "ORDER BY o.number DESC LIMIT $5";
    const struct db_list form = {operation_columns, sizeof(struct operation), OPERATION_PAGE_MAX + 1};
    struct operation *operations = NULL;
    size_t count = 0;
    int64_t below = 0;
    if (!read_cursor(filter->cursor, &below, err) ||
        !db_select_list(db, arena, sql,
                        DB_ARGS(db_text(filter->project_id), db_int(below), db_text(filter->dataset_id),
                                db_text(filter->user), db_int(filter->limit + 1)),
                        &form, &operations, &count, err))
        return false;
    *ret = (struct operation_page){operations, count, NULL};
    if ((int64_t)count <= filter->limit)
        return true;
    ret->count = (size_t)filter->limit;
    ret->cursor = arena_printf(arena, "%" PRId64, operations[ret->count - 1].number);
    return ret->cursor || error_no_memory(err);
}

bool operation_find(struct db *db, const char *project_id, struct arena *arena, const char *reference,
                    struct operation *ret, struct error *err)
{
    static const char sql[] =
        "SELECT " OPERATION_COLUMNS " FROM operation o WHERE o.project_id = $1 AND o.id >= $2 AND o.id < $3 "
        "ORDER BY o.id LIMIT 2";
    const struct db_list form = {operation_columns, sizeof(struct operation), 2};
    struct operation *found = NULL;
    size_t count = 0, length = strlen(reference);
    bool is_hex = length > 0 && length < HASH_HEX_BYTES && strspn(reference, "0123456789abcdef") == length;
    if (is_hex) {
        /* 'g' comes after every character of an id. */
        const char *end = arena_printf(arena, "%sg", reference);
        if (!end)
            return error_no_memory(err);
        if (!db_select_list(db, arena, sql, DB_ARGS(db_text(project_id), db_text(reference), db_text(end)),
                            &form, &found, &count, err))
            return false;
    }
    if (count == 0)
        return error_set_detail(err, DETAIL_OPERATION_NOT_FOUND, "there is no operation '%.60s'", reference);
    if (count > 1)
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                "'%.60s' fits several operations; give more of the id", reference);
    *ret = found[0];
    return true;
}

bool sample_history(struct db *db, struct arena *arena, const char *sample_id, struct operation_sample **ret,
                    size_t *ret_count, struct error *err)
{
    const struct db_list form = {sample_columns, sizeof(struct operation_sample), SAMPLE_HISTORY_MAX};
    return db_select_list(
        db, arena, SAMPLE_SELECT "WHERE i.sample_id = $1 ORDER BY i.operation_number DESC LIMIT $2",
        DB_ARGS(db_text(sample_id), db_int(SAMPLE_HISTORY_MAX)), &form, ret, ret_count, err);
}

bool operation_samples(struct db *db, struct arena *arena, int64_t number, struct operation_sample_page *page,
                       struct error *err)
{
    const struct db_list form = {sample_columns, sizeof(struct operation_sample), OPERATION_PAGE_MAX};
    return db_select_list(
        db, arena,
        SAMPLE_SELECT "WHERE i.operation_number = $1 AND i.sample_id > $2 ORDER BY i.sample_id LIMIT $3",
        DB_ARGS(db_int(number), db_text(page->after ? page->after : ""), db_int(page->limit)), &form,
        &page->items, &page->count, err);
}
