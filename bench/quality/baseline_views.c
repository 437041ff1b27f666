/* SPDX-License-Identifier: Apache-2.0 */
#include "baseline.h"

#include <math.h>

/* 1 - mean probability of the image's class, over the image and its copies. */
double baseline_view_disagreement(const struct baseline_subject *subject)
{
    double kept = subject->scores[subject->predicted], seen = 1;
    for (int op = 0; op < AUGMENT_OPS; op++) {
        if (!view_is_measured(&subject->views[op]))
            continue;
        kept += (double)subject->views[op].kept;
        seen++;
    }
    return 1 - kept / seen;
}

/* Mean over the copies of 1 - sum(IoU x smaller score) / sum(larger score) of matched boxes: as CALD's
 * consistency of boxes, averaged where that takes the least consistent one. */
double baseline_box_consistency(const struct baseline_subject *subject)
{
    double changed = 0, seen = 0;
    for (int op = 0; op < AUGMENT_OPS; op++) {
        if (!view_is_measured(&subject->views[op]))
            continue;
        changed += (double)subject->views[op].changed;
        seen++;
    }
    return seen > 0 ? changed / seen : 0;
}
