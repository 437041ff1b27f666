/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "task_fixture.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000 };

/* What the kinds of these tests find in context->app. */
struct app {
    atomic_int runs;
    atomic_int watched, watched_done;
    bool is_impatient; /* "wait" ends at once */
};

static void give_result(struct task_context *context, const char *name, int64_t value)
{
    yyjson_mut_val *root = yyjson_mut_obj(context->result);
    (void)yyjson_mut_obj_add_int(context->result, root, name, value);
    yyjson_mut_doc_set_root(context->result, root);
}

static bool run_well(struct task_context *context, struct error *err)
{
    struct app *app = context->app;
    (void)err;
    atomic_fetch_add(&app->runs, 1);
    clock_sleep_ms(20);
    task_progress_stage(context->progress, "counting", 7);
    atomic_store(&context->progress->done, 6);
    atomic_store(&context->progress->failed, 1);
    give_result(context, "n", json_integer(context->request, "n", -1));
    return true;
}

static bool run_badly(struct task_context *context, struct error *err)
{
    give_result(context, "partly", 1);
    if (!db_begin(context->db, err) ||
        !db_exec(context->db, "UPDATE project SET name = 'must not stay'", DB_NO_ARGS, NULL, err))
        return false;
    return error_set_detail(err, DETAIL_NO_SAMPLES, "nothing in '%s'", context->task->id);
}

static bool run_until_stopped(struct task_context *context, struct error *err)
{
    struct app *app = context->app;
    atomic_fetch_add(&app->runs, 1);
    task_progress_stage(context->progress, "waiting", 100);
    for (int ms = 0; ms < PATIENCE_MS && !app->is_impatient; ms += 5) {
        atomic_fetch_add(&context->progress->done, 1);
        if (atomic_load(&context->stop->is_set))
            return error_set(err, ERR_CANCELLED, "stopped");
        clock_sleep_ms(5);
    }
    return app->is_impatient || error_set(err, ERR_FAILED, "nobody asked to stop");
}

static bool run_cancelled_for_no_reason(struct task_context *context, struct error *err)
{
    (void)context;
    return error_set(err, ERR_CANCELLED, "somebody else's cancellation");
}

static bool run_with_a_bad_result(struct task_context *context, struct error *err)
{
    (void)err;
    yyjson_mut_doc_set_root(context->result, yyjson_mut_str(context->result, "\xFF"));
    return true;
}

static const struct task_kind well = {"well", "Ends well.", run_well};
static const struct task_kind badly = {"badly", "Ends badly.", run_badly};
static const struct task_kind wait_kind = {"wait", "Waits for a wish to stop.", run_until_stopped};
static const struct task_kind cancelled = {"cancelled", "Ends as if stopped.", run_cancelled_for_no_reason};
static const struct task_kind bad_result = {"bad_result", "Gives a result that is no text.",
                                            run_with_a_bad_result};
static const struct task_kind *const kinds[] = {&well, &badly, &wait_kind, &cancelled, &bad_result, NULL};

static void watch(void *state, const struct task *task, const char *stage, int64_t done, int64_t failed,
                  int64_t total)
{
    struct app *app = state;
    (void)task, (void)stage, (void)failed, (void)total;
    atomic_fetch_add(&app->watched, 1);
    atomic_store(&app->watched_done, (int)done);
}

static struct executor_options options_for(struct app *app)
{
    return (struct executor_options){.kinds = kinds, .app = app, .watch = watch, .watch_state = app};
}

static struct task run_once(struct fixture *fixture, struct app *app, const char *kind, const char *request)
{
    char id[33];
    const struct executor_options options = options_for(app);
    create(fixture, kind, request, id);
    if (!executor_local_run(fixture->db, id, &options, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return read_back(fixture, id);
}

static void a_task_that_ends_well_keeps_its_result(void **state)
{
    struct fixture *fixture = *state;
    struct app app = {0};
    struct task task = run_once(fixture, &app, "well", "{\"n\":42}");
    assert_string_equal(task.state, "succeeded");
    assert_string_equal(task.result_json, "{\"n\":42}");
    assert_null(task.error_code);
    assert_null(task.lease_owner);
    assert_int_equal(task.items_done, 6);
    assert_int_equal(task.items_failed, 1);
    assert_int_equal(task.items_total, 7);
    assert_int_equal(task.attempts, 1);
    assert_true(task.started_ms >= task.created_ms && task.finished_ms >= task.started_ms + 20);
    assert_true(app.watched >= 1 && app.watched_done == 6);
}

static void a_task_that_fails_keeps_error_and_result_and_can_be_retried(void **state)
{
    struct fixture *fixture = *state;
    struct app app = {0};
    struct task task = run_once(fixture, &app, "badly", NULL);
    assert_string_equal(task.state, "failed");
    assert_string_equal(task.error_code, "invalid");
    assert_string_equal(task.error_detail, "no-samples");
    assert_non_null(strstr(task.error_message, task.id));
    assert_string_equal(task.result_json, "{\"partly\":1}");
    assert_true(task_retry(fixture->db, task.id, &fixture->err));
    task = read_back(fixture, task.id);
    assert_string_equal(task.state, "queued");
    assert_null(task.error_code);
    assert_null(task.error_message);
    assert_int_equal(task.finished_ms, 0);
    const struct executor_options options = options_for(&app);
    assert_true(executor_local_run(fixture->db, task.id, &options, &fixture->err));
    assert_int_equal(read_back(fixture, task.id).attempts, 2);
}

struct name_row {
    const char *name;
};
static const struct db_column name_columns[] = {DB_COLUMN_TEXT(struct name_row, name), DB_COLUMN_END};

static void what_the_work_did_not_commit_is_rolled_back(void **state)
{
    struct fixture *fixture = *state;
    struct app app = {0};
    struct name_row row = {NULL};
    bool is_found = false;
    (void)run_once(fixture, &app, "badly", NULL);
    assert_true(db_select_one(fixture->db, fixture->arena, "SELECT name FROM project WHERE id = '0'",
                              DB_NO_ARGS, name_columns, &row, &is_found, &fixture->err));
    assert_string_equal(row.name, "default");
}

static void an_unknown_kind_and_a_bad_request_fail_clearly(void **state)
{
    struct fixture *fixture = *state;
    struct app app = {0};
    struct task task = run_once(fixture, &app, "no_such_kind", NULL);
    assert_string_equal(task.state, "failed");
    assert_string_equal(task.error_code, "invalid");
    assert_non_null(strstr(task.error_message, "no_such_kind"));
    static const char *const bad[] = {"", "{", "{} x", "not json", "\"\\uD800\""};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        task = run_once(fixture, &app, "well", bad[i]);
        assert_string_equal(task.state, "failed");
        assert_string_equal(task.error_code, "invalid");
        assert_non_null(strstr(task.error_message, "JSON"));
    }
    assert_int_equal(app.runs, 0);
}

static void cancelled_without_a_wish_to_stop_is_a_failure(void **state)
{
    struct fixture *fixture = *state;
    struct app app = {0};
    struct task task = run_once(fixture, &app, "cancelled", NULL);
    assert_string_equal(task.state, "failed");
    assert_string_equal(task.error_code, "cancelled");
    assert_null(task.error_detail);
}

static void a_result_that_cannot_be_written_is_a_failure(void **state)
{
    struct fixture *fixture = *state;
    struct app app = {0};
    struct task task = run_once(fixture, &app, "bad_result", NULL);
    assert_string_equal(task.state, "failed");
    assert_null(task.result_json);
}

static void a_private_database_works_without_a_keeper(void **state)
{
    struct app app = {0};
    struct stop_flag stop = {true};
    struct fixture fixture = {.url = "sqlite::memory:", .arena = arena_new(FIXTURE_ARENA_BYTES)};
    open_db(&fixture);
    assert_string_equal(run_once(&fixture, &app, "well", "{}").state, "succeeded");
    struct executor_options options = options_for(&app);
    options.stop = &stop;
    char id[33];
    create(&fixture, "wait", NULL, id);
    assert_true(executor_local_run(fixture.db, id, &options, &fixture.err));
    assert_string_equal(read_back(&fixture, id).state, "stopped");
    fixture.db = db_free(fixture.db);
    fixture.arena = arena_free(fixture.arena);
}

/* ---- one thread runs the task, the other does something to it ---- */

struct duet {
    struct fixture *fixture;
    struct app app;
    char id[33];
    struct stop_flag stop;
    bool (*meanwhile)(struct duet *duet, struct db *db, struct error *err);
    double seconds; /* from the meanwhile's end to the run's end */
    bool is_run_ok;
    struct error run_err;
};

static bool wait_for_state(struct db *db, const char *id, const char *state, struct error *err)
{
    for (int ms = 0; ms < PATIENCE_MS; ms += 10) {
        AUTO(arena) arena = arena_new(100000);
        struct task task;
        if (!task_get(db, "0", arena, id, &task, err))
            return false;
        if (strcmp(task.state, state) == 0)
            return true;
        clock_sleep_ms(10);
    }
    return error_set(err, ERR_FAILED, "the task did not become %s", state);
}

static bool play(void *state, uint32_t index, struct error *err)
{
    struct duet *duet = state;
    AUTO(db) db = NULL;
    if (!db_open(duet->fixture->url, &db, err))
        return false;
    if (index == 0) {
        struct executor_options options = options_for(&duet->app);
        options.stop = &duet->stop;
        duet->is_run_ok = executor_local_run(db, duet->id, &options, &duet->run_err);
        return true;
    }
    return wait_for_state(db, duet->id, "running", err) && duet->meanwhile(duet, db, err);
}

static void play_duet(struct fixture *fixture, struct duet *duet,
                      bool (*meanwhile)(struct duet *duet, struct db *db, struct error *err))
{
    duet->fixture = fixture;
    duet->meanwhile = meanwhile;
    create(fixture, "wait", NULL, duet->id);
    if (!workers_run(2, play, duet, &fixture->err))
        fail_msg("%s", fixture->err.message);
}

static bool ask_and_measure(struct duet *duet, struct db *db, struct error *err)
{
    double start = clock_steady_seconds();
    bool is_ok = task_ask_stop(db, duet->id, err) && wait_for_state(db, duet->id, "stopped", err);
    duet->seconds = clock_steady_seconds() - start;
    return is_ok;
}

static void a_wish_to_stop_reaches_the_work_within_two_seconds(void **state)
{
    struct duet duet = {0};
    play_duet(*state, &duet, ask_and_measure);
    assert_true(duet.is_run_ok);
    assert_true(duet.seconds < 2);
    struct task task = read_back(*state, duet.id);
    assert_string_equal(task.state, "stopped");
    assert_null(task.error_code);
    assert_true(task.is_stop_asked);
}

static bool press_ctrl_c(struct duet *duet, struct db *db, struct error *err)
{
    double start = clock_steady_seconds();
    atomic_store(&duet->stop.is_set, true);
    bool is_ok = wait_for_state(db, duet->id, "stopped", err);
    duet->seconds = clock_steady_seconds() - start;
    return is_ok;
}

static void the_wish_of_the_process_to_end_stops_the_task(void **state)
{
    struct duet duet = {0};
    play_duet(*state, &duet, press_ctrl_c);
    assert_true(duet.is_run_ok);
    assert_true(duet.seconds < 2);
    assert_false(read_back(*state, duet.id).is_stop_asked);
}

static bool look_at_progress(struct duet *duet, struct db *db, struct error *err)
{
    for (int ms = 0; ms < PATIENCE_MS; ms += 20) {
        AUTO(arena) arena = arena_new(100000);
        struct task task;
        if (!task_get(db, "0", arena, duet->id, &task, err))
            return false;
        if (task.items_done > 0 && task.items_total == 100 && strcmp(task.stage, "waiting") == 0)
            return task_ask_stop(db, duet->id, err);
        clock_sleep_ms(20);
    }
    return error_set(err, ERR_FAILED, "no progress was seen");
}

static void progress_is_visible_from_another_handle(void **state)
{
    struct duet duet = {0};
    play_duet(*state, &duet, look_at_progress);
    assert_true(duet.is_run_ok);
    assert_true(duet.app.watched >= 2);
}

static bool take_the_lease(struct duet *duet, struct db *db, struct error *err)
{
    return db_exec(
        db,
        "UPDATE task SET lease_owner = 'somebody:1:1', attempts = attempts + 1, lease_until_ms = $2 "
        "WHERE id = $1",
        DB_ARGS(db_text(duet->id), db_int(clock_now_ms() + 60000)), NULL, err);
}

static void who_lost_the_lease_stops_and_writes_nothing(void **state)
{
    struct duet duet = {0};
    double start = clock_steady_seconds();
    play_duet(*state, &duet, take_the_lease);
    assert_true(clock_steady_seconds() - start < 5);
    assert_false(duet.is_run_ok);
    assert_int_equal(duet.run_err.code, ERR_CONFLICT);
    struct task task = read_back(*state, duet.id);
    assert_string_equal(task.state, "running");
    assert_string_equal(task.lease_owner, "somebody:1:1");
}

static bool renewed_long_enough(struct duet *duet, struct db *db, struct error *err)
{
    AUTO(arena) arena = arena_new(100000);
    struct task early, late;
    if (!task_get(db, "0", arena, duet->id, &early, err))
        return false;
    clock_sleep_ms(3 * TASK_RENEW_MS);
    if (!task_get(db, "0", arena, duet->id, &late, err))
        return false;
    if (late.lease_until_ms < early.lease_until_ms + TASK_RENEW_MS)
        return error_set(err, ERR_FAILED, "the lease was not renewed");
    return task_ask_stop(db, duet->id, err);
}

static void the_lease_is_renewed_while_the_work_goes_on(void **state)
{
    struct duet duet = {0};
    play_duet(*state, &duet, renewed_long_enough);
    assert_true(duet.is_run_ok);
}

/* ---- races and kills ---- */

enum { RACERS = 4, RACES = 8 };

struct contest {
    struct fixture *fixture;
    struct app app;
    char id[33];
    atomic_int won, refused;
};

static bool compete(void *state, uint32_t index, struct error *err)
{
    struct contest *contest = state;
    const struct executor_options options = options_for(&contest->app);
    AUTO(db) db = NULL;
    (void)index;
    if (!db_open(contest->fixture->url, &db, err))
        return false;
    struct error why = {0};
    bool is_won = executor_local_run(db, contest->id, &options, &why);
    if (!is_won && why.code != ERR_CONFLICT) {
        *err = why;
        return false;
    }
    atomic_fetch_add(is_won ? &contest->won : &contest->refused, 1);
    return true;
}

static void of_several_executors_exactly_one_runs_a_task(void **state)
{
    struct fixture *fixture = *state;
    for (int race = 0; race < RACES; race++) {
        struct contest contest = {.fixture = fixture};
        create(fixture, "well", NULL, contest.id);
        if (race % 2) /* left behind by a dead process */
            set_row(fixture, contest.id, "running", "elsewhere:1:1", 1);
        if (!workers_run(RACERS, compete, &contest, &fixture->err))
            fail_msg("%s", fixture->err.message);
        assert_int_equal(contest.won, 1);
        assert_int_equal(contest.refused, RACERS - 1);
        assert_int_equal(contest.app.runs, 1);
        assert_string_equal(read_back(fixture, contest.id).state, "succeeded");
    }
}

/* Returns the process number of a child that runs the task and will wait for ever. */
static pid_t run_in_child(struct fixture *fixture, const char *id)
{
    fixture->db = db_free(fixture->db); /* a handle must not cross a fork */
    pid_t child = fork();
    if (child == 0) {
        struct app app = {0};
        const struct executor_options options = options_for(&app);
        bool is_ok = db_open(fixture->url, &fixture->db, &fixture->err) &&
                     executor_local_run(fixture->db, id, &options, &fixture->err);
        _exit(is_ok ? 0 : 1);
    }
    open_db(fixture);
    if (!wait_for_state(fixture->db, id, "running", &fixture->err))
        fail_msg("%s", fixture->err.message);
    return child;
}

static void a_task_whose_process_was_killed_runs_again_at_once(void **state)
{
    struct fixture *fixture = *state;
    struct app app = {.is_impatient = true};
    const struct executor_options options = options_for(&app);
    char id[33];
    create(fixture, "wait", NULL, id);
    pid_t child = run_in_child(fixture, id);
    assert_false(executor_local_run(fixture->db, id, &options, &fixture->err));
    assert_int_equal(fixture->err.detail, DETAIL_TASK_STATE);
    assert_int_equal(app.runs, 0);

    assert_int_equal(kill(child, SIGKILL), 0);
    siginfo_t info; /* dead, but still in the table of processes */
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    assert_true(read_back(fixture, id).lease_until_ms > clock_now_ms() + TASK_LEASE_MS / 2);
    if (!executor_local_run(fixture->db, id, &options, &fixture->err))
        fail_msg("%s", fixture->err.message);
    assert_int_equal(waitpid(child, NULL, 0), child);
    struct task task = read_back(fixture, id);
    assert_string_equal(task.state, "succeeded");
    assert_int_equal(task.attempts, 2);
    assert_int_equal(app.runs, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DB(a_task_that_ends_well_keeps_its_result),
        WITH_DB(a_task_that_fails_keeps_error_and_result_and_can_be_retried),
        WITH_DB(what_the_work_did_not_commit_is_rolled_back),
        WITH_DB(an_unknown_kind_and_a_bad_request_fail_clearly),
        WITH_DB(cancelled_without_a_wish_to_stop_is_a_failure),
        WITH_DB(a_result_that_cannot_be_written_is_a_failure),
        cmocka_unit_test(a_private_database_works_without_a_keeper),
        WITH_DB(a_wish_to_stop_reaches_the_work_within_two_seconds),
        WITH_DB(the_wish_of_the_process_to_end_stops_the_task),
        WITH_DB(progress_is_visible_from_another_handle),
        WITH_DB(who_lost_the_lease_stops_and_writes_nothing),
        WITH_DB(the_lease_is_renewed_while_the_work_goes_on),
        WITH_DB(of_several_executors_exactly_one_runs_a_task),
        WITH_DB(a_task_whose_process_was_killed_runs_again_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
