/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection to a PostgreSQL server, for the files of its driver: opening, settings, loss and return of the
 * server, transactions, errors. Nothing here tells a password: messages name database and host only.
 */
#ifndef DB_POSTGRESQL_H
#define DB_POSTGRESQL_H

#include "db/db_handle.h"

#include <libpq-fe.h>

enum {
    POSTGRESQL_VERSION_MIN = 120000, /* generated columns */
    POSTGRESQL_CONNECT_TIMEOUT_SECONDS = 10,
    POSTGRESQL_STATEMENT_TIMEOUT_MS = 600000,
    /* A client that sleeps inside a transaction holds back all writers. */
    POSTGRESQL_IDLE_TRANSACTION_TIMEOUT_MS = 60000,
    POSTGRESQL_NAME_BYTES = 32,
    POSTGRESQL_WHERE_BYTES = 160,
};

struct postgresql {
    PGconn *pg;                         /* NULL while there is none */
    char *url;                          /* may hold a password: never shown */
    char where[POSTGRESQL_WHERE_BYTES]; /* database and host, for messages */
    int64_t writer_key;                 /* of the lock that writers take */
    uint64_t generation;                /* counts connections: prepared statements die with theirs */
    uint64_t names;                     /* given to statements so far */
    uint64_t stale[DB_STATEMENTS_MAX];  /* names of statements to be given up */
    size_t stale_count;
    bool is_in_transaction;
};

/* Connects and settles the session. ERR_INVALID: the URL; ERR_DENIED: no password; ERR_IO: the rest. */
MUST_CHECK bool postgresql_connect(struct postgresql *connection, struct error *err);
void postgresql_disconnect(struct postgresql *connection);
/* Inside a transaction a lost connection is an error; outside, it is made anew. */
MUST_CHECK bool postgresql_ready(struct postgresql *connection, struct error *err);

/* One transaction writes at a time, as in SQLite: `begin` waits for a lock of the schema's own. */
MUST_CHECK bool postgresql_begin(struct postgresql *connection, struct error *err);
MUST_CHECK bool postgresql_commit(struct postgresql *connection, struct error *err);
void postgresql_rollback(struct postgresql *connection);

/* Runs statements without parameters. */
MUST_CHECK bool postgresql_run(struct postgresql *connection, const char *sql, struct error *err);
/* Says what a failed call said; `result` may be NULL. Returns false. */
bool postgresql_fail(const struct postgresql *connection, const PGresult *result, struct error *err);

#endif
