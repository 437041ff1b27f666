/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence: what all families need to write their evidence objects. */
#ifndef RULES_EVIDENCE_H
#define RULES_EVIDENCE_H

#include "rules/rule.h"

/* Into [0, 1]; NaN becomes 0. */
double evidence_unit(double value);
/* Adds a number rounded to six decimals; null when it is not finite. */
void evidence_number(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *name, double value);
/* Adds a copy of the text. */
void evidence_text(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *name, const char *text);
/* Adds the members `sentence` and `said`: the sentence's `message` with {0}, {1} … where its `values` stand,
 * as texts in their order. What the console translates: %s in quotes is somebody's word and stays as it is,
 * any other %s is one of ours (web/src/labelling/reason_sentences.ts has them all). Conversions: %s, %u,
 * %.Nf,
 * %%. */
void evidence_sentence(yyjson_mut_doc *doc, yyjson_mut_val *evidence, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The header's name of a class; "(a class the model does not know)" past its classes. */
const char *evidence_label(const struct record_header *header, uint32_t class_index);
/* Adds `label` of a training sample, or `labels` where an image may show several: at most
 * EVIDENCE_LABELS_MAX. */
enum { EVIDENCE_LABELS_MAX = 10 };
void evidence_sample_labels(const struct rule_reference *reference, uint32_t sample, yyjson_mut_doc *doc,
                            yyjson_mut_val *object);

#endif
