/* SPDX-License-Identifier: Apache-2.0 */
/* Settings: the texts of struct mining_settings, read into what mining works with. */
#ifndef MINING_SETTINGS_H
#define MINING_SETTINGS_H

#include "mining/mining.h"
#include "mining/sequence.h"

enum { SETTINGS_TEXT_MAX_BYTES = 1024, SETTINGS_TOP_MAX = 1000000000 };

struct mining_plan {
    double weights[METHOD_COUNT]; /* 0: this method is off */
    bool may_speak[REASON_COUNT]; /* as the settings would have it */
    struct augment_settings augment;
    double augment_budget;
    bool augments_all; /* copies of all images, whatever they can change */
    double threshold;
    enum sequence_order sequence_order;
    bool learns;            /* the settings let the combiner learn */
    const char *learns_not; /* else why they do not */
    uint64_t top_count;     /* 0: no cap by number */
    double top_percent;     /* 0: no cap by share */
    uint64_t per_class;     /* 0: no cap by class */
    double diversity;       /* 0..1: share of a budget that is spread over what images look like */
    bool groups;            /* near-duplicates take no places */
};
MUST_CHECK bool mining_plan_make(const struct mining_settings *settings, struct mining_plan *ret,
                                 struct error *err);
/* The cap that the plan sets for a run of so many analysed images: at least 1, UINT64_MAX without a cap. */
uint64_t mining_plan_cap(const struct mining_plan *plan, uint64_t analysed);

#endif
