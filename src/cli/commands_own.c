/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands_own.h"

#include "base/path.h"
#include "formats/format.h"
#include "infer/adapter.h"
#include "rules/rule.h"
#include "service/service.h"
#include "tasks/task.h"

#include <stdio.h>
#include <string.h>

enum { DOC_MAX_BYTES = 4 * 1024 * 1024, HELP_WORDS_BYTES = 128, BOXES_SHOWN = 100 };

const struct param_spec no_cli_params[] = {PARAM_END};
const struct param_spec help_params[] = {
    PARAM(struct help_request, words, .type = PARAM_LIST, .is_positional = true, .is_whole_item = true,
          .value_name = "COMMAND|TOPIC", .help = "a command's words, or a topic"),
    PARAM_END,
};
const struct param_spec docs_params[] = {
    PARAM(struct docs_request, folder, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "where to write"),
    PARAM_END,
};

int command_help(struct cli *cli)
{
    const struct help_request *request = cli->params;
    char words[HELP_WORDS_BYTES] = "";
    for (size_t i = 0; i < request->words.count; i++) {
        size_t used = strlen(words);
        (void)snprintf(words + used, sizeof(words) - used, "%s%s", used ? " " : "", request->words.items[i]);
    }
    AUTO_BUFFER(text, HELP_MAX_BYTES);
    struct error err = {0};
    if (!words[0])
        help_overview(cli->environment, &text);
    else if (!help_topic(cli->environment, words, &text))
        return cli_fail(
            cli, (error_set_detail(&err, DETAIL_INVALID_ARGUMENT,
                                   "there is no command or topic '%s'; trommel help lists them", words),
                  &err));
    output_text(cli, text.data);
    return 0;
}

static bool adapters_table(const struct cli_environment *environment, struct buffer *into, struct error *err)
{
    (void)environment;
    return adapters_markdown(into, err);
}

static bool task_states(const struct cli_environment *environment, struct buffer *into, struct error *err)
{
    (void)environment;
    return task_states_markdown(into, err);
}

static bool service_states(const struct cli_environment *environment, struct buffer *into, struct error *err)
{
    (void)environment;
    return service_states_markdown(into, err);
}

static bool rules_table(const struct cli_environment *environment, struct buffer *into, struct error *err)
{
    (void)environment;
    return rules_markdown(into, err);
}

static bool dataset_formats_table(const struct cli_environment *environment, struct buffer *into,
                                  struct error *err)
{
    (void)environment;
    return formats_markdown(into, err);
}

static bool openapi(const struct cli_environment *environment, struct buffer *into, struct error *err)
{
    (void)environment;
    return api_openapi(into, err);
}

static bool rest_api(const struct cli_environment *environment, struct buffer *into, struct error *err)
{
    (void)environment;
    return api_markdown(into, err);
}

/* One row a generated document. */
static const struct {
    const char *file;
    bool (*write)(const struct cli_environment *environment, struct buffer *into, struct error *err);
} documents[] = {
    {"adapters.md", adapters_table},
    {"cli.md", help_markdown},
    {"dataset-formats.md", dataset_formats_table},
    {"openapi.json", openapi},
    {"rest-api.md", rest_api},
    {"rules-table.md", rules_table},
    {"service-states.md", service_states},
    {"task-states.md", task_states},
};

int command_docs(struct cli *cli)
{
    static const struct column columns[] = {{"FILE", "file", COLUMN_TEXT}, {NULL}};
    const struct docs_request *request = cli->params;
    struct error err = {0};
    char *folder = NULL;
    struct store *opened = NULL;
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *rows = yyjson_mut_arr(doc);
    if (!path_absolute(cli->arena, request->folder, &folder, &err) ||
        !store_open(folder, true, &opened, &err))
        return cli_fail(cli, &err);
    AUTO(store) store = opened;
    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
        AUTO_BUFFER(text, DOC_MAX_BYTES);
        if (!documents[i].write(cli->environment, &text, &err) ||
            !store_put(store, documents[i].file, (struct bytes){text.data, text.size}, &err))
            return cli_fail(cli, &err);
        (void)yyjson_mut_obj_add_str(doc, yyjson_mut_arr_add_obj(doc, rows), "file",
                                     path_join(cli->arena, folder, documents[i].file));
    }
    output_rows(cli, rows, columns);
    return 0;
}

int after_decide(struct cli *cli)
{
    yyjson_mut_val *root = yyjson_mut_doc_get_root(cli->reply);
    long long done = (long long)yyjson_mut_get_sint(yyjson_mut_obj_get(root, "done"));
    long long failed = (long long)yyjson_mut_get_sint(yyjson_mut_obj_get(root, "failed"));
    if (cli->is_json)
        output_json(cli, root);
    else if (!cli->is_quiet)
        output_rows(cli, yyjson_mut_obj_get(root, "outcomes"), cli->command->columns);
    if (!cli->is_json)
        (void)fprintf(stderr, "%lld done, %lld failed\n", done, failed);
    return failed > 0 ? CLI_EXIT_SOME_FAILED : 0;
}

static void tell_kept_files(yyjson_mut_val *change)
{
    size_t index, max;
    yyjson_mut_val *file;
    yyjson_mut_arr_foreach(yyjson_mut_obj_get(change, "kept_files"), index, max, file)
    {
        (void)fprintf(stderr, "not deleted: %s: %s\n", yyjson_mut_get_str(yyjson_mut_obj_get(file, "source")),
                      yyjson_mut_get_str(yyjson_mut_obj_get(file, "why")));
    }
}

int after_label_change(struct cli *cli)
{
    yyjson_mut_val *root = yyjson_mut_doc_get_root(cli->reply), *change = yyjson_mut_obj_get(root, "change");
    long long samples = (long long)yyjson_mut_get_sint(yyjson_mut_obj_get(change, "samples"));
    bool is_preview = yyjson_mut_get_bool(yyjson_mut_obj_get(change, "preview"));
    const char *operation = yyjson_mut_get_str(yyjson_mut_obj_get(change, "operation_id"));
    if (cli->is_json)
        output_json(cli, root);
    else
        output_object(cli, yyjson_mut_obj_get(root, cli->command->object), cli->command->columns);
    if (!cli->is_json && is_preview)
        (void)fprintf(stderr, "%lld samples would change; nothing was done\n", samples);
    if (!cli->is_json && operation)
        (void)fprintf(stderr, "%lld samples changed; undo: trommel operation undo %.8s\n", samples,
                      operation);
    if (!cli->is_json)
        tell_kept_files(change);
    return yyjson_mut_get_sint(yyjson_mut_obj_get(change, "files_kept")) > 0 ? CLI_EXIT_SOME_FAILED : 0;
}

/* [[x_min, y_min], [x_max, y_max]]; false for other shapes. */
static bool box_of(yyjson_mut_val *shape, double ret[4])
{
    yyjson_mut_val *points = yyjson_mut_obj_get(shape, "@modelarts:feature");
    if (!yyjson_mut_equals_str(yyjson_mut_obj_get(shape, "@modelarts:shape"), "bndbox"))
        return false;
    for (size_t i = 0; i < 4; i++)
        ret[i] = yyjson_mut_get_num(yyjson_mut_arr_get(yyjson_mut_arr_get(points, i / 2), i % 2));
    return true;
}

/* Each box as --box takes it, so that a person may change one number and send it back. */
static void say_boxes(yyjson_mut_val *sample)
{
    size_t index, max, shown = 0;
    yyjson_mut_val *label, *labels = yyjson_mut_obj_get(sample, "labels");
    yyjson_mut_arr_foreach(labels, index, max, label)
    {
        double edges[4];
        yyjson_mut_val *score = yyjson_mut_obj_get(label, "score");
        if (!box_of(yyjson_mut_obj_get(label, "shape"), edges))
            continue;
        if (shown++ == BOXES_SHOWN) {
            (void)printf("    … %zu in all; --json has them\n", max);
            return;
        }
        (void)printf("%s    %s:%g,%g,%g,%g", shown == 1 ? "\nboxes\n" : "",
                     yyjson_mut_get_str(yyjson_mut_obj_get(label, "name")), edges[0], edges[1], edges[2],
                     edges[3]);
        (void)(yyjson_mut_is_num(score) ? printf("  %.2f\n", yyjson_mut_get_num(score)) : printf("\n"));
    }
}

/* The reasons in words: what was found, and what to do about it. */
static void say_reasons(yyjson_mut_val *sample)
{
    size_t index, max;
    yyjson_mut_val *reason, *evidence = yyjson_mut_obj_get(sample, "evidence");
    yyjson_mut_arr_foreach(yyjson_mut_obj_get(sample, "reasons"), index, max, reason)
    {
        char id[8];
        (void)snprintf(id, sizeof(id), "%d", yyjson_mut_get_int(yyjson_mut_obj_get(reason, "id")));
        const char *sentence =
            yyjson_mut_get_str(yyjson_mut_obj_get(yyjson_mut_obj_get(evidence, id), "sentence"));
        (void)printf("\n%s  %s\n    %s\n    → %s\n", yyjson_mut_get_str(yyjson_mut_obj_get(reason, "code")),
                     yyjson_mut_get_str(yyjson_mut_obj_get(reason, "name")), sentence ? sentence : "",
                     yyjson_mut_get_str(yyjson_mut_obj_get(reason, "suggestion")));
    }
}

int after_sample_show(struct cli *cli)
{
    yyjson_mut_val *sample = yyjson_mut_obj_get(yyjson_mut_doc_get_root(cli->reply), "sample");
    if (cli->is_json || cli->is_quiet || !cli->is_terminal) {
        output_reply(cli, cli->reply);
        return 0;
    }
    yyjson_mut_val *evidence = yyjson_mut_obj_remove_key(sample, "evidence");
    output_object(cli, sample, cli->command->columns);
    if (evidence)
        (void)yyjson_mut_obj_add_val(cli->reply, sample, "evidence", evidence);
    say_boxes(sample);
    say_reasons(sample);
    return 0;
}

/* The secret alone with -q, for scripts; else the token first. */
int after_token_create(struct cli *cli)
{
    yyjson_mut_val *root = yyjson_mut_doc_get_root(cli->reply);
    const char *secret = yyjson_mut_get_str(yyjson_mut_obj_get(root, "secret"));
    if (cli->is_json) {
        output_json(cli, root);
        return 0;
    }
    if (!cli->is_quiet) {
        output_object(cli, yyjson_mut_obj_get(root, "token"), cli->command->columns);
        (void)fprintf(stderr, "the token; it is shown only now:\n");
    }
    output_text(cli, arena_printf(cli->arena, "%s\n", secret ? secret : ""));
    return 0;
}

static const char *replied_task(struct cli *cli)
{
    yyjson_mut_val *task = yyjson_mut_obj_get(yyjson_mut_doc_get_root(cli->reply), "task");
    return arena_text(cli->arena, yyjson_mut_get_str(yyjson_mut_obj_get(task, "id")));
}

int after_task_wait(struct cli *cli)
{
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_val *ended = yyjson_mut_obj_add_arr(doc, root, "tasks");
    const char *id = replied_task(cli);
    int code = id ? cli_task_wait(cli, id, doc, ended) : 1;
    output_tasks(cli, ended);
    return code;
}
