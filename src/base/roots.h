/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Roots: the folders that paths from outside must lie in. A path is in them when it is below one of them as
 * it is written, cleaned of "." and ".."; it is then opened beneath that root (base/beneath.h), so that no
 * link, not one that is put there in between either, leads out. The data folder is a hole: nothing in it is
 * opened, although it may lie below a root; but for a root that itself lies in the data folder.
 *
 * Everywhere NULL stands for no confinement: a person's own rights.
 */
#ifndef BASE_ROOTS_H
#define BASE_ROOTS_H

#include "base/arena.h"
#include "base/error.h"

enum { ROOTS_MAX = 64, ROOTS_TEXT_MAX_BYTES = 16384 };

struct roots {
    const char *text;           /* as given: folders with ':' between them; "" is none */
    const char *const *folders; /* absolute and clean */
    size_t count;
    const char *hole;           /* real path; NULL: none */
    const char *own;            /* a folder in the hole that is open as if it were a root; NULL: none */
    const char *const *in_hole; /* real paths of own and of the roots in the hole */
    size_t in_hole_count;
};

/* Reads a list of absolute folders. They need not exist yet. `hole`: NULL, or the data folder. ERR_INVALID
 * names what is wrong. Texts live in the arena. */
MUST_CHECK bool roots_parse(const char *text, const char *hole, struct arena *arena, struct roots *ret,
                            struct error *err);
/* The same roots, and the folder `own` of the hole. */
MUST_CHECK bool roots_with_own(const struct roots *roots, const char *own, struct arena *arena,
                               const struct roots **ret, struct error *err);
/* ERR_DENIED unless the path, absolute and clean, is in the roots as it is written. The message names the
 * path and the roots, and is the same whether there is such a file or not. */
MUST_CHECK bool roots_check(const struct roots *roots, const char *path, struct error *err);
/* True when `path` is above a root. */
bool roots_hold_below(const struct roots *roots, const char *path);
/* Opens a path that is in the roots for reading, beneath the root that it is in. -1 and errno: EXDEV when it
 * is outside. */
int roots_open(const struct roots *roots, const char *path, int flags);
/* False when an open file or folder lies in the hole. */
bool roots_admit(const struct roots *roots, int file);

#endif
