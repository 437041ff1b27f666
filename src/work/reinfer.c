/* SPDX-License-Identifier: Apache-2.0 */
#include "work/reinfer.h"

#include "base/hash.h"
#include "work/inputs.h"

#include <stdlib.h>
#include <string.h>

/* Memory of one thread. */
struct worker {
    struct model_scratch *model;
    struct augment_scratch *augment;
    struct image image, room, copy;
    struct buffer file;
    double *scores, *copy_scores;
};

struct reinfer {
    const struct reinfer_request *request;
    const struct record_header *header;
    struct inputs inputs;
    struct store *input;
    struct worker *workers;
    uint32_t threads, side_px;

    /* The shard at work. */
    const struct record_shard *shard;
    const struct input_item *items;
    uint32_t count, ops; /* ops: bits of the operations that are wanted of it */
    struct view *views;  /* settings->ops × count; read for `ops` only */
    atomic_uint fresh;   /* bits of the operations that were measured now */
    atomic_uint next;
    atomic_uint_fast64_t measured, kept, images, gone;
};

static bool worker_init(struct reinfer *reinfer, struct worker *worker, struct error *err)
{
    size_t classes = (size_t)reinfer->header->classes + 1;
    buffer_init(&worker->file, IMAGE_FILE_MAX_BYTES);
    worker->augment = augment_scratch_new();
    worker->scores = calloc(classes, sizeof(double));
    worker->copy_scores = calloc(classes, sizeof(double));
    if (!worker->augment || !worker->scores || !worker->copy_scores)
        return error_no_memory(err);
    return model_scratch_new(*reinfer->request->runner, &worker->model, err);
}

static void worker_release(struct worker *worker)
{
    worker->model = model_scratch_free(worker->model);
    worker->augment = augment_scratch_free(worker->augment);
    image_release(&worker->image);
    image_release(&worker->room);
    image_release(&worker->copy);
    buffer_release(&worker->file);
    free(worker->scores);
    free(worker->copy_scores);
}

/* ---- one image ---- */

/* The image as it was scanned; false when it is no more, or memory is out. */
static bool read_image(struct reinfer *reinfer, struct worker *worker, const struct input_item *item,
                       const struct record *record, struct error *err)
{
    const struct image_options options = {.accept_partial = reinfer->request->accept_partial,
                                          .background = {255, 255, 255}};
    struct image_info info;
    char hash[HASH_HEX_BYTES];
    if (!reinfer->input || !item->key || !record->content_hash ||
        !store_get(reinfer->input, item->key, &worker->file, err))
        return false;
    struct bytes file = {worker->file.data, worker->file.size};
    hash_of(file, hash);
    return strcmp(hash, record->content_hash) == 0 &&
           image_decode(file, &options, &worker->image, &info, err);
}

static bool compare(struct reinfer *reinfer, struct worker *worker, const struct record *record,
                    const struct augment_draw *draw, struct view *ret, struct error *err)
{
    struct prediction prediction;
    if (!model_predict(*reinfer->request->runner, worker->model, &worker->copy, &prediction, err))
        return false;
    if (reinfer->header->type == MODEL_TYPE_DETECTION) {
        const struct view_boxes boxes = {reinfer->header, record, draw, &prediction};
        return view_of_boxes(&boxes, ret, err);
    }
    prediction_scores(&prediction, worker->copy_scores);
    *ret = view_of_scores(reinfer->header->activation, reinfer->header->classes, worker->scores,
                          worker->copy_scores);
    return true;
}

/* A copy that the model cannot answer for is not measured; the others are. False when memory is out. */
static bool look_at(struct reinfer *reinfer, struct worker *worker, const struct record *record, uint32_t row,
                    uint32_t missing, struct error *err)
{
    const struct augment_settings *settings = reinfer->request->settings;
    const struct image *picture = NULL;
    if (reinfer->header->type == MODEL_TYPE_CLASSIFICATION)
        record_scores(reinfer->header, record, worker->scores);
    if (!augment_picture(&worker->image, reinfer->side_px, worker->augment, &worker->room, &picture, err))
        return false;
    for (uint32_t i = 0; i < settings->count; i++) {
        struct augment_draw draw;
        struct error failure = {0};
        if (!(missing >> i & 1U))
            continue;
        augment_plan(&settings->ops[i], record->content_hash, reinfer->side_px, picture, &draw);
        bool is_measured = augment_apply(&draw, picture, worker->augment, &worker->copy, &failure) &&
                           compare(reinfer, worker, record, &draw,
                                   &reinfer->views[(size_t)i * reinfer->count + row], &failure);
        if (!is_measured && failure.code == ERR_NO_MEMORY)
            return error_no_memory(err);
        if (is_measured)
            atomic_fetch_or(&reinfer->fresh, 1U << i);
        atomic_fetch_add(&reinfer->measured, is_measured);
        if (reinfer->request->progress)
            atomic_fetch_add(&reinfer->request->progress->done, 1);
    }
    return true;
}

static uint32_t missing_of(const struct reinfer *reinfer, uint32_t row)
{
    uint32_t wanted = reinfer->request->wanted[record_shard_first(reinfer->shard) + row], missing = 0;
    struct record record;
    record_shard_get(reinfer->shard, row, &record);
    if (record.error)
        return 0;
    for (uint32_t i = 0; i < reinfer->request->settings->count; i++)
        if ((wanted >> i & 1U) && !view_is_measured(&reinfer->views[(size_t)i * reinfer->count + row]))
            missing |= 1U << i;
    return missing;
}

static bool do_row(struct reinfer *reinfer, struct worker *worker, uint32_t row, struct error *err)
{
    struct record record;
    struct error failure = {0};
    record_shard_get(reinfer->shard, row, &record);
    uint32_t missing = missing_of(reinfer, row);
    if (missing == 0)
        return true;
    bool is_read = read_image(reinfer, worker, &reinfer->items[row], &record, &failure);
    atomic_fetch_add(is_read ? &reinfer->images : &reinfer->gone, 1);
    if (is_read && look_at(reinfer, worker, &record, row, missing, &failure))
        return true;
    if (failure.code != ERR_NO_MEMORY)
        return true;
    *err = failure;
    return false;
}

static bool is_stopped(const struct reinfer *reinfer)
{
    const struct stop_flag *stop = reinfer->request->stop;
    return stop && atomic_load(&stop->is_set);
}

static bool work_on_rows(void *state, uint32_t index, struct error *err)
{
    struct reinfer *reinfer = state;
    struct worker *worker = &reinfer->workers[index];
    if (!worker->model && !worker_init(reinfer, worker, err))
        return false;
    for (;;) {
        uint32_t row = atomic_fetch_add(&reinfer->next, 1);
        if (row >= reinfer->count)
            return true;
        if (is_stopped(reinfer))
            return error_set(err, ERR_CANCELLED, "stopped");
        if (!do_row(reinfer, worker, row, err))
            return false;
    }
}

/* ---- shards ---- */

static uint32_t wanted_ops(const struct reinfer_request *request, uint32_t shard)
{
    uint64_t end = record_set_shard_end(request->records, shard);
    uint32_t ops = 0;
    for (uint64_t i = record_set_shard_first(request->records, shard); i < end; i++)
        ops |= request->wanted[i];
    return ops;
}

static bool read_views(struct reinfer *reinfer, uint32_t shard, struct error *err)
{
    const struct reinfer_request *request = reinfer->request;
    for (uint32_t i = 0; i < request->settings->count; i++) {
        char key[VIEW_KEY_BYTES];
        view_key(request->folder, &request->settings->ops[i], shard, key);
        if (reinfer->ops >> i & 1U &&
            !view_read(request->data, key, reinfer->count, reinfer->views + (size_t)i * reinfer->count, err))
            return false;
    }
    return true;
}

/* Another filtering of the run may have written the file meanwhile: what it measured stays. */
static bool write_op(struct reinfer *reinfer, uint32_t shard, uint32_t op, struct view *theirs,
                     struct error *err)
{
    const struct reinfer_request *request = reinfer->request;
    struct view *rows = reinfer->views + (size_t)op * reinfer->count;
    char key[VIEW_KEY_BYTES];
    view_key(request->folder, &request->settings->ops[op], shard, key);
    if (!view_read(request->data, key, reinfer->count, theirs, err))
        return false;
    for (uint32_t row = 0; row < reinfer->count; row++)
        if (!view_is_measured(&rows[row]))
            rows[row] = theirs[row];
    return view_write(request->data, key, reinfer->count, rows, err);
}

static bool write_views(struct reinfer *reinfer, uint32_t shard, struct error *err)
{
    uint32_t fresh = atomic_load(&reinfer->fresh);
    struct view *theirs = calloc((size_t)reinfer->count + 1, sizeof(*theirs));
    bool is_done = theirs || error_no_memory(err);
    for (uint32_t op = 0; is_done && op < reinfer->request->settings->count; op++)
        if (fresh >> op & 1U)
            is_done = write_op(reinfer, shard, op, theirs, err);
    free(theirs);
    return is_done;
}

/* How many views of the shard are not there; those that are count as done. */
static uint64_t count_missing(struct reinfer *reinfer)
{
    uint64_t missing = 0, wanted = 0;
    for (uint32_t row = 0; row < reinfer->count; row++) {
        missing += (uint64_t)__builtin_popcount(missing_of(reinfer, row));
        wanted +=
            (uint64_t)__builtin_popcount(reinfer->request->wanted[record_shard_first(reinfer->shard) + row]);
    }
    atomic_fetch_add(&reinfer->kept, wanted - missing);
    if (reinfer->request->progress)
        atomic_fetch_add(&reinfer->request->progress->done, (int_fast64_t)(wanted - missing));
    return missing;
}

static bool open_model(struct reinfer *reinfer, struct error *err)
{
    const struct reinfer_request *request = reinfer->request;
    if (!*request->runner && !model_runner_open(request->data, request->model, request->runner, err))
        return false;
    const struct model_card *card = model_runner_card(*request->runner);
    reinfer->side_px = (uint32_t)(card->width > card->height ? card->width : card->height);
    return true;
}

static bool do_opened(struct reinfer *reinfer, uint32_t number, struct error *err)
{
    AUTO(arena) arena = arena_new(INPUTS_CHUNK_MAX_BYTES);
    struct input_list list;
    if (!arena)
        return error_no_memory(err);
    if (!read_views(reinfer, number, err))
        return false;
    if (count_missing(reinfer) == 0)
        return true;
    if (!open_model(reinfer, err) ||
        !inputs_shard(reinfer->request->data, reinfer->request->folder, number, arena, &list, err))
        return false;
    if (list.count != reinfer->count)
        return error_set(err, ERR_INVALID, "shard %u lists %u images, its records are %u", number, list.count,
                         reinfer->count);
    reinfer->items = list.items;
    atomic_store(&reinfer->next, 0);
    atomic_store(&reinfer->fresh, 0);
    return workers_run(reinfer->threads, work_on_rows, reinfer, err) && write_views(reinfer, number, err);
}

static bool do_shard(struct reinfer *reinfer, uint32_t number, struct error *err)
{
    AUTO(record_shard) shard = NULL;
    reinfer->ops = wanted_ops(reinfer->request, number);
    if (reinfer->ops == 0)
        return true;
    if (!record_shard_open(reinfer->request->records, number, &shard, err))
        return false;
    reinfer->shard = shard;
    reinfer->count = record_shard_count(shard);
    reinfer->views =
        calloc((size_t)reinfer->count * reinfer->request->settings->count, sizeof(*reinfer->views));
    bool is_done = reinfer->views ? do_opened(reinfer, number, err) : error_no_memory(err);
    free(reinfer->views);
    return is_done;
}

static bool do_all(struct reinfer *reinfer, struct error *err)
{
    AUTO(arena) arena = arena_new(INPUTS_CHUNK_MAX_BYTES);
    if (!arena)
        return error_no_memory(err);
    if (!inputs_open(reinfer->request->data, reinfer->request->folder, arena, &reinfer->inputs, err))
        return false;
    /* A folder that is gone is as if all its images were: filtering needs their records only. */
    if (!store_open_within(reinfer->request->roots, reinfer->inputs.root, false, &reinfer->input, err) &&
        err->code == ERR_NO_MEMORY)
        return false;
    for (uint32_t shard = 0; shard < record_set_shards(reinfer->request->records); shard++)
        if (!do_shard(reinfer, shard, err))
            return false;
    return store_flush(reinfer->request->data, err);
}

bool reinfer_run(const struct reinfer_request *request, struct reinfer_counts *counts, struct error *err)
{
    struct reinfer reinfer = {.request = request, .header = record_set_header(request->records)};
    reinfer.threads = request->threads ? request->threads : workers_cores();
    reinfer.workers = calloc(reinfer.threads, sizeof(*reinfer.workers));
    if (!reinfer.workers)
        return error_no_memory(err);
    bool is_done = do_all(&reinfer, err);
    for (uint32_t i = 0; i < reinfer.threads; i++)
        worker_release(&reinfer.workers[i]);
    free(reinfer.workers);
    reinfer.input = store_free(reinfer.input);
    counts->measured += atomic_load(&reinfer.measured);
    counts->kept += atomic_load(&reinfer.kept);
    counts->images += atomic_load(&reinfer.images);
    counts->gone += atomic_load(&reinfer.gone);
    return is_done;
}
