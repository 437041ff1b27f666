/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a task in this process: the work on the caller's thread, the lease on another. */
#include "base/clock.h"
#include "base/process.h"
#include "tasks/lifecycle.h"

#include <pthread.h>
#include <string.h>

/* How often the keeper looks at the process's own wish to end, which comes without a signal to its thread. */
enum { LOOK_MS = 50 };

/* One run of one task. The keeper's thread reads it; what both sides write is atomic or under the lock. */
struct run {
    const struct executor_options *options;
    struct task task;
    struct task_progress progress;
    struct stop_flag stop;
    struct db *keeper_db; /* NULL: a private database, and no keeper */
    pthread_t keeper;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    bool is_over; /* under the lock */
};

static void watch(const struct run *run)
{
    const struct task_report report = task_report_of(&run->progress);
    if (run->options->watch)
        run->options->watch(run->options->watch_state, &run->task, report.stage, report.done, report.failed,
                            report.total);
}

/* Waits LOOK_MS, less when the work is over, which it returns. */
static bool wait_a_little(struct run *run)
{
    const struct timespec until = clock_steady_after(LOOK_MS);
    (void)pthread_mutex_lock(&run->lock);
    while (!run->is_over && pthread_cond_timedwait(&run->woken, &run->lock, &until) == 0)
        ;
    bool is_over = run->is_over;
    (void)pthread_mutex_unlock(&run->lock);
    return is_over;
}

/* Renews the lease; asks the work to stop when somebody wished so or has the lease now. A renewal that fails
 * changes nothing: usually the work itself is writing, and if the lease ran out meanwhile the next renewal
 * will say so. */
static void renew(struct run *run)
{
    const struct task_report report = task_report_of(&run->progress);
    struct error ignored;
    bool is_held = true, is_stop_asked = false;
    if (task_renew(run->keeper_db, &run->task, &report, &is_held, &is_stop_asked, &ignored) &&
        (!is_held || is_stop_asked))
        atomic_store(&run->stop.is_set, true);
}

static void *keep_lease(void *argument)
{
    struct run *run = argument;
    double renew_at_seconds = clock_steady_seconds() + TASK_RENEW_MS / 1000.0;
    while (!wait_a_little(run)) {
        if (run->options->stop && atomic_load(&run->options->stop->is_set))
            atomic_store(&run->stop.is_set, true);
        if (clock_steady_seconds() < renew_at_seconds)
            continue;
        renew(run);
        watch(run);
        renew_at_seconds = clock_steady_seconds() + TASK_RENEW_MS / 1000.0;
    }
    return NULL;
}

static void release_keeper(struct run *run)
{
    (void)pthread_cond_destroy(&run->woken);
    (void)pthread_mutex_destroy(&run->lock);
}

static bool start_keeper(struct run *run, struct error *err)
{
    clock_condition_init(&run->woken);
    (void)pthread_mutex_init(&run->lock, NULL);
    int problem = pthread_create(&run->keeper, NULL, keep_lease, run);
    if (problem == 0)
        return true;
    release_keeper(run);
    return error_set_errno(err, problem, "start the thread that keeps the lease");
}

static void end_keeper(struct run *run)
{
    (void)pthread_mutex_lock(&run->lock);
    run->is_over = true;
    (void)pthread_cond_signal(&run->woken);
    (void)pthread_mutex_unlock(&run->lock);
    (void)pthread_join(run->keeper, NULL);
    release_keeper(run);
}

static const struct task_kind *kind_find(const struct executor_options *options, const char *name)
{
    for (const struct task_kind *const *kind = options->kinds; *kind; kind++)
        if (strcmp((*kind)->name, name) == 0)
            return *kind;
    return NULL;
}

static bool work(struct db *db, struct run *run, struct stop_flag *stop, yyjson_mut_doc *result,
                 struct error *err)
{
    AUTO_JSON request = NULL;
    const struct bytes text = {run->task.request_json, strlen(run->task.request_json)};
    const struct task_kind *kind = kind_find(run->options, run->task.kind);
    if (!kind)
        return error_set(err, ERR_INVALID, "this program has no kind of task '%.100s'", run->task.kind);
    if (!json_parse(text, "the request of the task", &request, err))
        return false;
    struct task_context context = {.task = &run->task,
                                   .db = db,
                                   .app = run->options->app,
                                   .request = yyjson_doc_get_root(request),
                                   .stop = stop,
                                   .progress = &run->progress,
                                   .result = result};
    bool is_ok = kind->run(&context, err);
    db_rollback(db); /* what the work did not commit */
    return is_ok;
}

static bool write_result(yyjson_mut_doc *doc, struct buffer *into, struct error *err)
{
    return !yyjson_mut_doc_get_root(doc) || json_write(doc, false, into, err);
}

/* Works and writes how it ended. */
static bool run_claimed(struct db *db, struct run *run, struct stop_flag *stop, struct error *err)
{
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    AUTO_BUFFER(result, TASK_RESULT_MAX_BYTES);
    struct error why = {.code = ERR_NONE};
    bool is_done = doc ? work(db, run, stop, doc, &why) : error_no_memory(&why);
    if (run->keeper_db)
        end_keeper(run);

    struct error result_problem;
    bool is_stopped = !is_done && why.code == ERR_CANCELLED && atomic_load(&stop->is_set);
    if (doc && !write_result(doc, &result, &result_problem)) {
        buffer_clear(&result);
        why = is_done ? result_problem : why;
        is_done = false;
    }
    struct task_end end = {.event = TASK_EVENT_ENDED_WELL,
                           .report = task_report_of(&run->progress),
                           .result_json = result.size > 0 ? result.data : NULL};
    if (is_stopped) {
        end.event = TASK_EVENT_ENDED_STOPPED;
    } else if (!is_done) {
        end.event = TASK_EVENT_ENDED_FAILED;
        end.why = &why;
    }
    watch(run);
    return task_finish(db, &run->task, &end, err);
}

/* A private database has no second handle, and nobody else who could ask to stop. */
static bool open_keeper_db(struct db *db, struct db **ret, struct error *err)
{
    return db_open_again(db, ret, err) || err->code == ERR_INVALID;
}

bool executor_local_run(struct db *db, const char *id, const struct executor_options *options,
                        struct error *err)
{
    AUTO(db) keeper_db = NULL;
    AUTO(arena) arena = arena_new(TASK_ARENA_MAX_BYTES);
    char owner[PROCESS_NAME_BYTES];
    struct run run = {.options = options};
    if (!arena)
        return error_no_memory(err);
    if (!open_keeper_db(db, &keeper_db, err) ||
        !task_claim(db, arena, id, process_name(owner), &run.task, err))
        return false;
    run.keeper_db = keeper_db;
    struct stop_flag *stop = &run.stop;
    if (!keeper_db && options->stop)
        stop = options->stop;
    if (keeper_db && !start_keeper(&run, err)) {
        const struct task_end end = {.event = TASK_EVENT_ENDED_FAILED, .report = {.stage = ""}, .why = err};
        struct error ignored;
        (void)!task_finish(db, &run.task, &end, &ignored);
        return false;
    }
    return run_claimed(db, &run, stop, err);
}
