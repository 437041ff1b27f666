/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measure version: makes the feature set of a published version. Its manifest is read page by page; what was
 * measured of a sample before, with the same boxes, is taken from the database, all other images are read and
 * decoded once, and kept there, so that whoever is killed goes on where it ended. Only images of samples that
 * are not in the dataset any more are measured again then.
 */
#ifndef WORK_MEASURE_VERSION_H
#define WORK_MEASURE_VERSION_H

#include "work/feature_set.h"
#include "work/look_at.h"

struct version_measuring {
    struct db *db;
    struct store *data;
    const struct roots *roots; /* no image outside is read; NULL: not confined */
    const struct dataset *dataset;
    const struct dataset_version *version;
    uint32_t threads; /* 1..WORKERS_MAX */
    struct stop_flag *stop;
    atomic_int_fast64_t *done; /* images */
    /* Told of each image that cannot be read, by id: it has no features. The next time it is tried again. */
    void (*refuse)(void *state, const struct sample_unseen *sample, const struct error *why);
    void *state;
};
/* ERR_CANCELLED; ERR_INVALID: the manifest or an annotation file was changed since it was published;
 * ERR_NOT_FOUND: a file is gone. */
MUST_CHECK bool measure_version(const struct version_measuring *request, struct error *err);

#endif
