/* SPDX-License-Identifier: Apache-2.0 */
#include "record/record_set.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct record_shard {
    const struct record_set *set;
    struct shard_info info;
    struct store_map maps[SHARD_FILE_COUNT];
    const void *arrays[SHARD_FILE_COUNT]; /* in the maps; NULL: this kind of run has no such file */
    struct arena *arena;                  /* the rows' texts */
    struct record *rows;
};

/* Texts of rows take more room here than there: each is aligned, and its label list has pointers. */
enum { ROWS_ARENA_BYTES = 8 * RECORD_ROWS_MAX_BYTES, INFO_ARENA_BYTES = 16 * RECORD_SHARD_JSON_MAX_BYTES };

static bool load_info(struct record_shard *shard, uint32_t number, struct error *err)
{
    const struct record_set *set = shard->set;
    AUTO(arena) arena = arena_new(INFO_ARENA_BYTES);
    if (!arena)
        return error_no_memory(err);
    if (!shard_info_load(set->store, set->folder, number, arena, &shard->info, err) ||
        !record_set_check_same(set, &shard->info, err))
        return false;
    shard->info.header = set->header; /* whose texts live longer than this arena */
    return (shard->info.first == set->shards[number].first &&
            shard->info.count == set->shards[number].count) ||
           error_set(err, ERR_INVALID, "shard.json has changed since the records were opened");
}

static bool map_array(struct record_shard *shard, enum shard_file file, struct error *err)
{
    char key[SHARD_KEY_BYTES];
    struct npy_array array, shape = shard_array_shape(&shard->info, file);
    if (!shard_key(key, shard->set->folder, shard->info.number, shard_file_name(file), err))
        return false;
    if (!store_map(shard->set->store, key, &shard->maps[file], err))
        return shard_file_failed(file, err);
    struct bytes bytes = shard->maps[file].bytes;
    if (bytes.size != shard->info.files[file].bytes)
        return error_set(err, ERR_INVALID, "%s is damaged: it has %zu bytes instead of %" PRIu64,
                         shard_file_name(file), bytes.size, shard->info.files[file].bytes);
    if (!npy_read(bytes, &array, err))
        return error_wrap(err, "%s", shard_file_name(file));
    if (array.type != shape.type || array.rows != shape.rows || array.columns != shape.columns)
        return error_set(err, ERR_INVALID,
                         "%s is not of this shard: %" PRIu64 " × %" PRIu64 " items of type %d instead of "
                         "%" PRIu64 " × %" PRIu64 " of type %d",
                         shard_file_name(file), array.rows, array.columns, array.type, shape.rows,
                         shape.columns, shape.type);
    shard->arrays[file] = array.data;
    return true;
}

static bool map_arrays(struct record_shard *shard, struct error *err)
{
    for (enum shard_file file = SHARD_FIRST_ARRAY; file < SHARD_FILE_COUNT; file++)
        if (shard_has_file(&shard->info.header, file) && !map_array(shard, file, err))
            return false;
    return true;
}

static const float *floats_at(const struct record_shard *shard, enum shard_file file, uint64_t row,
                              uint32_t columns)
{
    const float *array = shard->arrays[file];
    return array ? array + row * columns : NULL;
}

/* Whoever takes a whole array for a matrix counts on the zeros of failed images. */
static bool check_zeros(const struct record_shard *shard, uint32_t row, struct error *err)
{
    static const enum shard_file filled[] = {SHARD_APPEARANCE, SHARD_EMBEDDINGS, SHARD_LOGITS};
    for (size_t i = 0; i < sizeof(filled) / sizeof(filled[0]); i++) {
        uint32_t columns = (uint32_t)shard_array_shape(&shard->info, filled[i]).columns;
        const float *values = floats_at(shard, filled[i], row, columns);
        for (uint32_t c = 0; values && c < columns; c++)
            if (values[c] != 0)
                return error_set(err, ERR_INVALID, "it failed, yet it has numbers in %s",
                                 shard_file_name(filled[i]));
    }
    return true;
}

/* Points the record into the arrays. */
static void attach(const struct record_shard *shard, uint32_t row, uint64_t candidate, struct record *record)
{
    const struct record_header *header = &shard->info.header;
    const double *features = shard->arrays[SHARD_FEATURES];
    const uint32_t *classes = shard->arrays[SHARD_LOGIT_CLASSES];
    const struct candidate *candidates = shard->arrays[SHARD_CANDIDATES];
    uint32_t columns = record_logit_columns(header);
    memcpy(record->features, features + (size_t)row * FEATURE_COUNT, sizeof(record->features));
    if (record->error)
        return;
    record->appearance = floats_at(shard, SHARD_APPEARANCE, row, header->appearance_length);
    record->embedding = floats_at(shard, SHARD_EMBEDDINGS, row, header->embedding_length);
    record->logits = floats_at(shard, SHARD_LOGITS, row, columns);
    record->logit_classes = classes ? classes + (size_t)row * columns : NULL;
    if (record->candidate_count == 0)
        return;
    record->candidates = candidates + candidate;
    record->candidate_scores = floats_at(shard, SHARD_CANDIDATE_SCORES, candidate, header->classes);
}

/* The candidates' sum is checked before any row is attached: `*candidate` never leaves the array. */
static bool read_row(struct record_shard *shard, uint32_t row, struct bytes line, uint64_t *candidate,
                     struct error *err)
{
    uint64_t first = *candidate;
    struct record *record = &shard->rows[row];
    if (!shard_row_read(line, &shard->info.header, shard->arena, candidate, record, err))
        return false;
    if (*candidate > shard->info.candidates)
        return error_set(err, ERR_INVALID, "its candidates lie beyond the array's end");
    attach(shard, row, first, record);
    return record_check(&shard->info.header, record, err) && (!record->error || check_zeros(shard, row, err));
}

static bool read_rows(struct record_shard *shard, struct bytes text, struct error *err)
{
    const char *at = text.data, *end = at + text.size;
    uint64_t candidate = 0;
    for (uint32_t row = 0; row < shard->info.count; row++) {
        const char *newline = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
        if (!newline)
            return error_set(err, ERR_INVALID, "%s has %" PRIu32 " rows instead of %" PRIu32,
                             shard_file_name(SHARD_ROWS), row, shard->info.count);
        if (!read_row(shard, row, (struct bytes){at, (size_t)(newline - at)}, &candidate, err))
            return error_wrap(err, "row %" PRIu32 " is damaged", row);
        at = newline + 1;
    }
    if (at != end || candidate != shard->info.candidates)
        return error_set(err, ERR_INVALID, "%s has more rows or fewer candidates than shard.json tells",
                         shard_file_name(SHARD_ROWS));
    return true;
}

static bool load_rows(struct record_shard *shard, struct error *err)
{
    char key[SHARD_KEY_BYTES];
    AUTO_BUFFER(packed, (size_t)2 * RECORD_ROWS_MAX_BYTES);
    AUTO_BUFFER(plain, RECORD_ROWS_MAX_BYTES);
    if (!shard_key(key, shard->set->folder, shard->info.number, shard_file_name(SHARD_ROWS), err))
        return false;
    if (!store_get(shard->set->store, key, &packed, err))
        return shard_file_failed(SHARD_ROWS, err);
    struct bytes bytes = {packed.data, packed.size};
    if (!shard_check_file(&shard->info, SHARD_ROWS, bytes, err))
        return false;
    if (!shard_unpack(bytes, &plain, err))
        return error_wrap(err, "%s", shard_file_name(SHARD_ROWS));
    shard->arena = arena_new(ROWS_ARENA_BYTES);
    shard->rows = calloc(shard->info.count, sizeof(*shard->rows));
    if (!shard->arena || !shard->rows)
        return error_no_memory(err);
    return read_rows(shard, (struct bytes){plain.data, plain.size}, err);
}

bool record_shard_open(const struct record_set *set, uint32_t number, struct record_shard **ret,
                       struct error *err)
{
    if (number >= set->shard_count)
        return error_set(err, ERR_NOT_FOUND, "there is no shard %" PRIu32 " in %s", number, set->folder);
    AUTO(record_shard) shard = calloc(1, sizeof(*shard));
    if (!shard)
        return error_no_memory(err);
    shard->set = set;
    if (!load_info(shard, number, err) || !map_arrays(shard, err) || !load_rows(shard, err))
        return error_wrap(err, "records in %s, shard %" PRIu32, set->folder, number);
    *ret = TAKE(shard);
    return true;
}

struct record_shard *record_shard_free(struct record_shard *shard)
{
    if (!shard)
        return NULL;
    for (int file = 0; file < SHARD_FILE_COUNT; file++)
        store_map_release(&shard->maps[file]);
    shard->arena = arena_free(shard->arena);
    free(shard->rows);
    free(shard);
    return NULL;
}

bool record_shard_verify(const struct record_shard *shard, struct error *err)
{
    for (enum shard_file file = SHARD_FIRST_ARRAY; file < SHARD_FILE_COUNT; file++)
        if (shard->arrays[file] && !shard_check_file(&shard->info, file, shard->maps[file].bytes, err))
            return error_wrap(err, "records in %s, shard %" PRIu32, shard->set->folder, shard->info.number);
    return true;
}

uint64_t record_shard_first(const struct record_shard *shard)
{
    return shard->info.first;
}

uint32_t record_shard_count(const struct record_shard *shard)
{
    return shard->info.count;
}

void record_shard_get(const struct record_shard *shard, uint32_t row, struct record *ret)
{
    *ret = shard->rows[row];
}

const float *record_shard_embeddings(const struct record_shard *shard)
{
    return shard->arrays[SHARD_EMBEDDINGS];
}

const float *record_shard_appearance(const struct record_shard *shard)
{
    return shard->arrays[SHARD_APPEARANCE];
}

const double *record_shard_features(const struct record_shard *shard)
{
    return shard->arrays[SHARD_FEATURES];
}
