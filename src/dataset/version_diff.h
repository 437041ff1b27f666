/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diff of two versions of a dataset: their manifests are sorted by id, so both are read once, side by side,
 * in flat memory. Annotation files of boxes are read only where they are not the same file, which holds for
 * samples that changed: their names are made of their content.
 */
#ifndef DATASET_VERSION_DIFF_H
#define DATASET_VERSION_DIFF_H

#include "dataset/dataset.h"

enum { VERSION_DIFF_PAGE_MAX = 1000, VERSION_DIFF_CLASSES_MAX = 2 * DATASET_LABELS_MAX };

enum version_change_kind {
    VERSION_ADDED,
    VERSION_REMOVED,
    VERSION_RELABELLED, /* other classes or boxes, or labeled only in one; what is hard does not count */
    VERSION_USAGE,      /* the same labels for another usage */
    VERSION_CHANGE_COUNT
};
const char *
version_change_name(enum version_change_kind kind); /* "added", "removed", "relabelled", "usage" */

struct version_change {
    enum version_change_kind kind;
    const char *id, *source;
    /* Each class once, in order; none: not labeled, nothing there, or the sample is not in that version. */
    struct param_list labels_before, labels_after;
    const char *usage_before, *usage_after; /* NULL: none */
};
/* In how many samples more, or less, a class is than before. */
struct version_class {
    const char *name;
    int64_t gained, lost;
};

struct version_diff_request {
    struct store *data;
    const struct dataset_version *before, *after; /* of one dataset */
    int kind;                                     /* list only such changes; -1: all */
    const char *from;                             /* id: list only changes behind it; NULL: all */
    size_t limit;                                 /* 0..VERSION_DIFF_PAGE_MAX changes are listed */
};
struct version_diff {
    int64_t counts[VERSION_CHANGE_COUNT], unchanged;
    struct version_class *classes; /* those that changed, by name */
    size_t class_count;
    struct version_change *changes; /* by id */
    size_t change_count;
    bool has_more; /* changes behind the last one listed */
};
/* Texts live in the arena. ERR_INVALID: a manifest is not sorted by ids, or an annotation file is damaged;
 * ERR_NOT_FOUND: a file is gone. ERR_LIMIT past VERSION_DIFF_CLASSES_MAX classes. */
MUST_CHECK bool version_diff(const struct version_diff_request *request, struct arena *arena,
                             struct version_diff *ret, struct error *err);

#endif
