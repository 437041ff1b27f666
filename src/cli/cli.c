/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "account/project.h"
#include "base/text.h"
#include "cli/commands_own.h"
#include "cli/options.h"
#include "cli/transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_WORDS_MAX = 3, COMMAND_NAME_BYTES = 64, NEAR_DISTANCE = 4 };

void cli_say_error(const char *message, const struct error_detail_row *detail)
{
    (void)fprintf(stderr, "error: %s%s%s%s\n", message, detail->modelarts[0] ? "   [" : "", detail->modelarts,
                  detail->modelarts[0] ? "]" : "");
    if (detail->advice[0])
        (void)fprintf(stderr, "  %s\n", detail->advice);
}

int cli_fail(struct cli *cli, const struct error *err)
{
    if (cli->is_json) {
        AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
        api_error_json(err, doc);
        char *text = yyjson_mut_write(doc, 0, NULL);
        (void)fprintf(stderr, "%s\n", text ? text : "");
        free(text);
    } else {
        cli_say_error(err->message, error_detail_row(err->detail));
    }
    return error_kind(err->code)->exit_code;
}

yyjson_mut_val *cli_call(struct cli *cli, const char *route, const char *request_json, struct error *err)
{
    AUTO_JSON request = NULL;
    yyjson_mut_doc *reply = NULL;
    if (request_json &&
        !json_parse((struct bytes){request_json, strlen(request_json)}, "the request", &request, err))
        return NULL;
    if (!transport_ask(cli, route_find(route), yyjson_doc_get_root(request), &reply, err))
        return NULL;
    yyjson_mut_doc_free(cli->reply);
    cli->reply = reply;
    return yyjson_mut_doc_get_root(reply);
}

/* ---- finding the command ---- */

struct finding {
    const char *wanted;
    const struct command *nearest;
    size_t distance;
};

static bool compare_command(void *state, const struct command *command)
{
    struct finding *finding = state;
    size_t distance = text_distance(command->name, finding->wanted);
    if (!command->is_hidden && distance < finding->distance) {
        finding->distance = distance;
        finding->nearest = command;
    }
    return true;
}

static const struct command *nearest_command(const struct cli_environment *environment, const char *wanted)
{
    struct finding finding = {.wanted = wanted, .distance = NEAR_DISTANCE + 1};
    commands_visit(environment, compare_command, &finding);
    return finding.nearest;
}

/* The longest name that the first words make; *ret_words says how many they are. */
static const struct command *command_of(const struct cli_environment *environment, int argc, char **argv,
                                        int *ret_words)
{
    char name[COMMAND_NAME_BYTES] = "";
    const struct command *best = NULL;
    for (int words = 1; words <= NAME_WORDS_MAX && words < argc && argv[words][0] != '-'; words++) {
        size_t used = strlen(name);
        (void)snprintf(name + used, sizeof(name) - used, "%s%s", used ? " " : "", argv[words]);
        const struct command *found = command_find(environment, name, NULL);
        if (found) {
            best = found;
            *ret_words = words;
        }
    }
    return best;
}

static int unknown_command(struct cli *cli, int argc, char **argv)
{
    char name[COMMAND_NAME_BYTES] = "";
    struct error err = {0};
    AUTO_BUFFER(text, HELP_MAX_BYTES);
    for (int i = 1; i < argc && i <= 2 && argv[i][0] != '-'; i++) {
        size_t used = strlen(name);
        (void)snprintf(name + used, sizeof(name) - used, "%s%s", used ? " " : "", argv[i]);
    }
    bool is_group = false;
    (void)command_find(cli->environment, name, &is_group);
    const struct command *nearest = is_group ? NULL : nearest_command(cli->environment, name);
    if (name[0] && is_group && help_topic(cli->environment, name, &text)) {
        output_text(cli, text.data);
        return 0;
    }
    (void)error_set_detail(&err, DETAIL_INVALID_ARGUMENT, "%s '%s'%s%s; trommel help lists all commands",
                           name[0] ? "there is no command" : "a command's name is missing:", name,
                           nearest ? "; did you mean: trommel " : "", nearest ? nearest->name : "");
    return cli_fail(cli, &err);
}

/* ---- running it ---- */

/* What a command that deletes is about: its first argument. */
static const char *named_thing(const struct cli *cli)
{
    struct param_position at = {0};
    const struct param_spec *spec = params_next(command_params(cli->command), &at);
    return spec ? json_text(yyjson_doc_get_root(cli->request), spec->name, "") : "";
}

/* Destructive commands ask on a terminal and want --yes elsewhere. */
static bool is_confirmed(struct cli *cli, struct error *err)
{
    char answer[8] = "";
    bool is_preview = json_bool(yyjson_doc_get_root(cli->request), "preview", false);
    if (!cli->command->needs_yes || cli->is_yes || cli->is_dry_run || is_preview)
        return true;
    if (!isatty(STDIN_FILENO) || !cli->is_error_terminal)
        return error_set(err, ERR_INVALID, "'%s' deletes something: give --yes to say that you mean it",
                         cli->command->name);
    (void)fprintf(stderr, "%s %s? [y/N] ", cli->command->name, named_thing(cli));
    if (!fgets(answer, sizeof(answer), stdin) || (answer[0] != 'y' && answer[0] != 'Y'))
        return error_set(err, ERR_CANCELLED, "nothing was done");
    return true;
}

static const char *task_of(yyjson_mut_doc *reply)
{
    yyjson_mut_val *task = yyjson_mut_obj_get(yyjson_mut_doc_get_root(reply), "task");
    return yyjson_mut_get_str(yyjson_mut_obj_get(task, "id"));
}

static int wait_for_task(struct cli *cli, const char *id)
{
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_val *ended = yyjson_mut_obj_add_arr(doc, root, "tasks");
    int code = cli_task_wait(cli, id, doc, ended);
    output_tasks(cli, ended);
    return code;
}

static int start_task(struct cli *cli)
{
    struct error err = {0};
    const char *id = task_of(cli->reply);
    bool waits = cli->wait == 1 || (cli->wait == -1 && cli->is_error_terminal);
    if (!id) { /* it was told to start none */
        output_object(cli, yyjson_mut_obj_get(yyjson_mut_doc_get_root(cli->reply), cli->command->object),
                      cli->command->columns);
        return 0;
    }
    char *copy = arena_text(cli->arena, id);
    if (copy && waits)
        return wait_for_task(cli, copy);
    if (!copy || (!cli->client && !cli_task_detach(cli, copy, &err))) {
        (void)error_wrap(&err,
                         "no process could be started for the task, which waits; do its work with "
                         "'trommel task wait %.8s'",
                         id);
        err.code = ERR_IO;
        return cli_fail(cli, &err);
    }
    output_object(cli, yyjson_mut_obj_get(yyjson_mut_doc_get_root(cli->reply), "task"), NULL);
    if (!cli->is_json && !cli->is_quiet)
        (void)fprintf(stderr, "working in the background; follow it with: trommel task wait %.8s\n", copy);
    return 0;
}

static int run_route(struct cli *cli)
{
    struct error err = {0};
    const struct route *route = route_find(cli->command->route);
    if (!transport_absolute_paths(cli, &err))
        return cli_fail(cli, &err);
    if (cli->is_dry_run && strcmp(route->method, "GET") != 0)
        return command_dry_run(cli, route);
    if (route->is_file)
        return cli->command->run ? cli->command->run(cli) : output_file(cli, route);
    if (!transport_ask(cli, route, yyjson_doc_get_root(cli->request), &cli->reply, &err))
        return cli_fail(cli, &err);
    if (cli->command->run)
        return cli->command->run(cli);
    if (cli->command->starts_task)
        return start_task(cli);
    output_reply(cli, cli->reply);
    return 0;
}

static int run_command(struct cli *cli)
{
    struct error err = {0};
    if (!is_confirmed(cli, &err) || !transport_open(cli, &err))
        return cli_fail(cli, &err);
    return cli->command->route ? run_route(cli) : cli->command->run(cli);
}

/* What did not reach standard output must not look like success. */
static int check_output(struct cli *cli, int code)
{
    struct error err = {0};
    if (fflush(stdout) == 0 && !ferror(stdout) && !cli->is_output_lost)
        return code;
    (void)error_set(&err, ERR_IO, "cannot write the output");
    return cli_fail(cli, &err);
}

/* The command's name to the front, before `leading` options that were typed before it. */
static void words_first(char **argv, int leading, int words)
{
    for (int i = 0; i < words; i++) {
        char *word = argv[1 + leading + i];
        memmove(&argv[2 + i], &argv[1 + i], (size_t)leading * sizeof(*argv));
        argv[1 + i] = word;
    }
}

static int show_help(struct cli *cli)
{
    AUTO_BUFFER(text, HELP_MAX_BYTES);
    if (cli->command)
        help_command(cli->command, &text);
    else
        help_overview(cli->environment, &text);
    output_text(cli, text.data);
    return 0;
}

static int parse_and_run(struct cli *cli, int argc, char **argv)
{
    struct error err = {0};
    int words = 0, leading = options_before_command(argc, argv);
    cli->command = command_of(cli->environment, argc - leading, argv + leading, &words);
    if (!cli->command)
        return unknown_command(cli, argc - leading, argv + leading);
    words_first(argv, leading, words);
    switch (options_parse(cli, argc - words, argv + words, &err)) {
    case OPTIONS_RUN:
        return run_command(cli);
    case OPTIONS_HELP:
        return show_help(cli);
    case OPTIONS_BAD:
        break;
    }
    return cli_fail(cli, &err);
}

static bool wants_overview(int argc, char **argv)
{
    return argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0;
}

int cli_main(const struct cli_environment *environment, int argc, char **argv)
{
    struct cli cli = {.environment = environment,
                      .project = environment->project,
                      .data_folder = environment->data_folder,
                      .data_folder_origin = environment->data_folder_origin,
                      .server = environment->server,
                      .server_origin = environment->server_origin,
                      .ca_file = environment->ca_file,
                      .is_json = options_want_json(argc, argv),
                      .has_header = true,
                      .wait = -1,
                      .is_terminal = isatty(STDOUT_FILENO) == 1,
                      .is_error_terminal = isatty(STDERR_FILENO) == 1,
                      .arena = arena_new(API_ARENA_MAX_BYTES)};
    int code = 0;
    if (wants_overview(argc, argv))
        code = show_help(&cli);
    else if (argc == 2 && strcmp(argv[1], "--version") == 0)
        (void)printf("trommel " TROMMEL_VERSION "\n");
    else
        code = parse_and_run(&cli, argc, argv);
    code = check_output(&cli, code);
    if (cli.is_open)
        environment->close(environment->state, &cli.api);
    cli.client = client_free(cli.client);
    yyjson_mut_doc_free(cli.reply);
    yyjson_doc_free(cli.request);
    arena_free(cli.arena);
    return code;
}
