/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Training profile: what mining knows of a training manifest: the records of its images under the deployed
 * model, with their true labels, and the sorted values of each feature. Made once per (manifest, model,
 * record format) by work/, kept in the data store under profiles/<key>/, and read here.
 *
 * An open profile is in memory: per usable sample 4 bytes for each number of its embedding and appearance, 8
 * for each feature, and about 110 with its source: 2.5 KB with 256 + 336 numbers, 5 GB at the limit. For
 * detection 40 more, and 4 for each class in the image.
 */
#ifndef RECORD_PROFILE_H
#define RECORD_PROFILE_H

#include "record/class_set.h"
#include "record/record.h"

enum { PROFILE_SAMPLES_MAX = 2000000 };

struct profile; /* immutable once open; shared by threads */

/* The folder name of a profile: a hash of manifest bytes' hash, model hash and RECORD_FORMAT. */
void profile_key(const char *manifest_hash, const char *model_hash, char ret_key[33]);

/* Opens the record shards in `folder`. Samples that failed, or have no label, are left out and counted; for
 * detection an image that was labelled as showing nothing is a sample like any other.
 * ERR_INVALID: none is left, or its labels share no name with the model's; ERR_LIMIT past
 * PROFILE_SAMPLES_MAX. */
MUST_CHECK bool profile_open(struct store *store, const char *folder, struct profile **ret,
                             struct error *err);
struct profile *profile_free(struct profile *profile);
/* For a profile of images that no model was asked about: what its records say of predictions counts for
 * nothing, so the predictions below are UINT32_MAX with confidence 0, and there are no near misses. To be
 * called before the profile is shared. */
void profile_forget_predictions(struct profile *profile);

uint32_t profile_count(const struct profile *profile);    /* usable samples */
uint32_t profile_left_out(const struct profile *profile); /* failed or without label */
const struct record_header *profile_header(const struct profile *profile);
const char *profile_source(const struct profile *profile, uint32_t sample);
/* The records that the samples are among, and the run-wide index of a sample's own; it grows with the sample.
 */
const struct record_set *profile_records(const struct profile *profile);
uint64_t profile_record(const struct profile *profile, uint32_t sample);
/* Class index in the header's labels of sample i (its first label), UINT32_MAX for a label the model does not
 * know, and for an image labelled as showing nothing. */
const uint32_t *profile_labels(const struct profile *profile);
/* Detection, else NULL: the classes of the boxes that a person drew in each sample, without those that the
 * model does not know. */
const struct class_set *profile_class_sets(const struct profile *profile);
/* Detection, else NULL: record_near_mass of each sample; NULL without predictions. */
const float *profile_near_masses(const struct profile *profile);
/* The model's own answer: the class with the largest score, of a detector's best candidate (UINT32_MAX: it
 * has none, with confidence 0). */
const uint32_t *profile_predictions(const struct profile *profile);
const float *profile_confidences(const struct profile *profile); /* the score of that answer */
/* "TRAIN", "EVAL", "TEST", "INFERENCE"; NULL: none of these. */
const char *profile_usage(const struct profile *profile, uint32_t sample);
/* count × length, rows of L2 norm 1 (zero rows stay zero); NULL: none. */
const float *profile_embeddings(const struct profile *profile);
const float *profile_appearance(const struct profile *profile);
/* Finite values of a feature, ascending. Those of boxes are of the boxes that a person drew. */
const double *profile_feature(const struct profile *profile, enum record_feature feature,
                              uint32_t *ret_count);

DEFINE_AUTO(profile)

#endif
