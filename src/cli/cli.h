/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command line: one table of commands. Most rows only name a route of the API and the columns to show: their
 * options are the route's params, so that help, checks and requests cannot disagree. A row may bring its own
 * function instead.
 *
 * Results go to stdout, messages and progress to stderr. On a terminal: aligned tables; else tab-separated
 * values with a header; --json everywhere.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "api/api.h"
#include "base/workers.h"
#include "client/client.h"

enum { CLI_OPTIONS_MAX = 128, CLI_EXIT_SOME_FAILED = 3 };

enum column_kind {
    COLUMN_TEXT,
    COLUMN_COUNT,   /* 1,204 on a terminal */
    COLUMN_NUMBER,  /* 0.930 on a terminal */
    COLUMN_TIME,    /* "3 min ago" on a terminal */
    COLUMN_ID,      /* shortened on a terminal */
    COLUMN_LABELS,  /* names and scores of an array of labels, or texts */
    COLUMN_REASONS, /* codes of an array of reasons */
};
struct column {
    const char *header; /* NULL ends the table */
    const char *member; /* of the row; "a.b" for a member of a member */
    enum column_kind kind;
};

struct cli;
/* A short form of a command's own option. */
struct command_letter {
    char letter; /* 0 ends the table */
    const char *option;
};
struct command {
    const char *name;             /* "service deploy" */
    const char *route;            /* of the API; NULL: `run` does it all */
    const char *fixed;            /* members that the command itself sets, as JSON; NULL: none */
    const char *rows;             /* member of the reply that holds the rows; NULL: the reply is one thing */
    const char *object;           /* member of the reply that holds the thing */
    const struct column *columns; /* of rows, or the fields of the thing that people see first */
    bool starts_task;             /* the reply holds "task": --wait and --no-wait apply */
    bool needs_yes;               /* asks on a terminal, wants --yes otherwise */
    const struct param_spec *params; /* of a command without route */
    size_t params_size;
    int (*run)(struct cli *cli);  /* exit code; with a route: called after the reply came */
    const struct param_spec *own; /* options beside the route's, into cli->own; NULL: none */
    size_t own_size;
    const struct command_letter *letters; /* NULL: none */
    bool needs_no_data;                   /* runs without opening the data folder */
    bool is_here;                         /* works on the data folder itself, never by way of a server */
    bool is_hidden;
    const char *summary;  /* without a route */
    const char *examples; /* lines for --help; NULL: none */
};
extern const struct command all_commands[]; /* sorted by name; ends with a NULL name */

enum progress_form { PROGRESS_AUTO, PROGRESS_BAR, PROGRESS_PLAIN, PROGRESS_JSON, PROGRESS_NONE };

enum { CLI_SETTINGS_MAX = 32 };

/* What the program gives the command line. */
struct cli_environment {
    const char *program;                          /* path of this program, to start workers with */
    const char *project;                          /* name or id; NULL: the default project */
    const char *data_folder, *data_folder_origin; /* where it comes from, for messages */
    const char *share_folder;                     /* demo files */
    const char *server, *server_origin; /* URL of the server to ask; NULL: the data folder is opened */
    const char *ca_file;                /* whom to trust; NULL: whom the system trusts */
    const struct api_setting *settings; /* all of them, for `config list`; ends with a NULL name */
    bool (*open)(void *state, const char *data_folder, struct api *ret, struct error *err);
    /* The same with a database of the folder's own, whatever the settings say. */
    bool (*open_apart)(void *state, const char *data_folder, struct api *ret, struct error *err);
    void (*close)(void *state, struct api *api);
    /* Serves what is open to this machine's people, from a page of the console on, until it is stopped. */
    int (*serve)(struct cli *cli, const char *roots, const char *page, bool with_browser);
    void *state;
    struct stop_flag *stop;                      /* set by Ctrl-C */
    const struct command *const *extra_commands; /* tables of layers the command line does not know, each
                                                    ended by a NULL name; NULL-ended, NULL: none */
};

struct cli {
    const struct cli_environment *environment;
    const struct command *command;
    struct arena *arena;
    struct api api;
    struct account_caller caller; /* in the project that was chosen */
    const char *project;          /* name or id, after --project; NULL: the default one */
    bool is_open;
    struct client *client;                        /* routes are answered by a server; NULL: by `api` */
    const void *params;                           /* of a command without route */
    const void *own;                              /* of a command with own options */
    yyjson_doc *request;                          /* as given, JSON */
    yyjson_mut_doc *reply;                        /* of the route */
    const char *data_folder, *data_folder_origin; /* after --data */
    const char *server, *server_origin, *ca_file;
    bool is_json, is_json_lines, is_quiet, has_header, is_yes, is_verbose, is_dry_run;
    const char *json_fields, *columns, *sort;
    uint64_t timeout_seconds; /* of waiting for tasks; 0: without end */
    int wait;                 /* -1 not said, 0 no, 1 yes */
    enum progress_form progress;
    bool is_terminal, is_error_terminal;
    bool is_output_lost; /* something could not be printed */
};

/* Runs one command line; returns the exit code. */
int cli_main(const struct cli_environment *environment, int argc, char **argv);

/* ---- used by commands ---- */

/* The environment's settings as they are after this command line, in its arena; and `name` is as it says,
 * when not NULL. NULL: there are none, or no memory. */
const struct api_setting *cli_settings(const struct cli *cli, const char *name, const char *value,
                                       const char *origin);

/* Prints the error in words, or as JSON, and gives its exit code. */
int cli_fail(struct cli *cli, const struct error *err);
/* In words on stderr. */
void cli_say_error(const char *message, const struct error_detail_row *detail);
/* Calls a route, in process or of the server. The reply lives until the next call; NULL and *err on failure.
 * `request_json` NULL: none. */
yyjson_mut_val *cli_call(struct cli *cli, const char *route, const char *request_json, struct error *err);
/* Works on a task in this process until it ends, or looks on while a server does, with progress on stderr;
 * then on the task that follows it.
 * Adds each ended task to the array `ended` of `doc`. Exit code by the last. */
int cli_task_wait(struct cli *cli, const char *id, yyjson_mut_doc *doc, yyjson_mut_val *ended);
/* Starts a process of its own that works on the task. */
MUST_CHECK bool cli_task_detach(struct cli *cli, const char *id, struct error *err);

/* ---- output ---- */
void output_reply(struct cli *cli, yyjson_mut_doc *reply);
void output_rows(struct cli *cli, yyjson_mut_val *rows, const struct column *columns);
void output_object(struct cli *cli, yyjson_mut_val *object, const struct column *columns);
void output_json(struct cli *cli, yyjson_mut_val *value);
void output_text(struct cli *cli, const char *text); /* with --json: {"text": …} */
void output_tasks(struct cli *cli, yyjson_mut_val *ended);
/* "1,204" */
enum { OUTPUT_NUMBER_BYTES = 32 };
const char *output_thousands(int64_t value, char text[OUTPUT_NUMBER_BYTES]);

/* ---- help: appended to `into` ---- */
enum { HELP_MAX_BYTES = 1024 * 1024 };
void help_command(const struct command *command, struct buffer *into);
void help_overview(const struct cli_environment *environment, struct buffer *into);
/* A command, a group of commands or a topic; false when there is no such thing. */
bool help_topic(const struct cli_environment *environment, const char *topic, struct buffer *into);
MUST_CHECK bool help_markdown(const struct cli_environment *environment, struct buffer *into,
                              struct error *err);

/* All commands: the table's and the environment's, by a function called for each until it returns false. */
typedef bool command_visitor(void *state, const struct command *command);
void commands_visit(const struct cli_environment *environment, command_visitor *visit, void *state);
/* The command of that name; NULL: none. *ret_is_group, when not NULL: names of commands begin with it. */
const struct command *command_find(const struct cli_environment *environment, const char *name,
                                   bool *ret_is_group);
const char *command_summary(const struct command *command);
const struct param_spec *command_params(const struct command *command);

#endif
