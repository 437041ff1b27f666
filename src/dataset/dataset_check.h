/* SPDX-License-Identifier: Apache-2.0 */
/* What may be stored: names, reasons and samples from outside are checked here before they meet a statement.
 * Pure. */
#ifndef DATASET_DATASET_CHECK_H
#define DATASET_DATASET_CHECK_H

#include "dataset/dataset.h"

/* 1..max_characters of A-Z a-z 0-9 _ -, as ModelArts has it. ERR_INVALID names `what`. */
MUST_CHECK bool dataset_check_name(const char *name, const char *what, size_t max_characters,
                                   struct error *err);
MUST_CHECK bool dataset_check_type(const char *dataset_type, struct error *err);
/* Anything printable, docs/decisions/label-names.md. */
MUST_CHECK bool dataset_check_label(const char *label, struct error *err);
/* Labels a person gave: each checked, none twice, at most `max`. */
MUST_CHECK bool dataset_check_labels(struct param_list labels, size_t max, struct error *err);
/* Whole numbers 0..SAMPLE_REASON_MAX joined by '-', none twice, at least one. */
MUST_CHECK bool sample_check_reasons(const char *reasons, struct error *err);
/* *ret is the usage in capitals; NULL for NULL and "". */
MUST_CHECK bool sample_check_usage(const char *usage, const char **ret, struct error *err);
MUST_CHECK bool sample_check_author(const char *annotated_by, struct error *err);
bool sample_state_is_known(const char *state);
/* The whole sample for a dataset of this type; the message names its source. */
MUST_CHECK bool sample_check(const struct sample_new *sample, const char *dataset_type, struct error *err);

#endif
