/* SPDX-License-Identifier: Apache-2.0 */
#include "db/db.h"

#include "db/db_handle.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct db_value db_text(const char *text)
{
    return (struct db_value){.type = text ? DB_TEXT : DB_NULL, .text = text};
}

struct db_value db_int(int64_t value)
{
    return (struct db_value){.type = DB_INTEGER, .integer = value};
}

struct db_value db_real(double value)
{
    return (struct db_value){.type = isnan(value) ? DB_NULL : DB_REAL, .real = value};
}

struct db_value db_null(void)
{
    return (struct db_value){.type = DB_NULL};
}

static const struct db_driver *driver_find(const char *url, const char **ret_place)
{
    size_t scheme_bytes = strcspn(url, ":");
    for (const struct db_driver *const *driver = db_drivers; *driver; driver++) {
        bool is_it = strlen((*driver)->scheme) == scheme_bytes && url[scheme_bytes] == ':' &&
                     memcmp((*driver)->scheme, url, scheme_bytes) == 0;
        if (!is_it)
            continue;
        *ret_place = url + scheme_bytes + 1;
        return *driver;
    }
    return NULL;
}

/* Shows no more than the scheme: a password may follow. */
static bool fail_scheme(const char *url, struct error *err)
{
    int scheme_bytes = (int)strcspn(url, ":/@");
    if (url[scheme_bytes] != ':')
        scheme_bytes = 0;
    return error_set(err, ERR_INVALID,
                     "'%.*s' is no scheme of a database URL: write sqlite:PATH or postgresql://HOST/NAME",
                     scheme_bytes > 30 ? 30 : scheme_bytes, url);
}

bool db_open(const char *url, struct db **ret, struct error *err)
{
    AUTO(db) db = calloc(1, sizeof(*db));
    if (!db || !(db->url = strdup(url)))
        return error_no_memory(err);
    db->driver = driver_find(db->url, &db->place);
    if (!db->driver)
        return fail_scheme(url, err);
    if (!(db->connection = calloc(1, db->driver->connection_bytes)))
        return error_no_memory(err);
    if (!db->driver->open(db->connection, db->place, err))
        return false;
    *ret = TAKE(db);
    return true;
}

bool db_open_again(const struct db *db, struct db **ret, struct error *err)
{
    if (db->driver->is_private(db->place))
        return error_set(err, ERR_INVALID, "'%.100s' is a private database: it has one handle only", db->url);
    return db_open(db->url, ret, err);
}

const char *db_scheme(const struct db *db)
{
    return db->driver->scheme;
}

struct db *db_free(struct db *db)
{
    if (!db)
        return NULL;
    assert(db->open_rows == 0);
    if (db->connection) {
        db_statements_release(db);
        db->driver->close(db->connection);
    }
    free(db->connection);
    free(db->url);
    free(db);
    return NULL;
}

bool db_exec(struct db *db, const char *sql, struct db_args args, int64_t *ret_changed, struct error *err)
{
    struct db_prepared prepared;
    bool has_row = false, is_ok = true;
    if (!db_check_no_rows(db, err) || !db_statement_start(db, sql, args, &prepared, &has_row, err))
        return false;
    while (is_ok && has_row)
        is_ok = db_statement_step(db, &prepared, &has_row, err);
    if (is_ok && ret_changed)
        *ret_changed = db->driver->changed(db->connection, prepared.statement);
    db_statement_give(db, &prepared);
    return is_ok;
}

bool db_begin(struct db *db, struct error *err)
{
    if (db->is_in_transaction)
        return error_set(err, ERR_CONFLICT, "a transaction is open already on this handle");
    db->is_in_transaction = db_check_no_rows(db, err) && db->driver->begin(db->connection, err);
    return db->is_in_transaction;
}

bool db_commit(struct db *db, struct error *err)
{
    if (!db->is_in_transaction)
        return error_set(err, ERR_CONFLICT, "there is no transaction to commit");
    bool is_ok = !db->is_doomed && db->driver->commit(db->connection, err);
    if (db->is_doomed)
        (void)error_set(err, ERR_CONFLICT,
                        "a statement of this transaction failed, so it cannot be committed");
    if (!is_ok)
        db->driver->rollback(db->connection);
    db->is_in_transaction = db->is_doomed = false;
    return is_ok;
}

void db_rollback(struct db *db)
{
    if (db->is_in_transaction)
        db->driver->rollback(db->connection);
    db->is_in_transaction = db->is_doomed = false;
}
