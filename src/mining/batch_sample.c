/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/batch_sample.h"

#include "mining/neighbours.h"

#include <stdlib.h>

bool batch_sample_start(struct batch_sample *sample, const struct record_set *set, uint32_t features_length,
                        struct error *err)
{
    const struct record_header *header = record_set_header(set);
    uint64_t images = record_set_count(set);
    *sample = (struct batch_sample){.by_embedding = header->embedding_length > 0};
    uint32_t second = features_length > 0 ? features_length : header->appearance_length;
    sample->length = sample->by_embedding ? header->embedding_length : second;
    if (sample->length == 0)
        return error_set(err, ERR_INVALID, "the records have no vectors to compare by");
    sample->stride = (images + BATCH_SAMPLE_IMAGES - 1) / BATCH_SAMPLE_IMAGES;
    sample->rows = calloc((size_t)BATCH_SAMPLE_IMAGES * sample->length, sizeof(*sample->rows));
    sample->labels = calloc(BATCH_SAMPLE_IMAGES, sizeof(*sample->labels));
    sample->records = calloc(BATCH_SAMPLE_IMAGES, sizeof(*sample->records));
    sample->images = calloc(BATCH_SAMPLE_IMAGES, sizeof(*sample->images));
    sample->arena = arena_new(BATCH_SAMPLE_NAMES_MAX_BYTES);
    bool has_memory = sample->rows && sample->labels && sample->records && sample->images && sample->arena;
    return has_memory || error_no_memory(err);
}

bool batch_sample_add(struct batch_sample *sample, const struct record_header *header,
                      const struct record_shard *shard, const float *features, struct error *err)
{
    uint64_t first = record_shard_first(shard), end = first + record_shard_count(shard);
    uint64_t next = (first + sample->stride - 1) / sample->stride * sample->stride;
    for (; next < end && sample->count < BATCH_SAMPLE_IMAGES; next += sample->stride) {
        struct record record;
        record_shard_get(shard, (uint32_t)(next - first), &record);
        const float *second =
            features ? features + (size_t)(next - first) * sample->length : record.appearance;
        const float *vector = sample->by_embedding ? record.embedding : second;
        float *row = sample->rows + (size_t)sample->count * sample->length;
        if (record.error || !vector || !neighbour_normalise(vector, sample->length, row))
            continue;
        struct batch_image *image = &sample->images[sample->count];
        float score = 0;
        *image = (struct batch_image){arena_text(sample->arena, record.source),
                                      record_predicted(header, &record, &score)};
        sample->records[sample->count++] = next;
        if (!image->source)
            return error_set(err, ERR_LIMIT, "%u names of images take more than %d MiB", sample->count,
                             BATCH_SAMPLE_NAMES_MAX_BYTES >> 20);
    }
    return true;
}

static int compare_records(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
    return (one > other) - (one < other);
}

uint32_t batch_sample_find(const struct batch_sample *sample, uint64_t record)
{
    const uint64_t *found = sample->count == 0 ? NULL
                                               : bsearch(&record, sample->records, sample->count,
                                                         sizeof(*sample->records), compare_records);
    return found ? (uint32_t)(found - sample->records) : SAMPLE_NONE;
}

void batch_sample_release(struct batch_sample *sample)
{
    free(sample->rows);
    free(sample->labels);
    free(sample->records);
    free(sample->images);
    sample->arena = arena_free(sample->arena);
    *sample = (struct batch_sample){0};
}
