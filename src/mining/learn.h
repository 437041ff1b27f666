/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Learn: hard coefficients from labelled images: those that the training manifest holds out (usage EVAL or
 * TEST), and those of the run that people have confirmed or corrected. On each of them it is known whether
 * the prediction was wrong. What is learned (mining/combiner.h) takes the place of the fixed weights when it
 * ranks the labelled images at least as well as these, on folds that it did not see.
 */
#ifndef MINING_LEARN_H
#define MINING_LEARN_H

#include "mining/combiner.h"
#include "mining/examine.h"

enum { LEARN_HELD_OUT_MAX = 2000, LEARN_CONFIRMED_MAX = 20000, LEARN_WHY_BYTES = 200 };

struct learned {
    bool is_used;
    char why[LEARN_WHY_BYTES];    /* it is not used; "" when it is */
    uint32_t held_out, confirmed; /* labelled images of either kind */
    uint64_t copies;              /* inferred of images held out */
    struct combiner combiner;     /* of what was fitted, used or not */
};
struct learn_task {
    const struct mining_input *input;
    const struct mining_plan *plan;
    const struct mining_reference *reference;
    const struct examine_rules *rules;
    const struct mining_view_work *view_work;
    const struct signals *signals; /* of all records of the run, copies worked in */
};
/* Puts probabilities into `coefficients`, one for each record, when what was learned is used: where the fixed
 * one is above 0, so that every hard example has a reason. Release *ret also after an error. */
MUST_CHECK bool learn_apply(const struct learn_task *task, double *coefficients, struct learned *ret,
                            struct error *err);
void learned_release(struct learned *learned);

#endif
