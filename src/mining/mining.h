/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mining: the records of a run, and a training profile when there is one, become a list of hard examples:
 * each with a hard coefficient in [0, 1] and reasons with evidence, hardest first. Same inputs and settings
 * give the same list, order and report, whatever the number of threads. Reads records only, no pixels.
 */
#ifndef MINING_MINING_H
#define MINING_MINING_H

#include "base/params.h"
#include "base/workers.h"
#include "record/profile.h"
#include "rules/rule.h"

#define MINING_DEFAULT_ALGO_CONFIG                                                                           \
    "clustering_mining:0.2020+aug_consistent_mining:0.4265+feature_distribution_mining:0.0451+"              \
    "sequential_mining:0.425+image_similarity_mining:0.0949+predict_score_mining:0.3900+"                    \
    "anomaly_detection_mining:0.2020"

/* ModelArts' own. */
#define MINING_DEFAULT_AUG_OP_CONFIG "crop:0.1+fliplr:0.1+gaussianblur:0.1"
/* Inferences of augmented copies per image of the run, on average. */
#define MINING_DEFAULT_AUG_BUDGET 1.5
/* Measured: docs/decisions/selection.md. */
#define MINING_DEFAULT_DIVERSITY 0.5

/* What a person can set; one param table for CLI, JSON and docs. Names as ModelArts has them where it has
 * one. */
struct mining_settings {
    const char *comprehensive_algo_config; /* "method:weight+…"; a subset switches the others off */
    double algo_hard_threshold;            /* 0..1: coefficient at and above which a sample is hard */
    const char *aug_op_config;             /* "op:number+…"; image/augment/augment.h */
    double aug_budget;                     /* 0..11: at most so many copies inferred per image, on average */
    bool aug_all;                          /* copies of all images by all operations, whatever the budget */
    bool fixed_weights;  /* learn nothing from labelled images about how the methods combine */
    const char *top;     /* at most "N" samples or "P%" of the run; NULL: no cap */
    uint64_t per_class;  /* at most so many of each predicted class; 0: no cap */
    double diversity;    /* 0..1: of a budget this share is spread over what images look like */
    bool group;          /* near-duplicates and consecutive frames: only the hardest, which names them */
    const char *reasons; /* "all", "1,3,7", "-19..29": which reasons may speak */
    const char *sequence_order;    /* "name", "manifest": which images are neighbours; NULL: name */
    const char *feature_extractor; /* a model or an ONNX file; NULL: none. Settled outside: mining_input */
};
extern const struct param_spec mining_params[];
/* ERR_INVALID names the field: unknown method or reason, weight out of 0..1, malformed text. */
MUST_CHECK bool mining_settings_check(const struct mining_settings *settings, struct error *err);

/* One operation's views of all images of a shard. */
struct mining_view_query {
    bool of_training; /* of the training profile's records, else of the run's */
    const struct augment_setting *setting;
    const struct record_shard *records;
    uint32_t shard; /* its number */
};
/* Where predictions of augmented copies come from. Both functions speak of the run or of the training set by
 * `of_training`; `settings` are those of the plan, op of each is its place there. */
struct mining_views {
    void *state;
    const struct record_set *training; /* records of the training profile; NULL without one */
    /* Sees to it that views are there: bit i of wanted[record] asks for settings->ops[i]. An image that
     * cannot be read any more stays without. */
    MUST_CHECK bool (*measure)(void *state, bool of_training, const struct augment_settings *settings,
                               const uint16_t *wanted, struct error *err);
    /* Fills a view for each record of the shard, view_missing where there is none. */
    MUST_CHECK bool (*read)(void *state, const struct mining_view_query *query, struct view *ret,
                            struct error *err);
};

/* A vector of the whole image that the model under test did not make: reasons 2, 3 and 30 compare by it in
 * place of the appearance. Groups and diversity do not: what looks alike is told by looks. */
struct mining_features {
    void *state;
    const char *name; /* of the feature extractor, for reports */
    const char *key;  /* what the vectors depend on */
    uint32_t length;  /* 2 to NEIGHBOUR_LENGTH_MAX */
    const float
        *training; /* length numbers of L2 norm 1, or 0, for each sample of the profile; NULL without */
    /* Fills length numbers for each record of that shard of the run, or of the profile's records; zeros where
     * there is no vector. Called by one thread at a time. */
    MUST_CHECK bool (*read)(void *state, bool of_training, uint32_t shard, float *ret, struct error *err);
    /* Vectors that could not be had, because the image could not be read again. */
    uint64_t missing_in_run, missing_in_training;
};

struct mining_input {
    const struct record_set *records;
    const struct profile *profile;    /* NULL: no training manifest */
    const struct mining_views *views; /* NULL: the model cannot be asked again, reasons 19 to 29 are off */
    const struct mining_features *features; /* NULL: the appearance */
    /* Without views: the records of the profile, when what they predict is the model's; NULL: nothing is
     * learned of them. */
    const struct record_set *training;
    /* Of each record what people said of its prediction (enum record_verdict); NULL: nothing. */
    const uint8_t *verdicts;
    uint32_t threads;          /* 1..WORKERS_MAX */
    struct stop_flag *stop;    /* may be NULL */
    atomic_int_fast64_t *done; /* records analysed so far, for progress; may be NULL */
    bool keeps_strengths;      /* result->strengths is filled */
};

enum { STRENGTHS_LEARNED = REASON_COUNT, STRENGTHS_COLUMNS };

struct mining_reason {
    uint8_t id;      /* 0..30 */
    double strength; /* 0..1 */
};
/* The images that a hard example stands for beside itself: near-duplicates and consecutive frames. */
struct mining_group {
    uint64_t count;             /* of all */
    const uint64_t *records;    /* the hardest of them, run-wide indices, hardest first: `named` of them */
    const char *const *sources; /* theirs */
    uint32_t named;             /* CHOOSE_NAMED_MAX at most */
};
struct mining_hard_example {
    uint64_t record; /* run-wide index */
    double hard_coefficient;
    /* Those that speak, strongest first by weight × strength, ties by id. */
    const struct mining_reason *reasons;
    uint32_t reason_count; /* at least 1 */
    /* Object: reason id → strength and what that rule wrote; "group" when it stands for others. */
    const char *evidence_json;
    struct mining_group group;
    const char *source, *content_hash;
    uint32_t width, height;
    uint32_t predicted_class;      /* of a detector that of its best box; CLASS_NONE without boxes */
    double predicted_score;        /* of that class; NaN without */
    const struct candidate *boxes; /* detection: those that reach the score threshold, best first */
    uint32_t box_count;
};

struct mining_result {
    struct arena *arena;              /* holds all that the hard examples point to */
    struct mining_hard_example *hard; /* by descending coefficient, ties by record index */
    size_t hard_count;
    uint64_t represented; /* images at or above the threshold that are in groups of others */
    double *coefficients; /* of all records, in run order; NaN for failed images */
    double *scores;       /* of the predicted class; NaN for failed images and without boxes */
    /* STRENGTHS_COLUMNS for each record: those of all reasons, NaN: it failed; then the learned coefficient,
     * NaN: none was. NULL unless kept. */
    double *strengths;
    bool has_all_reasons; /* no reason was switched off by the settings: strengths serve any settings */
    uint64_t analysed, failed;
    uint64_t reason_counts[REASON_COUNT]; /* over the hard examples */
    /* Settings, counts, histogram of coefficients, reasons with their counts, reasons that were off and why,
     * and how the run's features compare with the training set's (docs/rules.md). */
    yyjson_mut_doc *report;
};
/* ERR_INVALID: the settings, or a profile made with another model or of another appearance. ERR_LIMIT: more
 * hard examples than fit in MINING_RESULT_MAX_BYTES. ERR_CANCELLED: stopped. */
#define MINING_RESULT_MAX_BYTES (4ULL << 30)
MUST_CHECK bool mining_run(const struct mining_input *input, const struct mining_settings *settings,
                           struct mining_result *ret, struct error *err);
void mining_result_release(struct mining_result *result);

#endif
