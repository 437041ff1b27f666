/* SPDX-License-Identifier: Apache-2.0 */
#include "base/beneath.h"
#include "base/path.h"
#include "store/backend_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool dir_admits(const struct dir *dir, int file)
{
    if (roots_admit(dir->roots, file))
        return true;
    errno = EXDEV;
    return false;
}

/* Of a store whose place is above the roots. */
static int open_in_roots(const struct dir *dir, const char *key, int flags)
{
    char path[PATH_MAX_BYTES];
    if (snprintf(path, sizeof(path), "%s%s%s", dir->place, strcmp(dir->place, "/") == 0 ? "" : "/", key) >=
        (int)sizeof(path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return roots_open(dir->roots, path, flags);
}

int dir_open_path(const struct dir *dir, const char *key, int flags)
{
    if (dir->root < 0)
        return open_in_roots(dir, key, flags);
    int file = beneath_open(dir->root, key, flags, dir->has_openat2);
    if (file < 0 || dir_admits(dir, file))
        return file;
    (void)close(file);
    errno = EXDEV;
    return -1;
}

int dir_open_folder_of(const struct dir *dir, const char *key, int flags, const char **ret_name)
{
    char folder[PATH_MAX_BYTES];
    const char *slash = strrchr(key, '/');
    *ret_name = slash ? slash + 1 : key;
    (void)snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - key) : 0, key);
    return dir_open_path(dir, folder, flags | O_DIRECTORY);
}
