/* SPDX-License-Identifier: Apache-2.0 */
/* Beneath: opens files that lie below a folder, whatever links are on the way. */
#ifndef BASE_BENEATH_H
#define BASE_BENEATH_H

#include <stdbool.h>

/* The kernel has openat2(2) and lets us use it; without it paths are walked part by part. */
bool beneath_has_openat2(int root);
/* Opens as open(2) what `path` names from the open folder `root`; "" is the folder itself. Symbolic links
 * that lead out of it, and absolute ones, fail with EXDEV. The last part may be a link inside. Only for
 * reading: O_CREAT is not possible. -1 and errno on failure. */
int beneath_open(int root, const char *path, int flags, bool has_openat2);

#endif
