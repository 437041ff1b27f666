/* SPDX-License-Identifier: Apache-2.0 */
/* The last finished run of a service in a data folder with SQLite, opened to mine it as a task would. */
#ifndef BENCH_FINISHED_RUN_H
#define BENCH_FINISHED_RUN_H

#include "work/mine_views.h"

struct finished_run {
    struct arena *arena;
    struct db *db;
    struct work work;
    struct service service;
    struct run run;
    struct model model;
    struct record_set *records;
    char training[PROFILE_FOLDER_BYTES]; /* of the profile opened last; "": none was */
    struct task_progress progress;
};
/* Close it also after a failure. */
MUST_CHECK bool finished_run_open(const char *data_folder, const char *service, struct finished_run *ret,
                                  struct error *err);
void finished_run_close(struct finished_run *finished);
/* The profile of a training manifest, made with the run's model unless it is there. */
MUST_CHECK bool finished_run_profile(struct finished_run *finished, const char *manifest,
                                     struct profile **ret, struct error *err);
/* For mine_views_start, which must come next. Without a profile: those of the run alone. */
struct mine_views finished_run_views(struct finished_run *finished, bool with_profile);

#endif
