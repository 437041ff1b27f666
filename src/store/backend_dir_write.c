/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new version is written to a temporary file beside the old one and takes its name at the end. The
 * temporary name holds the name of the process that writes, so that what a dead one left behind can be told
 * and removed.
 */
#include "base/clock.h"
#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"
#include "store/backend_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TEMP_ELSEWHERE_MAX_MS = 24 * 60 * 60 * 1000 };
static const char temp_mark = '~'; /* between the process and the random characters; in neither of them */

static bool fail_write(const struct dir *dir, int error_number, const char *key, struct error *err)
{
    if (error_number == EISDIR || error_number == ENOTDIR || error_number == EEXIST)
        return error_set(
            err, ERR_CONFLICT,
            "cannot write '%.150s' in '%.100s': a folder has that name, or a file has the name of one "
            "of its folders",
            key, dir->place);
    return dir_fail(dir, error_number, "write", key, err);
}

/* Makes the folders above `key` that are missing. */
static bool make_folders(const struct dir *dir, const char *key, struct error *err)
{
    char folder[PATH_MAX_BYTES];
    for (const char *slash = strchr(key, '/'); slash; slash = strchr(slash + 1, '/')) {
        const char *name = NULL;
        (void)snprintf(folder, sizeof(folder), "%.*s", (int)(slash - key), key);
        int parent = dir_open_folder_of(dir, folder, O_RDONLY, &name);
        if (parent < 0)
            return fail_write(dir, errno, key, err);
        bool is_made = mkdirat(parent, name, 0777) == 0;
        int problem = is_made || errno == EEXIST ? 0 : errno;
        if (is_made && fsync(parent) != 0)
            problem = errno;
        (void)close(parent);
        if (problem != 0)
            return fail_write(dir, problem, key, err);
    }
    return true;
}

/* Tells once per folder. When the list is full it starts again: folders are searched again, nothing worse. */
static bool is_first_write_here(struct dir *dir, int folder)
{
    struct stat stat;
    bool is_first = true;
    if (fstat(folder, &stat) != 0)
        return false;
    (void)pthread_mutex_lock(&dir->lock);
    for (size_t i = 0; i < dir->swept_count && is_first; i++)
        is_first = dir->swept[i].device != stat.st_dev || dir->swept[i].inode != stat.st_ino;
    if (is_first) {
        dir->swept_count = dir->swept_count == DIR_SWEPT_MAX ? 0 : dir->swept_count;
        dir->swept[dir->swept_count++] = (struct dir_swept){stat.st_dev, stat.st_ino};
    }
    (void)pthread_mutex_unlock(&dir->lock);
    return is_first;
}

static bool is_stale(int folder, const char *name)
{
    char process[DIR_TEMP_NAME_BYTES];
    struct stat stat;
    if (!text_starts_with(name, STORE_RESERVED_PREFIX) ||
        !text_copy(process, sizeof(process), name + strlen(STORE_RESERVED_PREFIX)))
        return false;
    char *mark = strchr(process, temp_mark);
    if (mark)
        *mark = '\0';
    switch (process_look(process)) {
    case PROCESS_ALIVE:
        return false;
    case PROCESS_DEAD:
        return true;
    case PROCESS_ELSEWHERE:
        break;
    }
    return fstatat(folder, name, &stat, AT_SYMLINK_NOFOLLOW) == 0 &&
           dir_stat_of(&stat).modified_ms < clock_now_ms() - TEMP_ELSEWHERE_MAX_MS;
}

/* Removes what dead writers left here. Nobody needs to know when that fails: listing leaves these files out.
 */
static void sweep(int folder)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = copy < 0 ? NULL : fdopendir(copy);
    if (!entries) {
        if (copy >= 0)
            (void)close(copy);
        return;
    }
    const struct dirent *entry = NULL;
    while ((entry = readdir(entries))) /* NOLINT(concurrency-mt-unsafe): the stream is ours alone */
        if (is_stale(folder, entry->d_name))
            (void)unlinkat(folder, entry->d_name, 0);
    (void)closedir(entries);
}

bool dir_write_start(void *state, const char *key, void *writer_state, struct error *err)
{
    struct dir *dir = state;
    struct dir_writer *writer = writer_state;
    char random[HASH_HEX_BYTES];
    *writer = (struct dir_writer){.dir = dir, .key = key, .folder = -1, .file = -1};
    writer->folder = dir_open_folder_of(dir, key, O_RDONLY, &writer->name);
    if (writer->folder < 0 && errno == ENOENT) {
        if (!make_folders(dir, key, err))
            return false;
        writer->folder = dir_open_folder_of(dir, key, O_RDONLY, &writer->name);
    }
    if (writer->folder < 0)
        return fail_write(dir, errno, key, err);
    if (is_first_write_here(dir, writer->folder))
        sweep(writer->folder);

    id_random_hex(random); /* one system call; id_random makes one per character */
    (void)snprintf(writer->temp_name, sizeof(writer->temp_name), STORE_RESERVED_PREFIX "%s%c%s", dir->process,
                   temp_mark, random);
    writer->file = openat(writer->folder, writer->temp_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    writer->has_temp = writer->file >= 0;
    return writer->has_temp || fail_write(dir, errno, key, err);
}

bool dir_write_add(void *writer_state, struct bytes piece, struct error *err)
{
    struct dir_writer *writer = writer_state;
    const char *data = piece.data;
    for (size_t done = 0; done < piece.size;) {
        ssize_t wrote = write(writer->file, data + done, piece.size - done);
        if (wrote < 0 && errno != EINTR)
            return fail_write(writer->dir, errno, writer->key, err);
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    return true;
}

bool dir_write_finish(void *writer_state, bool is_durable, struct error *err)
{
    struct dir_writer *writer = writer_state;
    if (is_durable && fsync(writer->file) != 0)
        return fail_write(writer->dir, errno, writer->key, err);
    int closed = close(writer->file);
    writer->file = -1;
    if (closed != 0 || renameat(writer->folder, writer->temp_name, writer->folder, writer->name) != 0)
        return fail_write(writer->dir, errno, writer->key, err);
    writer->has_temp = false;
    if (is_durable && fsync(writer->folder) != 0) {
        (void)fail_write(writer->dir, errno, writer->key, err);
        err->code = ERR_UNCERTAIN;
        return false;
    }
    return true;
}

void dir_write_end(void *writer_state)
{
    struct dir_writer *writer = writer_state;
    if (!writer->dir)
        return;
    if (writer->file >= 0)
        (void)close(writer->file);
    if (writer->has_temp)
        (void)unlinkat(writer->folder, writer->temp_name, 0);
    if (writer->folder >= 0)
        (void)close(writer->folder);
}
