/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/row_list.h"

#include <string.h>

struct row_list {
    char *items; /* NULL: the arena is full */
    size_t count, capacity;
};

/* The place of the next row. */
static void *row_list_place(struct row_list *list, struct arena *arena, size_t size)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 16 : 2 * list->capacity;
        char *grown = arena_array(arena, capacity, size);
        if (grown && list->count > 0)
            memcpy(grown, list->items, list->count * size);
        list->items = grown;
        list->capacity = capacity;
    }
    return list->items ? list->items + list->count * size : NULL;
}

bool row_list_select(struct db *db, struct arena *arena, const char *sql, struct db_args args,
                     const struct row_kind *kind, void **ret, size_t *ret_count, struct error *err)
{
    AUTO(db_rows) rows = NULL;
    struct row_list list = {0};
    if (!db_select(db, arena, sql, args, &rows, err))
        return false;
    void *place = row_list_place(&list, arena, kind->size);
    while (place && db_next(rows, kind->columns, place)) {
        list.count++;
        place = row_list_place(&list, arena, kind->size);
    }
    if (!db_rows_ok(rows, err))
        return false;
    if (!place)
        return error_set(err, ERR_LIMIT, "the list does not fit into memory set aside for it");
    *ret = list.items;
    *ret_count = list.count;
    return true;
}
