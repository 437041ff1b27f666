/* SPDX-License-Identifier: Apache-2.0 */
#include "record/run_index_format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct making {
    const struct record_header *header;
    struct buffer *rows, texts;
    double *scores;
};

/* FNV-1a: quick, and no secret depends on it. */
uint32_t index_source_hash(const char *source)
{
    uint32_t hash = 2166136261U;
    for (; *source; source++)
        hash = (hash ^ (unsigned char)*source) * 16777619U;
    return hash;
}

static void take_answer(struct making *making, const struct record *record, struct index_row *row)
{
    const struct record_header *header = making->header;
    if (header->type == MODEL_TYPE_CLASSIFICATION && header->classes > 0) {
        record_scores(header, record, making->scores);
        row->class_index = prediction_best(making->scores, header->classes);
        row->score = (float)making->scores[row->class_index];
        return;
    }
    row->boxes = record_answers(header, record->candidates, record->candidate_count);
    if (row->boxes == 0)
        return;
    row->class_index = record->candidates[0].label;
    row->score = record->candidates[0].score;
}

static void add_row(struct making *making, const struct record *record)
{
    struct index_row row = {.text = making->texts.size,
                            .source_hash = index_source_hash(record->source),
                            .class_index = UINT32_MAX,
                            .score = (float)NAN,
                            .width = record->width,
                            .height = record->height,
                            .flags = record->error ? INDEX_ROW_FAILED : 0};
    if (!record->error)
        take_answer(making, record, &row);
    (void)buffer_add(&making->texts, record->source, strlen(record->source) + 1);
    if (record->error)
        (void)buffer_add(&making->texts, record->error, strlen(record->error) + 1);
    (void)buffer_add(making->rows, &row, sizeof(row));
}

static bool add_rows(struct making *making, const struct record_set *set, struct error *err)
{
    for (uint32_t s = 0; s < record_set_shards(set); s++) {
        AUTO(record_shard) shard = NULL;
        if (!record_shard_open(set, s, &shard, err))
            return false;
        for (uint32_t i = 0; i < record_shard_count(shard); i++) {
            struct record record;
            record_shard_get(shard, i, &record);
            add_row(making, &record);
        }
    }
    return true;
}

bool run_index_make(const struct record_set *set, struct buffer *into, struct error *err)
{
    const struct record_header *header = record_set_header(set);
    struct making making = {.header = header, .rows = into};
    struct index_head head = {.magic = RUN_INDEX_MAGIC,
                              .rows = record_set_count(set),
                              .classes = header->classes,
                              .type = header->type};
    buffer_init(&making.texts, RUN_INDEX_MAX_BYTES);
    making.scores = calloc((size_t)header->classes + 1, sizeof(*making.scores));
    bool is_done = making.scores || error_no_memory(err);
    (void)buffer_add(into, &head, sizeof(head));
    for (uint32_t c = 0; is_done && c < header->classes; c++)
        (void)buffer_add(&making.texts, header->labels[c], strlen(header->labels[c]) + 1);
    is_done = is_done && add_rows(&making, set, err);
    head.text_bytes = making.texts.size;
    if (is_done)
        is_done = buffer_check(&making.texts, "the index of a run", err) &&
                  (buffer_add(into, making.texts.data, making.texts.size), true) &&
                  buffer_check(into, "the index of a run", err);
    if (is_done)
        memcpy(into->data, &head, sizeof(head));
    buffer_release(&making.texts);
    free(making.scores);
    return is_done;
}
