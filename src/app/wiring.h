/* SPDX-License-Identifier: Apache-2.0 */
/* Wiring: the only place that puts database, store and API together. */
#ifndef APP_WIRING_H
#define APP_WIRING_H

#include "api/api.h"
#include "app/config.h"

struct wiring {
    const char *program;      /* path of this program */
    const char *roots_text;   /* as the settings have it; NULL: not confined */
    const char *database;     /* URL; NULL: a file in the data folder */
    const char *share_folder; /* demo files: beside the installed program, or in the source tree */
    struct arena *arena;      /* ends with the program */
    struct roots roots;       /* of what was opened last */
    char data_folder[4096];
    bool checks_replies;
};
/* Finds the program's own path and its share folder. */
MUST_CHECK bool wiring_paths(struct arena *arena, const struct config *config, struct wiring *ret,
                             struct error *err);
/* Opens the data folder, making it when it is not there, and brings its database up to date. */
bool wiring_open(void *state, const char *data_folder, struct api *ret, struct error *err);
/* The same with a database of the folder's own, whatever the settings say. */
bool wiring_open_apart(void *state, const char *data_folder, struct api *ret, struct error *err);
void wiring_close(void *state, struct api *api);

#endif
