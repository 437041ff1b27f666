/* SPDX-License-Identifier: Apache-2.0 */
/* What settings of the filtering would find in the stored results. */
#include "api/native/origin.h"

#include "base/clock.h"
#include "work/mine_views.h"

#include <string.h>

struct estimate_request {
    const char *service, *run, *train;
    struct mining_settings mining;
};

#define TRAIN_NONE "none"

static const struct param_spec estimate_params[] = {
    PARAM(struct estimate_request, service, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name or id"),
    PARAM(struct estimate_request, run, .type = PARAM_TEXT,
          .help = "id of a run; default: the latest complete"),
    PARAM(struct estimate_request, train, .type = PARAM_TEXT, .value_name = "MANIFEST|DATASET@VERSION|none",
          .help = "training set that was filtered with before; default: the one of the service's filtering"),
    PARAM_TABLE(struct estimate_request, mining, mining_params),
    PARAM_END,
};

static const char *train_of(struct api_call *call, const struct service *service)
{
    const struct estimate_request *request = call->params;
    struct error ignored;
    AUTO_JSON settings = NULL;
    const char *text = service->hard_json;
    if (request->train)
        return strcmp(request->train, TRAIN_NONE) == 0 ? NULL : request->train;
    if (!text || !json_parse((struct bytes){text, strlen(text)}, "settings", &settings, &ignored))
        return NULL;
    return arena_text(call->arena, json_text(yyjson_doc_get_root(settings), "train", NULL));
}

static void add_estimate(struct api_call *call, const struct mining_estimate *estimate)
{
    yyjson_mut_doc *doc = call->reply;
    yyjson_mut_val *root = call->root;
    (void)yyjson_mut_obj_add_uint(doc, root, "images", estimate->images);
    (void)yyjson_mut_obj_add_uint(doc, root, "analysed", estimate->analysed);
    (void)yyjson_mut_obj_add_uint(doc, root, "hard", estimate->hard);
    (void)yyjson_mut_obj_add_real(doc, root, "threshold", estimate->threshold);
    reply_number(doc, root, "cut", estimate->cut);
    (void)yyjson_mut_obj_add_uint(doc, root, "copies_missing", estimate->copies_missing);
    (void)yyjson_mut_obj_add_bool(doc, root, "before_grouping", estimate->is_before_choice);
    (void)yyjson_mut_obj_add_uint(doc, root, "represented", estimate->represented);
    yyjson_mut_val *histogram = yyjson_mut_obj_add_obj(doc, root, "coefficients");
    (void)yyjson_mut_obj_add_real(doc, histogram, "from", 0);
    (void)yyjson_mut_obj_add_real(doc, histogram, "to", 1);
    yyjson_mut_val *bins = yyjson_mut_obj_add_arr(doc, histogram, "bins");
    for (int i = 0; i < REPORT_BINS; i++)
        (void)yyjson_mut_arr_add_uint(doc, bins, estimate->bins[i]);
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(doc, root, "reasons");
    for (int i = 0; i < REASON_COUNT; i++) {
        if (estimate->reasons[i] == 0)
            continue;
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(doc, rows);
        (void)yyjson_mut_obj_add_int(doc, row, "id", i);
        reply_text(doc, row, "code", all_rules[i]->code);
        reply_text(doc, row, "name", all_rules[i]->name);
        (void)yyjson_mut_obj_add_uint(doc, row, "hard", estimate->reasons[i]);
    }
}

/* With what the model was asked about copies before: an estimate asks it nothing. */
static bool estimate_kept(struct api_call *call, const struct run *run, const char *folder,
                          const char *features, struct mining_estimate *ret, struct error *err)
{
    const struct estimate_request *request = call->params;
    const struct insight *opened = NULL;
    const struct insight *measured = NULL;
    const struct strengths_of of = {run->records_key, folder, request->mining.sequence_order, features};
    struct mine_views views = {.data = call->api->data,
                               .run_records = run->records_key,
                               .training_records = folder,
                               .only_kept = true};
    bool is_done = take_run(call, run, &opened, err) &&
                   insight_take_strengths(call->api->insights, call->api->data, &of, &measured, err) &&
                   mine_views_start(&views, err);
    if (is_done) {
        const struct mining_estimate_source source = {measured->strengths, opened->run.set, &views.views};
        is_done = mining_estimate(&source, &request->mining, ret, err);
    }
    mine_views_release(&views);
    insight_give_back(call->api->insights, measured);
    insight_give_back(call->api->insights, opened);
    return is_done;
}

/* Which feature extractor the strengths are by; "" for none. */
static bool features_of(struct api_call *call, char ret_key[HASH_HEX_BYTES], struct error *err)
{
    const struct estimate_request *request = call->params;
    const char *setting = request->mining.feature_extractor;
    struct model_extractor_source source;
    ret_key[0] = '\0';
    return feature_extractor_check(call, &setting, &source, err) &&
           (!setting || model_extractor_key(&source, ret_key, err));
}

static bool estimate(struct api_call *call, struct error *err)
{
    const struct estimate_request *request = call->params;
    struct service service;
    struct run run;
    struct mining_estimate found;
    const char *folder = "";
    char features[HASH_HEX_BYTES];
    double began = clock_steady_seconds();
    if (!mining_settings_check(&request->mining, err) ||
        !find_run(call, request->service, request->run, &service, &run, err))
        return false;
    const char *train = train_of(call, &service);
    if (!run.is_complete)
        return error_set_detail(err, DETAIL_NO_SAMPLES, "run %s is not finished yet", run.id);
    if (train && !find_training(call, train, run.model_id, &folder, err))
        return error_point(err, "/train");
    if (!features_of(call, features, err) || !estimate_kept(call, &run, folder, features, &found, err))
        return false;
    reply_text(call->reply, call->root, "run", run.id);
    reply_text(call->reply, call->root, "train", train);
    add_estimate(call, &found);
    (void)yyjson_mut_obj_add_real(call->reply, call->root, "milliseconds",
                                  (clock_steady_seconds() - began) * 1000);
    return true;
}

const struct route route_hard_estimate = {
    "hard.estimate",
    "POST",
    "/api/v1/services/{service}/hard-example-filtering:estimate",
    estimate_params,
    sizeof(struct estimate_request),
    estimate,
    "Tells how many hard examples settings would find in the stored results; adds nothing to a dataset.",
    ROLE_LABEL,
    200,
    &shape_estimate};
