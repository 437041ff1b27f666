/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule: one reason why an image may be hard for the model. Ids 0 to 30 and their meaning are ModelArts'. Each
 * rule gives one image a strength in [0, 1] with the evidence that a person needs to believe it. Rules of one
 * method live in one family file; the registry lists all of them in id order. docs/rules.md has the formulas.
 *
 * Threads: everything here is constant or works on its arguments only.
 */
#ifndef RULES_RULE_H
#define RULES_RULE_H

#include "base/json.h"
#include "record/profile.h"
#include "record/view.h"

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
    double default_weight; /* 0..1 */
    const char *summary;
};
const struct method_row *method_row(enum method method);
enum method method_find(const char *name); /* METHOD_COUNT: no such */

enum rule_needs {
    NEEDS_PREDICTION = 1 << 0,
    NEEDS_EMBEDDING = 1 << 1,  /* neighbours in the model's embedding … */
    NEEDS_APPEARANCE = 1 << 2, /* … or in the appearance vector; with both bits either will do */
    NEEDS_STATISTICS = 1 << 3,
    NEEDS_ORDER = 1 << 4,       /* neighbours in the order of the input */
    NEEDS_REINFERENCE = 1 << 5, /* augmented images under the model */
};
enum rule_profile { PROFILE_NEVER, PROFILE_MAY_USE_BATCH, PROFILE_REQUIRED };

/* Nearest samples of the training profile in one feature space, nearest first, ties by sample. */
enum { NEIGHBOURS = 10 };
#define SAMPLE_NONE UINT32_MAX
#define CLASS_NONE UINT32_MAX
struct neighbours {
    uint32_t count; /* 0: this space says nothing about this image */
    uint32_t samples[NEIGHBOURS];
    float cosines[NEIGHBOURS];
    /* Largest cosine to a training sample of the predicted class, and to one of any other class; -1 when
     * there is none, and then the sample is SAMPLE_NONE. */
    float same_class_cosine, other_class_cosine;
    uint32_t same_class_sample, other_class_sample;
};

/* How far training images lie from the others: 1 - cosine to the NEIGHBOURS-th nearest, each left out of its
 * own neighbours; a sample of them, ascending. Without a training profile the same among images of the batch.
 */
struct distance_reference {
    const double *ascending;
    uint32_t count; /* below FEATURE_REFERENCE_MIN it says nothing */
};
/* An image of the batch that others are held against where there is no training profile. */
struct batch_image {
    const char *source;
    uint32_t predicted; /* class; CLASS_NONE: no box */
};

/* Images shortly before and after another in the order of the run, and alike: their perceptual hashes differ
 * in at most SEQUENCE_BITS_MAX bits. */
enum { SEQUENCE_WINDOW = 2, SEQUENCE_BITS_MAX = 10, SEQUENCE_BOXES_OF_IMAGE = 100 }; /* the best boxes */
struct sequence_box {
    struct box box;
    float score; /* at least the score threshold */
    uint32_t label;
};
struct sequence_frame {
    uint64_t record;    /* run-wide index */
    int32_t place;      /* -SEQUENCE_WINDOW .. SEQUENCE_WINDOW, not 0: how far before or after */
    uint32_t bits;      /* in which the perceptual hashes differ */
    uint32_t predicted; /* class of the largest logit, of a detector's best box; CLASS_NONE without boxes */
    float score;        /* of that */
    const struct sequence_box *boxes;
    uint32_t box_count;
    const char *source; /* NULL while strengths are measured: only evidence names images */
};
struct sequence_frames {
    uint32_t count;                                    /* 0: no such image */
    struct sequence_frame frames[2 * SEQUENCE_WINDOW]; /* by place */
};

/* How one operation of aug_consistent_mining does on images whose answers are known to be right, or taken
 * for it. */
enum { VIEW_OFF_BYTES = 160, VIEW_REFERENCE_MIN = 50, VIEW_TELLING_MIN = 20 };
struct view_reference {
    struct augment_setting setting; /* op NULL: not asked for */
    const double *changes;          /* rule_view_change of the reference images, ascending */
    uint32_t count;
    double upset;   /* of them: mean change of a detector's answer, share of classes that become others */
    double telling; /* AUROC of the change for wrong predictions in the training set; NaN: not known */
    double worth;   /* rule_view_worth */
    bool is_batch;  /* the reference is the run itself */
    char off[VIEW_OFF_BYTES]; /* why it does not speak; "" when it does */
};
/* How far an answer changed, 0 to 1: a classifier's 1 - score of the image's class in the copy, a detector's
 * `changed`. */
double rule_view_change(const struct record_header *header, const struct view *view);
/* How far an operation may be believed, 0 to 1: (2 telling - 1)², 0 below 1/2; where telling is not known
 * 1 - upset / RULE_UPSET_MAX. */
double rule_view_worth(double telling, double upset);
#define RULE_UPSET_MAX 0.4

/* What holds for all images of a run; immutable, shared by threads. */
struct rule_reference {
    const struct record_header *header;
    const struct profile *profile; /* NULL: no training manifest */
    const uint32_t *labels;        /* of the profile's samples; NULL without a profile */
    /* How far the neighbours in each space are worth listening to, 0..1: rule_space_worth. */
    double embedding_worth, appearance_worth;
    /* Detection, else NULL and 0. */
    const struct class_set *class_sets; /* of the profile's samples; NULL without a profile */
    double usual_near_mass; /* mean of record_near_mass over the training images, else over the batch */
    double missed_share;    /* rule_missed_share of the training images, else RULE_MISSED_SHARE_UNKNOWN */
    /* Finite values of each feature, ascending: the training set's, or without a profile the batch's own. */
    const double *features[FEATURE_COUNT];
    uint32_t feature_counts[FEATURE_COUNT];
    const struct view_reference *views; /* AUGMENT_OPS, in the order of the reasons; NULL: no re-inference */
    struct distance_reference embedding_distances, appearance_distances;
    /* The name of what makes the vectors of the appearance space; NULL: it is the appearance itself. */
    const char *feature_extractor;
    const struct batch_image *batch; /* what neighbours are where there is no profile; NULL: there are none */
    /* A softmax classifier's logits / this are calibrated, which reason 1 tells; 0: not known. */
    double temperature;
    const char *sequence_order; /* "name", "manifest"; NULL: not looked at */
    const char *sequence_off;   /* why the order of the run says nothing; NULL: it does */
};

/* Everything a rule may look at for one image. */
struct rule_subject {
    const struct rule_reference *reference;
    const struct record *record;
    const double *scores; /* header->classes probabilities; NULL for detection */
    uint32_t predicted;   /* class with the largest score, the first of equals; of a detector the class of its
                             best box; CLASS_NONE without boxes */
    uint32_t box_count;   /* detection: so many candidates, the first ones, reach the score threshold */
    struct class_set found; /* detection: the classes of these boxes */
    struct neighbours embedding, appearance;
    const struct view *views;               /* AUGMENT_OPS of them; NULL: none was measured */
    const struct sequence_frames *sequence; /* NULL: the run has no order */
};

struct rule {
    uint8_t id;       /* 0..30 */
    const char *code; /* "C1" */
    const char *name; /* "Low confidence" */
    enum method method;
    uint32_t needs; /* enum rule_needs bits */
    enum rule_profile profile;
    bool only_detection;    /* it looks at boxes */
    double speaks_from;     /* listed as a reason from this strength on; weaker only moves the coefficient.
                               Of reasons 19 to 29: from this share of their worth on (rule_speaks_from) */
    const char *suggestion; /* what a person may do about it */
    const char *source;     /* where the formula comes from; docs/rules.md has it in full */
    const char *formula;    /* one line for the docs */
    const char *misleads;   /* when it misleads; one sentence */
    /* Strength in [0, 1]; 0 = this reason does not speak. Never NaN, whatever the subject. */
    double (*strength)(const struct rule *rule, const struct rule_subject *subject);
    /* Adds the members of the evidence object: the numbers that the strength came from, and `sentence`, one
     * English sentence with them. */
    void (*explain)(const struct rule *rule, const struct rule_subject *subject, yyjson_mut_doc *doc,
                    yyjson_mut_val *evidence);
    /* Why this rule cannot speak in a run although it has what `needs` and `profile` ask for; NULL when it
     * can. May be NULL: nothing more to ask. */
    const char *(*off)(const struct rule *rule, const struct rule_reference *reference);
};

extern const struct rule *const all_rules[REASON_COUNT]; /* index = id */

/* The strength from which on each reason is listed in this run: its speaks_from, of 19 to 29 times their
 * worth.
 */
void rule_speaks_from(const struct rule_reference *reference, double ret[REASON_COUNT]);

/* Why a rule cannot speak in this run, or NULL when it can: "needs a training manifest", … */
const char *rule_off_reason(const struct rule *rule, const struct rule_reference *reference);

/*
 * How far a feature space is worth listening to, 0..1, from what its neighbours say about the training set's
 * own labels: agreement = mean over training samples of 1 - rule_disagreement(their neighbours, their label),
 * each sample left out of its own neighbours. Corrected for chance (Cohen's kappa) and stretched: 0 up to a
 * kappa of 0.2, 1 from 0.6 on (slight and substantial agreement of Landis & Koch 1977).
 */
double rule_space_worth(double agreement, double chance);
/* Share of the neighbours' vote against `label`, 0..1; a neighbour's vote is exp((cosine - nearest) / 0.1).
 */
double rule_disagreement(const struct neighbours *neighbours, const uint32_t *labels, uint32_t label);

/*
 * The same of a detector's answer, which names several classes or none: the neighbours' votes say how far
 * each class is expected; the distance between that and the classes found is 1 - their shared / their joint
 * presence (Ruzicka 1958, which for sets is Jaccard's): with f classes found, e the sum of expectations and s
 * the sum over those found, (f + e - 2 s) / (f + e - s), 0 where nothing is found and nothing expected.
 */
double rule_presence_distance(double found, double expected, double shared);
double rule_set_disagreement(const struct neighbours *neighbours, const struct class_set *sets,
                             const struct class_set *found);

/*
 * Detection: how likely an image in which the model finds nothing shows something that not even a near miss
 * tells of. From the training images in which it finds nothing: `empty` of them show nothing indeed, and
 * `quiet` is the sum of exp(-expected errors) over all of them, which is how many of them the near misses
 * leave unsuspected: 1 - (empty + 1) / (quiet + 2), at least 0 (Laplace's rule of succession). Where finding
 * nothing is usual and right it is near 0; where it never happens it is 1/2.
 */
double rule_missed_share(double quiet, uint32_t empty);
#define RULE_MISSED_SHARE_UNKNOWN 0.1
/* What near misses of mass 1 count for, where `usual` is their usual mass: 1 / (1 + usual)². A model that has
 * weak candidates in every image says little with them. */
double rule_near_worth(double usual);

/* What one feature of the reference looks like, for reports. False when it has fewer than
 * FEATURE_REFERENCE_MIN values. */
enum { FEATURE_REFERENCE_MIN = 50 };
struct feature_range {
    double low, median, high; /* training: 1st, 50th, 99th percentile; batch: far fences and median */
    double width;             /* high - low, at least the smallest difference that means anything */
};
bool rule_feature_range(const struct rule_reference *reference, enum record_feature feature,
                        struct feature_range *ret);
/* Interpolated quantile of ascending values, 0 <= share <= 1; NaN when there is none. */
double rule_quantile(const double *ascending, uint32_t count, double share);
/* How many of the ascending values lie below `bound` (or at it, when `with_equal`). */
uint32_t rule_count_below(const double *ascending, uint32_t count, double bound, bool with_equal);

/* The tables of docs/rules-table.md, from the rows above. */
MUST_CHECK bool rules_markdown(struct buffer *into, struct error *err);

#endif
