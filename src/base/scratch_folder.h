/* SPDX-License-Identifier: Apache-2.0 */
/* Scratch folder: a place for what is only needed in between, removed with all that is in it. */
#ifndef BASE_SCRATCH_FOLDER_H
#define BASE_SCRATCH_FOLDER_H

#include "base/error.h"

enum { SCRATCH_FOLDER_BYTES = 512 };

/* A new folder that only this user may read, in TMPDIR or else /tmp. ERR_LIMIT: TMPDIR is too long; after a
 * failure ret_path is as it was. */
MUST_CHECK bool scratch_folder_make(char ret_path[SCRATCH_FOLDER_BYTES], struct error *err);
/* Removes it; symbolic links in it are removed, not followed. ERR_IO names what could not be removed. */
MUST_CHECK bool scratch_folder_remove(const char *path, struct error *err);

#endif
