/* SPDX-License-Identifier: Apache-2.0 */
/* Options: one command line into a request, by getopt_long on a table made of the command's params and the
 * global options. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/cli.h"

enum options_outcome { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_BAD };

/* argv[0] is the last word of the command's name. Fills cli->request, or cli->params for a command without
 * route. */
enum options_outcome options_parse(struct cli *cli, int argc, char **argv, struct error *err);

/* How many words of the command line stand before the command's name: options of every command. */
int options_before_command(int argc, char **argv);
/* Whether errors are to be JSON: known before the options are parsed, whose errors it is about. */
bool options_want_json(int argc, char **argv);

/* Options that every command has; for help and docs. NULL-ended. */
struct global_option {
    const char *name, *value_name, *help;
    char letter; /* 0: none */
};
extern const struct global_option global_options[];

#endif
