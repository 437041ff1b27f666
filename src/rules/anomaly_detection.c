/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/families.h"

const struct rule anomaly_rule = {
    .id = 30,
    .code = "X30",
    .name = "Predicted abnormal",
    .method = METHOD_ANOMALY_DETECTION,
    .needs = NEEDS_EMBEDDING | NEEDS_APPEARANCE,
    .profile = PROFILE_MAY_USE_BATCH,
    .for_classification = true,
    .for_detection = true,
    .speaks_from = 0.5,
    .suggestion = "Look whether this is a new class: then give it a label; if it is not of use, exclude it.",
    .formula =
        "rank of the distance to the k-th nearest image among the same distances inside the training set",
    .source = "deep nearest neighbours for out-of-distribution detection, Sun et al. 2022",
    .misleads = "New is not wrong: a model may well be right about images unlike all it was trained on.",
};
