/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scan: the hot path. Workers take images by one atomic ticket, and each does read, decode, measure,
 * preprocess and infer with memory of its own; the worker that completes a shard writes it. No lock per
 * image: the lock is taken when a worker enters or completes a shard. At most SCAN_SHARDS_IN_FLIGHT shards
 * are in memory, so memory does not grow with the input.
 */
#ifndef WORK_SCAN_H
#define WORK_SCAN_H

#include "base/roots.h"
#include "model/model.h"
#include "record/record.h"
#include "tasks/task.h"
#include "work/inputs.h"
#include "work/scan_image.h"

enum { SCAN_SHARDS_IN_FLIGHT = 4 };

struct scan_request {
    const struct roots *roots; /* nothing outside is read; NULL: not confined */
    struct store *data;
    const char *folder; /* inputs in FOLDER/inputs, records in FOLDER/records */
    const struct inputs *inputs;
    const struct model_runner *runner;
    const char *model_hash;
    const struct scan_given *given; /* instead of the two above; NULL: the model is asked */
    uint32_t threads;               /* 0: all cores */
    bool accept_partial;
    struct stop_flag *stop;         /* may be NULL */
    struct task_progress *progress; /* done and failed; may be NULL */
};
/* Fills in the shards that are not there yet; *ret_scanned images were worked on now. ERR_CANCELLED when
 * stopped: finished shards stay. */
MUST_CHECK bool scan_run(const struct scan_request *request, uint64_t *ret_scanned, struct error *err);

/* What holds for all records of a scan with this model. */
void scan_record_header(const struct model_runner *runner, const char *model_hash, struct record_header *ret);

#endif
