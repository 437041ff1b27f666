/* SPDX-License-Identifier: Apache-2.0 */
#include "picture/cache_disk.h"

#include "base/clock.h"
#include "base/path.h"
#include "store/store.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_NAME ".lock"
enum { KEY_MAX_BYTES = 64 };

struct cache_disk {
    struct store *store;
    uint64_t limit_bytes;
    pthread_mutex_t lock;
    uint64_t unseen_bytes; /* written since the last look */
};

bool cache_disk_open(const char *folder, uint64_t limit_bytes, struct cache_disk **ret, struct error *err)
{
    struct cache_disk *disk = calloc(1, sizeof(*disk));
    if (!disk)
        return error_no_memory(err);
    if (!store_open(folder, true, &disk->store, err)) {
        free(disk);
        return error_wrap(err, "the cache of pictures");
    }
    disk->limit_bytes = limit_bytes;
    disk->unseen_bytes = limit_bytes; /* what is there already is looked at with the first file */
    (void)pthread_mutex_init(&disk->lock, NULL);
    *ret = disk;
    return true;
}

struct cache_disk *cache_disk_free(struct cache_disk *disk)
{
    if (!disk)
        return NULL;
    disk->store = store_free(disk->store);
    (void)pthread_mutex_destroy(&disk->lock);
    free(disk);
    return NULL;
}

/* "ab/abcdef….jpg": no folder of millions of files. */
static void store_key(const char *key, char ret[KEY_MAX_BYTES])
{
    (void)snprintf(ret, KEY_MAX_BYTES, "%.2s/%s.jpg", key, key);
}

static int open_file(struct cache_disk *disk, const char *key, struct stat *ret)
{
    char name[KEY_MAX_BYTES], path[PATH_MAX_BYTES];
    store_key(key, name);
    int bytes = snprintf(path, sizeof(path), "%s/%s", store_url(disk->store), name);
    int fd = bytes < (int)sizeof(path) ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    /* Empty: power was lost before it reached the disk. */
    if (fd >= 0 && (fstat(fd, ret) != 0 || ret->st_size == 0)) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

bool cache_disk_has(struct cache_disk *disk, const char *key)
{
    struct stat about;
    int fd = open_file(disk, key, &about);
    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

bool cache_disk_get(struct cache_disk *disk, const char *key, int *ret_fd, uint64_t *ret_bytes)
{
    struct stat about;
    int fd = open_file(disk, key, &about);
    if (fd < 0)
        return false;
    int64_t used_ms = (int64_t)about.st_mtim.tv_sec * 1000;
    if (clock_now_ms() - used_ms > CACHE_DISK_TOUCH_MS)
        (void)futimens(fd, NULL);
    *ret_fd = fd;
    *ret_bytes = (uint64_t)about.st_size;
    return true;
}

/* ---- the limit ---- */

struct entry {
    char key[KEY_MAX_BYTES];
    uint64_t bytes;
    int64_t used_ms;
};
struct listing {
    struct entry *entries;
    size_t count, capacity;
    uint64_t bytes;
};

static bool add_entry(void *state, const char *key, const struct store_stat *stat, struct error *err)
{
    struct listing *listing = state;
    if (strlen(key) >= KEY_MAX_BYTES || strcmp(key, LOCK_NAME) == 0)
        return true;
    if (listing->count == CACHE_DISK_FILES_MAX)
        return error_set(err, ERR_LIMIT, "more than %d pictures are kept", CACHE_DISK_FILES_MAX);
    if (listing->count == listing->capacity) {
        size_t capacity = listing->capacity ? listing->capacity * 2 : 1024;
        struct entry *entries = realloc(listing->entries, capacity * sizeof(*entries));
        if (!entries)
            return error_no_memory(err);
        listing->entries = entries;
        listing->capacity = capacity;
    }
    struct entry *entry = &listing->entries[listing->count++];
    (void)snprintf(entry->key, sizeof(entry->key), "%s", key);
    entry->bytes = stat->bytes;
    entry->used_ms = stat->modified_ms;
    listing->bytes += stat->bytes;
    return true;
}

static int by_use(const void *a, const void *b)
{
    const struct entry *one = a, *other = b;
    if (one->used_ms != other->used_ms)
        return one->used_ms < other->used_ms ? -1 : 1;
    return strcmp(one->key, other->key);
}

static void remove_oldest(struct cache_disk *disk)
{
    struct listing listing = {0};
    struct error ignored = {0};
    bool is_listed = store_list(disk->store, "", add_entry, &listing, NULL, &ignored);
    /* With more files than can be listed those that were are enough to begin with. */
    bool is_over = listing.bytes > disk->limit_bytes || (!is_listed && ignored.code == ERR_LIMIT);
    if (is_over && listing.count > 0) {
        qsort(listing.entries, listing.count, sizeof(*listing.entries), by_use);
        uint64_t kept = disk->limit_bytes / 100 * CACHE_DISK_KEPT_PERCENT;
        for (size_t i = 0; i < listing.count && listing.bytes > kept; i++) {
            if (!store_delete(disk->store, listing.entries[i].key, &ignored))
                break; /* whoever looks next tries again */
            listing.bytes -= listing.entries[i].bytes;
        }
    }
    free(listing.entries);
}

/* One process at a time; the others' files will be seen by whoever looks next. */
static void look(struct cache_disk *disk)
{
    char path[PATH_MAX_BYTES];
    int bytes = snprintf(path, sizeof(path), "%s/%s", store_url(disk->store), LOCK_NAME);
    int fd = bytes < (int)sizeof(path) ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644) : -1;
    if (fd < 0)
        return;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        remove_oldest(disk);
    (void)close(fd);
}

bool cache_disk_put(struct cache_disk *disk, const char *key, struct bytes body, struct error *err)
{
    char name[KEY_MAX_BYTES];
    store_key(key, name);
    if (!store_put_fast(disk->store, name, body, err))
        return error_wrap(err, "the cache of pictures");
    (void)pthread_mutex_lock(&disk->lock);
    disk->unseen_bytes += body.size;
    bool is_time = disk->unseen_bytes > disk->limit_bytes / CACHE_DISK_SHARE;
    if (is_time)
        disk->unseen_bytes = 0;
    (void)pthread_mutex_unlock(&disk->lock);
    if (is_time)
        look(disk);
    return true;
}
