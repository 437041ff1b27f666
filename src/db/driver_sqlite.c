/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLite: the embedded database. Files use the write-ahead log, so that readers and the one writer do not
 * wait for each other. A commit that was acknowledged survives the death of the process and, since
 * synchronous=FULL syncs the log at each commit, the loss of power.
 */
#include "base/clock.h"
#include "db/driver.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

/* A statement that fires triggers keeps the pages it changes until it ends, in a file once they are more than
 * this: an insert of one sample changes about ten of 4 kB, and a file would cost more than the insert. SQLite
 * writes all of it at once, and of a write only what is below 128 KiB: with more the statement would fail
 * with SQLITE_FULL. */
enum { STATEMENT_MEMORY_BYTES = 124 * 1024 };
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void configure(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, (int)STATEMENT_MEMORY_BYTES);
}

struct connection {
    sqlite3 *sqlite;
    const char *place;
};

static bool is_private(const char *place)
{
    return strcmp(place, ":memory:") == 0;
}

static enum error_code code_of(int extended)
{
    switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return ERR_CONFLICT;
    default:
        break;
    }
    switch (extended & 0xFF) {
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_ERROR:
    case SQLITE_RANGE:
        return ERR_INVALID;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
        return ERR_DENIED;
    case SQLITE_TOOBIG:
        return ERR_LIMIT;
    case SQLITE_NOMEM:
        return ERR_NO_MEMORY;
    default:
        return ERR_IO;
    }
}

static bool fail(const struct connection *connection, struct error *err)
{
    enum error_code code = code_of(sqlite3_extended_errcode(connection->sqlite));
    return error_set(err, code, "database '%.160s': %s", connection->place,
                     sqlite3_errmsg(connection->sqlite));
}

/* A failure to write while a commit was going on: the other side of the disk may know more than we do. */
static bool fail_commit(const struct connection *connection, struct error *err)
{
    bool is_io = (sqlite3_extended_errcode(connection->sqlite) & 0xFF) == SQLITE_IOERR;
    (void)fail(connection, err);
    err->code = is_io ? ERR_UNCERTAIN : err->code;
    return false;
}

/* While another process switches the same new file to the write-ahead log, SQLite answers "busy" without
 * waiting. */
static bool use_wal(struct connection *connection, struct error *err)
{
    const double give_up = clock_steady_seconds() + DB_BUSY_TIMEOUT_MS / 1000.0;
    int result = SQLITE_OK;
    do {
        if (result != SQLITE_OK)
            clock_sleep_ms(5);
        result = sqlite3_exec(connection->sqlite, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
    } while ((result & 0xFF) == SQLITE_BUSY && clock_steady_seconds() < give_up);
    if (result != SQLITE_OK)
        return fail(connection, err);

    sqlite3_stmt *mode = NULL;
    bool is_wal =
        sqlite3_prepare_v2(connection->sqlite, "PRAGMA journal_mode", -1, &mode, NULL) == SQLITE_OK &&
        sqlite3_step(mode) == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(mode, 0), "wal") == 0;
    (void)sqlite3_finalize(mode);
    return is_wal ||
           error_set(err, ERR_IO,
                     "database '%.160s': the write-ahead log does not work there (a network folder?): "
                     "keep the data on a local disk",
                     connection->place);
}

static bool open_sqlite(void *state, const char *place, struct error *err)
{
    struct connection *connection = state;
    const int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    (void)pthread_once(&once, configure);
    connection->place = place;
    if (place[0] == '\0')
        return error_set(err, ERR_INVALID, "the database URL names no file: write sqlite:PATH");
    int result = sqlite3_open_v2(place, &connection->sqlite, flags, NULL);
    if (!connection->sqlite)
        return error_no_memory(err);
    if (result != SQLITE_OK)
        return fail(connection, err);
    (void)sqlite3_busy_timeout(connection->sqlite, DB_BUSY_TIMEOUT_MS);
    (void)sqlite3_db_config(connection->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(connection->sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (!is_private(place) && !use_wal(connection, err))
        return false;
    /* Ids lie at random in the indexes: with 8 MB of pages a batch of samples finds most of them in memory,
     * and a checkpoint at 32 MB of log, not 4, writes each page once for several batches. */
    if (sqlite3_exec(connection->sqlite,
                     "PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL; PRAGMA cache_size=-8192; PRAGMA "
                     "wal_autocheckpoint=8192",
                     NULL, NULL, NULL) != SQLITE_OK)
        return fail(connection, err);
    return true;
}

static void close_sqlite(void *state)
{
    struct connection *connection = state;
    (void)sqlite3_close(connection->sqlite); /* rolls back; accepts NULL */
}

static bool run_script(void *state, const char *sql, struct error *err)
{
    struct connection *connection = state;
    return sqlite3_exec(connection->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK || fail(connection, err);
}

static bool begin(void *state, struct error *err)
{
    return run_script(state, "BEGIN IMMEDIATE", err);
}

static bool commit(void *state, struct error *err)
{
    struct connection *connection = state;
    return sqlite3_exec(connection->sqlite, "COMMIT", NULL, NULL, NULL) == SQLITE_OK ||
           fail_commit(connection, err);
}

static void rollback(void *state)
{
    struct connection *connection = state;
    if (!sqlite3_get_autocommit(connection->sqlite))
        (void)sqlite3_exec(connection->sqlite, "ROLLBACK", NULL, NULL, NULL);
}

static bool prepare(void *state, const char *sql, void **ret_statement, struct error *err)
{
    struct connection *connection = state;
    sqlite3_stmt *statement = NULL;
    const char *rest = NULL;
    if (sqlite3_prepare_v3(connection->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, &rest) !=
        SQLITE_OK)
        return fail(connection, err);
    if (!statement || rest[strspn(rest, " \t\n;")] != '\0') {
        (void)sqlite3_finalize(statement);
        return error_set(err, ERR_INVALID, "exactly one SQL statement is wanted: %.120s", sql);
    }
    *ret_statement = statement;
    return true;
}

static void finalize(void *statement)
{
    (void)sqlite3_finalize(statement);
}

static void shape(void *statement, uint32_t *ret_parameters, uint32_t *ret_columns)
{
    *ret_parameters = (uint32_t)sqlite3_bind_parameter_count(statement);
    *ret_columns = (uint32_t)sqlite3_column_count(statement);
}

/* By name: SQLite numbers "$2" as the first parameter when it comes first in the text. */
static bool bind(void *state, void *statement, uint32_t number, const struct db_value *value,
                 struct error *err)
{
    struct connection *connection = state;
    char name[16];
    (void)snprintf(name, sizeof(name), "$%u", number);
    int index = sqlite3_bind_parameter_index(statement, name), result = SQLITE_OK;
    if (index == 0)
        return error_set(err, ERR_INVALID, "the statement has no parameter %s: %.120s", name,
                         sqlite3_sql(statement));
    switch (value->type) {
    case DB_NULL:
        result = sqlite3_bind_null(statement, index);
        break;
    case DB_TEXT:
        result = sqlite3_bind_text64(statement, index, value->text, strlen(value->text), SQLITE_TRANSIENT,
                                     SQLITE_UTF8);
        break;
    case DB_INTEGER:
        result = sqlite3_bind_int64(statement, index, value->integer);
        break;
    case DB_REAL:
        result = sqlite3_bind_double(statement, index, value->real);
        break;
    }
    return result == SQLITE_OK || fail(connection, err);
}

static bool step(void *state, void *statement, bool *ret_has_row, struct error *err)
{
    struct connection *connection = state;
    bool is_own_commit = sqlite3_get_autocommit(connection->sqlite) && !sqlite3_stmt_readonly(statement);
    int result = sqlite3_step(statement);
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        return is_own_commit ? fail_commit(connection, err) : fail(connection, err);
    *ret_has_row = result == SQLITE_ROW;
    return true;
}

static int64_t changed(void *state, void *statement)
{
    struct connection *connection = state;
    return sqlite3_stmt_readonly(statement) ? 0 : sqlite3_changes64(connection->sqlite);
}

static void reset(void *statement)
{
    (void)sqlite3_reset(statement);
    (void)sqlite3_clear_bindings(statement);
}

static bool is_null(void *statement, uint32_t index)
{
    return sqlite3_column_type(statement, (int)index) == SQLITE_NULL;
}

static int64_t integer(void *statement, uint32_t index)
{
    return sqlite3_column_int64(statement, (int)index);
}

static double real(void *statement, uint32_t index)
{
    return sqlite3_column_double(statement, (int)index);
}

static struct bytes text(void *statement, uint32_t index)
{
    const unsigned char *data = sqlite3_column_text(statement, (int)index);
    return (struct bytes){data, (size_t)sqlite3_column_bytes(statement, (int)index)};
}

const struct db_driver db_driver_sqlite = {
    .scheme = "sqlite",
    .migrations = db_migrations_sqlite,
    .rows_at_once = 1,
    .connection_bytes = sizeof(struct connection),
    .open = open_sqlite,
    .close = close_sqlite,
    .is_private = is_private,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .run_script = run_script,
    .prepare = prepare,
    .finalize = finalize,
    .shape = shape,
    .bind = bind,
    .step = step,
    .changed = changed,
    .reset = reset,
    .is_null = is_null,
    .integer = integer,
    .real = real,
    .text = text,
};
