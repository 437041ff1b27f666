/* SPDX-License-Identifier: Apache-2.0 */
#include "work/scan_shard.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static float *floats(uint32_t count, uint32_t length)
{
    return length == 0 ? NULL : calloc((size_t)count * length, sizeof(float));
}

static bool make_room(struct scan_shard *shard, const struct record_header *header)
{
    uint32_t columns = record_logit_columns(header);
    bool keeps_top = columns > 0 && columns < header->classes;
    shard->records = calloc(shard->count, sizeof(*shard->records));
    shard->rows = calloc(shard->count, sizeof(*shard->rows));
    shard->appearance = floats(shard->count, header->appearance_length);
    shard->embeddings = floats(shard->count, header->embedding_length);
    shard->logits = floats(shard->count, columns);
    shard->logit_classes = keeps_top ? calloc((size_t)shard->count * columns, sizeof(uint32_t)) : NULL;
    return shard->records && shard->rows && shard->appearance &&
           (shard->embeddings || !header->embedding_length) && (shard->logits || !columns) &&
           (shard->logit_classes || !keeps_top);
}

bool scan_shard_open(struct store *data, const char *folder, uint32_t number,
                     const struct record_header *header, struct scan_shard *ret, struct error *err)
{
    *ret = (struct scan_shard){.shard = number, .arena = arena_new(INPUTS_CHUNK_MAX_BYTES)};
    if (!ret->arena)
        return error_no_memory(err);
    struct input_list list;
    if (!inputs_shard(data, folder, number, ret->arena, &list, err))
        return false;
    ret->items = list.items;
    ret->count = list.count;
    if (!make_room(ret, header))
        return error_no_memory(err);
    atomic_init(&ret->left, ret->count);
    return true;
}

void scan_shard_release(struct scan_shard *shard)
{
    for (uint32_t i = 0; shard->rows && i < shard->count; i++)
        free(shard->rows[i].candidates);
    free(shard->records);
    free(shard->rows);
    free(shard->appearance);
    free(shard->embeddings);
    free(shard->logits);
    free(shard->logit_classes);
    arena_free(shard->arena);
    *shard = (struct scan_shard){0};
}

/* The largest logits first, ties by class. Few enough to insert one by one: most classes fail the first
 * comparison. */
static void keep_top(const float *all, uint32_t classes, uint32_t columns, float *logits, uint32_t *top)
{
    assert(logits && top);
    uint32_t kept = 0;
    for (uint32_t c = 0; c < classes; c++) {
        if (kept == columns && all[c] <= logits[columns - 1])
            continue;
        uint32_t at = kept < columns ? kept++ : columns - 1;
        for (; at > 0 && logits[at - 1] < all[c]; at--) {
            logits[at] = logits[at - 1];
            top[at] = top[at - 1];
        }
        logits[at] = all[c];
        top[at] = c;
    }
}

static double log_sum_exp(const float *logits, uint32_t classes)
{
    double max = (double)-INFINITY, sum = 0;
    for (uint32_t c = 0; c < classes; c++)
        max = fmax(max, (double)logits[c]);
    for (uint32_t c = 0; c < classes; c++)
        sum += exp((double)logits[c] - max);
    assert(sum > 0); /* the largest adds exp(0) */
    return max + log(sum);
}

void scan_record_logits(const struct record_header *header, const struct prediction *prediction,
                        float *logits, uint32_t *classes, struct record *ret)
{
    uint32_t columns = record_logit_columns(header);
    ret->log_sum_exp = log_sum_exp(prediction->logits, prediction->classes);
    ret->logits = prediction->logits;
    if (columns == header->classes)
        return;
    keep_top(prediction->logits, prediction->classes, columns, logits, classes);
    ret->logits = logits;
    ret->logit_classes = classes;
}

static void keep_logits(struct scan_shard *shard, uint32_t row, const struct record_header *header,
                        const struct prediction *prediction)
{
    size_t columns = record_logit_columns(header);
    struct record *record = &shard->records[row];
    float *logits = shard->logits + row * columns;
    uint32_t *classes = shard->logit_classes ? shard->logit_classes + row * columns : NULL;
    scan_record_logits(header, prediction, logits, classes, record);
    if (!classes) {
        memcpy(logits, prediction->logits, columns * sizeof(float));
        record->logits = logits;
    }
}

/* One piece of memory per image: candidates, behind them their class vectors. */
static bool keep_candidates(struct scan_shard *shard, uint32_t row, const struct scan_seen *seen,
                            struct error *err)
{
    const struct prediction *prediction = &seen->prediction;
    struct record *record = &shard->records[row];
    size_t count = prediction->candidate_count, boxes = count * sizeof(struct candidate);
    size_t scores = count * prediction->classes * sizeof(float);
    if (count == 0)
        return true;
    struct candidate *kept = malloc(boxes + scores);
    if (!(shard->rows[row].candidates = kept))
        return error_no_memory(err);
    float *kept_scores = (float *)(void *)(kept + count);
    for (size_t i = 0; i < seen->answer_count; i++)
        kept[i] = seen->answers[i];
    for (size_t i = seen->answer_count; i < count; i++) {
        kept[i] = prediction->candidates[i];
        kept[i].brightness = kept[i].clarity = (float)NAN;
    }
    memcpy(kept_scores, prediction->candidate_scores, scores);
    record->candidates = kept;
    record->candidate_scores = kept_scores;
    record->candidate_count = prediction->candidate_count;
    return true;
}

static void keep_identity(struct scan_shard *shard, uint32_t row, const struct scan_seen *seen)
{
    const struct input_item *item = &shard->items[row];
    struct record *record = &shard->records[row];
    *record = (struct record){.source = item->source,
                              .truth_labels = item->truth,
                              .truth_boxes = item->truth_boxes,
                              .truth_count = item->truth_count,
                              .usage = item->usage,
                              .orientation = 1,
                              .log_sum_exp = (double)NAN};
    for (int i = 0; i < FEATURE_COUNT; i++)
        record->features[i] = (double)NAN;
    if (!seen->has_file)
        return;
    memcpy(shard->rows[row].content_hash, seen->content_hash, sizeof(seen->content_hash));
    record->content_hash = shard->rows[row].content_hash;
    record->bytes = seen->bytes;
}

static void keep_measures(struct scan_shard *shard, uint32_t row, const struct record_header *header,
                          const struct scan_seen *seen)
{
    struct record *record = &shard->records[row];
    record->format = seen->info.format;
    record->width = seen->info.width;
    record->height = seen->info.height;
    record->warnings = seen->info.warnings;
    record->orientation = seen->info.orientation;
    record->perceptual_hash = seen->perceptual_hash;
    memcpy(record->features, seen->features, sizeof(record->features));
    float *appearance = shard->appearance + (size_t)row * header->appearance_length;
    memcpy(appearance, seen->appearance, header->appearance_length * sizeof(float));
    record->appearance = appearance;
    if (header->embedding_length == 0)
        return;
    float *embedding = shard->embeddings + (size_t)row * header->embedding_length;
    memcpy(embedding, seen->prediction.embedding, header->embedding_length * sizeof(float));
    record->embedding = embedding;
}

static void keep_failure(struct scan_shard *shard, uint32_t row, const struct scan_seen *seen,
                         const struct error *failure)
{
    keep_identity(shard, row, seen);
    memcpy(shard->rows[row].error, failure->message, sizeof(failure->message));
    shard->records[row].error = shard->rows[row].error;
}

bool scan_shard_keep(struct scan_shard *shard, uint32_t row, const struct record_header *header,
                     const struct scan_seen *seen, const struct error *failure, struct error *err)
{
    struct error refused = {0};
    if (failure) {
        keep_failure(shard, row, seen, failure);
        return true;
    }
    keep_identity(shard, row, seen);
    keep_measures(shard, row, header, seen);
    if (header->type == MODEL_TYPE_CLASSIFICATION)
        keep_logits(shard, row, header, &seen->prediction);
    else if (!keep_candidates(shard, row, seen, err))
        return false;
    /* One impossible prediction fails its image, not the shard. */
    if (!record_check(header, &shard->records[row], &refused))
        keep_failure(shard, row, seen, &refused);
    return true;
}
