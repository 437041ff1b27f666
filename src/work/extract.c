/* SPDX-License-Identifier: Apache-2.0 */
#include "work/extract.h"

#include "record/npy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct extract {
    struct reread reread;
    const struct extract_request *request;
    struct model_extractor_scratch **scratches; /* one for each thread */
    uint32_t length;                            /* 0: not known yet */
    float *rows;                                /* of the shard at work */
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

static bool is_missing(const struct extract *extract, uint32_t row)
{
    struct record record;
    record_shard_get(extract->reread.shard, row, &record);
    return !record.error && !isfinite(extract->rows[(size_t)row * extract->length]);
}

static bool do_row(void *state, uint32_t thread, uint32_t row, struct error *err)
{
    struct extract *extract = state;
    struct model_extractor_scratch **scratch = &extract->scratches[thread];
    const struct image *image = NULL;
    struct error failure = {0};
    if (!is_missing(extract, row))
        return true;
    if (!*scratch && !model_extractor_scratch_new(*extract->request->extractor, scratch, err))
        return false;
    bool is_done = reread_image(&extract->reread, thread, row, &image, &failure) &&
                   model_extract(*scratch, image, extract->rows + (size_t)row * extract->length, &failure);
    if (!is_done && failure.code == ERR_NO_MEMORY)
        return error_no_memory(err);
    atomic_fetch_add(is_done ? &extract->extracted : &extract->gone, 1);
    reread_count_done(&extract->reread, 1);
    return true;
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
    size_t numbers = (size_t)extract->reread.count * extract->length;
    extract->rows = calloc(numbers + 1, sizeof(*extract->rows));
    if (!extract->rows)
        return error_no_memory(err);
    if (!extract_read(place, &extract->length, extract->rows, ret_is_there, err))
        return false;
    for (uint32_t row = 0; !*ret_is_there && row < extract->reread.count; row++) {
        struct record record;
        record_shard_get(extract->reread.shard, row, &record);
        for (uint32_t i = 0; !record.error && i < extract->length; i++)
            extract->rows[(size_t)row * extract->length + i] = NAN;
    }
    return true;
}

/* Vectors that are there already count as done. */
static uint32_t count_missing(struct extract *extract)
{
    uint32_t missing = 0;
    for (uint32_t row = 0; row < extract->reread.count; row++)
        missing += is_missing(extract, row);
    atomic_fetch_add(&extract->kept, extract->reread.count - missing);
    reread_count_done(&extract->reread, extract->reread.count - missing);
    return missing;
}

static bool fill_shard(struct extract *extract, const struct extract_place *place, struct error *err)
{
    char key[EXTRACT_FILE_BYTES];
    bool is_there = false;
    if (!fill_rows(extract, place, &is_there, err))
        return false;
    if (count_missing(extract) == 0 && is_there)
        return true;
    if (!open_extractor(extract, err) || !reread_images(&extract->reread, err))
        return false;
    file_key(place, key);
    const struct npy_array array = {NPY_F4, place->count, extract->length, extract->rows};
    return npy_put(place->data, key, &array, err);
}

static bool do_shard(void *state, struct error *err)
{
    struct extract *extract = state;
    const struct extract_request *request = extract->request;
    const struct extract_place place = {request->images.data, request->images.folder, request->key,
                                        extract->reread.number, extract->reread.count};
    bool is_done = fill_shard(extract, &place, err);
    free(extract->rows);
    extract->rows = NULL;
    return is_done;
}

static bool extract_all(struct extract *extract, struct error *err)
{
    extract->scratches = calloc(extract->reread.threads, sizeof(struct model_extractor_scratch *));
    if (!extract->scratches)
        return error_no_memory(err);
    bool is_done = reread_run(&extract->reread, err);
    for (uint32_t i = 0; i < extract->reread.threads; i++)
        (void)model_extractor_scratch_free(extract->scratches[i]);
    free(extract->scratches);
    return is_done;
}

bool extract_run(const struct extract_request *request, struct extract_counts *ret, struct error *err)
{
    struct extract extract = {.request = request};
    const struct reread_work work = {.state = &extract, .do_shard = do_shard, .do_row = do_row};
    bool is_done = reread_init(&request->images, &work, &extract.reread, err) && extract_all(&extract, err);
    reread_release(&extract.reread);
    if (is_done)
        *ret = (struct extract_counts){atomic_load(&extract.extracted), atomic_load(&extract.kept),
                                       atomic_load(&extract.gone), extract.length};
    return is_done;
}
