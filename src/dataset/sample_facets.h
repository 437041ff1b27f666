/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facets: how many samples have which value, under a filter. The counts of a field are made without the
 * filter's own conditions on that field (those that all must hold, also an "or" or a "not" of nothing but
 * conditions on that field), so that they say what choosing another value would give; all other conditions
 * hold.
 */
#ifndef DATASET_SAMPLE_FACETS_H
#define DATASET_SAMPLE_FACETS_H

#include "dataset/dataset.h"

enum { SAMPLE_BINS = 20, SAMPLE_FACET_REASONS = SAMPLE_REASON_MAX + 1 };

struct sample_facet {
    const char *name; /* NULL: without a value */
    int64_t samples;
    int64_t confirmed, suggested; /* of labels: samples that have it so */
};
struct sample_facet_list {
    struct sample_facet *items; /* by name; labels: the most frequent first */
    size_t count;
};
/* Equal parts of 0 to 1; the last holds 1 too. */
struct sample_histogram {
    int64_t bins[SAMPLE_BINS];
    int64_t without; /* samples without the number */
};
struct sample_facets {
    int64_t total; /* that match the whole filter */
    struct sample_facet_list states, usages, origins, labels;
    int64_t labels_known; /* different ones before `labels` was cut */
    int64_t hard, not_hard, excluded, not_excluded;
    int64_t reasons[SAMPLE_FACET_REASONS];
    struct sample_histogram coefficient, score;
};

/* What one task brought, as far as it is still there and not excluded. */
struct sample_source {
    const char *origin; /* import | synchronize | hard_examples */
    const char *task;   /* NULL: none is known */
    int64_t samples, unlabeled, to_be_confirmed, labeled, hard;
};
enum { SAMPLE_SOURCES_MAX = 1000 }; /* that are told at once */
struct sample_sources {
    struct sample_source *items; /* those that brought most first */
    size_t count;
    int64_t known; /* before `items` was cut */
};

#endif
