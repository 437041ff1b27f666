/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include "base/text.h"
#include "cli/secret_input.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_PARAM = 1000,
    IDS_LINE_BYTES = 4096,
    OPTION_NAME_BYTES = 64,
    ENVIRONMENT_NAME_BYTES = 80,
    TIMEOUT_MAX_SECONDS = 30 * 24 * 3600
};

enum global_id {
    GLOBAL_DATA,
    GLOBAL_SERVER,
    GLOBAL_CACERT,
    GLOBAL_PROJECT,
    GLOBAL_JSON,
    GLOBAL_QUIET,
    GLOBAL_COLUMNS,
    GLOBAL_SORT,
    GLOBAL_NO_HEADER,
    GLOBAL_PROGRESS,
    GLOBAL_WAIT,
    GLOBAL_NO_WAIT,
    GLOBAL_TIMEOUT,
    GLOBAL_YES,
    GLOBAL_DRY_RUN,
    GLOBAL_VERBOSE,
    GLOBAL_HELP,
    GLOBAL_COUNT
};
const struct global_option global_options[] = {
    [GLOBAL_DATA] = {"data", "DIR", "folder with database, models and records", 0},
    [GLOBAL_SERVER] = {"server", "URL",
                       "ask this server; paths in requests are then of its machine (TROMMEL_URL)", 0},
    [GLOBAL_CACERT] = {"cacert", "FILE", "who signs the server's certificate, PEM (TROMMEL_CACERT)", 0},
    [GLOBAL_PROJECT] = {"project", "PROJECT", "name or id of the project to work in", 0},
    [GLOBAL_JSON] = {"json", "[=FIELDS|lines]",
                     "one JSON document; only these fields of each row; or a row a line", 0},
    [GLOBAL_QUIET] = {"quiet", NULL, "ids only", 'q'},
    [GLOBAL_COLUMNS] = {"columns", "A,B", "these columns, in this order", 0},
    [GLOBAL_SORT] = {"sort", "[-]MEMBER", "rows in this member's order; -: the greatest first", 0},
    [GLOBAL_NO_HEADER] = {"no-header", NULL, "no header line", 0},
    [GLOBAL_PROGRESS] = {"progress", "auto|bar|plain|json|none", "how long work shows its progress on stderr",
                         0},
    [GLOBAL_WAIT] = {"wait", NULL, "until the task ends (default on a terminal)", 0},
    [GLOBAL_NO_WAIT] = {"no-wait", NULL, "leave the task to a process in the background", 0},
    [GLOBAL_TIMEOUT] = {"timeout", "SECONDS", "wait for a task so long, then exit with 9; the task goes on",
                        0},
    [GLOBAL_YES] = {"yes", NULL, "do not ask", 'y'},
    [GLOBAL_DRY_RUN] = {"dry-run", NULL, "check and show the request that would change something; send none",
                        0},
    [GLOBAL_VERBOSE] = {"verbose", NULL, "say on stderr who answers", 0},
    [GLOBAL_HELP] = {"help", NULL, "this help", 'h'},
    [GLOBAL_COUNT] = {NULL, NULL, NULL, 0},
};

struct parsing {
    struct cli *cli;
    const struct param_spec *params, *own;
    struct option options[CLI_OPTIONS_MAX];
    char names[CLI_OPTIONS_MAX][OPTION_NAME_BYTES];
    const struct param_spec *specs[CLI_OPTIONS_MAX]; /* of options at FIRST_PARAM + i */
    bool is_own[CLI_OPTIONS_MAX];                    /* the command's own, not the route's */
    size_t count;
    yyjson_mut_doc *doc;
    yyjson_mut_val *request, *own_request;
    char letters[2 * CLI_OPTIONS_MAX]; /* for getopt */
};

static void add_option(struct parsing *parsing, const char *name, int has_argument, int value)
{
    if (parsing->count + 1 >= CLI_OPTIONS_MAX)
        return;
    char *kebab = parsing->names[parsing->count];
    (void)snprintf(kebab, OPTION_NAME_BYTES, "%s", name);
    for (char *at = kebab; *at; at++)
        if (*at == '_')
            *at = '-';
    parsing->options[parsing->count++] = (struct option){kebab, has_argument, NULL, value};
}

static bool is_fixed(const struct parsing *parsing, const char *name)
{
    return yyjson_mut_obj_get(parsing->request, name) != NULL;
}

static void add_params(struct parsing *parsing, const struct param_spec *params, bool is_own)
{
    struct param_position at = {0};
    const struct param_spec *spec;
    while (params && parsing->count + 1 < CLI_OPTIONS_MAX && (spec = params_next(params, &at))) {
        if (!is_own && is_fixed(parsing, spec->name))
            continue;
        parsing->specs[parsing->count] = spec;
        parsing->is_own[parsing->count] = is_own;
        char name[OPTION_NAME_BYTES];
        (void)snprintf(name, sizeof(name), "%s%s", spec->name, spec->is_secret ? "_file" : "");
        add_option(parsing, name, spec->type == PARAM_BOOL ? optional_argument : required_argument,
                   FIRST_PARAM + (int)parsing->count);
    }
}

static void make_letters(struct parsing *parsing)
{
    const struct command_letter *letter = parsing->cli->command->letters;
    size_t used = (size_t)snprintf(parsing->letters, sizeof(parsing->letters), ":qyh");
    for (; letter && letter->letter && used + 2 < sizeof(parsing->letters); letter++)
        for (size_t i = 0; i < parsing->count; i++)
            if (strcmp(parsing->options[i].name, letter->option) == 0)
                used += (size_t)snprintf(parsing->letters + used, sizeof(parsing->letters) - used, "%c%s",
                                         letter->letter,
                                         parsing->options[i].has_arg == required_argument ? ":" : "");
}

/* The option that a letter of the command stands for; the value as it is otherwise. */
static int value_of_letter(const struct parsing *parsing, int value)
{
    const struct command_letter *letter = parsing->cli->command->letters;
    if (value == 'q' || value == 'y' || value == 'h')
        return value == 'q' ? GLOBAL_QUIET : value == 'y' ? GLOBAL_YES : GLOBAL_HELP;
    while (letter && letter->letter && letter->letter != value)
        letter++;
    for (size_t i = 0; letter && letter->letter && i < parsing->count; i++)
        if (strcmp(parsing->options[i].name, letter->option) == 0)
            return parsing->options[i].val;
    return value;
}

static void make_options(struct parsing *parsing)
{
    add_params(parsing, parsing->params, false);
    add_params(parsing, parsing->own, true);
    make_letters(parsing);
    for (int id = 0; id < GLOBAL_COUNT; id++) {
        /* What the route can do better itself is left to it. */
        if (params_find(parsing->params, global_options[id].name))
            continue;
        int has_argument = id == GLOBAL_JSON                       ? optional_argument
                           : global_options[id].value_name != NULL ? required_argument
                                                                   : no_argument;
        add_option(parsing, global_options[id].name, has_argument, id);
    }
}

/* Repeated lists grow; anything else said twice is the last word. */
static void set_in(struct parsing *parsing, yyjson_mut_val *object, const struct param_spec *spec,
                   const char *text)
{
    yyjson_mut_val *value = params_text_to_json(spec, text, parsing->doc);
    yyjson_mut_val *before = yyjson_mut_obj_get(object, spec->name);
    if (spec->type != PARAM_LIST || !before) {
        (void)yyjson_mut_obj_put(object, yyjson_mut_str(parsing->doc, spec->name), value);
        return;
    }
    size_t index, max;
    yyjson_mut_val *item;
    yyjson_mut_arr_foreach(value, index, max, item)
    {
        (void)yyjson_mut_arr_append(before, yyjson_mut_val_mut_copy(parsing->doc, item));
    }
}

static void set_member(struct parsing *parsing, const struct param_spec *spec, const char *text)
{
    set_in(parsing, parsing->request, spec, text);
}

/* What a secret's option names is a file. */
static bool set_option(struct parsing *parsing, size_t at, const char *text, struct error *err)
{
    const struct param_spec *spec = parsing->specs[at];
    yyjson_mut_val *object = parsing->is_own[at] ? parsing->own_request : parsing->request;
    char *secret = NULL;
    if (spec->is_secret && !secret_input_read(text, parsing->cli->arena, &secret, err))
        return error_wrap(err, "--%s-file", spec->name);
    set_in(parsing, object, spec, spec->is_secret ? secret : text);
    return true;
}

/* Secrets that the command cannot do without are asked for. */
static bool ask_secrets(struct parsing *parsing, struct error *err)
{
    struct param_position at = {0};
    const struct param_spec *spec;
    while ((spec = params_next(parsing->params, &at))) {
        char *secret = NULL;
        if (!spec->is_secret || !spec->is_required || yyjson_mut_obj_get(parsing->request, spec->name))
            continue;
        if (!secret_input_ask(spec, parsing->cli->arena, &secret, err))
            return false;
        set_member(parsing, spec, secret);
    }
    return true;
}

static bool set_progress(struct cli *cli, const char *text, struct error *err)
{
    static const char *const forms[] = {"auto", "bar", "plain", "json", "none"};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (strcmp(forms[i], text) != 0)
            continue;
        cli->progress = (enum progress_form)i;
        return true;
    }
    return error_set(err, ERR_INVALID, "--progress is auto, bar, plain, json or none, not '%.40s'", text);
}

static void set_server(struct cli *cli, int id, const char *text)
{
    if (id == GLOBAL_SERVER) {
        cli->server = text;
        cli->server_origin = "--server";
    } else if (id == GLOBAL_CACERT) {
        cli->ca_file = text;
    } else if (id == GLOBAL_DATA) {
        cli->data_folder = text;
        cli->data_folder_origin = "--data";
    }
}

static bool set_global(struct cli *cli, int id, const char *text, struct error *err)
{
    set_server(cli, id, text);
    if (id == GLOBAL_PROJECT)
        cli->project = text;
    cli->is_verbose |= id == GLOBAL_VERBOSE;
    cli->is_dry_run |= id == GLOBAL_DRY_RUN;
    if (id == GLOBAL_TIMEOUT)
        return text_to_count(text, "--timeout", 1, TIMEOUT_MAX_SECONDS, &cli->timeout_seconds, err);
    if (id == GLOBAL_SORT)
        cli->sort = text;
    cli->is_json |= id == GLOBAL_JSON;
    cli->is_json_lines |= id == GLOBAL_JSON && text && strcmp(text, "lines") == 0;
    if (id == GLOBAL_JSON && text && !cli->is_json_lines)
        cli->json_fields = text;
    cli->is_quiet |= id == GLOBAL_QUIET;
    cli->is_yes |= id == GLOBAL_YES;
    cli->has_header &= id != GLOBAL_NO_HEADER;
    if (id == GLOBAL_COLUMNS)
        cli->columns = text;
    if (id == GLOBAL_WAIT || id == GLOBAL_NO_WAIT)
        cli->wait = id == GLOBAL_WAIT;
    return id != GLOBAL_PROGRESS || set_progress(cli, text, err);
}

static bool bad_option(const struct parsing *parsing, const char *given, struct error *err)
{
    const char *name = given[0] == '-' && given[1] == '-' ? given + 2 : given;
    const char *nearest = NULL;
    size_t best = 4;
    for (size_t i = 0; i < parsing->count; i++) {
        size_t distance = text_distance(parsing->options[i].name, name);
        if (distance < best) {
            best = distance;
            nearest = parsing->options[i].name;
        }
    }
    return error_set(err, ERR_INVALID, "option '%.60s' is not known, or misses its value%s%s; try --help",
                     given, nearest ? "; did you mean --" : "", nearest ? nearest : "");
}

/* TROMMEL_DATA and TROMMEL_PROJECT are settings of the program. */
static bool is_global(const char *name)
{
    for (const struct global_option *global = global_options; global->name; global++)
        if (strcmp(global->name, name) == 0)
            return true;
    return false;
}

/* Every option has a twin in the environment: --accept-partial is TROMMEL_ACCEPT_PARTIAL. Positional ones
 * have none. */
static void take_environment(struct parsing *parsing, const struct param_spec *params, yyjson_mut_val *object)
{
    struct param_position at = {0};
    const struct param_spec *spec;
    while (params && (spec = params_next(params, &at))) {
        char name[ENVIRONMENT_NAME_BYTES];
        size_t used = (size_t)snprintf(name, sizeof(name), "TROMMEL_%s", spec->name);
        for (size_t i = 0; i < used && i < sizeof(name); i++)
            name[i] = (char)(name[i] >= 'a' && name[i] <= 'z' ? name[i] - 'a' + 'A' : name[i]);
        bool has_twin = !spec->is_positional && !spec->is_secret && !is_global(spec->name) &&
                        !yyjson_mut_obj_get(object, spec->name);
        const char *text = has_twin ? secure_getenv(name) : NULL;
        if (text && text[0])
            set_in(parsing, object, spec, text);
    }
}

static const struct param_spec *next_positional(const struct parsing *parsing, const struct param_spec *after)
{
    struct param_position at = {0};
    const struct param_spec *spec;
    bool is_past = after == NULL;
    while ((spec = params_next(parsing->params, &at))) {
        if (is_past && spec->is_positional && !is_fixed(parsing, spec->name))
            return spec;
        is_past |= spec == after;
    }
    return NULL;
}

static void read_items(struct parsing *parsing, const struct param_spec *spec)
{
    char line[IDS_LINE_BYTES];
    while (fgets(line, sizeof(line), stdin)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0])
            set_member(parsing, spec, line);
    }
    if (!yyjson_mut_obj_get(parsing->request, spec->name))
        (void)yyjson_mut_obj_add_arr(parsing->doc, parsing->request, spec->name);
}

static bool take_positionals(struct parsing *parsing, int argc, char **argv, struct error *err)
{
    const struct param_spec *spec = NULL;
    for (int i = optind; i < argc; i++) {
        if (!spec || spec->type != PARAM_LIST)
            spec = next_positional(parsing, spec);
        if (!spec)
            return error_set(err, ERR_INVALID, "'%.60s' is one argument too many; try --help", argv[i]);
        if (spec->type == PARAM_LIST && strcmp(argv[i], "-") == 0)
            read_items(parsing, spec);
        else
            set_member(parsing, spec, argv[i]);
    }
    return true;
}

static enum options_outcome take_options(struct parsing *parsing, int argc, char **argv, struct error *err)
{
    int value;
    optind = 0;
    opterr = 0;
    /* getopt keeps its place in globals; the command line is read once, before any thread starts. */
    for (;;) {
        value = getopt_long(argc, argv, parsing->letters, parsing->options,
                            NULL); /* NOLINT(concurrency-mt-unsafe) */
        if (value == -1)
            break;
        if (value == '?' || value == ':')
            return bad_option(parsing, argv[optind - 1], err) ? OPTIONS_RUN : OPTIONS_BAD;
        value = value_of_letter(parsing, value);
        if (value == GLOBAL_HELP)
            return OPTIONS_HELP;
        bool is_set = value >= FIRST_PARAM
                          ? set_option(parsing, (size_t)(value - FIRST_PARAM), optarg ? optarg : "true", err)
                          : set_global(parsing->cli, value, optarg, err);
        if (!is_set)
            return OPTIONS_BAD;
    }
    return take_positionals(parsing, argc, argv, err) ? OPTIONS_RUN : OPTIONS_BAD;
}

static bool read_own(struct parsing *parsing, struct error *err)
{
    struct cli *cli = parsing->cli;
    void *own = arena_alloc(cli->arena, cli->command->own_size + 1);
    AUTO_JSON request = yyjson_mut_val_imut_copy(parsing->own_request, NULL);
    if (!own || !request)
        return error_no_memory(err);
    cli->own = own;
    return params_read_json(parsing->own, own, yyjson_doc_get_root(request), cli->arena, err);
}

/* In words of the command line: the option at fault instead of the JSON pointer. */
static bool read_params(struct parsing *parsing, struct error *err)
{
    struct cli *cli = parsing->cli;
    void *params = arena_alloc(cli->arena, cli->command->params_size + 1);
    if (!params)
        return error_no_memory(err);
    cli->params = params;
    return params_read_json(parsing->params, params, yyjson_doc_get_root(cli->request), cli->arena, err);
}

static bool start_request(struct parsing *parsing, struct error *err)
{
    const char *fixed = parsing->cli->command->fixed;
    AUTO_JSON doc = NULL;
    if (fixed && !json_parse((struct bytes){fixed, strlen(fixed)}, "the command's own members", &doc, err))
        return false;
    parsing->doc = doc ? yyjson_doc_mut_copy(doc, NULL) : yyjson_mut_doc_new(NULL);
    if (!parsing->doc)
        return error_no_memory(err);
    if (!doc)
        yyjson_mut_doc_set_root(parsing->doc, yyjson_mut_obj(parsing->doc));
    parsing->request = yyjson_mut_doc_get_root(parsing->doc);
    parsing->own_request = yyjson_mut_obj(parsing->doc);
    return parsing->own_request || error_no_memory(err);
}

static enum options_outcome parse(struct parsing *parsing, int argc, char **argv, struct error *err)
{
    struct cli *cli = parsing->cli;
    if (!start_request(parsing, err))
        return OPTIONS_BAD;
    make_options(parsing);
    enum options_outcome outcome = take_options(parsing, argc, argv, err);
    if (outcome != OPTIONS_RUN)
        return outcome;
    take_environment(parsing, parsing->params, parsing->request);
    take_environment(parsing, parsing->own, parsing->own_request);
    if (!ask_secrets(parsing, err))
        return OPTIONS_BAD;
    cli->request = yyjson_mut_doc_imut_copy(parsing->doc, NULL);
    bool is_read = cli->command->route || read_params(parsing, err);
    return is_read && (!parsing->own || read_own(parsing, err)) ? OPTIONS_RUN : OPTIONS_BAD;
}

enum options_outcome options_parse(struct cli *cli, int argc, char **argv, struct error *err)
{
    struct parsing *parsing = calloc(1, sizeof(*parsing));
    if (!parsing)
        return error_no_memory(err) ? OPTIONS_RUN : OPTIONS_BAD;
    parsing->cli = cli;
    parsing->params = command_params(cli->command);
    parsing->own = cli->command->own;
    enum options_outcome outcome = parse(parsing, argc, argv, err);
    yyjson_mut_doc_free(parsing->doc);
    free(parsing);
    return outcome;
}

static bool takes_next_word(const char *option)
{
    for (const struct global_option *global = global_options; global->name; global++)
        if (strcmp(option + 2, global->name) == 0)
            return global->value_name && global->value_name[0] != '[';
    return false;
}

int options_before_command(int argc, char **argv)
{
    int at = 1;
    while (at < argc && argv[at][0] == '-')
        at += strncmp(argv[at], "--", 2) == 0 && takes_next_word(argv[at]) ? 2 : 1;
    return (at < argc ? at : argc) - 1;
}

bool options_want_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0 || text_starts_with(argv[i], "--json="))
            return true;
    return false;
}
