/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "cli/progress.h"
#include "cli/transport.h"
#include "work/work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TASK_ARENA_BYTES = 8 * TASK_REQUEST_MAX_BYTES,
    POLL_MS = 300,
    FOLLOW_MAX = 16,
    WAIT_SECONDS = 1,
    KINDS_MAX = 16
};

/* Its texts live in the arena, which may be NULL: no memory. */
static bool read_task(const struct cli *cli, const char *id, struct arena *arena, struct task *ret,
                      struct error *err)
{
    if (!arena)
        return error_no_memory(err);
    return task_get(cli->api.db, api_caller(&cli->api)->project_id, arena, id, ret, err);
}

/* Another process holds the task: look on until it has ended, or its holder died. */
static bool look_on(struct cli *cli, const char *id, struct progress *progress, struct error *err)
{
    AUTO(arena) arena = arena_new(TASK_ARENA_BYTES);
    struct task task;
    if (!read_task(cli, id, arena, &task, err))
        return false;
    progress_watch(progress, &task, task.stage, task.items_done, task.items_failed, task.items_total);
    clock_sleep_ms(POLL_MS);
    return true;
}

static double deadline_of(const struct cli *cli)
{
    return cli->timeout_seconds > 0 ? clock_steady_seconds() + (double)cli->timeout_seconds : 0;
}

/* Whether to look on any longer. */
static bool may_go_on(struct cli *cli, const char *id, double until_seconds, struct error *err)
{
    if (atomic_load(&cli->environment->stop->is_set))
        return error_set(err, ERR_CANCELLED, "the task goes on; stop it with: trommel task stop %.8s", id);
    return until_seconds == 0 || clock_steady_seconds() < until_seconds ||
           error_set(err, ERR_TIMED_OUT,
                     "the task has not ended in %llu s and goes on; wait again with: trommel task wait %.8s",
                     (unsigned long long)cli->timeout_seconds, id);
}

/* ---- a server works on it ---- */

/* A server that works on no tasks: a process of ours does, if it is of this machine. */
static bool lend_a_hand(struct cli *cli, const char *id, struct error *err)
{
    AUTO_MUT_JSON reply = NULL;
    if (transport_server(cli))
        return true;
    if (!transport_ask(cli, route_find("status.show"), NULL, &reply, err))
        return false;
    yyjson_mut_val *status = yyjson_mut_obj_get(yyjson_mut_doc_get_root(reply), "status");
    return yyjson_mut_get_int(yyjson_mut_obj_get(status, "task_workers")) > 0 ||
           cli_task_detach(cli, id, err);
}

static bool watch_server(struct cli *cli, const char *id, struct progress *progress, struct error *err)
{
    const double until_seconds = deadline_of(cli);
    bool has_looked = false;
    for (;;) {
        AUTO_MUT_JSON reply = NULL;
        if (!transport_task(cli, id, has_looked ? WAIT_SECONDS : 0, &reply, err))
            return err->code == ERR_CANCELLED ? may_go_on(cli, id, 0, err) : false;
        yyjson_mut_val *row = yyjson_mut_obj_get(yyjson_mut_doc_get_root(reply), "task");
        const char *state = yyjson_mut_get_str(yyjson_mut_obj_get(row, "state"));
        const struct task task = {.id = id};
        progress_watch(progress, &task, yyjson_mut_get_str(yyjson_mut_obj_get(row, "stage")),
                       yyjson_mut_get_sint(yyjson_mut_obj_get(row, "items_done")),
                       yyjson_mut_get_sint(yyjson_mut_obj_get(row, "items_failed")),
                       yyjson_mut_get_sint(yyjson_mut_obj_get(row, "items_total")));
        if (!state || task_is_ended(state))
            return state || error_set(err, ERR_IO, "the server's reply shows no task");
        if (!may_go_on(cli, id, until_seconds, err) || (!has_looked && !lend_a_hand(cli, id, err)))
            return false;
        has_looked = true;
    }
}

/* ---- we do ---- */

/* Those of work, and the one that the API was given from above. */
static void gather_kinds(const struct cli *cli, const struct task_kind *kinds[KINDS_MAX])
{
    size_t count = 0;
    while (count < KINDS_MAX - 2 && all_task_kinds[count]) {
        kinds[count] = all_task_kinds[count];
        count++;
    }
    kinds[count] = cli->api.demo;
}

static bool run_or_watch(struct cli *cli, const char *id, struct progress *progress, struct error *err)
{
    const double until_seconds = deadline_of(cli);
    bool is_detached = false;
    struct work work = {.data = cli->api.data, .share_folder = cli->environment->share_folder};
    const struct task_kind *kinds[KINDS_MAX] = {NULL};
    gather_kinds(cli, kinds);
    const struct executor_options options = {.kinds = kinds,
                                             .app = &work,
                                             .watch = progress_watch,
                                             .watch_state = progress,
                                             .stop = cli->environment->stop};
    for (;;) {
        AUTO(arena) arena = arena_new(TASK_ARENA_BYTES);
        struct task task;
        if (!read_task(cli, id, arena, &task, err))
            return false;
        if (task_is_ended(task.state))
            return true;
        /* What is to outlive our waiting is not done by us. */
        if (until_seconds > 0 && !is_detached && !cli_task_detach(cli, task.id, err))
            return false;
        is_detached = until_seconds > 0;
        if (!is_detached && executor_local_run(cli->api.db, id, &options, err))
            continue;
        if (!is_detached && err->code != ERR_CONFLICT)
            return false;
        if (!may_go_on(cli, id, until_seconds, err))
            return false;
        if (!look_on(cli, id, progress, err))
            return false;
    }
}

static void say_failure(yyjson_mut_val *task)
{
    yyjson_mut_val *error = yyjson_mut_obj_get(task, "error");
    const char *message = yyjson_mut_get_str(yyjson_mut_obj_get(error, "message"));
    const struct error_detail_row *detail =
        error_detail_row(error_detail_find(yyjson_mut_get_str(yyjson_mut_obj_get(error, "detail"))));
    cli_say_error(message ? message : "the task failed", detail);
}

static int exit_code_of(struct cli *cli, yyjson_mut_val *task)
{
    const char *state = yyjson_mut_get_str(yyjson_mut_obj_get(task, "state"));
    if (state && strcmp(state, task_state_name(TASK_SUCCEEDED)) == 0) {
        yyjson_mut_val *failed = yyjson_mut_obj_get(yyjson_mut_obj_get(task, "result"), "failed");
        yyjson_mut_val *bad = yyjson_mut_obj_get(yyjson_mut_obj_get(task, "result"), "bad");
        return yyjson_mut_get_int(failed) + yyjson_mut_get_int(bad) > 0 ? CLI_EXIT_SOME_FAILED : 0;
    }
    if (state && strcmp(state, task_state_name(TASK_STOPPED)) == 0) {
        (void)fprintf(stderr, "stopped; finished parts are kept. Go on with: trommel task retry %.8s\n",
                      yyjson_mut_get_str(yyjson_mut_obj_get(task, "id")));
        return error_kind(ERR_CANCELLED)->exit_code;
    }
    if (!cli->is_json)
        say_failure(task);
    return error_kind(ERR_FAILED)->exit_code;
}

static int wait_for_one(struct cli *cli, const char *id, yyjson_mut_doc *doc, yyjson_mut_val *ended,
                        const char **ret_next)
{
    char request[80];
    struct error err = {0};
    struct progress progress;
    *ret_next = NULL;
    progress_start(&progress, cli);
    bool has_run =
        cli->client ? watch_server(cli, id, &progress, &err) : run_or_watch(cli, id, &progress, &err);
    progress_end(&progress);
    if (!has_run)
        return cli_fail(cli, &err);
    (void)snprintf(request, sizeof(request), "{\"task\":\"%.33s\"}", id);
    yyjson_mut_val *reply = cli_call(cli, "task.show", request, &err);
    if (!reply)
        return cli_fail(cli, &err);
    yyjson_mut_val *task = yyjson_mut_val_mut_copy(doc, yyjson_mut_obj_get(reply, "task"));
    (void)yyjson_mut_arr_append(ended, task);
    *ret_next = yyjson_mut_get_str(yyjson_mut_obj_get(yyjson_mut_obj_get(task, "result"), "next_task"));
    return exit_code_of(cli, task);
}

int cli_task_wait(struct cli *cli, const char *id, yyjson_mut_doc *doc, yyjson_mut_val *ended)
{
    int worst = 0;
    for (int i = 0; id && i < FOLLOW_MAX; i++) {
        const char *next = NULL;
        int code = wait_for_one(cli, id, doc, ended, &next);
        if (code != 0)
            worst = code;
        if (code != 0 && code != CLI_EXIT_SOME_FAILED)
            break;
        id = next;
    }
    return worst;
}

static void become_worker(const struct cli *cli, const char *id, int log)
{
    (void)setsid();
    (void)dup2(log, STDOUT_FILENO);
    (void)dup2(log, STDERR_FILENO);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    (void)dup2(nothing, STDIN_FILENO);
    (void)execl(cli->environment->program, cli->environment->program, "task", "work", id, "--data",
                cli->data_folder, "--project", api_caller(&cli->api)->project_id, "--progress", "plain",
                (char *)NULL);
    _exit(127);
}

bool cli_task_detach(struct cli *cli, const char *id, struct error *err)
{
    const char *folder = arena_printf(cli->arena, "%s/logs", cli->data_folder);
    const char *path = folder ? arena_printf(cli->arena, "%s/task-%s.log", folder, id) : NULL;
    if (!path)
        return error_no_memory(err);
    if (mkdir(folder, 0755) != 0 && errno != EEXIST)
        return error_set_errno(err, errno, "make the folder %s", folder);
    int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log < 0)
        return error_set_errno(err, errno, "open %s", path);
    pid_t child = fork();
    if (child == 0)
        become_worker(cli, id, log);
    int failed = errno;
    (void)close(log);
    return child > 0 || error_set_errno(err, failed, "start a worker process");
}
