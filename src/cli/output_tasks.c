/* SPDX-License-Identifier: Apache-2.0 */
/* What a person wants to see of a task that has ended, and what to type next. */
#include "cli/output_parts.h"
#include "rules/rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BAR_CELLS = 20 };

int64_t output_count_of(yyjson_mut_val *row, const char *name)
{
    return yyjson_mut_get_sint(yyjson_mut_obj_get(row, name));
}

const char *output_text_of(yyjson_mut_val *row, const char *name)
{
    const char *text = yyjson_mut_get_str(yyjson_mut_obj_get(row, name));
    return text ? text : "";
}

static void say_run(yyjson_mut_val *result)
{
    char images[OUTPUT_NUMBER_BYTES], failed[OUTPUT_NUMBER_BYTES], skipped[OUTPUT_NUMBER_BYTES];
    double seconds = yyjson_mut_get_num(yyjson_mut_obj_get(result, "predict_seconds"));
    double rate = seconds > 0 ? (double)output_count_of(result, "predicted_now") / seconds : 0;
    (void)printf("✓ Finished  %s images, %s failed, %s files skipped  (%.0f images/s)\n",
                 output_thousands(output_count_of(result, "images"), images),
                 output_thousands(output_count_of(result, "failed"), failed),
                 output_thousands(output_count_of(result, "skipped"), skipped), rate);
    (void)printf("  results: %s\n", output_text_of(result, "result_manifest"));
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
                 output_count_of(result, "hard") ? "Dataset imported" : "No samples",
                 output_thousands(output_count_of(result, "hard"), hard),
                 output_thousands(output_count_of(result, "analysed"), analysed),
                 output_text_of(result, "dataset"), "To Be Confirmed");
    say_reasons(yyjson_mut_obj_get(result, "reasons"));
    (void)printf("Next: trommel samples list %s --state tbc\n", output_text_of(result, "dataset"));
}

static void say_added(yyjson_mut_val *result)
{
    char added[OUTPUT_NUMBER_BYTES], updated[OUTPUT_NUMBER_BYTES], unchanged[OUTPUT_NUMBER_BYTES];
    (void)printf("✓ Dataset imported  %s added, %s updated, %s already there → %s\n",
                 output_thousands(output_count_of(result, "added"), added),
                 output_thousands(output_count_of(result, "updated"), updated),
                 output_thousands(output_count_of(result, "unchanged"), unchanged),
                 output_text_of(result, "dataset"));
    size_t index, max;
    yyjson_mut_val *line;
    yyjson_mut_arr_foreach(yyjson_mut_obj_get(result, "bad_lines"), index, max, line)
    {
        if (output_count_of(line, "line") > 0)
            (void)fprintf(stderr, "line %lld: %s\n", (long long)output_count_of(line, "line"),
                          output_text_of(line, "reason"));
        else
            (void)fprintf(stderr, "%s: %s\n", output_text_of(line, "file"), output_text_of(line, "reason"));
    }
}

static void say_published(yyjson_mut_val *result)
{
    (void)printf("✓ Published %s %s  %lld samples, %lld labeled\n  %s\n", output_text_of(result, "dataset"),
                 output_text_of(result, "version"), (long long)output_count_of(result, "samples"),
                 (long long)output_count_of(result, "labeled"), output_text_of(result, "manifest_path"));
}

static void say_duplicates(yyjson_mut_val *result)
{
    char compared[OUTPUT_NUMBER_BYTES], exact[OUTPUT_NUMBER_BYTES], near[OUTPUT_NUMBER_BYTES];
    (void)printf("✓ Compared %s samples  %s groups of copies, %s of images that look the same\n",
                 output_thousands(output_count_of(result, "compared"), compared),
                 output_thousands(output_count_of(result, "exact"), exact),
                 output_thousands(output_count_of(result, "near"), near));
    if (output_count_of(result, "leaks") > 0)
        (void)printf("  leakage: %lld groups have samples of TRAIN and of EVAL or TEST\n",
                     (long long)output_count_of(result, "leaks"));
    if (output_count_of(result, "contradictions") > 0)
        (void)printf("  contradictions: %lld groups are labeled with different classes\n",
                     (long long)output_count_of(result, "contradictions"));
    if (output_count_of(result, "unreadable") > 0)
        (void)printf("  not compared: %lld images could not be read\n",
                     (long long)output_count_of(result, "unreadable"));
    if (output_count_of(result, "groups") > 0)
        (void)printf("Next: trommel task duplicates %.8s\n", output_text_of(result, "task"));
}

static void say_features(yyjson_mut_val *result)
{
    char measured[OUTPUT_NUMBER_BYTES];
    yyjson_mut_val *of = yyjson_mut_obj_get(result, "of"), *against = yyjson_mut_obj_get(result, "against");
    (void)printf("✓ Measured %s images of %s@%s\n",
                 output_thousands(output_count_of(of, "samples"), measured), output_text_of(of, "dataset"),
                 output_text_of(of, "version"));
    if (output_count_of(result, "unreadable") > 0)
        (void)printf("  not measured: %lld images could not be read\n",
                     (long long)output_count_of(result, "unreadable"));
    if (against)
        (void)printf("  %lld features have shifted\n", (long long)output_count_of(result, "shifted"));
    size_t index, max;
    yyjson_mut_val *row;
    yyjson_mut_arr_foreach(yyjson_mut_obj_get(result, "features"), index, max, row)
    {
        if (against)
            (void)printf("  %-22s %5.3f  %s\n", output_text_of(row, "feature"),
                         yyjson_mut_get_num(yyjson_mut_obj_get(row, "distance")),
                         output_text_of(row, "shift"));
    }
    (void)printf("Next: trommel dataset histograms %s --version %s\n", output_text_of(of, "dataset"),
                 output_text_of(of, "version"));
}

static void say_exported(yyjson_mut_val *result)
{
    char exported[OUTPUT_NUMBER_BYTES], left_out[OUTPUT_NUMBER_BYTES];
    (void)printf("✓ Exported %s  %s samples, %s left out\n  %s\n", output_text_of(result, "dataset"),
                 output_thousands(output_count_of(result, "exported"), exported),
                 output_thousands(output_count_of(result, "left_out"), left_out),
                 output_text_of(result, "folder"));
    size_t index, max;
    yyjson_mut_val *row;
    yyjson_mut_arr_foreach(yyjson_mut_obj_get(result, "left_out_samples"), index, max, row)
    {
        (void)fprintf(stderr, "%s: %s\n", output_text_of(row, "source"), output_text_of(row, "reason"));
    }
}

static void say_merged(yyjson_mut_val *result)
{
    char added[OUTPUT_NUMBER_BYTES], filled[OUTPUT_NUMBER_BYTES], duplicates[OUTPUT_NUMBER_BYTES];
    bool is_dry = yyjson_mut_get_bool(yyjson_mut_obj_get(result, "preview"));
    const char *operation = output_text_of(result, "operation_id");
    int64_t contradictions = output_count_of(result, "contradictions");
    int64_t left =
        contradictions + output_count_of(result, "excluded") + output_count_of(result, "unreadable");
    (void)printf("✓ %s %s into %s  %s added, %s labeled there, %s already there\n",
                 is_dry ? "Would merge" : "Merged", output_text_of(result, "dataset"),
                 output_text_of(result, "into"), output_thousands(output_count_of(result, "added"), added),
                 output_thousands(output_count_of(result, "filled"), filled),
                 output_thousands(output_count_of(result, "duplicates"), duplicates));
    if (left > 0)
        (void)printf("  left to you: %lld contradictions, %lld excluded there, %lld unreadable\n",
                     (long long)contradictions, (long long)output_count_of(result, "excluded"),
                     (long long)output_count_of(result, "unreadable"));
    if (*operation)
        (void)printf("Undo: trommel operation undo %.8s\n", operation);
    if (left > 0)
        (void)printf("Next: trommel task merged %.8s\n", output_text_of(result, "task"));
}

static const struct {
    const char *kind;
    void (*say)(yyjson_mut_val *result);
} sayings[] = {
    {"export_dataset", say_exported},   {"find_duplicates", say_duplicates},
    {"import_manifest", say_added},     {"measure_features", say_features},
    {"merge_dataset", say_merged},      {"mine_hard", say_hard},
    {"publish_version", say_published}, {"run_batch", say_run},
    {"sync_dataset", say_added},
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
