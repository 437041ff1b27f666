/* SPDX-License-Identifier: Apache-2.0 */
/* Progress of long work on stderr: a bar on a terminal, a line every ten seconds elsewhere, or JSON lines. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "cli/cli.h"
#include "tasks/task.h"

struct progress {
    struct cli *cli;
    enum progress_form form;
    char stage[32];
    double stage_start, last_print;
    int64_t stage_first; /* done when the stage began: resumed work counts from there */
    bool has_line;       /* a bar stands on the current line */
};
void progress_start(struct progress *progress, struct cli *cli);
/* A task_watcher; `state` is a struct progress. */
void progress_watch(void *state, const struct task *task, const char *stage, int64_t done, int64_t failed,
                    int64_t total);
void progress_end(struct progress *progress);

#endif
