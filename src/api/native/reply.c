/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/native.h"

#include "base/clock.h"

#include <math.h>
#include <string.h>

const struct param_spec no_params[] = {PARAM_END};
const struct param_spec service_params[] = {PARAM(struct named_request, service, .type = PARAM_TEXT,
                                                  .is_required = true, .is_positional = true,
                                                  .help = "name or id"),
                                            PARAM_END};
#define DATASET_PARAM                                                                                        \
    PARAM(struct named_request, dataset, .type = PARAM_TEXT, .is_required = true, .is_positional = true,     \
          .help = "name or id")
const struct param_spec dataset_params[] = {DATASET_PARAM, PARAM_END};
const struct param_spec version_params[] = {DATASET_PARAM,
                                            PARAM(struct named_request, version, .type = PARAM_TEXT,
                                                  .is_required = true, .is_positional = true,
                                                  .help = "name of the version"),
                                            PARAM_END};
const struct param_spec sample_params[] = {SAMPLE_PARAM(struct named_request), PARAM_END};

bool request_says(const struct api_call *call, const char *name)
{
    yyjson_val *given = yyjson_obj_get(call->request, name);
    return given && !yyjson_is_null(given);
}

void reply_text(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *name, const char *text)
{
    (void)yyjson_mut_obj_add(object, yyjson_mut_str(doc, name),
                             text ? yyjson_mut_strcpy(doc, text) : yyjson_mut_null(doc));
}

void reply_time(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *name, int64_t ms)
{
    char text[CLOCK_TEXT_BYTES];
    reply_text(doc, object, name, ms ? clock_rfc3339(ms, text) : NULL);
}

void reply_number(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *name, double value)
{
    (void)yyjson_mut_obj_add(object, yyjson_mut_str(doc, name),
                             isfinite(value) ? yyjson_mut_real(doc, value) : yyjson_mut_null(doc));
}

void reply_json(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *name, const char *json)
{
    AUTO_JSON parsed = json ? yyjson_read(json, strlen(json), 0) : NULL;
    yyjson_mut_val *value =
        parsed ? yyjson_val_mut_copy(doc, yyjson_doc_get_root(parsed)) : yyjson_mut_null(doc);
    (void)yyjson_mut_obj_add(object, yyjson_mut_str(doc, name), value);
}

void reply_task(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct task *task)
{
    reply_text(doc, object, "id", task->id);
    reply_text(doc, object, "kind", task->kind);
    reply_text(doc, object, "subject", task->subject);
    reply_text(doc, object, "state", task->state);
    reply_text(doc, object, "stage", task->stage);
    (void)yyjson_mut_obj_add_int(doc, object, "items_done", task->items_done);
    (void)yyjson_mut_obj_add_int(doc, object, "items_failed", task->items_failed);
    (void)yyjson_mut_obj_add_int(doc, object, "items_total", task->items_total);
    (void)yyjson_mut_obj_add_bool(doc, object, "is_stop_asked", task->is_stop_asked);
    (void)yyjson_mut_obj_add_int(doc, object, "attempts", task->attempts);
    reply_time(doc, object, "created", task->created_ms);
    reply_time(doc, object, "started", task->started_ms);
    reply_time(doc, object, "finished", task->finished_ms);
    reply_json(doc, object, "request", task->request_json);
    reply_json(doc, object, "result", task->result_json);
    if (!task->error_message)
        return;
    yyjson_mut_val *error = yyjson_mut_obj_add_obj(doc, object, "error");
    reply_text(doc, error, "code", task->error_code);
    reply_text(doc, error, "detail", task->error_detail);
    reply_text(doc, error, "message", task->error_message);
}

static bool request_json(const struct param_spec *specs, const void *request, struct buffer *into,
                         struct error *err)
{
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *object = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, object);
    params_write_json(specs, request, doc, object);
    return json_write(doc, false, into, err);
}

bool reply_new_task(struct api_call *call, const struct task_wish *wish, struct error *err)
{
    char id[33];
    struct task task;
    AUTO_BUFFER(text, TASK_REQUEST_MAX_BYTES);
    if (!request_json(wish->specs, wish->request, &text, err))
        return false;
    const struct task_new wanted = {.id = wish->id ? wish->id : call->task_id,
                                    .project_id = call->caller->project_id,
                                    .roots = call->roots ? call->roots->text : NULL,
                                    .kind = wish->kind->name,
                                    .subject = wish->subject,
                                    .request_json = text.data};
    if (!task_create(call->api->db, &wanted, id, err) ||
        !task_get(call->api->db, call->caller->project_id, call->arena, id, &task, err))
        return false;
    reply_task(call->reply, yyjson_mut_obj_add_obj(call->reply, call->root, "task"), &task);
    return true;
}
