/* SPDX-License-Identifier: Apache-2.0 */
#include "app/config.h"

#include "base/path.h"
#include "cli/cli.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct setting {
    const char *name, *environment, *help;
    size_t offset;
    bool is_secret;
};
static const struct setting settings[] = {
    {"cacert", "TROMMEL_CACERT", "who signs the server's certificate, PEM", offsetof(struct config, cacert)},
    {"check_replies", "TROMMEL_CHECK_REPLIES", "1: replies are checked, for tests",
     offsetof(struct config, check_replies)},
    {"data", "TROMMEL_DATA", "folder with database, models and records", offsetof(struct config, data)},
    {"database", "TROMMEL_DATABASE", "URL of the database, when it is not a file in the data folder",
     offsetof(struct config, database), true},
    {"log_level", "TROMMEL_LOG_LEVEL", "error, warning, info or debug", offsetof(struct config, log_level)},
    {"project", "TROMMEL_PROJECT", "project that commands work in, by name or id",
     offsetof(struct config, project)},
    {"roots", "TROMMEL_ROOTS", "folders that paths may lie in, with : between them",
     offsetof(struct config, roots)},
    {"server", "TROMMEL_URL", "URL of the server that commands ask", offsetof(struct config, server)},
    {"share", "TROMMEL_SHARE", "folder with the demo's files", offsetof(struct config, share)},
};
enum { SETTING_COUNT = sizeof(settings) / sizeof(settings[0]) };
_Static_assert((int)SETTING_COUNT == (int)CONFIG_SETTINGS, "a place for the origin of each");

static const char **field_of(struct config *config, const struct setting *setting)
{
    return (const char **)(void *)((char *)config + setting->offset);
}

static char *trim(char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t bytes = strlen(text);
    while (bytes > 0 && isspace((unsigned char)text[bytes - 1]))
        text[--bytes] = '\0';
    return text;
}

/* Settings said earlier win: files are read from the nearest to the farthest. */
static bool take(struct config *config, const char *name, const char *value, const char *origin,
                 struct arena *arena)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (strcmp(settings[i].name, name) != 0)
            continue;
        const char **field = field_of(config, &settings[i]);
        if (*field != NULL)
            return true;
        *field = arena_text(arena, value);
        config->origins[i] = arena_text(arena, origin);
        if (field == &config->data)
            config->data_origin = config->origins[i];
        if (field == &config->server)
            config->server_origin = config->origins[i];
        return true;
    }
    return false;
}

static bool take_line(struct config *config, char *line, const char *path, unsigned number,
                      struct arena *arena, struct error *err)
{
    char *text = trim(line);
    if (text[0] == '\0' || text[0] == '#')
        return true;
    char *equals = strchr(text, '=');
    if (!equals)
        return error_set(err, ERR_INVALID, "%s line %u: expected key = value", path, number);
    *equals = '\0';
    char *name = trim(text);
    if (take(config, name, trim(equals + 1), path, arena))
        return true;
    return error_set(err, ERR_INVALID, "%s line %u: there is no setting '%.60s'", path, number, name);
}

static bool read_file(struct config *config, const char *path, struct arena *arena, struct error *err)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return errno == ENOENT || errno == ENOTDIR || error_set_errno(err, errno, "open %s", path);
    char *line = arena_alloc(arena, CONFIG_LINE_MAX_BYTES);
    bool is_ok = line || error_no_memory(err);
    for (unsigned number = 1; is_ok && fgets(line, CONFIG_LINE_MAX_BYTES, file); number++)
        is_ok = take_line(config, line, path, number, arena, err);
    (void)fclose(file);
    return is_ok;
}

static bool read_files(struct config *config, struct arena *arena, struct error *err)
{
    const char *home = secure_getenv("HOME"), *xdg = secure_getenv("XDG_CONFIG_HOME");
    char *own = xdg && xdg[0]     ? path_join(arena, xdg, "trommel/config")
                : home && home[0] ? path_join(arena, home, ".config/trommel/config")
                                  : NULL;
    return (!own || read_file(config, own, arena, err)) &&
           read_file(config, "/etc/trommel/config", arena, err);
}

static bool default_data(struct config *config, struct arena *arena, struct error *err)
{
    const char *home = secure_getenv("HOME"), *xdg = secure_getenv("XDG_DATA_HOME");
    config->data_origin = "default";
    if (xdg && xdg[0])
        config->data = path_join(arena, xdg, "trommel");
    else if (home && home[0])
        config->data = path_join(arena, home, ".local/share/trommel");
    else
        return error_set(err, ERR_INVALID, "no data folder: set HOME or TROMMEL_DATA, or give --data DIR");
    return config->data || error_no_memory(err);
}

bool config_load(struct arena *arena, struct config *ret, struct error *err)
{
    struct config config = {0};
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const char *value = secure_getenv(settings[i].environment);
        if (value && value[0] && !take(&config, settings[i].name, value, settings[i].environment, arena))
            return error_no_memory(err);
    }
    if (!read_files(&config, arena, err) || (!config.data && !default_data(&config, arena, err)))
        return false;
    *ret = config;
    return true;
}

bool config_list(struct arena *arena, const struct config *config, const struct api_setting **ret,
                 struct error *err)
{
    struct config copy = *config;
    struct api_setting *list = arena_array(arena, SETTING_COUNT + 1, sizeof(*list));
    for (size_t i = 0; list && i < SETTING_COUNT; i++) {
        const char *value = *field_of(&copy, &settings[i]);
        list[i] = (struct api_setting){.name = settings[i].name,
                                       .environment = settings[i].environment,
                                       .help = settings[i].help,
                                       .value = value,
                                       .origin = config->origins[i] ? config->origins[i]
                                                 : value            ? "default"
                                                                    : NULL,
                                       .is_secret = settings[i].is_secret};
    }
    *ret = list;
    return list || error_no_memory(err);
}
