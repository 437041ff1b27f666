/* SPDX-License-Identifier: Apache-2.0 */
/* Path: names of files as text. Nothing here touches the disk, except path_absolute, which asks for the
 * current folder. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include "base/arena.h"
#include "base/error.h"

enum { PATH_MAX_BYTES = 4096 };

/* "a" + "b/c" = "a/b/c"; one slash between. NULL when the arena is full. */
char *path_join(struct arena *arena, const char *folder, const char *name);
const char *path_base(const char *path);                  /* after the last slash */
char *path_folder(struct arena *arena, const char *path); /* before the last slash; "." when there is none */
const char *path_suffix(const char *path);                /* ".jpg", or "" */
/* Absolute and lexically clean: no ".", "..", double slashes. ERR_INVALID beyond PATH_MAX_BYTES. */
MUST_CHECK bool path_absolute(struct arena *arena, const char *path, char **ret, struct error *err);
/* True when `path` is `folder` or below it; both absolute and clean. */
bool path_is_below(const char *path, const char *folder);
/* A relative key without "..", ".", empty parts, NUL or leading slash; "" is refused. ERR_INVALID says why.
 */
MUST_CHECK bool path_check_key(const char *key, struct error *err);

#endif
