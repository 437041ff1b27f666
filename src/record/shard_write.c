/* SPDX-License-Identifier: Apache-2.0 */
#include "record/shard_format.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* A shard on its way to the store. */
struct writing {
    struct store *store;
    const char *folder;
    const struct record *records;
    struct shard_info info;
};

/* Where a record keeps its part of an array; NULL: zeros. Candidates and their scores are as many as it has.
 */
static const void *part_of(const struct record *record, enum shard_file file)
{
    const void *const parts[SHARD_FILE_COUNT] = {
        [SHARD_FEATURES] = record->features,
        [SHARD_APPEARANCE] = record->appearance,
        [SHARD_LOGITS] = record->logits,
        [SHARD_LOGIT_CLASSES] = record->logit_classes,
        [SHARD_EMBEDDINGS] = record->embedding,
        [SHARD_CANDIDATES] = record->candidates,
        [SHARD_CANDIDATE_SCORES] = record->candidate_scores,
    };
    return record->error ? NULL : parts[file];
}

static uint32_t candidates_of(const struct record_header *header, const struct record *record)
{
    return header->type == MODEL_TYPE_DETECTION && !record->error ? record->candidate_count : 0;
}

/* NaN has many bit patterns; the same records must give the same bytes. */
static void add_features(struct buffer *into, const double *features)
{
    double row[FEATURE_COUNT];
    for (int i = 0; i < FEATURE_COUNT; i++)
        row[i] = !features || isnan(features[i]) ? (double)NAN : features[i];
    (void)buffer_add(into, row, sizeof(row));
}

static void add_zeros(struct buffer *into, size_t bytes)
{
    if (!buffer_reserve(into, bytes))
        return;
    memset(into->data + into->size, 0, bytes);
    into->size += bytes;
}

static size_t row_bytes(const struct npy_array *shape)
{
    return npy_item_bytes(shape->type) * (shape->columns > 0 ? (size_t)shape->columns : 1);
}

static void add_part(const struct writing *writing, const struct record *record, enum shard_file file,
                     const struct npy_array *shape, struct buffer *into)
{
    size_t bytes = row_bytes(shape);
    const void *part = part_of(record, file);
    if (file == SHARD_FEATURES)
        add_features(into, part);
    else if (file == SHARD_CANDIDATES || file == SHARD_CANDIDATE_SCORES)
        (void)buffer_add(into, part, candidates_of(&writing->info.header, record) * bytes);
    else if (part)
        (void)buffer_add(into, part, bytes);
    else
        add_zeros(into, bytes);
}

static bool keep(struct writing *writing, enum shard_file file, const struct buffer *body, struct error *err)
{
    char key[SHARD_KEY_BYTES];
    const struct bytes bytes = {body->data, body->size};
    if (!shard_key(key, writing->folder, writing->info.number, shard_file_name(file), err))
        return false;
    writing->info.files[file].bytes = bytes.size;
    hash_of(bytes, writing->info.files[file].hash);
    return store_put_fast(writing->store, key, bytes, err);
}

static bool write_arrays(struct writing *writing, struct error *err)
{
    AUTO_BUFFER(body, NPY_FILE_MAX_BYTES);
    for (enum shard_file file = SHARD_FIRST_ARRAY; file < SHARD_FILE_COUNT; file++) {
        if (!shard_has_file(&writing->info.header, file))
            continue;
        const struct npy_array shape = shard_array_shape(&writing->info, file);
        if (!npy_start(&body, shape.type, shape.rows, shape.columns, err))
            return error_wrap(err, "%s", shard_file_name(file));
        /* Room for all at once: what does not fit is found by the appends. */
        (void)buffer_reserve(&body, (size_t)shape.rows * row_bytes(&shape));
        for (uint32_t i = 0; i < writing->info.count; i++)
            add_part(writing, &writing->records[i], file, &shape, &body);
        if (!buffer_check(&body, shard_file_name(file), err) || !keep(writing, file, &body, err))
            return false;
    }
    return true;
}

static bool write_rows(struct writing *writing, struct error *err)
{
    uint64_t candidates = 0;
    AUTO_BUFFER(plain, RECORD_ROWS_MAX_BYTES);
    AUTO_BUFFER(packed, (size_t)2 * RECORD_ROWS_MAX_BYTES);
    for (uint32_t i = 0; i < writing->info.count; i++) {
        const struct record *record = &writing->records[i];
        if (!shard_row_write(&writing->info.header, record, candidates, &plain, err))
            return error_wrap(err, "image %" PRIu64, writing->info.first + i);
        candidates += candidates_of(&writing->info.header, record);
    }
    writing->info.candidates = candidates;
    return shard_pack((struct bytes){plain.data, plain.size}, &packed, err) &&
           keep(writing, SHARD_ROWS, &packed, err);
}

static bool write_labels(struct writing *writing, struct error *err)
{
    AUTO_BUFFER(body, RECORD_LABELS_MAX_BYTES);
    return shard_labels_write(&writing->info.header, &body, err) && keep(writing, SHARD_LABELS, &body, err);
}

static bool remove_info(const struct writing *writing, struct error *err)
{
    char key[SHARD_KEY_BYTES];
    return shard_key(key, writing->folder, writing->info.number, SHARD_INFO_NAME, err) &&
           store_delete(writing->store, key, err);
}

static bool remove_files(const struct writing *writing, struct error *err)
{
    char folder[SHARD_KEY_BYTES];
    return shard_key(folder, writing->folder, writing->info.number, "", err) &&
           store_delete_below(writing->store, folder, err);
}

static bool write_info(const struct writing *writing, struct error *err)
{
    char key[SHARD_KEY_BYTES];
    AUTO_BUFFER(body, RECORD_SHARD_JSON_MAX_BYTES);
    return shard_key(key, writing->folder, writing->info.number, SHARD_INFO_NAME, err) &&
           shard_info_write(&writing->info, &body, err) &&
           store_put(writing->store, key, (struct bytes){body.data, body.size}, err);
}

static bool check(const struct writing *writing, struct error *err)
{
    const struct shard_info *info = &writing->info;
    if (info->count == 0 || info->count > RECORD_SHARD_IMAGES_MAX || info->number >= RECORD_SHARDS_MAX)
        return error_set(err, ERR_LIMIT,
                         "shard %" PRIu32 " with %" PRIu32 " images: the limits are %d shards of 1 to %d",
                         info->number, info->count, RECORD_SHARDS_MAX, RECORD_SHARD_IMAGES_MAX);
    if (!shard_check_header(&info->header, err))
        return false;
    for (uint32_t i = 0; i < info->count; i++)
        if (!record_check(&info->header, &writing->records[i], err))
            return error_wrap(err, "image %" PRIu64 " cannot be recorded", info->first + i);
    return true;
}

bool record_shard_write(struct store *store, const char *folder, const struct record_rows *rows,
                        struct error *err)
{
    struct writing writing = {
        .store = store,
        .folder = folder,
        .records = rows->records,
        .info = {.number = rows->shard, .first = rows->first, .count = rows->count, .header = *rows->header}};
    /* An older shard ends with its shard.json, before any other file of it changes. */
    return check(&writing, err) && remove_info(&writing, err) && remove_files(&writing, err) &&
           write_rows(&writing, err) && write_labels(&writing, err) && write_arrays(&writing, err) &&
           write_info(&writing, err);
}

/* A shard whose files were lost with the power is as good as none. */
static bool has_its_files(struct store *store, const char *folder, const struct shard_info *info, bool *ret,
                          struct error *err)
{
    for (enum shard_file file = SHARD_ROWS; file < SHARD_FILE_COUNT; file++) {
        char key[SHARD_KEY_BYTES];
        struct store_stat stat = {0};
        if (!shard_has_file(&info->header, file))
            continue;
        if (!shard_key(key, folder, info->number, shard_file_name(file), err))
            return false;
        bool is_there = store_stat(store, key, &stat, err);
        if (!is_there && err->code != ERR_NOT_FOUND)
            return false;
        *ret = is_there && stat.bytes == info->files[file].bytes;
        if (!*ret)
            return true;
    }
    return true;
}

bool record_shard_exists(struct store *store, const char *folder, uint32_t shard, bool *ret,
                         struct error *err)
{
    struct shard_info info;
    struct error problem = {0};
    AUTO(arena) arena = arena_new((size_t)RECORD_SHARD_JSON_MAX_BYTES * 16);
    if (!arena)
        return error_no_memory(err);
    if (shard_info_load(store, folder, shard, arena, &info, &problem))
        return has_its_files(store, folder, &info, ret, err);
    *ret = false;
    if (problem.code == ERR_NOT_FOUND || problem.code == ERR_INVALID || problem.code == ERR_LIMIT)
        return true;
    *err = problem;
    return false;
}
