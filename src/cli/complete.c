/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Completion: what could stand in place of the last word of a command line, one a line, with what it means
 * after a tab. Commands, options and choices come from the tables; names of things from the routes that list
 * them, of whatever data folder or server the line names. Nothing is said about mistakes.
 */
#include "base/text.h"
#include "cli/commands_own.h"
#include "cli/help_parts.h"
#include "cli/transport.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_NAME_BYTES = 96, WORD_BYTES = 64, OFFERED_MAX = 500 };

const struct param_spec complete_params[] = {
    PARAM(struct help_request, words, .type = PARAM_LIST, .is_positional = true, .is_whole_item = true,
          .value_name = "WORD", .help = "the words after trommel, the last one unfinished"),
    PARAM_END,
};

/* Where the values of a parameter are listed. */
static const struct {
    const char *param, *route, *rows, *member;
} listed[] = {
    {"dataset", "dataset.list", "datasets", "name"}, {"model", "model.list", "models", "name"},
    {"service", "service.list", "services", "name"}, {"task", "task.list", "tasks", "id"},
    {"user", "user.list", "users", "name"},          {"project", "project.list", "projects", "name"},
    {"upload", "upload.list", "uploads", "name"},    {"operation", "operation.list", "operations", "id"},
};

struct completing {
    struct cli *cli;
    const struct param_list *words;
    const char *current;            /* the unfinished word */
    char name[LINE_NAME_BYTES];     /* the command's words */
    const struct command *command;  /* NULL: not a whole name yet */
    size_t arguments;               /* that stand behind the name */
    const struct param_spec *value; /* the unfinished word is its value; NULL: of no option of the command */
    const struct global_option *global;
    char last[WORD_BYTES]; /* offered, so that words of groups come once */
    size_t offered;
};

static void offer(struct completing *completing, const char *word, const char *meaning)
{
    if (!text_starts_with(word, completing->current) || completing->offered >= OFFERED_MAX)
        return;
    completing->offered++;
    (void)printf("%s\t%s\n", word, meaning ? meaning : "");
}

/* ---- what the line says so far ---- */

/* One more word of the command's name; false when no command's name goes on so. */
static bool take_name(struct completing *completing, const char *word)
{
    char before[LINE_NAME_BYTES];
    bool is_group = false;
    (void)snprintf(before, sizeof(before), "%s", completing->name);
    (void)snprintf(completing->name, sizeof(completing->name), "%.40s%s%.40s", before, before[0] ? " " : "",
                   word);
    const struct command *found = command_find(completing->cli->environment, completing->name, &is_group);
    if (found || is_group) {
        completing->command = found;
        return true;
    }
    (void)snprintf(completing->name, sizeof(completing->name), "%s", before);
    return false;
}

static const struct param_spec *find_param(const struct command *command, const char *option)
{
    const struct param_spec *spec = command ? params_find(command_params(command), option) : NULL;
    return spec || !command || !command->own ? spec : params_find(command->own, option);
}

/* Sees an option; what follows it may be its value. */
static void take_option(struct completing *completing, const char *option)
{
    completing->value = find_param(completing->command, option);
    if (completing->value && (completing->value->type == PARAM_BOOL || completing->value->is_positional))
        completing->value = NULL;
    for (const struct global_option *global = global_options; global->name; global++)
        if (strcmp(global->name, option) == 0 && global->value_name && global->value_name[0] != '[')
            completing->global = global;
}

static void use_value(struct completing *completing, const char *word)
{
    struct cli *cli = completing->cli;
    if (completing->global && strcmp(completing->global->name, "data") == 0) {
        cli->data_folder = word;
        cli->data_folder_origin = "--data";
    } else if (completing->global && strcmp(completing->global->name, "server") == 0) {
        cli->server = word;
        cli->server_origin = "--server";
    }
    completing->value = NULL;
    completing->global = NULL;
}

static void take_word(struct completing *completing, const char *word)
{
    if (strcmp(word, "=") == 0) /* bash makes a word of it */
        return;
    if (completing->value || completing->global) {
        use_value(completing, word);
    } else if (word[0] == '-') {
        const char *equals = strchr(word, '=');
        if (text_starts_with(word, "--") && !equals)
            take_option(completing, word + 2);
    } else if (completing->arguments > 0 || !take_name(completing, word)) {
        completing->arguments++;
    }
}

/* ---- what could follow ---- */

static bool offer_next_word(void *state, const struct command *command)
{
    struct completing *completing = state;
    char word[WORD_BYTES];
    size_t bytes = strlen(completing->name);
    const char *rest = command->name;
    if (bytes > 0) {
        if (!text_starts_with(command->name, completing->name) || command->name[bytes] != ' ')
            return true;
        rest += bytes + 1;
    }
    size_t word_bytes = strcspn(rest, " ");
    (void)snprintf(word, sizeof(word), "%.*s", (int)word_bytes, rest);
    if (command->is_hidden || strcmp(word, completing->last) == 0)
        return true;
    (void)snprintf(completing->last, sizeof(completing->last), "%s", word);
    offer(completing, word, rest[word_bytes] ? "" : command_summary(command));
    return true;
}

static void offer_params(struct completing *completing, const struct param_spec *params)
{
    struct param_position at = {0};
    const struct param_spec *spec;
    while (params && (spec = params_next(params, &at))) {
        char option[OPTION_TEXT_BYTES];
        if (spec->is_positional || help_is_fixed(completing->command, spec))
            continue;
        help_option_text(spec, option);
        option[strcspn(option, " ")] = '\0';
        offer(completing, option, spec->help);
    }
}

static void offer_options(struct completing *completing)
{
    if (completing->command) {
        offer_params(completing, command_params(completing->command));
        offer_params(completing, completing->command->own);
    }
    for (const struct global_option *global = global_options; global->name; global++) {
        char option[OPTION_TEXT_BYTES];
        if (completing->command && params_find(command_params(completing->command), global->name))
            continue;
        (void)snprintf(option, sizeof(option), "--%s", global->name);
        offer(completing, option, global->help);
    }
}

static bool offer_rows(struct completing *completing, size_t kind, struct error *err)
{
    struct cli *cli = completing->cli;
    const struct route *route = route_find(listed[kind].route);
    size_t index, max;
    yyjson_mut_val *row;
    if (!route || (!transport_server(cli) && access(cli->data_folder, F_OK) != 0))
        return true;
    AUTO_MUT_JSON reply = NULL;
    if (!transport_open_data(cli, err) || !transport_ask(cli, route, NULL, &reply, err))
        return false;
    yyjson_mut_arr_foreach(yyjson_mut_obj_get(yyjson_mut_doc_get_root(reply), listed[kind].rows), index, max,
                           row)
    {
        const char *name = yyjson_mut_get_str(yyjson_mut_obj_get(row, listed[kind].member));
        const char *state = yyjson_mut_get_str(yyjson_mut_obj_get(row, "state"));
        if (name)
            offer(completing, name, state);
    }
    return true;
}

static void offer_values(struct completing *completing, const struct param_spec *spec)
{
    struct error ignored = {0};
    for (const char *const *choice = spec->choices; choice && *choice; choice++)
        offer(completing, *choice, NULL);
    for (size_t i = 0; i < sizeof(listed) / sizeof(listed[0]); i++)
        if (strcmp(listed[i].param, spec->name) == 0 && !offer_rows(completing, i, &ignored))
            return;
}

static void offer_global_values(struct completing *completing)
{
    char word[WORD_BYTES];
    if (!strchr(completing->global->value_name, '|'))
        return;
    for (const char *at = completing->global->value_name; *at;) {
        size_t bytes = strcspn(at, "|");
        (void)snprintf(word, sizeof(word), "%.*s", (int)bytes, at);
        offer(completing, word, NULL);
        at += bytes + (at[bytes] == '|');
    }
}

static void offer_argument(struct completing *completing)
{
    struct param_position at = {0};
    const struct param_spec *spec;
    size_t left = completing->arguments;
    while ((spec = params_next(command_params(completing->command), &at))) {
        if (!spec->is_positional || help_is_fixed(completing->command, spec))
            continue;
        if (left == 0 || spec->type == PARAM_LIST)
            break;
        left--;
    }
    if (spec)
        offer_values(completing, spec);
}

/* What help explains: commands, and topics. */
static void offer_help(struct completing *completing)
{
    for (const struct help_topic *topic = help_topics; completing->arguments == 0 && topic->name; topic++)
        offer(completing, topic->name, NULL);
    completing->name[0] = '\0';
    for (size_t i = 1; i + 1 < completing->words->count; i++)
        (void)take_name(completing, completing->words->items[i]);
    commands_visit(completing->cli->environment, offer_next_word, completing);
}

int command_complete(struct cli *cli)
{
    const struct help_request *request = cli->params;
    struct completing completing = {.cli = cli, .words = &request->words, .current = ""};
    size_t count = request->words.count;
    for (size_t i = 0; i + 1 < count; i++)
        take_word(&completing, request->words.items[i]);
    if (count > 0)
        completing.current = request->words.items[count - 1];
    if (strcmp(completing.current, "=") == 0)
        completing.current = "";
    if (completing.value)
        offer_values(&completing, completing.value);
    else if (completing.global)
        offer_global_values(&completing);
    else if (completing.current[0] == '-')
        offer_options(&completing);
    else if (completing.command && completing.command->run == command_help)
        offer_help(&completing);
    else {
        if (completing.arguments == 0)
            commands_visit(cli->environment, offer_next_word, &completing);
        if (completing.command)
            offer_argument(&completing);
    }
    return 0;
}
