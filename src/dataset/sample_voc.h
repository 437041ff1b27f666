/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sample and annotation file: how boxes lie in a dataset (docs/manifest-format.md). What a file says beyond
 * labels, shapes and confidence is kept under names that begin with SAMPLE_VOC_PREFIX in property_json of the
 * annotation and metadata_json of the sample, so that a published file says it again. Usual values
 * ("Unspecified", 0 …) are not kept. Pure.
 */
#ifndef DATASET_SAMPLE_VOC_H
#define DATASET_SAMPLE_VOC_H

#include "dataset/dataset.h"
#include "manifest/voc.h"

#define SAMPLE_VOC_PREFIX "@voc:"

/* Fills the annotations, size and metadata of a sample whose hard attributes are known already; a coefficient
 * that only the objects have becomes the sample's. Texts borrowed or in the arena. */
MUST_CHECK bool sample_take_voc(const struct manifest_annotation *annotation, const struct voc *voc,
                                bool is_suggested, struct arena *arena, struct sample_new *sample,
                                struct error *err);
/* The file of a labeled sample. */
MUST_CHECK bool sample_make_voc(const struct sample *sample, bool hard_attributes, struct arena *arena,
                                struct voc *ret, struct error *err);
/* The sample's annotation in a manifest's line, without annotation-loc; *ret_property is what of its metadata
 * belongs to the line. */
MUST_CHECK bool sample_make_voc_annotation(const struct sample *sample, struct arena *arena,
                                           struct manifest_annotation *ret, const char **ret_property,
                                           struct error *err);

#endif
