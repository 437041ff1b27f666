/* SPDX-License-Identifier: Apache-2.0 */
#include "work/reinfer.h"

#include <stdlib.h>

/* Memory of one thread. */
struct worker {
    struct model_scratch *model; /* NULL: it has not begun */
    struct augment_scratch *augment;
    struct image room, copy;
    double *scores, *copy_scores;
};

struct reinfer {
    struct reread reread;
    const struct reinfer_request *request;
    const struct record_header *header;
    struct worker *workers;
    uint32_t side_px;

    /* The shard at work. */
    uint32_t ops;       /* bits of the operations that are wanted of it */
    struct view *views; /* settings->ops × count; read for `ops` only */
    atomic_uint fresh;  /* bits of the operations that were measured now */
    atomic_uint_fast64_t measured, kept, images, gone;
};

static bool worker_init(struct reinfer *reinfer, struct worker *worker, struct error *err)
{
    size_t classes = (size_t)reinfer->header->classes + 1;
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
    image_release(&worker->room);
    image_release(&worker->copy);
    free(worker->scores);
    free(worker->copy_scores);
}

/* ---- one image ---- */

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
static bool look_at(struct reinfer *reinfer, struct worker *worker, const struct image *image, uint32_t row,
                    uint32_t missing, struct error *err)
{
    const struct augment_settings *settings = reinfer->request->settings;
    const struct image *picture = NULL;
    struct record record;
    record_shard_get(reinfer->reread.shard, row, &record);
    if (reinfer->header->type == MODEL_TYPE_CLASSIFICATION)
        record_scores(reinfer->header, &record, worker->scores);
    if (!augment_picture(image, reinfer->side_px, worker->augment, &worker->room, &picture, err))
        return false;
    for (uint32_t i = 0; i < settings->count; i++) {
        struct augment_draw draw;
        struct error failure = {0};
        if (!(missing >> i & 1U))
            continue;
        augment_plan(&settings->ops[i], record.content_hash, reinfer->side_px, picture, &draw);
        bool is_measured = augment_apply(&draw, picture, worker->augment, &worker->copy, &failure) &&
                           compare(reinfer, worker, &record, &draw,
                                   &reinfer->views[(size_t)i * reinfer->reread.count + row], &failure);
        if (!is_measured && failure.code == ERR_NO_MEMORY)
            return error_no_memory(err);
        if (is_measured)
            atomic_fetch_or(&reinfer->fresh, 1U << i);
        atomic_fetch_add(&reinfer->measured, is_measured);
        reread_count_done(&reinfer->reread, 1);
    }
    return true;
}

static uint32_t missing_of(const struct reinfer *reinfer, uint32_t row)
{
    uint32_t wanted = reinfer->request->wanted[record_shard_first(reinfer->reread.shard) + row], missing = 0;
    struct record record;
    record_shard_get(reinfer->reread.shard, row, &record);
    if (record.error)
        return 0;
    for (uint32_t i = 0; i < reinfer->request->settings->count; i++)
        if ((wanted >> i & 1U) && !view_is_measured(&reinfer->views[(size_t)i * reinfer->reread.count + row]))
            missing |= 1U << i;
    return missing;
}

static bool do_row(void *state, uint32_t thread, uint32_t row, struct error *err)
{
    struct reinfer *reinfer = state;
    struct worker *worker = &reinfer->workers[thread];
    const struct image *image = NULL;
    struct error failure = {0};
    uint32_t missing = missing_of(reinfer, row);
    if (missing == 0)
        return true;
    if (!worker->model && !worker_init(reinfer, worker, err))
        return false;
    bool is_read = reread_image(&reinfer->reread, thread, row, &image, &failure);
    atomic_fetch_add(is_read ? &reinfer->images : &reinfer->gone, 1);
    if (is_read && look_at(reinfer, worker, image, row, missing, &failure))
        return true;
    if (failure.code != ERR_NO_MEMORY)
        return true;
    *err = failure;
    return false;
}

/* ---- shards ---- */

static uint32_t wanted_ops(const struct reinfer_request *request, uint32_t shard)
{
    uint64_t end = record_set_shard_end(request->images.records, shard);
    uint32_t ops = 0;
    for (uint64_t i = record_set_shard_first(request->images.records, shard); i < end; i++)
        ops |= request->wanted[i];
    return ops;
}

static bool wants(const void *state, uint32_t shard)
{
    const struct reinfer *reinfer = state;
    return wanted_ops(reinfer->request, shard) != 0;
}

static bool read_views(struct reinfer *reinfer, struct error *err)
{
    const struct reinfer_request *request = reinfer->request;
    for (uint32_t i = 0; i < request->settings->count; i++) {
        char key[VIEW_KEY_BYTES];
        view_key(request->images.folder, &request->settings->ops[i], reinfer->reread.number, key);
        if (reinfer->ops >> i & 1U && !view_read(request->images.data, key, reinfer->reread.count,
                                                 reinfer->views + (size_t)i * reinfer->reread.count, err))
            return false;
    }
    return true;
}

/* Another filtering of the run may have written the file meanwhile: what it measured stays. */
static bool write_op(struct reinfer *reinfer, uint32_t op, struct view *theirs, struct error *err)
{
    const struct reinfer_request *request = reinfer->request;
    struct view *rows = reinfer->views + (size_t)op * reinfer->reread.count;
    char key[VIEW_KEY_BYTES];
    view_key(request->images.folder, &request->settings->ops[op], reinfer->reread.number, key);
    if (!view_read(request->images.data, key, reinfer->reread.count, theirs, err))
        return false;
    for (uint32_t row = 0; row < reinfer->reread.count; row++)
        if (!view_is_measured(&rows[row]))
            rows[row] = theirs[row];
    return view_write(request->images.data, key, reinfer->reread.count, rows, err);
}

static bool write_views(struct reinfer *reinfer, struct error *err)
{
    uint32_t fresh = atomic_load(&reinfer->fresh);
    struct view *theirs = calloc((size_t)reinfer->reread.count + 1, sizeof(*theirs));
    bool is_done = theirs || error_no_memory(err);
    for (uint32_t op = 0; is_done && op < reinfer->request->settings->count; op++)
        if (fresh >> op & 1U)
            is_done = write_op(reinfer, op, theirs, err);
    free(theirs);
    return is_done;
}

/* How many views of the shard are not there; those that are count as done. */
static uint64_t count_missing(struct reinfer *reinfer)
{
    uint64_t missing = 0, wanted = 0;
    for (uint32_t row = 0; row < reinfer->reread.count; row++) {
        missing += (uint64_t)__builtin_popcount(missing_of(reinfer, row));
        wanted += (uint64_t)__builtin_popcount(
            reinfer->request->wanted[record_shard_first(reinfer->reread.shard) + row]);
    }
    atomic_fetch_add(&reinfer->kept, wanted - missing);
    reread_count_done(&reinfer->reread, wanted - missing);
    return missing;
}

static bool open_model(struct reinfer *reinfer, struct error *err)
{
    const struct reinfer_request *request = reinfer->request;
    if (!*request->runner && !model_runner_open(request->images.data, request->model, request->runner, err))
        return false;
    const struct model_card *card = model_runner_card(*request->runner);
    reinfer->side_px = (uint32_t)(card->width > card->height ? card->width : card->height);
    return true;
}

static bool fill_views(struct reinfer *reinfer, struct error *err)
{
    if (!read_views(reinfer, err))
        return false;
    if (count_missing(reinfer) == 0)
        return true;
    atomic_store(&reinfer->fresh, 0);
    return open_model(reinfer, err) && reread_images(&reinfer->reread, err) && write_views(reinfer, err);
}

static bool do_shard(void *state, struct error *err)
{
    struct reinfer *reinfer = state;
    reinfer->ops = wanted_ops(reinfer->request, reinfer->reread.number);
    reinfer->views =
        calloc((size_t)reinfer->reread.count * reinfer->request->settings->count, sizeof(*reinfer->views));
    bool is_done = reinfer->views ? fill_views(reinfer, err) : error_no_memory(err);
    free(reinfer->views);
    reinfer->views = NULL;
    return is_done;
}

static bool reinfer_all(struct reinfer *reinfer, struct error *err)
{
    reinfer->workers = calloc(reinfer->reread.threads, sizeof(*reinfer->workers));
    if (!reinfer->workers)
        return error_no_memory(err);
    bool is_done = reread_run(&reinfer->reread, err);
    for (uint32_t i = 0; i < reinfer->reread.threads; i++)
        worker_release(&reinfer->workers[i]);
    free(reinfer->workers);
    return is_done;
}

bool reinfer_run(const struct reinfer_request *request, struct reinfer_counts *counts, struct error *err)
{
    struct reinfer reinfer = {.request = request, .header = record_set_header(request->images.records)};
    const struct reread_work work = {
        .state = &reinfer, .do_shard = do_shard, .do_row = do_row, .wants = wants};
    bool is_done = reread_init(&request->images, &work, &reinfer.reread, err) && reinfer_all(&reinfer, err);
    reread_release(&reinfer.reread);
    counts->measured += atomic_load(&reinfer.measured);
    counts->kept += atomic_load(&reinfer.kept);
    counts->images += atomic_load(&reinfer.images);
    counts->gone += atomic_load(&reinfer.gone);
    return is_done;
}
