/* SPDX-License-Identifier: Apache-2.0 */
#include "db/postgresql.h"

#include <ctype.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SQL_BYTES = 512, REASON_BYTES = 300, PORT_BYTES = 16, INPUT_ROUNDS_MAX = 16 };
/* "TROM" in the upper half, the schema in the lower: other programs' advisory locks are elsewhere. */
static const int64_t writer_class = INT64_C(0x54524F4D);

/* ---- errors ---- */

/* One line: libpq's own messages have several, indented. */
static void one_line(char to[REASON_BYTES], const char *from)
{
    size_t used = 0;
    for (; *from && used + 1 < REASON_BYTES; from++) {
        bool is_space = isspace((unsigned char)*from) != 0;
        if (is_space && (used == 0 || to[used - 1] == ' '))
            continue;
        to[used] = *from;
        if (is_space)
            to[used] = ' ';
        used++;
    }
    while (used > 0 && to[used - 1] == ' ')
        used--;
    to[used] = '\0';
}

/* The longest start of an SQLSTATE that fits counts. */
static enum error_code code_of(const char *state)
{
    static const struct {
        const char *start;
        enum error_code code;
    } codes[] = {
        {"23505", ERR_CONFLICT}, /* unique */
        {"23", ERR_INVALID},     /* other constraints */
        {"22", ERR_INVALID},     /* data */
        {"42501", ERR_DENIED},   /* privilege */
        {"42", ERR_INVALID},     /* SQL */
        {"25006", ERR_DENIED},   /* read only */
        {"25P02", ERR_CONFLICT}, /* transaction failed before */
        {"28", ERR_DENIED},      /* who are you */
        {"54", ERR_LIMIT},       /* too large or complex */
    };
    for (size_t i = 0; state && i < sizeof(codes) / sizeof(codes[0]); i++)
        if (strncmp(state, codes[i].start, strlen(codes[i].start)) == 0)
            return codes[i].code;
    return ERR_IO;
}

bool postgresql_fail(const struct postgresql *connection, const PGresult *result, struct error *err)
{
    char reason[REASON_BYTES];
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *said = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    bool is_lost = PQstatus(connection->pg) != CONNECTION_OK;
    bool is_busy = state && strcmp(state, "55P03") == 0; /* lock_timeout */
    one_line(reason, said ? said : PQerrorMessage(connection->pg));
    if (is_busy)
        return error_set(err, ERR_IO, "%s: it is busy: another writes, and did not end in time; try again",
                         connection->where);
    return error_set(err, is_lost ? ERR_IO : code_of(state), "%s: %s%s", connection->where,
                     is_lost ? "the connection was lost: " : "", reason);
}

/* ---- connecting ---- */

static void ignore_notice(void *state, const char *message)
{
    (void)state, (void)message;
}

/* libpq cuts a URL at its first '@' and '/': with these in a password, parts of it would be taken for a host
 * and shown. Its own message on a malformed URL quotes the whole of it. */
static bool check_url(const char *url, struct error *err)
{
    static const char form[] = "write postgresql://USER@HOST:PORT/NAME or postgresql:///NAME?host=/FOLDER of "
                               "the socket, special characters as %XX";
    const char *place = url + strlen("postgresql:");
    if (strncmp(place, "//", 2) != 0)
        return error_set(err, ERR_INVALID, "the database URL has no '//': %s", form);
    place += 2;
    const char *query = place + strcspn(place, "?"), *slash = place + strcspn(place, "/?");
    size_t ats = 0;
    const char *last_at = NULL;
    for (const char *at = place; at < query; at++) {
        if (*at != '@')
            continue;
        ats++;
        last_at = at;
    }
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    bool is_good = options && ats <= 1 && (!last_at || last_at < slash);
    PQconninfoFree(options);
    return is_good || error_set(err, ERR_INVALID, "the database URL is not well-formed: %s", form);
}

static void name_place(struct postgresql *connection)
{
    const char *database = PQdb(connection->pg), *host = PQhost(connection->pg);
    (void)snprintf(connection->where, sizeof(connection->where), "database '%.60s' at %.90s",
                   database ? database : "", host && host[0] ? host : "the default server");
}

static bool fail_connect(const struct postgresql *connection, struct error *err)
{
    char reason[REASON_BYTES];
    one_line(reason, PQerrorMessage(connection->pg));
    if (PQconnectionNeedsPassword(connection->pg))
        return error_set(err, ERR_DENIED,
                         "%s: the server wants a password: put a line into ~/.pgpass (mode 0600)",
                         connection->where);
    return error_set(err, ERR_IO, "%s: %s", connection->where, reason);
}

/* What the session needs, whatever server and role have as their defaults. A limit that somebody set stays. A
 * plan made without the values takes LIMIT for a tenth of the table, and so scans it for a page;
 * with the page cost of spinning disks, it scans a table rather than looking up a few dozen keys. */
static bool settle(struct postgresql *connection, struct error *err)
{
    char sql[SQL_BYTES];
    (void)snprintf(sql, sizeof(sql),
                   "SET extra_float_digits = 1; SET standard_conforming_strings = on; "
                   "SET plan_cache_mode = force_custom_plan; "
                   "SELECT set_config(name, wanted, false) FROM (VALUES "
                   "('lock_timeout', '0', '%d'), ('statement_timeout', '0', '%d'), "
                   "('idle_in_transaction_session_timeout', '0', '%d'), "
                   "('random_page_cost', '4', '1.1'), ('synchronous_commit', 'off', 'on')) AS setting (name, "
                   "bad, wanted) "
                   "WHERE current_setting(name) = bad",
                   DB_BUSY_TIMEOUT_MS, POSTGRESQL_STATEMENT_TIMEOUT_MS,
                   POSTGRESQL_IDLE_TRANSACTION_TIMEOUT_MS);
    return postgresql_run(connection, sql, err);
}

static bool find_schema(struct postgresql *connection, struct error *err)
{
    PGresult *result =
        PQexec(connection->pg, "SELECT quote_ident(current_schema())::regnamespace::oid::bigint");
    bool is_ok = PQresultStatus(result) == PGRES_TUPLES_OK || postgresql_fail(connection, result, err);
    if (is_ok && PQgetisnull(result, 0, 0))
        is_ok = error_set(err, ERR_INVALID,
                          "%s: no schema of the search path is there: CREATE SCHEMA first, or mend the path",
                          connection->where);
    if (is_ok)
        connection->writer_key = (writer_class << 32) + strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return is_ok;
}

static bool check_server(const struct postgresql *connection, struct error *err)
{
    const char *encoding = PQparameterStatus(connection->pg, "server_encoding");
    if (PQserverVersion(connection->pg) < POSTGRESQL_VERSION_MIN)
        return error_set(err, ERR_INVALID, "%s: PostgreSQL %d is too old: %d is the oldest that works",
                         connection->where, PQserverVersion(connection->pg) / 10000,
                         POSTGRESQL_VERSION_MIN / 10000);
    if (!encoding || strcmp(encoding, "UTF8") != 0)
        return error_set(err, ERR_INVALID,
                         "%s: its encoding is %.30s: make one with createdb -E UTF8 -T template0",
                         connection->where, encoding ? encoding : "unknown");
    return true;
}

bool postgresql_connect(struct postgresql *connection, struct error *err)
{
    char seconds[PORT_BYTES];
    (void)snprintf(seconds, sizeof(seconds), "%d", POSTGRESQL_CONNECT_TIMEOUT_SECONDS);
    /* What the URL says wins over what stands before it, and gives way to what stands after it. */
    const char *const names[] = {"connect_timeout",  "keepalives_idle",  "keepalives_interval",
                                 "keepalives_count", "tcp_user_timeout", "fallback_application_name",
                                 "dbname",           "client_encoding",  NULL};
    const char *const values[] = {seconds,         "30",   "10", "3", "60000", "trommel",
                                  connection->url, "UTF8", NULL};
    if (!check_url(connection->url, err))
        return false;
    connection->pg = PQconnectdbParams(names, values, 1);
    if (!connection->pg)
        return error_no_memory(err);
    name_place(connection);
    connection->generation++;
    connection->stale_count = 0;
    (void)PQsetNoticeProcessor(connection->pg, ignore_notice, NULL);
    if (PQstatus(connection->pg) != CONNECTION_OK)
        return fail_connect(connection, err);
    return check_server(connection, err) && settle(connection, err) && find_schema(connection, err);
}

void postgresql_disconnect(struct postgresql *connection)
{
    PQfinish(connection->pg); /* accepts NULL */
    connection->pg = NULL;
    connection->is_in_transaction = false;
}

/* Takes in what the server sent unasked while nothing was going on: usually its farewell. */
static bool is_alive(PGconn *pg)
{
    for (int round = 0; round < INPUT_ROUNDS_MAX && PQstatus(pg) == CONNECTION_OK; round++) {
        struct pollfd socket = {.fd = PQsocket(pg), .events = POLLIN};
        if (poll(&socket, 1, 0) <= 0)
            return true;
        if (!PQconsumeInput(pg) || PQisBusy(pg))
            return false;
    }
    return PQstatus(pg) == CONNECTION_OK;
}

bool postgresql_ready(struct postgresql *connection, struct error *err)
{
    if (is_alive(connection->pg)) /* NULL is not */
        return true;
    if (connection->is_in_transaction)
        return error_set(err, ERR_IO, "%s: the connection was lost, and the transaction with it",
                         connection->where);
    postgresql_disconnect(connection);
    if (postgresql_connect(connection, err))
        return true;
    postgresql_disconnect(connection);
    return false;
}

/* ---- transactions ---- */

bool postgresql_run(struct postgresql *connection, const char *sql, struct error *err)
{
    PGresult *result = PQexec(connection->pg, sql);
    ExecStatusType status = PQresultStatus(result);
    bool is_ok =
        status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || postgresql_fail(connection, result, err);
    PQclear(result);
    return is_ok;
}

/* Each statement sees what was committed before it: with the lock held, no other transaction can commit. */
bool postgresql_begin(struct postgresql *connection, struct error *err)
{
    char sql[SQL_BYTES];
    if (!postgresql_ready(connection, err))
        return false;
    (void)snprintf(sql, sizeof(sql),
                   "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock(%" PRId64
                   ")",
                   connection->writer_key);
    connection->is_in_transaction = true;
    if (postgresql_run(connection, sql, err))
        return true;
    postgresql_rollback(connection);
    return false;
}

bool postgresql_commit(struct postgresql *connection, struct error *err)
{
    if (!postgresql_ready(connection, err))
        return false;
    PGresult *result = PQexec(connection->pg, "COMMIT");
    bool is_ok = PQresultStatus(result) == PGRES_COMMAND_OK;
    if (is_ok && strcmp(PQcmdStatus(result), "COMMIT") != 0) {
        is_ok = error_set(err, ERR_CONFLICT, "%s: a statement of the transaction failed; it is undone",
                          connection->where);
    } else if (!is_ok) {
        (void)postgresql_fail(connection, result, err);
        if (PQstatus(connection->pg) != CONNECTION_OK)
            err->code = ERR_UNCERTAIN;
    }
    PQclear(result);
    connection->is_in_transaction = !is_ok;
    return is_ok;
}

void postgresql_rollback(struct postgresql *connection)
{
    if (!connection->is_in_transaction)
        return;
    connection->is_in_transaction = false;
    if (PQstatus(connection->pg) == CONNECTION_OK)
        PQclear(PQexec(connection->pg, "ROLLBACK"));
    if (PQtransactionStatus(connection->pg) != PQTRANS_IDLE)
        postgresql_disconnect(connection);
}
