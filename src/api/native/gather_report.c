/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/gather_report.h"

#include "base/path.h"
#include "record/npy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    REPORT_FILE_MAX_BYTES = 16 * 1024 * 1024,
    NPY_HEADER_MAX_BYTES = 4096,
    LOOKUP_ARENA_BYTES = 64 * 1024 * 1024
};

/* One image of the run, for the order of the list. */
struct ranked {
    double coefficient;
    uint64_t row;
};
struct gathering {
    struct task_report_facts *facts;
    struct api_call *call;
    const char *dataset_id;
    yyjson_mut_val *rows;
    struct arena *scratch; /* of one sample */
    uint64_t wanted;
    const char *note; /* NULL: all is there */
};

/* ---- what the filtering wrote down ---- */

static bool find_task(struct api_call *call, const char *id, struct origin *ret, struct error *err)
{
    struct task task;
    if (!task_get(call->api->db, call->caller->project_id, call->arena, id, &task, err))
        return false;
    if (strcmp(task.kind, task_mine_hard.name) != 0)
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                "task %s is a %s: only the filtering of hard examples (%s) has a report",
                                task.id, task.kind, task_mine_hard.name);
    if (!task.result_json)
        return error_set(err, ERR_CONFLICT, "task %s is %s: a report is there once it has succeeded", task.id,
                         task.state);
    const struct sample mined = {.origin_task = task.id};
    return origin_find(call, &mined, ret, err);
}

static bool add_stored(struct api_call *call, const char *task, struct error *err)
{
    char key[96];
    AUTO_JSON stored = NULL;
    AUTO_BUFFER(text, REPORT_FILE_MAX_BYTES);
    (void)snprintf(key, sizeof(key), "tasks/%s/report.json", task);
    if (!store_get(call->api->data, key, &text, err))
        return err->code == ERR_NOT_FOUND
                   ? error_set(err, ERR_NOT_FOUND, "the report of task %s is not there any more", task)
                   : false;
    if (!json_parse((struct bytes){text.data, text.size}, key, &stored, err))
        return false;
    yyjson_mut_val *copy = yyjson_val_mut_copy(call->reply, yyjson_doc_get_root(stored));
    return yyjson_mut_obj_add_val(call->reply, call->root, "report", copy) || error_no_memory(err);
}

static void add_names(struct api_call *call, const struct origin *origin)
{
    struct service service = {0};
    struct model model = {0};
    struct error ignored;
    struct db *db = call->api->db;
    const char *project = call->caller->project_id;
    bool has_service =
        origin->has_run && service_find(db, project, call->arena, origin->run.service_id, &service, &ignored);
    bool has_model =
        origin->has_run && model_find(db, project, call->arena, origin->run.model_id, &model, &ignored);
    reply_text(call->reply, call->root, "service", has_service ? service.name : NULL);
    reply_text(call->reply, call->root, "run", origin->has_run ? origin->run.id : NULL);
    reply_text(call->reply, call->root, "model",
               has_model ? arena_printf(call->arena, "%s/%s", model.name, model.version) : NULL);
    reply_text(call->reply, call->root, "train", origin->is_mined ? origin->request.hard.train : NULL);
}

/* ---- one example ---- */

static void add_reasons(const struct gathering *gathering, yyjson_mut_val *row, const struct sample *sample,
                        yyjson_val *evidence)
{
    yyjson_mut_doc *doc = gathering->call->reply;
    yyjson_mut_val *reasons = yyjson_mut_obj_add_arr(doc, row, "reasons");
    for (const char *at = sample->hard_reasons; at && *at;) {
        char *end = NULL, name[8];
        unsigned long id = strtoul(at, &end, 10);
        if (end == at || id >= REASON_COUNT)
            return;
        (void)snprintf(name, sizeof(name), "%lu", id);
        yyjson_val *seen = yyjson_obj_get(evidence, name);
        const struct rule *rule = all_rules[id];
        yyjson_mut_val *reason = yyjson_mut_arr_add_obj(doc, reasons);
        (void)yyjson_mut_obj_add_uint(doc, reason, "id", rule->id);
        reply_text(doc, reason, "code", rule->code);
        reply_text(doc, reason, "name", rule->name);
        reply_number(doc, reason, "strength", json_number(seen, "strength", (double)NAN));
        reply_text(doc, reason, "sentence", json_text(seen, "sentence", NULL));
        reply_text(doc, reason, "suggestion", rule->suggestion);
        if (rule->method == METHOD_AUG_CONSISTENT)
            reply_augmented(gathering->call, sample->id, reason, seen);
        at = *end == '-' ? end + 1 : end;
    }
}

static void add_group(yyjson_mut_doc *doc, yyjson_mut_val *row, yyjson_val *group)
{
    if (group)
        (void)yyjson_mut_obj_add_val(doc, row, "group", yyjson_val_mut_copy(doc, group));
}

static void add_neighbors(const struct gathering *gathering, yyjson_mut_val *row, const char *sample,
                          const struct record *record)
{
    struct api_call *call = gathering->call;
    const struct insight *training = gathering->facts->training;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, row, "neighbors");
    struct similar found[SIMILAR_NEAREST_MAX];
    struct error ignored;
    uint32_t count = 0;
    const struct training_query query = {gathering->facts->run, training, record, REPORT_NEIGHBORS_MAX};
    if (!training || !record || !training_nearest(&query, found, &count, &ignored))
        return;
    for (uint32_t i = 0; i < count; i++) {
        yyjson_mut_val *one = yyjson_mut_arr_add_obj(call->reply, rows);
        (void)yyjson_mut_obj_add_uint(call->reply, one, "number", found[i].record);
        reply_training_labels(call->reply, one, training->training.profile, (uint32_t)found[i].record);
        (void)yyjson_mut_obj_add_real(call->reply, one, "cosine", found[i].cosine);
        reply_text(call->reply, one, "image",
                   arena_printf(call->arena, "/api/v1/samples/%s/neighbors/%u/image", sample,
                                (uint32_t)found[i].record));
    }
}

static void add_answer(const struct gathering *gathering, yyjson_mut_val *row, uint64_t place)
{
    yyjson_mut_doc *doc = gathering->call->reply;
    const struct run_index *index = gathering->facts->run->run.index;
    struct run_index_row said;
    run_index_get(index, place, &said);
    bool has_class = said.class_index < run_index_classes(index);
    reply_text(doc, row, "label", has_class ? run_index_label(index, said.class_index) : NULL);
    reply_number(doc, row, "score", has_class ? said.score : (double)NAN);
}

static void add_confirmed(yyjson_mut_doc *doc, yyjson_mut_val *row, const struct sample *sample)
{
    enum { LABELS_MAX = 20 };
    if (strcmp(sample->state, SAMPLE_LABELED) != 0)
        return;
    yyjson_mut_val *labels = yyjson_mut_obj_add_arr(doc, row, "confirmed");
    for (size_t i = 0; i < sample->annotation_count && i < LABELS_MAX; i++)
        (void)yyjson_mut_arr_add_strcpy(doc, labels, sample->annotations[i].name);
}

static void add_sample(const struct gathering *gathering, yyjson_mut_val *row, const struct sample *sample)
{
    struct api_call *call = gathering->call;
    yyjson_mut_doc *doc = call->reply;
    reply_text(doc, row, "sample", sample->id);
    reply_text(doc, row, "name", path_base(sample->source));
    reply_text(doc, row, "source", sample->source);
    reply_text(doc, row, "state", sample->state);
    (void)yyjson_mut_obj_add_uint(doc, row, "width", sample->width > 0 ? (uint64_t)sample->width : 0);
    (void)yyjson_mut_obj_add_uint(doc, row, "height", sample->height > 0 ? (uint64_t)sample->height : 0);
    reply_number(doc, row, "hard_coefficient", sample->hard_coefficient);
    add_confirmed(doc, row, sample);
    reply_text(doc, row, "image", arena_printf(call->arena, "/api/v1/samples/%s/image", sample->id));
}

/* A record that cannot be read any more only leaves out what is in it. */
static bool add_example(struct gathering *gathering, const struct sample *sample, uint64_t place,
                        struct error *err)
{
    struct api_call *call = gathering->call;
    AUTO_JSON evidence = NULL;
    struct opened_record opened = {0};
    struct error why = {0};
    const char *text = sample->evidence_json;
    if (text && !json_parse((struct bytes){text, strlen(text)}, "the sample's evidence", &evidence, err))
        return false;
    bool is_open = open_record(gathering->facts->run, place, &opened, &why);
    const struct record_header *header = record_set_header(gathering->facts->run->run.set);
    yyjson_mut_val *row = yyjson_mut_arr_add_obj(call->reply, gathering->rows);
    add_sample(gathering, row, sample);
    add_answer(gathering, row, place);
    add_reasons(gathering, row, sample, yyjson_doc_get_root(evidence));
    add_group(call->reply, row, yyjson_obj_get(yyjson_doc_get_root(evidence), "group"));
    add_neighbors(gathering, row, sample->id, is_open ? &opened.record : NULL);
    if (is_open && header->type == MODEL_TYPE_DETECTION)
        reply_boxes(call->reply, yyjson_mut_obj_add_obj(call->reply, row, "detections"), header,
                    &opened.record);
    opened.shard = record_shard_free(opened.shard);
    gathering->facts->examples[gathering->facts->count++] =
        (struct report_example){arena_text(call->arena, sample->source),
                                arena_text(call->arena, sample->content_hash), sample->revision};
    return why.code != ERR_NO_MEMORY || (*err = why, false);
}

/* ---- which ones ---- */

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;
    if (left->coefficient != right->coefficient)
        return left->coefficient < right->coefficient ? 1 : -1;
    return (left->row > right->row) - (left->row < right->row);
}

/* The images of the run, hardest first. *ret_count 0: the coefficients are not there any more. */
static bool rank(const struct gathering *gathering, struct ranked **ret, uint64_t *ret_count,
                 struct error *err)
{
    char key[96];
    struct npy_array array;
    struct error gone = {0};
    uint64_t images = run_index_count(gathering->facts->run->run.index);
    AUTO_BUFFER(file, images * sizeof(double) + NPY_HEADER_MAX_BYTES);
    (void)snprintf(key, sizeof(key), "tasks/%s/coefficients.npy", gathering->facts->origin.task.id);
    *ret_count = 0;
    if (!store_get(gathering->call->api->data, key, &file, &gone))
        return gone.code == ERR_NOT_FOUND || (*err = gone, false);
    if (!npy_read((struct bytes){file.data, file.size}, &array, err))
        return error_wrap(err, "%s", key);
    if (array.type != NPY_F8 || array.columns != 0 || array.rows != images)
        return true;
    const double *values = array.data;
    *ret = calloc(images + 1, sizeof(**ret));
    if (!*ret)
        return error_no_memory(err);
    for (uint64_t i = 0; i < images; i++)
        if (!isnan(values[i]))
            (*ret)[(*ret_count)++] = (struct ranked){values[i], i};
    qsort(*ret, *ret_count, sizeof(**ret), compare_ranked);
    return true;
}

/* Is the image a sample that this filtering gave? */
static bool look_up(struct gathering *gathering, uint64_t place, struct error *err)
{
    char id[HASH_HEX_BYTES];
    struct run_index_row row;
    struct sample sample;
    struct error missing = {0};
    struct api_call *call = gathering->call;
    run_index_get(gathering->facts->run->run.index, place, &row);
    sample_id_of(gathering->dataset_id, row.source, id);
    arena_reset(gathering->scratch);
    if (!sample_find(call->api->db, call->caller->project_id, gathering->scratch, id, &sample, &missing))
        return missing.code == ERR_NOT_FOUND || (*err = missing, false);
    bool is_ours = sample.origin_task && strcmp(sample.origin_task, gathering->facts->origin.task.id) == 0;
    return !is_ours || add_example(gathering, &sample, place, err);
}

static bool add_ranked(struct gathering *gathering, uint64_t hard, struct error *err)
{
    struct ranked *ranked = NULL;
    uint64_t count = 0;
    uint64_t wanted = gathering->wanted < hard ? gathering->wanted : hard;
    bool is_done = rank(gathering, &ranked, &count, err);
    for (uint64_t i = 0; is_done && i < count && i < REPORT_LOOKUPS_MAX && gathering->facts->count < wanted;
         i++)
        is_done = look_up(gathering, ranked[i].row, err);
    free(ranked);
    if (gathering->facts->count < wanted)
        gathering->note = "The others were deleted since, or a later filtering found them too and has them";
    return is_done;
}

static bool add_examples(struct gathering *gathering, uint64_t hard, struct error *err)
{
    struct api_call *call = gathering->call;
    struct task_report_facts *facts = gathering->facts;
    struct error why = {0};
    const char *folder = NULL;
    gathering->rows = yyjson_mut_obj_add_arr(call->reply, call->root, "examples");
    if (gathering->wanted == 0)
        return true;
    if (!facts->origin.has_run || !take_run(call, &facts->origin.run, &facts->run, &why)) {
        gathering->note = "The run, or its records, are not there any more: which examples are the hardest "
                          "cannot be told";
        return why.code != ERR_NO_MEMORY || (*err = why, false);
    }
    if (!origin_profile(call, &facts->origin, &folder, &why) ||
        !insight_take_training(call->api->insights, call->api->data, folder, &facts->training, &why))
        facts->training = NULL;
    return (why.code != ERR_NO_MEMORY || (*err = why, false)) && add_ranked(gathering, hard, err);
}

bool task_report_gather(struct api_call *call, const char *task, uint64_t examples,
                        struct task_report_facts *ret, struct error *err)
{
    AUTO_JSON result = NULL;
    AUTO(arena) scratch = arena_new(LOOKUP_ARENA_BYTES);
    struct origin *origin = &ret->origin;
    *ret = (struct task_report_facts){.call = call};
    if (!scratch)
        return error_no_memory(err);
    if (!find_task(call, task, origin, err))
        return false;
    const char *told = origin->task.result_json;
    if (!json_parse((struct bytes){told, strlen(told)}, "the task's result", &result, err))
        return false;
    yyjson_val *root = yyjson_doc_get_root(result);
    int64_t hard = json_integer(root, "hard", 0);
    struct gathering gathering = {.facts = ret,
                                  .call = call,
                                  .dataset_id = json_text(root, "dataset_id", ""),
                                  .scratch = scratch,
                                  .wanted = examples};
    reply_text(call->reply, call->root, "task", origin->task.id);
    reply_time(call->reply, call->root, "finished", origin->task.finished_ms);
    add_names(call, origin);
    reply_text(call->reply, call->root, "dataset", json_text(root, "dataset", NULL));
    (void)yyjson_mut_obj_add_uint(call->reply, call->root, "hard", hard > 0 ? (uint64_t)hard : 0);
    if (!add_stored(call, origin->task.id, err) ||
        !add_examples(&gathering, hard > 0 ? (uint64_t)hard : 0, err))
        return false;
    reply_text(call->reply, call->root, "examples_note", gathering.note);
    return true;
}

void task_report_release(struct task_report_facts *facts)
{
    insight_give_back(facts->call->api->insights, facts->training);
    insight_give_back(facts->call->api->insights, facts->run);
    facts->training = facts->run = NULL;
}
