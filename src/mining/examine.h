/* SPDX-License-Identifier: Apache-2.0 */
/* Examine: the strengths of all reasons for a block of images: scores, neighbours, then rule by rule. */
#ifndef MINING_EXAMINE_H
#define MINING_EXAMINE_H

#include "mining/reference.h"
#include "mining/settings.h"

enum { EXAMINE_IMAGES_MAX = NEIGHBOUR_QUERIES_MAX };

/* Why each reason is silent in this run, NULL for those that may speak. */
struct examine_rules {
    const char *off[REASON_COUNT];
    bool is_cut_by_settings; /* for one of them the settings alone are why */
};
struct examine_rules examine_choose_rules(const struct mining_plan *plan,
                                          const struct mining_reference *reference);

/* Working memory of one thread. */
struct examiner;
/* Borrows its arguments until freed. NULL: no memory. */
struct examiner *examiner_new(const struct mining_reference *reference, const struct examine_rules *rules);
struct examiner *examiner_free(struct examiner *examiner);

/* Called for each image of a block that did not fail, in order. `place`: which of the rows. Strengths of
 * reasons that are off are 0. */
typedef bool examine_visitor(void *state, uint32_t place, const struct rule_subject *subject,
                             const double strengths[REASON_COUNT], struct error *err);
struct examine_rows {
    uint32_t count; /* 1 to EXAMINE_IMAGES_MAX */
    uint32_t rows[EXAMINE_IMAGES_MAX];
    bool is_training;                     /* rows are of the training profile … */
    uint32_t samples[EXAMINE_IMAGES_MAX]; /* … these samples of it, which are not their own neighbours */
    const float *features;                /* of all records of the shard; NULL: the appearance serves */
    const struct view *views; /* AUGMENT_OPS for each record of the shard; NULL: none were measured */
};
MUST_CHECK bool examine_block(struct examiner *examiner, const struct record_shard *shard,
                              const struct examine_rows *rows, examine_visitor *visit, void *state,
                              struct error *err);

DEFINE_AUTO(examiner)

#endif
