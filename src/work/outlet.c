/* SPDX-License-Identifier: Apache-2.0 */
#include "work/outlet.h"

#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct outlet outlet_none(void)
{
    return (struct outlet){.file = -1};
}

static bool open_beside(const char *path, bool makes_folders, struct outlet *outlet, struct error *err)
{
    AUTO(arena) arena = arena_new((size_t)4 * PATH_MAX_BYTES);
    const char *folder = arena ? path_folder(arena, path) : NULL;
    if (!folder)
        return error_no_memory(err);
    return store_open(folder, makes_folders, &outlet->store, err) &&
           store_write_start(outlet->store, path_base(path), &outlet->writer, err);
}

bool outlet_open(const char *path, bool makes_folders, struct outlet *ret, struct error *err)
{
    struct stat stat_of;
    *ret = outlet_none();
    bool is_there = stat(path, &stat_of) == 0;
    if (is_there && S_ISDIR(stat_of.st_mode))
        return error_set(err, ERR_INVALID, "%s is a folder; give a file", path);
    if (!is_there || S_ISREG(stat_of.st_mode))
        return open_beside(path, makes_folders, ret, err);
    ret->file = open(path, O_WRONLY | O_CLOEXEC);
    return ret->file >= 0 || error_set_errno(err, errno, "open %s", path);
}

static bool write_all(int file, struct bytes piece, struct error *err)
{
    const char *at = piece.data;
    for (size_t left = piece.size; left > 0;) {
        ssize_t bytes = write(file, at, left);
        if (bytes < 0 && errno == EINTR)
            continue;
        if (bytes < 0)
            return error_set_errno(err, errno, "write the output");
        at += bytes;
        left -= (size_t)bytes;
    }
    return true;
}

bool outlet_write(struct outlet *outlet, struct bytes piece, struct error *err)
{
    return outlet->writer ? store_write_add(outlet->writer, piece, err) : write_all(outlet->file, piece, err);
}

bool outlet_finish(struct outlet *outlet, struct error *err)
{
    return !outlet->writer || store_write_finish(outlet->writer, err);
}

void outlet_release(struct outlet *outlet)
{
    outlet->writer = store_writer_free(outlet->writer);
    outlet->store = store_free(outlet->store);
    if (outlet->file >= 0)
        (void)close(outlet->file);
    outlet->file = -1;
}
