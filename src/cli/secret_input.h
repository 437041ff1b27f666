/* SPDX-License-Identifier: Apache-2.0 */
/* Secret input: passwords and the like come from a file or are asked on the terminal, never from the command
 * line, which other users of the machine can see, and not from the environment. */
#ifndef CLI_SECRET_INPUT_H
#define CLI_SECRET_INPUT_H

#include "base/arena.h"
#include "base/params.h"

enum { SECRET_INPUT_MAX_BYTES = 4096 };

/* The first line of the file; "-" is standard input. ERR_INVALID: it is empty. */
MUST_CHECK bool secret_input_read(const char *path, struct arena *arena, char **ret, struct error *err);
/* Asks twice, without showing what is typed. ERR_INVALID: there is no terminal, or the two differ. */
MUST_CHECK bool secret_input_ask(const struct param_spec *spec, struct arena *arena, char **ret,
                                 struct error *err);

#endif
