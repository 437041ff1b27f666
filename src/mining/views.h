/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Views: which augmented copies a mining run asks the model about, and what becomes of the answers.
 *
 * First each operation is tried on a sample of the training images, or of the run without them: how much do
 * right answers change, and does the change tell wrong answers from right ones? Operations that do not are
 * off. Then, once all other reasons have spoken, copies are inferred where they can matter, hardest images
 * first, within the budget: of an image whose coefficient could not reach the threshold, or a place from
 * which it might be listed (choose_reach), even at full strength, none (aug_all: all the same); coefficients
 * are those of the fixed weights, learning comes later. The operation that tells most takes the first round;
 * the others only look at images whose answer changed in it.
 */
#ifndef MINING_VIEWS_H
#define MINING_VIEWS_H

#include "mining/reference.h"
#include "mining/settings.h"

enum { VIEWS_SAMPLE_MAX = 1000, VIEWS_BATCH_SAMPLE_MAX = 500 };
#define VIEWS_FIRST_SHARE 0.4    /* of the budget, for the first round */
#define VIEWS_GO_ON_FROM 0.2     /* strength / worth in the first round from which on the others look */
#define VIEWS_TELLING_WORTH 0.01 /* an operation worth less is off */

struct signals;

struct mining_view_work {
    const struct mining_input *input;
    const struct mining_plan *plan;
    bool is_on;
    struct view_reference references[AUGMENT_OPS]; /* in the order of the reasons */
    double *changes[AUGMENT_OPS];                  /* what references point to */
    struct augment_settings active;                /* those of the plan's operations that speak */
    uint16_t *wanted;        /* of each record: bits by place in plan->augment; NULL: is off */
    uint64_t sampled;        /* copies inferred for the trial of the operations, on training images */
    struct signals *signals; /* of each record, where views_apply works the answers in too; NULL: nowhere */
    uint64_t missing; /* views that were wanted and are not there: images gone, or nobody asked the model */
};
/* Tries the operations and points reference->rules.views to what was found. Release it also after an error.
 */
MUST_CHECK bool views_try(const struct mining_input *input, const struct mining_plan *plan,
                          struct mining_reference *reference, struct mining_view_work *ret,
                          struct error *err);
/* Has copies inferred, by the coefficients without them, and works the answers into these, one for each
 * record. NaN stays NaN. `strengths`: AUGMENT_OPS for each record, of those wanted; may be NULL. */
MUST_CHECK bool views_apply(struct mining_view_work *work, const struct mining_reference *reference,
                            double *coefficients, double *strengths, struct error *err);
/* The strength of the method in one image, of its AUGMENT_OPS views. */
double views_strength(const struct mining_view_work *work, const struct mining_reference *reference,
                      const struct record *record, const struct view *views);
/* The operations that speak, as bits by place in the plan's. */
uint16_t views_active_bits(const struct mining_view_work *work);
/* The views of a shard, AUGMENT_OPS for each record; those not wanted are missing. */
struct views_wanted {
    bool of_training;
    const uint16_t *bits; /* of each record of the whole set */
    const struct record_shard *shard;
    uint32_t number;
};
MUST_CHECK bool views_read(const struct mining_view_work *work, const struct views_wanted *wanted,
                           struct view *ret, struct error *err);
void views_release(struct mining_view_work *work);

#endif
