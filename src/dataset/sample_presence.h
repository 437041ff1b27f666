/* SPDX-License-Identifier: Apache-2.0 */
/* Presence: samples that come and go as they are, all inside the caller's transaction. */
#ifndef DATASET_SAMPLE_PRESENCE_H
#define DATASET_SAMPLE_PRESENCE_H

#include "dataset/dataset.h"

struct samples_arriving {
    const char *dataset_id;
    const struct sample *items; /* id, source and the rest as stored; none of them is there yet */
    size_t count;               /* at most DB_MANY_MAX */
    int64_t change, now_ms;     /* DATASET_NEXT_CHANGE; when they were written */
};
/* Their labels are in the dataset's set already. The first revision is 1. */
MUST_CHECK bool samples_insert(struct db *db, struct arena *arena, const struct samples_arriving *arriving,
                               struct error *err);
/* Removes samples with their annotations and looks; what operations kept of them stays. At most DB_MANY_MAX
 * ids. The caller ends with dataset_touch_removed. */
MUST_CHECK bool samples_remove(struct db *db, const char *const *ids, size_t count, struct error *err);
/* As dataset_touch, and tells those who keep something made from the samples that some are gone. */
MUST_CHECK bool dataset_touch_removed(struct db *db, const char *dataset_id, int64_t now_ms,
                                      struct error *err);

/* Everything that is stored of a sample but revision and times of change, as JSON in the arena. */
MUST_CHECK bool sample_whole_write(const struct sample *sample, struct arena *arena, const char **ret,
                                   struct error *err);
/* Fills all but id. */
MUST_CHECK bool sample_whole_read(const char *whole, struct arena *arena, struct sample *ret,
                                  struct error *err);

#endif
