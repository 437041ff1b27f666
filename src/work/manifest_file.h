/* SPDX-License-Identifier: Apache-2.0 */
/* Manifest files on the disk: opened by path, read line by line. */
#ifndef WORK_MANIFEST_FILE_H
#define WORK_MANIFEST_FILE_H

#include "base/roots.h"
#include "manifest/manifest.h"
#include "store/store.h"

struct manifest_file {
    struct arena *arena;
    const char *folder; /* absolute: relative sources start there */
    struct store *store;
    struct store_reader *reader;
    struct manifest_lines *lines;
};
/* DETAIL_PATH_NOT_FOUND; ERR_DENIED outside of the roots (NULL: not confined). Release also after a failure.
 */
MUST_CHECK bool manifest_file_open(const struct roots *roots, const char *path, struct manifest_file *ret,
                                   struct error *err);
void manifest_file_release(struct manifest_file *file);

#endif
