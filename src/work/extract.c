/* SPDX-License-Identifier: Apache-2.0 */
#include "work/extract.h"

#include "base/hash.h"
#include "record/npy.h"
#include "work/inputs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Memory of one thread. */
struct worker {
    struct model_extractor_scratch *scratch;
    struct image image;
    struct buffer file;
};

struct extract {
    const struct extract_request *request;
    struct inputs inputs;
    struct store *input;
    struct worker *workers;
    uint32_t threads, length; /* length 0: not known yet */

    /* The shard at work. */
    const struct record_shard *shard;
    const struct input_item *items;
    uint32_t count;
    float *rows;
    atomic_uint next;
    atomic_uint_fast64_t extracted, kept, gone;
};

/* ---- files ---- */

static void file_key(const struct extract_place *place, char ret_key[EXTRACT_FILE_BYTES])
{
    (void)snprintf(ret_key, EXTRACT_FILE_BYTES, "%.*s/features-%.32s/%06u.npy", EXTRACT_FOLDER_BYTES,
                   place->folder, place->key, place->shard);
}

bool extract_read(const struct extract_place *place, uint32_t *length, float *ret, bool *ret_is_there,
                  struct error *err)
{
    char key[EXTRACT_FILE_BYTES];
    struct store_map map = {0};
    struct npy_array array;
    struct error damaged = {0};
    file_key(place, key);
    *ret_is_there = false;
    if (!store_map(place->data, key, &map, err))
        return err->code == ERR_NOT_FOUND;
    bool is_sound = npy_read(map.bytes, &array, &damaged) && array.type == NPY_F4 &&
                    array.rows == place->count && array.columns >= 2 &&
                    array.columns <= PREDICTION_EMBEDDING_MAX && (*length == 0 || array.columns == *length);
    if (is_sound) {
        *length = (uint32_t)array.columns;
        *ret_is_there = true;
        if (ret)
            memcpy(ret, array.data, (size_t)array.rows * array.columns * sizeof(*ret));
    }
    store_map_release(&map);
    return true;
}

/* ---- one image ---- */

static void worker_release(struct worker *worker)
{
    worker->scratch = model_extractor_scratch_free(worker->scratch);
    image_release(&worker->image);
    buffer_release(&worker->file);
}

/* The image as it was scanned; false when it is no more, or memory is out. */
static bool read_image(struct extract *extract, struct worker *worker, const struct input_item *item,
                       const struct record *record, struct error *err)
{
    const struct image_options options = {.accept_partial = extract->request->accept_partial,
                                          .background = {255, 255, 255}};
    struct image_info info;
    char hash[HASH_HEX_BYTES];
    if (!extract->input || !item->key || !record->content_hash ||
        !store_get(extract->input, item->key, &worker->file, err))
        return false;
    struct bytes file = {worker->file.data, worker->file.size};
    hash_of(file, hash);
    return strcmp(hash, record->content_hash) == 0 &&
           image_decode(file, &options, &worker->image, &info, err);
}

static bool is_missing(const struct extract *extract, uint32_t row)
{
    struct record record;
    record_shard_get(extract->shard, row, &record);
    return !record.error && !isfinite(extract->rows[(size_t)row * extract->length]);
}

static bool do_row(struct extract *extract, struct worker *worker, uint32_t row, struct error *err)
{
    struct record record;
    struct error failure = {0};
    if (!is_missing(extract, row))
        return true;
    record_shard_get(extract->shard, row, &record);
    bool is_done = read_image(extract, worker, &extract->items[row], &record, &failure) &&
                   model_extract(worker->scratch, &worker->image,
                                 extract->rows + (size_t)row * extract->length, &failure);
    if (!is_done && failure.code == ERR_NO_MEMORY)
        return error_no_memory(err);
    atomic_fetch_add(is_done ? &extract->extracted : &extract->gone, 1);
    if (extract->request->progress)
        atomic_fetch_add(&extract->request->progress->done, 1);
    return true;
}

static bool work_on_rows(void *state, uint32_t index, struct error *err)
{
    struct extract *extract = state;
    struct worker *worker = &extract->workers[index];
    const struct stop_flag *stop = extract->request->stop;
    if (!worker->scratch) {
        buffer_init(&worker->file, IMAGE_FILE_MAX_BYTES);
        if (!model_extractor_scratch_new(*extract->request->extractor, &worker->scratch, err))
            return false;
    }
    for (;;) {
        uint32_t row = atomic_fetch_add(&extract->next, 1);
        if (row >= extract->count)
            return true;
        if (stop && atomic_load(&stop->is_set))
            return error_set(err, ERR_CANCELLED, "stopped");
        if (!do_row(extract, worker, row, err))
            return false;
    }
}

/* ---- shards ---- */

static bool open_extractor(struct extract *extract, struct error *err)
{
    const struct extract_request *request = extract->request;
    if (!*request->extractor && !model_extractor_open(request->source, request->extractor, err))
        return false;
    uint32_t length = model_extractor_length(*request->extractor);
    if (extract->length != 0 && extract->length != length)
        return error_set(err, ERR_INVALID, "the kept vectors have %u numbers, the feature extractor gives %u",
                         extract->length, length);
    extract->length = length;
    return true;
}

/* Room for the shard's rows: those that are kept, NaN for what is missing, zeros for images that failed. */
static bool fill_rows(struct extract *extract, const struct extract_place *place, bool *ret_is_there,
                      struct error *err)
{
    bool has_length = extract->length != 0;
    if (!has_length && !extract_read(place, &extract->length, NULL, ret_is_there, err))
        return false;
    if (extract->length == 0 && !open_extractor(extract, err))
        return false;
    size_t numbers = (size_t)extract->count * extract->length;
    extract->rows = calloc(numbers + 1, sizeof(*extract->rows));
    if (!extract->rows)
        return error_no_memory(err);
    if (!extract_read(place, &extract->length, extract->rows, ret_is_there, err))
        return false;
    for (uint32_t row = 0; !*ret_is_there && row < extract->count; row++) {
        struct record record;
        record_shard_get(extract->shard, row, &record);
        for (uint32_t i = 0; !record.error && i < extract->length; i++)
            extract->rows[(size_t)row * extract->length + i] = NAN;
    }
    return true;
}

/* Vectors that are there already count as done. */
static uint32_t count_missing(struct extract *extract)
{
    uint32_t missing = 0;
    for (uint32_t row = 0; row < extract->count; row++)
        missing += is_missing(extract, row);
    atomic_fetch_add(&extract->kept, extract->count - missing);
    if (extract->request->progress)
        atomic_fetch_add(&extract->request->progress->done, extract->count - missing);
    return missing;
}

static bool work_on(struct extract *extract, const struct extract_place *place, struct error *err)
{
    AUTO(arena) arena = arena_new(INPUTS_CHUNK_MAX_BYTES);
    struct input_list list;
    char key[EXTRACT_FILE_BYTES];
    if (!arena)
        return error_no_memory(err);
    if (!open_extractor(extract, err) ||
        !inputs_shard(place->data, place->folder, place->shard, arena, &list, err))
        return false;
    if (list.count != extract->count)
        return error_set(err, ERR_INVALID, "shard %u lists %u images, its records are %u", place->shard,
                         list.count, extract->count);
    extract->items = list.items;
    atomic_store(&extract->next, 0);
    if (!workers_run(extract->threads, work_on_rows, extract, err))
        return false;
    file_key(place, key);
    const struct npy_array array = {NPY_F4, extract->count, extract->length, extract->rows};
    return npy_put(place->data, key, &array, err);
}

static bool do_shard(struct extract *extract, uint32_t number, struct error *err)
{
    const struct extract_request *request = extract->request;
    AUTO(record_shard) shard = NULL;
    bool is_there = false;
    if (!record_shard_open(request->records, number, &shard, err))
        return false;
    extract->shard = shard;
    extract->count = record_shard_count(shard);
    const struct extract_place place = {request->data, request->folder, request->key, number, extract->count};
    bool is_done = fill_rows(extract, &place, &is_there, err);
    if (is_done) {
        bool has_work = count_missing(extract) > 0 || !is_there;
        is_done = !has_work || work_on(extract, &place, err);
    }
    free(extract->rows);
    extract->rows = NULL;
    return is_done;
}

static bool do_all(struct extract *extract, struct error *err)
{
    const struct extract_request *request = extract->request;
    AUTO(arena) arena = arena_new(INPUTS_CHUNK_MAX_BYTES);
    if (!arena)
        return error_no_memory(err);
    if (!inputs_open(request->data, request->folder, arena, &extract->inputs, err))
        return false;
    /* A folder that is gone is as if all its images were. */
    if (!store_open_within(request->roots, extract->inputs.root, false, &extract->input, err) &&
        err->code == ERR_NO_MEMORY)
        return false;
    for (uint32_t shard = 0; shard < record_set_shards(request->records); shard++)
        if (!do_shard(extract, shard, err))
            return false;
    return store_flush(request->data, err);
}

bool extract_run(const struct extract_request *request, struct extract_counts *ret, struct error *err)
{
    struct extract extract = {.request = request};
    extract.threads = request->threads ? request->threads : workers_cores();
    extract.workers = calloc(extract.threads, sizeof(*extract.workers));
    if (!extract.workers)
        return error_no_memory(err);
    bool is_done = do_all(&extract, err);
    for (uint32_t i = 0; i < extract.threads; i++)
        worker_release(&extract.workers[i]);
    free(extract.workers);
    extract.input = store_free(extract.input);
    if (is_done)
        *ret = (struct extract_counts){atomic_load(&extract.extracted), atomic_load(&extract.kept),
                                       atomic_load(&extract.gone), extract.length};
    return is_done;
}
