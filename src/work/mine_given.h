/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mining on predictions that were made elsewhere: no model, no service, no database. The images go through
 * the same scan as in a run, with the given predictions in place of the model's; the same mining follows
 * (docs/predictions-format.md). Everything in between lies in a folder that the caller may throw away.
 */
#ifndef WORK_MINE_GIVEN_H
#define WORK_MINE_GIVEN_H

#include "base/params.h"
#include "mining/mining.h"
#include "tasks/task.h"

enum { MINE_GIVEN_LISTED_MAX = 1000 }; /* names of each kind in the summary; the file of --left-out has all */

struct mine_given_request {
    const char *images, *predictions, *format, *labels, *coco_images, *activation;
    double score_threshold; /* 0: by the predictions */
    const char *train, *train_predictions;
    const char *output; /* a file, or "-" */
    const char *report, *left_out, *keep;
    uint64_t threads; /* 0: all cores */
    struct mining_settings mining;
};
extern const struct param_spec mine_given_params[];

struct mine_given {
    const struct mine_given_request *request;
    const char *folder; /* absolute; for what is only needed in between */
    struct stop_flag *stop;
    struct task_progress *progress;
    /* Takes the manifest when request->output is "-". */
    void *state;
    MUST_CHECK bool (*write)(void *state, struct bytes piece, struct error *err);
};
/* *ret is the summary: counts, reasons that spoke, reasons that were off and why, notes, and what was left
 * out. The caller frees it. */
MUST_CHECK bool mine_given_run(const struct mine_given *mining, yyjson_mut_doc **ret, struct error *err);

#endif
