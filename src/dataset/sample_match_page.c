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

/* A row by the first 64 bits of its place: rows of the same key are compared in full. */
struct picked {
    uint64_t key;
    uint32_t row;
};

struct picking {
    const struct sample_columns *columns;
    const struct sample_order *order;
    bool has_cursor, has_keys;
    struct place cursor;
    uint64_t cursor_key;
    struct picked *heap; /* the last in order on top */
    size_t count, limit;
};

static struct place place_of(const struct picking *picking, uint32_t row)
{
    const struct sample_columns *columns = picking->columns;
    struct place place = {.rank = row < columns->ranked ? columns->source_rank[row] : SAMPLE_ROW_NONE,
                          .text = ""};
    double coefficient = columns->coefficients[row];
    place.number = isnan(coefficient) ? -1.0 : coefficient;
    place.time_ms = columns->created_ms[row];
    if (picking->order->key == SAMPLE_KEY_TEXT && !picking->has_keys)
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

/* Greater keys come later in the order. */
static uint64_t key_of(const struct picking *picking, const struct place *place)
{
    uint64_t key = 0;
    double number;
    if (!picking->has_keys)
        return 0;
    switch (picking->order->key) {
    case SAMPLE_KEY_NUMBER:
        number = place->number + 0.0; /* -0 is 0 */
        memcpy(&key, &number, sizeof(key));
        key = key >> 63 ? ~key : key | (uint64_t)1 << 63;
        break;
    case SAMPLE_KEY_TIME:
        key = (uint64_t)place->time_ms ^ (uint64_t)1 << 63;
        break;
    case SAMPLE_KEY_TEXT:
        key = place->rank;
        break;
    case SAMPLE_KEY_ID:
        for (int i = 0; i < 8; i++)
            key = key << 8 | place->id[i];
        break;
    }
    return picking->order->is_descending ? ~key : key;
}

static bool is_before(const struct picking *picking, const struct picked *a, const struct picked *b)
{
    if (a->key != b->key)
        return a->key < b->key;
    struct place place_a = place_of(picking, a->row), place_b = place_of(picking, b->row);
    return compare(picking->order, &place_a, &place_b) < 0;
}

static void swap(struct picked *heap, size_t a, size_t b)
{
    struct picked picked = heap[a];
    heap[a] = heap[b];
    heap[b] = picked;
}

static void sink(struct picking *picking, size_t at)
{
    for (size_t child; (child = 2 * at + 1) < picking->count; at = child) {
        if (child + 1 < picking->count &&
            is_before(picking, &picking->heap[child], &picking->heap[child + 1]))
            child++;
        if (!is_before(picking, &picking->heap[at], &picking->heap[child]))
            return;
        swap(picking->heap, at, child);
    }
}

static void rise(struct picking *picking, size_t at)
{
    for (; at > 0 && is_before(picking, &picking->heap[(at - 1) / 2], &picking->heap[at]); at = (at - 1) / 2)
        swap(picking->heap, at, (at - 1) / 2);
}

/* As key_of its place, from one column alone: most rows are passed over by it. */
static uint64_t key_of_row(const struct picking *picking, uint32_t row)
{
    const struct sample_columns *columns = picking->columns;
    struct place place;
    switch (picking->order->key) {
    case SAMPLE_KEY_NUMBER:
        place.number = isnan(columns->coefficients[row]) ? -1.0 : columns->coefficients[row];
        break;
    case SAMPLE_KEY_TIME:
        place.time_ms = columns->created_ms[row];
        break;
    case SAMPLE_KEY_TEXT:
        place.rank = picking->has_keys ? columns->source_rank[row] : SAMPLE_ROW_NONE;
        break;
    case SAMPLE_KEY_ID:
        memcpy(place.id, columns->ids[row], SAMPLE_ID_BYTES);
        break;
    }
    return key_of(picking, &place);
}

static bool is_after_cursor(const struct picking *picking, const struct picked *picked)
{
    if (!picking->has_cursor || picked->key != picking->cursor_key)
        return !picking->has_cursor || picked->key > picking->cursor_key;
    struct place place = place_of(picking, picked->row);
    return compare(picking->order, &picking->cursor, &place) < 0;
}

static void pick(struct picking *picking, uint32_t row)
{
    const struct picked picked = {key_of_row(picking, row), row};
    if (!is_after_cursor(picking, &picked))
        return;
    if (picking->count < picking->limit) {
        picking->heap[picking->count++] = picked;
        rise(picking, picking->count - 1);
    } else if (is_before(picking, &picked, &picking->heap[0])) {
        picking->heap[0] = picked;
        sink(picking, 0);
    }
}

static void pick_forwards(struct picking *picking, const roaring_bitmap_t *hits)
{
    uint32_t rows[ROWS_AT_ONCE], count;
    roaring_uint32_iterator_t at;
    roaring_init_iterator(hits, &at);
    while ((count = roaring_read_uint32_iterator(&at, rows, ROWS_AT_ONCE)) > 0)
        for (uint32_t i = 0; i < count; i++)
            pick(picking, rows[i]);
}

static void pick_backwards(struct picking *picking, const roaring_bitmap_t *hits)
{
    roaring_uint32_iterator_t at;
    roaring_init_iterator_last(hits, &at);
    for (; at.has_value; roaring_previous_uint32_iterator(&at))
        pick(picking, at.current_value);
}

/* Rows mostly come as they were created. The newest are looked for from the end: else each row would push out
 * one of those picked before. */
static void pick_all(struct picking *picking, const roaring_bitmap_t *hits)
{
    if (picking->order->key == SAMPLE_KEY_TIME && picking->order->is_descending)
        pick_backwards(picking, hits);
    else
        pick_forwards(picking, hits);
}

/* The heap becomes a list in order: its top goes to the end, again and again. */
static void sort_picked(struct picking *picking)
{
    size_t count = picking->count;
    while (picking->count > 1) {
        swap(picking->heap, 0, --picking->count);
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

/* A rank says where a source is only when all have one. */
static void choose_keys(struct picking *picking)
{
    const struct sample_columns *columns = picking->columns;
    bool are_ranked = columns->ranked == columns->count &&
                      (!picking->has_cursor || picking->cursor.rank != SAMPLE_ROW_NONE);
    picking->has_keys = picking->order->key != SAMPLE_KEY_TEXT || are_ranked;
    picking->cursor_key = key_of(picking, &picking->cursor);
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

/* ---- a page from its offset ---- */

static void swap_picked(struct picked *a, struct picked *b)
{
    struct picked picked = *a;
    *a = *b;
    *b = picked;
}

/* Those before the pivot come to the front; returns how many they are. The pivot comes right after them. */
static size_t partition(const struct picking *picking, struct picked *list, size_t count)
{
    size_t before = 0;
    swap_picked(&list[count / 2], &list[count - 1]);
    for (size_t i = 0; i + 1 < count; i++)
        if (is_before(picking, &list[i], &list[count - 1]))
            swap_picked(&list[i], &list[before++]);
    swap_picked(&list[before], &list[count - 1]);
    return before;
}

/* Brings the first `wanted` in order to the front, in any order (Hoare's quickselect). */
static void select_first(const struct picking *picking, struct picked *list, size_t count, size_t wanted)
{
    while (wanted > 0 && wanted < count) {
        size_t before = partition(picking, list, count);
        if (wanted <= before) {
            count = before;
        } else {
            list += before + 1;
            count -= before + 1;
            wanted -= before + 1;
        }
    }
}

/* Fills the heap with what comes after the offset. */
static bool pick_from_offset(struct picking *picking, const roaring_bitmap_t *hits, size_t offset,
                             struct error *err)
{
    uint32_t rows[ROWS_AT_ONCE], count;
    size_t all = roaring_bitmap_get_cardinality(hits), found = 0;
    struct picked *list = offset < all ? calloc(all, sizeof(*list)) : NULL;
    roaring_uint32_iterator_t at;
    if (offset >= all)
        return true;
    if (!list)
        return error_no_memory(err);
    roaring_init_iterator(hits, &at);
    while ((count = roaring_read_uint32_iterator(&at, rows, ROWS_AT_ONCE)) > 0)
        for (uint32_t i = 0; i < count; i++)
            list[found++] = (struct picked){key_of_row(picking, rows[i]), rows[i]};
    select_first(picking, list, all, offset);
    select_first(picking, list + offset, all - offset, picking->limit);
    for (size_t i = offset; i < all && picking->count < picking->limit; i++) {
        picking->heap[picking->count++] = list[i];
        rise(picking, picking->count - 1);
    }
    free(list);
    return true;
}

static bool pick_page(struct picking *picking, const roaring_bitmap_t *hits,
                      const struct sample_rows_wish *wish, struct error *err)
{
    if (wish->offset > 0)
        return pick_from_offset(picking, hits, wish->offset, err);
    if (picking->limit > 0)
        pick_all(picking, hits);
    return true;
}

/* One row more than wanted tells whether there is a next page. */
bool sample_match_page(const struct sample_columns *columns, const roaring_bitmap_t *hits,
                       const struct sample_rows_wish *wish, struct arena *arena, struct sample_rows *ret,
                       struct error *err)
{
    uint64_t most = roaring_bitmap_get_cardinality(hits);
    struct picking picking = {
        .columns = columns, .order = wish->order, .limit = most < wish->limit ? most : wish->limit + 1};
    const char *cursor = NULL;
    picking.heap = arena_array(arena, picking.limit + 1, sizeof(*picking.heap));
    uint32_t *rows = arena_array(arena, picking.limit + 1, sizeof(*rows));
    if (!picking.heap || !rows)
        return error_no_memory(err);
    if (!start_at(&picking, wish->cursor, arena, err))
        return false;
    choose_keys(&picking);
    if (!pick_page(&picking, hits, wish, err))
        return false;
    sort_picked(&picking);
    for (size_t i = 0; i < picking.count; i++)
        rows[i] = picking.heap[i].row;
    bool is_more = picking.count > wish->limit;
    if (is_more && !(cursor = cursor_after(&picking, rows[wish->limit - 1], arena)))
        return error_no_memory(err);
    *ret = (struct sample_rows){rows, is_more ? wish->limit : picking.count, cursor};
    return true;
}
