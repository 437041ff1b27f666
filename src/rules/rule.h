/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule: one reason why an image may be hard for the model. Ids 0 to 30 and their meaning are ModelArts'. Each
 * rule gives one image a strength in [0, 1] with the evidence that a person needs to believe it. Rules of one
 * method live in one family file; the registry lists all of them in id order.
 */
#ifndef RULES_RULE_H
#define RULES_RULE_H

#include "base/json.h"
#include "record/profile.h"

enum { REASON_COUNT = 31 };

/* The seven methods, ModelArts' names and default weights. */
enum method {
    METHOD_CLUSTERING,
    METHOD_AUG_CONSISTENT,
    METHOD_FEATURE_DISTRIBUTION,
    METHOD_SEQUENTIAL,
    METHOD_IMAGE_SIMILARITY,
    METHOD_PREDICT_SCORE,
    METHOD_ANOMALY_DETECTION,
    METHOD_COUNT
};
struct method_row {
    const char *name;      /* "predict_score_mining" */
    double default_weight; /* SPEC: 0.3900 … */
    const char *summary;
};
const struct method_row *method_row(enum method method);
enum method method_find(const char *name); /* METHOD_COUNT: no such */

enum rule_needs {
    NEEDS_PREDICTION = 1 << 0,
    NEEDS_EMBEDDING = 1 << 1,  /* neighbours in the model's embedding */
    NEEDS_APPEARANCE = 1 << 2, /* neighbours in the appearance vector */
    NEEDS_STATISTICS = 1 << 3,
    NEEDS_ORDER = 1 << 4,       /* neighbours in the order of the input */
    NEEDS_REINFERENCE = 1 << 5, /* augmented images under the model */
};
enum rule_profile { PROFILE_NEVER, PROFILE_MAY_USE_BATCH, PROFILE_REQUIRED };

/* Nearest samples of the training profile in one feature space, nearest first. */
enum { NEIGHBOURS = 10 };
struct neighbours {
    uint32_t count; /* 0: this space is not available */
    uint32_t samples[NEIGHBOURS];
    float cosines[NEIGHBOURS];
    /* Largest cosine to a training sample of the predicted class, and to one of any other class; -1 when
     * there is none. */
    float same_class_cosine, other_class_cosine;
    uint32_t same_class_sample, other_class_sample; /* UINT32_MAX: none */
};

/* Everything a rule may look at for one image. */
struct rule_subject {
    const struct record_header *header;
    const struct record *record;
    const double *scores;          /* header->classes probabilities; NULL for detection */
    uint32_t predicted;            /* class with the largest score */
    const struct profile *profile; /* NULL: none */
    struct neighbours embedding, appearance;
    /* The batch's own sorted feature values, the reference where there is no profile. */
    const double *const *batch_features;
    const uint32_t *batch_feature_counts;
};

struct rule {
    uint8_t id;       /* 0..30 */
    const char *code; /* "C1" */
    const char *name; /* "Low confidence" */
    enum method method;
    uint32_t needs; /* enum rule_needs bits */
    enum rule_profile profile;
    bool for_classification, for_detection;
    const char *suggestion; /* what a person may do about it */
    const char *source;     /* where the formula comes from; docs/rules.md has it in full */
    const char *formula;    /* one line for the docs */
    const char *misleads;   /* when it misleads; one sentence */
    /* Strength in [0, 1]; 0 = this reason does not speak. NULL: this build does not have the rule yet, and
     * says so. */
    double (*strength)(const struct rule *rule, const struct rule_subject *subject);
    /* Adds the members of the evidence object: the numbers that the strength came from, and `sentence`, one
     * English sentence with them. */
    void (*explain)(const struct rule *rule, const struct rule_subject *subject, yyjson_mut_doc *doc,
                    yyjson_mut_val *evidence);
};

extern const struct rule *const all_rules[REASON_COUNT]; /* index = id */

/* Why a rule cannot speak in this run, or NULL when it can: "needs a training manifest", "not in this
 * version", … */
const char *rule_off_reason(const struct rule *rule, const struct record_header *header,
                            const struct profile *profile);

#endif
