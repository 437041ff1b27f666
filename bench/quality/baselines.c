/* SPDX-License-Identifier: Apache-2.0 */
#include "baseline.h"

#define CLS MODEL_TYPE_CLASSIFICATION
#define DET MODEL_TYPE_DETECTION
#define SUN "Sun et al. 2022, Out-of-Distribution Detection with Deep Nearest Neighbors"
#define JIANG "Jiang et al. 2018, To Trust Or Not To Trust A Classifier"
#define SEDNA "KubeEdge Sedna, hard_example_mining.py"

const struct baseline all_baselines[] = {
    {"maximum softmax probability", "Hendrycks & Gimpel 2017", CLS, 0, baseline_max_softmax},
    {"margin", "Scheffer et al. 2001", CLS, 0, baseline_margin},
    {"entropy", "Shannon 1948", CLS, 0, baseline_entropy},
    {"energy", "Liu et al. 2020", CLS, 0, baseline_energy},
    {"HiLens/Sedna cross entropy < 0.5", SEDNA, CLS, 0, baseline_cross_entropy_filter},
    {"kNN distance", SUN, CLS, BASELINE_EMBEDDING, baseline_knn_distance},
    {"kNN distance, appearance", SUN, CLS, BASELINE_APPEARANCE, baseline_knn_distance},
    {"TrustScore", JIANG, CLS, BASELINE_EMBEDDING, baseline_trust_score},
    {"TrustScore, appearance", JIANG, CLS, BASELINE_APPEARANCE, baseline_trust_score},
    {"TTA disagreement, 3 views", "Ayhan & Berens 2018", CLS, BASELINE_THREE_VIEWS,
     baseline_view_disagreement},
    {"TTA disagreement, 11 views", "Ayhan & Berens 2018", CLS, BASELINE_ALL_VIEWS,
     baseline_view_disagreement},
    {"Sedna Threshold", SEDNA, DET, 0, baseline_threshold_filter},
    {"Sedna IBT", SEDNA, DET, 0, baseline_ibt_filter},
    {"HiLens CSF", "Huawei Cloud HiLens, hard example upload", DET, 0, baseline_csf_filter},
    {"sum of entropies", "Brust et al. 2019", DET, 0, baseline_entropy_sum},
    {"largest entropy", "Brust et al. 2019", DET, 0, baseline_entropy_max},
    {"consistency, 3 views", "after Yu et al. 2022 (CALD)", DET, BASELINE_THREE_VIEWS,
     baseline_box_consistency},
    {"consistency, 11 views", "after Yu et al. 2022 (CALD)", DET, BASELINE_ALL_VIEWS,
     baseline_box_consistency},
    {.name = NULL},
};
