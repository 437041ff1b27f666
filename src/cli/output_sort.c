/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "cli/output_parts.h"

#include <stdlib.h>
#include <string.h>

yyjson_mut_val *output_member(yyjson_mut_val *row, const char *path)
{
    for (const char *at = path; row && *at;) {
        size_t bytes = strcspn(at, ".");
        row = yyjson_mut_obj_getn(row, at, bytes);
        at += bytes + (at[bytes] == '.');
    }
    return row;
}

struct sorted {
    yyjson_mut_val *row, *key;
    size_t place; /* equal ones stay in their order */
};

/* Numbers before texts, anything else last. */
static int rank_of(yyjson_mut_val *key)
{
    return yyjson_mut_is_num(key) || yyjson_mut_is_bool(key) ? 0 : yyjson_mut_is_str(key) ? 1 : 2;
}

static double number_of(yyjson_mut_val *key)
{
    return yyjson_mut_is_bool(key) ? (double)yyjson_mut_get_bool(key) : yyjson_mut_get_num(key);
}

static int compare(const struct sorted *a, const struct sorted *b, bool is_down)
{
    int order = rank_of(a->key) - rank_of(b->key);
    if (order != 0)
        return order;
    if (rank_of(a->key) == 0)
        order = (number_of(a->key) > number_of(b->key)) - (number_of(a->key) < number_of(b->key));
    else if (rank_of(a->key) == 1)
        order = text_natural_compare(yyjson_mut_get_str(a->key), yyjson_mut_get_str(b->key));
    if (order == 0)
        return a->place < b->place ? -1 : 1;
    return is_down ? -order : order;
}

static int compare_up(const void *a, const void *b)
{
    return compare(a, b, false);
}

static int compare_down(const void *a, const void *b)
{
    return compare(a, b, true);
}

void output_sort(struct cli *cli, yyjson_mut_val *rows)
{
    bool is_down = cli->sort[0] == '-';
    const char *path = cli->sort + is_down;
    size_t count = yyjson_mut_arr_size(rows), index, max;
    struct sorted *sorted = arena_array(cli->arena, count + 1, sizeof(*sorted));
    yyjson_mut_val *row;
    if (!sorted)
        return;
    yyjson_mut_arr_foreach(rows, index, max, row)
    {
        sorted[index] = (struct sorted){row, output_member(row, path), index};
    }
    qsort(sorted, count, sizeof(*sorted), is_down ? compare_down : compare_up);
    (void)yyjson_mut_arr_clear(rows);
    for (size_t i = 0; i < count; i++)
        (void)yyjson_mut_arr_append(rows, sorted[i].row);
}
