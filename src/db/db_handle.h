/* SPDX-License-Identifier: Apache-2.0 */
/* What a database handle is made of; only for the files of this folder. */
#ifndef DB_DB_HANDLE_H
#define DB_DB_HANDLE_H

#include "db/driver.h"

enum { DB_STATEMENTS_MAX = 64 };

/* A prepared statement and the text it was made from. */
struct db_prepared {
    char *sql;
    void *statement;
    uint32_t parameters, columns;
    uint64_t used_at; /* a counter, not a time: the smallest is given up first */
};

struct db {
    const struct db_driver *driver;
    void *connection;
    char *url;
    const char *place; /* in url */
    struct db_prepared cache[DB_STATEMENTS_MAX];
    size_t cached;
    uint64_t uses;
    size_t open_rows;    /* not freed yet */
    size_t reading_rows; /* of these, not read to their end: they hold an old view of the data */
    bool is_in_transaction;
    bool is_doomed; /* a statement of the open transaction failed: only a rollback is left */
};

/* Takes the statement out of the cache, or prepares it: one taken twice is two statements. */
MUST_CHECK bool db_statement_take(struct db *db, const char *sql, struct db_prepared *ret, struct error *err);
/* Puts it back, reset; the least recently used one makes room. */
void db_statement_give(struct db *db, struct db_prepared *prepared);
void db_statements_release(struct db *db);

/* db_select and db_exec, for any number of values. */
MUST_CHECK bool db_rows_start(struct db *db, struct arena *arena, const char *sql, struct db_args args,
                              struct db_rows **ret, struct error *err);
MUST_CHECK bool db_exec_start(struct db *db, const char *sql, struct db_args args, int64_t *ret_changed,
                              struct error *err);
/* Takes, binds and executes up to the first row. On failure nothing stays taken, and an open transaction is
 * doomed. */
MUST_CHECK bool db_statement_start(struct db *db, const char *sql, struct db_args args,
                                   struct db_prepared *ret, bool *ret_has_row, struct error *err);
/* ERR_CONFLICT outside a transaction while rows are being read: the write would be refused, but only when
 * another handle has written meanwhile. */
MUST_CHECK bool db_check_no_rows(const struct db *db, struct error *err);
/* Moves on; a failure dooms an open transaction. */
MUST_CHECK bool db_statement_step(struct db *db, const struct db_prepared *prepared, bool *ret_has_row,
                                  struct error *err);

#endif
