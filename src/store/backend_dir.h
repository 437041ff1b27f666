/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the directory backend share. Keys here may be "" for the root itself. */
#ifndef STORE_BACKEND_DIR_H
#define STORE_BACKEND_DIR_H

#include "store/backend.h"

#include "base/process.h"
#include "base/roots.h"

#include <limits.h>
#include <pthread.h>
#include <sys/stat.h>

enum { DIR_SWEPT_MAX = 256, DIR_TEMP_NAME_BYTES = NAME_MAX + 1 };

struct dir {
    const char *place;
    int root;                         /* an open folder; every path starts here. -1: the place is above the
 roots, and each path starts at the root that it is in */
    const struct roots *roots;        /* NULL: not confined */
    bool has_openat2;                 /* otherwise paths are walked */
    char process[PROCESS_NAME_BYTES]; /* goes into the names of temporary files */
    pthread_mutex_t lock;             /* of `swept` */
    struct dir_swept {
        dev_t device;
        ino_t inode;
    } swept[DIR_SWEPT_MAX]; /* folders already searched for files of dead writers */
    size_t swept_count;
};

/* False, EXDEV: the open file is where the roots let nobody in. */
bool dir_admits(const struct dir *dir, int file);
/* Opens as open(2), but never leaves the root: symbolic links that lead out, and absolute ones, fail with
 * EXDEV. The last part may be a link inside the root. Only for reading: O_CREAT is not possible. -1 and errno
 * on failure. */
int dir_open_path(const struct dir *dir, const char *key, int flags);
/* The folder that holds `key`, and the last part of the key. */
int dir_open_folder_of(const struct dir *dir, const char *key, int flags, const char **ret_name);

/* Turns errno of an attempt to `what` ("read") the object `key` into an error. Returns false. */
bool dir_fail(const struct dir *dir, int error_number, const char *what, const char *key, struct error *err);

/* backend_dir_write.c */
struct dir_writer {
    const struct dir *dir;
    const char *key, *name; /* borrowed; the name is the last part of the key */
    int folder, file;       /* -1: not open */
    bool has_temp;          /* a file temp_name is in the folder */
    char temp_name[DIR_TEMP_NAME_BYTES];
};
bool dir_write_start(void *state, const char *key, void *writer, struct error *err);
bool dir_write_add(void *writer, struct bytes piece, struct error *err);
bool dir_write_finish(void *writer, bool is_durable, struct error *err);
void dir_write_end(void *writer);

/* backend_dir_list.c */
bool dir_list(void *state, const char *prefix, store_visitor *visit, void *visit_state, uint64_t *ret_skipped,
              struct error *err);
bool dir_remove_below(void *state, const char *prefix, struct error *err);

struct store_stat dir_stat_of(const struct stat *stat);

#endif
