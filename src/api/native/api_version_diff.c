/* SPDX-License-Identifier: Apache-2.0 */
/* What changed from one published version of a dataset to another. */
#include "api/native/features.h"

#include "dataset/version_diff.h"

#include <string.h>

struct diff_request {
    const char *dataset, *version, *to, *kind, *cursor;
    uint64_t limit;
};
static const char *const kinds[] = {"added", "removed", "relabelled", "usage", NULL};
static const struct param_spec diff_params[] = {
    PARAM(struct diff_request, dataset, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name or id"),
    PARAM(struct diff_request, version, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "the version before"),
    PARAM(struct diff_request, to, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .value_name = "VERSION", .help = "the version after"),
    PARAM(struct diff_request, kind, .type = PARAM_CHOICE, .choices = kinds,
          .help = "list only such changes"),
    PARAM(struct diff_request, limit, .type = PARAM_COUNT, .fallback = 100, .max = VERSION_DIFF_PAGE_MAX,
          .help = "at most so many changes; 0: counts alone"),
    PARAM(struct diff_request, cursor, .type = PARAM_TEXT, .help = "next_cursor of the page before"),
    PARAM_END,
};

static bool find_version(struct api_call *call, const struct dataset *dataset, const char *name,
                         const char *pointer, struct dataset_version *ret, struct error *err)
{
    return dataset_version_find(call->api->db, call->arena, dataset, name, ret, err) ||
           error_point(err, pointer);
}

static void reply_labels(yyjson_mut_doc *doc, yyjson_mut_val *row, const char *name, struct param_list labels)
{
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, row, name);
    for (size_t i = 0; i < labels.count; i++)
        (void)yyjson_mut_arr_add_strcpy(doc, list, labels.items[i]);
}

static void reply_change(yyjson_mut_doc *doc, yyjson_mut_val *row, const struct version_change *change)
{
    reply_text(doc, row, "kind", version_change_name(change->kind));
    reply_text(doc, row, "id", change->id);
    reply_text(doc, row, "source", change->source);
    reply_labels(doc, row, "labels_before", change->labels_before);
    reply_labels(doc, row, "labels_after", change->labels_after);
    reply_text(doc, row, "usage_before", change->usage_before);
    reply_text(doc, row, "usage_after", change->usage_after);
}

static yyjson_mut_val *reply_diff(struct api_call *call, const struct version_diff *diff)
{
    yyjson_mut_doc *doc = call->reply;
    yyjson_mut_val *object = yyjson_mut_obj_add_obj(doc, call->root, "diff");
    for (int kind = 0; kind < VERSION_CHANGE_COUNT; kind++)
        (void)yyjson_mut_obj_add_int(doc, object, version_change_name((enum version_change_kind)kind),
                                     diff->counts[kind]);
    (void)yyjson_mut_obj_add_int(doc, object, "unchanged", diff->unchanged);
    yyjson_mut_val *classes = yyjson_mut_obj_add_arr(doc, object, "classes");
    for (size_t i = 0; i < diff->class_count; i++) {
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(doc, classes);
        reply_text(doc, row, "name", diff->classes[i].name);
        (void)yyjson_mut_obj_add_int(doc, row, "gained", diff->classes[i].gained);
        (void)yyjson_mut_obj_add_int(doc, row, "lost", diff->classes[i].lost);
    }
    yyjson_mut_val *changes = yyjson_mut_obj_add_arr(doc, call->root, "changes");
    for (size_t i = 0; i < diff->change_count; i++)
        reply_change(doc, yyjson_mut_arr_add_obj(doc, changes), &diff->changes[i]);
    bool has_cursor = diff->has_more && diff->change_count > 0;
    reply_text(doc, call->root, "next_cursor", has_cursor ? diff->changes[diff->change_count - 1].id : NULL);
    return object;
}

/* -1: any. */
static int kind_of(const char *name)
{
    for (int kind = 0; name && kinds[kind]; kind++)
        if (strcmp(kinds[kind], name) == 0)
            return kind;
    return -1;
}

static bool diff(struct api_call *call, struct error *err)
{
    const struct diff_request *request = call->params;
    struct dataset dataset;
    struct dataset_version before, after;
    struct version_diff found;
    if (!dataset_find_uncounted(call->api->db, call->caller->project_id, call->arena, request->dataset,
                                &dataset, err))
        return error_point(err, "/dataset");
    if (!find_version(call, &dataset, request->version, "/version", &before, err) ||
        !find_version(call, &dataset, request->to, "/to", &after, err))
        return false;
    const struct version_diff_request wanted = {.data = call->api->data,
                                                .before = &before,
                                                .after = &after,
                                                .kind = kind_of(request->kind),
                                                .from = request->cursor,
                                                .limit = (size_t)request->limit};
    if (!version_diff(&wanted, call->arena, &found, err))
        return false;
    return reply_feature_shifts(call, reply_diff(call, &found), "features", &before, &after, err);
}

const struct route route_dataset_version_diff = {
    "dataset.version_diff",
    "GET",
    "/api/v1/datasets/{dataset}/versions/{version}/diff",
    diff_params,
    sizeof(struct diff_request),
    diff,
    "Tells what changed from one published version to another: samples, labels, usage, classes.",
    ROLE_READ,
    200,
    &shape_version_diff};
