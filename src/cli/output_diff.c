/* SPDX-License-Identifier: Apache-2.0 */
/* What changed between two versions: counts and classes for people, the changes as rows. */
#include "cli/columns.h"
#include "cli/commands_own.h"

#include <stdio.h>

static int64_t count_of(yyjson_mut_val *object, const char *name)
{
    return yyjson_mut_get_sint(yyjson_mut_obj_get(object, name));
}

static void say_counts(yyjson_mut_val *diff)
{
    static const char *const names[] = {"added", "removed", "relabelled", "usage", "unchanged"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char number[OUTPUT_NUMBER_BYTES];
        (void)printf("  %-12s %12s\n", names[i], output_thousands(count_of(diff, names[i]), number));
    }
}

int after_version_diff(struct cli *cli)
{
    static const struct column class_columns[] = {{"CLASS", "name", COLUMN_TEXT},
                                                  {"GAINED", "gained", COLUMN_COUNT},
                                                  {"LOST", "lost", COLUMN_COUNT},
                                                  {NULL}};
    yyjson_mut_val *root = yyjson_mut_doc_get_root(cli->reply);
    yyjson_mut_val *diff = yyjson_mut_obj_get(root, "diff");
    yyjson_mut_val *classes = yyjson_mut_obj_get(diff, "classes");
    yyjson_mut_val *features = yyjson_mut_obj_get(diff, "features");
    bool is_for_people = cli->is_terminal && !cli->is_json && !cli->is_quiet;
    if (is_for_people)
        say_counts(diff);
    if (is_for_people && yyjson_mut_arr_size(classes) > 0)
        output_rows(cli, classes, class_columns);
    if (is_for_people && yyjson_mut_arr_size(features) > 0)
        output_rows(cli, features, feature_columns);
    output_reply(cli, cli->reply);
    return 0;
}
