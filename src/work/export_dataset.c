/* SPDX-License-Identifier: Apache-2.0 */
#include "work/export_dataset.h"

#include "base/path.h"
#include "base/scratch_folder.h"
#include "base/text.h"
#include "dataset/sample_manifest.h"
#include "dataset/sample_voc.h"
#include "dataset/split.h"
#include "dataset/version.h"
#include "image/image.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A page of samples, or what a reader gathers, is in memory at once. */
enum { PAGE_SAMPLES = 50, CURSOR_BYTES = 256, NOTE_BYTES = 96, NOTE_MAX_BYTES = 1024 * 1024 };

static const char *const states[] = {"labeled", "unlabeled", "all", NULL};
static const char *const layouts[] = {"tree", "flat", NULL};
static const char *const image_ways[] = {"copy", "link", "none", NULL};

const struct param_spec export_dataset_params[] = {
    PARAM(struct export_dataset_request, dataset, .type = PARAM_TEXT, .is_required = true,
          .is_positional = true, .help = "name or id"),
    PARAM(struct export_dataset_request, folder, .type = PARAM_TEXT, .path = PARAM_PATH, .is_required = true,
          .is_positional = true, .value_name = "DIR",
          .help = "folder to make; it may be there when it is empty"),
    PARAM(struct export_dataset_request, format, .type = PARAM_CHOICE, .choices = format_names,
          .is_required = true, .help = "form of the files"),
    PARAM(struct export_dataset_request, state, .type = PARAM_CHOICE, .choices = states,
          .fallback_text = "labeled", .help = "which samples; what is to be confirmed counts as unlabeled"),
    PARAM(struct export_dataset_request, layout, .type = PARAM_CHOICE, .choices = layouts,
          .fallback_text = "tree", .help = "a folder or file for each usage, or all in one"),
    PARAM(struct export_dataset_request, images, .type = PARAM_CHOICE, .choices = image_ways,
          .fallback_text = "copy", .help = "copies, hard links, or only their names"),
    PARAM(struct export_dataset_request, version, .type = PARAM_TEXT, .max = 32,
          .help = "a published version; default: the dataset as it is"),
    PARAM(struct export_dataset_request, train_ratio, .type = PARAM_NUMBER, .max = 1, .fallback = 1,
          .value_name = "RATIO",
          .help = "split labeled samples anew, label by label: this part TRAIN, the "
                  "rest EVAL, as publishing does; 1: usages stay"),
    PARAM(struct export_dataset_request, seed, .type = PARAM_COUNT, .max = 1e15,
          .help = "another one splits otherwise"),
    PARAM_END,
};

struct exporting;
typedef bool item_visitor(struct exporting *exporting, struct format_item *item, struct error *err);

struct exporting {
    struct task_context *context;
    struct work *work;
    struct arena *arena, *page, *of_sample;
    struct export_dataset_request request;
    const struct roots *roots;
    const struct dataset_format *format;
    struct dataset dataset;
    bool is_detection;
    char *folder, *scratch; /* where it will be, where it is made */
    struct store *into;
    struct export_images images;
    struct split *split; /* NULL: usages stay */
    struct format_labels *labels;
    void *writer;
    int64_t exported, left_out;
    yyjson_mut_val *left_out_list;
};

/* ---- one item ---- */

static void leave_out(struct exporting *exporting, const struct format_item *item, const char *why)
{
    yyjson_mut_doc *doc = exporting->context->result;
    if (exporting->left_out++ >= EXPORT_LEFT_OUT_LISTED)
        return;
    yyjson_mut_val *row = yyjson_mut_arr_add_obj(doc, exporting->left_out_list);
    (void)yyjson_mut_obj_add_strcpy(doc, row, "source", item->sample.source);
    (void)yyjson_mut_obj_add_strcpy(doc, row, "reason", why);
}

static bool is_labeled(const struct format_item *item)
{
    return item->sample.annotation_count > 0;
}

static bool is_wanted(const struct exporting *exporting, const struct format_item *item)
{
    const char *state = exporting->request.state;
    return strcmp(state, "all") == 0 || (strcmp(state, "labeled") == 0) == is_labeled(item);
}

static size_t label_count(const struct format_item *item)
{
    return item->voc ? item->voc->object_count : item->sample.annotation_count;
}

static const char *label_at(const struct format_item *item, size_t at)
{
    return item->voc ? item->voc->objects[at].name : item->sample.annotations[at].name;
}

/* What a split looks at. */
static bool sample_to_split(struct exporting *exporting, const struct format_item *item, struct sample *ret,
                            struct error *err)
{
    size_t count = label_count(item);
    struct annotation *labels = arena_alloc(exporting->of_sample, (count + 1) * sizeof(*labels));
    if (!labels)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++)
        labels[i] = (struct annotation){.name = label_at(item, i)};
    *ret = (struct sample){.id = item->sample.id ? item->sample.id : item->sample.source,
                           .annotations = labels,
                           .annotation_count = count};
    return true;
}

static bool use_split(struct exporting *exporting, struct format_item *item, struct error *err)
{
    struct sample sample;
    item->sample.usage = NULL;
    if (!is_labeled(item))
        return true;
    if (!sample_to_split(exporting, item, &sample, err))
        return false;
    item->sample.usage = split_usage(exporting->split, &sample);
    return true;
}

/* Whatever is wrong with one sample leaves it out; what is wrong with the folder ends the export. */
static bool is_of_item(const struct exporting *exporting, const struct error *err)
{
    return err->code == ERR_INVALID || err->code == ERR_LIMIT || exporting->images.is_missing;
}

/* A size that nobody told is taken from the image, where a format may need it. */
static void complete_size(struct exporting *exporting, const char *source, struct voc *voc)
{
    char *path = NULL;
    struct store_map map;
    struct error ignored = {0};
    uint32_t width = 0, height = 0;
    if ((voc->width > 0 && voc->height > 0) ||
        (strstr(source, "://") && !text_starts_with(source, "file://")) ||
        !manifest_source_decode(exporting->of_sample, source, &path, &ignored) || path[0] != '/' ||
        !roots_check(exporting->roots, path, &ignored) ||
        !store_map(exporting->images.root, path + 1, &map, &ignored))
        return;
    if (image_read_size(map.bytes, &width, &height, &ignored)) {
        voc->width = width;
        voc->height = height;
    }
    store_map_release(&map);
}

static bool write_item(struct exporting *exporting, const struct format_item *from, struct error *err)
{
    struct format_item wanted = *from, *item = &wanted;
    struct voc voc;
    const char *why = format_cannot_hold(exporting->format, item, exporting->is_detection);
    if (exporting->split && !use_split(exporting, item, err))
        return false;
    if (why) {
        leave_out(exporting, item, why);
        return true;
    }
    if (item->voc) {
        voc = *item->voc;
        complete_size(exporting, item->sample.source, &voc);
        item->voc = &voc;
    }
    exporting->images.is_missing = false;
    if (exporting->format->add(exporting->writer, item, exporting->of_sample, err)) {
        exporting->exported++;
        return true;
    }
    if (!is_of_item(exporting, err))
        return error_wrap(err, "%.150s", item->sample.source);
    leave_out(exporting, item, err->message);
    return true;
}

static bool export_item(struct exporting *exporting, struct format_item *item, struct error *err)
{
    bool is_done = !is_wanted(exporting, item) || write_item(exporting, item, err);
    atomic_fetch_add(&exporting->context->progress->done, 1);
    return is_done;
}

/* Before any is written: which labels there are, and what the split splits. */
static bool gather_item(struct exporting *exporting, struct format_item *item, struct error *err)
{
    struct sample sample;
    uint32_t number = 0;
    for (size_t i = 0; i < label_count(item); i++)
        if (label_at(item, i) && !format_labels_add(exporting->labels, label_at(item, i), &number, err))
            return false;
    if (!exporting->split || !is_labeled(item))
        return true;
    return sample_to_split(exporting, item, &sample, err) && split_add(exporting->split, &sample, true, err);
}

/* ---- where items come from ---- */

static bool item_of_sample(struct exporting *exporting, const struct sample *sample, struct format_item *ret,
                           struct error *err)
{
    bool is_labeled = strcmp(sample->state, SAMPLE_LABELED) == 0;
    const struct manifest_form form = {.is_detection = exporting->is_detection,
                                       .hard_attributes = (exporting->format->holds & FORMAT_HARD) != 0,
                                       .annotation_loc = "annotation"};
    *ret = (struct format_item){.sample = manifest_sample_none(), .place = {sample->source, 0}};
    if (!manifest_of_sample(sample, &form, exporting->of_sample, &ret->sample, err))
        return false;
    if (!exporting->is_detection || !is_labeled)
        return true;
    struct voc *voc = arena_alloc(exporting->of_sample, sizeof(*voc));
    ret->voc = voc;
    return voc ? sample_make_voc(sample, form.hard_attributes, exporting->of_sample, voc, err)
               : error_no_memory(err);
}

static bool visit_page(struct exporting *exporting, const struct sample_page *page, item_visitor *visit,
                       struct error *err)
{
    for (size_t i = 0; i < page->count; i++) {
        struct format_item item;
        if (atomic_load(&exporting->context->stop->is_set))
            return error_set(err, ERR_CANCELLED, "stopped");
        if (!item_of_sample(exporting, &page->samples[i], &item, err) || !visit(exporting, &item, err))
            return error_wrap(err, "sample '%s'", page->samples[i].id);
        arena_reset(exporting->of_sample);
    }
    return true;
}

static bool visit_samples(struct exporting *exporting, item_visitor *visit, struct error *err)
{
    struct sample_filter filter;
    char cursor[CURSOR_BYTES];
    sample_filter_init(&filter);
    filter.sort = "id";
    filter.limit = PAGE_SAMPLES;
    do {
        struct sample_page page;
        arena_reset(exporting->page);
        if (!samples_page(exporting->context->db, exporting->page, exporting->dataset.id, &filter, &page,
                          err) ||
            !visit_page(exporting, &page, visit, err))
            return false;
        if (page.cursor && !text_copy(cursor, sizeof(cursor), page.cursor))
            return error_set(err, ERR_LIMIT, "a cursor is longer than %zu bytes", sizeof(cursor));
        filter.cursor = page.cursor ? cursor : NULL;
    } while (filter.cursor);
    return true;
}

static bool refuse_bad(void *state, const struct format_place *place, struct error *err)
{
    (void)state;
    return error_wrap(err, "line %llu of %s", (unsigned long long)place->number, place->file);
}

struct visiting {
    struct exporting *exporting;
    item_visitor *visit;
};

static bool take_item(void *state, const struct format_item *from, struct error *err)
{
    const struct visiting *visiting = state;
    struct format_item item = *from;
    bool is_done = visiting->visit(visiting->exporting, &item, err);
    arena_reset(visiting->exporting->of_sample);
    arena_reset(visiting->exporting->page);
    return is_done;
}

/* The manifest is ours and lies in the data folder, which roots leave out. */
static bool visit_version(struct exporting *exporting, item_visitor *visit, struct error *err)
{
    struct dataset_version version;
    if (!dataset_version_find(exporting->context->db, exporting->arena, &exporting->dataset,
                              exporting->request.version, &version, err))
        return false;
    const char *path = path_join(exporting->arena, store_url(exporting->work->data), version.manifest_key);
    const struct format_reading reading = {
        .path = path, .is_detection = exporting->is_detection, .stop = exporting->context->stop};
    struct visiting visiting = {exporting, visit};
    struct format_sink sink = {&visiting, exporting->page, take_item, refuse_bad};
    return path ? format_modelarts.read(&reading, &sink, err) : error_no_memory(err);
}

static bool visit_all(struct exporting *exporting, item_visitor *visit, struct error *err)
{
    return exporting->request.version ? visit_version(exporting, visit, err)
                                      : visit_samples(exporting, visit, err);
}

static bool gather_labels(struct exporting *exporting, struct error *err)
{
    struct dataset_label *labels = NULL;
    size_t count = 0;
    uint32_t number = 0;
    exporting->labels = format_labels_new();
    if (!exporting->labels)
        return error_no_memory(err);
    if (exporting->request.version || exporting->split)
        return visit_all(exporting, gather_item, err) &&
               (!exporting->split || split_settle(exporting->split, err));
    if (!dataset_labels(exporting->context->db, exporting->arena, exporting->dataset.id, &labels, &count,
                        err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!format_labels_add(exporting->labels, labels[i].name, &number, err))
            return false;
    return true;
}

/* ---- the folder ---- */

static bool write_all(struct exporting *exporting, struct error *err)
{
    const struct export_dataset_request *request = &exporting->request;
    const struct format_writing writing = {.into = exporting->into,
                                           .is_detection = exporting->is_detection,
                                           .is_tree = strcmp(request->layout, "tree") == 0,
                                           .labels = exporting->labels,
                                           .state = &exporting->images,
                                           .place =
                                               strcmp(request->images, "none") == 0 ? NULL : export_image};
    task_progress_stage(exporting->context->progress, "exporting", exporting->dataset.samples);
    return exporting->format->begin(&writing, &exporting->writer, err) &&
           visit_all(exporting, export_item, err) && exporting->format->finish(exporting->writer, err);
}

static bool open_folders(struct exporting *exporting, struct error *err)
{
    struct error ignored = {0};
    exporting->images = (struct export_images){.roots = exporting->roots,
                                               .folder = exporting->scratch,
                                               .is_linked = strcmp(exporting->request.images, "link") == 0};
    buffer_init(&exporting->images.file, IMAGE_FILE_MAX_BYTES);
    (void)!scratch_folder_remove(exporting->scratch, &ignored); /* of an attempt that was killed */
    if (!store_open_within(exporting->roots, "/", false, &exporting->images.root, err) ||
        !store_open_within(exporting->roots, exporting->scratch, true, &exporting->into, err))
        return false;
    exporting->images.into = exporting->into;
    return true;
}

static void close_folders(struct exporting *exporting)
{
    if (exporting->format)
        exporting->format->free(exporting->writer);
    buffer_release(&exporting->images.file);
    (void)store_free(exporting->images.root);
    (void)store_free(exporting->into);
    (void)split_free(exporting->split);
    (void)format_labels_free(exporting->labels);
}

/* An empty folder makes way, any other stays: rename refuses it. */
static bool show_folder(struct exporting *exporting, struct error *err)
{
    if (rename(exporting->scratch, exporting->folder) == 0)
        return true;
    if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR)
        return error_set(err, ERR_CONFLICT, "%s is not empty; give an empty folder, or one that is not there",
                         exporting->folder);
    return error_set_errno(err, errno, "%s", exporting->folder);
}

/* Fails before any work when the folder can be seen to hold something. */
static bool check_empty(const struct exporting *exporting, struct error *err)
{
    DIR *folder = opendir(exporting->folder);
    bool is_empty = true;
    if (!folder && errno == ENOENT)
        return true;
    if (!folder)
        return error_set_errno(err, errno, "%s", exporting->folder);
    for (struct dirent *entry; (entry = readdir(folder));) /* NOLINT(concurrency-mt-unsafe): it is ours */
        is_empty = is_empty && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
    (void)closedir(folder);
    return is_empty ||
           error_set(err, ERR_CONFLICT, "%s is not empty; give an empty folder, or one that is not there",
                     exporting->folder);
}

static bool prepare(struct exporting *exporting, struct error *err)
{
    struct task_context *context = exporting->context;
    struct export_dataset_request *request = &exporting->request;
    if (!work_request(context, export_dataset_params, request, exporting->arena, err) ||
        !work_roots(context, exporting->arena, &exporting->roots, err) ||
        !dataset_find(context->db, context->task->project_id, exporting->arena, request->dataset,
                      &exporting->dataset, err) ||
        !format_find(request->format, &exporting->format, err) ||
        !path_absolute(exporting->arena, request->folder, &exporting->folder, err) ||
        !roots_check(exporting->roots, exporting->folder, err))
        return false;
    exporting->is_detection = strcmp(exporting->dataset.dataset_type, DATASET_TYPE_DETECTION) == 0;
    exporting->scratch =
        arena_printf(exporting->arena, "%s.partial-%s", exporting->folder, context->task->id);
    if (!exporting->scratch)
        return error_no_memory(err);
    if (!(exporting->format->holds & (exporting->is_detection ? FORMAT_BOXES : FORMAT_CLASSES)))
        return error_set_detail(err, DETAIL_DATASET_TYPE_MISMATCH, "%s has no %s", exporting->format->title,
                                exporting->is_detection ? "boxes" : "classes");
    if (strcmp(request->images, "none") == 0 && !(exporting->format->holds & FORMAT_ELSEWHERE))
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                "%s has its images beside its files: copy or link them",
                                exporting->format->title);
    bool is_split = request->train_ratio > 0 && request->train_ratio < 1;
    exporting->split = is_split ? split_new(request->train_ratio, request->seed) : NULL;
    return !is_split || exporting->split || error_no_memory(err);
}

static void report(struct exporting *exporting, yyjson_mut_val *root)
{
    yyjson_mut_doc *doc = exporting->context->result;
    (void)yyjson_mut_obj_add_int(doc, root, "exported", exporting->exported);
    (void)yyjson_mut_obj_add_int(doc, root, "left_out", exporting->left_out);
    (void)yyjson_mut_obj_add_val(doc, root, "left_out_samples", exporting->left_out_list);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "format", exporting->format->name);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "folder", exporting->folder);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "dataset", exporting->dataset.name);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "dataset_id", exporting->dataset.id);
}

/* What an attempt that was killed after the folder was shown had to report; *ret_found false: there was none.
 */
static bool find_note(struct exporting *exporting, const char *key, bool *ret_found, struct error *err)
{
    AUTO_JSON doc = NULL;
    AUTO_BUFFER(note, NOTE_MAX_BYTES);
    struct error missing = {0};
    *ret_found = false;
    if (exporting->context->task->attempts <= 1 || access(exporting->scratch, F_OK) == 0)
        return true;
    if (!store_get(exporting->work->data, key, &note, &missing)) {
        *err = missing;
        return missing.code == ERR_NOT_FOUND;
    }
    if (!json_parse((struct bytes){note.data, note.size}, "the note of the export", &doc, err))
        return false;
    *ret_found = true;
    yyjson_mut_doc_set_root(exporting->context->result,
                            yyjson_val_mut_copy(exporting->context->result, yyjson_doc_get_root(doc)));
    return true;
}

static bool put_note(struct exporting *exporting, const char *key, struct error *err)
{
    AUTO_BUFFER(note, NOTE_MAX_BYTES);
    return json_write(exporting->context->result, false, &note, err) &&
           store_put(exporting->work->data, key, (struct bytes){note.data, note.size}, err);
}

static bool make_folder(struct exporting *exporting, const char *note, struct error *err)
{
    yyjson_mut_doc *doc = exporting->context->result;
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    exporting->left_out_list = yyjson_mut_arr(doc);
    bool is_made = check_empty(exporting, err) && open_folders(exporting, err) &&
                   gather_labels(exporting, err) && write_all(exporting, err);
    yyjson_mut_doc_set_root(doc, root);
    report(exporting, root);
    if (is_made && put_note(exporting, note, err) && show_folder(exporting, err))
        return true;
    struct error ignored = {0};
    (void)!scratch_folder_remove(exporting->scratch, &ignored);
    return false;
}

static bool export_dataset(struct task_context *context, struct error *err)
{
    char note[NOTE_BYTES];
    bool is_found = false;
    AUTO(arena) arena = arena_new(WORK_ARENA_MAX_BYTES);
    AUTO(arena) page = arena_new(FORMAT_ARENA_BYTES);
    AUTO(arena) of_sample = arena_new(FORMAT_ARENA_BYTES);
    struct exporting exporting = {
        .context = context, .work = context->app, .arena = arena, .page = page, .of_sample = of_sample};
    if (!arena || !page || !of_sample)
        return error_no_memory(err);
    (void)snprintf(note, sizeof(note), "tasks/%s/export", context->task->id);
    bool is_done = prepare(&exporting, err) && find_note(&exporting, note, &is_found, err) &&
                   (is_found || make_folder(&exporting, note, err));
    close_folders(&exporting);
    return is_done;
}

const struct task_kind task_export_dataset = {
    .name = "export_dataset",
    .summary = "Writes a dataset, or one of its versions, into a folder in a common format.",
    .run = export_dataset,
};
