/* SPDX-License-Identifier: Apache-2.0 */
/* A sample as a line of a manifest, and what a line says of who labelled and when. Pure. */
#ifndef DATASET_SAMPLE_MANIFEST_H
#define DATASET_SAMPLE_MANIFEST_H

#include "dataset/dataset.h"

struct manifest_form {
    bool is_detection;
    bool hard_attributes;
    const char *annotation_loc; /* of a labeled sample of boxes: where its file will be */
};
/* Only a labeled sample has annotations in it; hard attributes only when asked for. Texts are borrowed from
 * the sample or in the arena. */
MUST_CHECK bool manifest_of_sample(const struct sample *sample, const struct manifest_form *form,
                                   struct arena *arena, struct manifest_sample *ret, struct error *err);

#define ANNOTATED_BY_HUMAN "human" /* where a line names nobody */
const char *annotation_author(const struct manifest_annotation *annotation);
/* Milliseconds; 0 for none, and for a time that nobody can read: no reason to lose a label. */
int64_t annotation_time_ms(const char *creation_time);

#endif
