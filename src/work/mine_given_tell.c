/* SPDX-License-Identifier: Apache-2.0 */
/* What mining on given predictions leaves: the manifest, the report, what was left out, and a summary. */
#include "base/json_stream.h"
#include "record/profile.h"
#include "work/hard_manifest.h"
#include "work/mine_given_parts.h"

#include <stdlib.h>
#include <string.h>

enum {
    REPORT_MAX_BYTES = 16 * 1024 * 1024,
    LEFT_OUT_FLUSH_BYTES = 256 * 1024,
    LEFT_OUT_MAX_BYTES = 1024 * 1024,
};

/* ---- output ---- */

static bool write_piece(void *state, struct bytes piece, struct error *err)
{
    return outlet_write(state, piece, err);
}

static bool write_manifest(struct mine_given_work *work, struct error *err)
{
    bool is_standard = strcmp(work->request.output, "-") == 0,
         has_boxes = work->header.type == MODEL_TYPE_DETECTION;
    struct hard_manifest manifest = {.header = record_set_header(work->records),
                                     .hard = work->result.hard,
                                     .count = work->result.hard_count,
                                     .annotations = has_boxes ? work->output.store : NULL,
                                     .state = is_standard ? work->mining->state : &work->output,
                                     .write = is_standard ? work->mining->write : write_piece};
    task_progress_stage(work->mining->progress, "writing", (int64_t)work->result.hard_count);
    if (has_boxes && !manifest.annotations)
        mine_given_note(
            work, "boxes lie in files beside a manifest: what goes to a pipe or standard output has none; "
                  "give --output FILE");
    return hard_manifest_write(&manifest, err) && outlet_finish(&work->output, err);
}

static bool write_report(struct mine_given_work *work, struct error *err)
{
    AUTO_BUFFER(text, REPORT_MAX_BYTES);
    return !work->request.report || (json_write(work->result.report, true, &text, err) &&
                                     outlet_write(&work->report, (struct bytes){text.data, text.size}, err) &&
                                     outlet_finish(&work->report, err));
}

/* ---- what was left out ---- */

struct leaving {
    struct mine_given_work *work;
    struct outlet *file; /* NULL: nobody wants it */
    struct buffer lines;
    yyjson_mut_val *list; /* of the summary */
    uint64_t count;       /* in this list */
};

static bool flush_left_out(struct leaving *leaving, struct error *err)
{
    const struct bytes piece = {leaving->lines.data, leaving->lines.size};
    if (leaving->file && piece.size > 0 && !outlet_write(leaving->file, piece, err))
        return false;
    buffer_clear(&leaving->lines);
    return true;
}

static bool leave_out(struct leaving *leaving, const char *kind, const char *name, const char *why,
                      struct error *err)
{
    yyjson_mut_doc *doc = leaving->work->summary;
    if (leaving->count++ < MINE_GIVEN_LISTED_MAX) {
        yyjson_mut_val *one = yyjson_mut_arr_add_obj(doc, leaving->list);
        (void)yyjson_mut_obj_add_strcpy(doc, one, "name", name);
        (void)yyjson_mut_obj_add_strcpy(doc, one, "why", why);
    }
    struct json_stream out = {.into = &leaving->lines};
    json_stream_open(&out, NULL, '{');
    json_stream_text(&out, kind, name);
    json_stream_message(&out, "why", why);
    json_stream_close(&out, '}');
    (void)buffer_add(&leaving->lines, "\n", 1);
    return json_stream_check(&out, "the list of what was left out", err) &&
           (leaving->lines.size < LEFT_OUT_FLUSH_BYTES || flush_left_out(leaving, err));
}

static bool leave_images(struct leaving *leaving, struct error *err)
{
    const struct record_set *set = leaving->work->records;
    for (uint32_t number = 0; number < record_set_shards(set); number++) {
        AUTO(record_shard) shard = NULL;
        if (!record_shard_open(set, number, &shard, err))
            return false;
        for (uint32_t row = 0; row < record_shard_count(shard); row++) {
            struct record record;
            record_shard_get(shard, row, &record);
            if (record.error && !leave_out(leaving, "image", record.source, record.error, err))
                return false;
        }
    }
    return true;
}

static bool leave_predictions(struct leaving *leaving, const struct mine_given_side *side, const char *why,
                              struct error *err)
{
    for (uint64_t i = 0; side->given && i < given_count(side->given); i++)
        if (!side->is_used[i] && !leave_out(leaving, "prediction", given_name(side->given, i), why, err))
            return false;
    return true;
}

static bool list_left_out(struct leaving *leaving, struct error *err)
{
    yyjson_mut_doc *doc = leaving->work->summary;
    yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);
    leaving->list = yyjson_mut_obj_add_arr(doc, root, "images_left_out");
    if (!leave_images(leaving, err))
        return false;
    leaving->list = yyjson_mut_obj_add_arr(doc, root, "predictions_left_out");
    leaving->count = 0;
    return leave_predictions(leaving, &leaving->work->run, "there is no such image", err) &&
           leave_predictions(leaving, &leaving->work->training, "there is no such training image", err) &&
           flush_left_out(leaving, err);
}

static bool write_left_out(struct mine_given_work *work, struct error *err)
{
    struct leaving leaving = {.work = work, .file = work->request.left_out ? &work->left_out : NULL};
    buffer_init(&leaving.lines, LEFT_OUT_MAX_BYTES);
    bool is_done = list_left_out(&leaving, err);
    buffer_release(&leaving.lines);
    return is_done && outlet_finish(&work->left_out, err);
}

/* ---- summary ---- */

/* What the report says of the rules. */
static void add_reasons(struct mine_given_work *work, yyjson_mut_val *root)
{
    static const char *const lists[] = {"reasons", "reasons_off"};
    yyjson_mut_val *report = yyjson_mut_doc_get_root(work->result.report);
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        (void)yyjson_mut_obj_add_val(
            work->summary, root, lists[i],
            yyjson_mut_val_mut_copy(work->summary, yyjson_mut_obj_get(report, lists[i])));
}

static void add_counts(struct mine_given_work *work, yyjson_mut_val *root)
{
    yyjson_mut_doc *doc = work->summary;
    const struct mine_given_side *run = &work->run, *training = &work->training;
    (void)yyjson_mut_obj_add_str(doc, root, "format", given_format(run->given));
    (void)yyjson_mut_obj_add_str(doc, root, "model_type", model_type_name(work->header.type));
    (void)yyjson_mut_obj_add_uint(doc, root, "labels", work->shape.classes);
    (void)yyjson_mut_obj_add_uint(doc, root, "images", run->inputs.count);
    (void)yyjson_mut_obj_add_uint(doc, root, "files_skipped", run->inputs.skipped);
    (void)yyjson_mut_obj_add_uint(doc, root, "predictions", given_count(run->given));
    (void)yyjson_mut_obj_add_uint(doc, root, "images_without_prediction", run->inputs.count - run->predicted);
    (void)yyjson_mut_obj_add_uint(doc, root, "predictions_without_image", run->unmatched);
    (void)yyjson_mut_obj_add_uint(doc, root, "analysed", work->result.analysed);
    (void)yyjson_mut_obj_add_uint(doc, root, "left_out", work->result.failed);
    (void)yyjson_mut_obj_add_uint(doc, root, "hard", work->result.hard_count);
    if (work->header.type == MODEL_TYPE_DETECTION) {
        (void)yyjson_mut_obj_add_real(doc, root, "score_threshold", work->header.score_threshold);
        (void)yyjson_mut_obj_add_uint(doc, root, "boxes_outside", atomic_load(&run->boxes_dropped));
    }
    if (!work->profile)
        return;
    (void)yyjson_mut_obj_add_uint(doc, root, "training_images", profile_count(work->profile));
    (void)yyjson_mut_obj_add_uint(doc, root, "training_left_out", profile_left_out(work->profile));
    if (training->given)
        (void)yyjson_mut_obj_add_uint(doc, root, "training_predictions_without_image", training->unmatched);
}

static bool summarise(struct mine_given_work *work, struct error *err)
{
    yyjson_mut_val *root = yyjson_mut_doc_get_root(work->summary);
    add_counts(work, root);
    add_reasons(work, root);
    (void)yyjson_mut_obj_add_val(work->summary, root, "notes", work->notes);
    return write_left_out(work, err);
}

bool mine_given_tell(struct mine_given_work *work, struct error *err)
{
    return write_manifest(work, err) && write_report(work, err) && summarise(work, err);
}
