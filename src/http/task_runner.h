/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Task runner: starts a process of its own for each task that waits, or whose process died, so that nothing a
 * task does can hurt the server. The processes go on when the server ends: they hold their tasks' leases.
 * Threads: one.
 */
#ifndef HTTP_TASK_RUNNER_H
#define HTTP_TASK_RUNNER_H

#include "tasks/task.h"

struct task_runner_options {
    const char *program;     /* run as: PROGRAM task work ID --data FOLDER --project ID --progress plain */
    const char *data_folder; /* its logs/ gets the output */
    uint32_t processes_max;  /* 0: none are started */
};
struct task_runner;
struct task_runner *task_runner_new(const struct task_runner_options *options); /* NULL: memory is out */
struct task_runner *task_runner_free(struct task_runner *runner);
/* Starts what should run now, oldest first. */
void task_runner_look(struct task_runner *runner, const struct task *tasks, size_t count);
/* The task runs no more, and was begun HTTP_TASK_ATTEMPTS_MAX times: it should fail, not begin once more. */
bool task_runner_gives_up(const struct task_runner *runner, const struct task *task);
uint32_t task_runner_running(const struct task_runner *runner);

DEFINE_AUTO(task_runner)

#endif
