/* SPDX-License-Identifier: Apache-2.0 */
/* What help, generated documents, man pages and completion say of commands and options. */
#ifndef CLI_HELP_PARTS_H
#define CLI_HELP_PARTS_H

#include "cli/cli.h"
#include "cli/options.h"

enum { OPTION_TEXT_BYTES = 128 };

/* "--accept-partial", "--top N|P%", of an argument "SERVICE" */
void help_option_text(const struct param_spec *spec, char text[OPTION_TEXT_BYTES]);
void help_global_text(const struct global_option *option, char text[OPTION_TEXT_BYTES]);
/* " [100]", " (required)", or "" */
void help_default_text(const struct param_spec *spec, char text[OPTION_TEXT_BYTES]);
/* The command sets it itself. */
bool help_is_fixed(const struct command *command, const struct param_spec *spec);
/* "trommel service show SERVICE [options]" */
void help_usage(const struct command *command, struct buffer *into);

struct help_topic {
    const char *name; /* NULL ends the table */
    void (*write)(struct buffer *into);
};
extern const struct help_topic help_topics[];
void help_exit_codes(struct buffer *into);
void help_environment(struct buffer *into);
void help_formatting(struct buffer *into);

#endif
