/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An empty database for a test: SQLite, or a schema of its own on the PostgreSQL server that
 * tests/with_postgresql.py names in TROMMEL_TEST_DATABASE. Include after test.h.
 */
#ifndef TESTS_TEST_DATABASE_H
#define TESTS_TEST_DATABASE_H

#include "db/db.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TEST_DATABASE_URL_BYTES = 512 };

__attribute__((unused)) static bool test_database_is_postgresql(void)
{
    return getenv("TROMMEL_TEST_DATABASE") != NULL;
}

/* The server's URL with a new schema as the whole search path. */
__attribute__((unused)) static void test_database_make_schema(char url[TEST_DATABASE_URL_BYTES])
{
    static unsigned count;
    const char *server = getenv("TROMMEL_TEST_DATABASE");
    char sql[96];
    struct db *db = NULL;
    struct error err = {0};
    unsigned number = ++count;
    (void)snprintf(sql, sizeof(sql), "CREATE SCHEMA test_%d_%u", (int)getpid(), number);
    if (!db_open(server, &db, &err) || !db_exec(db, sql, DB_NO_ARGS, NULL, &err))
        fail_msg("%s", err.message);
    (void)db_free(db);
    (void)snprintf(url, TEST_DATABASE_URL_BYTES, "%s&options=-csearch_path%%3Dtest_%d_%u", server,
                   (int)getpid(), number);
}

/* `file` NULL: a private database in memory, where there are such. */
__attribute__((unused)) static void test_database_url(const char *file, char url[TEST_DATABASE_URL_BYTES])
{
    if (test_database_is_postgresql())
        test_database_make_schema(url);
    else
        (void)snprintf(url, TEST_DATABASE_URL_BYTES, "sqlite:%s", file ? file : ":memory:");
}

__attribute__((unused)) static bool test_database_open(struct db **ret, struct error *err)
{
    char url[TEST_DATABASE_URL_BYTES];
    test_database_url(NULL, url);
    return db_open(url, ret, err);
}

#endif
