/* SPDX-License-Identifier: Apache-2.0 */
#include "base/scratch_folder.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

enum { OPEN_FOLDERS = 16 };

bool scratch_folder_make(char ret_path[SCRATCH_FOLDER_BYTES], struct error *err)
{
    const char *parent = secure_getenv("TMPDIR");
    parent = parent && parent[0] ? parent : "/tmp";
    int bytes = snprintf(ret_path, SCRATCH_FOLDER_BYTES, "%s/trommel-XXXXXX", parent);
    if (bytes < 0 || bytes >= SCRATCH_FOLDER_BYTES)
        return error_set(err, ERR_LIMIT, "TMPDIR is longer than %d bytes", SCRATCH_FOLDER_BYTES);
    return mkdtemp(ret_path) ||
           error_set_errno(err, errno, "make a folder in %s; set TMPDIR to a folder that may be written",
                           parent);
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *where)
{
    (void)stat, (void)type, (void)where;
    return remove(path);
}

bool scratch_folder_remove(const char *path, struct error *err)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): only with FTW_CHDIR */
    return nftw(path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS) == 0 ||
           error_set_errno(err, errno, "remove the folder %s", path);
}
