/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measure looks: gives every sample of a dataset that has none its look (dataset/sample_look.h), and its
 * features with it: reads and decodes each image once, on all cores. What was measured is kept page by page,
 * so that whoever is killed goes on where it ended.
 */
#ifndef WORK_MEASURE_LOOKS_H
#define WORK_MEASURE_LOOKS_H

#include "base/roots.h"
#include "dataset/sample_look.h"

struct looks_request {
    struct db *db;
    const struct roots *roots; /* no image outside is read; NULL: not confined */
    struct sample_looks_of of;
    bool is_detection; /* the boxes in labeled samples have features too */
    uint32_t threads;  /* 1..WORKERS_MAX */
    struct stop_flag *stop;
    atomic_int_fast64_t *done; /* images, those that cannot be read too */
    /* Told of each image that cannot be read, by id; it has no look then. The next time it is tried again. */
    void (*refuse)(void *state, const struct sample_unseen *sample, const struct error *why);
    void *state;
};
/* ERR_CANCELLED. */
MUST_CHECK bool measure_looks(const struct looks_request *request, struct error *err);

#endif
