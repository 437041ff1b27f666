/* SPDX-License-Identifier: Apache-2.0 */
#include "work/scan.h"

#include "base/clock.h"
#include "work/scan_shard.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    NO_SHARD = -1,
    SHARD_ATTEMPTS_MAX = 3,
    SHARD_RETRY_MS = TASK_RENEW_MS + 200, /* by then a process has seen that its lease is gone */
};

/* A place for one shard in flight. `pending` says which, by its position among the pending ones. */
struct slot {
    int64_t pending;
    bool is_open;
    struct scan_shard shard;
};
struct scan {
    const struct scan_request *request;
    struct record_header header;
    char records_folder[PATH_MAX_BYTES];
    struct store *input;
    uint32_t *pending; /* shard numbers that are not there yet, ascending */
    uint32_t pending_count;
    uint64_t pending_images;
    atomic_uint_fast64_t ticket;
    atomic_bool must_end;
    pthread_mutex_t lock; /* guards slots and failure */
    struct error failure; /* the first that is more than a wish to stop */
    pthread_cond_t changed;
    struct slot slots[SCAN_SHARDS_IN_FLIGHT];
};

void scan_record_header(const struct model_runner *runner, const char *model_hash, struct record_header *ret)
{
    struct model_shape shape = model_runner_shape(runner);
    const struct model_card *card = model_runner_card(runner);
    *ret = (struct record_header){.type = shape.type,
                                  .activation = shape.activation,
                                  .classes = shape.classes,
                                  .embedding_length = shape.embedding_length,
                                  .appearance_length = IMAGE_APPEARANCE_LENGTH,
                                  .appearance_name = IMAGE_APPEARANCE_NAME,
                                  .decode = card->decode,
                                  .model_hash = model_hash,
                                  .score_threshold = shape.score_threshold,
                                  .candidate_floor = shape.candidate_floor,
                                  .labels = card->labels.items};
}

static bool must_end(struct scan *scan)
{
    struct stop_flag *stop = scan->request->stop;
    return atomic_load(&scan->must_end) || (stop && atomic_load(&stop->is_set));
}

static void end_all(struct scan *scan, const struct error *err)
{
    atomic_store(&scan->must_end, true);
    pthread_mutex_lock(&scan->lock);
    if (err->code != ERR_CANCELLED && scan->failure.code == ERR_NONE)
        scan->failure = *err;
    pthread_cond_broadcast(&scan->changed);
    pthread_mutex_unlock(&scan->lock);
}

/* Waits until the slot belongs to `pending` and is open; NULL when the scan must end. */
static struct scan_shard *shard_enter(struct scan *scan, int64_t pending)
{
    struct slot *slot = &scan->slots[pending % SCAN_SHARDS_IN_FLIGHT];
    pthread_mutex_lock(&scan->lock);
    while (!(slot->pending == pending && slot->is_open) && !atomic_load(&scan->must_end))
        pthread_cond_wait(&scan->changed, &scan->lock);
    bool is_mine = slot->pending == pending && slot->is_open;
    pthread_mutex_unlock(&scan->lock);
    return is_mine ? &slot->shard : NULL;
}

/* The worker that draws a shard's first ticket opens it, once its slot is free. */
static bool shard_begin(struct scan *scan, int64_t pending, struct error *err)
{
    struct slot *slot = &scan->slots[pending % SCAN_SHARDS_IN_FLIGHT];
    pthread_mutex_lock(&scan->lock);
    while (slot->pending != NO_SHARD && !atomic_load(&scan->must_end))
        pthread_cond_wait(&scan->changed, &scan->lock);
    bool is_free = slot->pending == NO_SHARD;
    if (is_free)
        slot->pending = pending;
    pthread_mutex_unlock(&scan->lock);
    if (!is_free)
        return error_set(err, ERR_CANCELLED, "stopped");
    if (!scan_shard_open(scan->request->data, scan->request->folder, scan->pending[pending], &scan->header,
                         &slot->shard, err))
        return false;
    pthread_mutex_lock(&scan->lock);
    slot->is_open = true;
    pthread_cond_broadcast(&scan->changed);
    pthread_mutex_unlock(&scan->lock);
    return true;
}

/* A process that slept past its lease may still be at the same files until it notices: then once more. */
static bool write_shard(struct scan *scan, const struct record_rows *rows, struct error *err)
{
    for (int attempt = 1; attempt < SHARD_ATTEMPTS_MAX; attempt++) {
        if (record_shard_write(scan->request->data, scan->records_folder, rows, err))
            return true;
        clock_sleep_ms(SHARD_RETRY_MS);
        if (must_end(scan))
            return error_set(err, ERR_CANCELLED, "stopped");
    }
    return record_shard_write(scan->request->data, scan->records_folder, rows, err);
}

/* The worker that fills a shard's last row writes it and frees its slot. */
static bool shard_end(struct scan *scan, int64_t pending, struct error *err)
{
    struct slot *slot = &scan->slots[pending % SCAN_SHARDS_IN_FLIGHT];
    struct scan_shard *shard = &slot->shard;
    const struct record_rows rows = {.shard = shard->shard,
                                     .first = (uint64_t)shard->shard * scan->request->inputs->shard_images,
                                     .header = &scan->header,
                                     .records = shard->records,
                                     .count = shard->count};
    if (!write_shard(scan, &rows, err))
        return false;
    scan_shard_release(shard);
    pthread_mutex_lock(&scan->lock);
    slot->is_open = false;
    slot->pending = NO_SHARD;
    pthread_cond_broadcast(&scan->changed);
    pthread_mutex_unlock(&scan->lock);
    return true;
}

static bool scan_row(struct scan *scan, struct scan_worker *worker, struct scan_shard *shard, uint32_t row,
                     struct error *err)
{
    const struct input_item *item = &shard->items[row];
    const struct image_options options = {.accept_partial = scan->request->accept_partial,
                                          .background = {255, 255, 255}};
    struct scan_seen seen = {0};
    worker->number = (uint64_t)shard->shard * scan->request->inputs->shard_images + row;
    struct error failure = {0};
    bool is_seen = item->error ? error_set(&failure, ERR_INVALID, "%s", item->error)
                               : scan_image(worker, scan->input, item, &options, &seen, &failure);
    if (!is_seen && failure.code == ERR_NO_MEMORY) {
        *err = failure;
        return false;
    }
    struct task_progress *progress = scan->request->progress;
    if (progress && !is_seen)
        atomic_fetch_add(&progress->failed, 1);
    if (progress)
        atomic_fetch_add(&progress->done, 1);
    return scan_shard_keep(shard, row, &scan->header, &seen, is_seen ? NULL : &failure, err);
}

/* One ticket: *ret_is_end when there is nothing left to draw. */
static bool take_ticket(struct scan *scan, struct scan_worker *worker, bool *ret_is_end, struct error *err)
{
    uint64_t ticket = atomic_fetch_add(&scan->ticket, 1);
    uint32_t shard_images = scan->request->inputs->shard_images;
    int64_t pending = (int64_t)(ticket / shard_images);
    uint32_t row = (uint32_t)(ticket % shard_images);
    *ret_is_end = pending >= scan->pending_count;
    if (*ret_is_end)
        return true;
    if (row == 0 && !shard_begin(scan, pending, err))
        return false;
    /* All tickets of the last shard beyond its rows are blanks; asking the inputs spares entering a finished
     * shard. */
    uint64_t first = (uint64_t)scan->pending[pending] * shard_images;
    if (first + row >= scan->request->inputs->count)
        return true;
    struct scan_shard *shard = shard_enter(scan, pending);
    if (!shard)
        return error_set(err, ERR_CANCELLED, "stopped");
    if (!scan_row(scan, worker, shard, row, err))
        return false;
    return atomic_fetch_sub(&shard->left, 1) != 1 || shard_end(scan, pending, err);
}

static bool scan_worker_run(void *state, uint32_t index, struct error *err)
{
    (void)index;
    struct scan *scan = state;
    struct scan_worker worker = {0};
    const struct scan_request *request = scan->request;
    bool is_ok = request->given ? scan_worker_init_given(&worker, request->given, err)
                                : scan_worker_init(&worker, request->runner, &scan->header, err);
    for (bool is_end = false; is_ok && !is_end;) {
        is_ok = must_end(scan) ? error_set(err, ERR_CANCELLED, "stopped")
                               : take_ticket(scan, &worker, &is_end, err);
    }
    scan_worker_release(&worker);
    if (!is_ok)
        end_all(scan, err);
    return is_ok;
}

static bool find_pending(struct scan *scan, struct error *err)
{
    const struct scan_request *request = scan->request;
    scan->pending = calloc((size_t)request->inputs->shards + 1, sizeof(*scan->pending));
    if (!scan->pending)
        return error_no_memory(err);
    for (uint32_t shard = 0; shard < request->inputs->shards; shard++) {
        bool is_there = false;
        if (!record_shard_exists(request->data, scan->records_folder, shard, &is_there, err))
            return false;
        uint64_t rest = request->inputs->count - (uint64_t)shard * request->inputs->shard_images;
        uint64_t images = rest < request->inputs->shard_images ? rest : request->inputs->shard_images;
        if (!is_there) {
            scan->pending[scan->pending_count++] = shard;
            scan->pending_images += images;
        } else if (request->progress) {
            atomic_fetch_add(&request->progress->done, (int_fast64_t)images);
        }
    }
    return true;
}

static bool scan_all(struct scan *scan, struct error *err)
{
    const struct scan_request *request = scan->request;
    if (!find_pending(scan, err))
        return false;
    if (scan->pending_count == 0)
        return true;
    if (!store_open_within(request->roots, request->inputs->root, false, &scan->input, err))
        return error_wrap(err, "the input");
    uint32_t threads = request->threads ? request->threads : workers_cores();
    if (workers_run(threads, scan_worker_run, scan, err))
        return true;
    if (scan->failure.code != ERR_NONE)
        *err = scan->failure;
    return false;
}

bool scan_run(const struct scan_request *request, uint64_t *ret_scanned, struct error *err)
{
    struct scan *scan = calloc(1, sizeof(*scan));
    if (!scan)
        return error_no_memory(err);
    scan->request = request;
    if (request->given)
        scan->header = *request->given->header;
    else
        scan_record_header(request->runner, request->model_hash, &scan->header);
    (void)snprintf(scan->records_folder, sizeof(scan->records_folder), "%s/records", request->folder);
    pthread_mutex_init(&scan->lock, NULL);
    pthread_cond_init(&scan->changed, NULL);
    for (int i = 0; i < SCAN_SHARDS_IN_FLIGHT; i++)
        scan->slots[i].pending = NO_SHARD;

    bool is_ok = scan_all(scan, err);
    *ret_scanned = scan->pending_images;

    for (int i = 0; i < SCAN_SHARDS_IN_FLIGHT; i++)
        scan_shard_release(&scan->slots[i].shard);
    pthread_cond_destroy(&scan->changed);
    pthread_mutex_destroy(&scan->lock);
    scan->input = store_free(scan->input);
    free(scan->pending);
    free(scan);
    return is_ok;
}
