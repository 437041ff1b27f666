/* SPDX-License-Identifier: Apache-2.0 */
/* The native API's resources: one file each; api.c lists their routes. */
#ifndef API_NATIVE_NATIVE_H
#define API_NATIVE_NATIVE_H

#include "api/api.h"
#include "dataset/dataset.h"
#include "manifest/manifest.h"
#include "model/extractor.h"
#include "service/service.h"
#include "tasks/task.h"
#include "work/work.h"

extern const struct route route_model_import, route_model_list, route_model_show, route_model_test,
    route_model_delete;
extern const struct route route_service_deploy, route_service_list, route_service_show, route_service_start,
    route_service_stop, route_service_restart, route_service_delete, route_service_events, route_service_runs;
extern const struct route route_run_show, route_run_manifest, route_result_list, route_result_show,
    route_result_image, route_result_crop;
extern const struct route route_hard_show, route_hard_enable, route_hard_disable, route_hard_estimate;
extern const struct route route_sample_sync, route_sample_filter, route_sample_tasks;
extern const struct route route_dataset_create, route_dataset_list, route_dataset_show, route_dataset_delete,
    route_dataset_export, route_dataset_import, route_dataset_publish, route_dataset_versions,
    route_dataset_manifest, route_dataset_edit, route_dataset_version_show, route_dataset_version_use,
    route_dataset_version_delete, route_dataset_duplicates, route_task_duplicates, route_dataset_version_diff,
    route_dataset_merge, route_task_merged, route_label_list, route_label_create, route_label_edit,
    route_label_merge, route_label_delete, route_dataset_features, route_dataset_histograms,
    route_dataset_sources;
extern const struct route route_samples_list, route_samples_show, route_samples_decide,
    route_samples_decide_one, route_samples_image, route_samples_crop, route_samples_augmented,
    route_samples_explanation, route_samples_neighbors, route_samples_neighbor_image, route_samples_query,
    route_samples_facets, route_samples_facets_queried, route_samples_decide_all;
extern const struct route route_samples_annotate, route_samples_history;
extern const struct route route_operation_list, route_operation_show, route_operation_undo,
    route_operation_redo;
extern const struct route route_status_show, route_settings_list, route_service_edit;
extern const struct route route_path_show, route_demo_load;
extern const struct route route_project_list, route_project_show, route_project_create, route_project_delete;
extern const struct route route_task_list, route_task_show, route_task_stop, route_task_retry, route_task_log,
    route_task_report, route_task_report_page;

extern const struct route route_session_begin, route_session_show, route_session_end, route_session_password,
    route_setup_admin;
extern const struct route route_user_add, route_user_list, route_user_show, route_user_edit,
    route_user_password, route_user_delete;
extern const struct route route_token_create, route_token_list, route_token_delete, route_audit_list;

/* ---- shapes of replies, reply_shapes.c ---- */
extern const struct reply_shape shape_tasks, shape_sample_tasks, shape_task_shown, shape_deleted,
    shape_models, shape_model_shown, shape_model_imported, shape_model_tested, shape_services,
    shape_service_shown, shape_service_begun, shape_service_deployed, shape_events, shape_runs,
    shape_hard_filtering, shape_datasets, shape_dataset_shown, shape_versions, shape_samples,
    shape_sample_shown, shape_outcomes_told, shape_status_shown, shape_sample_decided, shape_sample_history,
    shape_operations, shape_operation_shown, shape_operation_turned, shape_samples_queried, shape_facets,
    shape_projects, shape_project_shown, shape_version_shown, shape_settings, shape_path_shown;

/* ---- of people, shapes_account.c ---- */
extern const struct reply_shape shape_session_shown, shape_users, shape_user_shown, shape_token_created,
    shape_tokens, shape_audit;
extern const struct route route_upload_put, route_upload_list, route_upload_show, route_upload_delete;
/* insight_shapes.c */
extern const struct reply_shape shape_results, shape_result_shown, shape_run_shown, shape_explanation,
    shape_neighbors, shape_estimate, shape_augmented_copy, shape_detections, shape_group;
extern const struct reply_shape shape_task_report; /* report_shapes.c */
/* shapes_datasets.c */
extern const struct reply_shape shape_labels, shape_label_shown, shape_label_edited, shape_label_changed;
extern const struct reply_shape shape_label; /* one label of a set, in replies of datasets too */
extern const struct reply_shape shape_duplicates, shape_version_diff, shape_merged, shape_feature_histograms;

extern const struct param_spec no_params[];

/* The request says something of this member: null is as if left out. */
bool request_says(const struct api_call *call, const char *name);

/* Requests that name one thing. */
struct named_request {
    const char *model, *service, *dataset, *sample, *task, *operation, *version;
};

#define SAMPLE_PARAM(request)                                                                                \
    PARAM(request, sample, .type = PARAM_TEXT, .is_required = true, .is_positional = true,                   \
          .help = "id of the sample, or its beginning")
/* Of a named_request with just that; a version with its dataset. */
extern const struct param_spec service_params[], dataset_params[], version_params[], sample_params[];

/* ---- members of replies, used by several resources ---- */

/* Text is copied; NULL and 0 ms become null, times RFC 3339. */
void reply_text(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *name, const char *text);
void reply_time(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *name, int64_t ms);
void reply_number(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *name,
                  double value); /* NaN: null */
/* A column that holds JSON, as a value; NULL and damage give null. */
void reply_json(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *name, const char *json);

/* A sample with its labels; a run. */
extern const struct reply_shape shape_sample, shape_run;
/* The revision in If-Match: "7" in quotes; 0 for "*" and without it, -1 for what was never sent. */
int64_t reply_if_match(const struct api_call *call);
/* Decides one sample as it was seen, as one transaction together with the reply, which gets "sample" and
 * "operation_id". `decision` is filled but for revision and end. */
MUST_CHECK bool reply_decide_one(struct api_call *call, const char *reference,
                                 struct sample_decision *decision, struct error *err);

/* A label of a set, as shape_label says. */
struct dataset_label;
void reply_label(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct dataset_label *label);
/* A dataset with counts, labels and revision, as "dataset". */
MUST_CHECK bool reply_dataset_shown(struct api_call *call, const char *id, struct error *err);
/* Fills the object with a service and its latest run. */
MUST_CHECK bool reply_service(struct api_call *call, yyjson_mut_val *object, const struct service *service,
                              struct error *err);

/* Predicts an image file and adds "prediction" to the reply. */
MUST_CHECK bool reply_model_test(struct api_call *call, const struct model *model, const char *image,
                                 struct error *err);

/* ---- paths of requests, request_paths.c ---- */

/* Sets call->roots. */
MUST_CHECK bool api_settle_roots(struct api_call *call, struct error *err);
/* Settles what the rows with PARAM_PATH name: "upload:NAME" and file:// URLs become paths, and what is
 * confined is made clean and must lie in the roots (ERR_DENIED). ERR_INVALID: other URLs, and relative paths
 * from elsewhere. The error points at the field. */
MUST_CHECK bool api_settle_paths(struct api_call *call, const struct param_spec *specs, void *params,
                                 struct error *err);
/* The same for one path. */
MUST_CHECK bool request_path(const struct api_call *call, const char *given, const char **ret,
                             struct error *err);

/* Opens a file for call->file, in the roots when they are not NULL. `what` for messages; ERR_NOT_FOUND when
 * there is no such regular file. */
MUST_CHECK bool reply_file(struct api_call *call, const struct roots *roots, const char *path,
                           const char *what, struct error *err);

/* Queues a task and adds it to the reply as "task". */
struct task_wish {
    const char *id; /* NULL: a new one */
    const struct task_kind *kind;
    const char *subject;
    const struct param_spec *specs;
    const void *request;
};
MUST_CHECK bool reply_new_task(struct api_call *call, const struct task_wish *wish, struct error *err);
/* A page of what a task has left behind, an object a line, as `member`, and "next_cursor". */
struct task_lines {
    const struct task *task;
    const char *key;    /* in the data store */
    const char *what;   /* "list of duplicates" */
    const char *member; /* "groups" */
    const char *cursor; /* NULL: the first page */
    uint64_t limit;
};
/* DETAIL_TASK_STATE: there is no such file yet. */
MUST_CHECK bool reply_task_lines(struct api_call *call, const struct task_lines *lines, struct error *err);
void reply_task(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct task *task);

/* ---- people, api_users.c ---- */

/* The only project whose people the caller manages; NULL: all. */
const char *account_managed_project(const struct api_call *call);
/* ERR_NOT_FOUND, which points at "/project", when it is another than the caller manages; NULL passes. */
MUST_CHECK bool account_check_project(const struct api_call *call, const char *project, struct error *err);

/* ERR_BUSY, with call->retry_seconds, when too many passwords are being hashed. */
MUST_CHECK bool account_hash_password(struct api_call *call, const char *password,
                                      char ret[PASSWORD_HASH_BYTES], struct error *err);
/* Adds the user with this id as "user". */
MUST_CHECK bool account_reply_user(struct api_call *call, const char *id, struct error *err);

/* ---- runs of a service, run_control.c ---- */

/* A new service and its first run, both or none: the reply gets "task". Without `starts` it is stopped. */
MUST_CHECK bool run_control_deploy(struct api_call *call, const struct service *wanted, const char *task_id,
                                   bool starts, struct service *ret, struct error *err);
/* A new run; one that waits or whose process died is ended. DETAIL_SERVICE_STATE: one goes on. */
MUST_CHECK bool run_control_start(struct api_call *call, const struct service *service, const char *task_id,
                                  struct error *err);
/* Goes on with the last run, or with the filtering that follows it. */
MUST_CHECK bool run_control_resume(struct api_call *call, const struct service *service, struct error *err);
MUST_CHECK bool run_control_stop(struct api_call *call, const struct service *service, struct error *err);
/* As task_retry and task_ask_stop; the service of a run is told. */
MUST_CHECK bool run_control_retry(struct api_call *call, const struct task *task, struct error *err);
MUST_CHECK bool run_control_stop_task(struct api_call *call, const struct task *task, struct error *err);

/* An output dataset as requests name it, existing or to be created, for things of `model_type` that belong to
 * `owner`, a "model" or "service". ERR names the field; DETAIL_DATASET_TYPE_MISMATCH. */
struct output_wish {
    const char *dataset, *create, *model_type, *owner_kind, *owner;
};
MUST_CHECK bool output_dataset_check(struct api_call *call, const struct output_wish *wish,
                                     struct error *err);

/* Hard example settings as a request has them, checked against model, dataset and manifest; ERR names the
 * field. The defaults that follow from the service (model type) are filled in. */
/* Settles a feature extractor: a path as request_path does, which must name a file; else an imported model.
 * *setting NULL: none. */
MUST_CHECK bool feature_extractor_check(struct api_call *call, const char **setting,
                                        struct model_extractor_source *ret, struct error *err);
MUST_CHECK bool hard_settings_check(struct api_call *call, const struct model *model,
                                    struct hard_settings *settings, struct error *err);

#endif
