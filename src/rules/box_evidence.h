/* SPDX-License-Identifier: Apache-2.0 */
/* Box evidence: which boxes of a detector's answer a reason speaks of. */
#ifndef RULES_BOX_EVIDENCE_H
#define RULES_BOX_EVIDENCE_H

#include "record/box_features.h"
#include "rules/rule.h"

enum { EVIDENCE_FAR_BOXES_MAX = 5, EVIDENCE_ALL_BOXES_MAX = 20 };

/* A list of boxes in the making: as they come in the evidence. */
struct box_choice {
    uint32_t index; /* of the candidate in the record */
    double value;   /* what the reason measures of it; NaN: nothing */
};

/* Adds `boxes`: {index, label, score, box [x_min, y_min, x_max, y_max], value} of each, value where it is not
 * NaN. */
void box_evidence_add(const struct rule_subject *subject, const struct box_choice *boxes, uint32_t count,
                      yyjson_mut_doc *doc, yyjson_mut_val *evidence);

/* Adds `box`: its edges, in hundredths of a px. */
void box_evidence_add_edges(const struct box *box, yyjson_mut_doc *doc, yyjson_mut_val *one);

/* The kept boxes of a subject, as record_box_features takes them. */
struct image_boxes box_evidence_kept(const struct rule_subject *subject);

/* Adds those kept boxes whose own value of a box feature lies farthest from `median`, on the side on which
 * the image's value lies, at most EVIDENCE_FAR_BOXES_MAX; of number and area deviation all kept boxes, up to
 * EVIDENCE_ALL_BOXES_MAX, the latter with their areas. */
void box_evidence_add_feature(const struct rule_subject *subject, enum record_feature feature, double median,
                              yyjson_mut_doc *doc, yyjson_mut_val *evidence);

#endif
