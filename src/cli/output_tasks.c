/* SPDX-License-Identifier: Apache-2.0 */
/* What a person wants to see of a task that has ended, and what to type next. */
#include "cli/cli.h"
#include "rules/rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BAR_CELLS = 20 };

static int64_t count_of(yyjson_mut_val *result, const char *name)
{
    return yyjson_mut_get_sint(yyjson_mut_obj_get(result, name));
}

static const char *text_in(yyjson_mut_val *result, const char *name)
{
    const char *text = yyjson_mut_get_str(yyjson_mut_obj_get(result, name));
    return text ? text : "";
}

static void say_run(yyjson_mut_val *result)
{
    char images[OUTPUT_NUMBER_BYTES], failed[OUTPUT_NUMBER_BYTES], skipped[OUTPUT_NUMBER_BYTES];
    double seconds = yyjson_mut_get_num(yyjson_mut_obj_get(result, "predict_seconds"));
    double rate = seconds > 0 ? (double)count_of(result, "predicted_now") / seconds : 0;
    (void)printf("✓ Finished  %s images, %s failed, %s files skipped  (%.0f images/s)\n",
                 output_thousands(count_of(result, "images"), images),
                 output_thousands(count_of(result, "failed"), failed),
                 output_thousands(count_of(result, "skipped"), skipped), rate);
    (void)printf("  results: %s\n", text_in(result, "result_manifest"));
}

/* By count, most first; ties by id. */
static int compare_counts(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;
    if (left[1] != right[1])
        return left[1] < right[1] ? 1 : -1;
    return left[0] < right[0] ? -1 : left[0] > right[0];
}

static void say_reasons(yyjson_mut_val *reasons)
{
    int64_t counts[REASON_COUNT][2];
    size_t used = 0, index, max;
    yyjson_mut_val *key, *value;
    yyjson_mut_obj_foreach(reasons, index, max, key, value)
    {
        long id = strtol(yyjson_mut_get_str(key), NULL, 10);
        if (used == REASON_COUNT || id < 0 || id >= REASON_COUNT)
            continue;
        counts[used][0] = id;
        counts[used++][1] = yyjson_mut_get_sint(value);
    }
    if (used == 0)
        return;
    qsort(counts, used, sizeof(counts[0]), compare_counts);
    (void)printf("\n  REASON                                     COUNT\n");
    for (size_t i = 0; i < used; i++) {
        char number[OUTPUT_NUMBER_BYTES];
        const struct rule *rule = all_rules[counts[i][0]];
        (void)printf("  %-4s%-38s %6s  ", rule->code, rule->name, output_thousands(counts[i][1], number));
        for (int64_t cell = 0; cell < counts[i][1] * BAR_CELLS / counts[0][1]; cell++)
            (void)fputs("█", stdout);
        (void)fputc('\n', stdout);
    }
}

static void say_hard(yyjson_mut_val *result)
{
    char analysed[OUTPUT_NUMBER_BYTES], hard[OUTPUT_NUMBER_BYTES];
    (void)printf("✓ %s  %s hard of %s → %s (%s)\n",
                 count_of(result, "hard") ? "Dataset imported" : "No samples",
                 output_thousands(count_of(result, "hard"), hard),
                 output_thousands(count_of(result, "analysed"), analysed), text_in(result, "dataset"),
                 "To Be Confirmed");
    say_reasons(yyjson_mut_obj_get(result, "reasons"));
    (void)printf("Next: trommel samples list %s --state tbc\n", text_in(result, "dataset"));
}

static void say_added(yyjson_mut_val *result)
{
    char added[OUTPUT_NUMBER_BYTES], updated[OUTPUT_NUMBER_BYTES], unchanged[OUTPUT_NUMBER_BYTES];
    (void)printf("✓ Dataset imported  %s added, %s updated, %s already there → %s\n",
                 output_thousands(count_of(result, "added"), added),
                 output_thousands(count_of(result, "updated"), updated),
                 output_thousands(count_of(result, "unchanged"), unchanged), text_in(result, "dataset"));
    size_t index, max;
    yyjson_mut_val *line;
    yyjson_mut_arr_foreach(yyjson_mut_obj_get(result, "bad_lines"), index, max, line)
    {
        (void)fprintf(stderr, "line %lld: %s\n", (long long)count_of(line, "line"), text_in(line, "reason"));
    }
}

static void say_published(yyjson_mut_val *result)
{
    (void)printf("✓ Published %s %s  %lld samples, %lld labeled\n  %s\n", text_in(result, "dataset"),
                 text_in(result, "version"), (long long)count_of(result, "samples"),
                 (long long)count_of(result, "labeled"), text_in(result, "manifest_path"));
}

static const struct {
    const char *kind;
    void (*say)(yyjson_mut_val *result);
} sayings[] = {
    {"import_manifest", say_added}, {"mine_hard", say_hard},     {"publish_version", say_published},
    {"run_batch", say_run},         {"sync_dataset", say_added},
};

void output_tasks(struct cli *cli, yyjson_mut_val *ended)
{
    size_t index, max;
    yyjson_mut_val *task;
    if (cli->is_json) {
        output_json(cli, ended);
        return;
    }
    yyjson_mut_arr_foreach(ended, index, max, task)
    {
        const char *kind = yyjson_mut_get_str(yyjson_mut_obj_get(task, "kind"));
        yyjson_mut_val *result = yyjson_mut_obj_get(task, "result");
        if (!cli->is_terminal || cli->is_quiet || !yyjson_mut_is_obj(result)) {
            output_object(cli, cli->is_quiet || !yyjson_mut_is_obj(result) ? task : result, NULL);
            continue;
        }
        for (size_t i = 0; i < sizeof(sayings) / sizeof(sayings[0]); i++)
            if (kind && strcmp(sayings[i].kind, kind) == 0)
                sayings[i].say(result);
    }
}
