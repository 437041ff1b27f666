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
/* Fills *ret, or refuses with ERR_CONFLICT or ERR_INVALID for this sample. `labels` are the decision's labels
 * as annotations; its decided_by is not NULL. Confirmed suggestions are copied into the arena. */
MUST_CHECK bool sample_decide(const struct sample *sample, const struct sample_decision *decision,
                              const struct annotation *labels, struct arena *arena,
                              struct sample_decided *ret, struct error *err);

#endif
