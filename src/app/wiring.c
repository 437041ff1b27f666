/* SPDX-License-Identifier: Apache-2.0 */
#include "app/wiring.h"

#include "base/path.h"
#include "base/text.h"
#include "demo/demo.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WIRING_ARENA_BYTES = 4 * PATH_MAX_BYTES };

bool wiring_paths(struct arena *arena, const struct config *config, struct wiring *ret, struct error *err)
{
    char path[PATH_MAX_BYTES];
    ssize_t bytes = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (bytes < 0)
        return error_set_errno(err, errno, "find this program's own path");
    ret->program = arena_text_n(arena, path, (size_t)bytes);
    ret->share_folder = config->share;
    ret->arena = arena;
    ret->roots_text = config->roots;
    ret->database = config->database;
    ret->checks_replies = config->check_replies && strcmp(config->check_replies, "1") == 0;
    if (!ret->program)
        return error_no_memory(err);
    if (ret->share_folder)
        return true;
    /* Built in SOURCE/build, the files are in SOURCE; installed in PREFIX/bin, they are in
     * PREFIX/share/trommel. */
    static const char *const places[] = {"..", "../share/trommel"};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        char *folder = arena_printf(arena, "%s/%s", path_folder(arena, ret->program), places[i]);
        char *model = folder ? path_join(arena, folder, "demo/garments.onnx") : NULL;
        if (!model)
            return error_no_memory(err);
        if (access(model, R_OK) == 0)
            ret->share_folder = folder;
    }
    return true;
}

static bool make_folders(const char *folder, struct error *err)
{
    char path[PATH_MAX_BYTES];
    if (!text_copy(path, sizeof(path), folder))
        return error_set(err, ERR_INVALID, "the data folder's path is too long");
    for (char *at = path + 1;; at++) {
        if (*at != '/' && *at != '\0')
            continue;
        char end = *at;
        *at = '\0';
        if (mkdir(path, 0755) != 0 && errno != EEXIST)
            return error_set_errno(err, errno, "make the data folder %s", path);
        if (end == '\0')
            return true;
        *at = end;
    }
}

static bool open_database(const char *url, const char *folder, struct db **ret, struct error *err)
{
    static const char scheme[] = "sqlite:";
    char file_url[PATH_MAX_BYTES + 32];
    (void)snprintf(file_url, sizeof(file_url), "%s%s/trommel.db", scheme, folder);
    const char *file = file_url + strlen(scheme);
    if (url && !text_starts_with(url, scheme) && access(file, F_OK) == 0)
        return error_set(
            err, ERR_CONFLICT,
            "%s is the database of this data folder already: choose another folder with --data, or "
            "move the file away to begin anew",
            file);
    if (!db_open(url ? url : file_url, ret, err))
        return false;
    if (db_migrate(*ret, err))
        return true;
    *ret = db_free(*ret);
    return false;
}

static bool open_folder(struct wiring *wiring, const char *data_folder, const char *database, struct api *ret,
                        struct error *err)
{
    AUTO(arena) arena = arena_new(WIRING_ARENA_BYTES);
    struct api api = {0};
    char *folder = NULL;
    if (!arena)
        return error_no_memory(err);
    if (!path_absolute(arena, data_folder, &folder, err))
        return error_wrap(err, "the data folder");
    if (!text_is_utf8(folder, strlen(folder)))
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                "the data folder '%s' is not valid UTF-8, as its path in replies must be",
                                folder);
    if (!make_folders(folder, err))
        return error_wrap(err, "the data folder");
    if (!text_copy(wiring->data_folder, sizeof(wiring->data_folder), folder))
        return error_set(err, ERR_INVALID, "the data folder's path is too long");
    char *objects = path_join(arena, folder, "store");
    if (!objects)
        return error_no_memory(err);
    if (!store_open(objects, true, &api.data, err))
        return error_wrap(err, "the data folder");
    if (!open_database(database, folder, &api.db, err)) {
        api.data = store_free(api.data);
        return error_wrap(err, database ? "the setting 'database'" : "the data folder");
    }
    api.data_folder = wiring->data_folder;
    api.checks_replies = wiring->checks_replies;
    api.demo = wiring->share_folder ? &task_load_demo : NULL;
    *ret = api;
    return true;
}

bool wiring_open(void *state, const char *data_folder, struct api *ret, struct error *err)
{
    struct wiring *wiring = state;
    if (!open_folder(wiring, data_folder, wiring->database, ret, err))
        return false;
    if (!wiring->roots_text)
        return true;
    ret->roots = &wiring->roots;
    if (roots_parse(wiring->roots_text, wiring->data_folder, wiring->arena, &wiring->roots, err))
        return true;
    wiring_close(wiring, ret);
    return error_wrap(err, "the setting 'roots'");
}

bool wiring_open_apart(void *state, const char *data_folder, struct api *ret, struct error *err)
{
    return open_folder(state, data_folder, NULL, ret, err);
}

void wiring_close(void *state, struct api *api)
{
    (void)state;
    api->db = db_free(api->db);
    api->data = store_free(api->data);
}
