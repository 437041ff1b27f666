/* SPDX-License-Identifier: Apache-2.0 */
/* Published versions of a dataset; their manifests: api_files.c. */
#include "api/native/native.h"

#include "base/path.h"

#include <math.h>

static bool find(struct api_call *call, struct dataset *dataset, struct error *err)
{
    const struct named_request *request = call->params;
    return dataset_find_uncounted(call->api->db, call->caller->project_id, call->arena, request->dataset,
                                  dataset, err);
}

static void reply_version(struct api_call *call, yyjson_mut_val *row, const struct dataset_version *version)
{
    reply_text(call->reply, row, "name", version->name);
    reply_text(call->reply, row, "description", version->description);
    (void)yyjson_mut_obj_add_int(call->reply, row, "samples", version->samples);
    (void)yyjson_mut_obj_add_int(call->reply, row, "labeled", version->labeled);
    (void)yyjson_mut_obj_add_bool(call->reply, row, "has_hard_attributes", version->has_hard_attributes);
    reply_number(call->reply, row, "train_ratio", version->train_ratio);
    if (isnan(version->train_ratio))
        (void)yyjson_mut_obj_add_null(call->reply, row, "seed");
    else
        (void)yyjson_mut_obj_add_int(call->reply, row, "seed", version->seed);
    reply_text(call->reply, row, "manifest_path",
               path_join(call->arena, store_url(call->api->data), version->manifest_key));
    reply_text(call->reply, row, "manifest_hash", version->manifest_hash);
    reply_time(call->reply, row, "created", version->created_ms);
}

static bool list(struct api_call *call, struct error *err)
{
    struct dataset dataset;
    struct dataset_version *versions = NULL;
    size_t count = 0;
    if (!find(call, &dataset, err) ||
        !dataset_versions(call->api->db, call->arena, dataset.id, &versions, &count, err))
        return false;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "versions");
    for (size_t i = 0; i < count; i++)
        reply_version(call, yyjson_mut_arr_add_obj(call->reply, rows), &versions[i]);
    return true;
}

static bool show(struct api_call *call, struct error *err)
{
    const struct named_request *request = call->params;
    struct dataset dataset;
    struct dataset_version version;
    if (!find(call, &dataset, err) ||
        !dataset_version_find(call->api->db, call->arena, &dataset, request->version, &version, err))
        return false;
    reply_version(call, yyjson_mut_obj_add_obj(call->reply, call->root, "version"), &version);
    return true;
}

static bool use(struct api_call *call, struct error *err)
{
    const struct named_request *request = call->params;
    struct dataset dataset;
    if (!find(call, &dataset, err))
        return false;
    if (!dataset_version_use(call->api->db, call->arena, &dataset, request->version, err))
        return err->detail == DETAIL_VERSION_NOT_FOUND ? error_point(err, "/version") : false;
    return reply_dataset_shown(call, dataset.id, err);
}

static bool delete_version(struct api_call *call, struct error *err)
{
    const struct named_request *request = call->params;
    struct dataset dataset;
    if (!find(call, &dataset, err) ||
        !dataset_version_delete(call->api->db, call->api->data, call->arena, &dataset, request->version, err))
        return false;
    reply_text(call->reply, call->root, "deleted", request->version);
    return true;
}

#define VERSIONS_PATH "/api/v1/datasets/{dataset}/versions"

const struct route route_dataset_versions = {"dataset.versions",
                                             "GET",
                                             VERSIONS_PATH,
                                             dataset_params,
                                             sizeof(struct named_request),
                                             list,
                                             "Lists the published versions.",
                                             ROLE_READ,
                                             200,
                                             &shape_versions};
const struct route route_dataset_version_show = {"dataset.version_show",
                                                 "GET",
                                                 VERSIONS_PATH "/{version}",
                                                 version_params,
                                                 sizeof(struct named_request),
                                                 show,
                                                 "Shows one published version.",
                                                 ROLE_READ,
                                                 200,
                                                 &shape_version_shown};
const struct route route_dataset_version_use = {
    "dataset.version_use",
    "PUT",
    "/api/v1/datasets/{dataset}/current-version",
    version_params,
    sizeof(struct named_request),
    use,
    "Makes a published version the current one, which is read where none is named.",
    ROLE_ADMIN,
    200,
    &shape_dataset_shown};
const struct route route_dataset_version_delete = {
    "dataset.version_delete",
    "DELETE",
    VERSIONS_PATH "/{version}",
    version_params,
    sizeof(struct named_request),
    delete_version,
    "Deletes a version with its manifest and annotation files, unless it is the current one.",
    ROLE_ADMIN,
    200,
    &shape_deleted};
