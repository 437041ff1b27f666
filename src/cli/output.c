/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/output_parts.h"
#include "dataset/dataset.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    CELL_MAX_BYTES = 16 * 1024 * 1024,
    COLUMNS_MAX = 24,
    ROWS_MEASURED = 2000,
    ID_SHOWN = 8,
    LABELS_SHOWN = SAMPLE_CLASSES_MAX
};

const char *output_thousands(int64_t value, char text[OUTPUT_NUMBER_BYTES])
{
    char digits[OUTPUT_NUMBER_BYTES];
    int length = snprintf(digits, sizeof(digits), "%" PRId64, value);
    size_t used = 0;
    for (int i = 0; i < length; i++) {
        if (i > (digits[0] == '-') && (length - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = digits[i];
    }
    text[used] = '\0';
    return text;
}

/* "2026-11-22T10:04:00.123Z" → "3 min ago" */
static void time_ago(const char *rfc3339, struct buffer *cell)
{
    struct tm parts = {0};
    if (!strptime(rfc3339, "%Y-%m-%dT%H:%M:%S", &parts)) {
        (void)buffer_add_text(cell, rfc3339);
        return;
    }
    static const struct {
        int64_t seconds;
        const char *unit;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    int64_t ago = clock_now_ms() / 1000 - (int64_t)timegm(&parts);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (ago < units[i].seconds)
            continue;
        (void)buffer_printf(cell, "%" PRId64 " %s ago", ago / units[i].seconds, units[i].unit);
        return;
    }
    (void)buffer_add_text(cell, "now");
}

static const char *name_of(yyjson_mut_val *item, const char *member)
{
    const char *name = yyjson_mut_get_str(yyjson_mut_obj_get(item, member));
    return name ? name : "";
}

static void list_cell(yyjson_mut_val *array, enum column_kind kind, struct buffer *cell)
{
    bool is_reasons = kind == COLUMN_REASONS;
    const char *between = is_reasons ? " " : ", ";
    size_t index, max;
    yyjson_mut_val *item;
    yyjson_mut_arr_foreach(array, index, max, item)
    {
        (void)buffer_printf(cell, "%s%s", index > 0 ? between : "",
                            name_of(item, is_reasons ? "code" : "name"));
    }
}

struct same_label {
    const char *name;
    size_t count;
    double score; /* the highest; NaN: none */
};

/* "pullover 0.43", of boxes "car ×3 0.91, dog 0.40": each label once, with the best score that it has. */
static void labels_cell(yyjson_mut_val *array, struct buffer *cell)
{
    struct same_label labels[LABELS_SHOWN];
    size_t count = 0, index, max, left_out = 0;
    yyjson_mut_val *item;
    yyjson_mut_arr_foreach(array, index, max, item)
    {
        const char *name = yyjson_mut_is_str(item) ? yyjson_mut_get_str(item) : name_of(item, "name");
        yyjson_mut_val *score = yyjson_mut_obj_get(item, "score");
        size_t at = 0;
        while (at < count && strcmp(labels[at].name, name) != 0)
            at++;
        if (at == LABELS_SHOWN) {
            left_out++;
            continue;
        }
        if (at == count)
            labels[count++] = (struct same_label){name, 0, (double)NAN};
        labels[at].count++;
        if (yyjson_mut_is_num(score))
            labels[at].score = fmax(labels[at].score, yyjson_mut_get_num(score));
    }
    for (size_t i = 0; i < count; i++) {
        (void)buffer_printf(cell, "%s%s", i > 0 ? ", " : "", labels[i].name);
        if (labels[i].count > 1)
            (void)buffer_printf(cell, " ×%zu", labels[i].count);
        if (!isnan(labels[i].score))
            (void)buffer_printf(cell, " %.2f", labels[i].score);
    }
    if (left_out > 0)
        (void)buffer_printf(cell, ", and %zu more", left_out);
}

static void number_cell(const struct cli *cli, yyjson_mut_val *value, enum column_kind kind,
                        struct buffer *cell)
{
    char text[TEXT_NUMBER_BYTES];
    if (cli->is_terminal && kind == COLUMN_COUNT)
        (void)buffer_add_text(cell, output_thousands((int64_t)yyjson_mut_get_num(value), text));
    else if (cli->is_terminal && kind == COLUMN_NUMBER)
        (void)buffer_printf(cell, "%.3f", yyjson_mut_get_num(value));
    else
        (void)buffer_add_text(cell, text_of_double(yyjson_mut_get_num(value), text));
}

/* One value as people (terminal) or programs (TSV) read it. Tabs and line ends would break the table. */
static const char *make_cell(struct cli *cli, yyjson_mut_val *value, enum column_kind kind,
                             struct buffer *cell)
{
    buffer_clear(cell);
    (void)buffer_add_text(cell, "");
    if (yyjson_mut_is_arr(value) && kind == COLUMN_LABELS)
        labels_cell(value, cell);
    else if (yyjson_mut_is_arr(value))
        list_cell(value, kind, cell);
    else if (yyjson_mut_is_num(value))
        number_cell(cli, value, kind, cell);
    else if (yyjson_mut_is_bool(value))
        (void)buffer_add_text(cell, yyjson_mut_get_bool(value) ? "yes" : "no");
    else if (yyjson_mut_is_str(value) && kind == COLUMN_TIME && cli->is_terminal)
        time_ago(yyjson_mut_get_str(value), cell);
    else if (yyjson_mut_is_str(value) && kind == COLUMN_ID && cli->is_terminal)
        (void)buffer_printf(cell, "%.*s", ID_SHOWN, yyjson_mut_get_str(value));
    else if (yyjson_mut_is_str(value))
        (void)buffer_add_text(cell, yyjson_mut_get_str(value));
    cli->is_output_lost |= cell->is_full;
    for (size_t i = 0; i < cell->size; i++)
        if ((unsigned char)cell->data[i] < 0x20 || cell->data[i] == 0x7F)
            cell->data[i] = '?';
    return cell->data ? cell->data : "";
}

static bool is_right_aligned(enum column_kind kind)
{
    return kind == COLUMN_COUNT || kind == COLUMN_NUMBER;
}

static void print_cell(const char *cell, size_t width, enum column_kind kind, bool is_last)
{
    size_t used = output_width(cell);
    size_t blanks = width > used ? width - used : 0;
    if (is_right_aligned(kind))
        (void)printf("%*s%s", (int)blanks, "", cell);
    else if (used > width)
        (void)printf("%.*s…", (int)output_fit(cell, width - 1), cell);
    else
        (void)printf("%s%*s", cell, is_last ? 0 : (int)blanks, "");
    (void)fputs(is_last ? "\n" : "  ", stdout);
}

static void print_aligned(struct cli *cli, yyjson_mut_val *rows, const struct column *columns, size_t count)
{
    size_t widths[COLUMNS_MAX], index, max;
    AUTO_BUFFER(cell, CELL_MAX_BYTES);
    yyjson_mut_val *row;
    for (size_t c = 0; c < count; c++)
        widths[c] = strlen(columns[c].header);
    yyjson_mut_arr_foreach(rows, index, max, row)
    {
        for (size_t c = 0; c < count && index < ROWS_MEASURED; c++) {
            size_t width =
                output_width(make_cell(cli, output_member(row, columns[c].member), columns[c].kind, &cell));
            widths[c] = width > widths[c] ? width : widths[c];
        }
    }
    output_narrow(widths, columns, count, output_terminal_width(cli));
    for (size_t c = 0; c < count && cli->has_header; c++)
        print_cell(columns[c].header, widths[c], columns[c].kind, c + 1 == count);
    yyjson_mut_arr_foreach(rows, index, max, row)
    {
        for (size_t c = 0; c < count; c++)
            print_cell(make_cell(cli, output_member(row, columns[c].member), columns[c].kind, &cell),
                       widths[c], columns[c].kind, c + 1 == count);
    }
}

static void print_tsv(struct cli *cli, yyjson_mut_val *rows, const struct column *columns, size_t count)
{
    size_t index, max;
    AUTO_BUFFER(cell, CELL_MAX_BYTES);
    yyjson_mut_val *row;
    for (size_t c = 0; c < count && cli->has_header; c++)
        (void)printf("%s%c", columns[c].member, c + 1 == count ? '\n' : '\t');
    yyjson_mut_arr_foreach(rows, index, max, row)
    {
        for (size_t c = 0; c < count; c++)
            (void)printf("%s%c",
                         make_cell(cli, output_member(row, columns[c].member), columns[c].kind, &cell),
                         c + 1 == count ? '\n' : '\t');
    }
}

/* What has no id is known by the first column that is one, or else by the first column. */
static void print_ids(yyjson_mut_val *rows, const struct column *columns)
{
    size_t index, max;
    yyjson_mut_val *row;
    const struct column *known = columns;
    while (known->header && known->kind != COLUMN_ID)
        known++;
    const char *member = (known->header ? known : columns)->member;
    yyjson_mut_arr_foreach(rows, index, max, row)
    {
        yyjson_mut_val *id = yyjson_mut_obj_get(row, "id");
        id = id ? id : output_member(row, member);
        if (yyjson_mut_is_int(id))
            (void)printf("%lld\n", (long long)yyjson_mut_get_sint(id));
        else
            (void)printf("%s\n", yyjson_mut_is_str(id) ? yyjson_mut_get_str(id) : "");
    }
}

/* --columns name,id picks and orders; unknown names give empty cells under that name. */
static size_t pick_columns(const struct cli *cli, const struct column *columns,
                           struct column picked[COLUMNS_MAX])
{
    size_t count = 0;
    if (!cli->columns) {
        for (; count < COLUMNS_MAX && columns[count].header; count++)
            picked[count] = columns[count];
        return count;
    }
    for (const char *at = cli->columns; *at && count < COLUMNS_MAX;) {
        size_t bytes = strcspn(at, ",");
        char *name = arena_text_n(cli->arena, at, bytes);
        struct column found = {name, name, COLUMN_TEXT};
        for (const struct column *column = columns; name && column->header; column++)
            if (strcmp(column->member, name) == 0)
                found = *column;
        picked[count++] = found;
        at += bytes + (at[bytes] == ',');
    }
    return count;
}

void output_rows(struct cli *cli, yyjson_mut_val *rows, const struct column *columns)
{
    struct column picked[COLUMNS_MAX];
    if (cli->sort)
        output_sort(cli, rows);
    if (cli->is_json) {
        output_json(cli, rows);
        return;
    }
    if (cli->is_quiet) {
        print_ids(rows, columns);
        return;
    }
    size_t count = pick_columns(cli, columns, picked);
    if (cli->is_terminal && yyjson_mut_arr_size(rows) == 0)
        (void)fprintf(stderr, "nothing here\n");
    else if (cli->is_terminal)
        print_aligned(cli, rows, picked, count);
    else
        print_tsv(cli, rows, picked, count);
}

static void print_member(struct cli *cli, const char *name, yyjson_mut_val *value, enum column_kind kind)
{
    AUTO_BUFFER(cell, CELL_MAX_BYTES);
    if (yyjson_mut_is_obj(value) || (yyjson_mut_is_arr(value) && kind == COLUMN_TEXT)) {
        char *text = yyjson_mut_val_write(value, 0, NULL);
        (void)printf(cli->is_terminal ? "%-24s %s\n" : "%s\t%s\n", name, text ? text : "");
        free(text);
        return;
    }
    (void)printf(cli->is_terminal ? "%-24s %s\n" : "%s\t%s\n", name, make_cell(cli, value, kind, &cell));
}

/* Its id, or its first text. */
static void print_name(yyjson_mut_val *object)
{
    size_t index, max;
    yyjson_mut_val *key, *value, *name = yyjson_mut_obj_get(object, "id");
    yyjson_mut_obj_foreach(object, index, max, key, value)
    {
        if (!name && yyjson_mut_is_str(value))
            name = value;
    }
    if (name)
        (void)printf("%s\n", yyjson_mut_get_str(name));
}

void output_object(struct cli *cli, yyjson_mut_val *object, const struct column *columns)
{
    if (cli->is_json) {
        output_json(cli, object);
        return;
    }
    if (cli->is_quiet) {
        print_name(object);
        return;
    }
    size_t index, max;
    yyjson_mut_val *key, *value;
    yyjson_mut_obj_foreach(object, index, max, key, value)
    {
        enum column_kind kind = COLUMN_TEXT;
        for (const struct column *column = columns; column && column->header; column++)
            if (strcmp(column->member, yyjson_mut_get_str(key)) == 0 && column->kind != COLUMN_ID)
                kind = column->kind;
        print_member(cli, yyjson_mut_get_str(key), value, kind);
    }
}

/* --json=a,b keeps these members of each row. */
static yyjson_mut_val *pick_fields(const struct cli *cli, yyjson_mut_doc *doc, yyjson_mut_val *value)
{
    if (!cli->json_fields || !yyjson_mut_is_obj(value))
        return yyjson_mut_val_mut_copy(doc, value);
    yyjson_mut_val *picked = yyjson_mut_obj(doc);
    for (const char *at = cli->json_fields; *at;) {
        size_t bytes = strcspn(at, ",");
        char *name = arena_text_n(cli->arena, at, bytes);
        yyjson_mut_val *member = name ? output_member(value, name) : NULL;
        if (name)
            (void)yyjson_mut_obj_add(picked, yyjson_mut_strcpy(doc, name),
                                     member ? yyjson_mut_val_mut_copy(doc, member) : yyjson_mut_null(doc));
        at += bytes + (at[bytes] == ',');
    }
    return picked;
}

void output_value(struct cli *cli, yyjson_mut_val *value, bool is_pretty)
{
    char *text = yyjson_mut_val_write(value, is_pretty ? YYJSON_WRITE_PRETTY_TWO_SPACES : 0, NULL);
    cli->is_output_lost |= text == NULL;
    if (text)
        (void)printf("%s\n", text);
    free(text);
}

void output_json(struct cli *cli, yyjson_mut_val *value)
{
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    size_t index, max;
    yyjson_mut_val *item;
    if (!yyjson_mut_is_arr(value)) {
        output_value(cli, pick_fields(cli, doc, value), cli->is_terminal);
        return;
    }
    yyjson_mut_val *rows = yyjson_mut_arr(doc);
    yyjson_mut_arr_foreach(value, index, max, item)
    {
        yyjson_mut_val *row = pick_fields(cli, doc, item);
        if (cli->is_json_lines)
            output_value(cli, row, false);
        else
            (void)yyjson_mut_arr_append(rows, row);
    }
    if (!cli->is_json_lines)
        output_value(cli, rows, cli->is_terminal);
}

void output_text(struct cli *cli, const char *text)
{
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *object = yyjson_mut_obj(doc);
    if (cli->is_json) {
        (void)yyjson_mut_obj_add_str(doc, object, "text", text);
        output_value(cli, object, cli->is_terminal);
    } else {
        (void)fputs(text, stdout);
    }
}

void output_reply(struct cli *cli, yyjson_mut_doc *reply)
{
    const struct command *command = cli->command;
    yyjson_mut_val *root = yyjson_mut_doc_get_root(reply);
    yyjson_mut_val *rows = command->rows ? yyjson_mut_obj_get(root, command->rows) : NULL;
    yyjson_mut_val *object = command->object ? yyjson_mut_obj_get(root, command->object) : root;
    bool is_both = rows && command->object;
    if (is_both && (cli->is_json || cli->is_quiet)) {
        if (cli->is_json)
            output_json(cli, root);
        else
            output_object(cli, object, command->columns);
    } else if (rows) {
        output_rows(cli, rows, command->columns);
        const char *cursor = yyjson_mut_get_str(yyjson_mut_obj_get(root, "next_cursor"));
        if (cursor)
            (void)fprintf(stderr, "more: --cursor %s\n", cursor);
    } else {
        output_object(cli, object, command->columns);
    }
}
