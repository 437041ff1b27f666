/* SPDX-License-Identifier: Apache-2.0 */
/* Config: the settings of the program, one table; each comes from the environment, a settings file, or its
 * default. */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "base/arena.h"
#include "base/error.h"

enum { CONFIG_LINE_MAX_BYTES = 8192, CONFIG_SETTINGS = 9 };

struct api_setting; /* api/api.h */
struct config {
    const char *data;  /* folder with database, models and records */
    const char *share; /* folder with the demo's files */
    const char *log_level;
    const char *project;                /* name or id: what commands work in; NULL: the default one */
    const char *roots;                  /* folders that paths must lie in, ':' between; NULL: not confined */
    const char *check_replies;          /* "1": replies that are not of their shape are errors */
    const char *data_origin;            /* where `data` was said, for messages */
    const char *server, *server_origin; /* URL of the server that commands ask; NULL: none */
    const char *cacert;                 /* whom to trust for it, PEM; NULL: whom the system trusts */
    const char *origins[CONFIG_SETTINGS]; /* of each, in the order of their names */
    const char *database; /* URL; NULL: a SQLite file in the data folder. May hold a password. */
};

/* Reads the settings: environment over $XDG_CONFIG_HOME/trommel/config over /etc/trommel/config over
 * defaults. ERR_INVALID names file and line. Texts live in the arena. */
MUST_CHECK bool config_load(struct arena *arena, struct config *ret, struct error *err);
/* Every setting with its value and origin, ended by a NULL name. */
MUST_CHECK bool config_list(struct arena *arena, const struct config *config, const struct api_setting **ret,
                            struct error *err);

#endif
