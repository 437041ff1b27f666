/* SPDX-License-Identifier: Apache-2.0 */
/* Export: a dataset, or one of its versions, as files of another format in a folder of its own. */
#ifndef WORK_EXPORT_DATASET_H
#define WORK_EXPORT_DATASET_H

#include "dataset/dataset.h"
#include "formats/format.h"
#include "work/work.h"

struct export_dataset_request {
    const char *dataset; /* id or name */
    const char *folder;  /* absolute; not there yet, or empty */
    const char *format;
    const char *state;  /* labeled | unlabeled | all */
    const char *layout; /* tree | flat */
    const char *images; /* copy | link | none */
    const char *version;
    double train_ratio; /* below 1: labeled samples are split (dataset/split.h), as a published version is */
    uint64_t seed;
};
extern const struct param_spec export_dataset_params[];
extern const struct task_kind task_export_dataset;

enum { EXPORT_LEFT_OUT_LISTED = 100 };

/* ---- images ---- */

/* Puts images into the folder that is being filled. */
struct export_images {
    const struct roots *roots;
    struct store *root; /* of everything */
    const char *folder; /* absolute: where keys begin */
    struct store *into; /* the same folder */
    bool is_linked;     /* hard links, else copies */
    struct buffer file;
    bool is_missing; /* the last could not be had, its source's fault: the sample may be left out */
};
/* A format_writing.place. */
MUST_CHECK bool export_image(void *images, const struct format_item *item, const char *key,
                             struct error *err);

#endif
