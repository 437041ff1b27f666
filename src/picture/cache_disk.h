/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cache on disk: files by key up to a limit, those not used longest removed first. A file's time tells when
 * it was used. For picture/ only.
 *
 * Threads and processes: any number may share a folder. Files appear whole; one that is removed while it is
 * read stays readable.
 */
#ifndef PICTURE_CACHE_DISK_H
#define PICTURE_CACHE_DISK_H

#include "base/arena.h"
#include "base/buffer.h"

enum {
    CACHE_DISK_FILES_MAX = 4 * 1024 * 1024,
    CACHE_DISK_KEPT_PERCENT = 90,   /* of the limit, after a removal */
    CACHE_DISK_SHARE = 16,          /* a sixteenth of the limit written: time to look */
    CACHE_DISK_TOUCH_MS = 60 * 1000 /* times closer than this are as good as the same */
};

struct cache_disk;
MUST_CHECK bool cache_disk_open(const char *folder, uint64_t limit_bytes, struct cache_disk **ret,
                                struct error *err);
struct cache_disk *cache_disk_free(struct cache_disk *disk);
bool cache_disk_has(struct cache_disk *disk, const char *key);
/* Opens the file and marks it as used. False: it is not there. */
bool cache_disk_get(struct cache_disk *disk, const char *key, int *ret_fd, uint64_t *ret_bytes);
/* Keys are hex digits, at least three. */
MUST_CHECK bool cache_disk_put(struct cache_disk *disk, const char *key, struct bytes body,
                               struct error *err);

#endif
