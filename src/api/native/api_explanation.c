/* SPDX-License-Identifier: Apache-2.0 */
/* Why a sample is hard: each reason with its evidence, and how the strengths became the coefficient. */
#include "api/native/origin.h"

#include "base/text.h"
#include "mining/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { REPORT_FILE_MAX_BYTES = 16 * 1024 * 1024 };

struct explaining {
    struct api_call *call;
    struct sample sample;
    struct origin origin;
    double weights[METHOD_COUNT];  /* NaN: not known */
    yyjson_doc *evidence, *report; /* NULL: none */
    uint8_t ids[REASON_COUNT];     /* strongest first */
    double strengths[REASON_COUNT];
    size_t count;
};

static void read_reasons(struct explaining *explaining)
{
    yyjson_val *evidence = yyjson_doc_get_root(explaining->evidence);
    for (const char *at = explaining->sample.hard_reasons; at && *at && explaining->count < REASON_COUNT;) {
        char *end = NULL, name[8];
        unsigned long id = strtoul(at, &end, 10);
        if (end == at || id >= REASON_COUNT)
            return;
        (void)snprintf(name, sizeof(name), "%lu", id);
        explaining->ids[explaining->count] = (uint8_t)id;
        explaining->strengths[explaining->count++] =
            json_number(yyjson_obj_get(evidence, name), "strength", (double)NAN);
        at = *end == '-' ? end + 1 : end;
    }
}

static void read_weights(struct explaining *explaining)
{
    struct mining_plan plan;
    struct error ignored;
    bool is_known = explaining->origin.is_mined &&
                    mining_plan_make(&explaining->origin.request.hard.mining, &plan, &ignored);
    for (int i = 0; i < METHOD_COUNT; i++)
        explaining->weights[i] = is_known ? plan.weights[i] : (double)NAN;
}

static bool read_report(struct explaining *explaining, struct error *err)
{
    char key[96];
    struct error gone = {0};
    AUTO_BUFFER(text, REPORT_FILE_MAX_BYTES);
    if (!explaining->origin.is_mined)
        return true;
    (void)snprintf(key, sizeof(key), "tasks/%s/report.json", explaining->origin.task.id);
    if (store_get(explaining->call->api->data, key, &text, &gone))
        return json_parse((struct bytes){text.data, text.size}, key, &explaining->report, err);
    return gone.code == ERR_NOT_FOUND || (*err = gone, false);
}

/* ---- one reason ---- */

static yyjson_val *feature_row(const struct explaining *explaining, const char *feature)
{
    size_t index, max;
    yyjson_val *row, *rows = yyjson_obj_get(yyjson_doc_get_root(explaining->report), "features");
    yyjson_arr_foreach(rows, index, max, row)
    {
        if (feature && strcmp(json_text(row, "feature", ""), feature) == 0)
            return row;
    }
    return NULL;
}

/* Where the reason's number lies among those of the run and of the training set. */
static void add_histogram(const struct explaining *explaining, yyjson_mut_val *row, const struct rule *rule,
                          yyjson_val *evidence)
{
    yyjson_mut_doc *doc = explaining->call->reply;
    yyjson_val *source =
        yyjson_obj_get(feature_row(explaining, json_text(evidence, "feature", NULL)), "histogram");
    double value = json_number(evidence, "value", (double)NAN);
    if (rule->method == METHOD_PREDICT_SCORE) {
        source = yyjson_obj_get(yyjson_doc_get_root(explaining->report), "scores");
        value = explaining->sample.annotation_count > 0 ? explaining->sample.annotations[0].confidence
                                                        : (double)NAN;
        value = json_number(evidence, "confidence", json_number(evidence, "best_score", value));
    }
    reply_number(doc, row, "value", value);
    if (!source) {
        (void)yyjson_mut_obj_add_null(doc, row, "histogram");
        return;
    }
    double from = json_number(source, "from", 0), to = json_number(source, "to", 0);
    yyjson_mut_val *histogram = yyjson_mut_obj_add_obj(doc, row, "histogram");
    (void)yyjson_mut_obj_add_real(doc, histogram, "from", from);
    (void)yyjson_mut_obj_add_real(doc, histogram, "to", to);
    if (isfinite(value))
        (void)yyjson_mut_obj_add_int(doc, histogram, "bin", report_bin(value, from, to));
    else
        (void)yyjson_mut_obj_add_null(doc, histogram, "bin");
    (void)yyjson_mut_obj_add_val(doc, histogram, "run",
                                 yyjson_val_mut_copy(doc, yyjson_obj_get(source, "run")));
    yyjson_val *training = yyjson_obj_get(source, "training");
    (void)yyjson_mut_obj_add_val(doc, histogram, "training",
                                 training ? yyjson_val_mut_copy(doc, training) : yyjson_mut_null(doc));
}

static void copy_text(yyjson_mut_doc *doc, yyjson_mut_val *row, const char *name, yyjson_val *evidence,
                      const char *from)
{
    reply_text(doc, row, name, json_text(evidence, from, NULL));
}

static void copy_count(yyjson_mut_doc *doc, yyjson_mut_val *row, const char *name, yyjson_val *evidence,
                       const char *from)
{
    double count = json_number(evidence, from, (double)NAN);
    if (count >= 0)
        (void)yyjson_mut_obj_add_uint(doc, row, name, (uint64_t)count);
    else
        (void)yyjson_mut_obj_add_null(doc, row, name);
}

void reply_augmented(struct api_call *call, const char *sample, yyjson_mut_val *row, yyjson_val *evidence)
{
    yyjson_mut_doc *doc = call->reply;
    const char *operation = json_text(evidence, "operation", NULL);
    if (!operation)
        return;
    yyjson_mut_val *copy = yyjson_mut_obj_add_obj(doc, row, "augmented");
    reply_text(doc, copy, "operation", operation);
    reply_text(doc, copy, "image",
               arena_printf(call->arena, "/api/v1/samples/%s/augmented?op=%s", sample, operation));
    copy_text(doc, copy, "label", evidence, "predicted_label");
    reply_number(doc, copy, "score", json_number(evidence, "predicted_score", (double)NAN));
    copy_text(doc, copy, "copy_label", evidence, "copy_label");
    reply_number(doc, copy, "copy_score", json_number(evidence, "copy_score", (double)NAN));
    copy_count(doc, copy, "boxes", evidence, "boxes_kept");
    copy_count(doc, copy, "copy_boxes", evidence, "copy_boxes");
}

static void add_reason(const struct explaining *explaining, size_t place, yyjson_mut_val *row)
{
    yyjson_mut_doc *doc = explaining->call->reply;
    const struct rule *rule = all_rules[explaining->ids[place]];
    char name[8];
    (void)snprintf(name, sizeof(name), "%u", rule->id);
    yyjson_val *evidence = yyjson_obj_get(yyjson_doc_get_root(explaining->evidence), name);
    (void)yyjson_mut_obj_add_uint(doc, row, "id", rule->id);
    reply_text(doc, row, "code", rule->code);
    reply_text(doc, row, "name", rule->name);
    reply_text(doc, row, "method", method_row(rule->method)->name);
    reply_number(doc, row, "strength", explaining->strengths[place]);
    reply_number(doc, row, "weight", explaining->weights[rule->method]);
    reply_text(doc, row, "sentence", json_text(evidence, "sentence", NULL));
    reply_text(doc, row, "suggestion", rule->suggestion);
    add_histogram(explaining, row, rule, evidence);
    if (rule->method == METHOD_AUG_CONSISTENT)
        reply_augmented(explaining->call, explaining->sample.id, row, evidence);
    (void)yyjson_mut_obj_add_val(doc, row, "evidence",
                                 evidence ? yyjson_val_mut_copy(doc, evidence) : yyjson_mut_null(doc));
}

/* ---- how they combined ---- */

/* Of operations on the image the mean speaks, not the strongest. */
static double strength_of_method(const struct explaining *explaining, size_t best)
{
    char name[8];
    (void)snprintf(name, sizeof(name), "%u", explaining->ids[best]);
    return json_number(yyjson_obj_get(yyjson_doc_get_root(explaining->evidence), name), "method_strength",
                       explaining->strengths[best]);
}

/* The strongest reason of each method speaks for it. */
static void add_methods(const struct explaining *explaining, yyjson_mut_val *combination, double *silence)
{
    yyjson_mut_doc *doc = explaining->call->reply;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(doc, combination, "methods");
    for (int method = 0; method < METHOD_COUNT; method++) {
        size_t best = REASON_COUNT;
        for (size_t i = 0; i < explaining->count; i++)
            if (all_rules[explaining->ids[i]]->method == (enum method)method &&
                (best == REASON_COUNT || explaining->strengths[i] > explaining->strengths[best]))
                best = i;
        if (best == REASON_COUNT)
            continue;
        double strength = strength_of_method(explaining, best);
        double heard = explaining->weights[method] * strength;
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(doc, rows);
        reply_text(doc, row, "method", method_row((enum method)method)->name);
        reply_number(doc, row, "weight", explaining->weights[method]);
        reply_text(doc, row, "code", all_rules[explaining->ids[best]]->code);
        reply_number(doc, row, "strength", strength);
        reply_number(doc, row, "heard", heard);
        *silence *= 1 - heard;
    }
}

/* Reasons too weak to be listed moved the coefficient too: what they make of the rest. */
static void add_combination(const struct explaining *explaining)
{
    yyjson_mut_doc *doc = explaining->call->reply;
    yyjson_mut_val *combination = yyjson_mut_obj_add_obj(doc, explaining->call->root, "combination");
    double silence = 1, coefficient = explaining->sample.hard_coefficient;
    reply_text(doc, combination, "formula",
               "coefficient = 1 - product over methods of (1 - weight × strength of its strongest reason; of "
               "aug_consistent_mining the mean of its operations)");
    add_methods(explaining, combination, &silence);
    reply_number(doc, combination, "listed", 1 - silence);
    double weaker = silence > 0 ? 1 - (1 - coefficient) / silence : 0;
    reply_number(doc, combination, "weaker_reasons", weaker < 0 ? 0 : weaker);
    reply_number(doc, combination, "hard_coefficient", coefficient);
}

/* ---- what the model saw ---- */

/* The images before and after it that reason 4 goes by, with paths to their pictures in the run. */
static void add_frames(const struct explaining *explaining, const struct insight *insight)
{
    struct api_call *call = explaining->call;
    const struct run *run = &explaining->origin.run;
    size_t index, max;
    yyjson_val *frame, *evidence = yyjson_obj_get(yyjson_doc_get_root(explaining->evidence), "4");
    yyjson_val *frames = yyjson_obj_get(evidence, "frames");
    if (yyjson_arr_size(frames) == 0)
        return;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "frames");
    yyjson_arr_foreach(frames, index, max, frame)
    {
        const char *source = json_text(frame, "source", ""), *image = NULL;
        uint64_t found = run_index_find(insight->run.index, source);
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(call->reply, rows);
        reply_number(call->reply, row, "place", json_number(frame, "place", 0));
        reply_text(call->reply, row, "source", source);
        if (found != UINT64_MAX)
            image = arena_printf(call->arena, "/api/v1/services/%s/results/%s/image", run->service_id,
                                 result_id_write(call->arena, run->id, found));
        reply_text(call->reply, row, "image", image);
    }
}

/* Evidence does not depend on the records: a run that is gone only leaves this out. */
static bool add_detections(const struct explaining *explaining, struct error *err)
{
    struct api_call *call = explaining->call;
    const struct insight *insight = NULL;
    struct opened_record opened = {0};
    struct error why = {0};
    uint64_t row = 0;
    const struct origin *origin = &explaining->origin;
    bool is_open = origin->has_run && take_run(call, &origin->run, &insight, &why) &&
                   origin_row(insight, &explaining->sample, &row, &why) &&
                   open_record(insight, row, &opened, &why);
    if (is_open) {
        const struct record_header *header = record_set_header(insight->run.set);
        const char *id = result_id_write(call->arena, origin->run.id, row);
        reply_text(call->reply, call->root, "result",
                   arena_printf(call->arena, "/api/v1/services/%s/results/%s", origin->run.service_id, id));
        if (header->type == MODEL_TYPE_DETECTION)
            reply_boxes(call->reply, yyjson_mut_obj_add_obj(call->reply, call->root, "detections"), header,
                        &opened.record);
        add_frames(explaining, insight);
    } else {
        (void)yyjson_mut_obj_add_null(call->reply, call->root, "result");
    }
    opened.shard = record_shard_free(opened.shard);
    insight_give_back(call->api->insights, insight);
    return why.code != ERR_NO_MEMORY || (*err = why, false);
}

static void add_group(struct explaining *explaining)
{
    struct api_call *call = explaining->call;
    yyjson_val *group = yyjson_obj_get(yyjson_doc_get_root(explaining->evidence), "group");
    (void)yyjson_mut_obj_add_val(call->reply, call->root, "group",
                                 group ? yyjson_val_mut_copy(call->reply, group)
                                       : yyjson_mut_null(call->reply));
}

static bool compose(struct explaining *explaining, struct error *err)
{
    struct api_call *call = explaining->call;
    const struct sample *sample = &explaining->sample;
    const char *evidence = sample->evidence_json;
    if (evidence && !json_parse((struct bytes){evidence, strlen(evidence)}, "the sample's evidence",
                                &explaining->evidence, err))
        return false;
    if (!origin_find(call, sample, &explaining->origin, err) || !read_report(explaining, err))
        return false;
    read_reasons(explaining);
    read_weights(explaining);
    reply_text(call->reply, call->root, "sample", sample->id);
    (void)yyjson_mut_obj_add_bool(call->reply, call->root, "hard", sample->is_hard);
    reply_number(call->reply, call->root, "hard_coefficient", sample->hard_coefficient);
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "reasons");
    for (size_t i = 0; i < explaining->count; i++)
        add_reason(explaining, i, yyjson_mut_arr_add_obj(call->reply, rows));
    add_combination(explaining);
    add_group(explaining);
    reply_text(call->reply, call->root, "task",
               explaining->origin.is_mined ? explaining->origin.task.id : NULL);
    reply_text(call->reply, call->root, "run", explaining->origin.has_run ? explaining->origin.run.id : NULL);
    call->revision = sample->revision;
    return add_detections(explaining, err);
}

static bool explain(struct api_call *call, struct error *err)
{
    const struct named_request *request = call->params;
    struct explaining explaining = {.call = call};
    if (!sample_find(call->api->db, call->caller->project_id, call->arena, request->sample,
                     &explaining.sample, err))
        return false;
    bool is_done = compose(&explaining, err);
    yyjson_doc_free(explaining.evidence);
    yyjson_doc_free(explaining.report);
    return is_done;
}

const struct route route_samples_explanation = {
    "samples.explanation",
    "GET",
    "/api/v1/samples/{sample}/explanation",
    sample_params,
    sizeof(struct named_request),
    explain,
    "Explains why a sample is hard: each reason with its evidence.",
    ROLE_READ,
    200,
    &shape_explanation};
