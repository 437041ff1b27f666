/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for every command, whichever table it is in. Include after test.h. */
#ifndef TESTS_COMMAND_TABLE_H
#define TESTS_COMMAND_TABLE_H

#include "cli/cli.h"
#include "cli/options.h"

#include <ctype.h>
#include <string.h>

#define TABLE __attribute__((unused)) static
enum { KEBAB_BYTES = 64 };

TABLE void kebab_of(const struct param_spec *spec, char text[KEBAB_BYTES])
{
    assert_true(strlen(spec->name) < KEBAB_BYTES);
    (void)strcpy(text, spec->name);
    for (char *at = text; *at; at++)
        *at = (char)(*at == '_' ? '-' : *at);
}

TABLE bool is_global(const char *kebab)
{
    for (const struct global_option *option = global_options; option->name; option++)
        if (strcmp(option->name, kebab) == 0)
            return true;
    return false;
}

TABLE size_t globals_count(void)
{
    size_t count = 0;
    while (global_options[count].name)
        count++;
    return count;
}

/* Options fit the table that they are parsed with, and mean one thing each. */
TABLE void assert_options_are_sound(const struct command *command)
{
    struct param_position at = {0};
    const struct param_spec *spec;
    size_t count = 0;
    bool has_list = false;
    while ((spec = params_next(command_params(command), &at))) {
        char kebab[KEBAB_BYTES];
        kebab_of(spec, kebab);
        /* the first two a route may do itself, on all rows instead of those shown; the last may be what it is
         * of */
        bool is_its_own =
            strcmp(kebab, "sort") == 0 || strcmp(kebab, "timeout") == 0 || strcmp(kebab, "project") == 0;
        if (is_global(kebab) && !is_its_own)
            fail_msg("%s: --%s is an option of every command", command->name, kebab);
        assert_ptr_equal(params_find(command_params(command), kebab), spec);
        /* what follows a list of arguments could never be given */
        assert_false(has_list && spec->is_positional);
        has_list |= spec->is_positional && spec->type == PARAM_LIST;
        assert_true(spec->help && strlen(spec->help) >= 5);
        count++;
    }
    if (count + globals_count() + 1 > CLI_OPTIONS_MAX)
        fail_msg("%s has %zu options: more than CLI_OPTIONS_MAX leaves room for", command->name, count);
}

TABLE void assert_words_are_sound(const struct command *command)
{
    const char *summary = command_summary(command);
    for (const char *at = command->name; *at; at++)
        assert_true(islower((unsigned char)*at) || *at == ' ' || *at == '-');
    assert_true(summary && strlen(summary) > 10 && isupper((unsigned char)summary[0]));
    assert_int_equal(summary[strlen(summary) - 1], '.');
    for (const char *line = command->examples; line && *line; line += strspn(line, "\n")) {
        assert_int_equal(strncmp(line, "trommel ", 8), 0);
        line += strcspn(line, "\n");
    }
}

TABLE void assert_work_is_sound(const struct command *command)
{
    assert_true(command->route || command->run);
    assert_true(command->route || command->params);
    assert_false(command->needs_no_data && command->route);
    assert_true(!command->starts_task || command->route);
    for (const struct column *column = command->columns; column && column->header; column++) {
        assert_true(strlen(column->member) > 0);
        for (const char *at = column->header; *at; at++)
            assert_true(isupper((unsigned char)*at) || *at == ' ');
    }
}

#endif
