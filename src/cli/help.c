/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands_own.h"
#include "cli/options.h"
#include "rules/rule.h"

#include <stdio.h>
#include <string.h>

enum { OPTION_COLUMN = 38, OPTION_TEXT_BYTES = 128, DEFAULT_SHOWN = 40 };

static const char *const type_values[] = {"TEXT", "NUMBER", "N", NULL, "CHOICE", "A,B,...", NULL};

/* "--accept-partial" or "--top N|P%" */
static void option_text(const struct param_spec *spec, char text[OPTION_TEXT_BYTES])
{
    const char *value = spec->is_secret    ? "FILE|-"
                        : spec->value_name ? spec->value_name
                                           : type_values[spec->type];
    size_t used = (size_t)snprintf(text, OPTION_TEXT_BYTES, "%s%s%s", spec->is_positional ? "" : "--",
                                   spec->name, spec->is_secret ? "_file" : "");
    for (size_t i = 0; i < used && !spec->is_positional; i++)
        if (text[i] == '_')
            text[i] = '-';
    if (spec->is_positional) {
        (void)snprintf(text, OPTION_TEXT_BYTES, "%s", spec->value_name ? spec->value_name : spec->name);
        for (char *at = text; *at && !spec->value_name; at++)
            *at = (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
    } else if (value) {
        (void)snprintf(text + used, OPTION_TEXT_BYTES - used, " %s", value);
    }
}

static void default_text(const struct param_spec *spec, char text[OPTION_TEXT_BYTES])
{
    text[0] = '\0';
    if (spec->fallback_text && spec->fallback_text[0])
        (void)snprintf(text, OPTION_TEXT_BYTES,
                       strlen(spec->fallback_text) > DEFAULT_SHOWN ? " [%.*s…]" : " [%.*s]", DEFAULT_SHOWN,
                       spec->fallback_text);
    else if ((spec->type == PARAM_NUMBER || spec->type == PARAM_COUNT) && !spec->is_required)
        (void)snprintf(text, OPTION_TEXT_BYTES, " [%g]", spec->fallback);
    if (spec->is_required && !spec->is_positional)
        (void)snprintf(text, OPTION_TEXT_BYTES,
                       spec->is_secret ? " (asked on the terminal when missing)" : " (required)");
}

static void add_usage(const struct command *command, const struct param_spec *params, struct buffer *into)
{
    struct param_position at = {0};
    const struct param_spec *spec;
    char text[OPTION_TEXT_BYTES];
    (void)buffer_printf(into, "trommel %s", command->name);
    while ((spec = params_next(params, &at))) {
        if (!spec->is_positional)
            continue;
        option_text(spec, text);
        (void)buffer_printf(into, spec->is_required ? " %s" : " [%s]", text);
    }
    (void)buffer_add_text(into, " [options]");
}

static bool is_fixed(const struct command *command, const struct param_spec *spec)
{
    AUTO_JSON doc = command->fixed ? yyjson_read(command->fixed, strlen(command->fixed), 0) : NULL;
    return yyjson_obj_get(yyjson_doc_get_root(doc), spec->name) != NULL;
}

static void add_option_line(struct buffer *into, const char *option, const char *help, const char *fallback)
{
    bool is_long = strlen(option) > OPTION_COLUMN;
    (void)buffer_printf(into, is_long ? "  %s\n  %-*s %s%s\n" : "  %s%-*s %s%s\n", option,
                        is_long ? OPTION_COLUMN : OPTION_COLUMN - (int)strlen(option), "", help, fallback);
}

static void add_options(const struct command *command, const struct param_spec *params, bool is_markdown,
                        struct buffer *into)
{
    struct param_position at = {0};
    const struct param_spec *spec;
    char option[OPTION_TEXT_BYTES], fallback[OPTION_TEXT_BYTES];
    while ((spec = params_next(params, &at))) {
        if (is_fixed(command, spec))
            continue;
        option_text(spec, option);
        default_text(spec, fallback);
        if (is_markdown)
            (void)buffer_printf(into, "| `%s` | %s%s |\n", option, spec->help, fallback);
        else
            add_option_line(into, option, spec->help, fallback);
    }
}

void help_command(const struct command *command, struct buffer *into)
{
    const struct param_spec *params = command_params(command);
    add_usage(command, params, into);
    (void)buffer_printf(into, "\n\n%s\n\n", command_summary(command));
    add_options(command, params, false, into);
    (void)buffer_add_text(into, "\nEvery command has these too:\n");
    for (const struct global_option *option = global_options; option->name; option++) {
        char name[OPTION_TEXT_BYTES];
        bool is_apart = option->value_name && option->value_name[0] != '[';
        (void)snprintf(name, sizeof(name), "--%s%s%s", option->name, is_apart ? " " : "",
                       option->value_name ? option->value_name : "");
        add_option_line(into, name, option->help, "");
    }
    if (command->examples)
        (void)buffer_printf(into, "\nExamples:\n%s\n", command->examples);
}

struct listing {
    struct buffer *into;
    const char *group; /* only commands whose name begins so; NULL: all */
    bool is_markdown;
};

static bool list_command(void *state, const struct command *command)
{
    struct listing *listing = state;
    size_t bytes = listing->group ? strlen(listing->group) : 0;
    bool is_wanted = !listing->group ||
                     (strncmp(command->name, listing->group, bytes) == 0 && command->name[bytes] == ' ');
    if (!command->is_hidden && is_wanted)
        (void)buffer_printf(listing->into, "  %-22s %s\n", command->name, command_summary(command));
    return true;
}

void help_overview(const struct cli_environment *environment, struct buffer *into)
{
    struct listing listing = {.into = into};
    (void)buffer_add_text(
        into, "trommel " TROMMEL_VERSION
              ": runs an image model over your images, finds the hard examples, and brings them to a\n"
              "person who confirms them.\n\nStart with: trommel demo\n\n");
    commands_visit(environment, list_command, &listing);
    (void)buffer_add_text(into, "\ntrommel COMMAND --help explains one; trommel help "
                                "exit-codes|environment|formatting|manifest|reasons\n");
}

/* ---- topics ---- */

static void topic_exit_codes(struct buffer *into)
{
    (void)buffer_add_text(into, "0    done\n3    finished, but some items failed\n");
    for (int code = 1; code < ERR_CODE_COUNT; code++)
        (void)buffer_printf(into, "%-4d %s\n", error_kind((enum error_code)code)->exit_code,
                            error_kind((enum error_code)code)->name);
    (void)buffer_add_text(into, "Any other code is a failure too.\n");
}

static void topic_environment(struct buffer *into)
{
    (void)buffer_add_text(
        into, "Every option of a command's own has a twin in the environment: --accept-partial is "
              "TROMMEL_ACCEPT_PARTIAL=1. The option wins.\n"
              "TROMMEL_DATA          folder with database, models and records (--data)\n"
              "TROMMEL_ONNXRUNTIME   path of the ONNX Runtime library to load\n"
              "XDG_DATA_HOME         the data folder is trommel in it when nothing else is said\n"
              "Settings file: $XDG_CONFIG_HOME/trommel/config, then /etc/trommel/config: lines "
              "of key = value, # comments.\n");
}

static void topic_formatting(struct buffer *into)
{
    (void)buffer_add_text(
        into, "On a terminal: aligned tables, short ids, relative times. Elsewhere: tab-separated values "
              "with a header line, whole\n"
              "values, RFC 3339 times. --json prints one document (an array for lists), --json=id,source "
              "only these members of\n"
              "each row (a.b reaches into objects), --json=lines one row a line. -q prints ids only. "
              "--columns a,b picks columns by\n"
              "their member names, --no-header drops the header. Messages and progress go to stderr.\n");
}

static void topic_manifest(struct buffer *into)
{
    (void)buffer_add_text(
        into, "A manifest is JSON Lines, one image each; only \"source\" is required:\n"
              "{\"source\":\"/data/in/1.jpg\",\"usage\":\"TRAIN\",\"annotation\":[{\"type\":\"modelarts/"
              "image_classification\",\"name\":\"cat\"}]}\n"
              "docs/manifest-format.md has all members.\n");
}

static void topic_reasons(struct buffer *into)
{
    for (int id = 0; id < REASON_COUNT; id++)
        (void)buffer_printf(into, "%2d  %-4s %-44s %s\n", id, all_rules[id]->code, all_rules[id]->name,
                            all_rules[id]->strength ? all_rules[id]->suggestion : "(not in this version)");
}

static const struct {
    const char *name;
    void (*write)(struct buffer *into);
} topics[] = {
    {"environment", topic_environment}, {"exit-codes", topic_exit_codes}, {"formatting", topic_formatting},
    {"manifest", topic_manifest},       {"reasons", topic_reasons},
};

struct search {
    const char *name;
    const struct command *found;
};

static bool find_named(void *state, const struct command *command)
{
    struct search *search = state;
    if (strcmp(command->name, search->name) == 0)
        search->found = command;
    return true;
}

bool help_topic(const struct cli_environment *environment, const char *topic, struct buffer *into)
{
    struct search search = {.name = topic};
    struct listing listing = {.into = into, .group = topic};
    size_t before = into->size;
    commands_visit(environment, find_named, &search);
    if (search.found)
        help_command(search.found, into);
    for (size_t i = 0; !search.found && i < sizeof(topics) / sizeof(topics[0]); i++)
        if (strcmp(topics[i].name, topic) == 0)
            topics[i].write(into);
    if (into->size == before)
        commands_visit(environment, list_command, &listing);
    return into->size > before;
}

/* ---- docs/cli.md ---- */

static bool document_command(void *state, const struct command *command)
{
    struct listing *listing = state;
    if (command->is_hidden)
        return true;
    (void)buffer_printf(listing->into, "\n## trommel %s\n\n%s\n\n    ", command->name,
                        command_summary(command));
    add_usage(command, command_params(command), listing->into);
    (void)buffer_add_text(listing->into, "\n\n");
    struct param_position at = {0};
    if (params_next(command_params(command), &at)) {
        (void)buffer_add_text(listing->into, "| option | meaning |\n| --- | --- |\n");
        add_options(command, command_params(command), true, listing->into);
    }
    return true;
}

bool help_markdown(const struct cli_environment *environment, struct buffer *into, struct error *err)
{
    struct listing listing = {.into = into, .is_markdown = true};
    (void)buffer_add_text(
        into,
        "# Command line\n\nMade by `make docs` from the command table; do not edit.\n\nEvery command has:\n\n"
        "| option | meaning |\n| --- | --- |\n");
    for (const struct global_option *option = global_options; option->name; option++)
        (void)buffer_printf(into, "| `--%s%s%s` | %s |\n", option->name,
                            option->value_name && option->value_name[0] != '[' ? " " : "",
                            option->value_name ? option->value_name : "", option->help);
    (void)buffer_add_text(into, "\nExit codes:\n\n");
    AUTO_BUFFER(codes, HELP_MAX_BYTES);
    topic_exit_codes(&codes);
    for (char *line = codes.data; line && *line;) {
        size_t bytes = strcspn(line, "\n");
        (void)buffer_printf(into, "    %.*s\n", (int)bytes, line);
        line += bytes + (line[bytes] == '\n');
    }
    commands_visit(environment, document_command, &listing);
    return buffer_check(into, "the command line's document", err);
}
