/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the training profile of a manifest under a model, unless it is in the data store already. */
#ifndef WORK_PROFILE_BUILD_H
#define WORK_PROFILE_BUILD_H

#include "record/profile.h"
#include "work/scan.h"
#include "work/work.h"

struct profile_build {
    struct work *work;
    const struct model *model;
    const char *manifest; /* absolute path */
    uint32_t threads;     /* 0: all cores */
    struct stop_flag *stop;
    struct task_progress *progress;
    char *ret_folder; /* where it is kept: PROFILE_FOLDER_BYTES; may be NULL */
};
enum { PROFILE_FOLDER_BYTES = 64 };
/* DETAIL_BAD_MANIFEST, DETAIL_PATH_NOT_FOUND; ERR_INVALID when nothing in it is usable. */
MUST_CHECK bool profile_build(const struct profile_build *request, struct profile **ret, struct error *err);

/* The manifest that `train` names: a path, or DATASET@VERSION (DATASET@ alone: its current version). */
MUST_CHECK bool profile_manifest_path(struct db *db, struct store *data, struct arena *arena,
                                      const char *train, const char **ret, struct error *err);

/* Reads a whole training manifest, for detection its annotation files too, before anybody waits for it.
 * DETAIL_BAD_MANIFEST names the first bad line, or says that no line carries a label for a model of this
 * type. */
MUST_CHECK bool profile_manifest_check(const char *path, enum model_type type, uint64_t *ret_labeled,
                                       struct error *err);

#endif
