/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results: what a batch service leaves in its output folder, in ModelArts' form of 2023 and later:
 * infer-result-ID.manifest with one line per image, and infer-result-ID/NAME_result.txt with the prediction
 * of each. Made from the record shards, so writing them again gives the same bytes.
 */
#ifndef WORK_RESULTS_H
#define WORK_RESULTS_H

#include "record/record.h"
#include "tasks/task.h"
#include "work/inputs.h"

enum { RESULTS_TOP_SCORES = 5, RESULT_NAME_MAX_BYTES = 255 };

struct results_request {
    struct store *data, *output;
    const char *folder, *task_id; /* inputs and records in FOLDER of the data store */
    const struct inputs *inputs;
    uint32_t threads; /* 0: all cores */
    struct stop_flag *stop;
    struct task_progress *progress;
};
struct results_counts {
    uint64_t images, failed;
};
MUST_CHECK bool results_write(const struct results_request *request, struct results_counts *ret,
                              struct error *err);

/* Refuses an output folder with files that are not results of ours (DETAIL_OUTPUT_NOT_EMPTY names one). */
MUST_CHECK bool results_check_output(struct store *output, struct error *err);

/* The prediction as ModelArts' JSON: {"predicted_label", "scores"} or {"detection_classes",
 * "detection_boxes", "detection_scores"}. */
MUST_CHECK bool results_prediction_json(const struct record_header *header, const struct record *record,
                                        struct buffer *into, struct error *err);

#endif
