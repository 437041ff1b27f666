/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL through libpq, for several machines on one database. To behave as SQLite does, one transaction
 * writes at a time, and a statement that writes outside a transaction is one of its own. A lost connection is
 * made anew with the next statement or transaction; what was going on fails. The rows of a SELECT are in
 * memory at once: callers ask for pages.
 */
#include "db/postgresql.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NUMBER_BYTES = 32, BOOLEAN_TYPE = 16 /* of pg_type */ };

struct statement {
    struct postgresql *connection;
    char *sql;
    uint64_t name, generation;
    int parameters, columns;
    char **values; /* one per parameter; NULL: the value NULL */
    bool is_read;
    PGresult *result; /* NULL: not executed */
    int row;
};

static bool open_postgresql(void *state, const char *place, struct error *err)
{
    struct postgresql *connection = state;
    if (asprintf(&connection->url, "%s:%s", db_driver_postgresql.scheme, place) < 0) {
        connection->url = NULL;
        return error_no_memory(err);
    }
    return postgresql_connect(connection, err);
}

static void close_postgresql(void *state)
{
    struct postgresql *connection = state;
    postgresql_disconnect(connection); /* the server rolls back */
    free(connection->url);
}

static bool is_private(const char *place)
{
    (void)place;
    return false;
}

static bool begin(void *state, struct error *err)
{
    return postgresql_begin(state, err);
}

static bool commit(void *state, struct error *err)
{
    return postgresql_commit(state, err);
}

static void rollback(void *state)
{
    postgresql_rollback(state);
}

static bool run_script(void *state, const char *sql, struct error *err)
{
    return postgresql_ready(state, err) && postgresql_run(state, sql, err);
}

/* ---- preparing ---- */

static void name_of(uint64_t name, char to[POSTGRESQL_NAME_BYTES])
{
    (void)snprintf(to, POSTGRESQL_NAME_BYTES, "t%" PRIu64, name);
}

/* The server refuses this inside a failed transaction, so it is put off until the next is prepared. */
static void give_up_stale(struct postgresql *connection)
{
    while (connection->stale_count > 0 && PQtransactionStatus(connection->pg) != PQTRANS_INERROR) {
        char name[POSTGRESQL_NAME_BYTES], sql[2 * POSTGRESQL_NAME_BYTES];
        name_of(connection->stale[--connection->stale_count], name);
        (void)snprintf(sql, sizeof(sql), "DEALLOCATE %s", name);
        PQclear(PQexec(connection->pg, sql));
    }
}

/* Prepares it on the connection there is now. */
static bool statement_prepare(struct statement *statement, struct error *err)
{
    struct postgresql *connection = statement->connection;
    char name[POSTGRESQL_NAME_BYTES];
    give_up_stale(connection);
    statement->name = ++connection->names;
    name_of(statement->name, name);
    PGresult *result = PQprepare(connection->pg, name, statement->sql, 0, NULL);
    bool is_ok = PQresultStatus(result) == PGRES_COMMAND_OK || postgresql_fail(connection, result, err);
    PQclear(result);
    if (!is_ok)
        return false;
    result = PQdescribePrepared(connection->pg, name);
    is_ok = PQresultStatus(result) == PGRES_COMMAND_OK || postgresql_fail(connection, result, err);
    statement->parameters = PQnparams(result);
    statement->columns = PQnfields(result);
    statement->generation = connection->generation;
    PQclear(result);
    return is_ok;
}

static void reset(void *state)
{
    struct statement *statement = state;
    PQclear(statement->result); /* accepts NULL */
    statement->result = NULL;
    for (int i = 0; statement->values && i < statement->parameters; i++) {
        free(statement->values[i]);
        statement->values[i] = NULL;
    }
}

static void finalize(void *state)
{
    struct statement *statement = state;
    struct postgresql *connection = statement->connection;
    bool is_there = statement->generation == connection->generation;
    if (is_there && connection->stale_count < DB_STATEMENTS_MAX)
        connection->stale[connection->stale_count++] = statement->name;
    reset(statement);
    free(statement->values);
    free(statement->sql);
    free(statement);
}

static bool prepare(void *state, const char *sql, void **ret_statement, struct error *err)
{
    struct postgresql *connection = state;
    if (!postgresql_ready(connection, err))
        return false;
    struct statement *statement = calloc(1, sizeof(*statement));
    if (!statement)
        return error_no_memory(err);
    statement->connection = connection;
    statement->is_read = strncasecmp(sql + strspn(sql, " \t\n"), "SELECT", strlen("SELECT")) == 0;
    bool is_ok = (statement->sql = strdup(sql)) != NULL || error_no_memory(err);
    is_ok = is_ok && statement_prepare(statement, err);
    if (is_ok && !(statement->values = calloc((size_t)statement->parameters + 1, sizeof(char *))))
        is_ok = error_no_memory(err);
    if (!is_ok) {
        finalize(statement);
        return false;
    }
    *ret_statement = statement;
    return true;
}

static void shape(void *state, uint32_t *ret_parameters, uint32_t *ret_columns)
{
    const struct statement *statement = state;
    *ret_parameters = (uint32_t)statement->parameters;
    *ret_columns = (uint32_t)statement->columns;
}

/* ---- executing ---- */

/* As text: the server knows the types, and reads the shortest exact form of a number. */
static bool bind(void *state, void *opaque, uint32_t number, const struct db_value *value, struct error *err)
{
    struct statement *statement = opaque;
    char text[NUMBER_BYTES];
    const char *from = text;
    (void)state;
    if (number < 1 || number > (uint32_t)statement->parameters)
        return error_set(err, ERR_INVALID, "the statement has no parameter $%u: %.120s", number,
                         statement->sql);
    switch (value->type) {
    case DB_NULL:
        return true;
    case DB_TEXT:
        from = value->text;
        break;
    case DB_INTEGER:
        (void)snprintf(text, sizeof(text), "%" PRId64, value->integer);
        break;
    case DB_REAL:
        (void)snprintf(text, sizeof(text), "%.17g", value->real);
        break;
    }
    statement->values[number - 1] = strdup(from);
    return statement->values[number - 1] || error_no_memory(err);
}

static bool execute_prepared(struct statement *statement, struct error *err)
{
    struct postgresql *connection = statement->connection;
    char name[POSTGRESQL_NAME_BYTES];
    if (statement->generation != connection->generation && !statement_prepare(statement, err))
        return false;
    name_of(statement->name, name);
    statement->result = PQexecPrepared(connection->pg, name, statement->parameters,
                                       (const char *const *)statement->values, NULL, NULL, 0);
    statement->row = -1;
    ExecStatusType status = PQresultStatus(statement->result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return true;
    if (status == PGRES_EMPTY_QUERY)
        return error_set(err, ERR_INVALID, "exactly one SQL statement is wanted: %.120s", statement->sql);
    return postgresql_fail(connection, statement->result, err);
}

/* A statement that writes outside a transaction waits for its turn as a transaction does. */
static bool execute(struct statement *statement, struct error *err)
{
    struct postgresql *connection = statement->connection;
    bool is_own = !connection->is_in_transaction && !statement->is_read;
    if (!(is_own ? postgresql_begin(connection, err) : postgresql_ready(connection, err)))
        return false;
    bool is_ok = execute_prepared(statement, err) && (!is_own || postgresql_commit(connection, err));
    if (is_ok)
        return true;
    PQclear(statement->result);
    statement->result = NULL;
    if (is_own)
        postgresql_rollback(connection);
    return false;
}

static bool step(void *state, void *opaque, bool *ret_has_row, struct error *err)
{
    struct statement *statement = opaque;
    (void)state;
    if (!statement->result && !execute(statement, err))
        return false;
    *ret_has_row = ++statement->row < PQntuples(statement->result);
    return true;
}

static int64_t changed(void *state, void *opaque)
{
    const struct statement *statement = opaque;
    (void)state;
    return statement->is_read ? 0 : strtoll(PQcmdTuples(statement->result), NULL, 10);
}

/* ---- values ---- */

static const char *value_at(const struct statement *statement, uint32_t index)
{
    return PQgetvalue(statement->result, statement->row, (int)index);
}

static bool is_null(void *statement, uint32_t index)
{
    const struct statement *at = statement;
    return PQgetisnull(at->result, at->row, (int)index) != 0;
}

static int64_t integer(void *statement, uint32_t index)
{
    const struct statement *at = statement;
    if (PQftype(at->result, (int)index) == BOOLEAN_TYPE)
        return value_at(at, index)[0] == 't';
    return strtoll(value_at(at, index), NULL, 10);
}

static double real(void *statement, uint32_t index)
{
    return strtod(value_at(statement, index), NULL);
}

static struct bytes text(void *statement, uint32_t index)
{
    const struct statement *at = statement;
    return (struct bytes){value_at(at, index), (size_t)PQgetlength(at->result, at->row, (int)index)};
}

const struct db_driver db_driver_postgresql = {
    .scheme = "postgresql",
    .migrations = db_migrations_postgresql,
    .rows_at_once = DB_MANY_MAX,
    .connection_bytes = sizeof(struct postgresql),
    .open = open_postgresql,
    .close = close_postgresql,
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
