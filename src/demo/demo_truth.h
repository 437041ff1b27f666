/* SPDX-License-Identifier: Apache-2.0 */
/* The demo knows the truth of its stream: how good is the list, beside those of its rivals? */
#ifndef DEMO_DEMO_TRUTH_H
#define DEMO_DEMO_TRUTH_H

#include "demo/demo_kind.h"

struct demo_run {
    struct store *store; /* data store */
    const char *run, *mining_task;
};
/* ret_scores[0] is the list by hard coefficient, then come the kind's rivals. */
MUST_CHECK bool demo_truth_score(const struct demo_kind *kind, const struct demo_data *data,
                                 const struct demo_run *run, struct ranking *ret_scores, struct error *err);

#endif
