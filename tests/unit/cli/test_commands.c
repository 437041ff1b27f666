/* SPDX-License-Identifier: Apache-2.0 */
/* The command table: a loop over its rows. */
#include "test.h"

#include "command_table.h"

static void the_table_is_sorted(void **state)
{
    for (const struct command *command = all_commands; command[1].name; command++)
        if (strcmp(command[0].name, command[1].name) >= 0)
            fail_msg("'%s' stands before '%s'", command[0].name, command[1].name);
}

static void every_command_is_sound(void **state)
{
    for (const struct command *command = all_commands; command->name; command++) {
        if (command->route && !route_find(command->route))
            fail_msg("%s: there is no route '%s'", command->name, command->route);
        assert_words_are_sound(command);
        assert_work_is_sound(command);
        assert_options_are_sound(command);
    }
}

/* What commands do by other routes: samples list --filter, samples facets, samples confirm --dataset, task
 * report. */
static bool is_for_programs(const struct route *route)
{
    static const char *const names[] = {"samples.query", "samples.facets_queried", "samples.decide_all",
                                        "task.report"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], route->name) == 0)
            return true;
    return false;
}

static void every_route_has_a_command(void **state)
{
    for (const struct route *const *route = all_routes; *route; route++) {
        size_t commands = 0;
        bool is_of_sessions = strncmp((*route)->name, "session.", 8) == 0;
        bool is_for_http = (*route)->is_file || (*route)->needs_if_match || (*route)->receive ||
                           is_of_sessions || strcmp((*route)->name, "setup.admin") == 0 ||
                           is_for_programs(*route);
        for (const struct command *command = all_commands; command->name; command++)
            commands += command->route && strcmp(command->route, (*route)->name) == 0;
        if (commands == 0 && !is_for_http)
            fail_msg("no command calls the route '%s'", (*route)->name);
    }
}

static void what_deletes_asks_first(void **state)
{
    for (const struct command *command = all_commands; command->name; command++) {
        const struct route *route = command->route ? route_find(command->route) : NULL;
        bool deletes_rows =
            route && strcmp(route->method, "DELETE") == 0 && strcmp(route->name, "hard.disable") != 0;
        assert_int_equal(command->needs_yes, deletes_rows);
    }
}

static void fixed_members_are_params_of_the_route(void **state)
{
    for (const struct command *command = all_commands; command->name; command++) {
        if (!command->fixed)
            continue;
        AUTO_JSON doc = yyjson_read(command->fixed, strlen(command->fixed), 0);
        assert_true(yyjson_is_obj(yyjson_doc_get_root(doc)));
        size_t index, max;
        yyjson_val *key, *value;
        yyjson_obj_foreach(yyjson_doc_get_root(doc), index, max, key, value)
        {
            assert_non_null(params_find(command_params(command), yyjson_get_str(key)));
        }
    }
}

static bool count_command(void *state, const struct command *command)
{
    size_t *count = state;
    (*count)++;
    return command->name != NULL && *count < 5;
}

static void a_visitor_sees_the_extra_commands_first_and_can_end(void **state)
{
    static const struct command extra[] = {{.name = "extra"}, {NULL}};
    const struct command *const tables[] = {extra, NULL};
    const struct cli_environment environment = {.extra_commands = tables};
    const struct cli_environment plain = {0};
    size_t count = 0;
    commands_visit(&environment, count_command, &count);
    assert_int_equal(count, 5);
    count = 0;
    commands_visit(&plain, count_command, &count);
    assert_int_equal(count, 5);
}

/* ---- help ---- */

static void help_names_every_option_of_every_command(void **state)
{
    AUTO(arena) arena = arena_new(HELP_MAX_BYTES);
    assert_non_null(arena);
    for (const struct command *command = all_commands; command->name; command++) {
        AUTO_BUFFER(text, HELP_MAX_BYTES);
        struct param_position at = {0};
        const struct param_spec *spec;
        help_command(command, &text);
        assert_non_null(strstr(text.data, command_summary(command)));
        while ((spec = params_next(command_params(command), &at))) {
            char kebab[KEBAB_BYTES];
            kebab_of(spec, kebab);
            bool is_fixed =
                command->fixed && strstr(command->fixed, arena_printf(arena, "\"%s\":", spec->name));
            bool is_named = strstr(text.data, spec->help) != NULL;
            if (is_named == is_fixed)
                fail_msg("%s --help and --%s do not fit", command->name, kebab);
        }
        for (const struct global_option *option = global_options; option->name; option++)
            if (!params_find(command_params(command), option->name))
                assert_non_null(strstr(text.data, option->help));
    }
}

static void topics_groups_and_commands_are_found(void **state)
{
    static const char *const known[] = {"exit-codes", "reasons", "service", "service hard", "service list"};
    const struct cli_environment environment = {0};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        AUTO_BUFFER(text, HELP_MAX_BYTES);
        assert_true(help_topic(&environment, known[i], &text));
        assert_true(text.size > 0);
    }
    AUTO_BUFFER(nothing, HELP_MAX_BYTES);
    assert_false(help_topic(&environment, "serv", &nothing));
    assert_int_equal(nothing.size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_sorted),
        cmocka_unit_test(every_command_is_sound),
        cmocka_unit_test(every_route_has_a_command),
        cmocka_unit_test(what_deletes_asks_first),
        cmocka_unit_test(fixed_members_are_params_of_the_route),
        cmocka_unit_test(a_visitor_sees_the_extra_commands_first_and_can_end),
        cmocka_unit_test(help_names_every_option_of_every_command),
        cmocka_unit_test(topics_groups_and_commands_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
