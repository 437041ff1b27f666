/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listing in byte order of whole keys. The names of one folder are sorted as if folders ended in '/': "a.b"
 * comes before "a/b", and "a/b" before "a0". At any moment only the names of one folder and of its parents
 * are held.
 */
#include "base/path.h"
#include "base/text.h"
#include "store/backend_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct listing {
    const struct dir *dir;
    store_visitor *visit;
    void *visit_state;
    struct buffer names; /* a stack: each name with a final '/' when it is a folder, then its NUL */
    struct buffer order; /* a stack of offsets into names, sorted per folder */
    char key[PATH_MAX_BYTES];
    uint32_t depth;
    uint64_t visited, skipped;
};

static bool is_folder(int folder, const struct dirent *entry)
{
    struct stat stat;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    return fstatat(folder, entry->d_name, &stat, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(stat.st_mode);
}

static bool is_left_out(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || text_starts_with(name, STORE_RESERVED_PREFIX);
}

static bool add_name(struct listing *listing, int folder, const struct dirent *entry, struct error *err)
{
    if (is_left_out(entry->d_name))
        return true;
    uint32_t offset = (uint32_t)listing->names.size;
    const char *end = is_folder(folder, entry) ? "/" : "";
    (void)buffer_add_text(&listing->names, entry->d_name);
    (void)buffer_add_text(&listing->names, end);
    (void)buffer_add(&listing->names, "", 1);
    (void)buffer_add(&listing->order, &offset, sizeof(offset));
    return buffer_check(&listing->names, "the list of names", err) &&
           buffer_check(&listing->order, "the list of names", err);
}

static int compare_names(const void *a, const void *b, void *names)
{
    uint32_t a_offset = 0, b_offset = 0;
    memcpy(&a_offset, a, sizeof(a_offset));
    memcpy(&b_offset, b, sizeof(b_offset));
    return strcmp((const char *)names + a_offset, (const char *)names + b_offset);
}

/* What is in a folder, which stays open; close what comes back. NULL: errno says why. */
static DIR *open_entries(int folder)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = copy < 0 ? NULL : fdopendir(copy);
    if (!entries && copy >= 0) {
        int problem = errno;
        (void)close(copy);
        errno = problem;
    }
    return entries;
}

/* NULL at the end, and when it cannot be read: then errno says why. */
static const struct dirent *next_entry(DIR *entries)
{
    errno = 0;
    return readdir(entries); /* NOLINT(concurrency-mt-unsafe): the stream is ours alone */
}

/* Puts the names of a folder on the stack, sorted. */
static bool read_names(struct listing *listing, int folder, struct error *err)
{
    size_t first = listing->order.size;
    DIR *entries = open_entries(folder);
    if (!entries)
        return dir_fail(listing->dir, errno, "list", listing->key, err);
    bool is_ok = true;
    const struct dirent *entry = NULL;
    while (is_ok && (entry = next_entry(entries)))
        is_ok = add_name(listing, folder, entry, err);
    if (is_ok && errno != 0)
        is_ok = dir_fail(listing->dir, errno, "list", listing->key, err);
    (void)closedir(entries);
    if (is_ok && listing->order.size > first)
        qsort_r(listing->order.data + first, (listing->order.size - first) / sizeof(uint32_t),
                sizeof(uint32_t), compare_names, listing->names.data);
    return is_ok;
}

static bool visit_file(struct listing *listing, const struct stat *stat, struct error *err)
{
    struct store_stat visible = dir_stat_of(stat);
    if (++listing->visited > STORE_LIST_MAX)
        return error_set(err, ERR_LIMIT, "there are more than %d objects in '%.200s'", STORE_LIST_MAX,
                         listing->dir->place);
    return listing->visit(listing->visit_state, listing->key, &visible, err);
}

/* A link is an object when it ends at a file inside the root. */
static bool visit_link(struct listing *listing, struct error *err)
{
    struct stat stat;
    int file = dir_open_path(listing->dir, listing->key, O_PATH);
    bool is_object = file >= 0 && fstat(file, &stat) == 0 && S_ISREG(stat.st_mode);
    if (file >= 0)
        (void)close(file);
    listing->skipped += !is_object;
    return !is_object || visit_file(listing, &stat, err);
}

static bool list_folder(struct listing *listing, int folder, struct error *err);

static bool descend(struct listing *listing, int folder, const char *name, struct error *err)
{
    int below = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below < 0)
        return errno == ENOENT || errno == ENOTDIR ||
               dir_fail(listing->dir, errno, "list", listing->key, err);
    bool is_open = dir_admits(listing->dir, below);
    listing->skipped += !is_open;
    bool is_ok = !is_open || list_folder(listing, below, err);
    (void)close(below);
    return is_ok;
}

/* `name` ends in '/' when it was a folder. What is gone or of another type by now is left out. */
static bool visit_name(struct listing *listing, int folder, const char *name, bool was_folder,
                       struct error *err)
{
    struct stat stat;
    if (was_folder)
        return descend(listing, folder, name, err);
    if (fstatat(folder, name, &stat, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT || dir_fail(listing->dir, errno, "list", listing->key, err);
    if (S_ISREG(stat.st_mode))
        return visit_file(listing, &stat, err);
    if (S_ISLNK(stat.st_mode))
        return visit_link(listing, err);
    listing->skipped += !S_ISDIR(stat.st_mode);
    return true;
}

/* Makes listing->key the key of a name in the present folder and returns the length it had, or SIZE_MAX. */
static size_t extend_key(struct listing *listing, const char *name, size_t name_bytes, struct error *err)
{
    size_t before = strlen(listing->key), used = before + (before > 0);
    if (used + name_bytes >= PATH_MAX_BYTES) {
        (void)error_set(err, ERR_LIMIT, "a name below '%.200s' is longer than %d bytes", listing->key,
                        PATH_MAX_BYTES - 1);
        return SIZE_MAX;
    }
    if (before > 0)
        listing->key[before] = '/';
    memcpy(listing->key + used, name, name_bytes);
    listing->key[used + name_bytes] = '\0';
    return before;
}

static bool visit_entry(struct listing *listing, int folder, uint32_t offset, struct error *err)
{
    char name[NAME_MAX + 2];
    if (!text_copy(name, sizeof(name), listing->names.data + offset)) /* the stack may move while below */
        return error_set(err, ERR_LIMIT, "a name below '%.200s' is longer than %d bytes", listing->key,
                         NAME_MAX);
    size_t bytes = strlen(name);
    bool was_folder = name[bytes - 1] == '/';
    bytes -= was_folder;
    name[bytes] = '\0';
    size_t before = extend_key(listing, name, bytes, err);
    if (before == SIZE_MAX || !visit_name(listing, folder, name, was_folder, err))
        return false;
    listing->key[before] = '\0';
    return true;
}

static bool list_folder(struct listing *listing, int folder, struct error *err)
{
    size_t names_before = listing->names.size, order_before = listing->order.size;
    if (listing->depth++ > STORE_LIST_DEPTH_MAX)
        return error_set(err, ERR_LIMIT, "more than %d folders are in one another in '%.200s'",
                         STORE_LIST_DEPTH_MAX, listing->dir->place);
    if (!read_names(listing, folder, err))
        return false;
    size_t order_end = listing->order.size;
    for (size_t at = order_before; at < order_end; at += sizeof(uint32_t)) {
        uint32_t offset = 0;
        memcpy(&offset, listing->order.data + at, sizeof(offset));
        if (!visit_entry(listing, folder, offset, err))
            return false;
    }
    listing->names.size = names_before;
    listing->order.size = order_before;
    listing->depth--;
    return true;
}

bool dir_list(void *state, const char *prefix, store_visitor *visit, void *visit_state, uint64_t *ret_skipped,
              struct error *err)
{
    const struct dir *dir = state;
    int folder = dir_open_path(dir, prefix, O_RDONLY | O_DIRECTORY);
    if (folder < 0 && (errno == ENOENT || errno == ENOTDIR))
        return true;
    if (folder < 0)
        return dir_fail(dir, errno, "list", prefix, err);
    struct listing *listing = calloc(1, sizeof(*listing));
    bool is_ok = listing || error_no_memory(err);
    if (listing) {
        *listing = (struct listing){.dir = dir, .visit = visit, .visit_state = visit_state};
        buffer_init(&listing->names, STORE_LIST_NAMES_MAX_BYTES);
        buffer_init(&listing->order, STORE_LIST_NAMES_MAX_BYTES);
        (void)snprintf(listing->key, sizeof(listing->key), "%s", prefix);
        is_ok = list_folder(listing, folder, err);
        *ret_skipped = listing->skipped;
        buffer_release(&listing->names);
        buffer_release(&listing->order);
        free(listing);
    }
    (void)close(folder);
    return is_ok;
}

/* ---- removing a folder with all that is in it ---- */

static bool remove_all_in(const struct dir *dir, int folder, const char *key, uint32_t depth,
                          struct error *err);

static bool remove_entry(const struct dir *dir, int folder, const char *name, const char *key, uint32_t depth,
                         struct error *err)
{
    if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
        return true;
    if (errno != EISDIR && errno != EPERM)
        return dir_fail(dir, errno, "delete below", key, err);
    int below = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below < 0)
        return dir_fail(dir, errno, "delete below", key, err);
    bool is_ok = remove_all_in(dir, below, key, depth + 1, err);
    (void)close(below);
    /* Somebody may have put something there since: that stays. */
    if (is_ok && unlinkat(folder, name, AT_REMOVEDIR) != 0 && errno != ENOTEMPTY && errno != EEXIST &&
        errno != ENOENT)
        return dir_fail(dir, errno, "delete below", key, err);
    return is_ok;
}

static bool remove_all_in(const struct dir *dir, int folder, const char *key, uint32_t depth,
                          struct error *err)
{
    if (depth > STORE_LIST_DEPTH_MAX)
        return error_set(err, ERR_LIMIT, "more than %d folders are in one another in '%.200s'",
                         STORE_LIST_DEPTH_MAX, key);
    DIR *entries = open_entries(folder);
    if (!entries)
        return dir_fail(dir, errno, "delete below", key, err);
    bool is_ok = true;
    const struct dirent *entry = NULL;
    while (is_ok && (entry = next_entry(entries)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            is_ok = remove_entry(dir, folder, entry->d_name, key, depth, err);
    if (is_ok && errno != 0)
        is_ok = dir_fail(dir, errno, "delete below", key, err);
    (void)closedir(entries);
    return is_ok;
}

bool dir_remove_below(void *state, const char *prefix, struct error *err)
{
    const struct dir *dir = state;
    const char *name = NULL;
    int folder = dir_open_folder_of(dir, prefix, O_PATH, &name);
    if (folder < 0)
        return errno == ENOENT || errno == ENOTDIR || dir_fail(dir, errno, "delete below", prefix, err);
    bool is_ok = remove_entry(dir, folder, name, prefix, 0, err);
    (void)close(folder);
    return is_ok;
}
