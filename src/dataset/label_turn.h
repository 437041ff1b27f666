/* SPDX-License-Identifier: Apache-2.0 */
/* Label turn: what undo and redo of an operation do to the label set, inside its transaction. */
#ifndef DATASET_LABEL_TURN_H
#define DATASET_LABEL_TURN_H

#include "dataset/label_rows.h"

struct label_turn {
    struct db *db;
    struct arena *arena;
    const struct operation *operation; /* with labels_json */
    bool is_redo;
    int64_t change, now_ms; /* DATASET_NEXT_CHANGE of its dataset */
};
/* Before its samples are turned: a rename is turned, *ret_samples of it; a label that was gone comes back.
 * ERR_CONFLICT: the set has been changed since so that a rename cannot be turned. */
MUST_CHECK bool label_turn_begin(const struct label_turn *turn, int64_t *ret_samples, struct error *err);
/* After them: a label that goes again goes, unless a sample has it. */
MUST_CHECK bool label_turn_end(const struct label_turn *turn, struct error *err);

#endif
