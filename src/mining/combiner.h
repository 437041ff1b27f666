/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Combiner: from signals of images of which is known whether their prediction was wrong, how likely that is
 * for others: a logistic regression whose slopes are not negative, so that the answer never falls when a
 * signal grows. With few labelled images the slopes stay small; each class brings how often it was wrong
 * (shrunk to the rate of all), as one more signal.
 *
 * What was learned of images unlike the stream may mislead there, which the coefficient of the fixed weights
 * does less. So its log odds, brought to the scale of a probability by two numbers (Platt 1999), are averaged
 * with those of the regression; of images of the stream itself it is learned how far the signals hold there,
 * and the fixed ones count less. Deterministic, one thread.
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
#define COMBINER_STREAM_WEIGHT 4. /* an image of the stream counts as so many that are held out */

struct combiner_row {
    struct signals signals;
    double fixed; /* coefficient without learning */
    bool is_wrong;
    bool is_of_stream; /* the others are held out of the training set */
};
struct combiner_line {
    double slope, bias; /* slope at least 0 */
};
struct combiner {
    double bias, slopes[COMBINER_INPUTS]; /* of standardized inputs */
    double means[COMBINER_INPUTS], deviations[COMBINER_INPUTS];
    double *class_odds; /* of `classes` + 1: log odds; the last of no class */
    uint32_t classes;
    /* From the log odds of the fixed coefficient to those of a mistake, and from the mean of these and the
     * regression's to the answer. In the mean the fixed ones weigh fixed_weight beside 1: images held out /
     * (these + COMBINER_STREAM_WEIGHT × those of the stream). */
    struct combiner_line of_fixed, of_mean;
    double fixed_weight;
    /* How well rows are ranked by a fit that did not see them, and by the fixed coefficients: AUROC, mean
     * over the folds. */
    double auroc_learned, auroc_fixed;
    uint32_t rows, wrong;
};
/* Fits to all rows. ERR_LIMIT past COMBINER_ROWS_MAX; *ret_is_fitted false: too few right or wrong answers,
 * and only rows and wrong are filled. Release it also then. */
MUST_CHECK bool combiner_fit(const struct combiner_row *rows, uint32_t count, uint32_t classes,
                             struct combiner *ret, bool *ret_is_fitted, struct error *err);
/* Probability that the prediction is wrong, in [0, 1]. `fixed`: the coefficient without learning. */
double combiner_probability(const struct combiner *combiner, const struct signals *signals, double fixed);
void combiner_release(struct combiner *combiner);

#endif
