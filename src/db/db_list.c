/* SPDX-License-Identifier: Apache-2.0 */
#include "db/db.h"

#include <string.h>

enum { FIRST_ROWS = 16 };

/* Doubles an array in the arena; the old copy stays behind until the arena ends. */
static void *grow(struct arena *arena, const void *array, size_t count, size_t capacity, size_t size)
{
    void *larger = arena_array(arena, capacity, size);
    if (larger && count > 0)
        memcpy(larger, array, count * size);
    return larger;
}

/* NOLINTNEXTLINE(readability-function-size): seven parameters, each the query's or the result's */
bool db_select_list(struct db *db, struct arena *arena, const char *sql, struct db_args args,
                    const struct db_list *form, void *ret_array, size_t *ret_count, struct error *err)
{
    struct db_rows *opened = NULL;
    if (!db_select(db, arena, sql, args, &opened, err))
        return false;
    AUTO(db_rows) rows = opened;
    size_t count = 0, capacity = FIRST_ROWS;
    unsigned char *array = grow(arena, NULL, 0, capacity, form->size);
    while (array && count <= form->max && db_next(rows, form->columns, array + count * form->size)) {
        count++;
        if (count == capacity)
            array = grow(arena, array, count, capacity *= 2, form->size);
    }
    if (!array)
        return error_no_memory(err);
    if (!db_rows_ok(rows, err))
        return false;
    if (count > form->max)
        return error_set(err, ERR_LIMIT, "more than %zu rows", form->max);
    memcpy(ret_array, &array, sizeof(array));
    *ret_count = count;
    return true;
}
