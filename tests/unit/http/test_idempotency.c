/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "http/http_limits.h"
#include "http/idempotency.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BYTES = 16 * 1024 * 1024 };

struct fixture {
    struct db *db;
    struct arena *arena;
    struct idempotency_found found;
    struct error err;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    assert_non_null(fixture->arena = arena_new(ARENA_BYTES));
    if (!db_open("sqlite::memory:", &fixture->db, &fixture->err) || !db_migrate(fixture->db, &fixture->err))
        fail_msg("%s", fixture->err.message);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    (void)db_free(fixture->db);
    (void)arena_free(fixture->arena);
    free(fixture);
    return 0;
}

static enum idempotency_verdict begin_in(struct fixture *fixture, const char *project, const char *key,
                                         const char *route, const char *fingerprint)
{
    const struct idempotency_wish wish = {project, key, route, fingerprint};
    if (!idempotency_begin(fixture->db, fixture->arena, &wish, &fixture->found, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return fixture->found.verdict;
}

static enum idempotency_verdict begin(struct fixture *fixture, const char *key, const char *route,
                                      const char *fingerprint)
{
    return begin_in(fixture, "0", key, route, fingerprint);
}

static const struct idempotency_wish ours = {.project_id = "0", .key = "k"};

static void set(struct fixture *fixture, const char *column, const char *value)
{
    char sql[128];
    (void)snprintf(sql, sizeof(sql), "UPDATE idempotency_key SET %s = $1", column);
    assert_true(db_exec(fixture->db, sql, DB_ARGS(db_text(value)), NULL, &fixture->err));
}

static void a_finished_key_gives_its_reply_again(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(begin(fixture, "k", "r", "f"), IDEMPOTENCY_NEW);
    assert_int_equal(strlen(fixture->found.task_id), 32);
    assert_true(idempotency_finish(fixture->db, &ours, 202, "{\"a\":1}", &fixture->err));
    assert_int_equal(begin(fixture, "k", "r", "f"), IDEMPOTENCY_REPLAY);
    assert_int_equal(fixture->found.status, 202);
    assert_string_equal(fixture->found.reply_json, "{\"a\":1}");
}

static void another_request_or_route_is_told_apart(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(begin(fixture, "k", "r", "f"), IDEMPOTENCY_NEW);
    assert_int_equal(begin(fixture, "k", "r", "g"), IDEMPOTENCY_OTHER);
    assert_int_equal(begin(fixture, "k", "s", "f"), IDEMPOTENCY_OTHER);
    assert_int_equal(begin(fixture, "K", "r", "g"), IDEMPOTENCY_NEW);
}

static void each_project_has_keys_of_its_own(void **state)
{
    struct fixture *fixture = *state;
    char first[33];
    assert_true(db_exec(fixture->db, "INSERT INTO project (id, name, created_ms) VALUES ('p', 'other', 1)",
                        DB_NO_ARGS, NULL, &fixture->err));
    assert_int_equal(begin(fixture, "k", "r", "f"), IDEMPOTENCY_NEW);
    (void)snprintf(first, sizeof(first), "%s", fixture->found.task_id);
    assert_int_equal(begin_in(fixture, "p", "k", "r", "f"), IDEMPOTENCY_NEW);
    assert_string_not_equal(first, fixture->found.task_id);
    assert_true(idempotency_finish(fixture->db, &ours, 202, "{}", &fixture->err));
    assert_int_equal(begin(fixture, "k", "r", "f"), IDEMPOTENCY_REPLAY);
    assert_int_equal(begin_in(fixture, "p", "k", "r", "f"), IDEMPOTENCY_BUSY);
    assert_true(idempotency_abandon(fixture->db, &ours, false, &fixture->err));
    assert_int_equal(begin_in(fixture, "p", "k", "r", "f"), IDEMPOTENCY_BUSY);
}

static void while_its_process_lives_a_key_is_busy(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(begin(fixture, "k", "r", "f"), IDEMPOTENCY_NEW);
    assert_int_equal(begin(fixture, "k", "r", "f"), IDEMPOTENCY_BUSY);
    set(fixture, "owner", "elsewhere.00000000:1:1");
    assert_int_equal(begin(fixture, "k", "r", "f"), IDEMPOTENCY_BUSY);
}

static void a_key_whose_process_is_gone_goes_on_under_the_same_task_id(void **state)
{
    struct fixture *fixture = *state;
    char first[33];
    assert_int_equal(begin(fixture, "k", "r", "f"), IDEMPOTENCY_NEW);
    (void)snprintf(first, sizeof(first), "%s", fixture->found.task_id);
    assert_true(idempotency_abandon(fixture->db, &ours, true, &fixture->err));
    assert_int_equal(begin(fixture, "k", "r", "f"), IDEMPOTENCY_RESUMED);
    assert_string_equal(fixture->found.task_id, first);
    assert_int_equal(begin(fixture, "k", "r", "f"), IDEMPOTENCY_BUSY);
    set(fixture, "owner", "elsewhere.00000000:1:1");
    set(fixture, "created_ms", "1");
    /* an old one is not resumed but forgotten */
    assert_int_equal(begin(fixture, "k", "r", "f"), IDEMPOTENCY_NEW);
}

static void a_key_of_nothing_done_may_be_used_again(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(begin(fixture, "k", "r", "f"), IDEMPOTENCY_NEW);
    assert_true(idempotency_abandon(fixture->db, &ours, false, &fixture->err));
    assert_int_equal(begin(fixture, "k", "r", "another"), IDEMPOTENCY_NEW);
}

static void fill(struct fixture *fixture, int count)
{
    assert_true(db_exec(fixture->db,
                        "INSERT INTO idempotency_key (id, route, fingerprint, task_id, owner, status, "
                        "created_ms, project_id) "
                        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) "
                        "SELECT 'n' || i, 'r', 'f', '', '', 202, 4000000000000 + i, '0' FROM n",
                        DB_ARGS(db_int(count)), NULL, &fixture->err));
}

static void of_too_many_keys_the_oldest_go(void **state)
{
    struct fixture *fixture = *state;
    fill(fixture, HTTP_KEYS_KEPT - 1);
    assert_int_equal(begin(fixture, "one more", "r", "f"), IDEMPOTENCY_NEW);
    assert_int_equal(begin(fixture, "n2", "r", "x"), IDEMPOTENCY_NEW); /* the oldest tenth went */
    assert_int_equal(begin(fixture, "n99000", "r", "x"), IDEMPOTENCY_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_finished_key_gives_its_reply_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_project_has_keys_of_its_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_request_or_route_is_told_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(while_its_process_lives_a_key_is_busy, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_key_whose_process_is_gone_goes_on_under_the_same_task_id, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_key_of_nothing_done_may_be_used_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(of_too_many_keys_the_oldest_go, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
