/* SPDX-License-Identifier: Apache-2.0 */
/* Man pages: one of the program, one a group of commands, from the tables that make the help. */
#include "base/path.h"
#include "cli/commands_own.h"
#include "cli/help_parts.h"
#include "store/store.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { PAGE_MAX_BYTES = 1024 * 1024, GROUP_BYTES = 32, PAGES_MAX = 64, SUMMARY_BYTES = 256 };

/* ---- roff ---- */

/* Text that means nothing to roff. */
static void add_text(struct buffer *page, const char *text)
{
    bool is_line_start = true;
    for (const char *at = text; *at; at++) {
        if (is_line_start && (*at == '.' || *at == '\''))
            (void)buffer_add_text(page, "\\&");
        if (*at == '\\')
            (void)buffer_add_text(page, "\\e");
        else if (*at == '-')
            (void)buffer_add_text(page, "\\-");
        else
            (void)buffer_add(page, at, 1);
        is_line_start = *at == '\n';
    }
}

static void add_line(struct buffer *page, const char *macro, const char *text)
{
    (void)buffer_printf(page, ".%s", macro);
    if (text) {
        (void)buffer_add_text(page, " \"");
        for (const char *at = text; *at; at++) {
            if (*at == '"')
                (void)buffer_add_text(page, "\\(dq");
            else if (*at == '-' || *at == '\\')
                (void)buffer_add_text(page, *at == '-' ? "\\-" : "\\e");
            else
                (void)buffer_add(page, at, 1);
        }
        (void)buffer_add_text(page, "\"");
    }
    (void)buffer_add_text(page, "\n");
}

static void add_paragraph(struct buffer *page, const char *text)
{
    add_text(page, text);
    (void)buffer_add_text(page, "\n");
}

/* Lines as they are. */
static void add_lines(struct buffer *page, const char *text)
{
    (void)buffer_add_text(page, ".nf\n");
    add_text(page, text);
    (void)buffer_add_text(page, text[0] && text[strlen(text) - 1] == '\n' ? ".fi\n" : "\n.fi\n");
}

static void add_item(struct buffer *page, const char *term, const char *meaning, const char *more)
{
    (void)buffer_add_text(page, ".TP\n");
    add_line(page, "B", term);
    add_text(page, meaning);
    add_text(page, more);
    (void)buffer_add_text(page, "\n");
}

static void add_title(struct buffer *page, const char *name, const char *what)
{
    char upper[GROUP_BYTES * 2];
    (void)snprintf(upper, sizeof(upper), "%s", name);
    for (char *at = upper; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    (void)buffer_printf(page,
                        ".\\\" Made from the command table; do not edit.\n.TH %s 1 \"\" \"trommel %s\" "
                        "\"User Commands\"\n.SH NAME\n",
                        upper, TROMMEL_VERSION);
    add_text(page, name);
    (void)buffer_add_text(page, " \\- ");
    add_paragraph(page, what);
}

static void add_topic(struct buffer *page, const char *title, void (*write)(struct buffer *into))
{
    AUTO_BUFFER(text, HELP_MAX_BYTES);
    write(&text);
    add_line(page, "SH", title);
    add_lines(page, text.data ? text.data : "");
}

/* ---- commands ---- */

struct pages {
    struct buffer text;
    const struct cli_environment *environment;
    struct buffer *page;
    const char *group;
    size_t written; /* commands in the synopsis */
    char groups[PAGES_MAX][GROUP_BYTES];
    size_t count;
};

static bool is_in_group(const struct command *command, const char *group)
{
    size_t bytes = strlen(group);
    return !command->is_hidden && strncmp(command->name, group, bytes) == 0 &&
           (command->name[bytes] == ' ' || command->name[bytes] == '\0');
}

static void add_params(const struct command *command, const struct param_spec *params, struct buffer *page)
{
    struct param_position at = {0};
    const struct param_spec *spec;
    while (params && (spec = params_next(params, &at))) {
        char option[OPTION_TEXT_BYTES], fallback[OPTION_TEXT_BYTES];
        if (help_is_fixed(command, spec))
            continue;
        help_option_text(spec, option);
        help_default_text(spec, fallback);
        add_item(page, option, spec->help, fallback);
    }
}

static bool add_synopsis(void *state, const struct command *command)
{
    struct pages *pages = state;
    AUTO_BUFFER(usage, HELP_MAX_BYTES);
    if (!is_in_group(command, pages->group))
        return true;
    help_usage(command, &usage);
    if (pages->written++ > 0)
        (void)buffer_add_text(pages->page, ".br\n");
    add_line(pages->page, "B", usage.data);
    return true;
}

static bool add_command(void *state, const struct command *command)
{
    struct pages *pages = state;
    if (!is_in_group(command, pages->group))
        return true;
    add_line(pages->page, "SS", command->name);
    add_paragraph(pages->page, command_summary(command));
    add_params(command, command_params(command), pages->page);
    add_params(command, command->own, pages->page);
    if (command->examples) {
        (void)buffer_add_text(pages->page, ".PP\n");
        add_lines(pages->page, command->examples);
    }
    return true;
}

static void add_globals(struct buffer *page)
{
    add_line(page, "SH", "OPTIONS OF EVERY COMMAND");
    for (const struct global_option *option = global_options; option->name; option++) {
        char text[OPTION_TEXT_BYTES];
        help_global_text(option, text);
        add_item(page, text, option->help, "");
    }
}

/* ---- pages ---- */

static bool collect_group(void *state, const struct command *command)
{
    struct pages *pages = state;
    char group[GROUP_BYTES];
    (void)snprintf(group, sizeof(group), "%.*s", (int)strcspn(command->name, " "), command->name);
    for (size_t i = 0; i < pages->count; i++)
        if (strcmp(pages->groups[i], group) == 0)
            return true;
    if (!command->is_hidden && pages->count < PAGES_MAX)
        (void)snprintf(pages->groups[pages->count++], GROUP_BYTES, "%s", group);
    return true;
}

static bool list_command(void *state, const struct command *command)
{
    struct pages *pages = state;
    if (!command->is_hidden)
        add_item(pages->page, command->name, command_summary(command), "");
    return true;
}

/* What a page is about: its one command, or what it groups. */
struct about {
    const struct pages *pages;
    const struct command *only;
    size_t count;
};

static bool count_command(void *state, const struct command *command)
{
    struct about *about = state;
    if (is_in_group(command, about->pages->group)) {
        about->only = command;
        about->count++;
    }
    return true;
}

static void write_group(struct pages *pages, const char *name)
{
    struct about about = {.pages = pages};
    char what[SUMMARY_BYTES];
    commands_visit(pages->environment, count_command, &about);
    if (about.count == 1)
        (void)snprintf(what, sizeof(what), "%s", command_summary(about.only));
    else
        (void)snprintf(what, sizeof(what), "commands of trommel about %s", pages->group);
    add_title(pages->page, name, what);
    add_line(pages->page, "SH", "SYNOPSIS");
    commands_visit(pages->environment, add_synopsis, pages);
    add_line(pages->page, "SH", "DESCRIPTION");
    commands_visit(pages->environment, add_command, pages);
    add_globals(pages->page);
    add_topic(pages->page, "EXIT STATUS", help_exit_codes);
    add_line(pages->page, "SH", "SEE ALSO");
    (void)buffer_add_text(pages->page, ".BR trommel (1)\n");
}

static void write_program(struct pages *pages)
{
    add_title(pages->page, "trommel", "find the images that a model gets wrong");
    add_line(pages->page, "SH", "SYNOPSIS");
    add_line(pages->page, "B", "trommel COMMAND [options]");
    add_line(pages->page, "SH", "DESCRIPTION");
    add_paragraph(pages->page,
                  "Runs an image model over a folder, keeps its predictions, finds the images that it most\n"
                  "likely gets wrong, and brings them to a person who confirms or corrects them.");
    add_line(pages->page, "SH", "COMMANDS");
    commands_visit(pages->environment, list_command, pages);
    add_globals(pages->page);
    add_topic(pages->page, "OUTPUT", help_formatting);
    add_topic(pages->page, "EXIT STATUS", help_exit_codes);
    add_topic(pages->page, "ENVIRONMENT", help_environment);
    add_line(pages->page, "SH", "SEE ALSO");
    for (size_t i = 0; i < pages->count; i++)
        (void)buffer_printf(pages->page, ".BR trommel\\-%s (1)%s\n", pages->groups[i],
                            i + 1 < pages->count ? "," : "");
}

static bool write_page(struct pages *pages, struct store *store, const char *group, struct error *err)
{
    char name[GROUP_BYTES * 2], file[GROUP_BYTES * 2 + 4];
    (void)snprintf(name, sizeof(name), "trommel%s%s", group ? "-" : "", group ? group : "");
    (void)snprintf(file, sizeof(file), "%s.1", name);
    buffer_init(&pages->text, PAGE_MAX_BYTES);
    pages->page = &pages->text;
    pages->group = group;
    pages->written = 0;
    if (group)
        write_group(pages, name);
    else
        write_program(pages);
    bool is_done = buffer_check(&pages->text, file, err) &&
                   store_put(store, file, (struct bytes){pages->text.data, pages->text.size}, err);
    buffer_release(&pages->text);
    return is_done;
}

int command_man(struct cli *cli)
{
    const struct docs_request *request = cli->params;
    struct pages *pages = arena_alloc(cli->arena, sizeof(*pages));
    struct error err = {0};
    char *folder = NULL;
    struct store *opened = NULL;
    if (!pages)
        return (void)error_no_memory(&err), cli_fail(cli, &err);
    pages->environment = cli->environment;
    commands_visit(cli->environment, collect_group, pages);
    if (!path_absolute(cli->arena, request->folder, &folder, &err) ||
        !store_open(folder, true, &opened, &err))
        return cli_fail(cli, &err);
    AUTO(store) store = opened;
    bool is_done = write_page(pages, store, NULL, &err);
    for (size_t i = 0; is_done && i < pages->count; i++)
        is_done = write_page(pages, store, pages->groups[i], &err);
    return is_done ? 0 : cli_fail(cli, &err);
}
