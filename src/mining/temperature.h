/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Temperature: by what a softmax classifier's logits are to be divided so that its confidence says how often
 * it is right: the one number T that gives the true labels of held-out images the largest likelihood under
 * softmax(logits / T) (Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", 2017). It
 * changes no prediction, but which images look less sure than others. Deterministic, one thread.
 */
#ifndef MINING_TEMPERATURE_H
#define MINING_TEMPERATURE_H

#include "record/profile.h"

enum {
    TEMPERATURE_SAMPLES_MIN = 100,
    TEMPERATURE_SAMPLES_MAX = 2000, /* evenly spaced where there are more */
    TEMPERATURE_EACH_MIN = 20,      /* so many right and so many wrong answers are needed: without wrong
                                       ones the likelihood grows as T falls to nothing */
    TEMPERATURE_LABELS_MIN = 2,     /* different true labels */
    TEMPERATURE_WHY_BYTES = 200,
};
#define TEMPERATURE_LEAST 0.25
#define TEMPERATURE_MOST 8.0

/* count × classes logits, row-major, and the true class of each row, below `classes`. */
struct temperature_rows {
    const float *logits;
    const uint32_t *labels;
    uint32_t count, classes;
};
/* Mean of -ln softmax(logits / temperature)[label], nats; 0 without rows. */
double temperature_loss(const struct temperature_rows *rows, double temperature);
/* Where that is smallest between TEMPERATURE_LEAST and TEMPERATURE_MOST: it is convex in 1 / T, whose
 * derivative's zero is found by Newton's steps, halving where one leaves the bracket. 1 without rows. */
double temperature_minimise(const struct temperature_rows *rows);

struct temperature {
    double value; /* 0: not fitted, scores are taken as they are */
    uint32_t samples, wrong;
    double loss_before, loss_after;  /* temperature_loss at 1 and at value; nats */
    char why[TEMPERATURE_WHY_BYTES]; /* it was not fitted; "" when it was */
};
/* From the samples of usage EVAL or TEST, which the model did not learn from. `profile` NULL: not fitted. */
MUST_CHECK bool temperature_fit(const struct profile *profile, struct temperature *ret, struct error *err);

#endif
