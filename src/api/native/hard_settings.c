/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/native.h"

#include "base/text.h"
#include "dataset/dataset_check.h"
#include "work/mine_features.h"
#include "work/profile_build.h"

#include <string.h>

static bool check_type(const struct model *model, struct hard_settings *settings, struct error *err)
{
    const char *wanted = settings->model_type ? settings->model_type : model->model_type;
    enum model_type type = model_type_find(wanted);
    if (type == MODEL_TYPE_COUNT) {
        (void)error_set_detail(
            err, DETAIL_MODEL_TYPE_UNSUPPORTED,
            "hard example filtering knows image_classification and object_detection, not '%.60s'", wanted);
        return error_point(err, "/model_type");
    }
    settings->model_type = model_type_name(type);
    if (strcmp(settings->model_type, model->model_type) == 0)
        return true;
    (void)error_set_detail(err, DETAIL_DATASET_TYPE_MISMATCH,
                           "the model type is set to %s, but model '%s' is %s", settings->model_type,
                           model->name, model->model_type);
    return error_point(err, "/model_type");
}

bool output_dataset_check(struct api_call *call, const struct output_wish *wish, struct error *err)
{
    struct dataset dataset;
    struct error missing = {0};
    const char *pointer = wish->create ? "/create" : "/dataset";
    if (!wish->dataset == !wish->create) {
        (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                               "give an output: an existing dataset, or the name of one to create");
        return error_point(err, "/dataset");
    }
    const char *name = wish->create ? wish->create : wish->dataset;
    if (!dataset_find_uncounted(call->api->db, call->caller->project_id, call->arena, name, &dataset,
                                &missing)) {
        *err = missing;
        bool is_new = wish->create && missing.detail == DETAIL_DATASET_NOT_FOUND;
        return (is_new && dataset_check_name(name, "the dataset name", DATASET_NAME_MAX_CHARACTERS, err)) ||
               error_point(err, pointer);
    }
    if (strcmp(dataset.dataset_type, wish->model_type) == 0)
        return true;
    (void)error_set_detail(err, DETAIL_DATASET_TYPE_MISMATCH, "dataset '%s' is %s, %s '%s' is %s",
                           dataset.name, dataset.dataset_type, wish->owner_kind, wish->owner,
                           wish->model_type);
    return error_point(err, pointer);
}

static bool check_train(struct api_call *call, struct hard_settings *settings, struct error *err)
{
    struct profile_manifest manifest;
    uint64_t labeled = 0;
    if (!settings->train)
        return true;
    bool is_path = !profile_names_version(settings->train);
    if (is_path && !request_path(call, settings->train, &settings->train, err))
        return error_point(err, "/train");
    const struct profile_train train = {call->caller->project_id, settings->train, call->roots};
    if (!profile_manifest_path(call->api->db, call->api->data, call->arena, &train, &manifest, err) ||
        !profile_manifest_check(&manifest, model_type_find(settings->model_type), &labeled, err))
        return error_point(err, "/train");
    if (is_path)
        settings->train = manifest.path;
    return true;
}

bool feature_extractor_check(struct api_call *call, const char **setting, struct model_extractor_source *ret,
                             struct error *err)
{
    if (!*setting)
        return true;
    bool is_path = feature_extractor_is_path(*setting) || strstr(*setting, "://") ||
                   text_starts_with(*setting, UPLOAD_PREFIX);
    if (is_path && !request_path(call, *setting, setting, err))
        return error_point(err, "/feature_extractor");
    const struct feature_extractor_wish wish = {call->api->db, call->api->data, call->caller->project_id,
                                                *setting, call->roots};
    if (!feature_extractor_find(&wish, call->arena, ret, err))
        return error_point(err, "/feature_extractor");
    if (ret->path)
        *setting = ret->path;
    return true;
}

bool hard_settings_check(struct api_call *call, const struct model *model, struct hard_settings *settings,
                         struct error *err)
{
    if (!check_type(model, settings, err))
        return false;
    const struct output_wish output = {settings->dataset, settings->create, settings->model_type, "model",
                                       model->name};
    struct model_extractor_source ignored;
    return output_dataset_check(call, &output, err) && check_train(call, settings, err) &&
           feature_extractor_check(call, &settings->mining.feature_extractor, &ignored, err) &&
           mining_settings_check(&settings->mining, err);
}
