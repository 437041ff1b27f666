/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands_own.h"
#include "cli/help_parts.h"
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

enum { OPTION_COLUMN = 38, DEFAULT_SHOWN = 40 };

static const char *const type_values[] = {"TEXT", "NUMBER", "N", NULL, "CHOICE", "A,B,...", NULL};

/* "--accept-partial" or "--top N|P%" */
void help_option_text(const struct param_spec *spec, char text[OPTION_TEXT_BYTES])
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

void help_default_text(const struct param_spec *spec, char text[OPTION_TEXT_BYTES])
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

void help_usage(const struct command *command, struct buffer *into)
{
    const struct param_spec *params = command_params(command);
    struct param_position at = {0};
    const struct param_spec *spec;
    char text[OPTION_TEXT_BYTES];
    (void)buffer_printf(into, "trommel %s", command->name);
    while ((spec = params_next(params, &at))) {
        if (!spec->is_positional)
            continue;
        help_option_text(spec, text);
        (void)buffer_printf(into, spec->is_required ? " %s" : " [%s]", text);
    }
    (void)buffer_add_text(into, " [options]");
}

bool help_is_fixed(const struct command *command, const struct param_spec *spec)
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
        if (help_is_fixed(command, spec))
            continue;
        help_option_text(spec, option);
        help_default_text(spec, fallback);
        if (is_markdown)
            (void)buffer_printf(into, "| `%s` | %s%s |\n", option, spec->help, fallback);
        else
            add_option_line(into, option, spec->help, fallback);
    }
}

void help_global_text(const struct global_option *option, char text[OPTION_TEXT_BYTES])
{
    bool is_apart = option->value_name && option->value_name[0] != '[';
    (void)snprintf(text, OPTION_TEXT_BYTES, "--%s%s%s", option->name, is_apart ? " " : "",
                   option->value_name ? option->value_name : "");
}

void help_command(const struct command *command, struct buffer *into)
{
    const struct param_spec *params = command_params(command);
    help_usage(command, into);
    (void)buffer_printf(into, "\n\n%s\n\n", command_summary(command));
    add_options(command, params, false, into);
    if (command->own)
        add_options(command, command->own, false, into);
    (void)buffer_add_text(into, "\nEvery command has these too:\n");
    for (const struct global_option *option = global_options; option->name; option++) {
        char name[OPTION_TEXT_BYTES];
        if (params_find(params, option->name))
            continue;
        help_global_text(option, name);
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
        (void)buffer_printf(listing->into, "  %-23s %s\n", command->name, command_summary(command));
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
                                "exit-codes|environment|filters|formatting|manifest|reasons\n");
}

bool help_topic(const struct cli_environment *environment, const char *topic, struct buffer *into)
{
    const struct command *found = command_find(environment, topic, NULL);
    struct listing listing = {.into = into, .group = topic};
    size_t before = into->size;
    if (found)
        help_command(found, into);
    for (const struct help_topic *row = help_topics; !found && row->name; row++)
        if (strcmp(row->name, topic) == 0)
            row->write(into);
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
    help_usage(command, listing->into);
    (void)buffer_add_text(listing->into, "\n\n");
    struct param_position at = {0};
    if (params_next(command_params(command), &at)) {
        (void)buffer_add_text(listing->into, "| option | meaning |\n| --- | --- |\n");
        add_options(command, command_params(command), true, listing->into);
        if (command->own)
            add_options(command, command->own, true, listing->into);
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
    for (const struct global_option *option = global_options; option->name; option++) {
        char text[OPTION_TEXT_BYTES];
        help_global_text(option, text);
        (void)buffer_printf(into, "| `%s` | %s |\n", text, option->help);
    }
    (void)buffer_add_text(into, "\nExit codes:\n\n");
    AUTO_BUFFER(codes, HELP_MAX_BYTES);
    help_exit_codes(&codes);
    for (char *line = codes.data; line && *line;) {
        size_t bytes = strcspn(line, "\n");
        (void)buffer_printf(into, "    %.*s\n", (int)bytes, line);
        line += bytes + (line[bytes] == '\n');
    }
    commands_visit(environment, document_command, &listing);
    return buffer_check(into, "the command line's document", err);
}
