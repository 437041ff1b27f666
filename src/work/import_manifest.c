/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"
#include "dataset/dataset.h"
#include "work/import_boxes.h"
#include "work/manifest_file.h"
#include "work/work.h"

#include <stdlib.h>
#include <string.h>

/* A line takes at most MANIFEST_ARENA_BYTES / MANIFEST_LINE_MAX_BYTES times its length of the arena, an
 * annotation file VOC_ARENA_BYTES / VOC_FILE_MAX_BYTES, and the sample made of it as much again. */
enum {
    BATCH_LINES = 1000,
    BATCH_TEXT_BYTES = 32 * 1024 * 1024,
    BATCH_ARENA_BYTES = 512 * 1024 * 1024,
    BAD_LINES_LISTED = 100
};

const struct param_spec import_manifest_params[] = {
    PARAM(struct import_manifest_request, dataset, .type = PARAM_TEXT, .is_required = true,
          .help = "id of the dataset"),
    PARAM(struct import_manifest_request, manifest, .type = PARAM_TEXT, .is_required = true,
          .help = "path of the manifest"),
    PARAM(struct import_manifest_request, final_annotation, .type = PARAM_BOOL, .fallback = 1,
          .help = "annotations are final: labeled; otherwise to be confirmed"),
    PARAM(struct import_manifest_request, stop_at_bad_line, .type = PARAM_BOOL,
          .help = "a bad line ends the import"),
    PARAM_END,
};

struct importing {
    struct task_context *context;
    struct import_manifest_request request;
    struct dataset dataset;
    const char *folder; /* of the manifest: relative sources start there */
    struct arena *batch_arena;
    struct sample_new batch[BATCH_LINES];
    size_t batch_count, batch_bytes; /* samples, and bytes of all lines read for them, bad ones too */
    struct sample_add_counts counts;
    int64_t bad;
    yyjson_mut_val *bad_lines;
    bool is_detection;
    struct import_boxes boxes;
};

static bool flush(struct importing *importing, struct error *err)
{
    const struct sample_batch batch = {importing->batch, importing->batch_count, SAMPLE_MERGE_IMPORT};
    if (!samples_add(importing->context->db, importing->dataset.id, &batch, &importing->counts, err))
        return false;
    atomic_fetch_add(&importing->context->progress->done, (int_fast64_t)importing->batch_count);
    importing->batch_count = importing->batch_bytes = 0;
    arena_reset(importing->batch_arena);
    return true;
}

/* Samples are known by absolute sources, so that they mean the same wherever the manifest is copied. */
static bool make_absolute(struct importing *importing, struct manifest_sample *line, struct error *err)
{
    if (line->source[0] == '/' || strstr(line->source, "://"))
        return true;
    char *joined = path_join(importing->batch_arena, importing->folder, line->source), *full = NULL;
    if (!joined)
        return error_no_memory(err);
    if (!path_absolute(importing->batch_arena, joined, &full, err))
        return false;
    line->source = full;
    return true;
}

/* An annotation of another type is sample_of_manifest's to refuse. */
static bool read_boxes(struct importing *importing, const struct manifest_sample *line,
                       struct sample_reading *reading, struct error *err)
{
    bool has_file = importing->is_detection && line->annotation_count == 1 &&
                    strcmp(line->annotations[0].type, MANIFEST_TYPE_DETECTION) == 0;
    if (!has_file)
        return true;
    bool is_read = import_boxes_read(&importing->boxes, line, importing->batch_arena, &reading->voc, err);
    importing->batch_bytes += 2 * importing->boxes.files.file.size;
    return is_read;
}

static bool take_line(struct importing *importing, struct bytes text, struct error *err)
{
    struct manifest_sample line;
    struct sample_reading reading = {.dataset_type = importing->dataset.dataset_type,
                                     .final_annotation = importing->request.final_annotation};
    struct sample_new *sample = &importing->batch[importing->batch_count];
    if (!manifest_line_read(text, importing->batch_arena, &line, err) ||
        !make_absolute(importing, &line, err) || !read_boxes(importing, &line, &reading, err) ||
        !sample_of_manifest(&line, &reading, importing->batch_arena, sample, err))
        return false;
    sample->origin = "import";
    sample->origin_task = importing->context->task->id;
    importing->batch_count++;
    return true;
}

static bool note_bad_line(struct importing *importing, uint64_t number, struct error *err)
{
    struct error cause = *err;
    enum error_detail detail =
        cause.detail == DETAIL_DATASET_TYPE_MISMATCH ? cause.detail : DETAIL_BAD_MANIFEST;
    if (cause.code == ERR_NO_MEMORY)
        return false;
    if (importing->request.stop_at_bad_line || detail == DETAIL_DATASET_TYPE_MISMATCH)
        return error_set_detail(err, detail, "line %llu of %s: %s", (unsigned long long)number,
                                importing->request.manifest, cause.message);
    yyjson_mut_doc *doc = importing->context->result;
    if (importing->bad++ < BAD_LINES_LISTED) {
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(doc, importing->bad_lines);
        (void)yyjson_mut_obj_add_uint(doc, row, "line", number);
        (void)yyjson_mut_obj_add_strcpy(doc, row, "reason", cause.message);
    }
    atomic_fetch_add(&importing->context->progress->failed, 1);
    return true;
}

/* A line past the limit is the manifest's fault, too; the message names it. */
static bool unreadable(const struct importing *importing, struct error *err)
{
    struct error cause = *err;
    return cause.code == ERR_LIMIT &&
           error_set_detail(err, DETAIL_BAD_MANIFEST, "%s: %s", importing->request.manifest, cause.message);
}

static bool import_lines(struct importing *importing, struct manifest_lines *lines, struct error *err)
{
    for (;;) {
        struct bytes line;
        uint64_t number = 0;
        if (atomic_load(&importing->context->stop->is_set))
            return error_set(err, ERR_CANCELLED, "stopped");
        if (!manifest_lines_next(lines, &line, &number, err))
            return unreadable(importing, err);
        if (!line.data)
            return flush(importing, err);
        importing->boxes.line = number;
        if (!take_line(importing, line, err) && !note_bad_line(importing, number, err))
            return false;
        importing->batch_bytes += line.size;
        bool is_full = importing->batch_count == BATCH_LINES || importing->batch_bytes >= BATCH_TEXT_BYTES;
        if (is_full && !flush(importing, err))
            return false;
    }
}

static void report(const struct importing *importing, yyjson_mut_val *root)
{
    yyjson_mut_doc *doc = importing->context->result;
    (void)yyjson_mut_obj_add_int(doc, root, "added", importing->counts.added);
    (void)yyjson_mut_obj_add_int(doc, root, "updated", importing->counts.updated);
    (void)yyjson_mut_obj_add_int(doc, root, "unchanged", importing->counts.unchanged);
    (void)yyjson_mut_obj_add_int(doc, root, "bad", importing->bad);
    if (importing->is_detection)
        import_boxes_report(&importing->boxes, root);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "dataset", importing->dataset.name);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "dataset_id", importing->dataset.id);
}

static bool import(struct importing *importing, struct arena *arena, struct error *err)
{
    struct task_context *context = importing->context;
    yyjson_mut_val *root = yyjson_mut_obj(context->result);
    struct manifest_file file;
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
    bool is_done = manifest_file_open(importing->boxes.roots, importing->request.manifest, &file, err);
    importing->folder = file.folder;
    is_done = is_done && import_boxes_open(&importing->boxes, file.folder, context->result, err) &&
              import_lines(importing, file.lines, err);
    report(importing, root);
    import_boxes_release(&importing->boxes);
    manifest_file_release(&file);
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
    bool is_done = import(importing, arena, err);
    free(importing);
    return is_done;
}

const struct task_kind task_import_manifest = {
    .name = "import_manifest",
    .summary = "Imports a manifest into a dataset; bad lines are reported and do not stop the good ones.",
    .run = import_manifest,
};
