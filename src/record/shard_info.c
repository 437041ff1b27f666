/* SPDX-License-Identifier: Apache-2.0 */
/* shard.json and labels.json. */
#include "record/shard_format.h"

#include "base/json_stream.h"
#include "record/members.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    enum npy_type type; /* of the arrays */
} files[SHARD_FILE_COUNT] = {
    [SHARD_ROWS] = {.name = "records.jsonl.zst"},
    [SHARD_LABELS] = {.name = "labels.json"},
    [SHARD_FEATURES] = {"features.npy", NPY_F8},
    [SHARD_APPEARANCE] = {"appearance.npy", NPY_F4},
    [SHARD_LOGITS] = {"logits.npy", NPY_F4},
    [SHARD_LOGIT_CLASSES] = {"logit_classes.npy", NPY_U4},
    [SHARD_EMBEDDINGS] = {"embeddings.npy", NPY_F4},
    [SHARD_CANDIDATES] = {"candidates.npy", NPY_CANDIDATE},
    [SHARD_CANDIDATE_SCORES] = {"candidate_scores.npy", NPY_F4},
};

const char *shard_file_name(enum shard_file file)
{
    return files[file].name;
}

struct npy_array shard_array_shape(const struct shard_info *info, enum shard_file file)
{
    const struct record_header *header = &info->header;
    uint32_t logits = record_logit_columns(header);
    bool is_per_candidate = file == SHARD_CANDIDATES || file == SHARD_CANDIDATE_SCORES;
    const uint32_t columns[SHARD_FILE_COUNT] = {
        [SHARD_FEATURES] = FEATURE_COUNT,
        [SHARD_APPEARANCE] = header->appearance_length,
        [SHARD_LOGITS] = logits,
        [SHARD_LOGIT_CLASSES] = logits < header->classes ? logits : 0,
        [SHARD_EMBEDDINGS] = header->embedding_length,
        [SHARD_CANDIDATE_SCORES] = header->type == MODEL_TYPE_DETECTION ? header->classes : 0,
    };
    return (struct npy_array){.type = files[file].type,
                              .rows = is_per_candidate ? info->candidates : info->count,
                              .columns = columns[file]};
}

bool shard_has_file(const struct record_header *header, enum shard_file file)
{
    const struct shard_info info = {.header = *header};
    if (file < SHARD_FIRST_ARRAY)
        return true;
    if (file == SHARD_CANDIDATES)
        return header->type == MODEL_TYPE_DETECTION;
    return shard_array_shape(&info, file).columns > 0;
}

bool shard_key(char ret_key[SHARD_KEY_BYTES], const char *folder, uint32_t shard, const char *name,
               struct error *err)
{
    if (strlen(folder) > RECORD_FOLDER_MAX_BYTES)
        return error_set(err, ERR_LIMIT, "a folder of records may have %d bytes: '%.100s…' is too long",
                         RECORD_FOLDER_MAX_BYTES, folder);
    (void)snprintf(ret_key, SHARD_KEY_BYTES, "%s/" SHARD_PREFIX "%0*" PRIu32 "%s%s", folder, SHARD_DIGITS,
                   shard, name[0] != '\0' ? "/" : "", name);
    return true;
}

static bool is_share(double value)
{
    return value >= 0 && value <= 1;
}

bool shard_check_header(const struct record_header *header, struct error *err)
{
    if (header->type >= MODEL_TYPE_COUNT || header->activation >= ACTIVATION_COUNT)
        return error_set(err, ERR_INVALID, "the model type or activation is not one of ours");
    if (header->classes == 0 || header->classes > PREDICTION_CLASSES_MAX)
        return error_set(err, ERR_INVALID, "a model must have 1 to %d classes, not %" PRIu32,
                         PREDICTION_CLASSES_MAX, header->classes);
    if (header->embedding_length > PREDICTION_EMBEDDING_MAX ||
        header->appearance_length > RECORD_APPEARANCE_MAX)
        return error_set(err, ERR_LIMIT,
                         "embeddings may have %d numbers, not %" PRIu32 "; appearance %d, not %" PRIu32,
                         PREDICTION_EMBEDDING_MAX, header->embedding_length, RECORD_APPEARANCE_MAX,
                         header->appearance_length);
    if (!is_share(header->score_threshold) || !is_share(header->candidate_floor))
        return error_set(err, ERR_INVALID, "score threshold %g and candidate floor %g must be from 0 to 1",
                         header->score_threshold, header->candidate_floor);
    return true;
}

static void put_header(struct json_stream *out, const struct record_header *header)
{
    json_stream_text(out, "type", model_type_name(header->type));
    json_stream_text(out, "activation", activation_name(header->activation));
    json_stream_count(out, "classes", header->classes);
    json_stream_count(out, "embedding_length", header->embedding_length);
    json_stream_count(out, "appearance_length", header->appearance_length);
    json_stream_text(out, "appearance_name", header->appearance_name);
    json_stream_text(out, "decode", header->decode);
    json_stream_text(out, "model_hash", header->model_hash);
    if (header->type != MODEL_TYPE_DETECTION)
        return;
    json_stream_number(out, "score_threshold", header->score_threshold);
    json_stream_number(out, "candidate_floor", header->candidate_floor);
}

bool shard_info_write(const struct shard_info *info, struct buffer *into, struct error *err)
{
    struct json_stream out = {.into = into};
    json_stream_open(&out, NULL, '{');
    json_stream_count(&out, "format", RECORD_FORMAT);
    json_stream_count(&out, "shard", info->number);
    json_stream_count(&out, "first", info->first);
    json_stream_count(&out, "count", info->count);
    json_stream_count(&out, "candidates", info->candidates);
    put_header(&out, &info->header);
    json_stream_open(&out, "files", '[');
    for (int file = 0; file < SHARD_FILE_COUNT; file++) {
        if (info->files[file].hash[0] == '\0')
            continue;
        json_stream_open(&out, NULL, '{');
        json_stream_text(&out, "name", files[file].name);
        json_stream_count(&out, "bytes", info->files[file].bytes);
        json_stream_text(&out, "hash", info->files[file].hash);
        json_stream_close(&out, '}');
    }
    json_stream_close(&out, ']');
    json_stream_close(&out, '}');
    (void)buffer_add(into, "\n", 1);
    return json_stream_check(&out, SHARD_INFO_NAME, err);
}

static enum activation find_activation(const char *name)
{
    int activation = 0;
    while (name && activation < ACTIVATION_COUNT &&
           strcmp(name, activation_name((enum activation)activation)) != 0)
        activation++;
    return name ? (enum activation)activation : ACTIVATION_COUNT;
}

static void take_header(struct members *members, struct record_header *ret)
{
    const char *type = members_text(members, "type", MEMBER_REQUIRED);
    const char *activation = members_text(members, "activation", MEMBER_REQUIRED);
    ret->type = model_type_find(type);
    ret->activation = find_activation(activation);
    ret->classes = (uint32_t)members_count(members, "classes", MEMBER_REQUIRED, 1, PREDICTION_CLASSES_MAX);
    ret->embedding_length =
        (uint32_t)members_count(members, "embedding_length", MEMBER_REQUIRED, 0, PREDICTION_EMBEDDING_MAX);
    ret->appearance_length =
        (uint32_t)members_count(members, "appearance_length", MEMBER_REQUIRED, 0, RECORD_APPEARANCE_MAX);
    ret->appearance_name = members_text(members, "appearance_name", MEMBER_OPTIONAL);
    ret->decode = members_text(members, "decode", MEMBER_OPTIONAL);
    ret->model_hash = members_text(members, "model_hash", MEMBER_OPTIONAL);
    if (type && ret->type == MODEL_TYPE_COUNT)
        members_refuse(members, "type", "image_classification or object_detection");
    if (activation && ret->activation == ACTIVATION_COUNT)
        members_refuse(members, "activation", "softmax or sigmoid");
    if (ret->type != MODEL_TYPE_DETECTION)
        return;
    ret->score_threshold = members_share(members, "score_threshold");
    ret->candidate_floor = members_share(members, "candidate_floor");
}

/* Members of one item of "files"; the item says by its name where it belongs. */
static void take_file(struct members *outer, yyjson_val *item, struct shard_info *ret)
{
    struct members members = {.object = item, .arena = outer->arena, .err = outer->err};
    const char *name = members_text(&members, "name", MEMBER_REQUIRED);
    const char *hash = members_text(&members, "hash", MEMBER_REQUIRED);
    uint64_t bytes = members_count(&members, "bytes", MEMBER_REQUIRED, 0, INT64_MAX);
    outer->has_failed |= members.has_failed;
    if (members.has_failed)
        return;
    if (strlen(hash) != HASH_HEX_BYTES - 1)
        members_refuse(outer, "hash", "32 hex digits");
    for (int file = 0; file < SHARD_FILE_COUNT; file++) {
        if (outer->has_failed || strcmp(name, files[file].name) != 0)
            continue;
        ret->files[file].bytes = bytes;
        memcpy(ret->files[file].hash, hash, HASH_HEX_BYTES);
    }
}

static void take_files(struct members *members, struct shard_info *ret)
{
    size_t index, count;
    yyjson_val *item, *list = members_list(members, "files", SHARD_FILE_COUNT);
    yyjson_arr_foreach(list, index, count, item)
    {
        take_file(members, item, ret);
    }
    for (int file = 0; file < SHARD_FILE_COUNT && !members->has_failed; file++) {
        bool is_listed = ret->files[file].hash[0] != '\0';
        if (is_listed == shard_has_file(&ret->header, (enum shard_file)file))
            continue;
        members->has_failed = true;
        (void)error_set(members->err, ERR_INVALID, "'files' must%s list %s", is_listed ? " not" : "",
                        files[file].name);
    }
}

static bool read_info(yyjson_val *root, struct arena *arena, struct shard_info *ret, struct error *err)
{
    struct members members = {.object = root, .arena = arena, .err = err};
    uint64_t format = members_count(&members, "format", MEMBER_REQUIRED, 0, INT64_MAX);
    if (!members.has_failed && format != RECORD_FORMAT)
        return error_set(err, ERR_INVALID, "its format is %" PRIu64 ", this program knows %d; use a %s",
                         format, RECORD_FORMAT,
                         format > RECORD_FORMAT ? "newer program" : "program of its time");
    *ret = (struct shard_info){0};
    ret->number = (uint32_t)members_count(&members, "shard", MEMBER_REQUIRED, 0, RECORD_SHARDS_MAX - 1);
    ret->first = members_count(&members, "first", MEMBER_REQUIRED, 0, INT64_MAX);
    ret->count = (uint32_t)members_count(&members, "count", MEMBER_REQUIRED, 1, RECORD_SHARD_IMAGES_MAX);
    ret->candidates = members_count(&members, "candidates", MEMBER_REQUIRED, 0,
                                    (uint64_t)RECORD_SHARD_IMAGES_MAX * PREDICTION_CANDIDATES_MAX);
    take_header(&members, &ret->header);
    take_files(&members, ret);
    return !members.has_failed;
}

bool shard_info_load(struct store *store, const char *folder, uint32_t shard, struct arena *arena,
                     struct shard_info *ret, struct error *err)
{
    char key[SHARD_KEY_BYTES];
    AUTO_JSON doc = NULL;
    AUTO_BUFFER(text, RECORD_SHARD_JSON_MAX_BYTES);
    if (!shard_key(key, folder, shard, SHARD_INFO_NAME, err) || !store_get(store, key, &text, err) ||
        !json_parse((struct bytes){text.data, text.size}, key, &doc, err))
        return false;
    if (!read_info(yyjson_doc_get_root(doc), arena, ret, err))
        return error_wrap(err, "%s is damaged or foreign", key);
    return ret->number == shard ||
           error_set(err, ERR_INVALID, "%s is of another shard, %" PRIu32, key, ret->number);
}

bool shard_labels_write(const struct record_header *header, struct buffer *into, struct error *err)
{
    struct json_stream out = {.into = into};
    json_stream_open(&out, NULL, '{');
    json_stream_open(&out, "labels", '[');
    for (uint32_t i = 0; i < header->classes; i++)
        json_stream_text(&out, NULL, header->labels[i] ? header->labels[i] : "");
    json_stream_close(&out, ']');
    json_stream_close(&out, '}');
    (void)buffer_add(into, "\n", 1);
    return json_stream_check(&out, files[SHARD_LABELS].name, err);
}

bool shard_labels_read(struct bytes file, uint32_t classes, struct arena *arena, const char *const **ret,
                       struct error *err)
{
    AUTO_JSON doc = NULL;
    uint32_t count = 0;
    if (!json_parse(file, files[SHARD_LABELS].name, &doc, err))
        return false;
    struct members members = {.object = yyjson_doc_get_root(doc), .arena = arena, .err = err};
    const char *const *labels = members_texts(&members, "labels", PREDICTION_CLASSES_MAX, &count);
    if (members.has_failed)
        return error_wrap(err, "%s", files[SHARD_LABELS].name);
    if (count != classes)
        return error_set(err, ERR_INVALID, "%s has %" PRIu32 " labels for %" PRIu32 " classes",
                         files[SHARD_LABELS].name, count, classes);
    *ret = labels;
    return true;
}
