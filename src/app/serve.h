/* SPDX-License-Identifier: Apache-2.0 */
/* Serve: the command that runs the HTTP server, and starts processes of this program for its tasks. */
#ifndef APP_SERVE_H
#define APP_SERVE_H

#include "cli/cli.h"

extern const struct command serve_commands[]; /* ends with a NULL name */

#endif
