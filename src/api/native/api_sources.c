/* SPDX-License-Identifier: Apache-2.0 */
/* Sources of a dataset: which imports, services and filterings brought its samples. */
#include "api/native/native.h"
#include "api/native/shape_rows.h"
#include "dataset/sample_index.h"
#include "service/service.h"
#include "tasks/task.h"

#include <string.h>

enum { SOURCES_USUAL = 100 };

struct sources_request {
    const char *dataset;
    uint64_t limit;
};

static const struct param_spec sources_params[] = {
    PARAM(struct sources_request, dataset, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name or id"),
    PARAM(struct sources_request, limit, .type = PARAM_COUNT, .fallback = SOURCES_USUAL, .min = 1,
          .max = SAMPLE_SOURCES_MAX, .help = "at most so many"),
    PARAM_END,
};

/* The service that a task is about, if both are still there. */
static bool find_service(struct api_call *call, const struct task *task, struct service *ret, bool *ret_found,
                         struct error *err)
{
    struct error why = {0};
    *ret_found = task->subject &&
                 service_find(call->api->db, call->caller->project_id, call->arena, task->subject, ret, &why);
    return *ret_found || why.code == ERR_NONE || why.code == ERR_NOT_FOUND || (*err = why, false);
}

static bool reply_bringer(struct api_call *call, yyjson_mut_val *row, const char *id, struct error *err)
{
    struct task task = {0};
    struct service service = {0};
    struct error why = {0};
    bool has_service = false;
    bool has_task = id && task_get(call->api->db, call->caller->project_id, call->arena, id, &task, &why);
    if (!has_task && why.code != ERR_NONE && why.code != ERR_NOT_FOUND) {
        *err = why;
        return false;
    }
    if (has_task && !find_service(call, &task, &service, &has_service, err))
        return false;
    reply_text(call->reply, row, "task", id);
    reply_text(call->reply, row, "kind", has_task ? task.kind : NULL);
    reply_text(call->reply, row, "service", has_service ? service.name : NULL);
    reply_time(call->reply, row, "created", has_task ? task.created_ms : 0);
    return true;
}

static bool sources(struct api_call *call, struct error *err)
{
    const struct sources_request *request = call->params;
    struct dataset dataset;
    struct sample_sources found;
    if (!dataset_find_uncounted(call->api->db, call->caller->project_id, call->arena, request->dataset,
                                &dataset, err) ||
        !samples_sources(&(struct sample_scope){call->api->index, call->api->db, dataset.id}, call->arena,
                         (size_t)request->limit, &found, err))
        return false;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "sources");
    for (size_t i = 0; i < found.count; i++) {
        const struct sample_source *source = &found.items[i];
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(call->reply, rows);
        reply_text(call->reply, row, "origin", source->origin);
        (void)yyjson_mut_obj_add_int(call->reply, row, "samples", source->samples);
        (void)yyjson_mut_obj_add_int(call->reply, row, "unlabeled", source->unlabeled);
        (void)yyjson_mut_obj_add_int(call->reply, row, "to_be_confirmed", source->to_be_confirmed);
        (void)yyjson_mut_obj_add_int(call->reply, row, "labeled", source->labeled);
        (void)yyjson_mut_obj_add_int(call->reply, row, "hard", source->hard);
        if (!reply_bringer(call, row, source->task, err))
            return false;
    }
    (void)yyjson_mut_obj_add_int(call->reply, call->root, "sources_known", found.known);
    return true;
}

static const struct reply_shape source_shape = {
    "DatasetSource",
    (const struct reply_spec[]){TEXT("origin", "import, synchronize or hard_examples"),
                                COUNT("samples", "that came so, excluded ones aside"),
                                COUNT("unlabeled", "of these"), COUNT("to_be_confirmed", "of these"),
                                COUNT("labeled", "of these"), COUNT("hard", "of these"),
                                TEXT_OR_NULL("task", "id of the task that brought them"),
                                TEXT_OR_NULL("kind", "of the task; null: it is gone"),
                                TEXT_OR_NULL("service", "name of the service that it is about, if it is"),
                                TIME_OR_NULL("created", "when the task was asked for"), END}};
static const struct reply_shape shape_sources = {
    "DatasetSources",
    (const struct reply_spec[]){LIST("sources", &source_shape, "those that brought most first"),
                                COUNT("sources_known", "how many there are, before the list was cut"), END}};

const struct route route_dataset_sources = {
    "dataset.sources",
    "GET",
    "/api/v1/datasets/{dataset}/sources",
    sources_params,
    sizeof(struct sources_request),
    sources,
    "Lists the tasks that brought samples into a dataset, with counts.",
    ROLE_READ,
    200,
    &shape_sources};
