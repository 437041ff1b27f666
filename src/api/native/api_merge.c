/* SPDX-License-Identifier: Apache-2.0 */
/* Merging a dataset into another: the task that does it, and the pages of what it left to a person. */
#include "api/native/native.h"

#include "dataset/sample_query.h"

#include <string.h>

enum { LIMIT_USUAL = 50, LIMIT_MAX = 1000, KEY_BYTES = 128, BY_MAX_BYTES = 64 };

struct merge_request {
    struct merge_dataset_request merge;
    const char *task_id;
};
/* The members of a merge_dataset_request that people give. */
static const struct param_spec wish_params[] = {
    PARAM(struct merge_dataset_request, dataset, .type = PARAM_TEXT, .is_required = true,
          .is_positional = true, .help = "name or id of the dataset whose labeled samples are merged"),
    PARAM(struct merge_dataset_request, into, .type = PARAM_TEXT, .is_required = true,
          .value_name = "DATASET", .help = "the dataset that gets them"),
    PARAM(struct merge_dataset_request, hard, .type = PARAM_BOOL, .help = "only hard examples"),
    PARAM(struct merge_dataset_request, filter, .type = PARAM_JSON, .value_name = "JSON",
          .help = "only what a tree of conditions takes, as {\"reason\":7}"),
    PARAM(struct merge_dataset_request, ids, .type = PARAM_LIST, .is_whole_item = true, .value_name = "ID",
          .help = "only these samples, instead of conditions; may be repeated"),
    PARAM(struct merge_dataset_request, preview, .type = PARAM_BOOL,
          .help = "tell what would become of each, and change nothing"),
    PARAM(struct merge_dataset_request, by, .type = PARAM_TEXT, .max = BY_MAX_BYTES,
          .help = "who decides, of callers without a name; default: human"),
    PARAM_END,
};
static const struct param_spec merge_params[] = {
    PARAM_TABLE(struct merge_request, merge, wish_params),
    PARAM(struct merge_request, task_id, .type = PARAM_TEXT, .value_name = "32 HEX",
          .help = "id for the task, so that a request can be repeated safely"),
    PARAM_END,
};

struct merged_request {
    const char *task, *kind, *cursor;
    uint64_t limit;
};
static const char *const kinds[] = {"left", "duplicates", NULL};
static const struct param_spec merged_params[] = {
    PARAM(struct merged_request, task, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "id of the task that merged, or its beginning"),
    PARAM(struct merged_request, kind, .type = PARAM_CHOICE, .choices = kinds, .fallback_text = "left",
          .help = "left: contradictions, excluded and unreadable samples; or duplicates"),
    PARAM(struct merged_request, limit, .type = PARAM_COUNT, .fallback = LIMIT_USUAL, .min = 1,
          .max = LIMIT_MAX, .help = "at most so many samples"),
    PARAM(struct merged_request, cursor, .type = PARAM_TEXT, .help = "next_cursor of the page before"),
    PARAM_END,
};

/* Beginnings of ids become whole ones; a whole one is looked for by the task. */
static bool settle_ids(struct api_call *call, struct param_list *ids, struct error *err)
{
    const char **whole = arena_array(call->arena, ids->count + 1, sizeof(*whole));
    if (!whole)
        return error_no_memory(err);
    if (ids->count > MERGE_IDS_MAX)
        return error_set(err, ERR_LIMIT, "%zu samples are named; at most %d can be: use a filter", ids->count,
                         MERGE_IDS_MAX) ||
               error_point(err, "/ids");
    for (size_t i = 0; i < ids->count; i++) {
        struct sample sample;
        whole[i] = ids->items[i];
        if (strlen(whole[i]) == HASH_HEX_BYTES - 1)
            continue;
        if (!sample_find(call->api->db, call->caller->project_id, call->arena, whole[i], &sample, err))
            return error_point(err, "/ids");
        whole[i] = sample.id;
    }
    *ids = (struct param_list){whole, ids->count};
    return true;
}

static bool settle_choice(struct api_call *call, struct merge_dataset_request *wanted, struct error *err)
{
    struct sample_term where;
    if (wanted->ids.count > 0 && (wanted->hard || wanted->filter)) {
        (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                               "name samples by their ids or by conditions, not by both");
        return error_point(err, "/ids");
    }
    if (request_says(call, "ids") && wanted->ids.count == 0) {
        (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT, "ids names no sample; leave it out for all");
        return error_point(err, "/ids");
    }
    return (!wanted->filter || sample_term_read(wanted->filter, "/filter", call->arena, &where, err)) &&
           settle_ids(call, &wanted->ids, err);
}

static bool settle_datasets(struct api_call *call, struct merge_dataset_request *wanted, struct error *err)
{
    const char *project = call->caller->project_id;
    struct dataset from, into;
    if (!dataset_find_uncounted(call->api->db, project, call->arena, wanted->dataset, &from, err))
        return error_point(err, "/dataset");
    if (!dataset_find_uncounted(call->api->db, project, call->arena, wanted->into, &into, err))
        return error_point(err, "/into");
    if (strcmp(from.id, into.id) == 0) {
        (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT, "give another dataset: '%s' is its own",
                               into.name);
        return error_point(err, "/into");
    }
    if (strcmp(from.dataset_type, into.dataset_type) != 0) {
        (void)error_set_detail(err, DETAIL_DATASET_TYPE_MISMATCH, "dataset '%s' is %s, '%s' is %s", from.name,
                               from.dataset_type, into.name, into.dataset_type);
        return error_point(err, "/into");
    }
    wanted->dataset = from.id;
    wanted->into = into.id;
    return true;
}

static bool merge(struct api_call *call, struct error *err)
{
    const struct merge_request *request = call->params;
    struct merge_dataset_request wanted = request->merge;
    /* Who has shown its name decides under it, whatever the request says. */
    const char *by = call->caller->user ? call->caller->user : wanted.by;
    wanted.user = call->caller->user;
    wanted.by = by ? arena_printf(call->arena, "human/%s", by) : "human";
    if (!wanted.by)
        return error_no_memory(err);
    if (!settle_datasets(call, &wanted, err) || !settle_choice(call, &wanted, err))
        return false;
    const struct task_wish wish = {request->task_id, &task_merge_dataset, wanted.into, merge_dataset_params,
                                   &wanted};
    return reply_new_task(call, &wish, err);
}

static bool merged(struct api_call *call, struct error *err)
{
    const struct merged_request *request = call->params;
    struct task task;
    char key[KEY_BYTES];
    if (!task_get(call->api->db, call->caller->project_id, call->arena, request->task, &task, err))
        return error_point(err, "/task");
    bool is_of_duplicates = strcmp(request->kind, "duplicates") == 0;
    bool is_merger = strcmp(task.kind, task_merge_dataset.name) == 0;
    if (!is_merger || !merge_list_key(task.id, is_of_duplicates, key, sizeof(key)))
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT, "task %s did not merge a dataset", task.id);
    const struct task_lines lines = {.task = &task,
                                     .key = key,
                                     .what = "list of what was not merged",
                                     .member = "samples",
                                     .cursor = request->cursor,
                                     .limit = request->limit};
    return reply_task_lines(call, &lines, err);
}

const struct route route_dataset_merge = {
    "dataset.merge",
    "POST",
    "/api/v1/datasets/{dataset}/merge-tasks",
    merge_params,
    sizeof(struct merge_request),
    merge,
    "Merges labeled samples into another dataset by their content; contradictions are left to a person.",
    ROLE_LABEL,
    202,
    &shape_task_shown};
const struct route route_task_merged = {
    "task.merged",
    "GET",
    "/api/v1/tasks/{task}/merged",
    merged_params,
    sizeof(struct merged_request),
    merged,
    "Lists what a merge left to a person, or the duplicates that it passed over.",
    ROLE_READ,
    200,
    &shape_merged};
