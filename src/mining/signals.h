/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals: the few numbers of an image from which the learned combiner (mining/combiner.h) tells how likely
 * its prediction is wrong: what the reasons are made of, before they are cut to what is worth saying. Each is
 * larger where a mistake is likelier.
 */
#ifndef MINING_SIGNALS_H
#define MINING_SIGNALS_H

#include "mining/views.h"

enum signal {
    SIGNAL_UNSURE,  /* log odds of 1 - confidence, of the mean over the image and its copies; detectors: of
                       the strength of reason 0 or 1 */
    SIGNAL_NOTHING, /* strength of reason 0 */
    SIGNAL_DISAGREEMENT, /* of the training neighbours with the prediction: vote_combined */
    SIGNAL_RATIO,        /* of distances to the predicted class and to others: vote_ratio */
    SIGNAL_SEQUENCE,     /* strength of reason 4 */
    SIGNAL_DISTRIBUTION, /* largest strength of reasons 5 to 18 */
    SIGNAL_ANOMALY,      /* strength of reason 30 */
    SIGNAL_VIEWS,        /* detection: mean over copies of 1 - exp(-scores of boxes that came or went);
                            classifiers have it in UNSURE */
    SIGNAL_BOXES,        /* detection: log(1 + boxes): each may be wrong */
    SIGNAL_COUNT
};
const char *signal_name(enum signal signal); /* "unsure", … */

struct signals {
    float values[SIGNAL_COUNT]; /* finite */
    uint32_t predicted;         /* class; CLASS_NONE: a detector found nothing */
};
/* Without copies. `strengths`: of this subject. */
struct signals signals_of(const struct rule_subject *subject, const double strengths[REASON_COUNT]);
/* Works the answers for an image's copies in: AUGMENT_OPS views, of which those of `work`'s operations that
 * speak count. Once for each image. */
void signals_add_views(const struct mining_view_work *work, const struct mining_reference *reference,
                       const struct view *views, struct signals *signals);

#endif
