/* SPDX-License-Identifier: Apache-2.0 */
/* Report: the JSON that tells what a mining run did, for people and the console. */
#ifndef MINING_REPORT_H
#define MINING_REPORT_H

#include "mining/choose.h"
#include "mining/learn.h"

enum { REPORT_BINS = 20 };

/* The bin of a value between `from` and `to`; what lies outside is in the bins at the ends. */
int report_bin(double value, double from, double to);

/* Fills result->report. Everything else in the result must be there already. */
MUST_CHECK bool report_write(const struct mining_settings *settings, const struct mining_plan *plan,
                             const struct mining_reference *reference, const struct examine_rules *rules,
                             struct mining_result *result, struct error *err);
/* Adds `views`: what was asked of the model again, and how the operations did; null when nothing was. */
MUST_CHECK bool report_add_views(const struct mining_view_work *work, struct mining_result *result,
                                 struct error *err);
/* Adds `learned`: from how many labelled images, how well, with which slopes, or why not. */
MUST_CHECK bool report_add_learned(const struct learned *learned, struct mining_result *result,
                                   struct error *err);
/* Adds `feature`: in which space, beside the model's embedding, images were compared with training images. */
MUST_CHECK bool report_add_feature(const struct mining_input *input, struct mining_result *result,
                                   struct error *err);
/* Adds `list`: how the hard images became a list. */
MUST_CHECK bool report_add_list(const struct choice *choice, const struct mining_plan *plan,
                                struct mining_result *result, struct error *err);

#endif
