/* SPDX-License-Identifier: Apache-2.0 */
/* Baseline: what others publish for finding a model's mistakes, from its definition, as a hardness. */
#ifndef BENCH_BASELINE_H
#define BENCH_BASELINE_H

#include "rules/rule.h"

enum baseline_needs {
    BASELINE_EMBEDDING = 1 << 0,   /* neighbours in the model's embedding */
    BASELINE_APPEARANCE = 1 << 1,  /* neighbours in the appearance vector */
    BASELINE_THREE_VIEWS = 1 << 2, /* ModelArts' default: crop, fliplr, gaussianblur */
    BASELINE_ALL_VIEWS = 1 << 3,   /* the eleven */
};
struct baseline_subject {
    const struct record_header *header;
    const struct record *record;
    const double *scores;         /* classification: probabilities */
    uint32_t predicted;           /* classification: the largest */
    uint32_t answers;             /* detection: candidates that are the model's answer, the first ones */
    struct neighbours neighbours; /* in the space that is needed */
    const struct view *views;     /* AUGMENT_OPS; those not needed are missing */
};
struct baseline {
    const char *name, *source;
    enum model_type type;
    uint32_t needs;
    double (*hardness)(const struct baseline_subject *subject);
};
/* Ends with a NULL name. */
extern const struct baseline all_baselines[];

/* baseline_scores.c: of the model's output alone */
double baseline_max_softmax(const struct baseline_subject *subject);
double baseline_margin(const struct baseline_subject *subject);
double baseline_entropy(const struct baseline_subject *subject);
double baseline_energy(const struct baseline_subject *subject);
double baseline_cross_entropy_filter(const struct baseline_subject *subject);
/* baseline_neighbours.c */
double baseline_knn_distance(const struct baseline_subject *subject);
double baseline_trust_score(const struct baseline_subject *subject);
/* baseline_views.c */
double baseline_view_disagreement(const struct baseline_subject *subject);
double baseline_box_consistency(const struct baseline_subject *subject);
/* baseline_boxes.c */
double baseline_threshold_filter(const struct baseline_subject *subject);
double baseline_ibt_filter(const struct baseline_subject *subject);
double baseline_csf_filter(const struct baseline_subject *subject);
double baseline_entropy_sum(const struct baseline_subject *subject);
double baseline_entropy_max(const struct baseline_subject *subject);

#endif
