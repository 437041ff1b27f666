/* SPDX-License-Identifier: Apache-2.0 */
/* Task report: what a filtering did and found, gathered from what it stored and from its samples. */
#ifndef API_NATIVE_GATHER_REPORT_H
#define API_NATIVE_GATHER_REPORT_H

#include "api/native/origin.h"

enum {
    REPORT_EXAMPLES_MAX = 200,
    REPORT_EXAMPLES_USUAL = 100,
    REPORT_NEIGHBORS_MAX = 5,   /* of one example */
    REPORT_LOOKUPS_MAX = 20000, /* images looked at for examples, from the hardest on */
};

/* Where the pictures of an example come from. Texts live in the call's arena. */
struct report_example {
    const char *source, *content_hash; /* content_hash NULL: not known */
    int64_t revision;
};
/* Release also after a failure. */
struct task_report_facts {
    struct api_call *call;
    struct origin origin;
    const struct insight *run, *training; /* NULL: gone */
    struct report_example examples[REPORT_EXAMPLES_MAX];
    size_t count;
};

/* Fills the reply with shape_task_report: at most so many examples. ERR_INVALID: another kind of task;
 * ERR_CONFLICT: it has not succeeded; ERR_NOT_FOUND: its report is gone. */
MUST_CHECK bool task_report_gather(struct api_call *call, const char *task, uint64_t examples,
                                   struct task_report_facts *ret, struct error *err);
void task_report_release(struct task_report_facts *facts);

#endif
