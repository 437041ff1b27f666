/* SPDX-License-Identifier: Apache-2.0 */
/* The demo knows the truth of its stream: how good is the list, beside one sorted by plain confidence? */
#ifndef DEMO_DEMO_TRUTH_H
#define DEMO_DEMO_TRUTH_H

#include "base/path.h"
#include "demo/demo.h"

/* The true class of a stream image, by its file name. False when it is none of ours. */
bool demo_truth_of(const struct demo_data *data, const char *source, uint8_t *ret);
struct demo_run {
    struct store *store; /* data store */
    const char *run, *mining_task;
};
MUST_CHECK bool demo_truth_score(const struct demo_data *data, const struct demo_run *run,
                                 struct demo_score *ret_ours, struct demo_score *ret_plain,
                                 struct error *err);

#endif
