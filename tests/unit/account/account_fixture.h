/* SPDX-License-Identifier: Apache-2.0 */
/* A database with two projects. Include after test.h. */
#ifndef TESTS_ACCOUNT_FIXTURE_H
#define TESTS_ACCOUNT_FIXTURE_H

#include "account/password.h"
#include "account/token.h"
#include "test_database.h"

#include <string.h>

enum { FIXTURE_ARENA_BYTES = 4 * 1024 * 1024 };
#define FIXTURE_PASSWORD "correct horse"

struct account_fixture {
    struct db *db;
    struct arena *arena;
    struct error err;
    char hash[PASSWORD_HASH_BYTES];
};

static void must_have(struct account_fixture *fixture, bool is_done)
{
    if (!is_done)
        fail_msg("%s", fixture->err.message);
}

static int set_up(void **state)
{
    struct account_fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    assert_true(sodium_init() >= 0);
    assert_non_null(fixture->arena = arena_new(FIXTURE_ARENA_BYTES));
    must_have(fixture, test_database_open(&fixture->db, &fixture->err));
    must_have(fixture, db_migrate(fixture->db, &fixture->err));
    must_have(fixture,
              db_exec(fixture->db, "INSERT INTO project (id, name, created_ms) VALUES ('p2', 'two', 1)",
                      DB_NO_ARGS, NULL, &fixture->err));
    /* Cheap: what passwords cost is tested where they are signed in with. */
    must_have(fixture, crypto_pwhash_str_alg(fixture->hash, FIXTURE_PASSWORD, strlen(FIXTURE_PASSWORD), 1,
                                             8192, crypto_pwhash_ALG_ARGON2ID13) == 0);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct account_fixture *fixture = *state;
    (void)db_free(fixture->db);
    (void)arena_free(fixture->arena);
    free(fixture);
    return 0;
}

__attribute__((unused)) static struct user add_user(struct account_fixture *fixture, const char *name,
                                                    enum account_role role, const char *project)
{
    char id[33];
    struct user user = {0};
    const struct user_new wanted = {project, name, role, fixture->hash, NULL};
    must_have(fixture, user_add(fixture->db, &wanted, id, &fixture->err));
    must_have(fixture, user_get(fixture->db, fixture->arena, NULL, id, &user, &fixture->err));
    return user;
}

#endif
