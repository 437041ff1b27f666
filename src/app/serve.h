/* SPDX-License-Identifier: Apache-2.0 */
/* Serve: the command that runs the HTTP server, and starts processes of this program for its tasks. */
#ifndef APP_SERVE_H
#define APP_SERVE_H

#include "cli/cli.h"

extern const struct command serve_commands[]; /* ends with a NULL name */

/* Serves what `cli` has open to whoever is at this machine, without sign-in, at a free port, until it is told
 * to stop; says the address of `page` ("/ui/…") and, if wanted, opens a browser there. Returns the exit
 * code. */
int serve_here(struct cli *cli, const char *roots, const char *page, bool with_browser);

#endif
