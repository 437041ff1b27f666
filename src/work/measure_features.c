/* SPDX-License-Identifier: Apache-2.0 */
#include "work/feature_compare.h"
#include "work/measure_version.h"
#include "work/work.h"

#include <math.h>
#include <string.h>

enum { REFUSED_LISTED = 100 };

const struct param_spec measure_features_params[] = {
    PARAM(struct measure_features_request, dataset, .type = PARAM_TEXT, .is_required = true,
          .help = "id of the dataset"),
    PARAM(struct measure_features_request, version, .type = PARAM_TEXT, .is_required = true,
          .help = "its version"),
    PARAM(struct measure_features_request, against, .type = PARAM_TEXT,
          .help = "id of the dataset that it is compared with"),
    PARAM(struct measure_features_request, against_version, .type = PARAM_TEXT, .help = "its version"),
    PARAM(struct measure_features_request, run, .type = PARAM_TEXT,
          .help = "id of the run it is compared with"),
    PARAM_END,
};

struct side {
    struct dataset dataset;
    struct dataset_version version;
    struct run run;
    bool is_run;
    struct feature_set_place place;
    bool is_made;
};
struct comparing {
    struct task_context *context;
    struct work *work;
    struct arena *arena;
    struct measure_features_request request;
    const struct roots *roots;
    struct side sides[2];
    int side_count;
    yyjson_mut_val *root, *refused_rows;
    int64_t refused;
};

/* ---- what is compared ---- */

static bool find_version(struct comparing *comparing, const char *dataset, const char *version,
                         struct side *ret, struct error *err)
{
    struct task_context *context = comparing->context;
    return dataset_find_uncounted(context->db, context->task->project_id, comparing->arena, dataset,
                                  &ret->dataset, err) &&
           dataset_version_find(context->db, comparing->arena, &ret->dataset, version, &ret->version, err) &&
           feature_place_of_version(comparing->work->data, &ret->version, &ret->place, err);
}

static bool find_run(struct comparing *comparing, struct side *ret, struct error *err)
{
    struct task_context *context = comparing->context;
    ret->is_run = true;
    return run_get(context->db, context->task->project_id, comparing->arena, comparing->request.run,
                   &ret->run, err) &&
           feature_place_of_run(comparing->work->data, &ret->run, &ret->place, err);
}

/* A set with images that could not be read is made again, which takes only these images. */
static bool look_for_set(struct side *side, struct error *err)
{
    struct feature_set set = {0};
    struct error missing = {0};
    bool is_open = feature_set_open(&side->place, &set, &missing);
    side->is_made = is_open && (side->is_run || set.unreadable == 0);
    feature_set_release(&set);
    if (!is_open && missing.code != ERR_NOT_FOUND && missing.code != ERR_INVALID) {
        *err = missing;
        return false;
    }
    return true;
}

static bool find_sides(struct comparing *comparing, struct error *err)
{
    const struct measure_features_request *request = &comparing->request;
    struct side *second = &comparing->sides[1];
    comparing->side_count = request->against || request->run ? 2 : 1;
    if (!find_version(comparing, request->dataset, request->version, &comparing->sides[0], err))
        return false;
    if (request->run && !find_run(comparing, second, err))
        return false;
    if (request->against && !request->run &&
        !find_version(comparing, request->against, request->against_version, second, err))
        return false;
    for (int i = 0; i < comparing->side_count; i++)
        if (!look_for_set(&comparing->sides[i], err))
            return false;
    return true;
}

/* ---- measuring ---- */

static void refuse(void *state, const struct sample_unseen *sample, const struct error *why)
{
    struct comparing *comparing = state;
    yyjson_mut_doc *doc = comparing->context->result;
    atomic_fetch_add(&comparing->context->progress->failed, 1);
    if (comparing->refused++ >= REFUSED_LISTED)
        return;
    yyjson_mut_val *row = yyjson_mut_arr_add_obj(doc, comparing->refused_rows);
    (void)yyjson_mut_obj_add_strcpy(doc, row, "id", sample->id);
    (void)yyjson_mut_obj_add_strcpy(doc, row, "source", sample->source);
    (void)yyjson_mut_obj_add_strcpy(doc, row, "reason", why->message);
}

static bool measure_one(struct comparing *comparing, const struct side *side, struct error *err)
{
    struct task_context *context = comparing->context;
    const struct version_measuring request = {.db = context->db,
                                              .data = comparing->work->data,
                                              .roots = comparing->roots,
                                              .dataset = &side->dataset,
                                              .version = &side->version,
                                              .threads = workers_cores(),
                                              .stop = context->stop,
                                              .done = &context->progress->done,
                                              .refuse = refuse,
                                              .state = comparing};
    if (!measure_version(&request, err))
        return error_wrap(err, "dataset '%s'", side->dataset.name);
    return true;
}

static bool is_same_place(const struct comparing *comparing)
{
    return comparing->side_count == 2 &&
           strcmp(comparing->sides[0].place.folder, comparing->sides[1].place.folder) == 0;
}

static bool measure(struct comparing *comparing, struct error *err)
{
    struct task_context *context = comparing->context;
    int64_t total = 0;
    int count = is_same_place(comparing) ? 1 : comparing->side_count;
    for (int i = 0; i < count; i++) {
        const struct side *side = &comparing->sides[i];
        if (!side->is_made)
            total += side->is_run ? side->run.images : side->version.samples;
    }
    task_progress_stage(context->progress, "measuring", total);
    for (int i = 0; i < count; i++) {
        const struct side *side = &comparing->sides[i];
        if (side->is_made)
            continue;
        if (side->is_run ? !feature_set_of_run(&side->place, side->run.records_key, context->stop,
                                               &context->progress->done, err)
                         : !measure_one(comparing, side, err))
            return false;
    }
    return true;
}

/* ---- the report ---- */

static bool tell_side(struct comparing *comparing, const char *name, const struct side *side,
                      const struct feature_set *set, struct error *err)
{
    yyjson_mut_doc *doc = comparing->context->result;
    yyjson_mut_val *object = yyjson_mut_obj_add_obj(doc, comparing->root, name);
    bool is_told = true;
    if (side->is_run)
        is_told = yyjson_mut_obj_add_strcpy(doc, object, "run", side->run.id);
    else
        is_told = yyjson_mut_obj_add_strcpy(doc, object, "dataset", side->dataset.name) &&
                  yyjson_mut_obj_add_strcpy(doc, object, "version", side->version.name);
    is_told = is_told && yyjson_mut_obj_add_uint(doc, object, "samples", set->count) &&
              yyjson_mut_obj_add_uint(doc, object, "unreadable", set->unreadable);
    return is_told || error_no_memory(err);
}

static int64_t count_shifted(yyjson_mut_val *rows, enum shift_verdict verdict)
{
    size_t index, max;
    int64_t count = 0;
    yyjson_mut_val *row;
    yyjson_mut_arr_foreach(rows, index, max, row)
    {
        const char *word = yyjson_mut_get_str(yyjson_mut_obj_get(row, "shift"));
        count += word && strcmp(word, shift_word(verdict)) == 0;
    }
    return count;
}

static bool report(struct comparing *comparing, struct feature_set sets[2], struct error *err)
{
    static const char *const names[] = {"of", "against"};
    yyjson_mut_doc *doc = comparing->context->result;
    struct feature_side sides[2] = {{NULL, {-1, -1}}, {NULL, {-1, -1}}};
    for (int i = 0; i < comparing->side_count; i++) {
        if (!feature_set_open(&comparing->sides[i].place, &sets[i], err) ||
            !tell_side(comparing, names[i], &comparing->sides[i], &sets[i], err))
            return false;
        sides[i].set = &sets[i];
    }
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(doc, comparing->root, "features");
    if (!feature_rows_add(doc, rows, sides, err))
        return false;
    (void)yyjson_mut_obj_add_int(doc, comparing->root, "unreadable", comparing->refused);
    if (comparing->side_count == 2) {
        (void)yyjson_mut_obj_add_int(doc, comparing->root, "shifted", count_shifted(rows, SHIFT_FOUND));
        (void)yyjson_mut_obj_add_int(doc, comparing->root, "too_few", count_shifted(rows, SHIFT_TOO_FEW));
    }
    return true;
}

static bool compare(struct comparing *comparing, struct error *err)
{
    struct feature_set sets[2] = {{.arena = NULL}, {.arena = NULL}};
    task_progress_stage(comparing->context->progress, "comparing", 0);
    bool is_done = report(comparing, sets, err);
    feature_set_release(&sets[0]);
    feature_set_release(&sets[1]);
    return is_done;
}

static bool measure_features(struct task_context *context, struct error *err)
{
    AUTO(arena) arena = arena_new(WORK_ARENA_MAX_BYTES);
    struct comparing comparing = {.context = context, .work = context->app, .arena = arena};
    if (!arena)
        return error_no_memory(err);
    comparing.root = yyjson_mut_obj(context->result);
    yyjson_mut_doc_set_root(context->result, comparing.root);
    comparing.refused_rows = yyjson_mut_obj_add_arr(context->result, comparing.root, "unreadable_samples");
    return work_request(context, measure_features_params, &comparing.request, arena, err) &&
           work_roots(context, arena, &comparing.roots, err) && find_sides(&comparing, err) &&
           measure(&comparing, err) && compare(&comparing, err);
}

const struct task_kind task_measure_features = {
    .name = "measure_features",
    .summary = "Measures the features of a version's images and compares them with another's, or a run's.",
    .run = measure_features,
};
