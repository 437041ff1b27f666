/* SPDX-License-Identifier: Apache-2.0 */
/* What mining_views is in a filtering task: views of the run and of the training profile, kept in the data
 * store beside their records, and the run's model to make them. */
#ifndef WORK_MINE_VIEWS_H
#define WORK_MINE_VIEWS_H

#include "mining/mining.h"
#include "work/profile_build.h"
#include "work/reinfer.h"

struct mine_views {
    struct mining_views views;                  /* for mining_input */
    const struct roots *roots, *training_roots; /* that hold the images; NULL: not confined */
    struct store *data;
    const struct model *model;
    const struct record_set *records;
    const char *run_records, *training_records; /* folders of records; "": no training set */
    bool accept_partial;
    bool only_kept; /* the model is not asked: what it was not asked before is missing */
    struct stop_flag *stop;
    struct task_progress *progress;
    uint64_t inferred; /* copies, in this task */
    uint64_t gone[2];  /* images that could not be read again: of the run, of the training set */
    struct model_runner *runner;
    struct record_set *training;
    char run_folder[PROFILE_FOLDER_BYTES], training_folder[PROFILE_FOLDER_BYTES]; /* of inputs and views */
};
/* Completes what the caller filled in down to progress. */
MUST_CHECK bool mine_views_start(struct mine_views *views, struct error *err);
void mine_views_release(struct mine_views *views);

#endif
