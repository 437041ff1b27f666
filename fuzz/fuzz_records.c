/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shard whose files hold any bytes, with the sizes and hashes that belong to them, so that the hostile part
 * is the contents. What opens is read to the last number, makes a profile or not, and can be written again.
 *
 * Input: kind of run, images, candidates (a byte each), which files are given whole (a byte of bits), then
 * for each file of the run, in the order of enum shard_file with shard.json first, two bytes of length and
 * the bytes. A file that is not given whole is made of its bytes: rows are packed, numbers framed and
 * repeated to the array's size, shard.json is written as it should be.
 */
#include "fuzz_target.h"

#include "memory_store.h"
#include "record/box_features.h"
#include "record/profile.h"
#include "record/shard_format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PREFIX_BYTES = 4, IMAGES_MAX = 8, CANDIDATES_MAX = 32, TOPK_CLASSES = RECORD_LOGITS_ALL_MAX + 1 };
enum { WHOLE_INFO = 1, WHOLE_LABELS = 2, WHOLE_ROWS = 4, WHOLE_ARRAYS = 8 };

static void must(bool holds)
{
    if (!holds)
        abort();
}

struct input {
    const uint8_t *at, *end;
};

static struct bytes next_section(struct input *input)
{
    size_t left = (size_t)(input->end - input->at);
    if (left < 2)
        return (struct bytes){"", 0};
    size_t size = (size_t)input->at[0] | (size_t)input->at[1] << 8;
    size = size < left - 2 ? size : left - 2;
    struct bytes section = {input->at + 2, size};
    input->at += 2 + size;
    return section;
}

static const struct record_header headers[] = {
    {.type = MODEL_TYPE_CLASSIFICATION, .classes = 3, .embedding_length = 2, .appearance_length = 2},
    {.type = MODEL_TYPE_DETECTION,
     .activation = ACTIVATION_SIGMOID,
     .classes = 2,
     .appearance_length = 1,
     .score_threshold = 0.5,
     .candidate_floor = 0.25},
    {.type = MODEL_TYPE_CLASSIFICATION, .classes = TOPK_CLASSES},
    {.type = MODEL_TYPE_CLASSIFICATION, .activation = ACTIVATION_SIGMOID, .classes = TOPK_CLASSES},
};

static void plant(struct store *store, struct shard_info *info, enum shard_file file, struct bytes body)
{
    struct error err = {0};
    char key[SHARD_KEY_BYTES];
    info->files[file].bytes = body.size;
    hash_of(body, info->files[file].hash);
    must(shard_key(key, "r", 0, shard_file_name(file), &err) && store_put(store, key, body, &err));
}

static void plant_rows(struct store *store, struct shard_info *info, struct bytes section)
{
    struct error err = {0};
    AUTO_BUFFER(packed, 1 << 20);
    if (section.size > 0 && shard_pack(section, &packed, &err))
        section = (struct bytes){packed.data, packed.size};
    plant(store, info, SHARD_ROWS, section);
}

static void plant_labels(struct store *store, struct shard_info *info, struct bytes section)
{
    struct error err = {0};
    AUTO_BUFFER(body, 1 << 20);
    char prefix[16];
    const char **labels = calloc(TOPK_CLASSES, sizeof(*labels));
    must(labels != NULL);
    (void)snprintf(prefix, sizeof(prefix), "%.*s", (int)(section.size < 15 ? section.size : 15),
                   (const char *)section.data);
    for (uint32_t i = 0; i < info->header.classes; i++)
        labels[i] = i == 0 ? prefix : "b";
    info->header.labels = labels;
    if (shard_labels_write(&info->header, &body, &err))
        section = (struct bytes){body.data, body.size};
    info->header.labels = NULL;
    free(labels);
    plant(store, info, SHARD_LABELS, section);
}

static void plant_array(struct store *store, struct shard_info *info, enum shard_file file,
                        struct bytes section)
{
    struct error err = {0};
    AUTO_BUFFER(body, 1 << 20);
    const struct npy_array shape = shard_array_shape(info, file);
    size_t items = (size_t)(shape.rows * (shape.columns > 0 ? shape.columns : 1));
    must(npy_start(&body, shape.type, shape.rows, shape.columns, &err));
    size_t left = items * npy_item_bytes(shape.type);
    for (; left > 0 && section.size > 0; left -= section.size < left ? section.size : left)
        (void)buffer_add(&body, section.data, section.size < left ? section.size : left);
    for (; left > 0; left--)
        (void)buffer_add(&body, "", 1);
    plant(store, info, file, (struct bytes){body.data, body.size});
}

static void plant_shard(struct store *store, struct input *input, const uint8_t *prefix)
{
    struct error err = {0};
    AUTO_BUFFER(text, RECORD_SHARD_JSON_MAX_BYTES);
    unsigned whole = prefix[3];
    struct shard_info info = {.header = headers[prefix[0] % (sizeof(headers) / sizeof(headers[0]))],
                              .count = prefix[1] % IMAGES_MAX + 1U,
                              .candidates = prefix[2] % CANDIDATES_MAX};
    struct bytes json = next_section(input);
    if (info.header.type != MODEL_TYPE_DETECTION)
        info.candidates = 0;
    for (enum shard_file file = SHARD_ROWS; file < SHARD_FILE_COUNT; file++) {
        if (!shard_has_file(&info.header, file))
            continue;
        struct bytes section = next_section(input);
        unsigned bit = file == SHARD_ROWS ? WHOLE_ROWS : file == SHARD_LABELS ? WHOLE_LABELS : WHOLE_ARRAYS;
        if (whole & bit)
            plant(store, &info, file, section);
        else if (file == SHARD_ROWS)
            plant_rows(store, &info, section);
        else if (file == SHARD_LABELS)
            plant_labels(store, &info, section);
        else
            plant_array(store, &info, file, section);
    }
    must(shard_info_write(&info, &text, &err));
    if (!(whole & WHOLE_INFO))
        json = (struct bytes){text.data, text.size};
    must(store_put(store, "r/shard-000000/shard.json", json, &err));
}

static uint64_t sum_bytes(const void *data, size_t bytes)
{
    const uint8_t *at = data;
    uint64_t sum = 0;
    for (size_t i = 0; at && i < bytes; i++)
        sum += at[i];
    return sum;
}

/* Reads all that a record points to; scores must be numbers. */
static uint64_t touch(const struct record_header *header, const struct record *record)
{
    uint64_t sum = strlen(record->source);
    uint32_t columns = record_logit_columns(header);
    for (uint32_t i = 0; i < record->truth_count; i++)
        sum += strlen(record->truth_labels[i]);
    sum += sum_bytes(record->appearance, header->appearance_length * sizeof(float));
    sum += sum_bytes(record->embedding, header->embedding_length * sizeof(float));
    sum += sum_bytes(record->logits, columns * sizeof(float));
    sum += sum_bytes(record->candidates, record->candidate_count * sizeof(struct candidate));
    if (header->type == MODEL_TYPE_DETECTION && record->truth_labels)
        sum += sum_bytes(record->truth_boxes, record->truth_count * sizeof(struct box));
    sum += sum_bytes(record->candidate_scores,
                     (size_t)record->candidate_count * header->classes * sizeof(float));
    if (record->error || columns == 0)
        return sum;
    double *scores = calloc(header->classes, sizeof(*scores));
    if (scores)
        record_scores(header, record, scores);
    for (uint32_t c = 0; scores && c < header->classes; c++)
        must(scores[c] >= 0);
    free(scores);
    return sum;
}

/* Whatever the boxes are, their features are numbers or NaN. */
static void measure(const struct record *record)
{
    struct error err = {0};
    double features[FEATURE_COUNT] = {0};
    const struct image_boxes boxes = {record->candidates, record->candidate_count, record->width,
                                      record->height};
    must(record_box_features(&boxes, features, &err));
    for (int f = 0; f < FEATURE_COUNT; f++)
        must(!isinf(features[f]));
    must(!(features[FEATURE_BOX_OVERLAP] < 0) && !(features[FEATURE_BOX_OVERLAP] > 1));
}

static void read_shard(struct store *store, const struct record_set *set)
{
    struct error err = {0};
    struct record_shard *opened = NULL;
    struct record records[IMAGES_MAX];
    if (!record_shard_open(set, 0, &opened, &err))
        return;
    AUTO(record_shard) shard = opened;
    const struct record_header *header = record_set_header(set);
    uint32_t count = record_shard_count(shard);
    must(record_shard_verify(shard, &err));
    for (uint32_t row = 0; row < count; row++) {
        struct record record;
        record_shard_get(shard, row, &record);
        must(touch(header, &record) > 0);
        must(record_check(header, &record, &err));
        measure(&record);
        if (row < IMAGES_MAX)
            records[row] = record;
    }
    if (count <= IMAGES_MAX)
        must(record_shard_write(store, "again", &(struct record_rows){0, 0, header, records, count}, &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    struct store *opened = NULL;
    struct record_set *records = NULL;
    struct profile *profile = NULL;
    bool is_there = false;
    if (size < PREFIX_BYTES || !store_open_backend(&store_backend_memory, "/", true, &opened, &err))
        return 0;
    AUTO(store) store = opened;
    struct input input = {data + PREFIX_BYTES, data + size};
    plant_shard(store, &input, data);
    must(record_shard_exists(store, "r", 0, &is_there, &err));
    if (!record_set_open(store, "r", &records, &err))
        return 0;
    AUTO(record_set) set = records;
    read_shard(store, set);
    if (profile_open(store, "r", &profile, &err))
        must(profile_count(profile) > 0);
    (void)profile_free(profile);
    return 0;
}
