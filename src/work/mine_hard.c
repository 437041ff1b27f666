/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "dataset/dataset.h"
#include "mining/estimate.h"
#include "record/npy.h"
#include "work/confirmed.h"
#include "work/hard_sample.h"
#include "work/insight.h"
#include "work/mine_features.h"
#include "work/mine_views.h"
#include "work/profile_build.h"
#include "work/work.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    IMPORT_BATCH = 1000,
    BATCH_BOXES = 20000, /* of all samples in a batch, unless the first alone has more */
    BOXES_ARENA_BYTES = 64 * 1024 * 1024,
    REPORT_MAX_BYTES = 16 * 1024 * 1024
};

const struct param_spec hard_settings_params[] = {
    PARAM(struct hard_settings, model_type, .type = PARAM_TEXT, .value_name = "cls|det",
          .help = "image_classification (cls) or object_detection (det); default: the model's"),
    PARAM(struct hard_settings, train, .type = PARAM_TEXT, .path = PARAM_PATH_IF_THERE,
          .value_name = "MANIFEST|DATASET@VERSION",
          .help = "existing training dataset: the manifest the model was trained on"),
    PARAM(struct hard_settings, dataset, .type = PARAM_TEXT, .value_name = "DATASET",
          .help = "hard example output: an existing dataset of the model's type"),
    PARAM(struct hard_settings, create, .type = PARAM_TEXT, .value_name = "NAME",
          .help = "or: the name of a new dataset"),
    PARAM_TABLE(struct hard_settings, mining, mining_params),
    PARAM_END,
};

/* The settings are stored flat, so that a task's request reads like the command that made it. */
const struct param_spec mine_hard_params[] = {
    PARAM(struct mine_hard_request, service, .type = PARAM_TEXT, .is_required = true,
          .help = "id of the batch service"),
    PARAM(struct mine_hard_request, run, .type = PARAM_TEXT, .is_required = true,
          .help = "id of the finished run"),
    PARAM_TABLE(struct mine_hard_request, hard, hard_settings_params),
    PARAM_END,
};

struct mining_task {
    struct task_context *context;
    struct work *work;
    struct arena *arena;
    struct mine_hard_request request;
    struct service service;
    struct run run;
    struct model model;
    struct dataset output;
    const struct roots *roots;
    struct mine_views views;
    struct mine_features features;
    uint8_t *verdicts; /* what people said of the run's predictions; NULL: nothing */
    struct mining_result result;
    struct sample_add_counts counts;
    struct sample_new batch[IMPORT_BATCH];
    struct annotation suggestions[IMPORT_BATCH]; /* classes */
    struct arena *boxes;                         /* suggestions of one batch */
    int64_t boxes_left_out;
    char profile[PROFILE_FOLDER_BYTES]; /* folder of its records; "" without */
    char reasons[IMPORT_BATCH][HARD_SAMPLE_REASONS_BYTES];
};

static bool load(struct mining_task *mining, struct error *err)
{
    struct task_context *context = mining->context;
    if (!work_request(context, mine_hard_params, &mining->request, mining->arena, err) ||
        !work_roots(context, mining->arena, &mining->roots, err) ||
        !service_find(context->db, context->task->project_id, mining->arena, mining->request.service,
                      &mining->service, err) ||
        !run_get(context->db, context->task->project_id, mining->arena, mining->request.run, &mining->run,
                 err) ||
        !model_find(context->db, context->task->project_id, mining->arena, mining->run.model_id,
                    &mining->model, err))
        return false;
    if (strcmp(mining->request.hard.model_type, mining->model.model_type) != 0)
        return error_set_detail(err, DETAIL_DATASET_TYPE_MISMATCH,
                                "the filtering is for %s, model '%s' is %s", mining->request.hard.model_type,
                                mining->model.name, mining->model.model_type);
    return true;
}

static bool open_output(struct mining_task *mining, const struct record_header *header, struct error *err)
{
    const char **labels = arena_array(mining->arena, header->classes + 1U, sizeof(*labels));
    if (!labels)
        return error_no_memory(err);
    memcpy(labels, header->labels, header->classes * sizeof(*labels));
    const struct work_output output = {.project_id = mining->context->task->project_id,
                                       .dataset = mining->request.hard.dataset,
                                       .create = mining->request.hard.create,
                                       .model_type = mining->model.model_type,
                                       .labels = {labels, header->classes}};
    return work_output_dataset(mining->context->db, mining->arena, &output, &mining->output, err);
}

/* The run's model may be asked again, about what the run saw. */
static bool start_views(struct mining_task *mining, const struct record_set *set, struct error *err)
{
    struct mine_views *views = &mining->views;
    struct service_settings settings;
    yyjson_doc *parsed = NULL;
    const char *text = mining->run.settings_json ? mining->run.settings_json : "{}";
    if (!json_parse((struct bytes){text, strlen(text)}, "the settings of the run", &parsed, err))
        return false;
    bool is_read =
        params_read_json(service_settings_params, &settings, yyjson_doc_get_root(parsed), mining->arena, err);
    yyjson_doc_free(parsed);
    views->run_records = mining->run.records_key;
    views->training_records = mining->profile;
    views->roots = mining->roots;
    views->data = mining->work->data;
    views->model = &mining->model;
    views->records = set;
    views->accept_partial = is_read && settings.accept_partial;
    views->stop = mining->context->stop;
    views->progress = mining->context->progress;
    return is_read && mine_views_start(views, err);
}

/* Vectors by the feature extractor that the settings name, if any. */
static bool start_features(struct mining_task *mining, const struct profile *profile, struct error *err)
{
    struct mine_features *features = &mining->features;
    const struct mine_views *views = &mining->views;
    const struct feature_extractor_wish wish = {.db = mining->context->db,
                                                .data = mining->work->data,
                                                .project_id = mining->context->task->project_id,
                                                .setting = mining->request.hard.mining.feature_extractor,
                                                .roots = mining->roots};
    if (!wish.setting)
        return true;
    *features = (struct mine_features){.name = wish.setting,
                                       .data = mining->work->data,
                                       .roots = mining->roots,
                                       .training_roots = views->training_roots,
                                       .records = views->records,
                                       .profile = profile,
                                       .run_folder = views->run_folder,
                                       .training_folder = views->training_folder,
                                       .accept_partial = views->accept_partial,
                                       .stop = mining->context->stop,
                                       .progress = mining->context->progress};
    return feature_extractor_find(&wish, mining->arena, &features->source, err) &&
           mine_features_make(features, err);
}

static bool analyse(struct mining_task *mining, const struct record_set *set, const struct profile *profile,
                    struct error *err)
{
    struct task_context *context = mining->context;
    if (!start_views(mining, set, err) || !start_features(mining, profile, err))
        return false;
    task_progress_stage(context->progress, "analyzing", (int64_t)record_set_count(set));
    const struct confirmed_query said = {.db = context->db,
                                         .project_id = context->task->project_id,
                                         .service_id = mining->service.id,
                                         .dataset_id = mining->output.id,
                                         .records = set};
    if (!mining->request.hard.mining.fixed_weights && !confirmed_verdicts(&said, &mining->verdicts, err))
        return false;
    const struct mining_input input = {.records = set,
                                       .profile = profile,
                                       .verdicts = mining->verdicts,
                                       .views = &mining->views.views,
                                       .features = mining->features.name ? &mining->features.features : NULL,
                                       .threads = workers_cores(),
                                       .stop = context->stop,
                                       .done = &context->progress->done,
                                       .keeps_strengths = record_set_count(set) <= STRENGTHS_IMAGES_MAX};
    return mining_run(&input, &mining->request.hard.mining, &mining->result, err);
}

static bool suggest_boxes(struct mining_task *mining, const struct mining_hard_example *hard,
                          const struct record_header *header, struct sample_new *sample, struct error *err)
{
    size_t most = hard->box_count < HARD_SAMPLE_BOXES_MAX ? hard->box_count : HARD_SAMPLE_BOXES_MAX,
           count = 0;
    struct annotation *boxes = arena_array(mining->boxes, most + 1, sizeof(*boxes));
    if (!boxes)
        return error_no_memory(err);
    for (uint32_t i = 0; i < hard->box_count && count < most; i++) {
        double values[4];
        const struct voc_shape shape = {VOC_BNDBOX, values, 4};
        if (!hard_sample_box(&hard->boxes[i].box, hard, values))
            continue;
        boxes[count] = (struct annotation){.name = header->labels[hard->boxes[i].label],
                                           .is_suggested = true,
                                           .confidence = (double)hard->boxes[i].score,
                                           .annotated_by = HARD_SAMPLE_AUTHOR};
        if (!voc_shape_json_write(&shape, mining->boxes, &boxes[count++].shape_json, err))
            return false;
    }
    mining->boxes_left_out += (int64_t)(hard->box_count - count);
    sample->annotations = boxes;
    sample->annotation_count = count;
    return true;
}

static bool fill_sample(struct mining_task *mining, size_t slot, const struct mining_hard_example *hard,
                        const struct record_header *header, struct error *err)
{
    hard_sample_reasons(hard, mining->reasons[slot]);
    mining->batch[slot] = (struct sample_new){.source = hard->source,
                                              .state = SAMPLE_TO_BE_CONFIRMED,
                                              .content_hash = hard->content_hash,
                                              .width = hard->width,
                                              .height = hard->height,
                                              .is_hard = true,
                                              .hard_coefficient = hard->hard_coefficient,
                                              .hard_reasons = mining->reasons[slot],
                                              .evidence_json = hard->evidence_json,
                                              .origin = "hard_examples",
                                              .origin_task = mining->context->task->id};
    if (header->type == MODEL_TYPE_DETECTION)
        return suggest_boxes(mining, hard, header, &mining->batch[slot], err);
    mining->suggestions[slot] = (struct annotation){.name = header->labels[hard->predicted_class],
                                                    .is_suggested = true,
                                                    .confidence = hard->predicted_score,
                                                    .annotated_by = HARD_SAMPLE_AUTHOR};
    mining->batch[slot].annotations = &mining->suggestions[slot];
    mining->batch[slot].annotation_count = 1;
    return true;
}

/* Fills a batch from the i-th hard example on. */
static bool fill_batch(struct mining_task *mining, const struct record_header *header, size_t *i,
                       size_t *ret_count, struct error *err)
{
    size_t count = 0, boxes = 0;
    arena_reset(mining->boxes);
    for (; count < IMPORT_BATCH && boxes < BATCH_BOXES && *i < mining->result.hard_count; count++, (*i)++) {
        if (!fill_sample(mining, count, &mining->result.hard[*i], header, err))
            return false;
        boxes += mining->batch[count].annotation_count;
    }
    *ret_count = count;
    return true;
}

static bool import_hard(struct mining_task *mining, const struct record_header *header, struct error *err)
{
    struct task_context *context = mining->context;
    task_progress_stage(context->progress, "importing", (int64_t)mining->result.hard_count);
    for (size_t i = 0; i < mining->result.hard_count;) {
        size_t count = 0;
        if (!fill_batch(mining, header, &i, &count, err))
            return false;
        if (atomic_load(&context->stop->is_set))
            return error_set(err, ERR_CANCELLED, "stopped");
        const struct sample_batch batch = {mining->batch, count, SAMPLE_MERGE_HARD};
        if (!samples_add(context->db, mining->output.id, &batch, &mining->counts, err))
            return error_set_detail(err, DETAIL_IMPORT_FAILED, "%s", err->message);
        atomic_fetch_add(&context->progress->done, (int_fast64_t)count);
    }
    return true;
}

/* The report, and the coefficient of every image in run order (NaN: failed), for people and programs. */
static bool keep_report(struct mining_task *mining, const struct record_set *set, struct error *err)
{
    char key[96];
    AUTO_BUFFER(text, REPORT_MAX_BYTES);
    (void)snprintf(key, sizeof(key), "tasks/%s/report.json", mining->context->task->id);
    if (!json_write(mining->result.report, true, &text, err) ||
        !store_put(mining->work->data, key, (struct bytes){text.data, text.size}, err))
        return false;
    (void)snprintf(key, sizeof(key), "tasks/%s/coefficients.npy", mining->context->task->id);
    const struct npy_array coefficients = {NPY_F8, record_set_count(set), 0, mining->result.coefficients};
    return npy_put(mining->work->data, key, &coefficients, err);
}

/* What estimates of other settings start from: they are measured again when this is not there. */
static bool keep_strengths(struct mining_task *mining, const struct record_set *set, struct error *err)
{
    char key[RECORD_FOLDER_MAX_BYTES];
    if (!mining->result.strengths || !mining->result.has_all_reasons)
        return true;
    const struct strengths_of of = {mining->run.records_key, mining->profile,
                                    mining->request.hard.mining.sequence_order, mining->features.key};
    insight_strengths_key(&of, key);
    return mining_strengths_put(mining->work->data, key, mining->result.strengths, record_set_count(set),
                                err);
}

static void report(struct mining_task *mining)
{
    yyjson_mut_doc *doc = mining->context->result;
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    char key[96];
    yyjson_mut_doc_set_root(doc, root);
    (void)yyjson_mut_obj_add_uint(doc, root, "analysed", mining->result.analysed);
    (void)yyjson_mut_obj_add_uint(doc, root, "left_out", mining->result.failed);
    (void)yyjson_mut_obj_add_uint(doc, root, "hard", mining->result.hard_count);
    (void)yyjson_mut_obj_add_uint(doc, root, "copies_inferred", mining->views.inferred);
    (void)yyjson_mut_obj_add_uint(doc, root, "images_gone", mining->views.gone[0] + mining->views.gone[1]);
    if (mining->features.name) {
        const struct extract_counts *run = &mining->features.run, *training = &mining->features.training;
        (void)yyjson_mut_obj_add_strcpy(doc, root, "feature_extractor", mining->features.name);
        (void)yyjson_mut_obj_add_uint(doc, root, "features_extracted", run->extracted + training->extracted);
        (void)yyjson_mut_obj_add_uint(doc, root, "features_gone", run->gone + training->gone);
    }
    (void)yyjson_mut_obj_add_int(doc, root, "added", mining->counts.added);
    (void)yyjson_mut_obj_add_int(doc, root, "updated", mining->counts.updated);
    (void)yyjson_mut_obj_add_int(doc, root, "unchanged", mining->counts.unchanged);
    if (strcmp(mining->output.dataset_type, DATASET_TYPE_DETECTION) == 0)
        (void)yyjson_mut_obj_add_int(doc, root, "boxes_left_out", mining->boxes_left_out);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "dataset", mining->output.name);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "dataset_id", mining->output.id);
    (void)snprintf(key, sizeof(key), "tasks/%s/report.json", mining->context->task->id);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "report", key);
    if (mining->profile[0])
        (void)yyjson_mut_obj_add_strcpy(doc, root, "profile", mining->profile);
    yyjson_mut_val *reasons = yyjson_mut_obj_add_obj(doc, root, "reasons");
    for (int id = 0; id < REASON_COUNT; id++) {
        char name[8];
        (void)snprintf(name, sizeof(name), "%d", id);
        if (mining->result.reason_counts[id] > 0)
            (void)yyjson_mut_obj_add(reasons, yyjson_mut_strcpy(doc, name),
                                     yyjson_mut_uint(doc, mining->result.reason_counts[id]));
    }
}

static bool mine(struct mining_task *mining, struct error *err)
{
    struct record_set *records = NULL;
    struct profile *built = NULL;
    struct task_context *context = mining->context;
    task_progress_stage(context->progress, "collecting", 0);
    if (!load(mining, err) || !record_set_open(mining->work->data, mining->run.records_key, &records, err))
        return false;
    AUTO(record_set) set = records;
    struct profile_manifest manifest = {0};
    const struct profile_train train = {context->task->project_id, mining->request.hard.train, mining->roots};
    if (train.name &&
        !profile_manifest_path(context->db, mining->work->data, mining->arena, &train, &manifest, err))
        return false;
    const struct profile_build build = {.work = mining->work,
                                        .model = &mining->model,
                                        .manifest = &manifest,
                                        .stop = context->stop,
                                        .progress = context->progress};
    mining->views.training_roots = manifest.roots;
    if (!open_output(mining, record_set_header(set), err) ||
        (train.name && !profile_build(&build, mining->profile, &built, err)))
        return false;
    AUTO(profile) profile = built;
    if (!analyse(mining, set, profile, err))
        return false;
    bool is_done = import_hard(mining, record_set_header(set), err) && keep_report(mining, set, err) &&
                   keep_strengths(mining, set, err);
    if (is_done)
        report(mining);
    return is_done;
}

static bool mine_hard(struct task_context *context, struct error *err)
{
    struct mining_task *mining = calloc(1, sizeof(*mining));
    AUTO(arena) arena = arena_new(WORK_ARENA_MAX_BYTES);
    AUTO(arena) boxes = arena_new(BOXES_ARENA_BYTES);
    if (!mining || !arena || !boxes) {
        free(mining);
        return error_no_memory(err);
    }
    mining->context = context;
    mining->work = context->app;
    mining->arena = arena;
    mining->boxes = boxes;
    bool is_done = mine(mining, err);
    mining_result_release(&mining->result);
    mine_views_release(&mining->views);
    mine_features_release(&mining->features);
    free(mining->verdicts);
    free(mining);
    return is_done;
}

const struct task_kind task_mine_hard = {
    .name = "mine_hard",
    .summary =
        "Filters hard examples out of a finished run and imports them, to be confirmed, into a dataset.",
    .run = mine_hard,
};
