/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "db/db_handle.h"

#include <stdlib.h>
#include <string.h>

static void prepared_release(struct db *db, struct db_prepared *prepared)
{
    if (prepared->statement)
        db->driver->finalize(prepared->statement);
    free(prepared->sql);
    *prepared = (struct db_prepared){0};
}

bool db_statement_take(struct db *db, const char *sql, struct db_prepared *ret, struct error *err)
{
    for (size_t i = 0; i < db->cached; i++) {
        if (strcmp(db->cache[i].sql, sql) != 0)
            continue;
        *ret = db->cache[i];
        db->cache[i] = db->cache[--db->cached];
        return true;
    }
    struct db_prepared fresh = {.sql = strdup(sql)};
    if (!fresh.sql)
        return error_no_memory(err);
    if (!db->driver->prepare(db->connection, sql, &fresh.statement, err)) {
        prepared_release(db, &fresh);
        return false;
    }
    db->driver->shape(fresh.statement, &fresh.parameters, &fresh.columns);
    *ret = fresh;
    return true;
}

static size_t least_recently_used(const struct db *db)
{
    size_t oldest = 0;
    for (size_t i = 1; i < db->cached; i++)
        if (db->cache[i].used_at < db->cache[oldest].used_at)
            oldest = i;
    return oldest;
}

void db_statement_give(struct db *db, struct db_prepared *prepared)
{
    db->driver->reset(prepared->statement);
    if (db->cached == DB_STATEMENTS_MAX) {
        size_t oldest = least_recently_used(db);
        prepared_release(db, &db->cache[oldest]);
        db->cache[oldest] = db->cache[--db->cached];
    }
    prepared->used_at = ++db->uses;
    db->cache[db->cached++] = *prepared;
    *prepared = (struct db_prepared){0};
}

void db_statements_release(struct db *db)
{
    while (db->cached > 0)
        prepared_release(db, &db->cache[--db->cached]);
}

static bool bind_all(struct db *db, const struct db_prepared *prepared, struct db_args args,
                     struct error *err)
{
    if (args.count != prepared->parameters)
        return error_set(err, ERR_INVALID, "the statement has %u parameters, %zu were given: %.120s",
                         prepared->parameters, args.count, prepared->sql);
    for (uint32_t i = 0; i < prepared->parameters; i++) {
        const struct db_value *value = &args.values[i];
        if (value->type == DB_TEXT && !text_is_utf8(value->text, strlen(value->text)))
            return error_set(err, ERR_INVALID, "a text for the database is not UTF-8: %.120s", value->text);
        if (!db->driver->bind(db->connection, prepared->statement, i + 1, value, err))
            return false;
    }
    return true;
}

bool db_statement_step(struct db *db, const struct db_prepared *prepared, bool *ret_has_row,
                       struct error *err)
{
    if (db->driver->step(db->connection, prepared->statement, ret_has_row, err))
        return true;
    db->is_doomed = db->is_in_transaction;
    return false;
}

bool db_statement_start(struct db *db, const char *sql, struct db_args args, struct db_prepared *ret,
                        bool *ret_has_row, struct error *err)
{
    struct db_prepared prepared;
    if (db->is_doomed)
        return error_set(err, ERR_CONFLICT, "an earlier statement of this transaction failed: roll it back");
    if (!db_statement_take(db, sql, &prepared, err)) {
        db->is_doomed = db->is_in_transaction;
        return false;
    }
    if (!bind_all(db, &prepared, args, err) || !db_statement_step(db, &prepared, ret_has_row, err)) {
        db_statement_give(db, &prepared);
        db->is_doomed = db->is_in_transaction;
        return false;
    }
    *ret = prepared;
    return true;
}
