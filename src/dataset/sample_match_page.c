/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/sample_match.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_AT_ONCE = 1024 };

/* A place in an order: that of a row, or what a cursor says. */
struct place {
    double number;
    int64_t time_ms;
    const char *text; /* source */
    uint32_t rank;    /* of the source; SAMPLE_ROW_NONE: not ranked */
    unsigned char id[SAMPLE_ID_BYTES];
};

struct picking {
    const struct sample_columns *columns;
    const struct sample_order *order;
    bool has_cursor;
    struct place cursor;
    uint32_t *rows; /* a heap: the last in order on top */
    size_t count, limit;
};

static struct place place_of(const struct picking *picking, uint32_t row)
{
    const struct sample_columns *columns = picking->columns;
    struct place place = {.rank = row < columns->ranked ? columns->source_rank[row] : SAMPLE_ROW_NONE};
    double coefficient = columns->coefficients[row];
    place.number = isnan(coefficient) ? -1.0 : coefficient;
    place.time_ms = columns->created_ms[row];
    if (picking->order->key == SAMPLE_KEY_TEXT)
        place.text = sample_columns_source(columns, row);
    memcpy(place.id, columns->ids[row], SAMPLE_ID_BYTES);
    return place;
}

static int compare_sources(const struct place *a, const struct place *b)
{
    if (a->rank != SAMPLE_ROW_NONE && b->rank != SAMPLE_ROW_NONE)
        return (a->rank > b->rank) - (a->rank < b->rank);
    return strcmp(a->text, b->text);
}

/* Negative when `a` comes before `b`, never 0 for two samples. */
static int compare(const struct sample_order *order, const struct place *a, const struct place *b)
{
    int by_key = 0;
    switch (order->key) {
    case SAMPLE_KEY_NUMBER:
        by_key = (a->number > b->number) - (a->number < b->number);
        break;
    case SAMPLE_KEY_TIME:
        by_key = (a->time_ms > b->time_ms) - (a->time_ms < b->time_ms);
        break;
    case SAMPLE_KEY_TEXT:
        by_key = compare_sources(a, b);
        break;
    case SAMPLE_KEY_ID:
        break;
    }
    if (by_key == 0)
        by_key = memcmp(a->id, b->id, SAMPLE_ID_BYTES);
    return order->is_descending ? -by_key : by_key;
}

static bool row_before(const struct picking *picking, uint32_t a, uint32_t b)
{
    struct place place_a = place_of(picking, a), place_b = place_of(picking, b);
    return compare(picking->order, &place_a, &place_b) < 0;
}

static void swap(uint32_t *rows, size_t a, size_t b)
{
    uint32_t row = rows[a];
    rows[a] = rows[b];
    rows[b] = row;
}

static void sink(struct picking *picking, size_t at)
{
    for (size_t child; (child = 2 * at + 1) < picking->count; at = child) {
        if (child + 1 < picking->count && row_before(picking, picking->rows[child], picking->rows[child + 1]))
            child++;
        if (!row_before(picking, picking->rows[at], picking->rows[child]))
            return;
        swap(picking->rows, at, child);
    }
}

static void rise(struct picking *picking, size_t at)
{
    for (; at > 0 && row_before(picking, picking->rows[(at - 1) / 2], picking->rows[at]); at = (at - 1) / 2)
        swap(picking->rows, at, (at - 1) / 2);
}

static void pick(struct picking *picking, uint32_t row, struct place *top)
{
    struct place place = place_of(picking, row);
    if (picking->has_cursor && compare(picking->order, &picking->cursor, &place) >= 0)
        return;
    if (picking->count == picking->limit && compare(picking->order, &place, top) >= 0)
        return;
    if (picking->count < picking->limit) {
        picking->rows[picking->count++] = row;
        rise(picking, picking->count - 1);
    } else {
        picking->rows[0] = row;
        sink(picking, 0);
    }
    *top = place_of(picking, picking->rows[0]);
}

static void pick_all(struct picking *picking, const roaring_bitmap_t *hits)
{
    uint32_t rows[ROWS_AT_ONCE], count;
    roaring_uint32_iterator_t at;
    struct place top = {0};
    roaring_init_iterator(hits, &at);
    while ((count = roaring_read_uint32_iterator(&at, rows, ROWS_AT_ONCE)) > 0)
        for (uint32_t i = 0; i < count; i++)
            pick(picking, rows[i], &top);
}

/* The heap becomes a list in order: its top goes to the end, again and again. */
static void sort_picked(struct picking *picking)
{
    size_t count = picking->count;
    while (picking->count > 1) {
        swap(picking->rows, 0, --picking->count);
        sink(picking, 0);
    }
    picking->count = count;
}

static bool start_at(struct picking *picking, const char *text, struct arena *arena, struct error *err)
{
    struct sample_cursor cursor;
    size_t bytes = 0;
    if (!text)
        return true;
    if (!sample_cursor_read(text, picking->order->name, picking->order->key, arena, &cursor, err))
        return false;
    picking->has_cursor = true;
    picking->cursor = (struct place){.rank = SAMPLE_ROW_NONE};
    if (sodium_hex2bin(picking->cursor.id, SAMPLE_ID_BYTES, cursor.id, strlen(cursor.id), NULL, &bytes,
                       NULL) != 0)
        return error_set(err, ERR_INVALID, "the cursor names no sample");
    uint32_t row = sample_columns_find(picking->columns, cursor.id);
    switch (cursor.key) {
    case SAMPLE_KEY_NUMBER:
        picking->cursor.number = cursor.number;
        break;
    case SAMPLE_KEY_TIME:
        picking->cursor.time_ms = cursor.time_ms;
        break;
    case SAMPLE_KEY_TEXT:
        picking->cursor.text = cursor.text;
        /* the rank speaks for the source only while they are the same */
        if (row < picking->columns->ranked &&
            strcmp(sample_columns_source(picking->columns, row), cursor.text) == 0)
            picking->cursor.rank = picking->columns->source_rank[row];
        break;
    case SAMPLE_KEY_ID:
        break;
    }
    return true;
}

static const char *cursor_after(const struct picking *picking, uint32_t row, struct arena *arena)
{
    char id[HASH_HEX_BYTES];
    const struct sample_columns *columns = picking->columns;
    sample_columns_id(columns, row, id);
    const struct sample sample = {.id = id,
                                  .source = sample_columns_source(columns, row),
                                  .hard_coefficient = columns->coefficients[row],
                                  .created_ms = columns->created_ms[row]};
    return sample_order_cursor(picking->order, &sample, arena);
}

/* One row more than wanted tells whether there is a next page. */
bool sample_match_page(const struct sample_columns *columns, const roaring_bitmap_t *hits,
                       const struct sample_rows_wish *wish, struct arena *arena, uint32_t **ret,
                       size_t *ret_count, const char **ret_cursor, struct error *err)
{
    uint64_t most = roaring_bitmap_get_cardinality(hits);
    struct picking picking = {
        .columns = columns, .order = wish->order, .limit = most < wish->limit ? most : wish->limit + 1};
    const char *cursor = NULL;
    picking.rows = arena_array(arena, picking.limit + 1, sizeof(uint32_t));
    if (!picking.rows)
        return error_no_memory(err);
    if (!start_at(&picking, wish->cursor, arena, err))
        return false;
    if (picking.limit > 0)
        pick_all(&picking, hits);
    sort_picked(&picking);
    bool is_more = picking.count > wish->limit;
    if (is_more && !(cursor = cursor_after(&picking, picking.rows[wish->limit - 1], arena)))
        return error_no_memory(err);
    *ret = picking.rows;
    *ret_count = is_more ? wish->limit : picking.count;
    *ret_cursor = cursor;
    return true;
}
