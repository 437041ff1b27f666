/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

char *path_join(struct arena *arena, const char *folder, const char *name)
{
    size_t folder_bytes = strlen(folder);
    bool has_slash = folder_bytes > 0 && folder[folder_bytes - 1] == '/';
    return arena_printf(arena, "%s%s%s", folder, has_slash || folder_bytes == 0 ? "" : "/", name);
}

const char *path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *path_folder(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return arena_text(arena, ".");
    return arena_text_n(arena, path, slash == path ? 1 : (size_t)(slash - path));
}

const char *path_suffix(const char *path)
{
    const char *base = path_base(path), *dot = strrchr(base, '.');
    return dot && dot != base ? dot : "";
}

/* Rewrites an absolute path in place without ".", ".." and double slashes. */
static void clean(char *path)
{
    size_t used = 0;
    for (const char *at = path; *at;) {
        while (*at == '/')
            at++;
        size_t part = strcspn(at, "/");
        if (part == 2 && at[0] == '.' && at[1] == '.') {
            while (used > 0 && path[--used] != '/')
                ;
        } else if (part > 0 && !(part == 1 && at[0] == '.')) {
            path[used++] = '/';
            memmove(path + used, at, part);
            used += part;
        }
        at += part;
    }
    if (used == 0)
        path[used++] = '/';
    path[used] = '\0';
}

bool path_absolute(struct arena *arena, const char *path, char **ret, struct error *err)
{
    char here[PATH_MAX_BYTES];
    if (path[0] == '\0')
        return error_set(err, ERR_INVALID, "the path is empty");
    if (strlen(path) >= PATH_MAX_BYTES)
        return error_set(err, ERR_INVALID, "the path is longer than %d bytes", PATH_MAX_BYTES - 1);
    if (path[0] != '/' && !getcwd(here, sizeof(here)))
        return error_set_errno(err, errno, "the current folder");
    char *full = path[0] == '/' ? arena_text(arena, path) : path_join(arena, here, path);
    if (!full)
        return error_no_memory(err);
    clean(full);
    if (strlen(full) >= PATH_MAX_BYTES)
        return error_set(err, ERR_INVALID, "the path is longer than %d bytes", PATH_MAX_BYTES - 1);
    *ret = full;
    return true;
}

bool path_is_below(const char *path, const char *folder)
{
    size_t bytes = strlen(folder);
    if (strncmp(path, folder, bytes) != 0)
        return false;
    return path[bytes] == '\0' || path[bytes] == '/' || (bytes > 0 && folder[bytes - 1] == '/');
}

bool path_check_key(const char *key, struct error *err)
{
    if (key[0] == '\0' || key[0] == '/')
        return error_set(err, ERR_INVALID, "'%.100s' is not a relative name", key);
    if (strlen(key) >= PATH_MAX_BYTES)
        return error_set(err, ERR_INVALID, "the name is longer than %d bytes", PATH_MAX_BYTES - 1);
    for (const char *at = key; at;) {
        size_t part = strcspn(at, "/");
        bool is_dots = (part == 1 && at[0] == '.') || (part == 2 && at[0] == '.' && at[1] == '.');
        if (part == 0 || is_dots)
            return error_set(err, ERR_INVALID, "'%.100s' holds an empty, '.' or '..' part", key);
        at = at[part] ? at + part + 1 : NULL;
    }
    return true;
}
