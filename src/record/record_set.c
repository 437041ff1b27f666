/* SPDX-License-Identifier: Apache-2.0 */
#include "record/record_set.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHARD_ARENA_BYTES = 16 * RECORD_SHARD_JSON_MAX_BYTES, SET_ARENA_BYTES = 8 * RECORD_LABELS_MAX_BYTES };

/* The numbers of the shards that have a shard.json. */
struct found {
    size_t prefix; /* bytes of "FOLDER/" */
    uint32_t *numbers;
    uint32_t count, capacity;
};

static bool add_number(struct found *found, uint32_t number, struct error *err)
{
    if (found->count == RECORD_SHARDS_MAX)
        return error_set(err, ERR_LIMIT, "more than %d shards", RECORD_SHARDS_MAX);
    if (found->count == found->capacity) {
        uint32_t capacity = found->capacity > 0 ? found->capacity * 2 : 64;
        uint32_t *numbers = realloc(found->numbers, capacity * sizeof(*numbers));
        if (!numbers)
            return error_no_memory(err);
        found->numbers = numbers;
        found->capacity = capacity;
    }
    found->numbers[found->count++] = number;
    return true;
}

static bool visit(void *state, const char *key, const struct store_stat *stat, struct error *err)
{
    struct found *found = state;
    (void)stat;
    const char *name = key + found->prefix, *number = name + strlen(SHARD_PREFIX);
    bool is_info = text_starts_with(name, SHARD_PREFIX) && strspn(number, "0123456789") == SHARD_DIGITS &&
                   strcmp(number + SHARD_DIGITS, "/" SHARD_INFO_NAME) == 0;
    return !is_info || add_number(found, (uint32_t)strtoul(number, NULL, 10), err);
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool record_set_check_same(const struct record_set *set, const struct shard_info *info, struct error *err)
{
    const struct record_header *a = &set->header, *b = &info->header;
    const struct {
        const char *name;
        bool is_same;
    } members[] = {
        {"type", a->type == b->type},
        {"activation", a->activation == b->activation},
        {"classes", a->classes == b->classes},
        {"embedding_length", a->embedding_length == b->embedding_length},
        {"appearance_length", a->appearance_length == b->appearance_length},
        {"appearance_name", same_text(a->appearance_name, b->appearance_name)},
        {"decode", same_text(a->decode, b->decode)},
        {"model_hash", same_text(a->model_hash, b->model_hash)},
        {"score_threshold", a->score_threshold == b->score_threshold},
        {"candidate_floor", a->candidate_floor == b->candidate_floor},
        {"labels", set->labels.bytes == info->files[SHARD_LABELS].bytes &&
                       strcmp(set->labels.hash, info->files[SHARD_LABELS].hash) == 0},
    };
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (!members[i].is_same)
            return error_set(err, ERR_INVALID,
                             "shard %" PRIu32 " has another %s than shard 0; run all of it anew",
                             info->number, members[i].name);
    return true;
}

bool shard_check_file(const struct shard_info *info, enum shard_file file, struct bytes bytes,
                      struct error *err)
{
    char hash[HASH_HEX_BYTES];
    if (bytes.size != info->files[file].bytes)
        return error_set(err, ERR_INVALID, "%s is damaged: it has %zu bytes instead of %" PRIu64,
                         shard_file_name(file), bytes.size, info->files[file].bytes);
    hash_of(bytes, hash);
    return strcmp(hash, info->files[file].hash) == 0 ||
           error_set(err, ERR_INVALID, "%s is damaged: its bytes have changed", shard_file_name(file));
}

bool shard_file_failed(enum shard_file file, struct error *err)
{
    if (err->code == ERR_NOT_FOUND)
        return error_set(err, ERR_INVALID, "%s is missing", shard_file_name(file));
    return error_wrap(err, "%s", shard_file_name(file));
}

/* The header of the set is that of shard 0, whose labels are read once for all. */
static bool take_header(struct record_set *set, const struct shard_info *info, struct error *err)
{
    char key[SHARD_KEY_BYTES];
    AUTO_BUFFER(text, RECORD_LABELS_MAX_BYTES);
    set->header = info->header;
    set->header.appearance_name = arena_text(set->arena, info->header.appearance_name);
    set->header.decode = arena_text(set->arena, info->header.decode);
    set->header.model_hash = arena_text(set->arena, info->header.model_hash);
    set->labels.bytes = info->files[SHARD_LABELS].bytes;
    memcpy(set->labels.hash, info->files[SHARD_LABELS].hash, sizeof(set->labels.hash));
    if (!shard_key(key, set->folder, info->number, shard_file_name(SHARD_LABELS), err))
        return false;
    if (!store_get(set->store, key, &text, err))
        return shard_file_failed(SHARD_LABELS, err);
    struct bytes bytes = {text.data, text.size};
    return shard_check_file(info, SHARD_LABELS, bytes, err) &&
           shard_labels_read(bytes, set->header.classes, set->arena, &set->header.labels, err);
}

static bool take_shard(struct record_set *set, uint32_t number, struct arena *arena, struct error *err)
{
    struct shard_info info;
    uint64_t first = record_set_count(set);
    if (!shard_info_load(set->store, set->folder, number, arena, &info, err))
        return false;
    if (number == 0 ? !take_header(set, &info, err) : !record_set_check_same(set, &info, err))
        return false;
    if (info.first != first)
        return error_set(err, ERR_INVALID,
                         "shard %" PRIu32 " starts at image %" PRIu64 " where %" PRIu64 " must stand", number,
                         info.first, first);
    set->shards[set->shard_count++] = (struct record_set_shard){.first = info.first, .count = info.count};
    return true;
}

static bool take_shards(struct record_set *set, const struct found *found, struct error *err)
{
    if (found->count == 0)
        return error_set(err, ERR_NOT_FOUND, "there are no records in %s", set->folder);
    AUTO(arena) arena = arena_new(SHARD_ARENA_BYTES);
    set->shards = calloc(found->count, sizeof(*set->shards));
    if (!arena || !set->shards)
        return error_no_memory(err);
    for (uint32_t i = 0; i < found->count; i++) {
        if (found->numbers[i] != i)
            return error_set(err, ERR_INVALID,
                             "%s: shard %" PRIu32 " is missing before shard %" PRIu32
                             "; resume the run to complete it",
                             set->folder, i, found->numbers[i]);
        arena_reset(arena);
        if (!take_shard(set, i, arena, err))
            return error_wrap(err, "records in %s", set->folder);
    }
    return true;
}

bool record_set_open(struct store *store, const char *folder, struct record_set **ret, struct error *err)
{
    AUTO(record_set) set = calloc(1, sizeof(*set));
    if (!set)
        return error_no_memory(err);
    set->store = store;
    set->arena = arena_new(SET_ARENA_BYTES);
    if (!set->arena)
        return error_no_memory(err);
    if (!text_copy(set->folder, sizeof(set->folder), folder))
        return error_set(err, ERR_LIMIT, "a folder of records may have %d bytes: '%.100s…' is too long",
                         RECORD_FOLDER_MAX_BYTES, folder);
    struct found found = {.prefix = strlen(folder) + 1};
    bool done = store_list(store, folder, visit, &found, NULL, err) && take_shards(set, &found, err);
    free(found.numbers);
    if (done)
        *ret = TAKE(set);
    return done;
}

struct record_set *record_set_free(struct record_set *set)
{
    if (!set)
        return NULL;
    set->arena = arena_free(set->arena);
    free(set->shards);
    free(set);
    return NULL;
}

const struct record_header *record_set_header(const struct record_set *set)
{
    return &set->header;
}

uint64_t record_set_count(const struct record_set *set)
{
    if (set->shard_count == 0)
        return 0;
    const struct record_set_shard *last = &set->shards[set->shard_count - 1];
    return last->first + last->count;
}

uint32_t record_set_shards(const struct record_set *set)
{
    return set->shard_count;
}

uint64_t record_set_shard_first(const struct record_set *set, uint32_t shard)
{
    return set->shards[shard].first;
}

uint64_t record_set_shard_end(const struct record_set *set, uint32_t shard)
{
    return set->shards[shard].first + set->shards[shard].count;
}
