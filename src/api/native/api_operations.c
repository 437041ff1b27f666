/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/native.h"
#include "dataset/operation.h"

struct list_request {
    const char *dataset, *user, *cursor;
    uint64_t limit;
};
struct show_request {
    const char *operation, *cursor;
    uint64_t limit;
};

#define PAGE_PARAMS(request, phrase)                                                                         \
    PARAM(request, cursor, .type = PARAM_TEXT, .help = "next_cursor of the page before"),                    \
        PARAM(request, limit, .type = PARAM_COUNT, .fallback = 50, .min = 1, .max = OPERATION_PAGE_MAX,      \
              .help = (phrase))
#define OPERATION_PARAM(request)                                                                             \
    PARAM(request, operation, .type = PARAM_TEXT, .is_required = true, .is_positional = true,                \
          .help = "id of the operation, or its beginning")
static const struct param_spec list_params[] = {
    PARAM(struct list_request, dataset, .type = PARAM_TEXT, .help = "only about this dataset"),
    PARAM(struct list_request, user, .type = PARAM_TEXT, .max = 64, .help = "only of this user"),
    PAGE_PARAMS(struct list_request, "at most so many"),
    PARAM_END,
};
static const struct param_spec show_params[] = {
    OPERATION_PARAM(struct show_request),
    PAGE_PARAMS(struct show_request, "at most so many of its samples"),
    PARAM_END,
};
static const struct param_spec operation_params[] = {
    OPERATION_PARAM(struct named_request),
    PARAM_END,
};

static void reply_operation(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct operation *operation)
{
    reply_text(doc, object, "id", operation->id);
    reply_text(doc, object, "action", operation->action);
    reply_text(doc, object, "state", operation->state);
    (void)yyjson_mut_obj_add_int(doc, object, "samples", operation->samples);
    reply_text(doc, object, "dataset_id", operation->dataset_id);
    reply_text(doc, object, "user", operation->user);
    reply_text(doc, object, "decided_by", operation->decided_by);
    reply_time(doc, object, "created", operation->created_ms);
    reply_time(doc, object, "changed", operation->changed_ms);
    reply_json(doc, object, "labels", operation->labels_json);
}

static void reply_change(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct operation_sample *item)
{
    reply_json(doc, object, "before", item->before_json);
    reply_json(doc, object, "after", item->after_json);
    (void)yyjson_mut_obj_add_int(doc, object, "revision_before", item->revision_before);
    (void)yyjson_mut_obj_add_int(doc, object, "revision_after", item->revision_after);
}

static bool list(struct api_call *call, struct error *err)
{
    const struct list_request *request = call->params;
    struct operation_filter filter = {.project_id = call->caller->project_id,
                                      .user = request->user,
                                      .cursor = request->cursor,
                                      .limit = (int64_t)request->limit};
    struct operation_page page;
    struct dataset dataset;
    if (request->dataset) {
        if (!dataset_find_uncounted(call->api->db, call->caller->project_id, call->arena, request->dataset,
                                    &dataset, err))
            return error_point(err, "/dataset");
        filter.dataset_id = dataset.id;
    }
    if (!operations_page(call->api->db, call->arena, &filter, &page, err))
        return error_point(err, "/cursor");
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "operations");
    for (size_t i = 0; i < page.count; i++)
        reply_operation(call->reply, yyjson_mut_arr_add_obj(call->reply, rows), &page.operations[i]);
    reply_text(call->reply, call->root, "next_cursor", page.cursor);
    return true;
}

static bool find(struct api_call *call, const char *reference, struct operation *ret, struct error *err)
{
    return operation_find(call->api->db, call->caller->project_id, call->arena, reference, ret, err);
}

static bool show(struct api_call *call, struct error *err)
{
    const struct show_request *request = call->params;
    struct operation operation;
    struct operation_sample_page page = {.after = request->cursor, .limit = (int64_t)request->limit};
    if (!find(call, request->operation, &operation, err) ||
        !operation_samples(call->api->db, call->arena, operation.number, &page, err))
        return false;
    reply_operation(call->reply, yyjson_mut_obj_add_obj(call->reply, call->root, "operation"), &operation);
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "changes");
    for (size_t i = 0; i < page.count; i++) {
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(call->reply, rows);
        reply_text(call->reply, row, "sample", page.items[i].sample_id);
        reply_change(call->reply, row, &page.items[i]);
    }
    bool is_full = page.count == request->limit;
    reply_text(call->reply, call->root, "next_cursor", is_full ? page.items[page.count - 1].sample_id : NULL);
    return true;
}

/* Made where it can be kept together with what was undone. */
static bool reply_turned(void *state, const struct operation_undone *undone, struct error *err)
{
    struct api_call *call = state;
    reply_operation(call->reply, yyjson_mut_obj_add_obj(call->reply, call->root, "operation"),
                    &undone->operation);
    (void)yyjson_mut_obj_add_int(call->reply, call->root, "done", undone->done);
    (void)yyjson_mut_obj_add_int(call->reply, call->root, "conflicts", undone->conflicts);
    yyjson_mut_val *ids = yyjson_mut_obj_add_arr(call->reply, call->root, "conflict_ids");
    for (size_t i = 0; i < undone->told; i++)
        (void)yyjson_mut_arr_add_strcpy(call->reply, ids, undone->conflict_ids[i]);
    return api_keep(call, err);
}

static bool turn_named(struct api_call *call, bool is_redo, struct error *err)
{
    const struct named_request *request = call->params;
    const struct operation_turn turn = {is_redo, reply_turned, call};
    struct operation operation;
    struct operation_undone undone;
    return find(call, request->operation, &operation, err) &&
           operation_turn(call->api->db, call->arena, &operation, &turn, &undone, err);
}

static bool undo(struct api_call *call, struct error *err)
{
    return turn_named(call, false, err);
}

static bool redo(struct api_call *call, struct error *err)
{
    return turn_named(call, true, err);
}

static bool history(struct api_call *call, struct error *err)
{
    const struct named_request *request = call->params;
    struct operation_sample *items = NULL;
    struct sample sample;
    size_t count = 0;
    if (!sample_find(call->api->db, call->caller->project_id, call->arena, request->sample, &sample, err) ||
        !sample_history(call->api->db, call->arena, sample.id, &items, &count, err))
        return false;
    reply_text(call->reply, call->root, "sample", sample.id);
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "history");
    for (size_t i = 0; i < count; i++) {
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(call->reply, rows);
        reply_operation(call->reply, row, &items[i].operation);
        reply_change(call->reply, row, &items[i]);
    }
    return true;
}

#define OPERATION_PATH "/api/v1/operations/{operation}"

const struct route route_operation_list = {"operation.list",
                                           "GET",
                                           "/api/v1/operations",
                                           list_params,
                                           sizeof(struct list_request),
                                           list,
                                           "Lists what people decided, the newest first.",
                                           ROLE_READ,
                                           200,
                                           &shape_operations};
const struct route route_operation_show = {"operation.show",
                                           "GET",
                                           OPERATION_PATH,
                                           show_params,
                                           sizeof(struct show_request),
                                           show,
                                           "Shows an operation and what it changed.",
                                           ROLE_READ,
                                           200,
                                           &shape_operation_shown};
const struct route route_operation_undo = {
    "operation.undo",
    "POST",
    OPERATION_PATH "/undo",
    operation_params,
    sizeof(struct named_request),
    undo,
    "Restores what was there before; samples that were changed since stay as they are.",
    ROLE_LABEL,
    200,
    &shape_operation_turned,
    false,
    false,
    true};
const struct route route_operation_redo = {
    "operation.redo",
    "POST",
    OPERATION_PATH "/redo",
    operation_params,
    sizeof(struct named_request),
    redo,
    "Does again what was undone; samples that were changed since stay as they are.",
    ROLE_LABEL,
    200,
    &shape_operation_turned,
    false,
    false,
    true};
const struct route route_samples_history = {"samples.history",
                                            "GET",
                                            "/api/v1/samples/{sample}/history",
                                            sample_params,
                                            sizeof(struct named_request),
                                            history,
                                            "Tells what people made of a sample, the newest first.",
                                            ROLE_READ,
                                            200,
                                            &shape_sample_history};
