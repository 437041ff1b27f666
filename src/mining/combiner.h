/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Combiner: from signals of images of which is known whether their prediction was wrong, how likely that is
 * for others: a logistic regression whose slopes are not negative, so that the answer never falls when a
 * signal grows. With few labelled images the slopes stay small; each class brings how often it was wrong
 * (shrunk to the rate of all), as one more signal. Deterministic, one thread.
 */
#ifndef MINING_COMBINER_H
#define MINING_COMBINER_H

#include "mining/signals.h"

enum {
    COMBINER_INPUTS = SIGNAL_COUNT + 1, /* the signals and the odds of the class */
    COMBINER_ROWS_MAX = 40000,
    COMBINER_WRONG_MIN = 20, /* so many right and so many wrong answers are needed */
    COMBINER_FOLDS = 5,
};
#define COMBINER_PENALTY 10.0     /* on squared slopes, of signals in units of their deviation */
#define COMBINER_CLASS_WEIGHT 10. /* the rate of all counts as so many images of each class */

struct combiner_row {
    struct signals signals;
    double fixed; /* coefficient without learning */
    bool is_wrong;
};
struct combiner {
    double bias, slopes[COMBINER_INPUTS]; /* of standardized inputs */
    double means[COMBINER_INPUTS], deviations[COMBINER_INPUTS];
    double *class_odds; /* of `classes` + 1: log odds; the last of no class */
    uint32_t classes;
    /* How well rows are ranked by a fit that did not see them, and by the fixed coefficients: AUROC, mean
     * over the folds. */
    double auroc_learned, auroc_fixed;
    uint32_t rows, wrong;
};
/* Fits to all rows. ERR_LIMIT past COMBINER_ROWS_MAX; *ret_is_fitted false: too few right or wrong answers,
 * and only rows and wrong are filled. Release it also then. */
MUST_CHECK bool combiner_fit(const struct combiner_row *rows, uint32_t count, uint32_t classes,
                             struct combiner *ret, bool *ret_is_fitted, struct error *err);
/* Probability that the prediction is wrong, in [0, 1]. */
double combiner_probability(const struct combiner *combiner, const struct signals *signals);
void combiner_release(struct combiner *combiner);

#endif
