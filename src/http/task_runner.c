/* SPDX-License-Identifier: Apache-2.0 */
#include "http/task_runner.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"
#include "base/text.h"
#include "http/http_limits.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RUNNER_PATH_BYTES = 4200, SETTLE_SECONDS = 5 };

struct worker {
    char task_id[33];
    int pidfd; /* -1: the slot is free */
    double started_seconds;
};
struct task_runner {
    struct task_runner_options options;
    atomic_uint running;
    struct worker workers[HTTP_TASK_WORKERS_MAX];
};

struct task_runner *task_runner_new(const struct task_runner_options *options)
{
    struct task_runner *runner = calloc(1, sizeof(*runner));
    if (!runner)
        return NULL;
    runner->options = *options;
    if (runner->options.processes_max > HTTP_TASK_WORKERS_MAX)
        runner->options.processes_max = HTTP_TASK_WORKERS_MAX;
    for (size_t i = 0; i < HTTP_TASK_WORKERS_MAX; i++)
        runner->workers[i].pidfd = -1;
    return runner;
}

struct task_runner *task_runner_free(struct task_runner *runner)
{
    for (size_t i = 0; runner && i < HTTP_TASK_WORKERS_MAX; i++)
        if (runner->workers[i].pidfd >= 0)
            (void)close(runner->workers[i].pidfd);
    free(runner);
    return NULL;
}

uint32_t task_runner_running(const struct task_runner *runner)
{
    return atomic_load(&runner->running);
}

static bool has_exited(int pidfd)
{
    struct pollfd wait = {.fd = pidfd, .events = POLLIN};
    return poll(&wait, 1, 0) == 1;
}

static void forget_ended(struct task_runner *runner)
{
    unsigned running = 0;
    for (size_t i = 0; i < runner->options.processes_max; i++) {
        struct worker *worker = &runner->workers[i];
        /* A slot rests a little, so that a process that cannot start is not started without end. */
        bool is_settled = clock_steady_seconds() - worker->started_seconds > SETTLE_SECONDS;
        if (worker->pidfd >= 0 && has_exited(worker->pidfd)) {
            (void)close(worker->pidfd);
            worker->pidfd = -1;
        }
        if (worker->pidfd < 0 && is_settled)
            worker->task_id[0] = '\0';
        running += worker->pidfd >= 0;
    }
    atomic_store(&runner->running, running);
}

static struct worker *free_slot(struct task_runner *runner, const char *task_id)
{
    struct worker *found = NULL;
    for (size_t i = 0; i < runner->options.processes_max; i++) {
        struct worker *worker = &runner->workers[i];
        if (strcmp(worker->task_id, task_id) == 0)
            return NULL;
        if (worker->pidfd < 0)
            found = worker;
    }
    return found;
}

static bool is_abandoned(const struct task *task)
{
    if (task_is_ended(task->state) || strcmp(task->state, task_state_name(TASK_QUEUED)) == 0)
        return false;
    return task->lease_owner ? process_look(task->lease_owner) == PROCESS_DEAD
                             : task->lease_until_ms < clock_now_ms();
}

static bool died_too_often(const struct task *task)
{
    return is_abandoned(task) && task->attempts >= HTTP_TASK_ATTEMPTS_MAX &&
           strcmp(task->state, task_state_name(TASK_RUNNING)) == 0;
}

bool task_runner_gives_up(const struct task_runner *runner, const struct task *task)
{
    return runner->options.processes_max > 0 && died_too_often(task);
}

/* One that was to stop is claimed once more, which stops it. */
static bool needs_process(const struct task *task)
{
    return strcmp(task->state, task_state_name(TASK_QUEUED)) == 0 ||
           (is_abandoned(task) && !died_too_often(task));
}

static bool spawn(const struct task_runner *runner, const struct task *task, const char *log_path, pid_t *ret)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    /* The words are not changed: posix_spawn's parameters only lack the const. */
    const char *words[] = {runner->options.program,
                           "task",
                           "work",
                           task->id,
                           "--data",
                           runner->options.data_folder,
                           "--project",
                           task->project_id,
                           "--progress",
                           "plain",
                           NULL};
    if (posix_spawn_file_actions_init(&files) != 0)
        return false;
    if (posix_spawnattr_init(&attributes) != 0) {
        (void)posix_spawn_file_actions_destroy(&files);
        return false;
    }
    (void)sigemptyset(&none);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
    (void)posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log_path, O_WRONLY | O_CREAT | O_APPEND,
                                           0644);
    (void)posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
    bool is_started = posix_spawn(ret, runner->options.program, &files, &attributes,
                                  (char *const *)(const void *)words, environ) == 0;
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&files);
    return is_started;
}

static void start(struct task_runner *runner, struct worker *worker, const struct task *task)
{
    const char *task_id = task->id;
    char path[RUNNER_PATH_BYTES];
    pid_t pid = 0;
    (void)snprintf(path, sizeof(path), "%s/logs", runner->options.data_folder);
    if (mkdir(path, 0755) != 0 && errno != EEXIST)
        log_write(LOG_WARNING, "the folder %s cannot be made", path);
    (void)snprintf(path, sizeof(path), "%s/logs/task-%s.log", runner->options.data_folder, task_id);
    (void)!text_copy(worker->task_id, sizeof(worker->task_id), task_id);
    worker->started_seconds = clock_steady_seconds();
    if (!spawn(runner, task, path, &pid)) {
        log_write(LOG_ERROR, "no process could be started for task %s", task_id);
        return;
    }
    worker->pidfd = pidfd_open(pid, 0); /* gone already: then there is nothing to wait for */
    atomic_fetch_add(&runner->running, worker->pidfd >= 0);
}

void task_runner_look(struct task_runner *runner, const struct task *tasks, size_t count)
{
    forget_ended(runner);
    /* The list is newest first. */
    for (size_t i = count; i-- > 0;) {
        struct worker *worker = needs_process(&tasks[i]) ? free_slot(runner, tasks[i].id) : NULL;
        if (worker)
            start(runner, worker, &tasks[i]);
    }
}
