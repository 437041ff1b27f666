/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "db/db_handle.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>

/* Statements come in few lengths, so that they are prepared once and found again. */
enum { MANY_LENGTHS = 3, MANY_SQL_MAX_BYTES = 256 * 1024 };
static const size_t lengths[MANY_LENGTHS] = {DB_MANY_MAX, 8, 1};

/* The item of row `row`, its parameters numbered on. */
static void add_item(struct buffer *sql, const struct db_many *form, size_t row)
{
    for (const char *at = form->item; *at;) {
        if (*at != '$' || !isdigit((unsigned char)at[1])) {
            (void)buffer_add(sql, at++, 1);
            continue;
        }
        char *end = NULL;
        unsigned long number = strtoul(at + 1, &end, 10);
        assert(number >= 1 && number <= form->width);
        (void)buffer_printf(sql, "$%lu", (unsigned long)row * form->width + number);
        at = end;
    }
}

static bool write_sql(const struct db_many *form, size_t rows, struct buffer *sql, struct error *err)
{
    assert(form->width >= 1 && form->width <= DB_ARGS_MAX);
    buffer_clear(sql);
    (void)buffer_add_text(sql, form->head);
    for (size_t i = 0; i < rows; i++) {
        if (i > 0)
            (void)buffer_add_text(sql, ", ");
        add_item(sql, form, i);
    }
    (void)buffer_add_text(sql, form->tail);
    return buffer_check(sql, "the statement", err);
}

/* The longest statement that these rows fill. */
static size_t length_for(const struct db *db, size_t rows)
{
    size_t i = 0;
    while (i < MANY_LENGTHS - 1 && (lengths[i] > rows || lengths[i] > db->driver->rows_at_once))
        i++;
    return lengths[i];
}

bool db_exec_many(struct db *db, const struct db_many *form, const struct db_value *values, size_t rows,
                  int64_t *ret_changed, struct error *err)
{
    AUTO_BUFFER(sql, MANY_SQL_MAX_BYTES);
    int64_t sum = 0;
    size_t written = 0; /* what the text at hand is for */
    for (size_t done = 0; done < rows;) {
        int64_t changed = 0;
        size_t length = length_for(db, rows - done);
        const struct db_args args = {&values[done * form->width], length * form->width};
        if ((length != written && !write_sql(form, length, &sql, err)) ||
            !db_exec_start(db, sql.data, args, &changed, err))
            return false;
        written = length;
        done += length;
        sum += changed;
    }
    if (ret_changed)
        *ret_changed = sum;
    return true;
}

/* The shortest length that holds the rows; the last of them fills it up. */
/* NOLINTNEXTLINE(readability-function-size): seven parameters, each the query's or the result's */
bool db_select_many(struct db *db, struct arena *arena, const struct db_many *form,
                    const struct db_value *values, size_t rows, struct db_rows **ret, struct error *err)
{
    AUTO_BUFFER(sql, MANY_SQL_MAX_BYTES);
    size_t i = MANY_LENGTHS - 1;
    assert(rows >= 1 && rows <= DB_MANY_MAX);
    while (lengths[i] < rows)
        i--;
    struct db_value *filled = arena_array(arena, lengths[i] * form->width, sizeof(*filled));
    if (!filled)
        return error_no_memory(err);
    for (size_t k = 0; k < lengths[i] * form->width; k++)
        filled[k] = values[k < rows * form->width ? k : (rows - 1) * form->width + k % form->width];
    const struct db_args args = {filled, lengths[i] * form->width};
    return write_sql(form, lengths[i], &sql, err) && db_rows_start(db, arena, sql.data, args, ret, err);
}
