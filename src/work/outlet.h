/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Outlet: a file that a person named for output. A regular file, or one that is not there yet, appears when
 * finished, as a whole, and released unfinished stays as it was. What is no regular file (a pipe, a terminal,
 * /dev/null) is never replaced: it is written to as it comes.
 */
#ifndef WORK_OUTLET_H
#define WORK_OUTLET_H

#include "store/store.h"

struct outlet {
    struct store *store; /* the folder it is in; NULL for what is no regular file */
    struct store_writer *writer;
    int file; /* what is no regular file; -1 */
};
/* An outlet that is closed: release does nothing. */
struct outlet outlet_none(void);
/* `path` is absolute; its folders are made as needed, or must be there (ERR_NOT_FOUND). ERR_INVALID: it is a
 * folder. Release also after a failure. */
MUST_CHECK bool outlet_open(const char *path, bool makes_folders, struct outlet *ret, struct error *err);
MUST_CHECK bool outlet_write(struct outlet *outlet, struct bytes piece, struct error *err);
MUST_CHECK bool outlet_finish(struct outlet *outlet, struct error *err);
void outlet_release(struct outlet *outlet);

#endif
