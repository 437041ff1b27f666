/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work: what each kind of task does. One file per kind, one row each in all_task_kinds; a request is a param
 * table of the kind. Every kind can be killed at any moment and run again: what is done is found in the data
 * store, what is not is done anew.
 */
#ifndef WORK_WORK_H
#define WORK_WORK_H

#include "base/roots.h"
#include "mining/mining.h"
#include "model/model.h"
#include "service/service.h"
#include "store/store.h"
#include "tasks/task.h"
#include "work/import_filter.h"

/* What tasks work with; task_context.app points to one. */
struct work {
    struct store *data;       /* models, runs, profiles, datasets, task reports */
    const char *share_folder; /* files that came with the program; NULL: not found */
};

extern const struct task_kind *const all_task_kinds[]; /* NULL-ended, sorted by name */

extern const struct task_kind task_find_duplicates;
extern const struct task_kind task_measure_features;
extern const struct task_kind task_run_batch;
extern const struct task_kind task_merge_dataset;
extern const struct task_kind task_mine_hard;
extern const struct task_kind task_sync_dataset;
extern const struct task_kind task_import_manifest;
extern const struct task_kind task_publish_version;

/* ---- requests ---- */

struct run_batch_request {
    const char *service; /* id */
};
extern const struct param_spec run_batch_params[];

/* How hard examples are filtered, and where they go: an existing dataset, or a new one. */
struct hard_settings {
    const char *model_type;       /* as the model's */
    const char *train;            /* manifest path, DATASET@VERSION, or NULL */
    const char *dataset, *create; /* one of the two */
    struct mining_settings mining;
};
extern const struct param_spec hard_settings_params[];

struct mine_hard_request {
    const char *service, *run; /* ids */
    struct hard_settings hard;
};
extern const struct param_spec mine_hard_params[];

struct sync_dataset_request {
    const char *service, *run;
    const char *dataset, *create;
};
extern const struct param_spec sync_dataset_params[];

struct import_manifest_request {
    const char *dataset;  /* id or name */
    const char *manifest; /* a file or folder of any format */
    struct import_settings settings;
    bool final_annotation; /* true: labeled; false: to be confirmed */
    bool stop_at_bad_line;
};
extern const struct param_spec import_manifest_params[];

struct publish_version_request {
    const char *dataset, *name, *description;
    bool hard_attributes;
    double train_ratio;
    uint64_t seed;
    bool keep_usage;
};
enum { PUBLISH_SEED_MAX = INT32_MAX };
extern const struct param_spec publish_version_params[];

enum { DUPLICATES_DISTANCE_USUAL = 7 }; /* bits, as in mining */
struct find_duplicates_request {
    const char *dataset, *against; /* ids; against NULL: within the dataset */
    uint64_t distance;
};
extern const struct param_spec find_duplicates_params[];
/* Where the task leaves its groups, one JSON object a line: leaks first, then contradictions. False when it
 * does not fit. */
MUST_CHECK bool duplicates_list_key(const char *task_id, char *ret, size_t bytes);

/* Exactly one of `against` with its version, and `run`, or none. */
struct measure_features_request {
    const char *dataset, *version;         /* id and name */
    const char *against, *against_version; /* id and name */
    const char *run;                       /* id */
};
extern const struct param_spec measure_features_params[];
/* The operation has the id of the task (dataset/dataset_merge.h). */
struct merge_dataset_request {
    const char *dataset, *into; /* ids */
    struct param_list ids;      /* whole ones; none: all labeled that fit */
    bool hard, preview;
    yyjson_val *filter; /* a tree, dataset/sample_query.h; NULL: any */
    const char *by, *user;
};
enum { MERGE_IDS_MAX = 20000 }; /* DATASET_MERGE_MAX; they stay below TASK_REQUEST_MAX_BYTES */
extern const struct param_spec merge_dataset_params[];
/* Where the task leaves what it did not merge, one JSON object a line: either duplicates, or what is left to
 * a person. False when it does not fit. */
MUST_CHECK bool merge_list_key(const char *task_id, bool is_of_duplicates, char *ret, size_t bytes);

/* DATA/uploads/PROJECT: what a project's clients have sent. NULL: memory is out. */
const char *uploads_folder(struct arena *arena, const char *data_folder, const char *project_id);
/* What the paths of the task's request must lie in; *ret NULL: not confined. */
MUST_CHECK bool work_roots(const struct task_context *context, struct arena *arena, const struct roots **ret,
                           struct error *err);
/* Parses a task's request into its struct. */
MUST_CHECK bool work_request(const struct task_context *context, const struct param_spec *specs,
                             void *request, struct arena *arena, struct error *err);
/* The dataset that `dataset` names, or a new one `create` with the labels; its type must be `model_type`
 * (DETAIL_DATASET_TYPE_MISMATCH). Creating it again after a kill finds it. */
struct work_output {
    const char *project_id;
    const char *dataset, *create, *model_type;
    struct param_list labels;
};
struct dataset;
MUST_CHECK bool work_output_dataset(struct db *db, struct arena *arena, const struct work_output *output,
                                    struct dataset *ret, struct error *err);

enum { WORK_ARENA_MAX_BYTES = 256 * 1024 * 1024 };

#endif
