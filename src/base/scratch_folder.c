/* SPDX-License-Identifier: Apache-2.0 */
#include "base/scratch_folder.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPEN_FOLDERS = 16, MKDTEMP_PLACES = 6 }; /* letters X at the end, which mkdtemp(3) replaces */

bool scratch_folder_make(char ret_path[SCRATCH_FOLDER_BYTES], struct error *err)
{
    const char *parent = secure_getenv("TMPDIR");
    parent = parent && parent[0] ? parent : "/tmp";
    char path[SCRATCH_FOLDER_BYTES];
    int bytes = snprintf(path, sizeof(path), "%s/trommel-", parent);
    if (bytes < 0 || bytes + MKDTEMP_PLACES >= SCRATCH_FOLDER_BYTES)
        return error_set(err, ERR_LIMIT,
                         "TMPDIR is too long for the %d bytes that its folders' paths may have",
                         SCRATCH_FOLDER_BYTES - 1);
    memset(path + bytes, 'X', MKDTEMP_PLACES);
    path[bytes + MKDTEMP_PLACES] = '\0';
    if (!mkdtemp(path))
        return error_set_errno(err, errno, "make a folder in %s; set TMPDIR to a folder that may be written",
                               parent);
    /* Only now: who removes what is named here must never meet a path that is not ours. */
    memcpy(ret_path, path, (size_t)bytes + MKDTEMP_PLACES + 1);
    return true;
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
