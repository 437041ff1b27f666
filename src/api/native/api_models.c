/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/native.h"

#include "base/file.h"
#include "base/path.h"
#include "image/image.h"

#include <string.h>
#include <unistd.h>

enum { TEST_TOP = 5 };

struct import_request {
    const char *file, *name, *version, *card;
    struct model_card overrides;
};
struct test_request {
    const char *model, *image;
};

static const struct param_spec model_params[] = {
    PARAM(struct named_request, model, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name, name/version or id"),
    PARAM_END,
};
static const struct param_spec test_params[] = {
    PARAM(struct test_request, model, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name, name/version or id"),
    PARAM(struct test_request, image, .type = PARAM_TEXT, .path = PARAM_PATH, .is_required = true,
          .is_positional = true, .help = "an image file, or upload:NAME"),
    PARAM_END,
};
static const struct param_spec import_params[] = {
    PARAM(struct import_request, file, .type = PARAM_TEXT, .path = PARAM_PATH, .is_required = true,
          .is_positional = true, .value_name = "FILE.onnx",
          .help = "the model, or upload:NAME; model.json beside it is read when it is there"),
    PARAM(struct import_request, name, .type = PARAM_TEXT, .help = "default: the file's name"),
    PARAM(struct import_request, version, .type = PARAM_TEXT, .help = "default: the next free 0.0.N"),
    PARAM(struct import_request, card, .type = PARAM_TEXT, .path = PARAM_PATH, .value_name = "FILE",
          .help = "model card instead of model.json; or upload:NAME"),
    PARAM_TABLE(struct import_request, overrides, model_card_params),
    PARAM_END,
};

static void reply_model(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct model *model)
{
    reply_text(doc, object, "id", model->id);
    reply_text(doc, object, "name", model->name);
    reply_text(doc, object, "version", model->version);
    reply_text(doc, object, "model_type", model->model_type);
    reply_text(doc, object, "content_hash", model->content_hash);
    reply_time(doc, object, "created", model->created_ms);
    reply_json(doc, object, "card", model->card_json);
}

static const char *name_of_file(struct arena *arena, const char *file)
{
    const char *base = path_base(file), *suffix = path_suffix(file);
    return arena_text_n(arena, base, (size_t)(suffix[0] ? suffix - base : (long)strlen(base)));
}

/* --labels classes.txt: one label that is the name of a file stands for the lines in it. An absolute path
 * that is confined cannot be meant as a label. */
static bool labels_file(const struct api_call *call, const char **ret, struct error *err)
{
    yyjson_val *labels = yyjson_obj_get(call->request, "labels");
    const char *only = yyjson_arr_size(labels) == 1 ? yyjson_get_str(yyjson_arr_get_first(labels)) : NULL;
    *ret = NULL;
    struct error outside = {0};
    if (only && !request_path(call, only, &only, &outside))
        return only[0] != '/' || (*err = outside, error_point(err, "/labels"));
    if (only && file_exists(call->roots, only))
        *ret = only;
    return true;
}

/* Only what the caller gave, so that the rest stays open for the card and for guessing. */
static yyjson_mut_doc *given_overrides(const struct api_call *call, bool has_labels_file)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *object = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, object);
    for (const struct param_spec *spec = model_card_params; spec->name; spec++) {
        yyjson_val *given = yyjson_obj_get(call->request, spec->name);
        if (given && !yyjson_is_null(given))
            (void)yyjson_mut_obj_add(object, yyjson_mut_str(doc, spec->name),
                                     yyjson_val_mut_copy(doc, given));
    }
    if (has_labels_file)
        (void)yyjson_mut_obj_remove_key(object, "labels");
    return doc;
}

static bool import_with(struct api_call *call, yyjson_val *overrides, const char *labels_path,
                        struct error *err)
{
    const struct import_request *request = call->params;
    struct model_imported imported;
    const struct model_import import = {.project_id = call->caller->project_id,
                                        .roots = call->roots,
                                        .name = request->name ? request->name
                                                              : name_of_file(call->arena, request->file),
                                        .version = request->version,
                                        .onnx_path = request->file,
                                        .card_path = request->card,
                                        .labels_path = labels_path,
                                        .card_overrides = overrides};
    if (!import.name)
        return error_no_memory(err);
    if (!model_import(call->api->db, call->api->data, call->arena, &import, &imported, err))
        return false;
    reply_model(call->reply, yyjson_mut_obj_add_obj(call->reply, call->root, "model"), &imported.model);
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "guesses");
    for (size_t i = 0; i < imported.guess_count; i++) {
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(call->reply, rows);
        reply_text(call->reply, row, "field", imported.guesses[i].field);
        reply_text(call->reply, row, "value", imported.guesses[i].value);
        reply_text(call->reply, row, "why", imported.guesses[i].why);
    }
    return true;
}

static bool import(struct api_call *call, struct error *err)
{
    const char *labels_path = NULL;
    if (!labels_file(call, &labels_path, err))
        return false;
    AUTO_MUT_JSON given = given_overrides(call, labels_path != NULL);
    AUTO_JSON overrides = given ? yyjson_mut_doc_imut_copy(given, NULL) : NULL;
    if (!overrides)
        return error_no_memory(err);
    return import_with(call, yyjson_doc_get_root(overrides), labels_path, err);
}

static bool list(struct api_call *call, struct error *err)
{
    struct model *models = NULL;
    size_t count = 0;
    if (!model_list(call->api->db, call->caller->project_id, call->arena, &models, &count, err))
        return false;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "models");
    for (size_t i = 0; i < count; i++)
        reply_model(call->reply, yyjson_mut_arr_add_obj(call->reply, rows), &models[i]);
    return true;
}

static bool show(struct api_call *call, struct error *err)
{
    const struct named_request *request = call->params;
    struct model model;
    if (!model_find(call->api->db, call->caller->project_id, call->arena, request->model, &model, err))
        return false;
    reply_model(call->reply, yyjson_mut_obj_add_obj(call->reply, call->root, "model"), &model);
    return true;
}

static bool delete (struct api_call *call, struct error *err)
{
    const struct named_request *request = call->params;
    struct model model;
    return model_find(call->api->db, call->caller->project_id, call->arena, request->model, &model, err) &&
           model_delete(call->api->db, call->api->data, model.id, err) &&
           (reply_text(call->reply, call->root, "deleted", model.id), true);
}

static bool test(struct api_call *call, struct error *err)
{
    const struct test_request *request = call->params;
    struct model model;
    return model_find(call->api->db, call->caller->project_id, call->arena, request->model, &model, err) &&
           reply_model_test(call, &model, request->image, err);
}

const struct route route_model_import = {
    "model.import",
    "POST",
    "/api/v1/models",
    import_params,
    sizeof(struct import_request),
    import,
    "Imports an ONNX model: validates, guesses what is not said, tries an inference.",
    ROLE_ADMIN,
    201,
    &shape_model_imported};
const struct route route_model_list = {
    "model.list", "GET",           "/api/v1/models", no_params, 0,
    list,         "Lists models.", ROLE_READ,        200,       &shape_models};
const struct route route_model_show = {"model.show",
                                       "GET",
                                       "/api/v1/models/{model}",
                                       model_params,
                                       sizeof(struct named_request),
                                       show,
                                       "Shows a model and its card.",
                                       ROLE_READ,
                                       200,
                                       &shape_model_shown};
const struct route route_model_delete = {"model.delete",
                                         "DELETE",
                                         "/api/v1/models/{model}",
                                         model_params,
                                         sizeof(struct named_request),
                                         delete,
                                         "Deletes a model that no service uses.",
                                         ROLE_ADMIN,
                                         200,
                                         &shape_deleted};
const struct route route_model_test = {"model.test",
                                       "POST",
                                       "/api/v1/models/{model}/test",
                                       test_params,
                                       sizeof(struct test_request),
                                       test,
                                       "Predicts one image file with a model.",
                                       ROLE_ADMIN,
                                       200,
                                       &shape_model_tested};
