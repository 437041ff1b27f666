/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/clock.h"
#include "base/process.h"
#include "task_fixture.h"
#include "tasks/lifecycle.h"

static const char id_a[] = "aaaa0000000000000000000000000001", id_b[] = "aaaa0000000000000000000000000002";

static void a_created_task_is_queued_with_its_request(void **state)
{
    struct fixture *fixture = *state;
    char id[33];
    const struct task_new new = {.project_id = "0",
                                 .id = id_a,
                                 .kind = "run_batch",
                                 .subject = "service-1",
                                 .request_json = "{\"a\":1}"};
    assert_true(task_create(fixture->db, &new, id, &fixture->err));
    assert_string_equal(id, id_a);
    struct task task = read_back(fixture, id);
    assert_string_equal(task.project_id, "0");
    assert_string_equal(task.kind, "run_batch");
    assert_string_equal(task.subject, "service-1");
    assert_string_equal(task.state, "queued");
    assert_string_equal(task.stage, "");
    assert_string_equal(task.request_json, "{\"a\":1}");
    assert_null(task.result_json);
    assert_null(task.error_code);
    assert_null(task.lease_owner);
    assert_int_equal(task.attempts, 0);
    assert_true(task.created_ms > 1500000000000 && task.started_ms == 0 && task.finished_ms == 0);
}

static void new_ids_differ_and_taken_or_odd_ones_are_refused(void **state)
{
    struct fixture *fixture = *state;
    char first[33], second[33];
    static const char *const odd[] = {"", "abc", "AAAA0000000000000000000000000001",
                                      "aaaa000000000000000000000000000g",
                                      "aaaa00000000000000000000000000011"};
    create(fixture, "x", NULL, first);
    create(fixture, "x", NULL, second);
    assert_string_not_equal(first, second);
    struct task_new new = {.project_id = "0", .id = first, .kind = "x"};
    assert_false(task_create(fixture->db, &new, second, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CONFLICT);
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        new.id = odd[i];
        assert_false(task_create(fixture->db, &new, second, &fixture->err));
        assert_int_equal(fixture->err.code, ERR_INVALID);
    }
}

static void a_request_has_a_limit(void **state)
{
    struct fixture *fixture = *state;
    char id[33], *request = arena_alloc(fixture->arena, TASK_REQUEST_MAX_BYTES + 2);
    memset(request, ' ', TASK_REQUEST_MAX_BYTES);
    create(fixture, "x", request, id);
    request[TASK_REQUEST_MAX_BYTES] = ' ';
    assert_false(task_create(fixture->db,
                             &(struct task_new){.project_id = "0", .kind = "x", .request_json = request}, id,
                             &fixture->err));
    assert_int_equal(fixture->err.code, ERR_LIMIT);
}

static void a_task_is_found_by_a_unique_prefix(void **state)
{
    struct fixture *fixture = *state;
    char id[33];
    struct task task;
    static const char *const missing[] = {
        "", "ab", "b", "zzz", "%", "AAAA", "aaaa00000000000000000000000000011"};
    assert_true(task_create(fixture->db, &(struct task_new){.project_id = "0", .id = id_a, .kind = "x"}, id,
                            &fixture->err));
    assert_string_equal(read_back(fixture, "a").id, id_a);
    assert_true(task_create(fixture->db, &(struct task_new){.project_id = "0", .id = id_b, .kind = "x"}, id,
                            &fixture->err));
    assert_string_equal(read_back(fixture, id_a).id, id_a);
    assert_string_equal(read_back(fixture, id_b).id, id_b);
    assert_false(task_get(fixture->db, "0", fixture->arena, "aaaa", &task, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_INVALID);
    for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++) {
        assert_false(task_get(fixture->db, "0", fixture->arena, missing[i], &task, &fixture->err));
        assert_int_equal(fixture->err.detail, DETAIL_TASK_NOT_FOUND);
    }
}

static void the_list_is_newest_first_filtered_and_limited(void **state)
{
    struct fixture *fixture = *state;
    struct task *tasks = NULL;
    size_t count = 99;
    assert_true(task_list(fixture->db, fixture->arena, &(struct task_filter){.project_id = "0"}, &tasks,
                          &count, &fixture->err));
    assert_int_equal(count, 0);
    for (int i = 0; i < 6; i++) {
        char id[33], text[33];
        (void)snprintf(text, sizeof(text), "%032d", i);
        const struct task_new new = {
            .project_id = "0", .id = text, .kind = i % 2 ? "odd" : "even", .subject = i < 3 ? "low" : "high"};
        assert_true(task_create(fixture->db, &new, id, &fixture->err));
        assert_true(db_exec(fixture->db, "UPDATE task SET created_ms = $2 WHERE id = $1",
                            DB_ARGS(db_text(id), db_int(1000 + i)), NULL, &fixture->err));
    }
    static const struct {
        struct task_filter filter; /* without the project */
        const char *expected;      /* last digits of the ids */
    } cases[] = {
        {{0}, "543210"},
        {{.kind = "odd"}, "531"},
        {{.subject = "low"}, "210"},
        {{.kind = "even", .subject = "high"}, "4"},
        {{.state = "queued"}, "543210"},
        {{.state = "failed"}, ""},
        {{.limit = 2}, "54"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char got[8] = "";
        struct task_filter filter = cases[i].filter;
        filter.project_id = "0";
        assert_true(task_list(fixture->db, fixture->arena, &filter, &tasks, &count, &fixture->err));
        for (size_t j = 0; j < count; j++)
            got[j] = tasks[j].id[31];
        assert_string_equal(got, cases[i].expected);
    }
}

/* For every state, held by a living or by a dead executor: what asking to stop, retrying and claiming make of
 * it. */
static void every_request_in_every_state_does_what_the_table_says(void **state)
{
    static const struct {
        const char *from;
        bool is_abandoned;
        const char *after_stop, *after_retry, *after_claim; /* NULL: refused */
    } cases[] = {
        {"queued", false, "stopped", NULL, "running"},     {"running", false, "stopping", NULL, NULL},
        {"running", true, "stopped", "queued", "running"}, {"stopping", false, "stopping", NULL, NULL},
        {"stopping", true, "stopped", "queued", NULL},     {"stopped", false, NULL, "queued", NULL},
        {"failed", false, NULL, "queued", NULL},           {"succeeded", false, NULL, NULL, NULL},
    };
    struct fixture *fixture = *state;
    char self[PROCESS_NAME_BYTES];
    (void)process_name(self);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *const expected[] = {cases[i].after_stop, cases[i].after_retry, cases[i].after_claim};
        bool is_held = strcmp(cases[i].from, "running") == 0 || strcmp(cases[i].from, "stopping") == 0;
        for (int action = 0; action < 3; action++) {
            char id[33];
            struct task claimed;
            create(fixture, "x", NULL, id);
            set_row(fixture, id, cases[i].from, is_held ? self : NULL,
                    is_held && !cases[i].is_abandoned ? clock_now_ms() + 60000 : 0);
            bool is_done = action == 0 ? task_ask_stop(fixture->db, id, &fixture->err)
                           : action == 1
                               ? task_retry(fixture->db, id, &fixture->err)
                               : task_claim(fixture->db, fixture->arena, id, "me", &claimed, &fixture->err);
            if (is_done != (expected[action] != NULL))
                fail_msg("%s (abandoned: %d), action %d: %d", cases[i].from, cases[i].is_abandoned, action,
                         is_done);
            if (!is_done)
                assert_int_equal(fixture->err.detail, DETAIL_TASK_STATE);
            struct task task = read_back(fixture, id);
            bool is_settled = !is_done && cases[i].is_abandoned;
            assert_string_equal(task.state, is_done      ? expected[action]
                                            : is_settled ? "stopped"
                                                         : cases[i].from);
            assert_int_equal(task_is_ended(task.state) && is_done, task.finished_ms != 0 && is_done);
        }
    }
}

static void the_lease_of_a_dead_host_expires_by_time_only(void **state)
{
    struct fixture *fixture = *state;
    struct task claimed;
    char id[33];
    create(fixture, "x", NULL, id);
    set_row(fixture, id, "running", "dead-host:1234:99", clock_now_ms() + 400);
    assert_false(task_claim(fixture->db, fixture->arena, id, "me", &claimed, &fixture->err));
    assert_int_equal(fixture->err.detail, DETAIL_TASK_STATE);
    assert_non_null(strstr(fixture->err.message, "dead-host:1234:99"));
    clock_sleep_ms(450);
    assert_true(task_claim(fixture->db, fixture->arena, id, "me", &claimed, &fixture->err));
    assert_string_equal(claimed.lease_owner, "me");
    assert_string_equal(claimed.state, "running");
    assert_int_equal(claimed.attempts, 1);
    assert_true(claimed.lease_until_ms > clock_now_ms() + TASK_LEASE_MS - 5000);
}

static void the_lease_of_a_later_process_with_the_same_number_is_free(void **state)
{
    struct fixture *fixture = *state;
    struct task claimed;
    char id[33], self[PROCESS_NAME_BYTES], other[PROCESS_NAME_BYTES + 2];
    (void)process_name(self);
    (void)snprintf(other, sizeof(other), "%s1", self); /* another start time */
    create(fixture, "x", NULL, id);
    set_row(fixture, id, "running", other, clock_now_ms() + 60000);
    assert_true(task_claim(fixture->db, fixture->arena, id, "me", &claimed, &fixture->err));
}

static void only_the_holder_renews_and_finishes(void **state)
{
    struct fixture *fixture = *state;
    char id[33];
    struct task first, second;
    const struct task_report report = {"reading", 3, 1, 10};
    const struct task_end end = {.event = TASK_EVENT_ENDED_WELL, .report = report, .result_json = "{}"};
    bool is_held = false, is_stop_asked = true;
    create(fixture, "x", NULL, id);
    assert_true(task_claim(fixture->db, fixture->arena, id, "me", &first, &fixture->err));
    assert_true(task_renew(fixture->db, &first, &report, &is_held, &is_stop_asked, &fixture->err));
    assert_true(is_held && !is_stop_asked);
    assert_string_equal(read_back(fixture, id).stage, "reading");
    assert_int_equal(read_back(fixture, id).items_done, 3);

    set_row(fixture, id, "running", "me",
            1); /* the time runs out, and the same process claims it once more */
    assert_true(task_claim(fixture->db, fixture->arena, id, "me", &second, &fixture->err));
    assert_int_equal(second.attempts, 2);
    assert_true(task_renew(fixture->db, &first, &report, &is_held, &is_stop_asked, &fixture->err));
    assert_false(is_held);
    assert_false(task_finish(fixture->db, &first, &end, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CONFLICT);
    assert_string_equal(read_back(fixture, id).state, "running");
    assert_true(task_finish(fixture->db, &second, &end, &fixture->err));
    assert_string_equal(read_back(fixture, id).state, "succeeded");
    assert_false(task_finish(fixture->db, &second, &end, &fixture->err));
}

static void who_saw_an_older_state_changes_nothing(void **state)
{
    struct fixture *fixture = *state;
    char id[33];
    struct task queued, first, second;
    bool is_changed = true;
    create(fixture, "x", NULL, id);
    queued = read_back(fixture, id);
    assert_true(task_claim(fixture->db, fixture->arena, id, "me", &first, &fixture->err));
    assert_true(task_db_move(fixture->db, &queued, TASK_STOPPED, false, &is_changed, &fixture->err));
    assert_false(is_changed);
    const struct task_claimant other = {"other", fixture->arena, &second};
    assert_true(task_db_claim(fixture->db, &queued, &other, &is_changed, &fixture->err));
    assert_false(is_changed);

    set_row(fixture, id, "running", "me", 1);
    assert_true(task_claim(fixture->db, fixture->arena, id, "you", &second, &fixture->err));
    assert_true(task_db_move(fixture->db, &first, TASK_STOPPING, false, &is_changed, &fixture->err));
    assert_false(is_changed); /* the wish was for the first attempt */
    assert_true(task_db_move(fixture->db, &first, TASK_QUEUED, true, &is_changed, &fixture->err));
    assert_false(is_changed);
    assert_string_equal(read_back(fixture, id).lease_owner, "you");
    assert_string_equal(read_back(fixture, id).state, "running");
}

static void a_task_can_be_made_and_stopped_inside_a_transaction(void **state)
{
    struct fixture *fixture = *state;
    char id[33];
    assert_true(db_begin(fixture->db, &fixture->err));
    create(fixture, "x", NULL, id);
    assert_true(task_ask_stop(fixture->db, id, &fixture->err));
    assert_true(task_retry(fixture->db, id, &fixture->err));
    assert_true(db_commit(fixture->db, &fixture->err));
    assert_string_equal(read_back(fixture, id).state, "queued");
}

static void a_task_is_given_up_only_while_nobody_holds_it(void **state)
{
    struct fixture *fixture = *state;
    char id[33], owner[PROCESS_NAME_BYTES];
    bool is_done = true;
    create(fixture, "x", NULL, id);
    struct task seen = read_back(fixture, id);
    assert_true(task_give_up(fixture->db, &seen, "died", &is_done, &fixture->err));
    assert_false(is_done); /* it waits: there is nothing to give up */
    set_row(fixture, id, "running", process_name(owner), clock_now_ms() + 60000);
    seen = read_back(fixture, id);
    assert_true(task_give_up(fixture->db, &seen, "died", &is_done, &fixture->err));
    assert_false(is_done);
    set_row(fixture, id, "running", "somebody", 1);
    seen = read_back(fixture, id);
    assert_true(task_give_up(fixture->db, &seen, "its process died", &is_done, &fixture->err));
    assert_true(is_done);
    seen = read_back(fixture, id);
    assert_string_equal(seen.state, "failed");
    assert_string_equal(seen.error_message, "its process died");
    assert_string_equal(seen.error_code, "failed");
    assert_null(seen.lease_owner);
    assert_true(seen.finished_ms > 0);
    assert_true(task_retry(fixture->db, id, &fixture->err));
    assert_string_equal(read_back(fixture, id).state, "queued");
}

static void tasks_of_other_projects_are_as_if_they_did_not_exist(void **state)
{
    struct fixture *fixture = *state;
    char id[33];
    struct task task, *tasks = NULL;
    struct task_tally *tallies = NULL;
    size_t count = 0;
    struct error of_nothing = {0};
    assert_true(db_exec(fixture->db, "INSERT INTO project (id, name, created_ms) VALUES ('p', 'other', 1)",
                        DB_NO_ARGS, NULL, &fixture->err));
    const struct task_new ours = {.project_id = "0", .id = id_a, .kind = "x"},
                          theirs = {.project_id = "p", .id = id_b, .kind = "x"};
    assert_true(task_create(fixture->db, &ours, id, &fixture->err));
    assert_true(task_create(fixture->db, &theirs, id, &fixture->err));
    /* "aaaa" begins both ids: it is ambiguous only to who sees both */
    assert_true(task_get(fixture->db, "0", fixture->arena, "aaaa", &task, &fixture->err));
    assert_string_equal(task.id, id_a);
    assert_false(task_get(fixture->db, "0", fixture->arena, "aaaaffff", &task, &of_nothing));
    assert_false(task_get(fixture->db, "0", fixture->arena, id_b, &task, &fixture->err));
    assert_int_equal(fixture->err.code, of_nothing.code);
    assert_int_equal(fixture->err.detail, of_nothing.detail);
    const struct task_filter filter = {.project_id = "p"};
    assert_true(task_list(fixture->db, fixture->arena, &filter, &tasks, &count, &fixture->err));
    assert_int_equal(count, 1);
    assert_string_equal(tasks[0].id, id_b);
    assert_true(
        task_list(fixture->db, fixture->arena, &(struct task_filter){0}, &tasks, &count, &fixture->err));
    assert_int_equal(count, 0);
    assert_true(task_tallies(fixture->db, "p", fixture->arena, &tallies, &count, &fixture->err));
    assert_int_equal(tallies[0].count, 1);
    assert_true(task_tallies(fixture->db, NULL, fixture->arena, &tallies, &count, &fixture->err));
    assert_int_equal(tallies[0].count, 2);
}

static void recent_tasks_are_those_that_go_on_or_ended_lately(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *state;
        int finished_ms;
    } rows[] = {{"queued", 0},   {"running", 0},    {"stopping", 0},
                {"failed", 999}, {"stopped", 1000}, {"succeeded", 2000}};
    char seen[7] = "";
    struct task *tasks = NULL;
    size_t count = 0;
    for (int i = 0; i < 6; i++) {
        char id[33], text[33];
        (void)snprintf(text, sizeof(text), "%032d", i);
        const struct task_new new = {.project_id = "0", .id = text, .kind = "k", .request_json = "{\"a\":1}"};
        assert_true(task_create(fixture->db, &new, id, &fixture->err));
        assert_true(db_exec(
            fixture->db, "UPDATE task SET state = $2, finished_ms = $3, result_json = '1' WHERE id = $1",
            DB_ARGS(db_text(id), db_text(rows[i].state), db_int(rows[i].finished_ms)), NULL, &fixture->err));
    }
    assert_true(task_list_recent(fixture->db, fixture->arena, 1000, &tasks, &count, &fixture->err));
    for (size_t i = 0; i < count; i++) {
        seen[i] = tasks[i].id[31];
        assert_string_equal(tasks[i].request_json, "");
        assert_null(tasks[i].result_json);
    }
    assert_int_equal(count, 5);
    assert_true(strchr(seen, '0') && strchr(seen, '1') && strchr(seen, '2'));
    assert_string_equal(seen + 3, "54");
}

static void tallies_count_by_kind_and_state(void **state)
{
    struct fixture *fixture = *state;
    struct task_tally *tallies = NULL;
    size_t count = 9;
    char id[33];
    assert_true(task_tallies(fixture->db, NULL, fixture->arena, &tallies, &count, &fixture->err));
    assert_int_equal(count, 0);
    create(fixture, "b", NULL, id);
    create(fixture, "a", NULL, id);
    create(fixture, "a", NULL, id);
    assert_true(task_ask_stop(fixture->db, id, &fixture->err));
    create(fixture, "a", NULL, id);
    assert_true(task_tallies(fixture->db, NULL, fixture->arena, &tallies, &count, &fixture->err));
    assert_int_equal(count, 3);
    assert_string_equal(tallies[0].state, "queued");
    assert_int_equal(tallies[0].count, 2);
    assert_string_equal(tallies[1].state, "stopped");
    assert_string_equal(tallies[2].kind, "b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DB(a_created_task_is_queued_with_its_request),
        WITH_DB(new_ids_differ_and_taken_or_odd_ones_are_refused),
        WITH_DB(a_request_has_a_limit),
        WITH_DB(a_task_is_found_by_a_unique_prefix),
        WITH_DB(the_list_is_newest_first_filtered_and_limited),
        WITH_DB(every_request_in_every_state_does_what_the_table_says),
        WITH_DB(the_lease_of_a_dead_host_expires_by_time_only),
        WITH_DB(the_lease_of_a_later_process_with_the_same_number_is_free),
        WITH_DB(only_the_holder_renews_and_finishes),
        WITH_DB(who_saw_an_older_state_changes_nothing),
        WITH_DB(a_task_can_be_made_and_stopped_inside_a_transaction),
        WITH_DB(a_task_is_given_up_only_while_nobody_holds_it),
        WITH_DB(tasks_of_other_projects_are_as_if_they_did_not_exist),
        WITH_DB(recent_tasks_are_those_that_go_on_or_ended_lately),
        WITH_DB(tallies_count_by_kind_and_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
