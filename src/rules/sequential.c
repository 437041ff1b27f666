/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/families.h"

const struct rule sequential_rule = {
    .id = 4,
    .code = "Q4",
    .name = "Neighbours disagree",
    .method = METHOD_SEQUENTIAL,
    .needs = NEEDS_PREDICTION | NEEDS_APPEARANCE | NEEDS_ORDER,
    .profile = PROFILE_NEVER,
    .for_classification = true,
    .for_detection = true,
    .speaks_from = 0.05,
    .suggestion = "Label the burst together, so that like images get like labels.",
    .formula = "share of the images just before and after that look alike but got another prediction",
    .source = "temporal consistency, Jin et al. 2018",
    .misleads = "Needs an order with a meaning: file names or times of a camera, not a shuffled folder.",
};
