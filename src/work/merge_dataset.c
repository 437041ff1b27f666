/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "base/path.h"
#include "dataset/dataset_merge.h"
#include "dataset/operation.h"
#include "dataset/sample_query.h"
#include "work/measure_looks.h"
#include "work/work.h"

#include <assert.h>
#include <string.h>

static_assert((int)MERGE_IDS_MAX == (int)DATASET_MERGE_MAX, "all that can be merged can be named");

enum {
    ROWS_LISTED = 100,
    BOXES_TOLD = 1000,
    LINE_MAX_BYTES = 64 * 1024 * 1024,
    FLUSH_BYTES = 256 * 1024,
    RESULT_MAX_BYTES = 4 * 1024 * 1024,
    KEY_BYTES = 128,
};

const struct param_spec merge_dataset_params[] = {
    PARAM(struct merge_dataset_request, dataset, .type = PARAM_TEXT, .is_required = true,
          .help = "id of the dataset whose samples are merged"),
    PARAM(struct merge_dataset_request, into, .type = PARAM_TEXT, .is_required = true,
          .help = "id of the dataset that gets them"),
    PARAM(struct merge_dataset_request, ids, .type = PARAM_LIST, .is_whole_item = true,
          .help = "whole ids of the samples; none: all labeled ones that fit"),
    PARAM(struct merge_dataset_request, hard, .type = PARAM_BOOL, .help = "only hard examples"),
    PARAM(struct merge_dataset_request, filter, .type = PARAM_JSON, .help = "a tree of conditions"),
    PARAM(struct merge_dataset_request, preview, .type = PARAM_BOOL, .help = "tells all, changes nothing"),
    PARAM(struct merge_dataset_request, by, .type = PARAM_TEXT, .fallback_text = "human",
          .help = "who decided it: human, or human/NAME"),
    PARAM(struct merge_dataset_request, user, .type = PARAM_TEXT, .help = "user of the operation"),
    PARAM_END,
};

/* Lines that wait to be written. */
struct list {
    struct store_writer *file;
    struct buffer lines;
    char key[KEY_BYTES];
};
enum { LIST_LEFT, LIST_DUPLICATES, LIST_COUNT };

struct joining {
    struct task_context *context;
    struct work *work;
    struct arena *arena;
    struct merge_dataset_request request;
    const struct roots *roots;
    struct dataset from, into;
    struct list lists[LIST_COUNT];
    yyjson_mut_val *root, *left_rows, *unreadable_rows;
    int64_t unreadable[2]; /* of either dataset, whether they are merged or not */
    bool is_of_into;       /* what is being measured */
};

bool merge_list_key(const char *task_id, bool is_of_duplicates, char *ret, size_t bytes)
{
    int length =
        snprintf(ret, bytes, "tasks/%s/merge-%s.jsonl", task_id, is_of_duplicates ? "duplicates" : "left");
    return length > 0 && (size_t)length < bytes;
}

/* ---- contents ---- */

static void refuse(void *state, const struct sample_unseen *sample, const struct error *why)
{
    struct joining *joining = state;
    yyjson_mut_doc *doc = joining->context->result;
    atomic_fetch_add(&joining->context->progress->failed, 1);
    joining->unreadable[joining->is_of_into]++;
    if (yyjson_mut_arr_size(joining->unreadable_rows) >= ROWS_LISTED)
        return;
    const struct dataset *dataset = joining->is_of_into ? &joining->into : &joining->from;
    yyjson_mut_val *row = yyjson_mut_arr_add_obj(doc, joining->unreadable_rows);
    (void)yyjson_mut_obj_add_strcpy(doc, row, "dataset", dataset->name);
    (void)yyjson_mut_obj_add_strcpy(doc, row, "id", sample->id);
    (void)yyjson_mut_obj_add_strcpy(doc, row, "source", sample->source);
    (void)yyjson_mut_obj_add_strcpy(doc, row, "reason", why->message);
}

/* What somebody excluded from the target must not come back under another name. */
static bool measure(struct joining *joining, struct error *err)
{
    struct task_context *context = joining->context;
    const struct sample_looks_of of[] = {{joining->from.id, false}, {joining->into.id, true}};
    bool is_detection = strcmp(joining->into.dataset_type, DATASET_TYPE_DETECTION) == 0;
    int64_t total = 0;
    for (size_t i = 0; i < 2; i++) {
        int64_t missing = 0;
        if (!sample_looks_count_missing(context->db, &of[i], &missing, err))
            return false;
        total += missing;
    }
    task_progress_stage(context->progress, "measuring", total);
    for (size_t i = 0; i < 2; i++) {
        const struct looks_request request = {.db = context->db,
                                              .roots = joining->roots,
                                              .of = of[i],
                                              .is_detection = is_detection,
                                              .threads = workers_cores(),
                                              .stop = context->stop,
                                              .done = &context->progress->done,
                                              .refuse = refuse,
                                              .state = joining};
        joining->is_of_into = i == 1;
        if (!measure_looks(&request, err))
            return false;
    }
    return true;
}

/* ---- lists ---- */

static bool flush(struct list *list, struct error *err)
{
    const struct bytes piece = {list->lines.data, list->lines.size};
    if (piece.size > 0 && !store_write_add(list->file, piece, err))
        return false;
    buffer_clear(&list->lines);
    return true;
}

static void add_labels(const struct sample *sample, yyjson_mut_doc *doc, yyjson_mut_val *row,
                       const char *name)
{
    yyjson_mut_val *labels = yyjson_mut_obj_add_arr(doc, row, name);
    for (size_t i = 0; i < sample->annotation_count && i < BOXES_TOLD; i++) {
        bool is_known = false;
        for (size_t j = 0; j < i && !is_known; j++)
            is_known = strcmp(sample->annotations[j].name, sample->annotations[i].name) == 0;
        if (!is_known)
            (void)yyjson_mut_arr_add_strcpy(doc, labels, sample->annotations[i].name);
    }
}

static const char *words_of(enum merge_kind kind)
{
    static const char *const words[MERGE_KIND_COUNT] = {[MERGE_ADDED] = "added",
                                                        [MERGE_FILLED] = "labeled there",
                                                        [MERGE_DUPLICATE] = "there already, labeled alike",
                                                        [MERGE_CONTRADICTION] =
                                                            "the same image is labeled otherwise",
                                                        [MERGE_EXCLUDED] = "excluded there",
                                                        [MERGE_UNREADABLE] = "its image could not be read"};
    return words[kind];
}

static void add_other(const struct joining *joining, const struct sample *other, yyjson_mut_doc *doc,
                      yyjson_mut_val *row)
{
    static const char *const names[] = {"other_id", "other_dataset", "other_source"};
    bool is_of_into = other && strcmp(other->dataset_id, joining->into.id) == 0;
    const char *values[] = {other ? other->id : NULL, is_of_into ? joining->into.name : joining->from.name,
                            other ? other->source : NULL};
    for (size_t i = 0; i < 3; i++) {
        if (other)
            (void)yyjson_mut_obj_add_strcpy(doc, row, names[i], values[i]);
        else
            (void)yyjson_mut_obj_add_null(doc, row, names[i]);
    }
    if (other)
        add_labels(other, doc, row, "other_labels");
    else
        (void)yyjson_mut_obj_add_null(doc, row, "other_labels");
}

static yyjson_mut_val *row_of(const struct joining *joining, const struct merge_told *told,
                              yyjson_mut_doc *doc)
{
    yyjson_mut_val *row = yyjson_mut_obj(doc);
    const struct sample *sample = told->sample, *other = told->other;
    (void)yyjson_mut_obj_add_str(doc, row, "kind", merge_kind_name(told->kind));
    (void)yyjson_mut_obj_add_strcpy(doc, row, "id", sample->id);
    (void)yyjson_mut_obj_add_strcpy(doc, row, "source", sample->source);
    add_labels(sample, doc, row, "labels");
    (void)yyjson_mut_obj_add_str(doc, row, "words", words_of(told->kind));
    add_other(joining, other, doc, row);
    return row;
}

static bool tell(void *state, const struct merge_told *told, struct error *err)
{
    struct joining *joining = state;
    bool is_duplicate = told->kind == MERGE_DUPLICATE;
    struct list *list = &joining->lists[is_duplicate ? LIST_DUPLICATES : LIST_LEFT];
    if (told->kind == MERGE_ADDED || told->kind == MERGE_FILLED)
        return true;
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_doc_set_root(doc, row_of(joining, told, doc));
    if (!is_duplicate && yyjson_mut_arr_size(joining->left_rows) < ROWS_LISTED)
        (void)yyjson_mut_arr_append(
            joining->left_rows,
            yyjson_mut_val_mut_copy(joining->context->result, yyjson_mut_doc_get_root(doc)));
    if (!json_write(doc, false, &list->lines, err) || !buffer_add(&list->lines, "\n", 1))
        return buffer_check(&list->lines, "the list of what was not merged", err);
    return list->lines.size < FLUSH_BYTES || flush(list, err);
}

static bool open_lists(struct joining *joining, struct error *err)
{
    const char *task = joining->context->task->id;
    for (int i = 0; i < LIST_COUNT; i++) {
        struct list *list = &joining->lists[i];
        if (!merge_list_key(task, i == LIST_DUPLICATES, list->key, sizeof(list->key)))
            return error_set(err, ERR_INVALID, "the id of task '%.60s' is too long", task);
        if (!store_write_start(joining->work->data, list->key, &list->file, err))
            return false;
    }
    return true;
}

/* ---- the result ---- */

static bool result_key(const struct joining *joining, char ret[KEY_BYTES], struct error *err)
{
    const char *task = joining->context->task->id;
    int length = snprintf(ret, KEY_BYTES, "tasks/%s/merge.json", task);
    return (length > 0 && length < KEY_BYTES) ||
           error_set(err, ERR_INVALID, "the id of task '%.60s' is too long", task);
}

static bool name_lists(struct joining *joining, struct error *err)
{
    static const char *const names[] = {[LIST_LEFT] = "left_list", [LIST_DUPLICATES] = "duplicates_list"};
    for (int i = 0; i < LIST_COUNT; i++) {
        const char *path = path_join(joining->arena, store_url(joining->work->data), joining->lists[i].key);
        if (!path)
            return error_no_memory(err);
        (void)yyjson_mut_obj_add_strcpy(joining->context->result, joining->root, names[i], path);
    }
    return true;
}

static void report(struct joining *joining, const struct dataset_merged *merged)
{
    static const char *const names[] = {
        [MERGE_ADDED] = "added",          [MERGE_FILLED] = "filled",
        [MERGE_DUPLICATE] = "duplicates", [MERGE_CONTRADICTION] = "contradictions",
        [MERGE_EXCLUDED] = "excluded",    [MERGE_UNREADABLE] = "unreadable"};
    yyjson_mut_doc *doc = joining->context->result;
    yyjson_mut_val *root = joining->root;
    (void)yyjson_mut_obj_add_strcpy(doc, root, "task", joining->context->task->id);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "dataset", joining->from.name);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "into", joining->into.name);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "into_id", joining->into.id);
    (void)yyjson_mut_obj_add_bool(doc, root, "preview", joining->request.preview);
    (void)yyjson_mut_obj_add_int(doc, root, "selected", merged->selected);
    for (int kind = 0; kind < MERGE_KIND_COUNT; kind++)
        (void)yyjson_mut_obj_add_int(doc, root, names[kind], merged->counts[kind]);
    (void)yyjson_mut_obj_add_int(doc, root, "not_labeled", merged->left_out);
    (void)yyjson_mut_obj_add_int(doc, root, "labels_added", merged->labels_added);
    (void)yyjson_mut_obj_add_int(doc, root, "unreadable_there", joining->unreadable[1]);
    if (merged->operation_id)
        (void)yyjson_mut_obj_add_strcpy(doc, root, "operation_id", merged->operation_id);
    else
        (void)yyjson_mut_obj_add_null(doc, root, "operation_id");
}

/* Before the samples are there for others: whoever is killed behind this finds with the operation what it
 * has to tell. */
static bool finish(void *state, const struct dataset_merged *merged, struct error *err)
{
    struct joining *joining = state;
    char key[KEY_BYTES];
    AUTO_BUFFER(text, RESULT_MAX_BYTES);
    for (int i = 0; i < LIST_COUNT; i++)
        if (!flush(&joining->lists[i], err) || !store_write_finish(joining->lists[i].file, err))
            return false;
    report(joining, merged);
    return name_lists(joining, err) && result_key(joining, key, err) &&
           json_write(joining->context->result, false, &text, err) &&
           store_put(joining->work->data, key, (struct bytes){text.data, text.size}, err);
}

/* *ret false: it was not merged yet. */
static bool tell_again(struct joining *joining, bool *ret, struct error *err)
{
    struct task_context *context = joining->context;
    struct operation operation;
    struct error why = {0};
    char key[KEY_BYTES];
    AUTO_JSON kept = NULL;
    AUTO_BUFFER(text, RESULT_MAX_BYTES);
    *ret = operation_find(context->db, context->task->project_id, joining->arena, context->task->id,
                          &operation, &why);
    if (!*ret)
        return why.detail == DETAIL_OPERATION_NOT_FOUND || (*err = why, false);
    if (!result_key(joining, key, err) || !store_get(joining->work->data, key, &text, err) ||
        !json_parse((struct bytes){text.data, text.size}, "what the merge had to tell", &kept, err))
        return false;
    yyjson_mut_doc_set_root(context->result, yyjson_val_mut_copy(context->result, yyjson_doc_get_root(kept)));
    return true;
}

/* ---- the task ---- */

static bool find_datasets(struct joining *joining, struct error *err)
{
    struct task_context *context = joining->context;
    const char *project = context->task->project_id;
    return dataset_find_uncounted(context->db, project, joining->arena, joining->request.dataset,
                                  &joining->from, err) &&
           dataset_find_uncounted(context->db, project, joining->arena, joining->request.into, &joining->into,
                                  err);
}

static bool join(struct joining *joining, struct error *err)
{
    struct task_context *context = joining->context;
    struct dataset_merged merged;
    struct sample_term where;
    const struct merge_dataset_request *request = &joining->request;
    if (request->filter && !sample_term_read(request->filter, "/filter", joining->arena, &where, err))
        return false;
    const struct dataset_merge merge = {.from = &joining->from,
                                        .into = &joining->into,
                                        .ids = request->ids,
                                        .only_hard = request->hard,
                                        .where = request->filter ? &where : NULL,
                                        .operation_id = context->task->id,
                                        .decided_by = request->by,
                                        .user = request->user,
                                        .is_dry = request->preview,
                                        .stop = context->stop,
                                        .done = &context->progress->done,
                                        .tell = tell,
                                        .finish = finish,
                                        .state = joining};
    if (!dataset_merge_check(context->db, &merge, err) || !measure(joining, err))
        return false;
    task_progress_stage(context->progress, "merging", 0);
    return open_lists(joining, err) && dataset_merge(context->db, joining->arena, &merge, &merged, err);
}

static bool merge_once(struct joining *joining, struct error *err)
{
    struct task_context *context = joining->context;
    bool is_merged = false;
    if (!work_request(context, merge_dataset_params, &joining->request, joining->arena, err) ||
        !tell_again(joining, &is_merged, err) || is_merged)
        return is_merged;
    joining->root = yyjson_mut_obj(context->result);
    yyjson_mut_doc_set_root(context->result, joining->root);
    joining->left_rows = yyjson_mut_obj_add_arr(context->result, joining->root, "left_samples");
    joining->unreadable_rows = yyjson_mut_obj_add_arr(context->result, joining->root, "unreadable_samples");
    return work_roots(context, joining->arena, &joining->roots, err) && find_datasets(joining, err) &&
           join(joining, err);
}

static bool merge_dataset(struct task_context *context, struct error *err)
{
    AUTO(arena) arena = arena_new(WORK_ARENA_MAX_BYTES);
    struct joining joining = {.context = context, .work = context->app, .arena = arena};
    for (int i = 0; i < LIST_COUNT; i++)
        buffer_init(&joining.lists[i].lines, LINE_MAX_BYTES);
    bool is_done = arena ? merge_once(&joining, err) : error_no_memory(err);
    for (int i = 0; i < LIST_COUNT; i++) {
        joining.lists[i].file = store_writer_free(joining.lists[i].file);
        buffer_release(&joining.lists[i].lines);
    }
    return is_done;
}

const struct task_kind task_merge_dataset = {
    .name = "merge_dataset",
    .summary = "Merges labeled samples of one dataset into another by content; contradictions are listed.",
    .run = merge_dataset,
};
