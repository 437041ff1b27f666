/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Feature set: the features of all images of a published version of a dataset, or of a run, with usage and
 * labels, kept beside what they are of: features/ in the version's folder or in the run's records. Four
 * files: features.npy (float64, 14 columns in the order of enum record_feature, NaN: not measured),
 * samples.npy (uint32: usage, end of its labels in labels.npy), labels.npy (uint32: places in the names) and
 * set.json, which is written last and says what the set is of: a set of something else does not exist. Not
 * part of the record format; what is missing is made anew.
 *
 * Threads: an open set may be read by several.
 */
#ifndef WORK_FEATURE_SET_H
#define WORK_FEATURE_SET_H

#include "dataset/dataset.h"
#include "mining/feature_shift.h"
#include "service/service.h"

enum {
    FEATURE_SET_MAX = 5000000, /* images */
    FEATURE_SET_LABELS_MAX = 20000,
    FEATURE_SET_KEY_BYTES = RECORD_FOLDER_MAX_BYTES + 64,
};
enum feature_usage { /* as in samples.npy */
                     FEATURE_USAGE_NONE,
                     FEATURE_USAGE_TRAIN,
                     FEATURE_USAGE_EVAL,
                     FEATURE_USAGE_TEST,
                     FEATURE_USAGE_INFERENCE,
                     FEATURE_USAGE_COUNT
};
const char *feature_usage_name(enum feature_usage usage); /* "none", "TRAIN", … */
/* -1: NULL, or no such name. */
int feature_usage_of(const char *name);

/* ---- making ---- */

/* Where the set is kept, and what it is of: hash of the version's manifest, or id of the run. */
struct feature_set_place {
    struct store *data;
    char folder[FEATURE_SET_KEY_BYTES];
    char of[HASH_HEX_BYTES];
};
/* ERR_LIMIT: the place's key is too long. */
MUST_CHECK bool feature_place_of_version(struct store *data, const struct dataset_version *version,
                                         struct feature_set_place *ret, struct error *err);
MUST_CHECK bool feature_place_of_run(struct store *data, const struct run *run, struct feature_set_place *ret,
                                     struct error *err);

struct feature_set_writer;
/* `count` images will be added. ERR_LIMIT past FEATURE_SET_MAX. */
MUST_CHECK bool feature_set_start(const struct feature_set_place *place, uint64_t count,
                                  struct feature_set_writer **ret, struct error *err);
/* A label named twice counts once. ERR_LIMIT past FEATURE_SET_LABELS_MAX names. */
MUST_CHECK bool feature_set_add(struct feature_set_writer *writer, const double features[FEATURE_COUNT],
                                enum feature_usage usage, struct param_list labels, struct error *err);
/* `unreadable` of them have no features. ERR_INVALID: fewer or more were added than was said. */
MUST_CHECK bool feature_set_finish(struct feature_set_writer *writer, uint64_t unreadable, struct error *err);
struct feature_set_writer *feature_set_writer_free(struct feature_set_writer *writer);
/* Makes that of a run from its records: without usage, labels are the classes that the model saw. `done`
 * counts images. ERR_CANCELLED, and errors as of record_set_open. */
MUST_CHECK bool feature_set_of_run(const struct feature_set_place *place, const char *records_key,
                                   struct stop_flag *stop, atomic_int_fast64_t *done, struct error *err);

/* ---- reading ---- */

struct feature_set {
    struct store_map maps[3];
    struct arena *arena;
    const double *features;
    const uint32_t *samples, *labels;
    uint64_t count, label_count, unreadable;
    const char *const *names; /* by their places */
    size_t name_count;
};
/* ERR_NOT_FOUND: it was not made. ERR_INVALID: damaged. Release also after a failure. */
MUST_CHECK bool feature_set_open(const struct feature_set_place *place, struct feature_set *ret,
                                 struct error *err);
void feature_set_release(struct feature_set *set);

/* Which images count. */
struct feature_choice {
    int usage;     /* enum feature_usage; -1: any */
    int64_t label; /* place of the name; -1: any, -2: none has it */
};
/* What `label` is for feature_choice; NULL is any. */
int64_t feature_set_label(const struct feature_set *set, const char *name);
/* How many images count, by usage. */
void feature_set_count(const struct feature_set *set, const struct feature_choice *choice,
                       uint64_t ret[FEATURE_USAGE_COUNT]);
/* The finite values of a feature in those, ascending; `into` has room for all of the set. */
struct shift_values feature_set_values(const struct feature_set *set, const struct feature_choice *choice,
                                       enum record_feature feature, double *into);

DEFINE_AUTO(feature_set_writer)

#endif
