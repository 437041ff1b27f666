/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/path.h"
#include "dataset/dataset.h"
#include "formats/format.h"
#include "work/import_boxes.h"
#include "work/work.h"

#include <stdlib.h>
#include <string.h>

/* A line takes at most MANIFEST_ARENA_BYTES / MANIFEST_LINE_MAX_BYTES times its length of the arena, an
 * annotation file VOC_ARENA_BYTES / VOC_FILE_MAX_BYTES, and the sample made of it as much again. */
enum {
    BATCH_LINES_MIN = 4000,
    BATCH_LINES_MAX = 16 * BATCH_LINES_MIN,
    BATCH_TEXT_BYTES = 32 * 1024 * 1024,
    BATCH_ARENA_BYTES = 512 * 1024 * 1024,
    BAD_LINES_LISTED = 100
};

const struct param_spec import_manifest_params[] = {
    PARAM(struct import_manifest_request, dataset, .type = PARAM_TEXT, .is_required = true,
          .help = "id of the dataset"),
    PARAM(struct import_manifest_request, manifest, .type = PARAM_TEXT, .is_required = true,
          .help = "path of the file or folder"),
    PARAM_TABLE(struct import_manifest_request, settings, import_settings_params),
    PARAM(struct import_manifest_request, final_annotation, .type = PARAM_BOOL, .fallback = 1,
          .help = "annotations are final: labeled; otherwise to be confirmed"),
    PARAM(struct import_manifest_request, stop_at_bad_line, .type = PARAM_BOOL,
          .help = "a bad line ends the import"),
    PARAM_END,
};

/* A batch is a transaction, sorted by ids, which lie at random in the indexes: the larger it is, the fewer
 * pages are written for each sample. But whoever decides samples meanwhile waits for it, and a lease must be
 * renewed. */
static const double batch_seconds_short = 1.5, batch_seconds_long = 4;

struct importing {
    struct task_context *context;
    struct import_manifest_request request;
    struct dataset dataset;
    const struct dataset_format *format;
    struct arena *batch_arena;
    struct sample_new batch[BATCH_LINES_MAX];
    size_t batch_lines;              /* so many make a batch for now */
    size_t batch_count, batch_bytes; /* samples, and bytes of all lines read for them, bad ones too */
    struct sample_add_counts counts;
    int64_t bad, filtered;
    yyjson_mut_val *bad_lines;
    bool is_detection;
    struct import_boxes boxes;
};

static void choose_batch(struct importing *importing, double seconds)
{
    if (seconds < batch_seconds_short && importing->batch_lines < BATCH_LINES_MAX)
        importing->batch_lines *= 2;
    else if (seconds > batch_seconds_long && importing->batch_lines > BATCH_LINES_MIN)
        importing->batch_lines /= 2;
}

static bool flush(struct importing *importing, struct error *err)
{
    double start = clock_steady_seconds();
    const struct sample_batch batch = {importing->batch, importing->batch_count, SAMPLE_MERGE_IMPORT};
    if (!samples_add(importing->context->db, importing->dataset.id, &batch, &importing->counts, err))
        return false;
    if (importing->batch_count == importing->batch_lines)
        choose_batch(importing, clock_steady_seconds() - start);
    atomic_fetch_add(&importing->context->progress->done, (int_fast64_t)importing->batch_count);
    importing->batch_count = importing->batch_bytes = 0;
    arena_reset(importing->batch_arena);
    return true;
}

/* The item as a sample of the batch; *ret_taken false: it is not wanted. */
static bool make_sample(struct importing *importing, const struct format_item *item, bool *ret_taken,
                        struct error *err)
{
    struct sample_reading reading = {.dataset_type = importing->dataset.dataset_type,
                                     .final_annotation = importing->request.final_annotation};
    struct sample_new *sample = &importing->batch[importing->batch_count];
    struct format_item wanted = *item;
    struct voc voc;
    if (item->voc) {
        voc = *item->voc;
        wanted.voc = &voc;
    }
    *ret_taken = import_filter(&importing->request.settings, &wanted, item->voc ? &voc : NULL);
    if (!*ret_taken)
        return true;
    if (item->voc && !import_boxes_fix(&importing->boxes, &wanted, importing->batch_arena, &reading.voc, err))
        return false;
    return sample_of_manifest(&wanted.sample, &reading, importing->batch_arena, sample, err);
}

static bool note_bad(void *state, const struct format_place *place, struct error *err)
{
    struct importing *importing = state;
    struct error cause = *err;
    enum error_detail detail =
        cause.detail == DETAIL_DATASET_TYPE_MISMATCH ? cause.detail : DETAIL_BAD_MANIFEST;
    if (cause.code == ERR_NO_MEMORY)
        return false;
    if (importing->request.stop_at_bad_line || detail == DETAIL_DATASET_TYPE_MISMATCH)
        return place->number > 0
                   ? error_set_detail(err, detail, "line %llu of %s: %s", (unsigned long long)place->number,
                                      place->file, cause.message)
                   : error_set_detail(err, detail, "%s: %s", place->file, cause.message);
    yyjson_mut_doc *doc = importing->context->result;
    if (importing->bad++ < BAD_LINES_LISTED) {
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(doc, importing->bad_lines);
        (void)yyjson_mut_obj_add_uint(doc, row, "line", place->number);
        (void)yyjson_mut_obj_add_strcpy(doc, row, "file", place->file);
        (void)yyjson_mut_obj_add_strcpy(doc, row, "reason", cause.message);
    }
    atomic_fetch_add(&importing->context->progress->failed, 1);
    return true;
}

static bool take_item(void *state, const struct format_item *item, struct error *err)
{
    struct importing *importing = state;
    bool is_taken = false;
    if (!make_sample(importing, item, &is_taken, err)) {
        if (!note_bad(importing, &item->place, err))
            return false;
    } else if (is_taken) {
        struct sample_new *sample = &importing->batch[importing->batch_count++];
        sample->origin = "import";
        sample->origin_task = importing->context->task->id;
    }
    importing->filtered += !is_taken;
    importing->batch_bytes += item->bytes;
    bool is_full =
        importing->batch_count == importing->batch_lines || importing->batch_bytes >= BATCH_TEXT_BYTES;
    return !is_full || flush(importing, err);
}

static void report(const struct importing *importing, yyjson_mut_val *root)
{
    yyjson_mut_doc *doc = importing->context->result;
    (void)yyjson_mut_obj_add_int(doc, root, "added", importing->counts.added);
    (void)yyjson_mut_obj_add_int(doc, root, "updated", importing->counts.updated);
    (void)yyjson_mut_obj_add_int(doc, root, "unchanged", importing->counts.unchanged);
    (void)yyjson_mut_obj_add_int(doc, root, "bad", importing->bad);
    (void)yyjson_mut_obj_add_int(doc, root, "filtered", importing->filtered);
    if (importing->format)
        (void)yyjson_mut_obj_add_str(doc, root, "format", importing->format->name);
    if (importing->is_detection)
        import_boxes_report(&importing->boxes, root);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "dataset", importing->dataset.name);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "dataset_id", importing->dataset.id);
}

/* A format that has nothing of what the dataset is about would only bring bad lines. */
static bool check_format(const struct importing *importing, struct error *err)
{
    const struct dataset_format *format = importing->format;
    if (!(format->holds & (importing->is_detection ? FORMAT_BOXES : FORMAT_CLASSES)))
        return error_set_detail(err, DETAIL_DATASET_TYPE_MISMATCH, "%s has no %s, dataset '%s' is of %s",
                                format->title, importing->is_detection ? "boxes" : "classes",
                                importing->dataset.name, importing->dataset.dataset_type);
    bool knows_hard = format->holds & (FORMAT_HARD | FORMAT_DIFFICULT);
    return !importing->request.settings.difficult_only || knows_hard ||
           error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                            "%s does not say what is hard: leave out difficult_only", format->title);
}

static bool choose_format(struct importing *importing, const char *path, struct arena *arena,
                          struct error *err)
{
    struct format_look look;
    const char *name = importing->request.settings.format;
    return format_look_at(importing->boxes.roots, path, arena, &look, err) &&
           (name ? format_find(name, &importing->format, err)
                 : format_tell(&look, &importing->format, err)) &&
           check_format(importing, err);
}

static bool read_all(struct importing *importing, struct arena *arena, struct error *err)
{
    struct task_context *context = importing->context;
    char *path = NULL, *images = NULL;
    const char *given = importing->request.settings.images;
    if (!path_absolute(arena, importing->request.manifest, &path, err) ||
        (given && !path_absolute(arena, given, &images, err)) || !choose_format(importing, path, arena, err))
        return false;
    const struct format_reading reading = {importing->boxes.roots, path, images, importing->is_detection,
                                           context->stop};
    struct format_sink sink = {importing, importing->batch_arena, take_item, note_bad};
    return import_boxes_open(&importing->boxes, context->result, err) &&
           importing->format->read(&reading, &sink, err) && flush(importing, err);
}

static bool import(struct importing *importing, struct arena *arena, struct error *err)
{
    struct task_context *context = importing->context;
    yyjson_mut_val *root = yyjson_mut_obj(context->result);
    yyjson_mut_doc_set_root(context->result, root);
    importing->bad_lines = yyjson_mut_obj_add_arr(context->result, root, "bad_lines");
    if (!work_request(context, import_manifest_params, &importing->request, arena, err) ||
        !work_roots(context, arena, &importing->boxes.roots, err) ||
        !dataset_find_uncounted(context->db, context->task->project_id, arena, importing->request.dataset,
                                &importing->dataset, err))
        return false;
    task_progress_stage(context->progress, "importing", 0);
    importing->is_detection = strcmp(importing->dataset.dataset_type, DATASET_TYPE_DETECTION) == 0;
    importing->boxes.db = context->db;
    importing->boxes.project_id = importing->dataset.project_id;
    importing->boxes.dataset_id = importing->dataset.id;
    bool is_done = read_all(importing, arena, err);
    report(importing, root);
    import_boxes_release(&importing->boxes);
    return is_done;
}

static bool import_manifest(struct task_context *context, struct error *err)
{
    AUTO(arena) arena = arena_new(WORK_ARENA_MAX_BYTES);
    AUTO(arena) batch_arena = arena_new(BATCH_ARENA_BYTES);
    struct importing *importing = calloc(1, sizeof(*importing));
    if (!arena || !batch_arena || !importing) {
        free(importing);
        return error_no_memory(err);
    }
    importing->context = context;
    importing->batch_arena = batch_arena;
    importing->batch_lines = BATCH_LINES_MIN;
    bool is_done = import(importing, arena, err);
    free(importing);
    return is_done;
}

const struct task_kind task_import_manifest = {
    .name = "import_manifest",
    .summary = "Imports files of a dataset; bad lines are reported and do not stop the good ones.",
    .run = import_manifest,
};
