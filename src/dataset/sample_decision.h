/* SPDX-License-Identifier: Apache-2.0 */
/* Decision: what a person's word makes of a sample. Pure; decide_db.c writes it down. */
#ifndef DATASET_SAMPLE_DECISION_H
#define DATASET_SAMPLE_DECISION_H

#include "dataset/dataset.h"

struct sample_decided {
    bool is_changed, has_new_annotations;
    const char *state;
    bool is_hard, is_excluded;
    const struct annotation *annotations; /* when new; borrowed, or in the arena */
    size_t annotation_count;
};
/* What a decision puts in place of what is there, in the form that samples keep it. */
struct sample_answer {
    bool is_given; /* with count 0: that nothing is there */
    const struct annotation *annotations;
    size_t count;
};
/* The decision's labels or boxes, in the arena. ERR_INVALID: both, or one that no sample can have. */
MUST_CHECK bool sample_answer_of(const struct sample_decision *decision, struct arena *arena,
                                 struct sample_answer *ret, struct error *err);
struct sample_deciding {
    const struct sample_decision *decision; /* its decided_by is not NULL */
    const struct sample_answer *answer;
    bool is_detection; /* the dataset is of boxes */
};
/* Fills *ret, or refuses with ERR_CONFLICT or ERR_INVALID for this sample. Confirmed suggestions are copied
 * into the arena. */
MUST_CHECK bool sample_decide(const struct sample *sample, const struct sample_deciding *deciding,
                              struct arena *arena, struct sample_decided *ret, struct error *err);

#endif
