/* SPDX-License-Identifier: Apache-2.0 */
/* Reference: what the images of a run are held against: the training profile, or without one the run itself.
 */
#ifndef MINING_REFERENCE_H
#define MINING_REFERENCE_H

#include "mining/batch_sample.h"
#include "mining/neighbours.h"
#include "mining/sequence.h"
#include "mining/settings.h"
#include "mining/temperature.h"

/* Training samples, evenly spaced, on which the worth of a feature space is measured, and how far such
 * samples lie from each other, leaving each out. */
enum { REFERENCE_PROBES = 2000 };

struct mining_reference {
    struct rule_reference rules;
    struct neighbour_search *embedding, *appearance; /* NULL: this space is not available */
    double *run_features[FEATURE_COUNT];             /* finite values of the run, ascending */
    uint32_t run_feature_counts[FEATURE_COUNT];
    double *embedding_distances, *appearance_distances; /* what rules.*_distances point to */
    struct batch_sample sample;     /* without a profile: what the run is held against; empty with one */
    uint32_t features_length;       /* of the features in place of the appearance; 0: none */
    struct temperature temperature; /* of reason 1 */
    struct sequence *sequence;      /* NULL: reason 4 is off */
};
/* Borrows what `input` points to. ERR_INVALID: the profile does not fit the run. Release it also after an
 * error. */
MUST_CHECK bool mining_reference_build(const struct mining_input *input, const struct mining_plan *plan,
                                       struct mining_reference *reference, struct error *err);
void mining_reference_release(struct mining_reference *reference);

/* The features of all records of a shard, count × length, or *ret NULL where the appearance serves; the
 * caller frees them. `shard`: its number in the run, or among the profile's records. */
MUST_CHECK bool mining_shard_features(const struct mining_input *input, bool of_training, uint32_t number,
                                      uint32_t count, float **ret, struct error *err);
bool mining_is_stopped(const struct mining_input *input);
/* Ascending; none is NaN. */
void mining_sort_numbers(double *values, size_t count);

#endif
