/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/sample_columns.h"

#include "dataset/sample_query.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROWS = 1024, POOL_GARBAGE_MIN = 4096, UNRANKED_MIN = 4096 };

struct sample_columns *sample_columns_new(void)
{
    struct sample_columns *columns = calloc(1, sizeof(*columns));
    if (!columns)
        return NULL;
    columns->all = roaring_bitmap_create();
    columns->hard = roaring_bitmap_create();
    columns->excluded = roaring_bitmap_create();
    bool is_ok = columns->all && columns->hard && columns->excluded;
    for (int i = 0; i < SAMPLE_REASONS; i++)
        is_ok = (columns->reasons[i] = roaring_bitmap_create()) && is_ok;
    columns->pool_used = 1; /* 0 is nobody's */
    return is_ok ? columns : sample_columns_free(columns);
}

static void bitmap_free(roaring_bitmap_t *bitmap)
{
    if (bitmap)
        roaring_bitmap_free(bitmap);
}

struct sample_columns *sample_columns_free(struct sample_columns *columns)
{
    if (!columns)
        return NULL;
    bitmap_free(columns->all);
    bitmap_free(columns->hard);
    bitmap_free(columns->excluded);
    for (int i = 0; i < SAMPLE_REASONS; i++)
        bitmap_free(columns->reasons[i]);
    for (int i = 0; i < FIELD_COUNT; i++)
        value_set_release(&columns->fields[i]);
    value_set_release(&columns->labels);
    void *const plain[] = {columns->ids,   columns->coefficients, columns->scores,    columns->created_ms,
                           columns->codes, columns->source_rank,  columns->source_at, columns->texts,
                           columns->slots, columns->label_pool};
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        free(plain[i]);
    for (int i = 0; i < SAMPLE_FEATURES; i++)
        free(columns->features[i]);
    free(columns);
    return NULL;
}

/* ---- room ---- */

static bool resize(void *field, size_t count, size_t size)
{
    void *old = NULL;
    memcpy(&old, field, sizeof(old));
    void *grown = reallocarray(old, count, size);
    if (grown)
        memcpy(field, &grown, sizeof(grown));
    return grown != NULL;
}

static bool id_of_hex(const char *hex, unsigned char id[SAMPLE_ID_BYTES])
{
    size_t bytes = 0;
    return strlen(hex) == HASH_HEX_BYTES - 1 &&
           sodium_hex2bin(id, SAMPLE_ID_BYTES, hex, HASH_HEX_BYTES - 1, NULL, &bytes, NULL) == 0 &&
           bytes == SAMPLE_ID_BYTES;
}

/* Ids are hashes already. */
static size_t slot_of(const struct sample_columns *columns, const unsigned char id[SAMPLE_ID_BYTES])
{
    uint64_t hash;
    memcpy(&hash, id, sizeof(hash));
    size_t at = hash & (columns->slot_count - 1);
    while (columns->slots[at] && memcmp(columns->ids[columns->slots[at] - 1], id, SAMPLE_ID_BYTES) != 0)
        at = (at + 1) & (columns->slot_count - 1);
    return at;
}

static bool grow_rows(struct sample_columns *columns)
{
    size_t capacity = columns->capacity == 0 ? FIRST_ROWS : columns->capacity + columns->capacity / 2;
    size_t slot_count = columns->slot_count == 0 ? (size_t)2 * FIRST_ROWS : columns->slot_count;
    if (!resize(&columns->ids, capacity, sizeof(*columns->ids)) ||
        !resize(&columns->coefficients, capacity, sizeof(*columns->coefficients)) ||
        !resize(&columns->scores, capacity, sizeof(*columns->scores)) ||
        !resize(&columns->created_ms, capacity, sizeof(*columns->created_ms)) ||
        !resize(&columns->codes, capacity, sizeof(*columns->codes)) ||
        !resize(&columns->source_rank, capacity, sizeof(*columns->source_rank)) ||
        !resize(&columns->source_at, capacity, sizeof(*columns->source_at)))
        return false;
    for (int i = 0; i < SAMPLE_FEATURES; i++)
        if (columns->features[i] && !resize(&columns->features[i], capacity, sizeof(double)))
            return false;
    while (slot_count < capacity + capacity / 2)
        slot_count *= 2;
    if (slot_count != columns->slot_count) {
        uint32_t *slots = calloc(slot_count, sizeof(*slots));
        if (!slots)
            return false;
        free(columns->slots);
        columns->slots = slots;
        columns->slot_count = slot_count;
        for (size_t row = 0; row < columns->count; row++)
            slots[slot_of(columns, columns->ids[row])] = (uint32_t)row + 1;
    }
    columns->capacity = capacity;
    return true;
}

static bool add_source(struct sample_columns *columns, uint32_t row, const char *source)
{
    size_t bytes = strlen(source) + 1;
    if (columns->text_capacity < columns->text_bytes + 2 * bytes) {
        size_t capacity = columns->text_capacity + columns->text_capacity / 2 + 2 * bytes + FIRST_ROWS;
        if (!resize(&columns->texts, capacity, 1))
            return false;
        columns->text_capacity = capacity;
    }
    char *to = columns->texts + columns->text_bytes;
    sample_name_fold(source, to);
    columns->source_at[row] = columns->text_bytes;
    columns->text_bytes += bytes;
    if (strcmp(source, to) != 0) {
        memcpy(to + bytes, source, bytes);
        columns->text_bytes += bytes;
    }
    return true;
}

static bool add_row(struct sample_columns *columns, const struct sample *sample,
                    const unsigned char id[SAMPLE_ID_BYTES], uint32_t *ret, struct error *err)
{
    if (columns->count == SAMPLE_ROW_NONE - 1)
        return error_set(err, ERR_LIMIT, "the dataset has more samples than can be counted");
    if (columns->count == columns->capacity && !grow_rows(columns))
        return error_no_memory(err);
    uint32_t row = (uint32_t)columns->count;
    if (!add_source(columns, row, sample->source))
        return error_no_memory(err);
    memcpy(columns->ids[row], id, SAMPLE_ID_BYTES);
    columns->slots[slot_of(columns, id)] = row + 1;
    columns->created_ms[row] = sample->created_ms;
    columns->codes[row] = (struct sample_codes){0};
    roaring_bitmap_add(columns->all, row);
    columns->count++;
    *ret = row;
    return true;
}

/* ---- putting in and taking out ---- */

static void take_out(struct sample_columns *columns, uint32_t row)
{
    struct sample_codes *codes = &columns->codes[row];
    if (codes->is_hard)
        roaring_bitmap_remove(columns->hard, row);
    if (codes->is_excluded)
        roaring_bitmap_remove(columns->excluded, row);
    for (int i = 0; i < SAMPLE_REASONS; i++)
        if (codes->reasons >> i & 1U)
            roaring_bitmap_remove(columns->reasons[i], row);
    for (int i = 0; i < FIELD_COUNT; i++)
        if (codes->values[i] > 0)
            roaring_bitmap_remove(columns->fields[i].values[codes->values[i] - 1].rows[0], row);
    const uint32_t *labels = codes->labels_at ? &columns->label_pool[codes->labels_at] : NULL;
    for (uint32_t i = 0; labels && i < labels[0]; i++)
        roaring_bitmap_remove(columns->labels.values[labels[i + 1] / 2].rows[labels[i + 1] % 2], row);
    columns->pool_garbage += labels ? labels[0] + 1 : 0;
    *codes = (struct sample_codes){0};
}

static bool put_value(struct sample_columns *columns, uint32_t row, enum sample_field field,
                      const char *value, struct error *err)
{
    uint32_t number = 0;
    if (!value)
        return true;
    if (!value_set_need(&columns->fields[field], value, &number, err))
        return false;
    columns->codes[row].values[field] = (uint16_t)(number + 1);
    roaring_bitmap_add(columns->fields[field].values[number].rows[0], row);
    return true;
}

static void put_reasons(struct sample_columns *columns, uint32_t row, const char *reasons)
{
    for (const char *at = reasons; at && *at;) {
        char *end = NULL;
        unsigned long reason = strtoul(at, &end, 10);
        if (end == at)
            return;
        if (reason < SAMPLE_REASONS) {
            columns->codes[row].reasons |= 1U << reason;
            roaring_bitmap_add(columns->reasons[reason], row);
        }
        at = *end == '-' ? end + 1 : end;
    }
}

static bool reserve_pool(struct sample_columns *columns, size_t more)
{
    if (columns->pool_used + more <= columns->pool_capacity)
        return true;
    size_t capacity = columns->pool_capacity + columns->pool_capacity / 2 + more + FIRST_ROWS;
    if (capacity > UINT32_MAX || !resize(&columns->label_pool, capacity, sizeof(uint32_t)))
        return false;
    columns->pool_capacity = capacity;
    return true;
}

/* Each label once, whatever the number of boxes. */
static bool put_labels(struct sample_columns *columns, uint32_t row, const struct sample *sample,
                       struct error *err)
{
    if (sample->annotation_count == 0)
        return true;
    if (!reserve_pool(columns, sample->annotation_count + 1))
        return error_no_memory(err);
    uint32_t *to = &columns->label_pool[columns->pool_used], count = 0;
    for (size_t i = 0; i < sample->annotation_count; i++) {
        const struct annotation *annotation = &sample->annotations[i];
        uint32_t number = 0, is_suggested = annotation->is_suggested;
        if (!value_set_need(&columns->labels, annotation->name, &number, err))
            return false;
        if (roaring_bitmap_add_checked(columns->labels.values[number].rows[is_suggested], row))
            to[++count] = number * 2 + is_suggested;
    }
    to[0] = count;
    columns->codes[row].labels_at = (uint32_t)columns->pool_used;
    columns->pool_used += count + 1;
    return true;
}

/* A feature that no sample of the dataset has takes no room. */
static bool put_features(struct sample_columns *columns, uint32_t row, const double *features)
{
    for (int i = 0; i < SAMPLE_FEATURES; i++) {
        double value = features ? features[i] : (double)NAN;
        if (!columns->features[i]) {
            if (isnan(value))
                continue;
            columns->features[i] = reallocarray(NULL, columns->capacity, sizeof(double));
            if (!columns->features[i])
                return false;
            for (size_t other = 0; other < columns->count; other++)
                columns->features[i][other] = (double)NAN;
        }
        columns->features[i][row] = value;
    }
    return true;
}

static double best_score(const struct sample *sample)
{
    double best = (double)NAN;
    for (size_t i = 0; i < sample->annotation_count; i++)
        if (sample->annotations[i].is_suggested)
            best = fmax(best, sample->annotations[i].confidence);
    return best;
}

bool sample_columns_put(struct sample_columns *columns, const struct sample *sample, struct error *err)
{
    unsigned char id[SAMPLE_ID_BYTES];
    if (!id_of_hex(sample->id, id))
        return error_set(err, ERR_FAILED, "'%.60s' is no id of a sample", sample->id);
    uint32_t row = columns->slot_count > 0 ? columns->slots[slot_of(columns, id)] : 0;
    if (row > 0)
        take_out(columns, --row);
    else if (!add_row(columns, sample, id, &row, err))
        return false;
    struct sample_codes *codes = &columns->codes[row];
    columns->coefficients[row] = sample->hard_coefficient;
    columns->scores[row] = best_score(sample);
    codes->is_hard = sample->is_hard;
    codes->is_excluded = sample->is_excluded;
    if (sample->is_hard)
        roaring_bitmap_add(columns->hard, row);
    if (sample->is_excluded)
        roaring_bitmap_add(columns->excluded, row);
    put_reasons(columns, row, sample->hard_reasons);
    if (!put_features(columns, row, sample->features))
        return error_no_memory(err);
    return put_value(columns, row, FIELD_STATE, sample->state, err) &&
           put_value(columns, row, FIELD_USAGE, sample->usage, err) &&
           put_value(columns, row, FIELD_ORIGIN, sample->origin, err) &&
           put_value(columns, row, FIELD_ORIGIN_TASK, sample->origin_task, err) &&
           put_labels(columns, row, sample, err);
}

/* ---- keeping in shape ---- */

static int compare_sources(const void *a, const void *b, void *state)
{
    const struct sample_columns *columns = state;
    return strcmp(sample_columns_source(columns, *(const uint32_t *)a),
                  sample_columns_source(columns, *(const uint32_t *)b));
}

/* Sorts the rows that came since the last time and merges them with the others. */
static bool rank_sources(struct sample_columns *columns, struct error *err)
{
    size_t count = columns->count, old = columns->ranked, fresh = count - old;
    uint32_t *order = reallocarray(NULL, count, sizeof(*order));
    uint32_t *tail = reallocarray(NULL, fresh, sizeof(*tail));
    if (!order || !tail) {
        free(order);
        free(tail);
        return error_no_memory(err);
    }
    for (uint32_t row = 0; row < old; row++)
        order[columns->source_rank[row]] = row;
    for (size_t i = 0; i < fresh; i++)
        tail[i] = (uint32_t)(old + i);
    qsort_r(tail, fresh, sizeof(*tail), compare_sources, columns);
    size_t place = count, i = old, j = fresh;
    while (j > 0) { /* from the end, in place */
        bool is_old = i > 0 && compare_sources(&order[i - 1], &tail[j - 1], columns) > 0;
        order[--place] = is_old ? order[--i] : tail[--j];
    }
    for (uint32_t rank = 0; rank < count; rank++)
        columns->source_rank[order[rank]] = rank;
    columns->ranked = count;
    free(order);
    free(tail);
    return true;
}

static bool compact_pool(struct sample_columns *columns, struct error *err)
{
    size_t capacity = columns->pool_used - columns->pool_garbage + FIRST_ROWS, used = 1;
    uint32_t *pool = reallocarray(NULL, capacity, sizeof(*pool));
    if (!pool)
        return error_no_memory(err);
    for (size_t row = 0; row < columns->count; row++) {
        struct sample_codes *codes = &columns->codes[row];
        if (codes->labels_at == 0)
            continue;
        const uint32_t *from = &columns->label_pool[codes->labels_at];
        memcpy(&pool[used], from, (from[0] + 1) * sizeof(*pool));
        codes->labels_at = (uint32_t)used;
        used += from[0] + 1;
    }
    assert(used <= capacity);
    free(columns->label_pool);
    columns->label_pool = pool;
    columns->pool_capacity = capacity;
    columns->pool_used = used;
    columns->pool_garbage = 0;
    return true;
}

bool sample_columns_settle(struct sample_columns *columns, struct error *err)
{
    size_t unranked = columns->count - columns->ranked;
    bool is_wasteful =
        columns->pool_garbage > POOL_GARBAGE_MIN && columns->pool_garbage > columns->pool_used / 2;
    return (unranked <= UNRANKED_MIN + columns->count / 16 || rank_sources(columns, err)) &&
           (!is_wasteful || compact_pool(columns, err));
}

/* ---- reading ---- */

uint32_t sample_columns_find(const struct sample_columns *columns, const char *id_hex)
{
    unsigned char id[SAMPLE_ID_BYTES];
    if (columns->slot_count == 0 || !id_of_hex(id_hex, id))
        return SAMPLE_ROW_NONE;
    uint32_t row = columns->slots[slot_of(columns, id)];
    return row > 0 ? row - 1 : SAMPLE_ROW_NONE;
}

void sample_columns_id(const struct sample_columns *columns, uint32_t row, char ret_hex[HASH_HEX_BYTES])
{
    (void)sodium_bin2hex(ret_hex, HASH_HEX_BYTES, columns->ids[row], SAMPLE_ID_BYTES);
}

const char *sample_columns_source(const struct sample_columns *columns, uint32_t row)
{
    const char *folded = columns->texts + columns->source_at[row];
    const uint64_t end = row + 1 < columns->count ? columns->source_at[row + 1] : columns->text_bytes;
    size_t bytes = strlen(folded) + 1;
    return columns->source_at[row] + bytes < end ? folded + bytes : folded;
}

size_t sample_columns_bytes(const struct sample_columns *columns)
{
    size_t row_bytes = sizeof(*columns->ids) + 2 * sizeof(double) + sizeof(int64_t) +
                       sizeof(*columns->codes) + sizeof(uint32_t) + sizeof(uint64_t);
    size_t bytes = columns->capacity * row_bytes + columns->text_capacity +
                   (columns->slot_count + columns->pool_capacity) * sizeof(uint32_t);
    for (int i = 0; i < SAMPLE_FEATURES; i++)
        bytes += columns->features[i] ? columns->capacity * sizeof(double) : 0;
    bytes += roaring_bitmap_size_in_bytes(columns->all) + roaring_bitmap_size_in_bytes(columns->hard) +
             roaring_bitmap_size_in_bytes(columns->excluded);
    for (int i = 0; i < SAMPLE_REASONS; i++)
        bytes += roaring_bitmap_size_in_bytes(columns->reasons[i]);
    for (int i = 0; i < FIELD_COUNT; i++)
        bytes += value_set_bytes(&columns->fields[i]);
    return bytes + value_set_bytes(&columns->labels);
}
