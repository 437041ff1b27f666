/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of fixed content, one of each kind, which tests/golden/records holds. All numbers are exact in binary,
 * so that they are the same on every machine. */
#ifndef TESTS_RECORD_SAMPLES_H
#define TESTS_RECORD_SAMPLES_H

#include "record/record.h"

enum sample_run { RUN_CLASSIFICATION, RUN_DETECTION, RUN_TOPK, RUN_COUNT };
extern const char *const sample_run_names[RUN_COUNT];

enum {
    SAMPLES_MAX = 4,
    SAMPLES_PER_SHARD = 2,
    SAMPLE_APPEARANCE = 5,
    SAMPLE_EMBEDDING = 4,
    SAMPLE_CLASSES_MAX = 1500,
    SAMPLE_BOXES_MAX = 2,
};

/* Points into itself: not to be copied. */
struct record_samples {
    struct record_header header;
    struct record records[SAMPLES_MAX];
    uint32_t count;
    float appearance[SAMPLES_MAX][SAMPLE_APPEARANCE];
    float embeddings[SAMPLES_MAX][SAMPLE_EMBEDDING];
    float logits[SAMPLES_MAX][SAMPLE_CLASSES_MAX];
    uint32_t logit_classes[SAMPLES_MAX][RECORD_LOGITS_TOP];
    struct candidate candidates[SAMPLES_MAX][SAMPLE_BOXES_MAX];
    float candidate_scores[SAMPLES_MAX][SAMPLE_BOXES_MAX * 2];
    const char *labels[SAMPLE_CLASSES_MAX];
    char label_texts[SAMPLE_CLASSES_MAX][20];
};

/* The caller frees it with free(). */
struct record_samples *record_samples_new(enum sample_run run);
/* Writes all samples as shards of SAMPLES_PER_SHARD. */
MUST_CHECK bool record_samples_write(const struct record_samples *samples, struct store *store,
                                     const char *folder, struct error *err);

#endif
