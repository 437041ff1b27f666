/* SPDX-License-Identifier: Apache-2.0 */
/* Data features: the task that measures them, and their histograms in one or two sets of images. */
#include "api/native/features.h"
#include "api/native/find_result.h"

#include <string.h>

enum { BINS_USUAL = 32, SMALL_BELOW = 1000 };

/* What is looked at, as requests name it. */
struct sides_request {
    const char *dataset, *version, *against, *service, *run;
};
struct histograms_request {
    struct sides_request sides;
    const char *usage, *against_usage, *label, *feature;
    uint64_t bins;
};

static const struct param_spec side_params[] = {
    PARAM(struct sides_request, dataset, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name or id"),
    PARAM(struct sides_request, version, .type = PARAM_TEXT, .help = "its version; default: the current one"),
    PARAM(struct sides_request, against, .type = PARAM_TEXT, .value_name = "DATASET[@VERSION]",
          .help = "compare with this version; without @VERSION the current one of that dataset"),
    PARAM(struct sides_request, service, .type = PARAM_TEXT,
          .help = "compare with what this service saw in its latest complete run"),
    PARAM(struct sides_request, run, .type = PARAM_TEXT, .help = "compare with this run: its id"),
    PARAM_END,
};

static const char *const usages[] = {"TRAIN", "EVAL", "TEST", "INFERENCE", "none", NULL};
static const char *const feature_names[] = {"resolution",     "aspect_ratio",        "brightness",
                                            "saturation",     "colorfulness",        "clarity",
                                            "box_count",      "box_area_deviation",  "box_aspect_ratio",
                                            "box_area_ratio", "box_marginalization", "box_brightness",
                                            "box_clarity",    "box_overlap",         NULL};
_Static_assert(sizeof(feature_names) / sizeof(feature_names[0]) == FEATURE_COUNT + 1, "all of them");

static const struct param_spec histogram_params[] = {
    PARAM_TABLE(struct histograms_request, sides, side_params),
    PARAM(struct histograms_request, usage, .type = PARAM_CHOICE, .choices = usages,
          .help = "only images of this usage; none: those without. A run has no usage: all of it counts"),
    PARAM(struct histograms_request, against_usage, .type = PARAM_CHOICE, .choices = usages,
          .help = "of the other side; default: the same"),
    PARAM(struct histograms_request, label, .type = PARAM_TEXT,
          .help = "only images with this label; of a run: where the model saw it"),
    PARAM(struct histograms_request, feature, .type = PARAM_CHOICE, .choices = feature_names,
          .help = "only this one"),
    PARAM(struct histograms_request, bins, .type = PARAM_COUNT, .fallback = BINS_USUAL, .min = 1,
          .max = SHIFT_BINS_MAX, .help = "of each histogram"),
    PARAM_END,
};

/* ---- what is looked at ---- */

struct side {
    struct dataset dataset;
    struct dataset_version version;
    struct service service;
    struct run run;
    bool is_there, is_run;
    struct feature_set_place place;
    struct feature_set set;
};

static bool find_version(struct api_call *call, const char *dataset, const char *version, struct side *ret,
                         struct error *err)
{
    struct db *db = call->api->db;
    ret->is_there = true;
    if (!dataset_find_uncounted(db, call->caller->project_id, call->arena, dataset, &ret->dataset, err))
        return false;
    const char *name = version ? version : ret->dataset.current_version;
    if (!name)
        return error_set_detail(err, DETAIL_VERSION_NOT_FOUND,
                                "dataset '%s' has no version yet: publish one first", ret->dataset.name);
    return dataset_version_find(db, call->arena, &ret->dataset, name, &ret->version, err) &&
           feature_place_of_version(call->api->data, &ret->version, &ret->place, err);
}

/* "DATASET@VERSION"; names of neither hold a '@'. */
static bool find_against(struct api_call *call, const char *text, struct side *ret, struct error *err)
{
    const char *at = strchr(text, '@');
    char *dataset = arena_text_n(call->arena, text, at ? (size_t)(at - text) : strlen(text));
    return dataset ? find_version(call, dataset, at ? at + 1 : NULL, ret, err) : error_no_memory(err);
}

static bool find_side_run(struct api_call *call, const struct sides_request *request, struct side *ret,
                          struct error *err)
{
    bool is_found =
        request->service
            ? find_run(call, request->service, request->run, &ret->service, &ret->run, err)
            : run_get(call->api->db, call->caller->project_id, call->arena, request->run, &ret->run, err);
    ret->is_there = ret->is_run = true;
    if (!is_found)
        return err->pointer[0] ? false : error_point(err, request->service ? "/service" : "/run");
    if (!ret->run.is_complete) {
        (void)error_set_detail(err, DETAIL_NO_SAMPLES, "run %s is not finished yet", ret->run.id);
        return error_point(err, "/run");
    }
    return feature_place_of_run(call->api->data, &ret->run, &ret->place, err);
}

static bool find_sides(struct api_call *call, const struct sides_request *request, struct side ret[2],
                       struct error *err)
{
    if (request->against && (request->service || request->run)) {
        (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                               "give one thing to compare with: another version, or a run");
        return error_point(err, "/against");
    }
    if (!find_version(call, request->dataset, request->version, &ret[0], err))
        return error_point(err, err->detail == DETAIL_VERSION_NOT_FOUND ? "/version" : "/dataset");
    if (request->against)
        return find_against(call, request->against, &ret[1], err) || error_point(err, "/against");
    return (!request->service && !request->run) || find_side_run(call, request, &ret[1], err);
}

/* ---- the task ---- */

static bool measure(struct api_call *call, struct error *err)
{
    struct side sides[2] = {{.is_there = false}, {.is_there = false}};
    if (!find_sides(call, call->params, sides, err))
        return false;
    const struct side *second = &sides[1];
    bool is_version = second->is_there && !second->is_run;
    const struct measure_features_request wanted = {.dataset = sides[0].dataset.id,
                                                    .version = sides[0].version.name,
                                                    .against = is_version ? second->dataset.id : NULL,
                                                    .against_version =
                                                        is_version ? second->version.name : NULL,
                                                    .run = second->is_run ? second->run.id : NULL};
    const struct task_wish wish = {NULL, &task_measure_features, sides[0].dataset.id, measure_features_params,
                                   &wanted};
    return reply_new_task(call, &wish, err);
}

/* ---- histograms ---- */

static bool not_measured(const struct side *side, struct error *err)
{
    if (side->is_run)
        return error_set(err, ERR_CONFLICT,
                         "the features of run %s were not gathered yet: do it with trommel dataset features, "
                         "which takes the same --run",
                         side->run.id);
    return error_set(err, ERR_CONFLICT,
                     "the features of %s@%s were not measured yet: do it with trommel dataset features %s "
                     "--version %s",
                     side->dataset.name, side->version.name, side->dataset.name, side->version.name);
}

static bool open_side(struct side *side, struct error *err)
{
    if (feature_set_open(&side->place, &side->set, err))
        return true;
    return err->code == ERR_NOT_FOUND ? not_measured(side, err) : false;
}

static void reply_side(struct api_call *call, const char *name, const struct side *side,
                       const struct feature_choice *choice)
{
    yyjson_mut_doc *doc = call->reply;
    uint64_t by_usage[FEATURE_USAGE_COUNT], counted = 0;
    if (!side->is_there) {
        (void)yyjson_mut_obj_add_null(doc, call->root, name);
        return;
    }
    yyjson_mut_val *object = yyjson_mut_obj_add_obj(doc, call->root, name);
    feature_set_count(&side->set, choice, by_usage);
    reply_text(doc, object, "dataset", side->is_run ? NULL : side->dataset.name);
    reply_text(doc, object, "version", side->is_run ? NULL : side->version.name);
    reply_text(doc, object, "run", side->is_run ? side->run.id : NULL);
    (void)yyjson_mut_obj_add_uint(doc, object, "samples", side->set.count);
    (void)yyjson_mut_obj_add_uint(doc, object, "unreadable", side->set.unreadable);
    yyjson_mut_val *usage = yyjson_mut_obj_add_obj(doc, object, "usages");
    for (int i = 0; i < FEATURE_USAGE_COUNT; i++) {
        counted += by_usage[i];
        (void)yyjson_mut_obj_add_uint(doc, usage, feature_usage_name((enum feature_usage)i), by_usage[i]);
    }
    (void)yyjson_mut_obj_add_uint(doc, object, "counted", counted);
    (void)yyjson_mut_obj_add_bool(doc, object, "is_small", counted < SMALL_BELOW);
}

static void reply_counts(struct api_call *call, yyjson_mut_val *row, const char *name,
                         const struct feature_comparison *found, int side)
{
    yyjson_mut_doc *doc = call->reply;
    const struct feature_summary *summary = &found->sides[side];
    const struct feature_counts *counts = &found->counts[side];
    yyjson_mut_val *object = yyjson_mut_obj_add_obj(doc, row, name);
    (void)yyjson_mut_obj_add_uint(doc, object, "count", summary->count);
    reply_number(doc, object, "mean", summary->mean);
    reply_number(doc, object, "p1", summary->p1);
    reply_number(doc, object, "median", summary->median);
    reply_number(doc, object, "p99", summary->p99);
    (void)yyjson_mut_obj_add_uint(doc, object, "below", counts->below);
    (void)yyjson_mut_obj_add_uint(doc, object, "above", counts->above);
    yyjson_mut_val *bins = yyjson_mut_obj_add_arr(doc, object, "bins");
    for (uint32_t i = 0; i < found->bins.count; i++)
        (void)yyjson_mut_arr_add_uint(doc, bins, counts->bins[i]);
}

static bool reply_feature(struct api_call *call, yyjson_mut_val *rows, const struct feature_side sides[2],
                          enum record_feature feature, struct error *err)
{
    const struct histograms_request *request = call->params;
    yyjson_mut_doc *doc = call->reply;
    struct feature_comparison found;
    bool has_second = sides[1].set != NULL;
    if (!feature_compare(sides, feature, (uint32_t)request->bins, &found, err))
        return false;
    if (found.sides[0].count == 0 && found.sides[1].count == 0 && !request->feature)
        return true;
    yyjson_mut_val *row = feature_row_add(doc, rows, feature, &found, has_second);
    yyjson_mut_val *edges = row ? yyjson_mut_obj_add_arr(doc, row, "edges") : NULL;
    if (!edges)
        return error_no_memory(err);
    for (uint32_t i = 0; i <= found.bins.count && found.bins.count > 0; i++)
        (void)yyjson_mut_arr_add_real(doc, edges, found.bins.edges[i]);
    reply_counts(call, row, "of", &found, 0);
    if (has_second)
        reply_counts(call, row, "against", &found, 1);
    else
        (void)yyjson_mut_obj_add_null(doc, row, "against");
    return true;
}

/* Either side may lack the label: then it has no such image. */
static bool choose(struct api_call *call, const struct side sides[2], struct feature_choice ret[2],
                   struct error *err)
{
    const struct histograms_request *request = call->params;
    const char *other = request->against_usage ? request->against_usage : request->usage;
    bool is_known = !request->label;
    for (int i = 0; i < 2; i++) {
        ret[i].usage = sides[i].is_run ? -1 : feature_usage_of(i == 0 ? request->usage : other);
        ret[i].label = feature_set_label(&sides[i].set, request->label);
        is_known |= ret[i].label >= 0;
    }
    if (is_known)
        return true;
    (void)error_set_detail(err, DETAIL_LABEL_NOT_FOUND, "no image there has the label '%.100s'",
                           request->label);
    return error_point(err, "/label");
}

static bool reply_histograms(struct api_call *call, struct side sides[2], struct error *err)
{
    const struct histograms_request *request = call->params;
    struct feature_choice choices[2];
    for (int i = 0; i < 2; i++)
        if (sides[i].is_there && !open_side(&sides[i], err))
            return false;
    if (!choose(call, sides, choices, err))
        return false;
    const struct feature_side compared[2] = {{&sides[0].set, choices[0]},
                                             {sides[1].is_there ? &sides[1].set : NULL, choices[1]}};
    reply_side(call, "of", &sides[0], &choices[0]);
    reply_side(call, "against", &sides[1], &choices[1]);
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "features");
    for (int f = 0; f < FEATURE_COUNT; f++) {
        enum record_feature feature = (enum record_feature)f;
        bool is_wanted = !request->feature || strcmp(request->feature, record_feature_name(feature)) == 0;
        if (is_wanted && !reply_feature(call, rows, compared, feature, err))
            return false;
    }
    return true;
}

static bool histograms(struct api_call *call, struct error *err)
{
    const struct histograms_request *request = call->params;
    struct side sides[2] = {{.is_there = false}, {.is_there = false}};
    bool is_done = find_sides(call, &request->sides, sides, err) && reply_histograms(call, sides, err);
    feature_set_release(&sides[0].set);
    feature_set_release(&sides[1].set);
    return is_done;
}

bool reply_feature_shifts(struct api_call *call, yyjson_mut_val *object, const char *name,
                          const struct dataset_version *before, const struct dataset_version *after,
                          struct error *err)
{
    const struct dataset_version *const versions[2] = {before, after};
    struct feature_set sets[2] = {{.arena = NULL}, {.arena = NULL}};
    struct feature_set_place place;
    struct error why = {0};
    bool is_open = true;
    for (int i = 0; i < 2 && is_open; i++)
        is_open = feature_place_of_version(call->api->data, versions[i], &place, &why) &&
                  feature_set_open(&place, &sets[i], &why);
    bool is_done = is_open || why.code == ERR_NOT_FOUND || (*err = why, false);
    if (is_open) {
        const struct feature_side sides[2] = {{&sets[0], {-1, -1}}, {&sets[1], {-1, -1}}};
        is_done =
            feature_rows_add(call->reply, yyjson_mut_obj_add_arr(call->reply, object, name), sides, err);
    } else if (is_done) {
        (void)yyjson_mut_obj_add_null(call->reply, object, name);
    }
    feature_set_release(&sets[0]);
    feature_set_release(&sets[1]);
    return is_done;
}

const struct route route_dataset_features = {
    "dataset.features",
    "POST",
    "/api/v1/datasets/{dataset}/feature-tasks",
    side_params,
    sizeof(struct sides_request),
    measure,
    "Measures what the images of a version are like, and whether those of another version or a run have "
    "shifted.",
    ROLE_LABEL,
    202,
    &shape_task_shown};
const struct route route_dataset_histograms = {
    "dataset.histograms",
    "GET",
    "/api/v1/datasets/{dataset}/features",
    histogram_params,
    sizeof(struct histograms_request),
    histograms,
    "Gives the histograms of the features of a version, beside those of another version or a run.",
    ROLE_READ,
    200,
    &shape_feature_histograms};
