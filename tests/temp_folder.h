/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of its own for a test, removed with all that is in it. Include after test.h. */
#ifndef TESTS_TEMP_FOLDER_H
#define TESTS_TEMP_FOLDER_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEMP_PATH_BYTES = 256 };

__attribute__((unused)) static void temp_folder_make(char path[TEMP_PATH_BYTES])
{
    const char *parent = getenv("TMPDIR");
    (void)snprintf(path, TEMP_PATH_BYTES, "%.200s/trommel-test-XXXXXX", parent ? parent : "/tmp");
    assert_non_null(mkdtemp(path));
}

__attribute__((unused)) static int temp_folder_remove_one(const char *path, const struct stat *stat, int type,
                                                          struct FTW *where)
{
    (void)stat, (void)type, (void)where;
    return remove(path);
}

__attribute__((unused)) static void temp_folder_remove(const char *path)
{
    (void)nftw(path, temp_folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
