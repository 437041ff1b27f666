/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table of how well lists find a model's mistakes, over one or more repetitions of a set. quality.py
 * makes the folders and calls this.
 *
 *     quality [--title TEXT] [--rows GROUP,…] [--only TEXT] [--feature-extractor FILE] [--json] CASE_FOLDER…
 */
#include "quality.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool choose_groups(struct quality_table *table, char *list, struct error *err)
{
    char *rest = NULL;
    memset(table->shows, 0, sizeof(table->shows));
    for (char *name = strtok_r(list, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
        int group = 0;
        while (group < GROUP_COUNT && strcmp(name, quality_group_name((enum quality_group)group)) != 0)
            group++;
        if (group == GROUP_COUNT)
            return error_set(err, ERR_INVALID, "rows are ours, baselines, methods, reasons, not '%s'", name);
        table->shows[group] = true;
    }
    return true;
}

static bool measure_case(struct quality_table *table, const char *folder, struct error *err)
{
    struct quality_case opened;
    bool is_done = quality_case_open(folder, true, &opened, err);
    if (is_done) {
        table->cases++;
        for (uint64_t i = 0; i < opened.images; i++) {
            table->images += opened.is_known[i];
            table->wrong += opened.is_wrong[i];
        }
        is_done = quality_measure_ours(table, &opened, err) && quality_measure_baselines(table, &opened, err);
    }
    quality_case_close(&opened);
    return is_done || error_wrap(err, "%s", folder);
}

static bool measure_all(struct quality_table *table, char **folders, bool is_json, struct error *err)
{
    for (char **folder = folders; *folder; folder++)
        if (!measure_case(table, *folder, err))
            return false;
    if (is_json)
        return quality_print_json(table, err);
    quality_print(table);
    return true;
}

static bool read_options(int argc, char **argv, struct quality_table *table, bool *ret_is_json,
                         struct error *err)
{
    static const struct option options[] = {
        {"title", required_argument, NULL, 't'}, {"rows", required_argument, NULL, 'r'},
        {"only", required_argument, NULL, 'o'},  {"feature-extractor", required_argument, NULL, 'f'},
        {"json", no_argument, NULL, 'j'},        {0}};
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread starts */
    for (int got = 0; (got = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (got == 't')
            table->title = optarg;
        else if (got == 'o')
            table->only = optarg;
        else if (got == 'f')
            table->extractor = optarg;
        else if (got == 'j')
            *ret_is_json = true;
        else if (got != 'r' || !choose_groups(table, optarg, err))
            return false;
    }
    return optind < argc;
}

int main(int argc, char **argv)
{
    struct error err = {0};
    bool is_json = false;
    struct quality_table *table = calloc(1, sizeof(*table));
    if (!table)
        return 1;
    table->title = "quality";
    table->shows[GROUP_OURS] = table->shows[GROUP_BASELINES] = table->shows[GROUP_METHODS] = true;
    bool is_called_well = read_options(argc, argv, table, &is_json, &err);
    bool is_done = is_called_well && measure_all(table, argv + optind, is_json, &err);
    free(table);
    if (!is_called_well)
        fprintf(stderr,
                "%s\nusage: quality [--title TEXT] [--rows ours,baselines,methods,reasons] [--only TEXT] "
                "[--feature-extractor FILE] [--json] CASE_FOLDER…\n",
                err.message);
    else if (!is_done)
        fprintf(stderr, "quality: %s\n", err.message);
    return is_done ? 0 : is_called_well ? 1 : 2;
}
