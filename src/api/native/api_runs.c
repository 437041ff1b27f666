/* SPDX-License-Identifier: Apache-2.0 */
/* The runs of a service. */
#include "api/native/find_result.h"

#include "mining/report.h"

#include <math.h>
#include <stdlib.h>

enum { CLASSES_SHOWN_MAX = 1000 };

struct run_request {
    const char *service, *run;
};

static const struct param_spec run_params[] = {
    PARAM(struct run_request, service, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name or id"),
    PARAM(struct run_request, run, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "id of the run"),
    PARAM_END,
};

static const char *manifest_path(const struct api_call *call, const struct run *run)
{
    return arena_printf(call->arena, "%s/infer-result-%s.manifest", run->output_url, run->id);
}

static void add_run(struct api_call *call, yyjson_mut_val *row, const struct run *run)
{
    reply_text(call->reply, row, "id", run->id);
    (void)yyjson_mut_obj_add_bool(call->reply, row, "is_complete", run->is_complete);
    (void)yyjson_mut_obj_add_int(call->reply, row, "images", run->images);
    (void)yyjson_mut_obj_add_int(call->reply, row, "failed", run->failed);
    (void)yyjson_mut_obj_add_int(call->reply, row, "skipped", run->skipped);
    reply_time(call->reply, row, "created", run->created_ms);
    reply_time(call->reply, row, "finished", run->finished_ms);
    reply_text(call->reply, row, "results", manifest_path(call, run));
}

static bool list(struct api_call *call, struct error *err)
{
    const struct named_request *request = call->params;
    struct service service;
    struct run *runs = NULL;
    size_t count = 0;
    if (!service_find(call->api->db, call->caller->project_id, call->arena, request->service, &service,
                      err) ||
        !run_list(call->api->db, call->arena, service.id, &runs, &count, err))
        return false;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "runs");
    for (size_t i = 0; i < count; i++)
        add_run(call, yyjson_mut_arr_add_obj(call->reply, rows), &runs[i]);
    return true;
}

/* ---- one run, with what came of it ---- */

struct class_count {
    uint32_t class_index;
    uint64_t images;
};

static int most_first(const void *a, const void *b)
{
    const struct class_count *one = a, *other = b;
    if (one->images != other->images)
        return one->images > other->images ? -1 : 1;
    return one->class_index < other->class_index ? -1 : one->class_index > other->class_index;
}

static void add_classes(struct api_call *call, const struct run_index *index, struct class_count *classes)
{
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "classes");
    uint32_t count = run_index_classes(index);
    qsort(classes, count, sizeof(*classes), most_first);
    for (uint32_t i = 0; i < count && i < CLASSES_SHOWN_MAX && classes[i].images > 0; i++) {
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(call->reply, rows);
        reply_text(call->reply, row, "label", run_index_label(index, classes[i].class_index));
        (void)yyjson_mut_obj_add_uint(call->reply, row, "images", classes[i].images);
    }
}

static bool add_summary(struct api_call *call, const struct run_index *index, struct error *err)
{
    uint64_t bins[REPORT_BINS] = {0}, boxes = 0, empty = 0;
    struct class_count *classes =
        arena_array(call->arena, (size_t)run_index_classes(index) + 1, sizeof(*classes));
    if (!classes)
        return error_no_memory(err);
    for (uint32_t c = 0; c < run_index_classes(index); c++)
        classes[c].class_index = c;
    for (uint64_t i = 0; i < run_index_count(index); i++) {
        struct run_index_row row;
        run_index_get(index, i, &row);
        boxes += row.boxes;
        empty += !row.error && row.class_index == UINT32_MAX;
        if (row.class_index == UINT32_MAX || isnan(row.score))
            continue;
        classes[row.class_index].images++;
        bins[report_bin(row.score, 0, 1)]++;
    }
    add_classes(call, index, classes);
    yyjson_mut_val *scores = yyjson_mut_obj_add_obj(call->reply, call->root, "scores");
    (void)yyjson_mut_obj_add_real(call->reply, scores, "from", 0);
    (void)yyjson_mut_obj_add_real(call->reply, scores, "to", 1);
    yyjson_mut_val *counts = yyjson_mut_obj_add_arr(call->reply, scores, "bins");
    for (int i = 0; i < REPORT_BINS; i++)
        (void)yyjson_mut_arr_add_uint(call->reply, counts, bins[i]);
    (void)yyjson_mut_obj_add_uint(call->reply, call->root, "boxes", boxes);
    (void)yyjson_mut_obj_add_uint(call->reply, call->root, "without_boxes",
                                  run_index_is_detection(index) ? empty : 0);
    return true;
}

static bool show(struct api_call *call, struct error *err)
{
    const struct run_request *request = call->params;
    struct service service;
    struct run run;
    const struct insight *insight = NULL;
    if (!find_run(call, request->service, request->run, &service, &run, err))
        return false;
    add_run(call, yyjson_mut_obj_add_obj(call->reply, call->root, "run"), &run);
    if (!run.is_complete)
        return true;
    if (!take_run(call, &run, &insight, err))
        return false;
    bool is_done = add_summary(call, insight->run.index, err);
    insight_give_back(call->api->insights, insight);
    return is_done;
}

/* The file as the run wrote it, where the results went. */
static bool manifest(struct api_call *call, struct error *err)
{
    const struct run_request *request = call->params;
    struct service service;
    struct run run;
    if (!find_run(call, request->service, request->run, &service, &run, err))
        return false;
    const char *path = manifest_path(call, &run);
    if (!reply_file(call, call->roots, path, "the manifest of the run's results", err))
        return false;
    call->file.content_type = "application/jsonl";
    call->file.name = arena_printf(call->arena, "infer-result-%s.manifest", run.id);
    return call->file.name || error_no_memory(err);
}

const struct route route_run_manifest = {"service.results_manifest",
                                         "GET",
                                         "/api/v1/services/{service}/runs/{run}/manifest",
                                         run_params,
                                         sizeof(struct run_request),
                                         manifest,
                                         "Gives the manifest with the results of a run.",
                                         ROLE_READ,
                                         200,
                                         NULL,
                                         true};
const struct route route_service_runs = {"service.runs",
                                         "GET",
                                         "/api/v1/services/{service}/runs",
                                         service_params,
                                         sizeof(struct named_request),
                                         list,
                                         "Lists the runs of a service and where their results are.",
                                         ROLE_READ,
                                         200,
                                         &shape_runs};
const struct route route_run_show = {"service.run",
                                     "GET",
                                     "/api/v1/services/{service}/runs/{run}",
                                     run_params,
                                     sizeof(struct run_request),
                                     show,
                                     "Shows a run: how often each class was named, and how surely.",
                                     ROLE_READ,
                                     200,
                                     &shape_run_shown};
