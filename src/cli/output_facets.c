/* SPDX-License-Identifier: Apache-2.0 */
/* Counts of a dataset's samples: with bars for people, as rows for programs. */
#include "cli/commands_own.h"
#include "cli/output_parts.h"

#include <stdio.h>
#include <string.h>

enum { BAR_CELLS = 24, VALUE_CELLS = 40 };

/* The lists of the reply, in the order shown; what a row's value is called. */
static const struct {
    const char *name, *title, *value;
} facet_lists[] = {
    {"states", "STATE", "value"},      {"hard", "HARD", "value"},    {"reasons", "REASON", "code"},
    {"labels", "LABEL", "value"},      {"usages", "USAGE", "value"}, {"origins", "ORIGIN", "value"},
    {"excluded", "EXCLUDED", "value"},
};
static const struct {
    const char *name, *title;
} facet_histograms[] = {{"hard_coefficient", "COEFFICIENT"}, {"score", "SCORE"}};

static int64_t samples_of(yyjson_mut_val *row)
{
    return yyjson_mut_get_sint(yyjson_mut_obj_get(row, "samples"));
}

static void add_row(yyjson_mut_doc *doc, yyjson_mut_val *rows, const char *facet, const char *value,
                    int64_t samples)
{
    yyjson_mut_val *row = yyjson_mut_arr_add_obj(doc, rows);
    (void)yyjson_mut_obj_add_str(doc, row, "facet", facet);
    (void)yyjson_mut_obj_add_strcpy(doc, row, "value", value);
    (void)yyjson_mut_obj_add_int(doc, row, "samples", samples);
}

static void add_list(yyjson_mut_doc *doc, yyjson_mut_val *rows, size_t which, yyjson_mut_val *list)
{
    size_t index, max;
    yyjson_mut_val *item;
    yyjson_mut_arr_foreach(list, index, max, item)
    {
        const char *value = yyjson_mut_get_str(yyjson_mut_obj_get(item, facet_lists[which].value));
        const char *name = yyjson_mut_get_str(yyjson_mut_obj_get(item, "name"));
        char text[256];
        (void)snprintf(text, sizeof(text), "%s%s%s", value ? value : "none", name ? " " : "",
                       name ? name : "");
        add_row(doc, rows, facet_lists[which].title, text, samples_of(item));
    }
}

static void add_histogram(yyjson_mut_doc *doc, yyjson_mut_val *rows, const char *title,
                          yyjson_mut_val *histogram)
{
    size_t index, max;
    yyjson_mut_val *bin;
    int64_t without = yyjson_mut_get_sint(yyjson_mut_obj_get(histogram, "without"));
    yyjson_mut_arr_foreach(yyjson_mut_obj_get(histogram, "bins"), index, max, bin)
    {
        char text[32];
        (void)snprintf(text, sizeof(text), "%.2f to %.2f",
                       yyjson_mut_get_num(yyjson_mut_obj_get(bin, "from")),
                       yyjson_mut_get_num(yyjson_mut_obj_get(bin, "to")));
        if (samples_of(bin) > 0)
            add_row(doc, rows, title, text, samples_of(bin));
    }
    if (without > 0)
        add_row(doc, rows, title, "none", without);
}

static yyjson_mut_val *rows_of(yyjson_mut_doc *doc, yyjson_mut_val *facets)
{
    yyjson_mut_val *rows = yyjson_mut_arr(doc);
    for (size_t i = 0; i < sizeof(facet_lists) / sizeof(facet_lists[0]); i++)
        add_list(doc, rows, i, yyjson_mut_obj_get(facets, facet_lists[i].name));
    for (size_t i = 0; i < sizeof(facet_histograms) / sizeof(facet_histograms[0]); i++)
        add_histogram(doc, rows, facet_histograms[i].title,
                      yyjson_mut_obj_get(facets, facet_histograms[i].name));
    return rows;
}

static int64_t most_of(yyjson_mut_val *rows, const char *facet)
{
    size_t index, max;
    yyjson_mut_val *row;
    int64_t most = 1;
    yyjson_mut_arr_foreach(rows, index, max, row)
    {
        if (strcmp(yyjson_mut_get_str(yyjson_mut_obj_get(row, "facet")), facet) == 0 &&
            samples_of(row) > most)
            most = samples_of(row);
    }
    return most;
}

static void say_rows(yyjson_mut_val *rows)
{
    size_t index, max;
    yyjson_mut_val *row;
    const char *last = "";
    int64_t most = 1;
    yyjson_mut_arr_foreach(rows, index, max, row)
    {
        const char *facet = yyjson_mut_get_str(yyjson_mut_obj_get(row, "facet"));
        const char *value = yyjson_mut_get_str(yyjson_mut_obj_get(row, "value"));
        char number[OUTPUT_NUMBER_BYTES];
        if (strcmp(facet, last) != 0) {
            most = most_of(rows, facet);
            (void)printf("\n%s\n", facet);
        }
        last = facet;
        int blanks = VALUE_CELLS - (int)output_width(value);
        (void)printf("  %s%*s %12s  ", value, blanks > 0 ? blanks : 0, "",
                     output_thousands(samples_of(row), number));
        for (int64_t cell = 0; cell < samples_of(row) * BAR_CELLS / most; cell++)
            (void)fputs("█", stdout);
        (void)fputc('\n', stdout);
    }
}

int after_facets(struct cli *cli)
{
    static const struct column columns[] = {{"FACET", "facet", COLUMN_TEXT},
                                            {"VALUE", "value", COLUMN_TEXT},
                                            {"SAMPLES", "samples", COLUMN_COUNT},
                                            {NULL}};
    yyjson_mut_val *root = yyjson_mut_doc_get_root(cli->reply);
    char total[OUTPUT_NUMBER_BYTES];
    if (cli->is_json) {
        output_reply(cli, cli->reply);
        return 0;
    }
    yyjson_mut_val *rows = rows_of(cli->reply, yyjson_mut_obj_get(root, "facets"));
    if (!cli->is_terminal || cli->is_quiet) {
        output_rows(cli, rows, columns);
        return 0;
    }
    (void)printf("%s samples\n",
                 output_thousands(yyjson_mut_get_sint(yyjson_mut_obj_get(root, "total")), total));
    say_rows(rows);
    return 0;
}
