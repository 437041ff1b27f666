/* SPDX-License-Identifier: Apache-2.0 */
#include "record/run_index.h"

#include "record/run_index_format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct run_index {
    struct store_map map;
    const struct index_head *head;
    const struct index_row *rows;
    const char *texts;
    const char **labels;
};

/* The text at this place ends within the texts; the place behind it, or 0. */
static uint64_t text_end(const struct run_index *index, uint64_t at)
{
    const char *end = at < index->head->text_bytes
                          ? memchr(index->texts + at, '\0', (size_t)(index->head->text_bytes - at))
                          : NULL;
    return end ? (uint64_t)(end - index->texts) + 1 : 0;
}

static bool take_labels(struct run_index *index)
{
    uint64_t at = 0;
    index->labels = calloc((size_t)index->head->classes + 1, sizeof(*index->labels));
    for (uint32_t c = 0; index->labels && c < index->head->classes; c++) {
        index->labels[c] = index->texts + at;
        at = text_end(index, at);
        if (at == 0)
            return false;
    }
    return index->labels != NULL;
}

/* A file that another program wrote, or half of one, is no index. */
static bool check(struct run_index *index)
{
    struct bytes bytes = index->map.bytes;
    const struct index_head *head = index->head = bytes.data;
    if (bytes.size < sizeof(*head) || memcmp(head->magic, RUN_INDEX_MAGIC, sizeof(head->magic)) != 0 ||
        head->rows > bytes.size / sizeof(struct index_row) || head->text_bytes > bytes.size ||
        head->classes > PREDICTION_CLASSES_MAX ||
        bytes.size != sizeof(*head) + head->rows * sizeof(struct index_row) + head->text_bytes)
        return false;
    index->rows = (const void *)(head + 1);
    index->texts = (const char *)(index->rows + head->rows);
    if (head->text_bytes > 0 && index->texts[head->text_bytes - 1] != '\0')
        return false;
    for (uint64_t i = 0; i < head->rows; i++) {
        const struct index_row *row = &index->rows[i];
        bool is_class = row->class_index == UINT32_MAX || row->class_index < head->classes;
        if (row->text >= head->text_bytes || !is_class ||
            ((row->flags & INDEX_ROW_FAILED) && text_end(index, row->text) == head->text_bytes))
            return false;
    }
    return take_labels(index);
}

static bool load(struct store *store, const char *key, const struct record_set *set, struct run_index **ret,
                 struct error *err)
{
    AUTO(run_index) index = calloc(1, sizeof(*index));
    if (!index)
        return error_no_memory(err);
    if (!store_map(store, key, &index->map, err))
        return false;
    if (!check(index) || index->head->rows != record_set_count(set))
        return error_set(err, ERR_INVALID, "%s is damaged", key);
    *ret = TAKE(index);
    return true;
}

bool run_index_open(struct store *store, const char *folder, const struct record_set *set,
                    struct run_index **ret, struct error *err)
{
    char key[RECORD_FOLDER_MAX_BYTES + 32];
    AUTO_BUFFER(file, RUN_INDEX_MAX_BYTES);
    if (snprintf(key, sizeof(key), "%s/%s", folder, RUN_INDEX_NAME) >= (int)sizeof(key))
        return error_set(err, ERR_LIMIT, "the name of a folder of records is too long");
    if (load(store, key, set, ret, err))
        return true;
    return err->code != ERR_NO_MEMORY && run_index_make(set, &file, err) &&
           store_put_fast(store, key, (struct bytes){file.data, file.size}, err) &&
           load(store, key, set, ret, err);
}

struct run_index *run_index_free(struct run_index *index)
{
    if (!index)
        return NULL;
    store_map_release(&index->map);
    free(index->labels);
    free(index);
    return NULL;
}

uint64_t run_index_count(const struct run_index *index)
{
    return index->head->rows;
}

uint64_t run_index_bytes(const struct run_index *index)
{
    return index->map.bytes.size;
}

uint32_t run_index_classes(const struct run_index *index)
{
    return index->head->classes;
}

const char *run_index_label(const struct run_index *index, uint32_t class_index)
{
    return index->labels[class_index];
}

bool run_index_is_detection(const struct run_index *index)
{
    return index->head->type == MODEL_TYPE_DETECTION;
}

void run_index_get(const struct run_index *index, uint64_t place, struct run_index_row *ret)
{
    const struct index_row *row = &index->rows[place];
    const char *source = index->texts + row->text;
    *ret = (struct run_index_row){.source = source,
                                  .class_index = row->class_index,
                                  .score = (double)row->score,
                                  .width = row->width,
                                  .height = row->height,
                                  .boxes = row->boxes};
    if (row->flags & INDEX_ROW_FAILED)
        ret->error = source + strlen(source) + 1;
}

uint64_t run_index_find(const struct run_index *index, const char *source)
{
    uint32_t hash = index_source_hash(source);
    for (uint64_t i = 0; i < index->head->rows; i++)
        if (index->rows[i].source_hash == hash && strcmp(index->texts + index->rows[i].text, source) == 0)
            return i;
    return UINT64_MAX;
}

static bool passes(const struct index_row *row, const struct run_index_filter *filter)
{
    double score = (double)row->score;
    if (filter->is_failed >= 0 && filter->is_failed != (int)(row->flags & INDEX_ROW_FAILED))
        return false;
    if (filter->class_index != UINT32_MAX && filter->class_index != row->class_index)
        return false;
    return (isnan(filter->score_min) || score >= filter->score_min) &&
           (isnan(filter->score_max) || score <= filter->score_max);
}

uint64_t run_index_next(const struct run_index *index, const struct run_index_filter *filter, uint64_t from)
{
    while (from < index->head->rows && !passes(&index->rows[from], filter))
        from++;
    return from;
}
