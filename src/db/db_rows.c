/* SPDX-License-Identifier: Apache-2.0 */
#include "db/db_handle.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_ARENA_BYTES = 4096 };

struct db_rows {
    struct db *db;
    struct arena *arena;
    struct db_prepared prepared;
    bool is_reading; /* counted in the handle */
    bool has_row;    /* the statement stands on a row that db_next has not given yet */
    bool is_fresh;   /* no row was given yet, so there is nothing to step over */
    bool is_failed;
    struct error err;
};

bool db_check_no_rows(const struct db *db, struct error *err)
{
    if (db->is_in_transaction || db->reading_rows == 0)
        return true;
    return error_set(
        err, ERR_CONFLICT,
        "the rows of a SELECT are still being read: begin a transaction before it, or end it first");
}

static void stop_reading(struct db_rows *rows)
{
    rows->db->reading_rows -= rows->is_reading;
    rows->is_reading = rows->has_row = false;
}

static bool move_on(struct db_rows *rows)
{
    rows->is_failed = !db_statement_step(rows->db, &rows->prepared, &rows->has_row, &rows->err);
    if (rows->is_failed || !rows->has_row)
        stop_reading(rows);
    return rows->has_row;
}

bool db_rows_start(struct db *db, struct arena *arena, const char *sql, struct db_args args,
                   struct db_rows **ret, struct error *err)
{
    struct db_rows *rows = calloc(1, sizeof(*rows));
    if (!rows)
        return error_no_memory(err);
    if (!db_statement_start(db, sql, args, &rows->prepared, &rows->has_row, err)) {
        free(rows);
        return false;
    }
    rows->db = db;
    rows->arena = arena;
    rows->is_fresh = true;
    db->open_rows++;
    rows->is_reading = rows->has_row;
    db->reading_rows += rows->is_reading;
    *ret = rows;
    return true;
}

bool db_select(struct db *db, struct arena *arena, const char *sql, struct db_args args, struct db_rows **ret,
               struct error *err)
{
    assert(args.count <= DB_ARGS_MAX);
    return db_rows_start(db, arena, sql, args, ret, err);
}

struct db_rows *db_rows_free(struct db_rows *rows)
{
    if (!rows)
        return NULL;
    stop_reading(rows);
    db_statement_give(rows->db, &rows->prepared);
    rows->db->open_rows--;
    free(rows);
    return NULL;
}

static bool read_text(struct db_rows *rows, uint32_t index, const struct db_column *column, char **ret)
{
    struct bytes text = rows->db->driver->text(rows->prepared.statement, index);
    if (!text.data)
        return error_no_memory(&rows->err);
    *ret = arena_text_n(rows->arena, text.data, text.size);
    return *ret || error_set(&rows->err, ERR_LIMIT,
                             "the rows do not fit into memory set aside for them (at %s)", column->name);
}

/* Writes one field of the caller's struct, whatever its type, by copying its bytes. */
static bool fill_field(struct db_rows *rows, uint32_t index, const struct db_column *column, void *into)
{
    const struct db_driver *driver = rows->db->driver;
    void *statement = rows->prepared.statement, *field = (char *)into + column->offset;
    bool is_null = driver->is_null(statement, index);
    int64_t integer = 0;
    switch (column->type) {
    case DB_FIELD_TEXT: {
        char *text = NULL;
        if (!is_null && !read_text(rows, index, column, &text))
            return false;
        memcpy(field, &text, sizeof(text));
        return true;
    }
    case DB_FIELD_REAL: {
        double real = is_null ? (double)NAN : driver->real(statement, index);
        memcpy(field, &real, sizeof(real));
        return true;
    }
    case DB_FIELD_INTEGER:
    case DB_FIELD_BOOL:
        break;
    }
    integer = is_null ? 0 : driver->integer(statement, index);
    bool flag = integer != 0;
    if (column->type == DB_FIELD_BOOL)
        memcpy(field, &flag, sizeof(flag));
    else
        memcpy(field, &integer, sizeof(integer));
    return true;
}

static bool fill_row(struct db_rows *rows, const struct db_column *columns, void *into)
{
    uint32_t count = 0;
    while (columns[count].name)
        count++;
    assert(count == rows->prepared.columns);
    for (uint32_t i = 0; i < count; i++)
        if (!fill_field(rows, i, &columns[i], into))
            return false;
    return true;
}

bool db_next(struct db_rows *rows, const struct db_column *columns, void *into)
{
    if (!rows->has_row || rows->is_failed)
        return false;
    if (!rows->is_fresh && !move_on(rows))
        return false;
    rows->is_fresh = false;
    rows->is_failed = !fill_row(rows, columns, into);
    return !rows->is_failed;
}

bool db_rows_ok(const struct db_rows *rows, struct error *err)
{
    if (rows->is_failed)
        *err = rows->err;
    return !rows->is_failed;
}

/* NOLINTNEXTLINE(readability-function-size): eight parameters, each the query's or the result's */
bool db_select_one(struct db *db, struct arena *arena, const char *sql, struct db_args args,
                   const struct db_column *columns, void *into, bool *ret_found, struct error *err)
{
    AUTO(db_rows) rows = NULL;
    if (!db_select(db, arena, sql, args, &rows, err))
        return false;
    bool is_found = db_next(rows, columns, into);
    bool has_more = is_found && move_on(rows);
    if (!db_rows_ok(rows, err))
        return false;
    if (has_more)
        return error_set(err, ERR_INVALID, "one row was wanted and there are more: %.120s", sql);
    *ret_found = is_found;
    return true;
}

bool db_select_number(struct db *db, const char *sql, struct db_args args, int64_t *ret, struct error *err)
{
    struct number_row {
        int64_t number;
    } row = {0};
    static const struct db_column columns[] = {DB_COLUMN_INT(struct number_row, number), DB_COLUMN_END};
    AUTO(arena) arena = arena_new(NUMBER_ARENA_BYTES);
    bool is_found = false;
    if (!arena)
        return error_no_memory(err);
    if (!db_select_one(db, arena, sql, args, columns, &row, &is_found, err))
        return false;
    if (!is_found)
        return error_set(err, ERR_INVALID, "a number was wanted and there is none: %.120s", sql);
    *ret = row.number;
    return true;
}
