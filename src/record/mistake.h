/* SPDX-License-Identifier: Apache-2.0 */
/* Mistake: is the model's answer what a person said of the image? For records that carry that. */
#ifndef RECORD_MISTAKE_H
#define RECORD_MISTAKE_H

#include "record/record.h"

enum record_verdict { VERDICT_UNKNOWN, VERDICT_RIGHT, VERDICT_WRONG };

enum { MISTAKE_BOXES_MAX = 1000 }; /* of the answer, and drawn: more are not looked at */

/* A classifier is right when its best class is one of the true labels. A detector is right when every box of
 * its answer, the best first, finds a box of its class that a person drew and that no other has found, with
 * an intersection over union of 0.5 or more, and none of those is left over. Unknown: a failed record, or one
 * of which nothing was said. `scores` has room for header->classes. */
enum record_verdict record_verdict(const struct record_header *header, const struct record *record,
                                   double *scores);

#endif
