/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Driver contract, for whoever adds a database. db.c calls nothing else: it owns the transaction state, the
 * cache of prepared statements and the filling of structs, and it has checked every argument before a driver
 * sees it.
 *
 * A connection is used by one thread at a time. SQL uses $1..$N, each possibly several times and in any
 * order.
 */
#ifndef DB_DRIVER_H
#define DB_DRIVER_H

#include "base/buffer.h"
#include "db/db.h"

/* One step of the schema, embedded from migrations/<scheme>/NNNN_<name>.sql; version 0 ends a table. */
struct db_migration {
    uint32_t version;
    const char *name;
    const char *sql; /* any number of statements */
};

struct db_driver {
    const char *scheme; /* of the URL, before its first ':' */
    const struct db_migration *migrations;
    size_t rows_at_once;     /* what db_exec_many puts into a statement: 1 where asking costs nothing */
    size_t connection_bytes; /* the framework allocates and zeroes one per handle */

    /* `place` is the URL after the scheme; borrowed as long as the connection. After a failure `close` is
     * called. */
    bool (*open)(void *connection, const char *place, struct error *err);
    /* Rolls back an open transaction. Accepts a connection that failed to open. All statements are gone by
     * then. */
    void (*close)(void *connection);
    /* True when a second connection to this place would see another database. */
    bool (*is_private)(const char *place);

    /* `begin` takes the right to write at once, waiting up to DB_BUSY_TIMEOUT_MS. When `commit` fails the
     * framework calls `rollback`; ERR_UNCERTAIN says that the commit may have happened. `rollback` has no
     * effect outside a transaction. */
    bool (*begin)(void *connection, struct error *err);
    bool (*commit)(void *connection, struct error *err);
    void (*rollback)(void *connection);
    /* Runs several statements without parameters or results, inside the caller's transaction. */
    bool (*run_script)(void *connection, const char *sql, struct error *err);

    /* Compiles exactly one statement; ERR_INVALID for wrong SQL, or when more than one statement is in it.
     * Where the text holds none, the first step may be what fails. */
    bool (*prepare)(void *connection, const char *sql, void **ret_statement, struct error *err);
    void (*finalize)(void *statement);
    /* Number of parameters and of result columns. */
    void (*shape)(void *statement, uint32_t *ret_parameters, uint32_t *ret_columns);
    /* Gives parameter `number` (from 1) its value and copies it. ERR_INVALID: the statement has no such
     * parameter. */
    bool (*bind)(void *connection, void *statement, uint32_t number, const struct db_value *value,
                 struct error *err);
    /* Executes at the first call and moves to the first or next row. A broken UNIQUE constraint is
     * ERR_CONFLICT. */
    bool (*step)(void *connection, void *statement, bool *ret_has_row, struct error *err);
    /* Rows that the statement, executed to its end, inserted, updated or deleted itself. */
    int64_t (*changed)(void *connection, void *statement);
    /* Ends the execution and forgets the bound values, so that the statement can be used again. */
    void (*reset)(void *statement);

    /* Column `index` (from 0) of the current row; the text is borrowed until the next step or reset. The
     * other kinds of value are converted as far as they can be. */
    bool (*is_null)(void *statement, uint32_t index);
    int64_t (*integer)(void *statement, uint32_t index);
    double (*real)(void *statement, uint32_t index);
    struct bytes (*text)(void *statement, uint32_t index); /* data NULL: memory is out */
};

/* All drivers, NULL-ended. */
extern const struct db_driver *const db_drivers[];

extern const struct db_driver db_driver_sqlite, db_driver_postgresql;
extern const struct db_migration db_migrations_sqlite[], db_migrations_postgresql[];

#endif
