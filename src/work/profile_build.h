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
    const struct profile_manifest *manifest;
    uint32_t threads; /* 0: all cores */
    struct stop_flag *stop;
    struct task_progress *progress;
};
/* The folder of a profile's records. */
enum { PROFILE_FOLDER_BYTES = 80 };
/* DETAIL_BAD_MANIFEST, DETAIL_PATH_NOT_FOUND; ERR_INVALID when nothing in it is usable. */
MUST_CHECK bool profile_build(const struct profile_build *request, char ret_folder[PROFILE_FOLDER_BYTES],
                              struct profile **ret, struct error *err);

/* Where that profile is, or would be. Reads the manifest, for detection its annotation files too. */
MUST_CHECK bool profile_find(const struct profile_build *request, char ret_folder[PROFILE_FOLDER_BYTES],
                             bool *ret_is_made, struct error *err);

/* The manifest that `name` names: a path, or DATASET@VERSION (DATASET@ alone: its current version) of the
 * project. */
struct profile_train {
    const char *project_id, *name;
    const struct roots *roots; /* what a path must lie in; NULL: not confined */
};
/* True for DATASET@VERSION, false for a path. */
bool profile_names_version(const char *train);
struct profile_manifest {
    const char *path;
    const struct roots *roots; /* what it and the files that it names must lie in: a version's folder, too */
};
MUST_CHECK bool profile_manifest_path(struct db *db, struct store *data, struct arena *arena,
                                      const struct profile_train *train, struct profile_manifest *ret,
                                      struct error *err);

/* Reads a whole training manifest, for detection its annotation files too, before anybody waits for it.
 * DETAIL_BAD_MANIFEST names the first bad line, or says that no line carries a label for a model of this
 * type. */
MUST_CHECK bool profile_manifest_check(const struct profile_manifest *manifest, enum model_type type,
                                       uint64_t *ret_labeled, struct error *err);

#endif
