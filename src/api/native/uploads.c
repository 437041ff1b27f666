/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/uploads.h"

#include "base/path.h"
#include "base/text.h"
#include "work/work.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK_BYTES = 64 * 1024 };
static const char part_name[] = "~part"; /* no upload's name: see upload_check_name */

bool upload_check_name(const char *name, struct error *err)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t bytes = strlen(name);
    return (bytes > 0 && bytes <= UPLOAD_NAME_MAX_BYTES && name[0] != '.' &&
            strspn(name, allowed) == bytes) ||
           error_set_detail(
               err, DETAIL_INVALID_ARGUMENT,
               "the name of an upload has 1 to %d letters, digits, '.', '_' and '-', no dot first",
               UPLOAD_NAME_MAX_BYTES);
}

/* ---- folders ---- */

/* The folder at `path`, "a/b/c" below the data folder; -1 with errno. No symbolic link is followed. */
static int open_folder(const struct api_call *call, const char *const parts[], size_t count, bool create)
{
    int folder = open(call->api->data_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; i < count && folder >= 0; i++) {
        if (create && mkdirat(folder, parts[i], 0700) == 0)
            (void)fsync(folder);
        int next = openat(folder, parts[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        int problem = errno;
        (void)close(folder);
        errno = problem;
        folder = next;
    }
    return folder;
}

static int open_project(const struct api_call *call)
{
    const char *const parts[] = {"uploads", call->caller->project_id};
    return open_folder(call, parts, 2, false);
}

static int open_upload(const struct api_call *call, const char *name, bool create)
{
    const char *const parts[] = {"uploads", call->caller->project_id, name};
    return open_folder(call, parts, 3, create);
}

/* Closes a folder; for AUTO_FOLDER. */
static void close_folder(const int *folder)
{
    if (*folder >= 0)
        (void)close(*folder);
}
#define AUTO_FOLDER __attribute__((cleanup(close_folder))) int

/* ---- what is there ---- */

static bool look_at(int folder, const char *name, bool is_complete, struct upload *ret)
{
    struct stat about;
    if (fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(about.st_mode))
        return false;
    ret->bytes = (uint64_t)about.st_size;
    ret->changed_ms = (int64_t)about.st_mtim.tv_sec * 1000 + about.st_mtim.tv_nsec / 1000000;
    ret->is_complete = is_complete;
    return true;
}

static bool not_there(const char *name, struct error *err)
{
    return error_set(err, ERR_NOT_FOUND, "there is no upload '%.128s'", name);
}

bool upload_find(const struct api_call *call, const char *name, struct upload *ret, struct error *err)
{
    if (!upload_check_name(name, err))
        return false;
    AUTO_FOLDER folder = open_upload(call, name, false);
    struct upload part = {.name = name}, whole = {.name = name};
    bool has_part = folder >= 0 && look_at(folder, part_name, false, &part);
    bool has_whole = folder >= 0 && look_at(folder, name, true, &whole);
    if (!has_part && !has_whole)
        return not_there(name, err);
    *ret = has_part ? part : whole;
    ret->kept_bytes = part.bytes + whole.bytes;
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct upload *)a)->name, ((const struct upload *)b)->name);
}

static bool add_found(struct api_call *call, const char *name, struct upload *rows, size_t *count,
                      struct error *err)
{
    struct error ignored = {0};
    const char *copy = arena_text(call->arena, name);
    if (!copy)
        return error_no_memory(err);
    if (*count == UPLOADS_MAX || !upload_find(call, copy, &rows[*count], &ignored))
        return true;
    (*count)++;
    return true;
}

bool upload_list(struct api_call *call, struct upload **ret, size_t *ret_count, struct error *err)
{
    struct upload *rows = arena_alloc(call->arena, UPLOADS_MAX * sizeof(*rows));
    size_t count = 0;
    bool is_done = true;
    if (!rows)
        return error_no_memory(err);
    int folder = open_project(call);
    DIR *entries = folder >= 0 ? fdopendir(folder) : NULL;
    const struct dirent *entry = NULL;
    while (is_done && entries && (entry = readdir(entries))) /* NOLINT(concurrency-mt-unsafe): it is ours */
        is_done = add_found(call, entry->d_name, rows, &count, err);
    if (entries)
        (void)closedir(entries);
    qsort(rows, count, sizeof(*rows), by_name);
    *ret = rows;
    *ret_count = count;
    return is_done;
}

bool upload_delete(struct api_call *call, const char *name, struct error *err)
{
    struct upload upload;
    if (!upload_find(call, name, &upload, err))
        return false;
    AUTO_FOLDER project = open_project(call);
    AUTO_FOLDER folder = open_upload(call, name, false);
    bool is_gone = folder >= 0 && project >= 0 && (unlinkat(folder, part_name, 0) == 0 || errno == ENOENT) &&
                   (unlinkat(folder, name, 0) == 0 || errno == ENOENT) &&
                   (unlinkat(project, name, AT_REMOVEDIR) == 0 || errno == ENOENT);
    return is_gone || error_set_errno(err, errno, "delete the upload '%.128s'", name);
}

/* ---- receiving ---- */

/* Another of this name may come, of at most *ret_room bytes. */
static bool check_room(struct api_call *call, const char *name, uint64_t *ret_room, struct error *err)
{
    struct upload *rows = NULL;
    size_t count = 0;
    uint64_t used = 0;
    bool is_new = true;
    if (!upload_list(call, &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        is_new = is_new && strcmp(rows[i].name, name) != 0;
        used += rows[i].kept_bytes;
    }
    if ((is_new && count >= UPLOADS_MAX) || used >= UPLOADS_MAX_BYTES)
        return error_set(err, ERR_LIMIT,
                         "a project keeps %d uploads and %llu bytes of them; delete some first", UPLOADS_MAX,
                         (unsigned long long)UPLOADS_MAX_BYTES);
    *ret_room = UPLOADS_MAX_BYTES - used < UPLOAD_MAX_BYTES ? UPLOADS_MAX_BYTES - used : UPLOAD_MAX_BYTES;
    return true;
}

/* Ours alone, and as long as the caller believes. */
static bool take_part(int file, const char *name, uint64_t offset, struct error *err)
{
    struct stat about;
    if (flock(file, LOCK_EX | LOCK_NB) != 0)
        return error_set(err, ERR_CONFLICT, "the upload '%.128s' is being sent by somebody else", name);
    if (fstat(file, &about) != 0 || (offset == 0 && ftruncate(file, 0) != 0))
        return error_set_errno(err, errno, "write the upload '%.128s'", name);
    if (offset == 0 || (uint64_t)about.st_size == offset)
        return lseek(file, (off_t)offset, SEEK_SET) >= 0 ||
               error_set_errno(err, errno, "write the upload '%.128s'", name);
    (void)error_set(err, ERR_CONFLICT, "%lld bytes of the upload '%.128s' are here; go on from there",
                    (long long)about.st_size, name);
    return error_point(err, "/offset");
}

bool upload_open(struct api_call *call, const char *name, uint64_t offset, int *ret_file, struct error *err)
{
    uint64_t room = 0;
    if (!upload_check_name(name, err))
        return error_point(err, "/upload");
    if (!check_room(call, name, &room, err))
        return false;
    AUTO_FOLDER folder = open_upload(call, name, true);
    int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (offset == 0 ? O_CREAT : 0);
    int file = folder < 0 ? -1 : openat(folder, part_name, flags, 0600);
    if (file < 0 && offset > 0 && errno == ENOENT)
        return not_there(name, err);
    if (file < 0)
        return error_set_errno(err, errno, "write the upload '%.128s'", name);
    if (!take_part(file, name, offset, err)) {
        (void)close(file);
        return false;
    }
    call->body.max_bytes = room;
    *ret_file = file;
    return true;
}

static bool hash_file(struct arena *arena, int file, char ret_sha256[UPLOAD_SHA256_BYTES], struct error *err)
{
    crypto_hash_sha256_state state;
    unsigned char digest[crypto_hash_sha256_BYTES], *block = arena_alloc(arena, BLOCK_BYTES);
    ssize_t bytes = 1;
    if (!block)
        return error_no_memory(err);
    (void)crypto_hash_sha256_init(&state);
    for (off_t at = 0; bytes > 0; at += bytes) {
        bytes = pread(file, block, BLOCK_BYTES, at);
        if (bytes > 0)
            (void)crypto_hash_sha256_update(&state, block, (unsigned long long)bytes);
    }
    if (bytes < 0)
        return error_set_errno(err, errno, "read the upload again");
    (void)crypto_hash_sha256_final(&state, digest);
    (void)sodium_bin2hex(ret_sha256, UPLOAD_SHA256_BYTES, digest, sizeof(digest));
    return true;
}

bool upload_finish(struct api_call *call, const char *name, int file, const char *sha256,
                   char ret_sha256[UPLOAD_SHA256_BYTES], struct error *err)
{
    AUTO_FOLDER folder = open_upload(call, name, false);
    if (folder < 0)
        return not_there(name, err);
    if (!hash_file(call->arena, file, ret_sha256, err))
        return false;
    if (sha256 && strcmp(sha256, ret_sha256) != 0) {
        (void)unlinkat(folder, part_name, 0);
        (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                               "what came has another SHA-256, %s; it was thrown away", ret_sha256);
        return error_point(err, "/sha256");
    }
    return (fdatasync(file) == 0 && renameat(folder, part_name, folder, name) == 0 && fsync(folder) == 0) ||
           error_set_errno(err, errno, "keep the upload '%.128s'", name);
}

bool upload_resolve(const struct api_call *call, const char *text, const char **ret, struct error *err)
{
    struct upload upload;
    const char *name = text + strlen(UPLOAD_PREFIX);
    if (!upload_find(call, name, &upload, err))
        return false;
    AUTO_FOLDER folder = open_upload(call, name, false);
    if (folder < 0 || !look_at(folder, name, true, &upload))
        return error_set(err, ERR_CONFLICT, "the upload '%.128s' has not come whole yet", name);
    *ret = arena_printf(call->arena, "%s/%s/%s",
                        uploads_folder(call->arena, call->api->data_folder, call->caller->project_id), name,
                        name);
    return *ret || error_no_memory(err);
}
