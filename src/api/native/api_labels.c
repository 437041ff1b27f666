/* SPDX-License-Identifier: Apache-2.0 */
/* The label set of a dataset. */
#include "api/native/label_requests.h"
#include "api/native/source_files.h"

#include <string.h>

enum { BY_MAX_BYTES = 64, FILES_TOLD = 1000 };

struct label_request {
    const char *dataset, *label;
    struct label_words words;
    const char *into, *policy, *by;
    uint64_t limit;
    bool preview;
};

static const char *const policies[] = {
    [LABEL_DELETE_LABEL] = "label", [LABEL_DELETE_SAMPLES] = "samples", [LABEL_DELETE_FILES] = "files", NULL};

#define DATASET_PARAM                                                                                        \
    PARAM(struct label_request, dataset, .type = PARAM_TEXT, .is_required = true, .is_positional = true,     \
          .help = "name or id")
#define LABEL_PARAM                                                                                          \
    PARAM(struct label_request, label, .type = PARAM_TEXT, .is_required = true, .is_positional = true,       \
          .help = "name of the label")
#define CHANGE_PARAMS                                                                                        \
    PARAM(struct label_request, preview, .type = PARAM_BOOL,                                                 \
          .help = "count what would change, and change nothing"),                                            \
        PARAM(struct label_request, by, .type = PARAM_TEXT, .max = BY_MAX_BYTES,                             \
              .help = "who decides, of callers without a name; default: human")
#define LIMIT_PARAM                                                                                          \
    PARAM(struct label_request, limit, .type = PARAM_COUNT, .max = LABEL_CHANGE_MAX,                         \
          .help = "only so many samples, by id: the label stays while others have it; 0: all, at most "      \
                  "100000")

static const struct param_spec new_name_params[] = {
    PARAM(struct label_words, name, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "of the new label"),
    PARAM_END,
};
static const struct param_spec name_params[] = {
    PARAM(struct label_words, name, .type = PARAM_TEXT,
          .help = "as it is called from now on, wherever it stands; published versions keep the old name"),
    PARAM_END,
};
static const struct param_spec look_params[] = {
    PARAM(struct label_words, color, .type = PARAM_TEXT, .value_name = "#RRGGBB",
          .help = "colour, as #3399ff; empty: none"),
    PARAM(struct label_words, shortcut, .type = PARAM_TEXT, .value_name = "KEY",
          .help = "key of the label, of no other of the set; empty: none"),
    PARAM(struct label_words, attributes, .type = PARAM_JSON, .is_array = true, .value_name = "JSON",
          .help = "what is filled in beside it: [{\"name\", \"type\": \"text\" or \"select\", "
                  "\"default\", \"values\"}]; []: none"),
    PARAM_END,
};

static const struct param_spec list_params[] = {DATASET_PARAM, PARAM_END};
static const struct param_spec create_params[] = {
    DATASET_PARAM,
    PARAM_TABLE(struct label_request, words, new_name_params),
    PARAM_TABLE(struct label_request, words, look_params),
    PARAM_END,
};
static const struct param_spec edit_params[] = {
    DATASET_PARAM,
    LABEL_PARAM,
    PARAM_TABLE(struct label_request, words, name_params),
    PARAM_TABLE(struct label_request, words, look_params),
    CHANGE_PARAMS,
    PARAM_END,
};
static const struct param_spec merge_params[] = {
    DATASET_PARAM,
    LABEL_PARAM,
    PARAM(struct label_request, into, .type = PARAM_TEXT, .is_required = true, .value_name = "LABEL",
          .help = "what its classes and boxes become"),
    LIMIT_PARAM,
    CHANGE_PARAMS,
    PARAM_END,
};
static const struct param_spec delete_params[] = {
    DATASET_PARAM,
    LABEL_PARAM,
    PARAM(struct label_request, policy, .type = PARAM_CHOICE, .choices = policies, .fallback_text = "label",
          .help = "label: its annotations only; samples: labeled samples that have only this label leave the "
                  "dataset, too; files: and their source files are deleted, which undo does not bring back"),
    LIMIT_PARAM,
    CHANGE_PARAMS,
    PARAM_END,
};

static bool find_dataset(struct api_call *call, struct dataset *ret, struct error *err)
{
    const struct label_request *request = call->params;
    return dataset_find_uncounted(call->api->db, call->caller->project_id, call->arena, request->dataset, ret,
                                  err) ||
           error_point(err, "/dataset");
}

/* ---- replies ---- */

void reply_label(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct dataset_label *label)
{
    reply_text(doc, object, "name", label->name);
    reply_text(doc, object, "color", label->color);
    reply_text(doc, object, "shortcut", label->shortcut);
    reply_json(doc, object, "attributes", label->attributes_json ? label->attributes_json : "[]");
    (void)yyjson_mut_obj_add_int(doc, object, "position", label->position);
    (void)yyjson_mut_obj_add_int(doc, object, "samples", label->samples);
    (void)yyjson_mut_obj_add_int(doc, object, "annotations", label->annotations);
    reply_time(doc, object, "created", label->created_ms);
}

static bool reply_named(struct api_call *call, const char *dataset_id, const char *name, struct error *err)
{
    struct dataset_label *labels = NULL;
    size_t count = 0, at = 0;
    if (!dataset_labels(call->api->db, call->arena, dataset_id, &labels, &count, err))
        return false;
    while (at < count && strcmp(labels[at].name, name) != 0)
        at++;
    if (at == count)
        return error_set_detail(err, DETAIL_LABEL_NOT_FOUND, "the dataset has no label '%.100s'", name);
    reply_label(call->reply, yyjson_mut_obj_add_obj(call->reply, call->root, "label"), &labels[at]);
    return true;
}

static yyjson_mut_val *reply_change(struct api_call *call, const struct label_done *done)
{
    const struct label_request *request = call->params;
    yyjson_mut_doc *doc = call->reply;
    yyjson_mut_val *change = yyjson_mut_obj_add_obj(doc, call->root, "change");
    reply_text(doc, change, "label", request->label);
    reply_text(doc, change, "to", request->into ? request->into : request->words.name);
    (void)yyjson_mut_obj_add_bool(doc, change, "preview", request->preview);
    (void)yyjson_mut_obj_add_int(doc, change, "samples", done->samples);
    (void)yyjson_mut_obj_add_int(doc, change, "annotations", done->annotations);
    (void)yyjson_mut_obj_add_int(doc, change, "duplicates", done->duplicates);
    (void)yyjson_mut_obj_add_int(doc, change, "unlabeled", done->unlabeled);
    (void)yyjson_mut_obj_add_int(doc, change, "removed", done->removed);
    (void)yyjson_mut_obj_add_int(doc, change, "left", done->left);
    reply_text(doc, change, "operation_id", done->operation_id);
    return change;
}

struct files {
    int64_t deleted, kept;
};

static void reply_files(struct api_call *call, yyjson_mut_val *change, const struct files *files,
                        yyjson_mut_val *kept)
{
    (void)yyjson_mut_obj_add_int(call->reply, change, "files_deleted", files->deleted);
    (void)yyjson_mut_obj_add_int(call->reply, change, "files_kept", files->kept);
    (void)yyjson_mut_obj_add_val(call->reply, change, "kept_files", kept);
}

/* After the samples are gone for good: who dies in between leaves files that nobody names. */
static void delete_files(struct api_call *call, yyjson_mut_val *change, const struct label_done *done)
{
    struct files files = {0};
    yyjson_mut_val *kept = yyjson_mut_arr(call->reply);
    for (size_t i = 0; i < done->source_count; i++) {
        struct error why = {0};
        if (source_file_delete(call, done->sources[i], &why)) {
            files.deleted++;
            continue;
        }
        if (files.kept++ >= FILES_TOLD)
            continue;
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(call->reply, kept);
        reply_text(call->reply, row, "source", done->sources[i]);
        reply_text(call->reply, row, "why", why.message);
    }
    reply_files(call, change, &files, kept);
}

static void reply_no_files(struct api_call *call, yyjson_mut_val *change)
{
    const struct files none = {0};
    reply_files(call, change, &none, yyjson_mut_arr(call->reply));
}

/* Made where it can be kept together with what was done. */
static bool reply_merged(void *state, const struct label_done *done, struct error *err)
{
    struct api_call *call = state;
    reply_no_files(call, reply_change(call, done));
    return api_keep(call, err);
}

/* ---- handlers ---- */

static bool list(struct api_call *call, struct error *err)
{
    struct dataset dataset;
    struct dataset_label *labels = NULL;
    size_t count = 0;
    if (!find_dataset(call, &dataset, err) ||
        !dataset_labels(call->api->db, call->arena, dataset.id, &labels, &count, err))
        return false;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, "labels");
    for (size_t i = 0; i < count; i++)
        reply_label(call->reply, yyjson_mut_arr_add_obj(call->reply, rows), &labels[i]);
    return true;
}

static bool create(struct api_call *call, struct error *err)
{
    const struct label_request *request = call->params;
    struct dataset dataset;
    struct label_wish wish;
    return read_label_words(call->arena, &request->words, "/attributes", &wish, err) &&
           find_dataset(call, &dataset, err) &&
           label_create(call->api->db, call->arena, dataset.id, &wish, err) &&
           reply_named(call, dataset.id, wish.name, err);
}

/* Who has shown its name decides under it, whatever the request says. */
static bool author_of(struct api_call *call, struct label_author *ret, struct error *err)
{
    const struct label_request *request = call->params;
    const char *by = call->caller->user ? call->caller->user : request->by;
    ret->user = call->caller->user;
    ret->decided_by = by ? arena_printf(call->arena, "human/%s", by) : "human";
    return ret->decided_by || error_no_memory(err);
}

static bool edit(struct api_call *call, struct error *err)
{
    const struct label_request *request = call->params;
    struct dataset dataset;
    struct label_done done = {0};
    struct label_edit wanted = {.dataset = &dataset, .name = request->label, .is_preview = request->preview};
    if (!read_label_words(call->arena, &request->words, "/attributes", &wanted.wish, err) ||
        !author_of(call, &wanted.author, err) || !find_dataset(call, &dataset, err) ||
        !label_edit(call->api->db, call->arena, &wanted, &done, err))
        return false;
    bool is_renamed = request->words.name && !request->preview;
    reply_no_files(call, reply_change(call, &done));
    return reply_named(call, dataset.id, is_renamed ? request->words.name : request->label, err);
}

static bool merge(struct api_call *call, struct error *err)
{
    const struct label_request *request = call->params;
    struct dataset dataset;
    struct label_done done = {0};
    struct label_move wanted = {.dataset = &dataset,
                                .name = request->label,
                                .into = request->into,
                                .limit = (int64_t)request->limit,
                                .is_preview = request->preview};
    if (!author_of(call, &wanted.author, err) || !find_dataset(call, &dataset, err))
        return false;
    wanted.author.finish = reply_merged;
    wanted.author.state = call;
    return label_move(call->api->db, call->arena, &wanted, &done, err);
}

static enum label_policy policy_of(const char *name)
{
    enum label_policy policy = LABEL_DELETE_LABEL;
    while (policy < LABEL_DELETE_FILES && strcmp(policies[policy], name) != 0)
        policy++;
    return policy;
}

static bool delete_label(struct api_call *call, struct error *err)
{
    const struct label_request *request = call->params;
    struct dataset dataset;
    struct label_done done = {0};
    struct label_move wanted = {.dataset = &dataset,
                                .name = request->label,
                                .policy = policy_of(request->policy),
                                .limit = (int64_t)request->limit,
                                .is_preview = request->preview};
    if (!author_of(call, &wanted.author, err) || !find_dataset(call, &dataset, err) ||
        !label_move(call->api->db, call->arena, &wanted, &done, err))
        return false;
    if (wanted.policy == LABEL_DELETE_FILES && !request->preview)
        delete_files(call, reply_change(call, &done), &done);
    else
        reply_no_files(call, reply_change(call, &done));
    return true;
}

#define LABELS_PATH "/api/v1/datasets/{dataset}/labels"
#define LABEL_PATH LABELS_PATH "/{label}"

const struct route route_label_list = {"label.list",
                                       "GET",
                                       LABELS_PATH,
                                       list_params,
                                       sizeof(struct label_request),
                                       list,
                                       "Lists the labels of a dataset with their counts.",
                                       ROLE_READ,
                                       200,
                                       &shape_labels};
const struct route route_label_create = {"label.create",
                                         "POST",
                                         LABELS_PATH,
                                         create_params,
                                         sizeof(struct label_request),
                                         create,
                                         "Adds a label to a dataset.",
                                         ROLE_LABEL,
                                         201,
                                         &shape_label_shown};
const struct route route_label_edit = {
    "label.edit",
    "PATCH",
    LABEL_PATH,
    edit_params,
    sizeof(struct label_request),
    edit,
    "Renames a label in all samples, or changes its looks; versions keep what they say.",
    ROLE_LABEL,
    200,
    &shape_label_edited};
const struct route route_label_merge = {
    "label.merge",
    "POST",
    LABEL_PATH "/merge",
    merge_params,
    sizeof(struct label_request),
    merge,
    "Makes all annotations of a label those of another, and takes it out of the set.",
    ROLE_LABEL,
    200,
    &shape_label_changed,
    false,
    false,
    true};
const struct route route_label_delete = {"label.delete",
                                         "DELETE",
                                         LABEL_PATH,
                                         delete_params,
                                         sizeof(struct label_request),
                                         delete_label,
                                         "Deletes a label with its annotations, and more by the policy.",
                                         ROLE_ADMIN,
                                         200,
                                         &shape_label_changed};
