/* SPDX-License-Identifier: Apache-2.0 */
/* One command line into a request. */
#include "test.h"

#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 16, ARENA_BYTES = 8 * 1024 * 1024 };

struct parsed {
    struct cli cli;
    struct error err;
    enum options_outcome outcome;
    char line[1024], *words[WORDS_MAX];
    int count;
};

static const struct command *command_named(const char *name)
{
    for (const struct command *command = all_commands; command->name; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    fail_msg("there is no command '%s'", name);
    return NULL;
}

static void split(struct parsed *parsed, const char *line)
{
    (void)snprintf(parsed->line, sizeof(parsed->line), "%s", line);
    parsed->count = 0;
    char *rest = NULL;
    for (char *word = strtok_r(parsed->line, " ", &rest); word && parsed->count < WORDS_MAX - 1;
         word = strtok_r(NULL, " ", &rest))
        parsed->words[parsed->count++] = word;
    parsed->words[parsed->count] = NULL;
}

/* The line begins with the last word of the command's name, as argv does. */
static struct parsed *parse(const char *command, const char *line)
{
    struct parsed *parsed = calloc(1, sizeof(*parsed));
    assert_non_null(parsed);
    parsed->cli = (struct cli){.command = command_named(command),
                               .arena = arena_new(ARENA_BYTES),
                               .has_header = true,
                               .wait = -1,
                               .data_folder = "default"};
    split(parsed, line);
    parsed->outcome = options_parse(&parsed->cli, parsed->count, parsed->words, &parsed->err);
    return parsed;
}

static void release(struct parsed *parsed)
{
    yyjson_doc_free(parsed->cli.request);
    (void)arena_free(parsed->cli.arena);
    free(parsed);
}

static void assert_request(const char *command, const char *line, const char *expected)
{
    struct parsed *parsed = parse(command, line);
    if (parsed->outcome != OPTIONS_RUN)
        fail_msg("%s: %s", line, parsed->err.message);
    char *text = yyjson_write(parsed->cli.request, 0, NULL);
    assert_string_equal(text, expected);
    free(text);
    release(parsed);
}

static void assert_bad(const char *command, const char *line, const char *words)
{
    struct parsed *parsed = parse(command, line);
    assert_int_equal(parsed->outcome, OPTIONS_BAD);
    assert_int_equal(parsed->err.code, ERR_INVALID);
    if (!strstr(parsed->err.message, words))
        fail_msg("%s: '%s' does not say '%s'", line, parsed->err.message, words);
    release(parsed);
}

static void options_become_members_of_their_type(void **state)
{
    assert_request(
        "service deploy", "deploy --name s --threads 3 --hard-examples --top 10% --algo-hard-threshold=0.5",
        "{\"name\":\"s\",\"threads\":3.0,\"hard_examples\":true,\"top\":\"10%\",\"algo_hard_threshold\":"
        "0.5}");
    assert_request("service deploy", "deploy --hard-examples=false", "{\"hard_examples\":false}");
    assert_request("service list", "list", "{}");
}

static void arguments_fill_positional_members_in_order(void **state)
{
    assert_request("dataset import", "import d x.manifest",
                   "{\"dataset\":\"d\",\"manifest\":\"x.manifest\"}");
    assert_request("dataset import", "import --stop-at-bad-line d x",
                   "{\"stop_at_bad_line\":true,\"dataset\":\"d\",\"manifest\":\"x\"}");
    assert_request("service show", "show -- --odd", "{\"service\":\"--odd\"}");
    assert_bad("service show", "show a b", "'b' is one argument too many");
    assert_bad("service list", "list a", "'a' is one argument too many");
}

static void lists_grow_and_other_options_are_the_last_word(void **state)
{
    assert_request("samples confirm", "confirm a b,c --labels x --labels y,z",
                   "{\"action\":\"confirm\",\"labels\":[\"x\",\"y,z\"],\"ids\":[\"a\",\"b,c\"]}");
    assert_request("dataset create", "create d --labels a,b --labels c",
                   "{\"labels\":[\"a\",\"b\",\"c\"],\"name\":\"d\"}");
    assert_request("samples list", "list d --limit 3 --limit 4", "{\"limit\":4.0,\"dataset\":\"d\"}");
}

static void what_a_command_fixes_cannot_be_given(void **state)
{
    assert_bad("samples confirm", "confirm a --action exclude", "'--action' is not known");
}

static void options_of_every_command_set_the_command_line(void **state)
{
    struct parsed *parsed =
        parse("samples list", "list d -q -y --json=id,source --data /x --columns a,b --no-header "
                              "--wait --no-wait --progress json");
    assert_int_equal(parsed->outcome, OPTIONS_RUN);
    const struct cli *cli = &parsed->cli;
    assert_true(cli->is_quiet && cli->is_yes && cli->is_json && !cli->is_json_lines && !cli->has_header);
    assert_string_equal(cli->json_fields, "id,source");
    assert_string_equal(cli->data_folder, "/x");
    assert_string_equal(cli->data_folder_origin, "--data");
    assert_string_equal(cli->columns, "a,b");
    assert_int_equal(cli->wait, 0);
    assert_int_equal(cli->progress, PROGRESS_JSON);
    release(parsed);
    parsed = parse("samples list", "list d --json=lines --wait");
    assert_true(parsed->cli.is_json && parsed->cli.is_json_lines && !parsed->cli.json_fields);
    assert_int_equal(parsed->cli.wait, 1);
    assert_string_equal(parsed->cli.data_folder, "default");
    release(parsed);
}

static void help_wins_over_what_is_missing(void **state)
{
    static const char *const lines[] = {"deploy --help", "deploy -h", "deploy --name s -h"};
    for (size_t i = 0; i < 3; i++) {
        struct parsed *parsed = parse("service deploy", lines[i]);
        assert_int_equal(parsed->outcome, OPTIONS_HELP);
        release(parsed);
    }
}

static void bad_options_are_named_with_what_was_meant(void **state)
{
    assert_bad("service deploy", "deploy --modle x", "did you mean --model");
    assert_bad("service deploy", "deploy --jsom", "did you mean --json");
    assert_bad("service deploy", "deploy --completely-wrong x", "'--completely-wrong' is not known");
    assert_bad("service deploy", "deploy -z", "'-z'");
    assert_bad("service deploy", "deploy --name", "'--name'");
    assert_bad("service deploy", "deploy --progress loud", "--progress is auto, bar, plain, json or none");
}

static void the_environment_fills_what_the_line_leaves_open(void **state)
{
    assert_int_equal(setenv("TROMMEL_LIMIT", "7", 1), 0);
    assert_int_equal(setenv("TROMMEL_STATE", "", 1), 0);
    assert_int_equal(setenv("TROMMEL_DATASET", "never: it is an argument", 1), 0);
    assert_request("samples list", "list d", "{\"dataset\":\"d\",\"limit\":7.0}");
    assert_request("samples list", "list d --limit 2", "{\"limit\":2.0,\"dataset\":\"d\"}");
    (void)unsetenv("TROMMEL_LIMIT");
    (void)unsetenv("TROMMEL_STATE");
    (void)unsetenv("TROMMEL_DATASET");
}

static void words_before_the_command_are_counted(void **state)
{
    static const struct {
        const char *line;
        int words;
        bool wants_json;
    } rows[] = {
        {"trommel service list", 0, false},
        {"trommel --json service list", 1, true},
        {"trommel --data D --json=id service list", 3, true},
        {"trommel --data=D -q service list --json", 2, true},
        {"trommel --data", 1, false},
        {"trommel --json", 1, true},
        {"trommel", 0, false},
        {"trommel samples confirm -- --json", 0, false},
        {"trommel --progress none --wait help", 3, false},
    };
    struct parsed parsed;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        split(&parsed, rows[i].line);
        assert_int_equal(options_before_command(parsed.count, parsed.words), rows[i].words);
        assert_int_equal(options_want_json(parsed.count, parsed.words), rows[i].wants_json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_become_members_of_their_type),
        cmocka_unit_test(arguments_fill_positional_members_in_order),
        cmocka_unit_test(lists_grow_and_other_options_are_the_last_word),
        cmocka_unit_test(what_a_command_fixes_cannot_be_given),
        cmocka_unit_test(options_of_every_command_set_the_command_line),
        cmocka_unit_test(help_wins_over_what_is_missing),
        cmocka_unit_test(bad_options_are_named_with_what_was_meant),
        cmocka_unit_test(the_environment_fills_what_the_line_leaves_open),
        cmocka_unit_test(words_before_the_command_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
