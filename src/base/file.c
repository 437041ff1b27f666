/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_exists(const struct roots *roots, const char *path)
{
    struct stat stat_of_file;
    int file = roots_open(roots, path, O_PATH);
    bool is_there = file >= 0 && fstat(file, &stat_of_file) == 0 && S_ISREG(stat_of_file.st_mode);
    if (file >= 0)
        (void)close(file);
    return is_there;
}

static bool check_size(int file, const char *path, const struct buffer *into, size_t *ret, struct error *err)
{
    struct stat stat_of_file;
    if (fstat(file, &stat_of_file) != 0)
        return error_set_errno(err, errno, "cannot read %s", path);
    if (!S_ISREG(stat_of_file.st_mode))
        return error_set(err, ERR_INVALID, "%s is not a regular file", path);
    if ((uint64_t)stat_of_file.st_size > into->limit)
        return error_set(err, ERR_LIMIT, "%s has %lld bytes; at most %zu are accepted", path,
                         (long long)stat_of_file.st_size, into->limit);
    *ret = (size_t)stat_of_file.st_size;
    return true;
}

/* The file may change while it is read: it ends where it ends, or at the limit. */
static bool read_all(int file, const char *path, size_t size, struct buffer *into, struct error *err)
{
    buffer_clear(into);
    if (!buffer_reserve(into, size))
        return error_no_memory(err);
    for (;;) {
        /* A full buffer is no reason to stop before the end has been seen. */
        char extra = 0;
        size_t room = into->capacity - into->size;
        ssize_t got = read(file, room > 0 ? into->data + into->size : &extra, room > 0 ? room : 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set_errno(err, errno, "cannot read %s", path);
        if (got == 0)
            return true;
        if (room == 0 && !buffer_add(into, &extra, 1))
            return buffer_check(into, path, err);
        if (room > 0)
            into->size += (size_t)got;
        into->data[into->size] = '\0';
    }
}

bool file_read(const char *path, struct buffer *into, struct error *err)
{
    return file_read_within(NULL, path, into, err);
}

bool file_read_within(const struct roots *roots, const char *path, struct buffer *into, struct error *err)
{
    if (!roots_check(roots, path, err))
        return false;
    /* NONBLOCK: opening a named pipe must not wait for its other end. */
    int file = roots_open(roots, path, O_RDONLY | O_NONBLOCK);
    if (file < 0 && errno == EXDEV)
        return error_set(err, ERR_DENIED, "cannot open %s: a symbolic link leads out of the roots", path);
    if (file < 0)
        return error_set_errno(err, errno, "cannot open %s", path);
    size_t size = 0;
    bool is_read = check_size(file, path, into, &size, err) && read_all(file, path, size, into, err);
    (void)close(file);
    return is_read;
}
