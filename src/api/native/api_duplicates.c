/* SPDX-License-Identifier: Apache-2.0 */
/* Duplicates of a dataset: the task that finds them, and the pages of what it found. */
#include "api/native/native.h"

#include "image/near_hashes.h"

#include <string.h>

enum { LIMIT_USUAL = 50, LIMIT_MAX = 1000, KEY_BYTES = 128 };

static const struct param_spec find_params[] = {
    PARAM(struct find_duplicates_request, dataset, .type = PARAM_TEXT, .is_required = true,
          .is_positional = true, .help = "name or id"),
    PARAM(struct find_duplicates_request, against, .type = PARAM_TEXT, .value_name = "DATASET",
          .help = "another dataset: only duplicates across the two count"),
    PARAM(struct find_duplicates_request, distance, .type = PARAM_COUNT,
          .fallback = DUPLICATES_DISTANCE_USUAL, .max = NEAR_HASHES_DISTANCE_MAX, .unit = "bits",
          .help = "in which perceptual hashes of near-duplicates may differ"),
    PARAM_END,
};

struct list_request {
    const char *task, *cursor;
    uint64_t limit;
};
static const struct param_spec list_params[] = {
    PARAM(struct list_request, task, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "id of the task that looked for them, or its beginning"),
    PARAM(struct list_request, limit, .type = PARAM_COUNT, .fallback = LIMIT_USUAL, .min = 1,
          .max = LIMIT_MAX, .help = "at most so many groups"),
    PARAM(struct list_request, cursor, .type = PARAM_TEXT, .help = "next_cursor of the page before"),
    PARAM_END,
};

static bool find(struct api_call *call, struct error *err)
{
    struct find_duplicates_request wanted = *(const struct find_duplicates_request *)call->params;
    const char *project = call->caller->project_id;
    struct dataset dataset, other;
    if (!dataset_find_uncounted(call->api->db, project, call->arena, wanted.dataset, &dataset, err))
        return error_point(err, "/dataset");
    wanted.dataset = dataset.id;
    if (wanted.against) {
        if (!dataset_find_uncounted(call->api->db, project, call->arena, wanted.against, &other, err))
            return error_point(err, "/against");
        wanted.against = other.id;
    }
    if (wanted.against && strcmp(wanted.against, wanted.dataset) == 0) {
        (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                               "give another dataset: without any, '%s' is compared with itself",
                               dataset.name);
        return error_point(err, "/against");
    }
    const struct task_wish wish = {NULL, &task_find_duplicates, dataset.id, find_duplicates_params, &wanted};
    return reply_new_task(call, &wish, err);
}

/* ---- what was found ---- */

static bool list(struct api_call *call, struct error *err)
{
    const struct list_request *request = call->params;
    struct task task;
    char key[KEY_BYTES];
    if (!task_get(call->api->db, call->caller->project_id, call->arena, request->task, &task, err))
        return error_point(err, "/task");
    bool is_finder = strcmp(task.kind, task_find_duplicates.name) == 0;
    if (!is_finder || !duplicates_list_key(task.id, key, sizeof(key)))
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT, "task %s did not look for duplicates", task.id);
    const struct task_lines lines = {.task = &task,
                                     .key = key,
                                     .what = "list of duplicates",
                                     .member = "groups",
                                     .cursor = request->cursor,
                                     .limit = request->limit};
    return reply_task_lines(call, &lines, err);
}

const struct route route_dataset_duplicates = {
    "dataset.duplicates",
    "POST",
    "/api/v1/datasets/{dataset}/duplicate-tasks",
    find_params,
    sizeof(struct find_duplicates_request),
    find,
    "Finds samples that show the same, in a dataset or across two; leaks and contradictions among them.",
    ROLE_LABEL,
    202,
    &shape_task_shown};
const struct route route_task_duplicates = {
    "task.duplicates",
    "GET",
    "/api/v1/tasks/{task}/duplicates",
    list_params,
    sizeof(struct list_request),
    list,
    "Lists what was found by a task that looked for duplicates: leaks, contradictions, then others.",
    ROLE_READ,
    200,
    &shape_duplicates};
