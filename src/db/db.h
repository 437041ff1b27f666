/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Database: the only door to SQL. One SQL text for all drivers, parameters $1..$N, statements only: there is
 * no escaping function because nothing is ever pasted into SQL. Domain code names its columns once in a table
 * and gets structs back.
 *
 * A handle serves one thread at a time; threads that need the database open their own. Values are text,
 * 64-bit integers, doubles or NULL; booleans are integers 0 and 1; times are milliseconds since 1970 UTC.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/arena.h"
#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum { DB_ARGS_MAX = 128, DB_MANY_MAX = 64, DB_BUSY_TIMEOUT_MS = 20000 };

struct db;

enum db_type { DB_NULL, DB_TEXT, DB_INTEGER, DB_REAL };

struct db_value {
    enum db_type type;
    const char *text;
    int64_t integer;
    double real;
};

struct db_value db_text(const char *text); /* NULL gives SQL NULL */
struct db_value db_int(int64_t value);
struct db_value db_real(double value); /* NaN gives SQL NULL */
struct db_value db_null(void);

struct db_args {
    const struct db_value *values;
    size_t count;
};
#define DB_ARGS(...)                                                                                         \
    ((struct db_args){(const struct db_value[]){__VA_ARGS__},                                                \
                      sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)})
#define DB_NO_ARGS ((struct db_args){NULL, 0})

/* One column of a result and the struct field it fills, in the order of the SELECT. */
enum db_field_type {
    DB_FIELD_TEXT,    /* const char *, in the arena of the select; NULL for SQL NULL */
    DB_FIELD_INTEGER, /* int64_t; 0 for NULL */
    DB_FIELD_REAL,    /* double; NaN for NULL */
    DB_FIELD_BOOL,    /* bool */
};
struct db_column {
    const char *name; /* of the field, for messages; NULL ends the table */
    enum db_field_type type;
    size_t offset;
};
#define DB_COLUMN_TEXT(struct_type, field)                                                                   \
    {                                                                                                        \
#field, DB_FIELD_TEXT, offsetof(struct_type, field)                                                  \
    }
#define DB_COLUMN_INT(struct_type, field)                                                                    \
    {                                                                                                        \
#field, DB_FIELD_INTEGER, offsetof(struct_type, field)                                               \
    }
#define DB_COLUMN_REAL(struct_type, field)                                                                   \
    {                                                                                                        \
#field, DB_FIELD_REAL, offsetof(struct_type, field)                                                  \
    }
#define DB_COLUMN_BOOL(struct_type, field)                                                                   \
    {                                                                                                        \
#field, DB_FIELD_BOOL, offsetof(struct_type, field)                                                  \
    }
#define DB_COLUMN_END                                                                                        \
    {                                                                                                        \
        NULL, DB_FIELD_TEXT, 0                                                                               \
    }

/* Opens "sqlite:PATH", "sqlite::memory:" (a private database) or "postgresql://…", libpq's URL. ERR_INVALID:
 * unknown scheme or malformed URL. ERR_IO names the file, or database and host; no message tells a password.
 * A lost server: what goes on fails with ERR_IO, the next statement or transaction connects anew. */
MUST_CHECK bool db_open(const char *url, struct db **ret, struct error *err);
/* Another handle on the same database, for another thread. ERR_INVALID for a private one. */
MUST_CHECK bool db_open_again(const struct db *db, struct db **ret, struct error *err);
/* "sqlite", "postgresql": the URL's, before its first colon. */
const char *db_scheme(const struct db *db);
struct db *db_free(struct db *db); /* rolls back an open transaction; accepts NULL, returns NULL */

/* Brings the schema to this version; each migration is one transaction. ERR_CONFLICT: the database is newer
 * than this program. */
MUST_CHECK bool db_migrate(struct db *db, struct error *err);

/*
 * Rules that make the databases behave alike (docs/databases.md):
 * - The number of values must be the number of parameters, and texts must be UTF-8 (ERR_INVALID).
 * - A statement that failed dooms its transaction: what follows is ERR_CONFLICT until db_rollback. Write
 *   ON CONFLICT where a duplicate is expected.
 * - Outside a transaction nothing is written while rows are being read (ERR_CONFLICT): read to the end or
 * free them first, or begin the transaction before the SELECT. A commit that was acknowledged survives the
 * death of the process and the loss of power.
 */

/* Runs one statement. *ret_changed, when not NULL, gets the number of rows changed. A broken UNIQUE
 * constraint is ERR_CONFLICT. A failed commit whose outcome is unknown is ERR_UNCERTAIN. */
MUST_CHECK bool db_exec(struct db *db, const char *sql, struct db_args args, int64_t *ret_changed,
                        struct error *err);

/* Runs a SELECT, or a statement with RETURNING. Texts of its rows live in `arena`. */
struct db_rows;
MUST_CHECK bool db_select(struct db *db, struct arena *arena, const char *sql, struct db_args args,
                          struct db_rows **ret, struct error *err);
/* Fills *into from the next row. False at the end and on failure: ask db_rows_ok afterwards. The columns must
 * match the SELECT in number (an assertion). */
MUST_CHECK bool db_next(struct db_rows *rows, const struct db_column *columns, void *into);
MUST_CHECK bool db_rows_ok(const struct db_rows *rows, struct error *err);
struct db_rows *db_rows_free(struct db_rows *rows);

/* Exactly one row: fills *into. No row: *ret_found is false and the function succeeds. */
MUST_CHECK bool db_select_one(struct db *db, struct arena *arena, const char *sql, struct db_args args,
                              const struct db_column *columns, void *into, bool *ret_found,
                              struct error *err);

/* The number of the one row that a SELECT of one number gives, or a statement with RETURNING: COUNT(*). No
 * row: ERR_INVALID. */
MUST_CHECK bool db_select_number(struct db *db, const char *sql, struct db_args args, int64_t *ret,
                                 struct error *err);

/* All rows as an array of structs of `size` bytes in the arena. ERR_LIMIT past `max` rows. */
struct db_list {
    const struct db_column *columns;
    size_t size, max;
};
MUST_CHECK bool db_select_list(struct db *db, struct arena *arena, const char *sql, struct db_args args,
                               const struct db_list *form, void *ret_array, size_t *ret_count,
                               struct error *err);

/*
 * One statement about many rows, so that a server far away is not asked row by row: `head`, then `item` once
 * for each row with commas between, then `tail`. An item numbers the `width` parameters of its row from $1:
 *   {"INSERT INTO thing (id, name) VALUES ", "($1, $2)", "", 2}
 *   {"UPDATE thing SET name = v.column2 FROM (VALUES ",
 *    "(CAST($1 AS BIGINT), CAST($2 AS TEXT))", ") AS v WHERE thing.id = v.column1", 2}
 * Head and tail have no parameters. A VALUES list beside the INSERT's own needs CASTs, and its columns are
 * called column1, column2, ….
 */
struct db_many {
    const char *head, *item, *tail;
    uint32_t width; /* at most DB_ARGS_MAX */
};
/* Any number of rows, as several statements where that is better: in a transaction they are all done or none.
 * `values` are those of the first row, then those of the second…. *ret_changed, when not NULL, is the sum. */
MUST_CHECK bool db_exec_many(struct db *db, const struct db_many *form, const struct db_value *values,
                             size_t rows, int64_t *ret_changed, struct error *err);
/* For SELECT … IN (…): 1..DB_MANY_MAX rows in one statement. The last row may be sent several times. */
MUST_CHECK bool db_select_many(struct db *db, struct arena *arena, const struct db_many *form,
                               const struct db_value *values, size_t rows, struct db_rows **ret,
                               struct error *err);

/* A write transaction: taken at once, so that two writers wait for each other instead of failing late. Each
 * of its statements sees all that was committed before it. ERR_IO after DB_BUSY_TIMEOUT_MS of waiting. */
MUST_CHECK bool db_begin(struct db *db, struct error *err);
MUST_CHECK bool db_commit(struct db *db, struct error *err);
void db_rollback(struct db *db); /* no effect outside a transaction */

DEFINE_AUTO(db)
DEFINE_AUTO(db_rows)

#endif
