/* SPDX-License-Identifier: Apache-2.0 */
/* Objects as files below a folder. */
#include "store/backend_dir.h"

#include "base/beneath.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct dir_reader {
    const struct dir *dir;
    const char *key;
    int file;
};

bool dir_fail(const struct dir *dir, int error_number, const char *what, const char *key, struct error *err)
{
    if (error_number == EXDEV || error_number == ELOOP)
        return error_set(err, ERR_DENIED,
                         "cannot %s '%.150s': a symbolic link leads out of '%.100s', or in circles", what,
                         key, dir->place);
    return error_set_errno(err, error_number, "cannot %s '%.150s' in '%.100s'", what, key, dir->place);
}

struct store_stat dir_stat_of(const struct stat *stat)
{
    return (struct store_stat){.bytes = (uint64_t)stat->st_size,
                               .modified_ms =
                                   (int64_t)stat->st_mtim.tv_sec * 1000 + stat->st_mtim.tv_nsec / 1000000};
}

/* Makes what is missing of the place, part by part. */
static int make_root(const char *place)
{
    char path[PATH_MAX_BYTES];
    for (const char *slash = strchr(place + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        (void)snprintf(path, sizeof(path), "%.*s", (int)(slash - place), place);
        if (mkdir(path, 0777) != 0 && errno != EEXIST && access(path, F_OK) != 0)
            return errno;
    }
    return mkdir(place, 0777) == 0 || errno == EEXIST ? 0 : errno;
}

/* The same inside roots, which are there: each part is made in the folder that was opened in them. */
static int make_within(const struct store_place *place)
{
    char path[PATH_MAX_BYTES];
    for (const char *slash = strchr(place->path + 1, '/'); slash;
         slash = slash[0] ? strchr(slash + 1, '/') : NULL) {
        const char *end = strchr(slash + 1, '/');
        size_t bytes = end ? (size_t)(end - place->path) : strlen(place->path);
        (void)snprintf(path, sizeof(path), "%.*s", (int)(slash - place->path), place->path);
        int folder = roots_open(place->roots, path, O_PATH | O_DIRECTORY);
        (void)snprintf(path, sizeof(path), "%.*s", (int)(bytes - (size_t)(slash + 1 - place->path)),
                       slash + 1);
        int problem = folder < 0 || mkdirat(folder, path, 0777) == 0 ? 0 : errno;
        if (folder >= 0)
            (void)close(folder);
        if (problem != 0 && problem != EEXIST)
            return problem;
    }
    return 0;
}

static bool open_root(struct dir *dir, const struct store_place *place, bool create, struct error *err)
{
    dir->place = place->path;
    dir->roots = place->roots;
    dir->root = -1;
    (void)process_name(dir->process);
    int problem = pthread_mutex_init(&dir->lock, NULL);
    if (problem != 0)
        return error_set_errno(err, problem, "folder '%.250s'", place->path);
    if (place->roots && roots_hold_below(place->roots, place->path))
        return true;
    if (!roots_check(place->roots, place->path, err))
        return false;
    if (create)
        problem = place->roots ? make_within(place) : make_root(place->path);
    if (problem == 0) {
        dir->root = roots_open(place->roots, place->path, O_RDONLY | O_DIRECTORY);
        problem = dir->root < 0 ? errno : 0;
    }
    return problem == 0 || (problem == EXDEV && dir_fail(dir, problem, "open", "", err)) ||
           (problem != EXDEV && error_set_errno(err, problem, "folder '%.250s'", place->path));
}

static bool dir_open(void *state, const struct store_place *place, bool create, struct error *err)
{
    struct dir *dir = state;
    if (!open_root(dir, place, create, err))
        return false;
    dir->has_openat2 = dir->root >= 0 && beneath_has_openat2(dir->root);
    return true;
}

static bool dir_open_walking(void *state, const struct store_place *place, bool create, struct error *err)
{
    return open_root(state, place, create, err);
}

static void dir_close(void *state)
{
    struct dir *dir = state;
    if (dir->root >= 0)
        (void)close(dir->root);
    (void)pthread_mutex_destroy(&dir->lock);
}

/* Opens a regular file; a pipe must not make us wait. */
static int open_object(const struct dir *dir, const char *key, int flags, struct stat *ret)
{
    int file = dir_open_path(dir, key, flags);
    if (file < 0)
        return -1;
    int problem = fstat(file, ret) != 0 ? errno : S_ISREG(ret->st_mode) ? 0 : ENOENT;
    if (problem == 0)
        return file;
    (void)close(file);
    errno = problem;
    return -1;
}

static bool dir_stat(void *state, const char *key, struct store_stat *ret, struct error *err)
{
    const struct dir *dir = state;
    struct stat stat;
    int file = open_object(dir, key, O_PATH, &stat);
    if (file < 0)
        return dir_fail(dir, errno, "find", key, err);
    (void)close(file);
    *ret = dir_stat_of(&stat);
    return true;
}

static bool dir_read_start(void *state, const char *key, void *reader_state, uint64_t *ret_bytes,
                           struct error *err)
{
    struct dir_reader *reader = reader_state;
    struct stat stat;
    *reader = (struct dir_reader){.dir = state, .key = key};
    reader->file = open_object(reader->dir, key, O_RDONLY | O_NONBLOCK, &stat);
    if (reader->file < 0)
        return dir_fail(reader->dir, errno, "read", key, err);
    *ret_bytes = (uint64_t)stat.st_size;
    return true;
}

static bool dir_read_some(void *reader_state, void *into, size_t capacity, size_t *ret_bytes,
                          struct error *err)
{
    const struct dir_reader *reader = reader_state;
    ssize_t got = -1;
    do
        got = read(reader->file, into, capacity);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return dir_fail(reader->dir, errno, "read", reader->key, err);
    *ret_bytes = (size_t)got;
    return true;
}

static void dir_read_end(void *reader_state)
{
    const struct dir_reader *reader = reader_state;
    if (reader->dir && reader->file >= 0)
        (void)close(reader->file);
}

static bool dir_map(void *state, const char *key, struct bytes *ret, struct error *err)
{
    const struct dir *dir = state;
    struct stat stat;
    int file = open_object(dir, key, O_RDONLY | O_NONBLOCK, &stat);
    if (file < 0)
        return dir_fail(dir, errno, "read", key, err);
    size_t bytes = (size_t)stat.st_size;
    void *memory = bytes == 0 ? NULL : mmap(NULL, bytes, PROT_READ, MAP_SHARED, file, 0);
    int problem = memory == MAP_FAILED ? errno : 0;
    (void)close(file);
    if (problem != 0)
        return dir_fail(dir, problem, "map", key, err);
    *ret = (struct bytes){memory, bytes};
    return true;
}

static bool dir_remove(void *state, const char *key, struct error *err)
{
    const struct dir *dir = state;
    const char *name = NULL;
    int folder = dir_open_folder_of(dir, key, O_PATH, &name), problem = 0;
    if (folder < 0 || unlinkat(folder, name, 0) != 0)
        problem = errno;
    if (folder >= 0)
        (void)close(folder);
    bool was_none = problem == ENOENT || problem == ENOTDIR || problem == EISDIR;
    return problem == 0 || was_none || dir_fail(dir, problem, "delete", key, err);
}

static bool dir_flush(void *state, struct error *err)
{
    const struct dir *dir = state;
    return dir->root < 0 || syncfs(dir->root) == 0 || dir_fail(dir, errno, "flush", "", err);
}

#define DIR_BACKEND(open_function)                                                                           \
    {                                                                                                        \
        .scheme = "file", .state_bytes = sizeof(struct dir), .reader_bytes = sizeof(struct dir_reader),      \
        .writer_bytes = sizeof(struct dir_writer), .open = (open_function), .close = dir_close,              \
        .stat = dir_stat, .read_start = dir_read_start, .read_some = dir_read_some,                          \
        .read_end = dir_read_end, .write_start = dir_write_start, .write_add = dir_write_add,                \
        .write_finish = dir_write_finish, .write_end = dir_write_end, .remove = dir_remove,                  \
        .list = dir_list, .flush = dir_flush, .remove_below = dir_remove_below, .map = dir_map,              \
    }

const struct store_backend store_backend_dir = DIR_BACKEND(dir_open);
const struct store_backend store_backend_dir_walking = DIR_BACKEND(dir_open_walking);
