/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Estimate: how many hard examples settings would give, from the strengths of a run that were measured once,
 * and from views that are kept. Where the records are at hand and not too many, the count is exactly what
 * mining_run with the same settings and reference finds, unless that would ask the model about copies that
 * nobody asked it about yet, or would learn something else: what was learned is taken from the run in which
 * the strengths were measured, with its copies, the images confirmed by then, and nothing if it learned
 * nothing.
 */
#ifndef MINING_ESTIMATE_H
#define MINING_ESTIMATE_H

#include "mining/mining.h"
#include "mining/report.h"

enum {
    STRENGTHS_IMAGES_MAX = 2000000,
    ESTIMATE_CHOICE_IMAGES_MAX = 100000, /* of larger runs the records are not read for an estimate */
    STRENGTHS_FORMAT = 4, /* another one when a rule gives other strengths: what was kept is measured again */
};

/* Immutable once made; shared by threads. */
struct mining_strengths {
    uint64_t images;
    double *values; /* as mining_result.strengths, with has_all_reasons */
};
/* Measures all reasons that can speak, whatever the settings but `sequence_order` (NULL: name), which decides
 * what reason 4 looks at. `input`'s keeps_strengths is not looked at.
 * ERR_LIMIT past STRENGTHS_IMAGES_MAX. */
MUST_CHECK bool mining_strengths_measure(const struct mining_input *input, const char *sequence_order,
                                         struct mining_strengths **ret, struct error *err);
/* Kept as an array of STRENGTHS_COLUMNS columns (docs/record-format.md has the form of arrays). */
MUST_CHECK bool mining_strengths_put(struct store *store, const char *key, const double *values,
                                     uint64_t images, struct error *err);
/* ERR_NOT_FOUND; ERR_INVALID: not of a run of so many images. */
MUST_CHECK bool mining_strengths_get(struct store *store, const char *key, uint64_t images,
                                     struct mining_strengths **ret, struct error *err);
struct mining_strengths *mining_strengths_free(struct mining_strengths *strengths);

struct mining_estimate {
    uint64_t images, analysed, hard;
    uint64_t copies_missing;        /* that mining_run would ask for */
    double threshold;               /* that of the settings */
    double cut;                     /* smallest coefficient among the hard ones; NaN: none is */
    uint64_t bins[REPORT_BINS];     /* coefficients of all analysed images, from 0 to 1 */
    uint64_t reasons[REASON_COUNT]; /* of the hard ones */
    uint64_t represented;           /* images at or above the threshold that are in groups of others */
    /* Groups, per_class and diversity were not looked at, as the settings want it: there are no more hard
     * ones than these. */
    bool is_before_choice;
};
/* Strengths of reasons 19 to 29 among these are not looked at: they depend on the settings. */
struct mining_estimate_source {
    const struct mining_strengths *strengths;
    const struct record_set *records; /* those that the strengths are of; NULL: before choice */
    const struct mining_views *views; /* `measure` may leave out what is not there; NULL: no copies */
};
/* ERR_INVALID names the setting. */
MUST_CHECK bool mining_estimate(const struct mining_estimate_source *source,
                                const struct mining_settings *settings, struct mining_estimate *ret,
                                struct error *err);

DEFINE_AUTO(mining_strengths)

#endif
