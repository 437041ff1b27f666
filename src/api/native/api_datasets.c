/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/label_requests.h"
#include "api/native/native.h"

#include "base/path.h"

#include <stdio.h>

struct create_request {
    const char *name, *type;
    struct param_list labels;
    yyjson_val *label_set;
};
struct edit_request {
    const char *dataset, *name, *description;
};
struct import_request {
    const char *dataset, *manifest;
    struct import_settings settings;
    bool to_be_confirmed, stop_at_bad_line;
};

static const struct param_spec create_params[] = {
    PARAM(struct create_request, name, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "letters, digits, - and _"),
    PARAM(struct create_request, type, .type = PARAM_TEXT, .fallback_text = "image_classification",
          .value_name = "cls|det", .help = "image_classification (cls) or object_detection (det)"),
    PARAM(struct create_request, labels, .type = PARAM_LIST, .value_name = "A,B,...",
          .help = "labels in their order"),
    PARAM(struct create_request, label_set, .type = PARAM_JSON, .is_array = true, .value_name = "JSON",
          .help =
              "instead: labels with their looks, [{\"name\", \"color\", \"shortcut\", \"attributes\"}, ...]"),
    PARAM_END,
};
static const struct param_spec edit_params[] = {
    PARAM(struct edit_request, dataset, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name or id"),
    PARAM(struct edit_request, name, .type = PARAM_TEXT, .help = "as it is called from now on"),
    PARAM(struct edit_request, description, .type = PARAM_TEXT, .help = "free text"),
    PARAM_END,
};
static const struct param_spec import_params[] = {
    PARAM(struct import_request, dataset, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name or id"),
    PARAM(struct import_request, manifest, .type = PARAM_TEXT, .path = PARAM_PATH, .is_required = true,
          .is_positional = true, .value_name = "PATH",
          .help = "a manifest, a file or folder of another format, or upload:NAME"),
    PARAM_TABLE(struct import_request, settings, import_settings_params),
    PARAM(struct import_request, to_be_confirmed, .type = PARAM_BOOL,
          .help = "the annotations are suggestions: samples go to be confirmed"),
    PARAM(struct import_request, stop_at_bad_line, .type = PARAM_BOOL, .help = "a bad line ends the import"),
    PARAM_END,
};
static const struct param_spec publish_params[] = {
    PARAM(struct publish_version_request, dataset, .type = PARAM_TEXT, .is_required = true,
          .is_positional = true, .help = "name or id"),
    PARAM(struct publish_version_request, name, .type = PARAM_TEXT, .max = 32,
          .help = "default: the next of V001, V002 …"),
    PARAM(struct publish_version_request, description, .type = PARAM_TEXT, .max = 256, .help = "free text"),
    PARAM(struct publish_version_request, hard_attributes, .type = PARAM_BOOL,
          .help = "write hard, hard-coefficient and hard-reasons into the manifest"),
    PARAM(struct publish_version_request, train_ratio, .type = PARAM_NUMBER, .fallback = 1, .min = 0,
          .max = 1,
          .help = "share of the labeled samples that are for training, of each label, the rest for "
                  "evaluation; 0 or 1: no split"),
    PARAM(struct publish_version_request, seed, .type = PARAM_COUNT, .max = PUBLISH_SEED_MAX,
          .help = "which samples go where: the same seed gives the same split"),
    PARAM(struct publish_version_request, keep_usage, .type = PARAM_BOOL,
          .help = "split only samples without usage"),
    PARAM_END,
};

static void reply_dataset(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct dataset *dataset)
{
    reply_text(doc, object, "id", dataset->id);
    reply_text(doc, object, "name", dataset->name);
    reply_text(doc, object, "description", dataset->description);
    (void)yyjson_mut_obj_add_int(doc, object, "revision", dataset->revision);
    reply_text(doc, object, "dataset_type", dataset->dataset_type);
    (void)yyjson_mut_obj_add_int(doc, object, "samples", dataset->samples);
    (void)yyjson_mut_obj_add_int(doc, object, "unlabeled", dataset->unlabeled);
    (void)yyjson_mut_obj_add_int(doc, object, "to_be_confirmed", dataset->to_be_confirmed);
    (void)yyjson_mut_obj_add_int(doc, object, "labeled", dataset->labeled);
    (void)yyjson_mut_obj_add_int(doc, object, "hard", dataset->hard);
    reply_text(doc, object, "current_version", dataset->current_version);
    reply_time(doc, object, "created", dataset->created_ms);
    reply_time(doc, object, "updated", dataset->updated_ms);
}

static bool reply_labels(struct api_call *call, yyjson_mut_val *object, const char *id, struct error *err)
{
    struct dataset_label *labels = NULL;
    size_t count = 0;
    if (!dataset_labels(call->api->db, call->arena, id, &labels, &count, err))
        return false;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, object, "labels");
    for (size_t i = 0; i < count; i++)
        reply_label(call->reply, yyjson_mut_arr_add_obj(call->reply, rows), &labels[i]);
    return true;
}

bool reply_dataset_shown(struct api_call *call, const char *id, struct error *err)
{
    struct dataset dataset;
    if (!dataset_find(call->api->db, call->caller->project_id, call->arena, id, &dataset, err))
        return false;
    yyjson_mut_val *object = yyjson_mut_obj_add_obj(call->reply, call->root, "dataset");
    reply_dataset(call->reply, object, &dataset);
    call->revision = dataset.revision;
    call->shows_more = true;
    return reply_labels(call, object, dataset.id, err);
}

/* Each label of the list is what label.create takes. */
static bool read_label_set(struct api_call *call, const struct create_request *request,
                           struct label_wish **ret, struct error *err)
{
    size_t index, max, count = yyjson_arr_size(request->label_set);
    yyjson_val *label;
    if (request->labels.count > 0 && count > 0) {
        (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT, "give labels or label_set, not both");
        return error_point(err, "/label_set");
    }
    if (count > DATASET_LABELS_MAX) {
        (void)error_set(err, ERR_LIMIT, "%zu labels were given; %d is the limit", count, DATASET_LABELS_MAX);
        return error_point(err, "/label_set");
    }
    struct label_wish *wishes = arena_array(call->arena, count + 1, sizeof(*wishes));
    if (!wishes)
        return error_no_memory(err);
    yyjson_arr_foreach(request->label_set, index, max, label)
    {
        char pointer[32];
        (void)snprintf(pointer, sizeof(pointer), "/label_set/%zu", index);
        if (!read_label_wish(call->arena, label, pointer, &wishes[index], err))
            return false;
    }
    *ret = wishes;
    return true;
}

static bool create(struct api_call *call, struct error *err)
{
    const struct create_request *request = call->params;
    enum model_type type = model_type_find(request->type);
    struct dataset dataset;
    if (type == MODEL_TYPE_COUNT) {
        (void)error_set_detail(err, DETAIL_MODEL_TYPE_UNSUPPORTED,
                               "a dataset is image_classification or object_detection, not '%.60s'",
                               request->type);
        return error_point(err, "/type");
    }
    const struct dataset_new fresh = {call->caller->project_id, request->name, model_type_name(type),
                                      request->labels};
    struct label_wish *wishes = NULL;
    if (!read_label_set(call, request, &wishes, err) ||
        !dataset_create_with(call->api->db, call->arena, &fresh, wishes, yyjson_arr_size(request->label_set),
                             &dataset, err))
        return false;
    reply_dataset(call->reply, yyjson_mut_obj_add_obj(call->reply, call->root, "dataset"), &dataset);
    return true;
}

static bool list(struct api_call *call, struct error *err)
{
    struct dataset *datasets = NULL;
    size_t count = 0;
    if (!dataset_list(call->api->db, call->caller->project_id, call->arena, &datasets, &count, err))
        return false;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "datasets");
    for (size_t i = 0; i < count; i++)
        reply_dataset(call->reply, yyjson_mut_arr_add_obj(call->reply, rows), &datasets[i]);
    return true;
}

static bool find(struct api_call *call, struct dataset *dataset, struct error *err)
{
    const struct named_request *request = call->params;
    return dataset_find_uncounted(call->api->db, call->caller->project_id, call->arena, request->dataset,
                                  dataset, err);
}

static bool show(struct api_call *call, struct error *err)
{
    struct dataset dataset;
    return find(call, &dataset, err) && reply_dataset_shown(call, dataset.id, err);
}

static bool edit(struct api_call *call, struct error *err)
{
    const struct edit_request *request = call->params;
    const struct dataset_edit wanted = {request->name, request->description, reply_if_match(call)};
    struct dataset dataset;
    struct error ignored;
    if (!dataset_find_uncounted(call->api->db, call->caller->project_id, call->arena, request->dataset,
                                &dataset, err))
        return false;
    if (!request->name && !request->description)
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                "nothing is to be changed: give name or description");
    if (dataset_edit(call->api->db, dataset.id, &wanted, err))
        return reply_dataset_shown(call, dataset.id, err);
    call->is_stale =
        err->code == ERR_CONFLICT && err->detail != DETAIL_DATASET_EXISTS && wanted.expected_revision != 0;
    if (call->is_stale && !reply_dataset_shown(call, dataset.id, &ignored))
        call->is_stale = false;
    return false;
}

static bool delete_dataset(struct api_call *call, struct error *err)
{
    struct dataset dataset;
    if (!find(call, &dataset, err) || !dataset_delete(call->api->db, dataset.id, err))
        return false;
    reply_text(call->reply, call->root, "deleted", dataset.id);
    return true;
}

static bool import(struct api_call *call, struct error *err)
{
    const struct import_request *request = call->params;
    struct dataset dataset;
    char *path = NULL;
    if (!dataset_find_uncounted(call->api->db, call->caller->project_id, call->arena, request->dataset,
                                &dataset, err))
        return error_point(err, "/dataset");
    if (!path_absolute(call->arena, request->manifest, &path, err))
        return error_point(err, "/manifest");
    const struct import_manifest_request wanted = {dataset.id, path, request->settings,
                                                   !request->to_be_confirmed, request->stop_at_bad_line};
    const struct task_wish wish = {NULL, &task_import_manifest, dataset.id, import_manifest_params, &wanted};
    return reply_new_task(call, &wish, err);
}

static bool publish(struct api_call *call, struct error *err)
{
    struct publish_version_request wanted = *(const struct publish_version_request *)call->params;
    struct dataset dataset;
    if (!dataset_find_uncounted(call->api->db, call->caller->project_id, call->arena, wanted.dataset,
                                &dataset, err))
        return error_point(err, "/dataset");
    wanted.dataset = dataset.id;
    const struct task_wish wish = {NULL, &task_publish_version, dataset.id, publish_version_params, &wanted};
    return reply_new_task(call, &wish, err);
}

#define DATASET_PATH "/api/v1/datasets/{dataset}"

const struct route route_dataset_create = {"dataset.create",
                                           "POST",
                                           "/api/v1/datasets",
                                           create_params,
                                           sizeof(struct create_request),
                                           create,
                                           "Creates an empty dataset.",
                                           ROLE_ADMIN,
                                           201,
                                           &shape_dataset_shown};
const struct route route_dataset_list = {
    "dataset.list", "GET", "/api/v1/datasets", no_params, 0, list, "Lists datasets with their counts.",
    ROLE_READ,      200,   &shape_datasets};
const struct route route_dataset_show = {"dataset.show",
                                         "GET",
                                         DATASET_PATH,
                                         dataset_params,
                                         sizeof(struct named_request),
                                         show,
                                         "Shows a dataset, its counts and labels.",
                                         ROLE_READ,
                                         200,
                                         &shape_dataset_shown};
const struct route route_dataset_edit = {"dataset.edit",
                                         "PATCH",
                                         DATASET_PATH,
                                         edit_params,
                                         sizeof(struct edit_request),
                                         edit,
                                         "Changes a dataset's name or description; manifests stay in place.",
                                         ROLE_ADMIN,
                                         200,
                                         &shape_dataset_shown,
                                         .needs_if_match = true};
const struct route route_dataset_delete = {"dataset.delete",
                                           "DELETE",
                                           DATASET_PATH,
                                           dataset_params,
                                           sizeof(struct named_request),
                                           delete_dataset,
                                           "Deletes a dataset; source images and published manifests stay.",
                                           ROLE_ADMIN,
                                           200,
                                           &shape_deleted};
const struct route route_dataset_import = {"dataset.import",
                                           "POST",
                                           DATASET_PATH "/import-tasks",
                                           import_params,
                                           sizeof(struct import_request),
                                           import,
                                           "Imports a dataset from files into a dataset.",
                                           ROLE_ADMIN,
                                           202,
                                           &shape_task_shown};
const struct route route_dataset_publish = {"dataset.publish",
                                            "POST",
                                            DATASET_PATH "/versions",
                                            publish_params,
                                            sizeof(struct publish_version_request),
                                            publish,
                                            "Publishes a version: a manifest that never changes.",
                                            ROLE_ADMIN,
                                            202,
                                            &shape_task_shown};
